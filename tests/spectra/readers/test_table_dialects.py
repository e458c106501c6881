"""Tables as chemists and programs of many kinds write them."""

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.samples import refusal, table, warnings

ROWS = [(500 + k, round(0.1 + 0.01 * k, 3)) for k in range(12)]


@pytest.mark.parametrize(
    "x, y, technique",
    [
        ("Wellenlänge [nm]", "Absorbanz", "uvvis"),
        ("Wellenlänge/nm", "Extinktion", "uvvis"),
        ("Longitud de onda (nm)", "Absorbancia", "uvvis"),
        ("Longueur d'onde (nm)", "Transmittance (%)", "uvvis"),
        ("Lunghezza d'onda (nm)", "Assorbanza", "uvvis"),
        ("Comprimento de onda (nm)", "Absorbância", "uvvis"),
        ("波长 (nm)", "荧光强度", "pl_emission"),
        ("Длина волны, нм", "Поглощение", "uvvis"),
        ("파장(nm)", "흡광도", "uvvis"),
    ],
)
def test_labels_may_be_in_other_languages(x, y, technique):
    item = read(table(f"{x};{y}", ROWS, ";"), "a.csv").items[0]
    assert (item.technique, item.value.x_unit, item.value.x_quantity) == (technique, "nm", "wavelength")


def test_chinese_text_need_not_be_unicode():
    reading = read(table("波长(nm),吸光度(Abs)", ROWS).decode().encode("gb18030"), "a.csv")
    assert (reading.decided["encoding"], reading.items[0].technique) == ("gb18030", "uvvis")


def test_accented_letters_are_not_taken_for_chinese():
    reading = read(
        "Größe;öß\nWellenlänge (nm);Intensität (a.u.)\n".encode("cp1252") + table("", ROWS, ";")[1:], "a.csv"
    )
    assert reading.decided["encoding"] == "cp1252"


def test_origin_writes_names_units_and_comments_in_three_rows():
    reading = read(table("Wavelength\tAbsorbance\nnm\ta.u.\n\tdots 1", ROWS, "\t"), "a.txt")
    item = reading.items[0]
    assert (item.technique, item.title, item.value.signal.name) == ("uvvis", "dots 1", "Absorbance (a.u.)")


def test_comments_tell_columns_of_one_name_apart():
    rows = [(x, y, 2 * y) for x, y in ROWS]
    items = read(table("Wavelength\tPL\tPL\nnm\tcounts\tcounts\n\tdots 1\tdots 2", rows, "\t"), "a.txt").items
    assert [item.title for item in items] == ["dots 1 PL", "dots 2 PL"]


def test_fits_residuals_and_deviations_are_no_measurement():
    rows = [(0.05 * k, 900 - 9 * k, 900.5 - 9 * k, 0.1) for k in range(60)]
    reading = read(table("Time (ns),Decay (counts),Fit (counts),Residuals", rows), "a.txt")
    assert [item.title for item in reading.items] == ["Decay"]
    assert "columns_left_out" in warnings(reading)


def test_a_time_called_t_needs_its_unit():
    rows = [(0.05 * k, 900 - 9 * k) for k in range(60)]
    assert read(table("t\tcounts\n[ns]\tcounts", rows, "\t"), "a.txt").items[0].value.bin_ns == pytest.approx(0.05)
    item = read(table("nm,T", ROWS), "a.csv").items[0]
    assert (item.value.x_quantity, item.value.signal.name) == ("wavelength", "T")


def test_two_tabs_between_the_labels_make_no_empty_column():
    data = b"#Wave\t\t#Intensity\n" + b"".join(b"%d\t\t%d\n" % (x, 100 * y) for x, y in ROWS)
    assert [item.value.signal.name for item in read(data, "a.txt").items] == ["Intensity"]
    one_tab = data.replace(b"\t\t", b"\t").replace(b"#Wave\t", b"#Wave\t\t")
    assert read(one_tab, "a.txt").items[0].value.signal.name == "Intensity"


def test_curves_below_each_other_never_become_one():
    rows = [(0, x, y) for x, y in ROWS] + [(1, x, 2 * y) for x, y in ROWS]
    assert refusal(table("Frame,Wavelength (nm),Intensity", rows), "a.csv") == "stacked_curves"


def test_an_axis_that_is_scanned_to_and_fro_in_small_steps_is_kept():
    x = np.concatenate([np.arange(500, 510), [509, 510, 511, 512]])
    assert read(table("Wavelength (nm),Abs", [(v, 0.1) for v in x]), "a.csv").items[0].value.n_points == 14


MATRIX = [(480 + k, *(k + ex / 1000 for ex in (300, 310, 320, 330))) for k in range(8)]


