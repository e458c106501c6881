import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

UV, FL, CSV = "perkinelmer_asc_transmittance.asc", "perkinelmer_asc_emission", "perkinelmer_csv_absorbance.csv"


def changed(name: str, old: str, new: str, count: int = -1) -> bytes:
    data = sample(name).decode()
    assert old in data
    return data.replace(old, new, count).encode()


def test_the_positional_header_of_a_uv_spectrum():
    reading = read_sample(UV)
    (item,) = reading.items
    assert (item.technique, item.value.signal.quantity, item.value.signal.unit) == ("uvvis", "transmittance", "%")
    assert (item.value.n_points, item.value.x[0], item.value.x[-1], item.value.x_unit) == (71, 700, 350, "nm")
    assert (reading.instrument, reading.serial) == ("PerkinElmer Lambda 1050", "1050L0000000")
    assert (reading.operator, reading.title) == ("Bench", "dots-12")
    assert (reading.measured_at.year, reading.measured_at.month, reading.measured_at.day) == (2026, 6, 4)


def test_a_fixed_wavelength_below_the_scan_is_the_excitation():
    (item,) = read_sample(FL).items
    assert item.technique == "pl_emission"
    assert item.conditions.known() == {
        "excitation_nm": 365.0,
        "excitation_bandwidth_nm": 5.0,
        "emission_bandwidth_nm": 2.5,
    }


def test_a_fixed_wavelength_above_the_scan_is_the_emission_and_one_inside_tells_nothing():
    (item,) = read(changed(FL, "\n365.00\n", "\n620.00\n"), "a").items
    assert (item.technique, item.conditions.emission_nm) == ("pl_excitation", 620.0)
    reading = read(changed(FL, "\n365.00\n", "\n500.00\n"), "a")
    assert (reading.items[0].technique, reading.items[0].conditions.emission_nm) == (None, None)
    assert "technique_unknown" in warnings(reading)


@pytest.mark.parametrize(("unit", "quantity"), [("A", "absorbance"), ("%R", "reflectance")])
def test_the_unit_of_y_is_the_quantity(unit, quantity):
    (item,) = read(changed(UV, "\n%T\n", f"\n{unit}\n"), "a.asc").items
    assert item.value.signal.quantity == quantity


def test_peds_of_an_infrared_instrument_is_ir():
    data = changed(UV, "PE UV", "PE IR").replace(b"\nnm\n", b"\ncm-1\n")
    (item,) = read(data, "a.asc").items
    assert (item.technique, item.value.x_unit) == ("ir", "1/cm")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("\n71\n8\n", "\n72\n8\n", None),
        ("\n-5.000000\n", "\n-4.000000\n", "contradicts_header"),
        ("\n700.000000\n-5", "\n710.000000\n-5", "contradicts_header"),
        ("\n500.000000\t", "\n500.000000\t9", "contradicts_header"),
        ("\n500.000000\t", "\n500.000000x\t", "bad_row"),
        ("\n#GR\n", "\n#XX\n", "header_incomplete"),
        ("#DATA", "#DATE", "no_rows"),
    ],
)
def test_rows_against_the_header(old, new, code):
    data = changed(UV, old, new, 1)
    if code is None:
        assert "wrong_npoints" in warnings(read(data, "a.asc"))
    else:
        assert refusal(data, "a.asc") == code


def test_a_cut_file_is_refused():
    data = sample(UV)
    for cut in range(data.index(b"#DATA") + 40, len(data) - 30, 41):
        assert refusal(data[:cut], "a.asc") in {"file_cut_short", "bad_row"}


def test_a_csv_with_its_limit_of_absorbance():
    reading = read_sample(CSV)
    (item,) = reading.items
    assert (item.value.x[0], item.value.x[-1], item.value.n_points) == (700, 300, 81)
    assert (item.technique, item.value.signal.unit) == ("uvvis", "1")
    assert np.nanmax(item.value.signal.values) == 10
    assert warnings(reading) == {"saturated"}


def test_a_csv_of_several_samples():
    rows = "".join(f"{x}.0, {x / 1000}, {x / 500}\n" for x in range(700, 400, -10))
    first, second = read(f"nm, %T, %T\n{rows}".encode(), "run.csv").items
    assert (first.title, second.title, second.value.signal.quantity) == ("run 1", "run 2", "transmittance")
    assert second.value.signal.values[0] == 1.4


def test_a_csv_with_a_damaged_row_is_refused():
    assert refusal(changed(CSV, "\n500.000000,", "\n500.000000,,"), "a.csv") in {"bad_row", "wrong_columns"}
