from datetime import UTC, datetime

import numpy as np
import pytest

from spectra.readers import read
from spectra.readers.reading import ImageRef
from spectra.spectrum import Series
from tests.spectra.readers.photon_maker import COUNTS, sif
from tests.spectra.readers.samples import refusal, warnings


def test_a_spectrum_is_read_on_its_calibrated_axis():
    reading = read(sif(), "dots.sif")
    value = reading.items[0].value
    assert value.x[[0, -1]].tolist() == [400.5, 528.0]  # pixels are counted from 1
    assert value.signal.values.tolist() == COUNTS.tolist()
    assert (value.x_unit, reading.instrument, reading.measured_at) == (
        "nm",
        "Andor DU401",
        datetime(2026, 6, 4, 7, 8, 1, tzinfo=UTC),
    )


def test_frames_become_a_series():
    value = read(sif((COUNTS, COUNTS[::-1])), "a.sif").items[0].value
    assert isinstance(value, Series)
    assert value.spectra[1].signal.values[-1] == COUNTS[0]


def test_an_image_is_kept_as_an_image():
    item = read(sif((np.arange(64),), rows=8), "a.sif").items[0]
    assert (item.technique, item.value.width, item.value.height) == ("image", 8, 8)
    assert isinstance(item.value, ImageRef)


def test_an_axis_without_calibration_is_told():
    assert "not_calibrated" in warnings(read(sif(coefficients="0 1 0 0"), "a.sif"))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (sif(total=999_999_999), "file_damaged"),
        (sif()[:-200], "file_cut_short"),
        (sif().replace(b"Counts12", b"Counts99"), "file_damaged"),
        (sif(coefficients="nan 1 0 0"), None),
        (sif((np.full(256, np.nan),)), "file_damaged"),
        (sif()[:300], "file_damaged"),
    ],
)
def test_headers_that_disagree_are_refused(data, code):
    if code is None:
        assert "not_calibrated" in warnings(read(data, "a.sif"))
    else:
        assert refusal(data, "a.sif") == code