def test_numbers_over_the_columns_are_a_third_coordinate():
    reading = read(table("Wavelength,0,10,20,30", MATRIX), "run 4.csv")
    series = reading.items[0].value
    assert (series.z.tolist(), series.z_quantity, series.spectra[0].x_unit) == ([0, 10, 20, 30], "unknown", "nm")
    assert series.spectra[2].signal.values[3] == pytest.approx(3.32)
    assert "third_axis_unknown" in warnings(reading)


@pytest.mark.parametrize("corner", ["Wavelength", "", "Em/Ex"])
def test_a_matrix_is_one_of_excitation_where_a_word_says_so(corner):
    item = read(table(f"{corner},330,320,310,300", MATRIX), "dots EEM.csv").items[0]
    assert (item.technique, item.value.z_quantity, item.value.z.tolist()) == (
        "pl_emission",
        "excitation",
        [330, 320, 310, 300],
    )
    assert item.value.spectra[0].n_points == 8


def test_labels_that_are_numbers_out_of_order_are_no_third_coordinate():
    items = read(table("Wavelength,3,1,2,7", MATRIX), "run 4.csv").items
    assert len(items) == 4


def test_counts_over_kev_are_edx():
    rows = [(0.01 * k, k % 7) for k in range(60)]
    assert read(table("Energy (keV),Counts", rows), "a.csv").items[0].technique == "edx"


def test_units_may_stand_in_brackets_below_the_names():
    item = read(table("Wavelength,Sample1\n(nm),(A)", ROWS), "a.csv").items[0]
    assert (item.technique, item.value.signal.quantity, item.value.signal.name) == (
        "uvvis",
        "absorbance",
        "Sample1 (A)",
    )


@pytest.mark.parametrize("mark", [",", "."])
def test_marks_between_thousands_are_refused(mark):
    counts = (f"{n:,}".replace(",", mark) for n in (12, 350, 1234, 12345, 54000, 2345, 120, 7))
    rows = [(f'"{500 + k}"', f'"{count}"') for k, count in enumerate(counts)]
    assert refusal(table("Wavelength (nm),Counts", rows, "," if mark == "," else ";"), "a.csv") == "thousands_marks"


def test_decimals_are_not_taken_for_thousands():
    values = ("12.000", "350.000", "1.234", "12.345", "54.000", "2.345", "120.000")
    assert read(table("Wavelength (nm),Counts", list(zip(range(500, 507), values, strict=True))), "a.csv").items
    values = ("12", "350", "1.234", "12.3", "54", "2.345", "120")
    assert read(table("Wavelength (nm),Counts", list(zip(range(500, 507), values, strict=True))), "a.csv").items


@pytest.mark.parametrize(
    "x, technique",
    [
        ("Excitation wavelength (nm)", "pl_excitation"),
        ("Emission Wavelength (nm)", "pl_emission"),
        ("Wavelength (nm)", None),
    ],
)
def test_the_scanned_wavelength_tells_the_technique(x, technique):
    assert read(table(f"{x},Intensity", ROWS), "a.csv").items[0].technique == technique


def test_a_transmittance_over_micrometres_is_infrared():
    rows = [(2.5 + 0.5 * k, 50) for k in range(12)]
    item = read(table("Wavelength (µm),Transmittance (%)", rows), "a.csv").items[0]
    assert (item.technique, item.value.x_unit) == ("ir", "um")


def test_a_log_with_remarks_between_its_rows_is_not_recognised():
    rows = "".join(f"{0.1 * k:.1f}\t0.95\t-22.{k}\n" for k in range(12))
    text = f"active area:\t0.1\ntime\tvoltage\tcurrent density\n[s]\t[V]\t[mA/cm2]\n{rows}average power: -2.1\n{rows}"
    assert refusal(text.encode(), "a.mppt.txt") == "not_recognised"


def test_an_axis_called_x_needs_its_unit():
    item = read(table("x (nm)\ty (Abs)", ROWS, "\t"), "a.txt").items[0]
    assert (item.value.x_quantity, item.value.signal.quantity) == ("wavelength", "absorbance")


@pytest.mark.parametrize("labels", ["x\ty", "A\tB", "X\tY", "Col(A)\tCol(B)"])
def test_names_that_programs_give_are_as_good_as_none(labels):
    reading = read(table(labels, ROWS, "\t"), "a.txt")
    spectrum = reading.items[0].value
    assert (spectrum.x[0], spectrum.n_points, spectrum.x_unit, spectrum.signal.quantity) == (500, 12, "", "unknown")
    assert {"please_confirm", "technique_unknown"} <= warnings(reading)


