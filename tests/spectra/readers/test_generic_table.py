import numpy as np
import pytest

from spectra.decay import Decay
from spectra.readers import read
from spectra.spectrum import Series, Spectrum
from tests.spectra.readers.samples import read_sample, refusal, sample, table, warnings

ROWS = [(400 + i, round(0.1 + 0.01 * i, 2)) for i in range(12)]


def only_item(data: bytes, name: str = "table.csv", mapping=None):
    (item,) = read(data, name, mapping).items
    return item


@pytest.mark.parametrize(
    ("header", "technique", "x_unit", "quantity", "unit"),
    [
        ("Wavelength (nm),Abs", "uvvis", "nm", "absorbance", "1"),
        ("Wavelength [nm],Absorbance", "uvvis", "nm", "absorbance", "1"),
        ("波長/nm,吸光度", "uvvis", "nm", "absorbance", "1"),
        ("nm,A", "uvvis", "nm", "absorbance", "1"),
        ("Wavelength nm.,%T", "uvvis", "nm", "transmittance", "%"),
        ("Wavelength (nm),PL intensity (a.u.)", "pl_emission", "nm", "intensity", "[a.u.]"),
        ("波長 (nm),発光強度", "pl_emission", "nm", "intensity", ""),
        ("Wavelength (nm),Intensity (counts)", None, "nm", "intensity", "{counts}"),
        ("Wavelength (nm),Counts", None, "nm", "counts", "{counts}"),
        ("Wavelength (nm),Intensity (a.u.)", None, "nm", "intensity", "[a.u.]"),
        ("Wavenumber (cm-1),Absorbance", "ir", "1/cm", "absorbance", "1"),
        ("Energy (eV),Intensity", None, "eV", "intensity", ""),
        ("Raman shift (cm-1),Intensity", "raman", "1/cm", "intensity", ""),
        ("Wavelength (nm),CD (mdeg)", "cd", "nm", "ellipticity", "mdeg"),
        ("Wavelength (nm),n", None, "nm", "unknown", ""),
        ("Time (s),Abs", "kinetics", "s", "absorbance", "1"),
    ],
)
def test_labels_give_quantity_unit_and_technique(header, technique, x_unit, quantity, unit):
    item = only_item(table(header, ROWS))
    signal = item.value.signal
    assert (item.technique, item.value.x_unit, signal.quantity, signal.unit) == (technique, x_unit, quantity, unit)
    assert item.value.x.tolist() == [row[0] for row in ROWS]
    assert signal.values.tolist() == [row[1] for row in ROWS]


def test_a_table_is_read_with_a_request_to_confirm():
    reading = read(table("Wavelength (nm),Abs", ROWS), "table.csv")
    assert reading.decided["confidence"] == "confirm"
    assert warnings(reading) == {"please_confirm"}


@pytest.mark.parametrize(
    ("name", "technique", "encoding", "n_points", "first_x"),
    [
        ("table_shift_jis.csv", "uvvis", "cp932", 101, 400),
        ("table_utf16.txt", "pl_emission", "utf-16-le", 61, 500),
        ("table_decimal_comma_semicolon.csv", "pl_emission", "ascii", 81, 500),
    ],
)
def test_encodings_separators_and_index_columns(name, technique, encoding, n_points, first_x):
    reading = read_sample(name)
    (item,) = reading.items
    assert (item.technique, reading.decided["encoding"]) == (technique, encoding)
    assert (item.value.n_points, item.value.x[0], item.value.x_unit) == (n_points, first_x, "nm")


def test_the_preamble_tells_excitation_and_operator():
    reading = read_sample("table_decimal_comma_semicolon.csv")
    assert reading.items[0].conditions.known() == {"excitation_nm": 365.0}
    assert reading.operator == "A"
    assert reading.decided["decimal_mark"] == ","


def test_a_pandas_dump_of_a_decay_with_its_irf():
    decay, irf = read_sample("table_pandas_decay.csv").items
    assert isinstance(decay.value, Decay)
    assert decay.value.bin_ns == pytest.approx(0.1, rel=1e-12)
    assert (decay.role, irf.role) == (None, "IRF")
    assert np.array_equal(decay.value.irf_counts, irf.value.counts)
    assert decay.value.counts[:3].tolist() == [1000, 995, 990]


