from datetime import datetime

import numpy as np
import pytest

from spectra.readers import read
from spectra.readers.reading import Table
from spectra.spectrum import Series
from tests.spectra.readers.jcamp_maker import FLAT, Y, jcamp, rows
from tests.spectra.readers.samples import refusal, warnings


def read_jcamp(text: str):
    return read(text.encode(), "measured.jdx")


def spectrum(text: str):
    return read_jcamp(text).items[0].value


@pytest.mark.parametrize("form", ["AFFN", "PAC", "SQZ", "DUP", "DIF", "DIFDUP"])
@pytest.mark.parametrize("y", [Y, FLAT, -Y, Y - 1000], ids=["wave", "flat", "negative", "both signs"])
def test_every_form_of_ordinates_gives_the_same_numbers(form, y):
    found = spectrum(jcamp(y, form))
    np.testing.assert_allclose(found.signal.values, y * 0.001, rtol=1e-15, atol=1e-15)
    np.testing.assert_array_equal(found.x, 400.0 + 2.0 * np.arange(len(y)))


def test_the_facts_of_a_file_are_understood():
    reading = read_jcamp(jcamp())
    (item,) = reading.items
    assert (reading.reader, reading.decided["confidence"]) == ("jcamp", "file")
    assert (item.technique, item.technique_source, item.title) == ("uvvis", "file", "dots d3")
    assert (item.value.x_unit, item.value.signal.quantity, item.value.signal.unit) == ("nm", "absorbance", "1")
    assert reading.measured_at == datetime(2026, 6, 4, 16, 8)
    assert (reading.operator, item.conditions.dilution_label) == ("Team", "d3")


def test_labels_are_read_whatever_their_blanks_and_case():
    text = jcamp(form="DIF").replace("##TITLE=", "## Title =").replace("##DATA TYPE=", "## DATATYPE =")
    assert read_jcamp(text.replace("##XYDATA=", "##XY_DATA =")).items[0].technique == "uvvis"


def test_comments_inside_the_data_are_left_out():
    text = jcamp(form="SQZ").replace("##XYDATA= (X++(Y..Y))\n", "##XYDATA= (X++(Y..Y)) $$ 1 2 3\n$$ 7 8 9\n")
    np.testing.assert_allclose(spectrum(text).signal.values, Y * 0.001)


def test_a_descending_axis_stays_descending():
    assert spectrum(jcamp(form="DIF", first=900.0, step=-2.0)).x.tolist() == list(range(900, 900 - 240, -2))


def test_exponents_are_no_compressed_digits():
    body = "\n".join(f"{400 + 2 * i} {v:.3e}" for i, v in enumerate(Y))
    np.testing.assert_allclose(spectrum(jcamp(body=body)).signal.values, Y * 0.001, rtol=1e-3)


def test_an_unknown_ordinate_is_no_value():
    body = rows(Y, "AFFN", 400, 2).split("\n")
    body[3] = body[3].replace(f" {Y[31]} ", " ? ", 1)
    values = spectrum(jcamp(body="\n".join(body))).signal.values
    assert np.flatnonzero(np.isnan(values)).tolist() == [31]


def test_decimal_commas_are_told_from_separators_by_the_header():
    body = "\n".join(f"{400 + 2 * i},0 {v / 1000:.3f}".replace(".", ",") for i, v in enumerate(Y))
    text = jcamp(body=body, factor=1, YFACTOR="1,0", FIRSTX="400,0", MAXY=None, MINY=None, FIRSTY=None)
    reading = read_jcamp(text)
    np.testing.assert_allclose(reading.items[0].value.signal.values, Y * 0.001)
    assert reading.decided["decimal_mark"] == ","


def test_commas_between_whole_numbers_separate():
    body = rows(Y, "AFFN", 400, 2).replace(" ", ",")
    np.testing.assert_allclose(spectrum(jcamp(body=body)).signal.values, Y * 0.001)


