"""Choosing among the tables of a file, what the mapper shows of them, and tables that are no curves."""

import pytest

from spectra.atomic_fractions import AtomicFractions
from spectra.readers import read
from spectra.readers.reading import Table, UnreadableFile
from spectra.readers.table_preview import table_preview
from spectra.spectrum import Series
from tests.spectra.readers.samples import refusal, table, warnings
from tests.spectra.readers.workbook_maker import xlsx

ROWS = [(400 + i, i / 10, 5 - i / 10) for i in range(12)]
EDAX = "Element\tWeight %\tAtomic %\tError %\nCsL\t23.0\t20.0\t6\nPb M\t35.8\t20.0\t4\nBr-L\t41.2\t60.0\t3\nTotal\t100\t100\t\n"


def shown(data: bytes, **mapping) -> dict:
    return table_preview(data, "a.csv", mapping)


def the_item(data: bytes, name: str = "a.csv", **mapping):
    (item,) = read(data, name, mapping).items
    return item


def test_the_mapper_sees_labels_first_cells_and_a_guess():
    seen = shown(table("Time (ns),Decay,IRF", [(i / 10, 50 - i, i) for i in range(30)]))
    assert seen["labels"] == ["Time (ns)", "Decay", "IRF"]
    assert seen["columns"][1]["cells"] == ["50", "49", "48", "47"]
    assert (seen["n_rows"], seen["n_columns"], seen["separator"], seen["decimal_mark"]) == (30, 3, "comma", ".")
    guess = seen["guess"]
    assert (guess["x"], guess["y"], guess["roles"], guess["technique"]) == (0, [1, 2], ["signal", "IRF"], "decay")


def test_each_table_of_a_file_can_be_chosen():
    data = (
        table("nm,A", [(400 + i, i) for i in range(6)])
        + b"\nsecond\n"
        + table("eV,B", [(2 + i / 9, i) for i in range(9)])
    )
    seen = shown(data)
    assert [(one["line"], one["n_rows"]) for one in seen["tables"]] == [(2, 6), (11, 9)]
    assert (seen["table"], seen["labels"]) == (1, ["eV", "B"])
    assert the_item(data, x=0, y=[1], table=0).value.x.tolist() == [400 + i for i in range(6)]
    assert refusal(data, mapping={"x": 0, "y": [1], "table": 7}) == "no_such_table"


def test_a_sheet_without_a_table_says_so_and_an_unknown_one_too():
    book = xlsx({"Notes": [["nothing"]], "Data": [["nm", "Abs"], *([400.0 + i, 0.1] for i in range(6))]})
    seen = table_preview(book, "a.xlsx", {})
    assert (seen["sheets"], seen["sheet"], seen["labels"]) == (["Notes", "Data"], "Data", ["nm", "Abs"])
    for sheet, code in (("Notes", "empty_sheet"), ("Nowhere", "no_such_sheet")):
        with pytest.raises(UnreadableFile) as caught:
            table_preview(book, "a.xlsx", {"sheet": sheet})
        assert caught.value.note.code == code


def test_separators_that_a_person_chose_go_before_what_was_found():
    data = b"700,0,123\n701,0,124\n702,0,125\n703,0,126\n704,0,127\n"
    assert shown(data)["n_columns"] == 3 and shown(data)["doubtful"]
    spaced = b"400 0,5\n401 0,6\n402 0,7\n"
    assert the_item(spaced, x=0, y=[1], separator="space", decimal_mark=",").value.signal.values.tolist() == [
        0.5,
        0.6,
        0.7,
    ]
    assert refusal(data, mapping={"x": 0, "y": [1], "separator": "semicolon"}) == "no_such_table"
    assert refusal(data, mapping={"x": 0, "y": [1], "separator": "full stop"}) == "bad_mapping"


def test_first_rows_can_be_left_out_but_not_all():
    data = table("nm,A", [(400 + i, i) for i in range(6)])
    assert the_item(data, x=0, y=[1], skip_rows=2).value.x[0] == 402
    assert refusal(data, mapping={"x": 0, "y": [1], "skip_rows": 6}) == "bad_first_row"


