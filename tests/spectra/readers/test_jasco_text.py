from datetime import datetime

import numpy as np
import pytest

from spectra.readers import read
from spectra.readers.facts import jasco_date
from tests.spectra.readers.samples import JASCO_ROWS, jasco, read_sample, refusal, sample, warnings


def read_jasco(text: str, encoding: str = "utf-8"):
    return read(text.encode(encoding), "measured.txt")


def test_an_emission_with_a_japanese_footer_in_shift_jis_is_understood():
    reading = read_sample("jasco_fp_emission_japanese.txt")
    (item,) = reading.items
    assert (item.technique, item.technique_source, item.role) == ("pl_emission", "file", None)
    assert (item.title, reading.title, reading.operator) == ("MAPbBr-012", "MAPbBr-012 d2", "合成班")
    assert (reading.instrument, reading.serial) == ("JASCO FP-8500", "D000000001")
    assert reading.simulated
    assert reading.measured_at == datetime(2026, 6, 4, 16, 8, 31)
    assert reading.measured_at_text == "26/06/04 16:08:31"
    assert item.conditions.known() == {
        "excitation_nm": 365.0,
        "excitation_bandwidth_nm": 2.5,
        "emission_bandwidth_nm": 5.0,
        "spectrally_corrected": True,
        "intensity_unit": "photon",
        "path_length_cm": 1.0,
        "dilution_label": "d2",
    }
    assert (item.metadata["レスポンス"], item.metadata["感度"]) == ("0.5 sec", "Medium")
    assert reading.decided["encoding"] == "cp932"
    spectrum = item.value
    assert (spectrum.n_points, spectrum.x[0], spectrum.x[-1], spectrum.x_unit) == (161, 420, 500, "nm")
    assert spectrum.x[np.argmax(spectrum.signal.values)] == 453.0
    assert warnings(reading) == set()


def test_a_transmittance_keeps_its_name_unit_and_descending_order():
    reading = read_sample("jasco_v_transmittance_comma.csv")
    (item,) = reading.items
    assert (item.technique, item.role) == ("uvvis", "blank")
    assert (item.value.signal.quantity, item.value.signal.unit) == ("transmittance", "%")
    assert (item.value.x[0], item.value.x[-1]) == (700, 350)
    assert item.conditions.known() == {"bandwidth_nm": 2.0, "path_length_cm": 1.0}
    assert reading.operator == "chemist"
    assert not reading.simulated


def test_three_channels_with_decimal_commas_under_an_english_locale():
    reading = read_sample("jasco_cd_decimal_comma.txt")
    (item,) = reading.items
    assert (item.technique, reading.decided["decimal_mark"]) == ("cd", ",")
    channels = [(channel.quantity, channel.unit, channel.role) for channel in item.value.channels]
    assert channels == [("ellipticity", "mdeg", "signal"), ("voltage", "V", "HT"), ("absorbance", "1", "signal")]
    assert item.value.channels[1].values[[0, -1]].tolist() == [300.0, 400.0]
    assert item.conditions.known() == {"bandwidth_nm": 1.0, "temperature_c": 25.0}


def test_interval_data_is_a_series_over_its_real_times():
    (item,) = read_sample("jasco_interval.txt").items
    series = item.value
    assert series.z.tolist() == [0.03, 1.02, 2.05, 3.01]
    assert (series.z_quantity, series.z_unit, item.technique) == ("time", "min", "pl_emission")
    assert [spectrum.n_points for spectrum in series.spectra] == [21] * 4
    assert [channel.role for channel in series.spectra[2].channels] == ["signal", "HT"]
    # made with a maximum of 1 + 0.4·t at 450 nm, printed to five digits
    maxima = [spectrum.signal.values.max() for spectrum in series.spectra]
    assert maxima == pytest.approx([1.012, 1.408, 1.82, 2.204], abs=1e-5)