def test_a_time_axis_with_unequal_steps_is_no_histogram():
    item = only_item(table("Time (ns),Counts", [(i * i, 5) for i in range(10)]))
    assert isinstance(item.value, Spectrum)
    assert (item.technique, item.value.x_unit) == ("kinetics", "ns")


def test_channel_numbers_need_a_calibration_or_the_bin_width():
    rows = [(i, 10) for i in range(1, 31)]
    assert refusal(table("Chan\tData", rows, "\t")) == "needs_bin_width"
    told = b"Time calibration: 2.5E-02ns/ch\n\n" + table("Chan\tData", rows, "\t")
    assert only_item(told).value.bin_ns == 0.025
    assert only_item(table("Chan\tData", rows, "\t"), mapping={"bin_ns": 0.1}).value.bin_ns == 0.1


def test_pairs_of_columns_of_unequal_length_are_spectra_of_their_own():
    rows = [(800 - i, 0.5, *((600 - i, 50) if i < 7 else ("", ""))) for i in range(12)]
    first, second = read(table("A,,B,\nWavelength (nm),Abs,Wavelength (nm),%T", rows), "cary.csv").items
    assert (first.title, first.value.n_points, first.value.signal.quantity) == ("A", 12, "absorbance")
    assert (second.title, second.value.n_points, second.value.signal.quantity) == ("B", 7, "transmittance")
    assert second.value.x[-1] == 594


def test_columns_named_by_samples_are_measurements_of_their_own():
    rows = [(400 + i, 1, 2, 3) for i in range(8)]
    items = read(table("Wavelength (nm),QD-1,QD-2,QD-3", rows), "uvvis_all.csv").items
    assert [item.title for item in items] == ["QD-1", "QD-2", "QD-3"]
    assert [item.technique for item in items] == ["uvvis"] * 3
    assert [item.value.signal.values[0] for item in items] == [1, 2, 3]


def test_columns_named_by_times_are_a_series():
    rows = [(400 + i, 1, 2, 3) for i in range(8)]
    item = only_item(table("Wavelength (nm),30 s,60 s,90 s", rows), "Run 3 emission.csv")
    assert isinstance(item.value, Series)
    assert (item.value.z.tolist(), item.value.z_quantity, item.value.z_unit) == ([30, 60, 90], "time", "s")
    assert item.technique == "pl_emission"


def test_dark_and_reference_columns_are_channels_of_the_signal():
    header = "Wave   ;Sample   ;Dark     ;Reference;Scope\n[nm]   ;[counts] ;[counts] ;[counts] \n"
    item = only_item(table(header, [(f"{400 + i}.5", 9, 1, 5) for i in range(8)], ";  "))
    assert [channel.role for channel in item.value.channels] == ["signal", "dark", "reference"]
    assert item.value.x_unit == "nm"


def test_names_over_a_row_of_units_are_put_together():
    item = only_item(table("Wavelength\tS1c\nnm\tCPS", ROWS, "\t"))
    assert (item.value.x_unit, item.value.signal.name) == ("nm", "S1c (CPS)")


def test_without_labels_the_unit_stays_unknown():
    reading = read(table("", [(400.5 + i, i * i) for i in range(9)], "\t"), "a.txt")
    (item,) = reading.items
    assert (item.value.x_unit, item.technique) == ("", None)
    assert {"technique_unknown", "please_confirm"} <= warnings(reading)


def test_a_wavelength_without_unit_is_in_nm_only_where_nothing_else_is_possible():
    assert only_item(table("Wavelength,Abs", ROWS)).value.x_unit == "nm"
    in_angstrom = [(4000 + 10 * i, y) for i, (_, y) in enumerate(ROWS)]
    assert only_item(table("Wavelength,Abs", in_angstrom)).value.x_unit == ""


