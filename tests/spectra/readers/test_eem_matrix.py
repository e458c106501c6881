import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.samples import read_sample, refusal, sample, table, warnings


def test_rows_per_excitation_become_emission_spectra():
    reading = read_sample("eem_matrix_rf6000.txt")
    series = reading.items[0].value
    assert (series.z_quantity, series.z_unit, series.z.tolist()) == ("excitation", "nm", [320, 340, 360, 380])
    assert (series.spectra[0].x[0], series.spectra[0].x[-1], series.spectra[0].n_points) == (480, 560, 41)
    best = series.spectra[1]
    assert best.x[np.argmax(best.signal.values)] == 518
    assert best.signal.values.max() == pytest.approx(802 * np.exp(-((10 / 30) ** 2) / 2), rel=2e-3)
    assert reading.items[0].conditions.known() == {"excitation_bandwidth_nm": 5.0, "emission_bandwidth_nm": 3.0}
    assert (reading.title, reading.measured_at_text) == ("dots B", "2025/11/26 10:11:12")


def test_the_corner_tells_which_wavelength_stands_where():
    rows = [(em, *(em - ex for ex in (300, 310, 320))) for em in range(400, 410)]
    series = read(table("EM Wavelength/EX Wavelength,300,310,320", rows), "a.csv").items[0].value
    assert series.z.tolist() == [300, 310, 320]
    assert series.spectra[0].signal.values[0] == 100


def test_a_matrix_with_a_wavelength_missing_is_refused():
    assert refusal(sample("eem_matrix_rf6000.txt").replace(b"480.0,482.0", b"480.0"), "a.txt") == "wrong_columns"


def test_an_aqualog_matrix_may_have_an_empty_corner():
    data = table(
        "Sample - Blank", [("", 300, 310, 320, 330, 340), *((em, 1, 2, 3, 4, 5) for em in range(400, 410))], "\t"
    )
    series = read(data, "dots PEM.dat").items[0].value
    assert (series.z.tolist(), series.spectra[0].n_points) == ([300, 310, 320, 330, 340], 10)


def test_hitachi_tells_the_mode_and_the_excitation():
    reading = read_sample("hitachi_emission.txt")
    item = reading.items[0]
    assert (item.technique, item.technique_source, item.value.n_points) == ("pl_emission", "file", 41)
    assert (item.conditions.excitation_nm, item.conditions.emission_bandwidth_nm) == (365.0, 2.5)
    assert (reading.title, reading.operator, str(reading.measured_at)) == ("dots A", "Team", "2025-11-26 10:22:54")
    assert reading.instrument == "Hitachi F-7000 FL Spectrophotometer"


def test_a_hitachi_excitation_scan_is_told_from_an_emission_scan():
    data = sample("hitachi_emission.txt").replace(b"mode:\tEmission", b"mode:\tExcitation").replace(b"EX WL", b"EM WL")
    item = read(data, "a.txt").items[0]
    assert (item.technique, item.conditions.excitation_nm, item.conditions.emission_nm) == (
        "pl_excitation",
        None,
        365.0,
    )


def test_a_hitachi_matrix_with_japanese_keys_is_a_series_and_saturation_is_told():
    reading = read_sample("hitachi_matrix_japanese.txt")
    series = reading.items[0].value
    assert (series.z.tolist(), reading.decided["encoding"], reading.title) == ([320, 340, 360, 380], "cp932", "ドット")
    assert series.spectra[3].signal.values[0] == 9999.9
    assert "saturated" in warnings(reading)
    assert str(reading.measured_at) == "2025-11-26 10:22:54"


def test_a_hitachi_file_without_rows_is_refused():
    data = sample("hitachi_emission.txt")
    assert refusal(data[: data.index(b"Data Points")], "a.txt") == "no_rows"


def test_a_nanodrop_file_holds_one_measurement_per_block():
    reading = read_sample("nanodrop_two.tsv")
    assert [(item.title, item.role, item.technique) for item in reading.items] == [
        ("Blank 1", "blank", "uvvis"),
        ("dots C", None, "uvvis"),
    ]
    assert reading.items[1].value.signal.values.max() == pytest.approx(0.8)
    assert reading.items[1].conditions.path_length_cm == 1.0


def test_pixels_without_a_wavelength_are_no_points():
    reading = read_sample("bwtek_raman.txt")
    item = reading.items[0]
    assert (item.technique, item.value.x_quantity, item.value.n_points) == ("raman", "raman shift", 45)
    assert item.value.x[0] == pytest.approx(1e7 / 785 - 1e7 / 793, abs=0.01)
    assert (item.value.signal.name, item.conditions.excitation_nm) == ("Dark Subtracted #1", 785.0)
    assert item.value.signal.values.max() == pytest.approx(1400)


def test_a_bwtek_file_without_laser_keeps_its_wavelengths():
    lines = ["File Version;BWSpec4.02_14", "Pixel;Wavelength;Wavenumber;Raman Shift;Dark;Dark Subtracted #1"]
    lines += [f"{k};{500 + k}.5;{1e7 / (500 + k):.2f};;3;{k}" for k in range(12)]
    item = read("\n".join([*lines, ""]).encode(), "dots emission.txt").items[0]
    assert (item.technique, item.value.x_unit, item.value.x[0]) == ("pl_emission", "nm", 500.5)


def test_a_3d_measurement_of_a_jasco_fluorometer_has_no_times():
    data = (
        sample("jasco_interval_unnamed.csv")
        .replace(b"V-730", b"FP-8500")
        .replace(b",0,10.0167,20.0167", b",300,310,320")
    )
    data = data.replace(b"ULTRAVIOLET SPECTRUM", b"FLUORESCENCE SPECTRUM").replace(b"ABSORBANCE", b"INTENSITY")
    item = read(data, "a.csv").items[0]
    assert (item.technique, item.value.z_quantity, item.value.z_unit) == ("pl_emission", "excitation", "nm")
    assert item.value.z.tolist() == [300, 310, 320]


def test_older_hitachi_programs_write_half_width_kana():
    text = (
        sample("hitachi_matrix_japanese.txt")
        .decode("cp932")
        .replace("データポイント", "ﾃﾞｰﾀﾘｽﾄ")
        .replace("試料名", "ｻﾝﾌﾟﾙ")
    )
    reading = read(text.encode("cp932"), "a.txt")
    assert (reading.reader, reading.items[0].value.z.tolist()) == ("hitachi", [320, 340, 360, 380])


def test_a_japanese_rf6000_matrix_may_stand_between_blanks():
    text = sample("eem_matrix_rf6000.txt").decode()
    text = text.replace("EX Wavelength/EM Wavelength", "励起波長/蛍光波長")
    rows = text.partition('"励起')[2]
    spaced = '"励起' + rows.replace(",", " ")
    assert read(spaced.encode("cp932"), "a.txt").items[0].value.z.tolist() == [320, 340, 360, 380]