def with_body(body: str, **records) -> bytes:
    text = jcamp(factor=1, FIRSTX=None, LASTX=None, FIRSTY=None, MAXY=None, MINY=None, **records)
    return (text[: text.index("##XYDATA")] + f"##XYPOINTS= (XY..XY)\n{body}\n##END=\n").encode()


def test_commas_that_the_header_says_nothing_of_are_told_by_the_number_of_points():
    body = "\n".join(f"{400 + i},5 0,{i + 101}" for i in range(12))
    found = read(with_body(body, NPOINTS="12"), "a.jdx").items[0].value
    assert (found.n_points, found.x[0], found.signal.values[0]) == (12, 400.5, 0.101)
    assert read(with_body(body, NPOINTS="24"), "a.jdx").items[0].value.n_points == 24
    assert refusal(with_body(body, NPOINTS=None), "a.jdx") == "comma_twice"


def pairs(label: str = "XYPOINTS", n: int = 120, **records) -> str:
    text = jcamp(Y[:n], factor=1, **records)
    body = "; ".join(f"{400 + 2 * i}, {v}" for i, v in enumerate(Y[:n]))
    return text[: text.index("##XYDATA")] + f"##{label}= (XY..XY)\n{body}\n##END=\n"


@pytest.mark.parametrize("label", ["XYPOINTS", "XYDATA", "PEAK TABLE"])
def test_pairs_are_read_whatever_their_label(label):
    found = spectrum(pairs(label))
    assert (found.x[1], found.signal.values[1]) == (402.0, Y[1])


def test_a_short_peak_table_is_a_table_not_a_curve():
    value = spectrum(pairs("PEAK TABLE", 9, DATA_TYPE="MASS SPECTRUM", XUNITS="M/Z", YUNITS="RELATIVE ABUNDANCE"))
    assert isinstance(value, Table)
    assert value.rows[0] == (400.0, float(Y[0]))
    assert len(value.rows) == 9


def link(*blocks: str) -> str:
    return "##TITLE= all\n##JCAMP-DX= 5.0\n##DATA TYPE= LINK\n##BLOCKS= 2\n" + "".join(blocks) + "##END=\n"


def test_linked_blocks_become_items_also_when_nested():
    reading = read_jcamp(link(jcamp(TITLE="a"), link(jcamp(-Y, "DIF", TITLE="b"), jcamp(TITLE="c"))))
    assert [item.title for item in reading.items] == ["a", "b", "c"]
    assert reading.items[1].value.signal.values[0] == pytest.approx(-1.0)


def ntuples(pages: str, symbols="X, R, I", names="TIME, REAL, IMAG", units="NANOMETERS, ARBITRARY, ARBITRARY") -> str:
    last = 400 + 2 * (len(Y) - 1)
    return (
        f"##TITLE= pages\n##JCAMP-DX= 5.0\n##DATA TYPE= NMR SPECTRUM\n##NTUPLES= NMR SPECTRUM\n##VAR_NAME= {names}\n"
        f"##SYMBOL= {symbols}\n##VAR_DIM= 120, 120, 120\n##UNITS= {units}\n##FIRST= 400, {Y[0]}, {Y[0]}\n"
        f"##LAST= {last}, 1, 1\n##FACTOR= 1, 0.1, 0.2\n{pages}##END NTUPLES= NMR SPECTRUM\n##END=\n"
    )


def test_ntuples_become_channels_on_one_axis():
    table = rows(Y, "DIFDUP", 400, 2)
    pages = f"##PAGE= N=1\n##DATA TABLE= (X++(R..R)), XYDATA\n{table}\n##PAGE= N=2\n##DATA TABLE= (X++(I..I)), XYDATA\n{table}\n"
    found = spectrum(ntuples(pages).replace(f"{Y[0]}, {Y[0]}", "100, 200"))
    assert [c.name for c in found.channels] == ["REAL", "IMAG"]
    np.testing.assert_allclose(found.channels[0].values, Y * 0.1)
    np.testing.assert_allclose(found.channels[1].values, Y * 0.2)


