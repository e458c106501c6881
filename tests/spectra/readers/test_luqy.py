import pytest

from spectra.readers import read
from spectra.spectrum import Series
from tests.spectra.readers.samples import read_sample, refusal, sample

FILM, SERIES = "luqy_film.abspl.txt", "luqy_series.txt"


def test_a_calibrated_spectrum_with_its_raw_and_dark_counts():
    reading = read_sample(FILM)
    (item,) = reading.items
    flux, raw, dark = item.value.channels
    assert (flux.unit, raw.quantity, dark.role) == ("photons/(s cm² nm)", "counts", "dark")
    assert (item.technique, item.technique_source, item.value.n_points) == ("pl_emission", "file", 96)
    assert item.conditions.known() == {"intensity_unit": "photon", "spectrally_corrected": True}
    assert (item.metadata["LuQY (%)"], item.metadata["Bandgap (eV)"]) == ("0.9693", "2.41")
    assert (reading.measured_at.month, reading.measured_at.hour, reading.measured_at.second) == (6, 16, 9)


def test_several_measurements_with_their_times_are_a_series():
    (item,) = read_sample(SERIES).items
    assert isinstance(item.value, Series)
    assert (item.value.z.tolist(), item.value.z_unit) == ([0, 120], "s")
    first, second = item.value.spectra
    assert second.signal.values[60] == pytest.approx(0.9 * first.signal.values[60], rel=1e-6)
    assert item.metadata["LuQY (%)"] == "0.97; 0.87"


def test_several_measurements_without_times_are_items():
    data = sample(SERIES)
    items = read(data[data.index(b"LuQY") :], "film.txt").items
    assert [item.title for item in items] == ["film 1", "film 2"]
    assert [item.metadata["LuQY (%)"] for item in items] == ["0.97", "0.87"]


OLDER = (
    "1/16/2026\t5:51:34 PM\t5:51:43 PM\t5:51:49 PM\nLuQY (%)\t0.017\t0.037\t0.053\niVoc (V)\t1.21\t1.26\t1.28\n"
    "Laser Intensity (suns)\t0.101\t0.326\t0.552\nLaser spot size (cm²)\t1.0\t1.0\t1.0\n\t\t\t\n"
    "Wavelength (nm)\tLuminescence Flux Density (photons/s/cm²/nm)\t\t\n\t\t\t\n"
)


def test_older_files_have_a_label_over_the_first_measurement_only():
    rows = "".join(f"{550 + i / 2:.3f}\t{i}.0\t{2 * i}.0\t{3 * i}.0\n" for i in range(40))
    reading = read((OLDER + rows).encode("cp1252"), "film.txt")
    (item,) = reading.items
    assert (item.value.z.tolist(), item.value.z_quantity) == ([0.101, 0.326, 0.552], "laser intensity")
    assert [spectrum.signal.values[39] for spectrum in item.value.spectra] == [39, 78, 117]
    assert reading.measured_at.second == 34
    same = OLDER.replace("0.101\t0.326\t0.552", "1.0\t1.0\t1.0") + rows
    (item,) = read(same.encode("cp1252"), "film.txt").items
    assert (item.value.z.tolist(), item.value.z_quantity) == ([0, 9, 15], "time")


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (FILM, b"\r\n5.", b"\r\nx5.", "bad_row"),
        (FILM, b"\tDark spectrum (counts)", b"", "wrong_columns"),
        (SERIES, b"\t0.87\r\n", b"\t0.87\t0.77\r\n", "wrong_columns"),
        (FILM, b"\nWavelength", b"\nX", "no_rows"),
    ],
)
def test_a_damaged_file_is_refused(name, old, new, code):
    data = sample(name)
    assert old in data
    assert refusal(data.replace(old, new, 1), reader="luqy") == code