@pytest.mark.parametrize("sep", ["\t", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp932"])
def test_separator_line_end_and_encoding_do_not_depend_on_the_extension(sep, end, encoding):
    footer = sep.join(("試料名", "量子ドット"))
    reading = read(jasco(sep=sep, end=end, footer=footer).encode(encoding), "data.csv")
    assert reading.items[0].value.x.tolist() == [700, 690, 680, 670]
    assert reading.items[0].title == "量子ドット"


@pytest.mark.parametrize("mark", ["##### Extended Information", ""])
def test_a_footer_is_found_with_or_without_its_mark(mark):
    reading = read_jasco(jasco(footer=f"{mark}\n[Comments]\nSample name\tdots\nUser\tA"))
    assert (reading.items[0].title, reading.operator) == ("dots", "A")


@pytest.mark.parametrize(
    ("header", "footer", "technique"),
    [
        ({"DATA_TYPE": "INFRARED SPECTRUM", "XUNITS": "1/CM"}, "", "ir"),
        ({"XUNITS": "1/CM"}, "Model Name\tFT/IR-4600", "ir"),
        ({"DATA_TYPE": "RAMAN SPECTRUM", "XUNITS": "1/CM", "YUNITS": "INTENSITY"}, "", "raman"),
        ({"YUNITS": "CD[mdeg]"}, "", "cd"),
        ({"YUNITS": "CD [mdeg]"}, "", "cd"),
        ({"YUNITS": "%T"}, "", "uvvis"),
        ({"YUNITS": "INTENSITY"}, "機種名\tFP-8300\n測定モード\t励起\n蛍光波長\t530 nm", "pl_excitation"),
        ({"YUNITS": "INTENSITY"}, "Model Name\tFP-8300\nEm wavelength\t530.0 nm", "pl_excitation"),
        ({"YUNITS": "INTENSITY"}, "Model Name\tFP-8300\nEx wavelength\t365.0 nm", "pl_emission"),
        ({"YUNITS": "INTENSITY", "DATA_TYPE": "FLUORESCENCE SPECTRUM"}, "Excitation wavelength\t365 nm", "pl_emission"),
        ({"YUNITS": "INTENSITY"}, "Model Name\tFP-8300", None),
        ({"XUNITS": "SEC"}, "", "kinetics"),
        ({"XUNITS": "Temperature [C]", "YUNITS": "CD[mdeg]"}, "", "generic"),
    ],
)
def test_the_technique_follows_from_data_type_units_model_and_footer(header, footer, technique):
    reading = read_jasco(jasco(footer=f"[Measurement Information]\n{footer}", **header))
    assert reading.items[0].technique == technique
    assert ("technique_unknown" in warnings(reading)) == (technique is None)


def test_a_wrong_number_of_points_is_a_warning():
    reading = read_jasco(jasco(NPOINTS="512"))
    assert warnings(reading) == {"wrong_npoints"}
    assert reading.items[0].value.n_points == 4


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"FIRSTX": "710"}, "contradicts_header"),
        ({"LASTX": "660", "NPOINTS": "4"}, "contradicts_header"),
        ({"LASTX": "500", "NPOINTS": "21"}, "file_cut_short"),
        ({"MAXY": "3"}, "contradicts_header"),
        ({"MINY": "0.01"}, "contradicts_header"),
        ({"FIRSTY": "1000"}, "contradicts_header"),
    ],
)
def test_rows_that_contradict_the_header_are_refused(header, code):
    assert refusal(jasco(**header).encode()) == code


def test_a_header_rounded_when_printed_is_no_contradiction():
    reading = read_jasco(jasco([(700.04, 0.572538), (690.06, 0.1)], FIRSTX="700.0", LASTX="690.1", MAXY="0.57254"))
    assert reading.items[0].value.x.tolist() == [700.04, 690.06]


def test_commas_between_and_inside_numbers_are_refused_not_misread():
    rows = [("700,0", "0,123"), ("699,0", "0,125"), ("698,0", "0,127")]
    assert refusal(jasco(rows, sep=",").encode()) == "comma_twice"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("690\t0.3", "69x\t0.3", "bad_row"),
        ("690\t0.3", "690\t0.3\t7", "bad_row"),
        ("690\t0.3", "1_000\t0.3", "bad_row"),
        ("690\t0.3", "\t0.3", "bad_row"),
        ("690\t0.3", "６９０\t0.3", "bad_row"),
        ("700\t0.1\n690\t0.3\n680\t0.25\n670\t0.2\n", "", "no_rows"),
        ("XYDATA", "XY", "jasco_without_data"),
        ("YUNITS\tABSORBANCE", "YUNITS\tCD[mdeg]\nY2UNITS\tHT[V]", "wrong_columns"),
    ],
)
def test_a_damaged_file_is_refused_with_its_reason(old, new, code):
    text = jasco()
    assert old in text
    assert refusal(text.replace(old, new, 1).encode()) == code


def test_over_range_absorbance_becomes_no_value_and_is_told():
    reading = read_jasco(jasco([(700, 0.1), (690, 9999.9), (680, 0.2)], MAXY="9999.9"))
    values = reading.items[0].value.signal.values
    assert np.isnan(values).tolist() == [False, True, False]
    assert warnings(reading) == {"over_range"}


def test_duplicates_and_gaps_are_kept():
    rows = [(700, 0.1), (690, 0.3), (690, 0.35), (500, 0.2)]
    assert read_jasco(jasco(rows)).items[0].value.x.tolist() == [700, 690, 690, 500]