def test_pages_of_one_variable_become_a_series():
    table = rows(Y, "AFFN", 400, 2)
    pages = "".join(f"##PAGE= T={t}\n##DATA TABLE= (X++(Y..Y)), XYDATA\n{table}\n" for t in (0.5, 1.5, 4))
    found = spectrum(ntuples(pages, "X, Y, T", "WAVELENGTH, ABSORBANCE, TIME").replace(f"{Y[0]}, {Y[0]}", "100, 0"))
    assert isinstance(found, Series)
    assert found.z.tolist() == [0.5, 1.5, 4.0]


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ({"FIRSTX": "410"}, "jcamp_x_jumps"),
        ({"LASTX": "900"}, "jcamp_x_jumps"),
        ({"FIRSTY": "7"}, "contradicts_header"),
        ({"MAXY": "3"}, "contradicts_header"),
        ({"MINY": "-2"}, "contradicts_header"),
        ({"YFACTOR": "0.01"}, "contradicts_header"),
        ({"NPOINTS": "240", "LASTX": "878"}, "file_cut_short"),
    ],
)
def test_rows_that_contradict_the_block_are_refused(records, code):
    assert refusal(jcamp(**records).encode(), "a.jdx") == code


def test_a_wrong_number_of_points_is_a_warning_when_the_last_x_is_reached():
    reading = read_jcamp(jcamp(NPOINTS="512", LASTX="638", DELTAX="2").replace("##NPOINTS= 512\n", ""))
    assert reading.items[0].value.n_points == 120
    reading = read_jcamp(pairs(NPOINTS="512"))
    assert warnings(reading) == {"wrong_npoints"}


def test_a_check_value_that_disagrees_refuses_the_file():
    lines = rows(Y, "DIF", 400, 2).split("\n")
    lines[4] = lines[4].replace("K", "L", 1) if "K" in lines[4] else lines[4].replace("J", "K", 1)
    assert refusal(jcamp(body="\n".join(lines)).encode(), "a.jdx") == "jcamp_check_failed"


def test_lines_that_are_missing_or_foreign_refuse_the_file():
    lines = rows(Y, "SQZ", 400, 2).split("\n")
    assert refusal(jcamp(body="\n".join(lines[:4] + lines[5:])).encode(), "a.jdx") == "jcamp_x_jumps"
    lines[5] = "28B2407B2394B2409"
    assert refusal(jcamp(body="\n".join(lines)).encode(), "a.jdx") == "jcamp_x_jumps"
    lines[5] = "500 what is this"
    assert refusal(jcamp(body="\n".join(lines)).encode(), "a.jdx") == "bad_row"


def test_a_range_in_percent_over_fractions_is_told():
    y = Y[:50]
    text = jcamp(y, YUNITS="TRANSMITTANCE", MAXY=f"{y.max() / 10:g}", MINY=f"{y.min() / 10:g}")
    reading = read_jcamp(text)
    assert warnings(reading) == {"range_disagrees"}
    assert reading.items[0].value.signal.unit == "1"


def test_nanometres_under_the_name_of_wavenumbers_are_asked_for():
    reading = read_jcamp(jcamp(XUNITS="1/CM"))
    assert reading.items[0].value.x_unit == ""
    assert warnings(reading) == {"x_unit_doubtful"}


def test_a_file_without_its_end_is_read_with_a_warning_when_all_points_are_there():
    assert "jcamp_no_end" in warnings(read_jcamp(jcamp().replace("##END=\n", "")))


def test_a_file_without_a_table_is_refused():
    text = jcamp()
    assert refusal(text[: text.index("##XYDATA")].encode(), "a.jdx") == "jcamp_without_data"


