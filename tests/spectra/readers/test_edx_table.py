"""Tables of compositions in the layouts that EDX programs write: atomic percent, never weight percent, and honest errors."""

from math import sqrt

import pytest

from spectra.readers import read
from spectra.readers.edx_table import element_of
from spectra.readers.reading import Reading
from tests.spectra.readers.samples import read_sample, refusal, sample, table, warnings
from tests.spectra.readers.workbook_maker import xlsx

HEAD = "Element,Weight %,Atomic %,Net Int.,Error %"
ROWS = [("Br L", 45.11, 68.06, 812.4, 3.1), ("PbM", 54.89, 31.94, 701.3, 4.0)]


def percents(reading: Reading) -> dict[str, float]:
    (item,) = reading.items
    assert item.technique == "edx"
    return {fraction.element: fraction.percent for fraction in item.value.fractions}


def errors(reading: Reading) -> dict[str, float | None]:
    return {fraction.element: fraction.percent_u for fraction in reading.items[0].value.fractions}


def test_three_spots_of_edax_become_their_mean_with_its_standard_error():
    reading = read_sample("edx_table_edax_spots.csv")
    value = reading.items[0].value
    assert (value.n_spots, value.beam_energy_kev) == (3, 20.0)
    assert percents(reading) == pytest.approx({"Br": (68.06 + 67.34 + 68.85) / 3, "Pb": (31.94 + 32.66 + 31.15) / 3})
    # s of 68.06, 67.34, 68.85 by hand: 0.7553; the mean's standard error is s/√3.
    assert errors(reading)["Br"] == pytest.approx(0.7553 / sqrt(3), rel=1e-3)
    assert reading.items[0].metadata["Br: spread s"] == "0.755" and warnings(reading) == {"mean_of_spots"}


def test_a_table_of_bruker_has_errors_of_three_sigma_in_weight_percent():
    reading = read_sample("edx_table_bruker.txt")
    assert percents(reading) == {"Br": 68.06, "Pb": 31.94} and reading.items[0].value.beam_energy_kev == 15.0
    assert errors(reading) == pytest.approx({"Br": 68.06 * 3.60 / 45.11 / 3, "Pb": 31.94 * 5.10 / 54.89 / 3})


def test_spots_below_elements_across_are_read_without_their_statistics():
    reading = read_sample("edx_table_spots_across.txt")
    assert percents(reading) == pytest.approx({"Br": 60.2, "Cs": 20.0, "Pb": 19.8})
    assert (reading.items[0].value.n_spots, reading.decided["decimal_mark"]) == (2, ",")
    assert errors(reading)["Pb"] is None  # both spots say 19.8: the digits written hide the spread


def test_the_error_of_the_net_intensity_counts_as_a_relative_one():
    assert errors(read(table(HEAD, ROWS), "a.csv")) == pytest.approx({"Br": 68.06 * 0.031, "Pb": 31.94 * 0.04})


def test_where_no_error_is_written_there_is_none():
    data = table("Element,Weight%,Atomic%", [row[:3] for row in ROWS])
    assert errors(read(data, "a.csv")) == {"Br": None, "Pb": None}


@pytest.mark.parametrize(
    "head",
    [
        "Element;Wt %;At %",
        "Element\tMass %\tAtom %",
        "El.\t[norm. wt.%]\t[norm. at.%]",
        "Element\tWt%\tAtomic %",
        "元素\t質量%\t原子数%",
    ],
)
def test_labels_of_other_programs_are_understood(head):
    sign = ";" if ";" in head else "\t"
    data = table(head, [row[:3] for row in ROWS], sep=sign)
    assert percents(read(data, "a.txt")) == {"Br": 68.06, "Pb": 31.94}


def test_oxford_tables_with_the_line_in_a_column_of_its_own_are_read():
    head = "Element\tLine Type\tApparent Concentration\tk Ratio\tWt%\tWt% Sigma\tAtomic %\tStandard Label"
    rows = [
        ("Br", "L series", 1.2, 0.01, 45.11, 0.5, 68.06, "KBr"),
        ("Pb", "M series", 2.2, 0.02, 54.89, 0.6, 31.94, "PbTe"),
    ]
    reading = read(table(head, [*rows, ("Total:", "", "", "", 100, "", 100, "")], sep="\t"), "a.txt")
    assert errors(reading) == pytest.approx({"Br": 68.06 * 0.5 / 45.11, "Pb": 31.94 * 0.6 / 54.89})


