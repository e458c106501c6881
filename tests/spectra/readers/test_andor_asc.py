import pytest

from spectra.readers import read
from spectra.spectrum import Series, Spectrum
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

SINGLE, KINETIC = "andor_asc_single.asc", "andor_asc_kinetic.asc"


def changed(name: str, old: str, new: str, count: int = -1) -> bytes:
    data = sample(name).decode()
    assert old in data
    return data.replace(old, new, count).encode()


def test_the_footer_names_camera_date_and_unit():
    reading = read_sample(SINGLE)
    (item,) = reading.items
    assert isinstance(item.value, Spectrum)
    assert (item.value.n_points, item.value.x[0], item.value.x[-1], item.value.x_unit) == (90, 480.07, 561.06, "nm")
    assert (item.value.signal.unit, item.technique) == ("{counts}", None)
    assert (reading.instrument, reading.serial) == ("Andor DU888_BV", "00000")
    assert (reading.measured_at.day, reading.measured_at.hour) == (4, 16)
    assert warnings(reading) == {"technique_unknown"}


def test_the_unit_is_nm_only_when_the_spectrograph_stands_inside_the_axis():
    data = changed(SINGLE, "(nm):              515", "(nm):              900")
    assert read(data, "a.asc").items[0].value.x_unit == ""


def test_pixels_are_channels():
    rows = "".join(f"{i}\t{i * i}\t\n" for i in range(1, 41))
    data = rows.encode() + sample(SINGLE)[sample(SINGLE).index(b"\r\n\r\n\r\n") :]
    assert read(data, "a.asc").items[0].value.x_quantity == "channel"


def test_metadata_above_the_rows_are_read_too():
    rows, _, footer = sample(SINGLE).partition(b"\r\n\r\n\r\n")
    reading = read(footer.strip() + b"\r\n\r\n\r\n" + rows + b"\r\n", "a.asc")
    assert (reading.reader, reading.items[0].value.n_points) == ("andor_asc", 90)
    assert reading.serial == "00000"


def test_a_kinetic_series_begins_its_axis_anew():
    (item,) = read_sample(KINETIC).items
    assert isinstance(item.value, Series)
    assert (item.value.z.tolist(), item.value.z_unit) == ([0, 2.5, 5, 7.5], "s")
    assert [spectrum.n_points for spectrum in item.value.spectra] == [90] * 4


def test_frames_as_columns_are_the_same_series():
    x = [480 + i for i in range(30)]
    rows = "".join(f"{v}.5\t{v}\t{v + 1}\t{v + 2}\t{v + 3}\n" for v in x)
    footer = sample(KINETIC)[sample(KINETIC).index(b"\n\n\n") :]
    (item,) = read(rows.encode() + footer, "a.asc").items
    assert (item.value.z.tolist(), item.value.spectra[3].signal.values[0]) == ([0, 2.5, 5, 7.5], 483)


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (SINGLE, "\r\n500.", "\r\n5x0.", "bad_row"),
        (SINGLE, "\r\n500.", "\r\n\r\n500.", "bad_row"),
        (SINGLE, "\r\n500.", "\r\n\t500.", "bad_row"),
        (KINETIC, "Kinetic Cycle Time (secs):    2.5\n", "", "no_cycle_time"),
        (KINETIC, "Series:    4", "Series:    5", "uneven_frames"),
        (KINETIC, "\n561.06000,", "\n5x1.06000,", "bad_row"),
    ],
)
def test_a_damaged_export_is_refused(name, old, new, code):
    data = changed(name, old, new, 1)
    assert data != sample(name)
    assert refusal(data) == code


def test_a_series_without_its_last_row_is_refused():
    rows, _, footer = sample(KINETIC).partition(b"\n\n\n")
    assert refusal(rows[: rows.rindex(b"\n")] + b"\n\n\n" + footer) == "uneven_frames"


def test_an_image_is_refused():
    rows = "".join("\t".join([f"{500 + i}.5", *["7"] * 128]) + "\n" for i in range(30))
    footer = sample(SINGLE)[sample(SINGLE).index(b"\r\n\r\n\r\n") :]
    assert refusal(rows.encode() + footer) == "is_image_rows"
