import struct

import numpy as np
import pytest

from spectra.readers import read
from spectra.readers.reading import ImageRef
from tests.spectra.readers.dm_maker import Maker, dm
from tests.spectra.readers.samples import refusal

Y = np.arange(50.0) ** 2


@pytest.mark.parametrize("version", [3, 4])
def test_a_spectrum_is_read_on_its_calibrated_axis(version):
    reading = read(dm(Y, [50], version), "a.dm3")
    value = reading.items[0].value
    assert value.signal.values.tolist() == Y.tolist()
    assert (value.x[0], value.x[-1], value.x_unit) == (-10.0, 14.5, "eV")
    assert reading.decided == {"version": f"dm{version}", "confidence": "file"}


@pytest.mark.parametrize("version", [3, 4])
def test_an_image_is_kept_with_its_size_and_scale(version):
    (item,) = read(dm(np.zeros(12), [4, 3], version, units="nm"), "a.dm4").items
    assert isinstance(item.value, ImageRef)
    assert (item.value.width, item.value.height, item.technique, item.title) == (4, 3, "image", "dots")
    assert (item.metadata["Pixel size"], item.metadata["Voltage"]) == ("0.5 nm", "200000")


def deep(version: int) -> bytes:
    m, group = Maker(version), b"\0\0" + struct.pack(Maker(version).word, 0)
    for _ in range(500):
        group = m.group([m.tag("", 20, group)])
    return struct.pack(">I", version) + struct.pack(m.word, len(group)) + struct.pack(">I", 1) + group


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (dm(Y, [50], 3, length=2**32 - 1), "file_cut_short"),
        (dm(Y, [50], 4, length=2**63 - 1), "file_cut_short"),
        (dm(Y, [2**31]), "file_damaged"),
        (dm(Y, [0]), "file_damaged"),
        (dm(Y, [50], scale=0.0), "file_damaged"),
        (dm(np.full(50, np.nan), [50]), "file_damaged"),
        (dm(Y, [50])[:-90], "file_cut_short"),
        (deep(3), "file_damaged"),
        (deep(4), "file_damaged"),
    ],
)
def test_tags_that_lie_about_their_length_are_refused(data, code):
    assert refusal(data, "a.dm3") == code


def test_an_image_tells_its_pixel_size_voltage_and_date_as_conditions():
    reading = read(dm(np.zeros(12), [4, 3], 4, units="nm"), "a.dm4")
    assert reading.items[0].conditions.known() == {"pixel_size_nm": 0.5, "acceleration_kv": 200.0}
    assert reading.decided["pixel_size_from"] == "Gatan"


def test_a_diffraction_pattern_has_no_pixel_size():
    assert read(dm(np.zeros(12), [4, 3], 4, units="1/nm"), "a.dm4").items[0].conditions.pixel_size_nm is None
