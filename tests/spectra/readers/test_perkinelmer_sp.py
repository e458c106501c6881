import struct
from datetime import datetime

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.samples import refusal
from tests.spectra.readers.vendor_maker import X, Y, pe_sp


def test_a_perkinelmer_file_is_read_with_its_facts():
    reading = read(pe_sp(), "a.sp")
    (item,) = reading.items
    assert (reading.reader, item.technique, item.title) == ("perkinelmer_sp", "uvvis", "dots")
    np.testing.assert_allclose(item.value.x, X)
    np.testing.assert_array_equal(item.value.signal.values, Y)
    assert (reading.operator, reading.instrument, reading.serial) == ("Team", "PerkinElmer Lambda 950", "950N1")
    assert reading.measured_at == datetime(2026, 6, 4, 16, 8, 31)


def test_wavenumbers_are_infrared():
    (item,) = read(pe_sp(x_unit="cm-1", y_unit="%T"), "a.sp").items
    assert (item.technique, item.value.x_unit, item.value.signal.unit) == ("ir", "1/cm", "%")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (pe_sp(count=2**31 - 1), "file_damaged"),
        (pe_sp(count=0), "file_damaged"),
        (pe_sp(last=500.0), "file_damaged"),
        (pe_sp(y=np.where(X == 500, np.inf, Y)), "file_damaged"),
        (pe_sp()[:-9], "file_cut_short"),
        (pe_sp().replace(struct.pack("<d", Y.max()), struct.pack("<d", 5.0), 1), "file_damaged"),
        (b"PEPE2D constant interval DataSet file".ljust(44, b"\0") + b"\x78\x00\xff\xff\xff\xff", "file_cut_short"),
        (b"PEPE2D constant interval DataSet file".ljust(44, b"\0"), "file_damaged"),
    ],
)
def test_blocks_that_disagree_are_refused(data, code):
    assert refusal(data, "a.sp") == code