def test_each_column_has_its_own_quantity_unit_and_role():
    item = the_item(
        table("a,b,c", ROWS), x=0, y=[1, 2], x_unit="nm", roles=["signal", "u"], y_quantity=["absorbance", "absorbance"],
        y_unit=["1", "1"], technique="uvvis",
    )  # fmt: skip
    assert [(c.role, c.quantity, c.unit) for c in item.value.channels] == [
        ("signal", "absorbance", "1"),
        ("u", "absorbance", "1"),
    ]
    assert item.value.signal.values[3] == 0.3


def test_several_signals_of_one_quantity_are_as_many_measurements():
    items = read(
        table("nm,QD-1,QD-2", ROWS), "a.csv", {"x": 0, "y": [1, 2], "y_quantity": "intensity", "technique": "el"}
    ).items
    assert [(item.title, item.value.signal.values[2]) for item in items] == [("QD-1", 0.2), ("QD-2", 4.8)]


@pytest.mark.parametrize("header", ["nm,30 s,60 s", "nm,30,60"])
def test_a_series_takes_its_third_axis_from_the_labels(header):
    value = the_item(
        table(header, ROWS), kind="series", x=0, x_unit="nm", z_quantity="time", z_unit="s", technique="pl_emission"
    ).value
    assert isinstance(value, Series)
    assert (value.z.tolist(), value.z_quantity, value.z_unit) == ([30, 60], "time", "s")
    assert value.spectra[1].signal.values[0] == 5


def test_a_series_takes_its_third_axis_from_the_first_row():
    data = table("nm,a,b", [(0, 3.5, 4.5), *ROWS])
    value = the_item(data, kind="series", x=0, x_unit="nm", z_quantity="voltage", z_unit="V", z_from="first_row").value
    assert (value.z.tolist(), value.spectra[0].n_points) == ([3.5, 4.5], 12)
    assert refusal(data, mapping={"kind": "series", "x": 0}) == "no_third_axis"


def test_a_composition_table_gives_atomic_percents_with_their_uncertainty():
    reading = read(
        EDAX.encode(),
        "a.txt",
        {"kind": "composition", "element": 0, "percent": 2, "percent_u": 3, "percent_u_is": "relative"},
    )
    value = reading.items[0].value
    assert isinstance(value, AtomicFractions) and reading.items[0].technique == "edx"
    assert [(f.element, f.percent) for f in value.fractions] == [("Cs", 20), ("Pb", 20), ("Br", 60)]
    assert [f.percent_u for f in value.fractions] == pytest.approx([1.2, 0.8, 1.8])
    assert warnings(reading) == set()


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"element": 1, "percent": 2}, "no_elements"),
        ({"element": 0, "percent": 0}, "no_percent"),
        ({"element": 0, "percent": 9}, "bad_mapping"),
        ({"element": 0}, "bad_mapping"),
        ({"element": 0, "percent": True}, "bad_mapping"),
    ],
)
def test_columns_that_hold_no_composition_are_refused_with_the_reason(mapping, code):
    assert refusal(EDAX.encode(), mapping=mapping | {"kind": "composition"}) == code


def test_percents_that_do_not_add_up_are_told_and_an_element_twice_is_refused():
    wrong = read(EDAX.encode(), "a.txt", {"kind": "composition", "element": 0, "percent": 3})
    assert "percents_do_not_add_up" in warnings(wrong)
    twice = EDAX.replace("Pb M", "CsM")
    assert refusal(twice.encode(), mapping={"kind": "composition", "element": 0, "percent": 2}) == "element_twice"


def test_a_list_of_sizes_keeps_its_rows_and_names_the_unit():
    data = b"Particle;d\nA;7,5\nB;8,25\nC;-\nD;7,0\nE;7,7\nF;8\n"
    item = the_item(data, kind="sizes", size=1, size_unit="nm")
    assert isinstance(item.value, Table) and item.technique == "tem_sizes"
    assert item.value.columns == ("Particle", "diameter d (nm)")
    assert item.value.rows[1] == ("B", 8.25)
    assert refusal(data, mapping={"kind": "sizes", "size": 0}) == "few_sizes"


def test_words_beside_a_curve_are_no_hindrance_but_no_numbers_either():
    data = b"Sample;nm;A\nfirst;400;0,1\n;401;0,2\nlast;402;0,3\n"
    assert the_item(data, x=1, y=[2], kind="curves", technique="uvvis").value.signal.values.tolist() == [0.1, 0.2, 0.3]
    assert refusal(data, mapping={"kind": "curves", "x": 0, "y": [2]}) == "empty_x"
    assert refusal(data, mapping={"kind": "curves", "x": 1, "y": [0]}) == "empty_y"