def test_a_label_over_an_empty_last_column_names_none_of_the_others():
    rows = [(k, x, y, "") for k, (x, y) in enumerate(ROWS)]
    (item,) = read(table("Pixel,Wavelength (nm),Abs,Reference", rows), "a.csv").items
    assert (item.value.x[0], item.value.signal.quantity, item.technique) == (500, "absorbance", "uvvis")


def test_the_plates_wells_are_what_the_lines_above_say():
    rows = [(x, y, 2 * y) for x, y in ROWS]
    wells = table("Reader Type:\tPlate reader\nRead\tAbsorbance Spectrum\n\nWavelength\tA1\tB12", rows, "\t")
    assert [(item.title, item.technique) for item in read(wells, "a.txt").items] == [("A1", "uvvis"), ("B12", "uvvis")]
    both = wells.replace(b"Absorbance", b"Absorbance, Fluorescence")
    assert [item.technique for item in read(both, "a.txt").items] == [None, None]


def test_processed_values_are_what_the_technique_says():
    rows = [(x, y, 800 + x) for x, y in ROWS]
    processed, raw = read(table("Technique,Absorbance\nSlit Width,25\n\nWavelength,Processed,Raw", rows), "a.csv").items
    assert (processed.value.signal.quantity, raw.value.signal.quantity) == ("absorbance", "unknown")
    assert processed.conditions.bandwidth_nm is None  # 25 µm, and the file does not say so


def test_the_axis_may_be_named_below_the_names_of_the_samples():
    rows = [(x, y, 2 * y) for x, y in ROWS]
    reading = read(table("Content,Sample X1,Sample X2\nWavelength [nm],,", rows), "a.csv")
    assert [item.title for item in reading.items] == ["Sample X1", "Sample X2"]
    assert reading.items[1].value.signal.values[0] == 0.2


def test_a_wavelength_in_a_label_is_where_a_quantity_was_followed_in_time():
    (item,) = read(table("Time (s),Abs 450 nm", [(k, 0.1 * k) for k in range(9)]), "a.csv").items
    assert (item.technique, item.value.signal.quantity, item.value.signal.unit) == ("kinetics", "absorbance", "1")


def test_labels_behind_a_sign_of_remarks():
    (item,) = read(table("% dots\n% nm counts", ROWS, " "), "a.dat").items
    assert (item.value.x_unit, item.value.signal.quantity) == ("nm", "counts")


def test_date_instrument_and_person_of_the_lines_above():
    lines = "User: me,Path: C:\\data\nDatum: 25.11.2021\nUhrzeit: 14:03:11\nModel: P-1\nSerial Number: 7\n"
    reading = read(table(lines + "Wavelength (nm);Abs", ROWS, ";"), "a.csv")
    assert (reading.operator, reading.instrument, reading.serial) == ("me", "P-1", "7")
    assert str(reading.measured_at) == "2021-11-25 14:03:11"
    unclear = read(table("Date: 05/12/2017\nWavelength (nm);Abs", ROWS, ";"), "a.csv")
    assert (unclear.measured_at, unclear.measured_at_text) == (None, "05/12/2017")
    assert "date_unclear" in warnings(unclear)


@pytest.mark.parametrize("sep", [",", ";"])
@pytest.mark.parametrize("labels", ["Wavelength/nm,Abs", "Wavelength (nm){0}Abs{0}{0}"])
def test_numbers_that_a_comma_divided_are_never_columns(labels, sep):
    rows = [(700 - k, 0, f"{100 + k:05d}") for k in range(9)]
    assert refusal(table(labels.format(sep), rows, sep), "a.csv") == "comma_twice"


def test_quoted_decimal_commas_need_no_quotes_in_the_other_column():
    rows = [(x, f'"{str(y).replace(".", ",")}"') for x, y in ROWS]
    reading = read(table("Wavelength (nm),Abs", rows), "a.csv")
    assert (reading.decided["decimal_mark"], reading.items[0].value.x[0]) == (",", 500)
    assert reading.items[0].value.signal.values.tolist() == [y for _, y in ROWS]


def test_a_key_with_its_value_is_no_row_of_labels():
    rows = [(x, 100 * y) for x, y in ROWS]
    reading = read(table("#Laser=\t405\n#AxisUnit[1]=\tnm", rows, "\t"), "a.txt")
    assert reading.items[0].value.x.tolist() == [x for x, _ in ROWS]


def test_histograms_under_foreign_lines_are_no_columns():
    rows = [(k, 2 * k) for k in range(40)]
    assert refusal(table("  #ns/bin\n  0.0160\t0.0160\n  #counts", rows, "\t"), "a.txt") == "no_reader_yet"