def test_a_workbook_holds_compositions_too():
    rows = [HEAD.split(","), *ROWS, ["Total", 100, 100]]
    assert percents(read(xlsx({"Spot 1": rows}), "edx.xlsx")) == {"Br": 68.06, "Pb": 31.94}


def test_a_sum_that_is_not_100_is_told():
    assert "sum_not_100" in warnings(read(table(HEAD, [*ROWS[:1], ("Pb", 20, 25.0, 1, 1)]), "a.csv"))


def test_spots_with_different_elements_are_not_averaged():
    other = table(HEAD, [("Br", 40, 60.0, 1, 1), ("Cs", 60, 40.0, 1, 1)])
    reading = read(table(HEAD, ROWS) + b"\n" + other, "a.csv")
    assert len(reading.items) == 2 and "spots_differ" in warnings(reading)
    assert [item.value.n_spots for item in reading.items] == [1, 1]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (table("Element,Weight %", [("Br", 45.11), ("Pb", 54.89)]), "weight_percent_only"),
        (table(HEAD, [*ROWS, ("Xx K", 1, 1, 1, 1)]), "no_such_element"),
        (table(HEAD, [*ROWS, ("SiO2", 1, 1, 1, 1)]), "no_such_element"),
        (table(HEAD, [*ROWS, ("Br K", 1, 1, 1, 1)]), "element_twice"),
        (table(HEAD, [("Br", 1, 168, 1, 1)]), "no_percent"),
        (table(HEAD, [("Br", 1, -3, 1, 1)]), "no_percent"),
        (table(HEAD, [*ROWS[:1], ("Total", 100, 100, "", "")]), "total_contradicts"),
        (table(HEAD, []), "no_atomic_percent"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(data, code):
    assert refusal(data, "a.csv") == code


def test_a_line_that_an_element_does_not_have_is_no_element():
    assert [element_of(cell) for cell in ("C K", "CK", "OK", "CL", "NaL", "CsL", "PbM", "Pb Mα", "W", "pb", "")] == [
        "C", "C", "O", None, None, "Cs", "Pb", "Pb", "W", None, None,
    ]  # fmt: skip


def test_a_table_of_curves_with_elements_as_names_is_none_of_these():
    data = table("Energy (keV),Br,Pb", [(k / 10, k, 2 * k) for k in range(40)])
    assert all(item.technique != "edx" or hasattr(item.value, "x") for item in read(data, "lines.csv").items)


def test_a_hostile_table_of_many_heads_ends_soon():
    data = ("Element,Weight %,Atomic %\nBr,1,2\n" * 9_000).encode()
    refused = read(data, "a.csv")
    assert refused.items[0].value.n_spots == 9_000


@pytest.mark.parametrize("written", ["{} (at%)", "{} [at.%]", "{} / at%", "{} (atomic %)"])
def test_elements_over_columns_may_bring_the_unit_in_any_brackets(written):
    head = ",".join(["Spot", *(written.format(element) for element in ("Br", "Pb"))])
    reading = read(table(head, [("Spot 1", 75.1, 24.9), ("Spot 2", 74.9, 25.1)]), "a.csv")
    assert percents(reading) == pytest.approx({"Br": 75.0, "Pb": 25.0})


@pytest.mark.parametrize(("old", "new"), [(b"45.11", b"1e-320"), (b"3.60", b"1e308")])
def test_an_impossible_uncertainty_is_none_and_is_told(old, new):
    data = sample("edx_table_bruker.txt")
    assert old in data
    reading = read(data.replace(old, new, 1), "a.txt")
    fraction = reading.items[0].value.fractions[0]
    assert (fraction.percent, fraction.percent_u) == (68.06, None)
    assert [note.values for note in reading.warnings if note.code == "impossible_uncertainty"] == [
        {"symbols": fraction.element}
    ]
