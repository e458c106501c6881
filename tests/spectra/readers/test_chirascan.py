import pytest

from spectra.readers import read
from spectra.spectrum import Series, Spectrum
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

RAMP, MELT = "chirascan_ramp.csv", "chirascan_melt.csv"


def changed(name: str, old: str, new: str, count: int = -1) -> bytes:
    data = sample(name).decode()
    assert old in data
    return data.replace(old, new, count).encode()


def test_properties_on_the_same_axes_are_channels_and_temperatures_a_series():
    reading = read_sample(RAMP)
    (item,) = reading.items
    assert isinstance(item.value, Series)
    assert (item.value.z.tolist(), item.value.z_quantity, item.value.z_unit) == ([20, 30, 40], "temperature", "Cel")
    first = item.value.spectra[0]
    assert [channel.role for channel in first.channels] == ["signal", "HT"]
    assert (first.signal.quantity, first.signal.unit, item.technique) == ("ellipticity", "mdeg", "cd")
    assert (first.n_points, first.x[0], first.x[-1], first.x_unit) == (41, 280, 200, "nm")
    assert first.signal.values[29] == pytest.approx(-20 * 0.8, rel=1e-5)
    assert (reading.title, reading.comment, reading.operator) == ("helix 3", "buffer A", "bench")
    assert (reading.measured_at.month, reading.measured_at.hour) == (6, 16)


def test_a_melting_curve_with_wavelengths_across_is_turned_to_spectra():
    (item,) = read_sample(MELT).items
    assert (item.value.z.tolist(), item.value.z_quantity) == (list(range(20, 100, 10)), "temperature")
    assert item.value.spectra[0].x.tolist() == [222, 218, 214, 210, 206, 202]
    assert item.value.spectra[7].signal.values[0] == pytest.approx(-20 * 0.1, rel=1e-5)


def test_few_wavelengths_stay_curves_over_the_temperature():
    data = changed(MELT, ",222,218,214,210,206,202,", ",222,218,").decode()
    rows = [",".join(line.split(",")[:3]) if line[:1].isdigit() else line for line in data.split("\n")]
    (item,) = read("\n".join(rows).encode(), "a.csv").items
    assert (item.value.z.tolist(), item.value.z_quantity) == ([222, 218], "wavelength")
    assert (item.value.spectra[0].x_quantity, item.technique) == ("temperature", "generic")


SPECTRUM = """ProDataCSV
Title: helix 4
Available Dimensions:,1
Wavelength,6 points
Available Properties: ,1
CircularDichroism,CircularDichroism
Data:

Wavelength,
CircularDichroism
225,-1.5
224,-1.6
223,-1.7
222,-1.8
221,-1.7
220,-1.6
"""


def test_a_single_spectrum_whose_axis_stands_above_its_property():
    reading = read(SPECTRUM.encode(), "a.csv")
    (item,) = reading.items
    assert isinstance(item.value, Spectrum)
    assert (item.technique, item.value.signal.values.tolist()[3], reading.title) == ("cd", -1.8, "helix 4")


def test_properties_at_other_wavelengths_are_items_of_their_own():
    block = "Fluorescence\nWavelength:,{}\nTime,\n0,1\n0.001,2\n0.002,3\n\n"
    head = "ProDataCSV\nAvailable Dimensions:,2\nTime,3 points\nWavelength,2 wavelengths\nAvailable Properties: ,1\n"
    data = f"{head}Fluorescence,Fluorescence\nData:\n\n{block.format(450)}{block.format(500)}"
    items = read(data.encode(), "a.csv").items
    assert [item.metadata["Wavelength"] for item in items] == ["450", "500"]
    assert {(item.technique, item.value.x_unit) for item in items} == {("kinetics", "s")}


def test_trailing_separators_and_a_fixed_repeat():
    head = (
        "ProDataCSV\n\nTitle: \n\nRemarks:\n\nAvailable Dimensions:,3,\nTime,128 time points over 3.6e-005s,linear\n"
        "Wavelength,Wavelength: 700nm - 820nm, Step Size: 5nm\nRepeat,1 repeats in set.,\n\nAvailable Properties: ,1,\n"
        "Emission,Emission,\n\nData:\n\n\nEmission\nRepeat:,1,\nTime,Wavelength,\n,820,815,\n"
    )
    rows = "".join(f"{k}.00E-07,{k},{2 * k}\n" for k in range(1, 10))
    reading = read(f"{head}{rows}\n\nHistory: \nUser : bench\n".encode(), "decay.csv")
    (item,) = reading.items
    assert (item.value.z.tolist(), item.value.z_quantity, item.technique) == ([820, 815], "wavelength", "kinetics")
    assert (item.value.spectra[1].signal.values[8], item.value.spectra[0].x[8]) == (18, 9e-7)
    assert (reading.title, warnings(reading)) == ("decay", {"wrong_npoints"})


def test_a_wrong_count_is_a_warning():
    assert "wrong_npoints" in warnings(read(changed(RAMP, "Wavelength,41", "Wavelength,42"), "a.csv"))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (RAMP, "\n240,", "\n2x0,"),
        (RAMP, "\n240,", "\n240,,"),
        (RAMP, "\n240,", "\n\n240,"),
        (RAMP, ",20,30,40,", ",20,30,"),
        (RAMP, "\nCircularDichroism\nWavelength", "\nSomething\nWavelength"),
        (RAMP, "Wavelength,Temperature\n", "\n"),
        (RAMP, "Data:", "Date:"),
    ],
)
def test_a_damaged_file_is_refused(name, old, new):
    assert refusal(changed(name, old, new, 1)) in {"bad_row", "wrong_columns", "no_rows"}


def test_a_file_cut_before_its_last_property_is_refused():
    data = sample(RAMP)
    assert refusal(data[: data.rindex(b"CircularDichroism")]) == "wrong_columns"