@pytest.mark.parametrize("word", ["simulated", "Simulated data", "シミュレーション"])
def test_a_simulated_file_says_so(word):
    assert read_jasco(jasco(TITLE=word)).simulated
    assert read_jasco(jasco(footer=f"Comment\t{word}")).simulated
    assert not read_jasco(jasco(TITLE="dots")).simulated


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("Excitation wavelength\t365.0 nm", {"excitation_nm": 365.0}),
        ("励起波長\t365.0 nm", {"excitation_nm": 365.0}),
        ("Excitation wavelength\t-100", {}),
        ("Ex bandwidth\t2,5 nm", {"excitation_bandwidth_nm": 2.5}),
        ("Band width (Em)\t5 nm", {"emission_bandwidth_nm": 5.0}),
        ("蛍光バンド幅\t5 nm", {"emission_bandwidth_nm": 5.0}),
        ("UV/Vis バンド幅\t1.0 nm", {"bandwidth_nm": 1.0}),
        ("Spectral correction\tOff", {"spectrally_corrected": False}),
        ("スペクトル補正\tなし", {"spectrally_corrected": False}),
        ("Spectral correction\t", {}),
        ("Cell length\t10 mm", {"path_length_cm": 1.0}),
        ("光路長\t0.2 cm", {"path_length_cm": 0.2}),
        ("Cell length\t10", {}),
        ("Solvent\ttoluene", {"solvent": "toluene"}),
    ],
)
def test_conditions_are_taken_only_from_what_is_clearly_written(line, known):
    reading = read_jasco(jasco(footer=f"[Measurement Information]\n{line}"))
    assert reading.items[0].conditions.known() == known


@pytest.mark.parametrize(
    ("day", "time", "understood"),
    [
        ("26/06/04", "16:08:00", datetime(2026, 6, 4, 16, 8)),
        ("99/12/31", "", datetime(1999, 12, 31)),
        ("2026/06/04", "16:08", datetime(2026, 6, 4, 16, 8)),
        ("26/13/04", "", None),
        ("", "", None),
    ],
)
def test_a_jasco_date_is_year_month_day(day, time, understood):
    assert jasco_date(day, time) == understood


def test_the_footers_date_of_measurement_goes_before_the_date_of_saving():
    reading = read_jasco(jasco(footer="[Measurement Information]\nMeasurement Date\t2026/06/01 09:30"))
    assert reading.measured_at == datetime(2026, 6, 1, 9, 30)


def test_two_serial_numbers_are_both_kept():
    footer = "[Measurement Information]\nSerial Number\tA1\n[Accessory Information]\nSerial Number\tB2"
    reading = read_jasco(jasco(footer=footer))
    assert reading.serial == "A1"
    assert reading.items[0].metadata["Accessory Information / Serial Number"] == "B2"


def test_the_rows_made_here_are_the_rows_read():
    spectrum = read_jasco(jasco()).items[0].value
    assert list(zip(spectrum.x, spectrum.signal.values, strict=True)) == JASCO_ROWS


def test_interval_data_of_one_channel_may_leave_its_name_out():
    series = read_sample("jasco_interval_unnamed.csv").items[0].value
    assert (series.z.tolist(), series.z_unit) == ([0, 10.0167, 20.0167], "min")
    assert series.spectra[2].signal.values.max() == pytest.approx(0.3)


def test_interval_data_over_the_temperature_say_so():
    data = sample("jasco_interval_unnamed.csv").replace(b"FIRSTX", b"ZUNITS,Temperature [C]\r\nFIRSTX")
    series = read(data, "a.csv").items[0].value
    assert (series.z_quantity, series.z_unit, series.spectra[1].title) == ("temperature", "Cel", "10.0167 °C")


@pytest.mark.parametrize(
    "written, quantity, unit",
    [
        ("TEMPERATURE", "temperature", ""),
        ("Temperature[C]", "temperature", "Cel"),
        ("Concentration [umol/L]", "concentration", "umol/L"),
    ],
)
def test_melting_curves_and_titrations_are_no_spectra(written, quantity, unit):
    rows = [(20 + k, 90 - k) for k in range(12)]
    item = read(jasco(rows, XUNITS=written, YUNITS="TRANSMITTANCE").encode(), "a.txt").items[0]
    assert (item.technique, item.value.x_quantity, item.value.x_unit) == ("generic", quantity, unit)


def test_the_model_may_stand_in_the_header_in_japanese():
    text = jasco(**{"SPECTROMETER/DATA SYSTEM": None, "機種名": "JASCO FT/IR-4700"})
    assert read(text.encode("cp932"), "a.csv").instrument == "JASCO FT/IR-4700"


def test_rows_with_blank_lines_between_them_are_refused():
    text = jasco(LASTX=None, NPOINTS=None)
    spaced = text.replace("\n680", "\n\n680").replace("\n690", "\n\n690").replace("\n670", "\n\n670")
    assert refusal(spaced.encode()) == "bad_row"


def test_separators_behind_each_line_change_nothing():
    plain = read(jasco(sep=",").encode(), "a.csv")
    filled = read(jasco(sep=",").replace("\n", "\t\n").encode(), "a.csv")
    assert (filled.instrument, filled.measured_at) == (plain.instrument, plain.measured_at)
    assert filled.items[0].value.x_unit == "nm"


def test_numbers_in_a_comment_are_no_rows():
    reading = read_jasco(jasco(footer="##### Extended Information\n[Comments]\nSample name\tdots\n450\t0.1\n460\t0.2"))
    assert reading.items[0].value.n_points == read_jasco(jasco()).items[0].value.n_points
