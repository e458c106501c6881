from datetime import datetime

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.energy_maker import dsp
from tests.spectra.readers.samples import refusal, warnings


def test_a_scan_is_read_from_its_first_to_its_last_x():
    reading = read(dsp().encode(), "a.dsp")
    (item,) = reading.items
    assert (reading.reader, item.technique, item.title) == ("lambda_spx", "uvvis", "dots")
    assert (item.value.x[0], item.value.x[-1], item.value.signal.quantity) == (700.0, 800.0, "absorbance")
    np.testing.assert_array_equal(item.value.signal.values, np.linspace(0.5, 0.2, 101))
    assert reading.measured_at == datetime(2017, 2, 14, 11, 25, 23)
    assert warnings(reading) == {"direction_assumed"}


def test_the_ordinate_is_understood():
    assert read(dsp(ordinate="%T").encode(), "a.dsp").items[0].value.signal.unit == "%"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (dsp(count=500), "file_cut_short"),
        (dsp(count=90), "file_damaged"),
        (dsp().replace("\n0.5\n0\n", "\n0.7\n0\n", 1), "file_damaged"),
        (dsp().replace("\n800\n", "\n900\n", 1), "file_damaged"),
        (dsp().replace("#DATA", "#NOTHING"), "no_rows"),
    ],
)
def test_a_scan_that_contradicts_its_header_is_refused(text, code):
    assert refusal(text.encode(), "a.dsp") == code