def test_wave_alone_may_be_a_raman_shift_and_keeps_its_unit_open():
    rows = [(200.5 + i, i * i) for i in range(12)]
    item = only_item(table("#Wave\t#Intensity", rows, "\t"), "raman.txt")
    assert (item.value.x_unit, item.value.x_quantity, item.technique) == ("", "unknown", None)
    assert only_item(table("Wave (nm)\tIntensity", rows, "\t")).value.x_quantity == "wavelength"


@pytest.mark.parametrize(("label", "nan", "code"), [("Abs", True, "over_range"), ("PL intensity", False, "saturated")])
def test_saturation_is_no_value_in_absorbance_and_told_in_intensity(label, nan, code):
    rows = [(400 + i, 9999.9 if i in (4, 5) else 0.5) for i in range(10)]
    reading = read(table(f"Wavelength (nm),{label}", rows), "a.csv")
    (item,) = reading.items
    assert np.isnan(item.value.signal.values[4:6]).all() == nan
    assert code in warnings(reading)
    assert item.conditions.saturation_level == (None if nan else 9999.9)


def test_empty_cells_are_points_without_a_value_and_told():
    rows = [(400 + i, "" if i == 3 else 0.5) for i in range(10)]
    reading = read(table("Wavelength (nm),Abs", rows), "a.csv")
    assert np.isnan(reading.items[0].value.signal.values).sum() == 1
    assert "empty_cells" in warnings(reading)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Excitation: 365 nm", {"excitation_nm": 365.0}),
        ("# Excitation wavelength = 400 nm", {"excitation_nm": 400.0}),
        ("QD 12, ex 365 nm", {"excitation_nm": 365.0}),
        ("励起波長,350", {"excitation_nm": 350.0}),
        ("Example 365", {}),
        ("Excitation: strong", {}),
    ],
)
def test_the_excitation_is_taken_only_where_it_is_written(text, known):
    data = f"{text}\n".encode() + table("Wavelength (nm),PL intensity", ROWS)
    assert only_item(data).conditions.known() == known


def enumerate_photons() -> list[tuple[int, int]]:
    """Arrival times at random, as a photon list has them."""
    luck = np.random.default_rng(5)
    return list(zip(np.cumsum(luck.exponential(9000, 600)).astype(int), luck.integers(0, 4096, 600), strict=True))


NOT_SPECTRA = {
    "temperature log": table("Time (min),Temperature (C)", ROWS),
    "logger": table("No,Date,T", [(i, "2026-01-01 10:00", 20) for i in range(9)]),
    "current-voltage curve": table("Voltage (V),Current (mA)", ROWS),
    "temperature scan": table("Temperature (C),Humidity (%rh)", ROWS),
    "profilometer": table("Lateral (um),Total Profile (A)", ROWS),
    "profilometer without labels": b"Dektak stylus profile\n\n" + table("", ROWS),
    "unknown columns": table("foo,bar", ROWS),
    "photon list": table("", enumerate_photons(), " "),
    "prose": b"We stirred the flask at 150 C for 30 s.\nThen 20 mL of toluene were added.\n",
    "four numbers": table("Wavelength (nm),Abs", ROWS[:4]),
    "results": table("Peak wavelength (nm),FWHM (nm)", ROWS),
    "two commas": "\n".join(f"{700 - i},0,0,{123 + i}" for i in range(9)).encode(),
}


@pytest.mark.parametrize("data", NOT_SPECTRA.values(), ids=NOT_SPECTRA.keys())
def test_what_is_not_a_spectrum_never_becomes_a_curve(data):
    assert refusal(data) in {"not_recognised", "unknown_columns", "no_axis", "comma_twice", "no_reader_yet"}


def test_a_broken_row_inside_a_table_is_named():
    data = table("Wavelength (nm),Abs", [*ROWS, ("4x0", 1), *ROWS])
    assert refusal(data) == "bad_row"


def test_two_tables_in_one_file_are_not_mixed():
    one = table("Wavelength (nm),Abs", ROWS)
    assert refusal(one + b"\nsecond\n" + one) == "several_tables"