def test_ten_thousand_columns_are_shown_in_part_and_read_in_full_or_refused():
    data = table(",".join(["nm", *(f"S{i}" for i in range(9_999))]), [range(10_000)] * 6)
    seen = shown(data)
    assert (seen["n_columns"], len(seen["columns"])) == (10_000, 60)
    assert refusal(data, mapping={"x": 0, "y_quantity": "intensity"}) == "too_many_items"
    assert refusal(data, mapping={"x": 0, "y": [10_000]}) == "bad_mapping"


def test_ragged_rows_are_read_as_far_as_they_are_a_table():
    data = b"nm,A\n400,1\n401,2\n402\n403,4,5\n404,6\n405,7\n406,8\n"
    assert [one["n_rows"] for one in shown(data)["tables"]][-1] >= 3
    assert the_item(data, x=0, y=[1]).value.x.tolist() == [404, 405, 406]


# --- Columns of different techniques ----------------------------------------------------------------------------------

BOTH = b"Wavelength (nm),Abs,PL intensity,Absorption,HT\n" + b"".join(
    b"%d,0.%d,%d,0.%d,300\n" % (400 + n, n + 10, 50 * n, n + 20) for n in range(20)
)


def techniques_of(mapping) -> list:
    reading = read(BOTH, "dots.csv", {"kind": "curves", "x": 0} | mapping)
    return [(item.technique, item.technique_source, [c.name for c in item.value.channels]) for item in reading.items]


def test_each_y_column_names_its_technique_and_becomes_a_measurement_of_its_own():
    found = techniques_of({"y": [1, 2], "y_technique": ["uvvis", "pl_emission"]})
    assert found == [("uvvis", "person", ["Abs"]), ("pl_emission", "person", ["PL intensity"])]
    reading = read(BOTH, "dots.csv", {"x": 0, "y": [1, 2], "y_technique": ["uvvis", "pl_emission"]})
    assert [item.title for item in reading.items] == ["Abs", "PL intensity"]
    assert list(reading.items[1].value.signal.values[:3]) == [0, 50, 100]


def test_a_column_without_a_technique_takes_that_of_the_table_and_then_that_of_its_label():
    chosen = {"y": [1, 2], "y_technique": [None, "pl_excitation"]}
    assert [one[:2] for one in techniques_of(chosen)] == [("uvvis", "rule"), ("pl_excitation", "person")]
    assert [one[:2] for one in techniques_of(chosen | {"technique": "cd"})] == [
        ("cd", "person"),
        ("pl_excitation", "person"),
    ]


def test_what_is_no_signal_stays_with_the_signal_before_it():
    mapping = {"y": [1, 2, 4], "roles": ["signal", "signal", "HT"], "y_technique": ["uvvis", "pl_emission", None]}
    assert [one[2] for one in techniques_of(mapping)] == [["Abs"], ["PL intensity", "HT"]]


def test_of_one_technique_the_same_quantity_twice_is_two_measurements_as_before():
    mapping = {"y": [1, 2, 3], "y_quantity": ["absorbance", "intensity", "absorbance"]}
    found = techniques_of(mapping)
    assert [(one[0], one[2]) for one in found] == [
        ("uvvis", ["Abs"]),
        ("uvvis", ["Absorption"]),
        ("pl_emission", ["PL intensity"]),
    ]


def test_absorbance_and_luminescence_are_two_measurements_also_where_nobody_chose_columns():
    text = b"Wavelength (nm),Abs,PL\n" + b"".join(b"%d,0.%d,%d\n" % (400 + n, n + 10, 50 * n) for n in range(20))
    items = read(text, "dots.csv").items
    assert [(item.technique, item.value.signal.name) for item in items] == [("uvvis", "Abs"), ("pl_emission", "PL")]


@pytest.mark.parametrize(
    ("techniques", "code"), [(["uvvis", "decay"], "decay_beside"), (["uvvis", "x-ray"], "bad_mapping")]
)
def test_techniques_that_cannot_stand_beside_each_other_are_refused(techniques, code):
    with pytest.raises(UnreadableFile) as refused:
        techniques_of({"y": [1, 2], "y_technique": techniques})
    assert refused.value.note.code == code