@pytest.mark.parametrize(
    ("body", "records"),
    [
        ("400@Z999999999999", {}),
        ("400@Z999999999999", {"NPOINTS": None, "LASTX": None, "DELTAX": "2"}),
        ("400@" + "Z9" * 5000, {"NPOINTS": None, "LASTX": None, "DELTAX": "2"}),
        ("400AJ" + "Z99999" * 2000, {"NPOINTS": "20000000", "LASTX": "40000398"}),
        ("400 " + "9" * 400, {}),
        ("400A" + "9" * 400, {}),
        ("400 1", {"NPOINTS": "1e308"}),
        ("400 1", {"NPOINTS": "99999999999999", "LASTX": "1e308"}),
        ("400 1", {"FIRSTX": "1e999"}),
    ],
)
def test_tables_that_ask_for_terabytes_are_refused(body, records):
    assert refusal(jcamp(body=body, MAXY=None, MINY=None, FIRSTY=None, **records).encode(), "a.jdx")


def test_blocks_without_end_and_without_number_are_refused():
    head = "##TITLE= x\n##JCAMP-DX= 5\n##DATA TYPE= LINK\n"
    assert refusal((head * 100).encode(), "a.jdx") == "jcamp_too_nested"
    assert refusal(("##TITLE= x\n##JCAMP-DX= 5\n##END=\n" * 5000).encode(), "a.jdx") == "jcamp_too_nested"


def test_a_spectrum_called_infrared_below_1150_nm_is_uv_vis():
    lines = ["##TITLE=dots", "##JCAMP-DX=4.24", "##DATA TYPE=INFRARED SPECTRUM", "##DATE=Fri Aug 19 13:19:52 CDT 2016"]
    lines += [
        "##XUNITS=NANOMETERS",
        "##YUNITS=ABSORBANCE",
        "##XFACTOR=1",
        "##YFACTOR=1",
        "##NPOINTS=9",
        "##XYPOINTS=(XY..XY)",
    ]
    lines += [f"{400 + k}.0, 0.{k}" for k in range(9)]
    reading = read("\n".join([*lines, "##END=", ""]).encode(), "a.jdx")
    assert (reading.items[0].technique, str(reading.measured_at)) == ("uvvis", "2016-08-19 13:19:52")


def test_lamp_and_dark_beside_a_transmittance_are_no_spectra_of_the_sample():
    def block(title: str, unit: str) -> str:
        rows = "".join(f"{176 + k},36, {1479 + k},043\n" for k in range(9))
        ends = "##FIRSTX= 176,36\n##LASTX= 184,36\n##FIRSTY= 1479,043\n##NPOINTS= 9\n"
        return f"##TITLE= {title}\n##JCAMP-DX= 5\n##DATA TYPE= UV/VIS SPECTRUM\n##XUNITS= NANOMETERS\n##YUNITS= {unit}\n{ends}##XYPOINTS= (XY..XY)\n{rows}##END=\n"

    link = "##TITLE= all\n##DATA TYPE= LINK\n##BLOCKS= 2\n"
    text = link + block("PROCESSED", "Transmission (%)") + block("DARK", "COUNTS") + "##END=\n"
    processed, dark = read(text.encode(), "a.jdx").items
    assert (processed.technique, dark.technique, dark.value.signal.quantity) == ("uvvis", "generic", "counts")
    assert dark.value.x[-1] == 184.36
    assert dark.value.signal.values[-1] == 1487.043


def test_a_factor_that_is_no_number_refuses_the_file():
    assert refusal(jcamp(YFACTOR="0.001x").encode(), "a.jdx") == "jcamp_factor"


def test_separators_that_a_spreadsheet_left_behind_change_nothing():
    whole, filled = (read(text.encode(), "a.jdx").items[0].value for text in (jcamp(), jcamp().replace("\n", ",\n")))
    assert filled.x_unit == whole.x_unit
    assert filled.signal.values.tolist() == whole.signal.values.tolist()


def test_a_line_written_above_the_file_does_not_hide_what_it_is():
    assert read(("my best sample\n" + jcamp()).encode(), "a.txt").reader == "jcamp"