def test_a_mapping_by_a_person_goes_before_every_rule():
    mapping = {
        "x": 1,
        "y": [0],
        "x_unit": "nm",
        "technique": "pl_emission",
        "y_quantity": "intensity",
        "excitation_nm": 365,
    }
    reading = read(table("foo,bar", [(y, x) for x, y in ROWS]), "a.csv", mapping)
    (item,) = reading.items
    assert (item.technique, item.technique_source) == ("pl_emission", "person")
    assert item.value.x.tolist() == [x for x, _ in ROWS]
    assert (item.value.x_unit, item.value.x_quantity, item.value.signal.quantity) == ("nm", "wavelength", "intensity")
    assert item.conditions.excitation_nm == 365.0
    assert reading.decided["confidence"] == "person"
    assert warnings(reading) == set()


def test_a_mapping_makes_a_decay_from_counts_or_from_a_time_axis():
    rows = [(i * 100, 50 - i) for i in range(30)]
    timed = only_item(table("a,b", rows), mapping={"x": 0, "y": [1], "x_unit": "ps", "technique": "decay"})
    assert timed.value.bin_ns == pytest.approx(0.1)
    bare = only_item(table("a,b", rows), mapping={"x": None, "y": [1], "bin_ns": 0.5})
    assert (bare.value.bin_ns, bare.value.counts[0]) == (0.5, 50)
    assert refusal(table("a,b", rows), mapping={"x": None, "y": [1]}) == "needs_bin_width"


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"x": 5, "y": [1]}, "bad_mapping"),
        ({"x": 0, "y": [0]}, "bad_mapping"),
        ({"x": 0, "y": []}, "bad_mapping"),
        ({"x": 0, "y": [1], "technique": "magic"}, "no_such_technique"),
        ({"x": 0, "y": [1], "excitation_nm": "blue"}, "bad_condition"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping, code):
    assert refusal(table("Wavelength (nm),Abs", ROWS), mapping=mapping) == code


def test_metadata_hold_no_control_characters():
    data = b"Comment: a\x0bb\x7f\n" + table("Wavelength (nm),Abs", ROWS)
    assert read(data, "a.csv").comment == "a b"


def test_a_simulated_table_says_so():
    assert read(b"# simulated\n" + sample("table_pandas_decay.csv"), "a.csv").simulated
    assert not read_sample("table_pandas_decay.csv").simulated


@pytest.mark.parametrize(
    ("name", "label", "technique"),
    [
        ("OC-7_EL.csv", "Intensity (a.u.)", "el"),
        ("EL_5V.csv", "Intensity (a.u.)", "el"),
        ("oc-7_el.csv", "Intensity (a.u.)", "el"),
        ("EL-7_PL.csv", "Intensity (a.u.)", "pl_emission"),  # a code that looks like the word
        ("EL_12_fluorescence.csv", "Intensity (a.u.)", "pl_emission"),
        ("EL-12 ex 372 nm.csv", "Intensity (counts)", "pl_emission"),
        ("EL_12_PLE.csv", "Intensity (a.u.)", "pl_excitation"),
        ("puntos en el visible.csv", "Intensity (a.u.)", None),  # the Spanish article
        ("OC-7_em.csv", "Intensity (a.u.)", "pl_emission"),
        ("OC-7_ex372nm.csv", "Intensity (counts)", "pl_emission"),
        (
            "OC-7_em450nm.csv",
            "Intensity (a.u.)",
            None,
        ),  # emission stood still, but nothing says that excitation was scanned
    ],
)
def test_the_name_of_a_file_tells_which_light_was_measured(name, label, technique):
    assert only_item(table(f"Wavelength (nm),{label}", ROWS), name).technique == technique


def test_light_over_the_voltages_of_a_device_is_electroluminescence():
    rows = [(x, y, 2 * y, 3 * y) for x, y in ROWS]
    item = only_item(table("Wavelength (nm),3.0 V,3.5 V,4.0 V", rows), "device 4.csv")
    assert (item.technique, item.value.z_quantity) == ("el", "voltage")
