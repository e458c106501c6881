import struct
from datetime import datetime

import numpy as np
import pytest

from spectra.readers import read
from spectra.spectrum import Series
from tests.spectra.readers.samples import refusal
from tests.spectra.readers.spc_maker import Y, old_spc, spc, xyxy

ONE_STEP = 2.0**-31  # of a 32-bit fraction with exponent 1


def value(data: bytes):
    return read(data, "measured.spc").items[0].value


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("exponent", [1, 0, 5, -1, -128])
def test_ordinates_are_read_with_their_signed_exponent_in_either_byte_order(order, exponent):
    y = Y * 2.0 ** (exponent - 1) if exponent != -128 else Y
    found = value(spc((y,), order, exponent=exponent))
    np.testing.assert_allclose(found.signal.values, y, rtol=1e-7, atol=ONE_STEP * 2.0 ** max(exponent, -20))
    assert (found.x[0], found.x[-1], found.x_unit) == (400.0, 800.0, "nm")


def test_ordinates_of_sixteen_bits_are_fractions_of_sixteen_bits():
    np.testing.assert_allclose(value(spc(bits=16)).signal.values, Y, atol=2.0**-15)


def test_the_facts_of_a_file_are_read():
    reading = read(spc(log="Operator = Team\r\nGain=2\r\n"), "a.spc")
    (item,) = reading.items
    assert (reading.reader, item.technique, item.value.signal.quantity) == ("galactic_spc", "uvvis", "absorbance")
    assert (item.title, item.conditions.dilution_label, reading.operator) == ("dots d2", "d2", "Team")
    assert (reading.measured_at, item.metadata["Gain"]) == (datetime(2026, 6, 4, 16, 8), "2")


def test_stored_x_values_go_before_an_even_axis():
    x = 400 + np.arange(90.0) ** 1.2
    np.testing.assert_array_equal(value(spc(x=x)).x, x.astype("f4"))


def test_several_subfiles_become_a_series_each_with_its_own_exponent():
    found = value(spc((Y, Y / 8, -Y), exponents=[1, -2, 1], zs=[0.5, 2.0, 7.0], flags=0x10))
    assert isinstance(found, Series)
    assert (found.z.tolist(), found.z_quantity, found.z_unit) == ([0.5, 2.0, 7.0], "time", "s")
    np.testing.assert_allclose(found.spectra[1].signal.values, Y / 8, atol=2.0**-34)
    np.testing.assert_allclose(found.spectra[2].signal.values, -Y, atol=ONE_STEP)


def test_even_z_and_w_follow_from_the_header():
    found = value(spc((Y,) * 6, planes=(10.0, 2, 5.0)))
    assert found.z.tolist() == [0, 10, 20, 0, 10, 20]
    assert found.facts["w"] == [0, 0, 0, 5, 5, 5]


@pytest.mark.parametrize("order", ["<", ">"])
def test_subfiles_may_have_an_axis_each(order):
    found = value(xyxy([([1, 2, 4], [5, 6, 7]), ([10, 20], [0.5, 0.25])], order))
    assert [s.x.tolist() for s in found.spectra] == [[1, 2, 4], [10, 20]]
    assert found.spectra[1].signal.values.tolist() == [0.5, 0.25]


def test_the_old_form_is_read_with_its_swapped_words():
    data = old_spc((Y, -Y), zs=[1.0, 2.0])
    found = value(data)
    np.testing.assert_allclose(found.spectra[0].signal.values, Y, atol=ONE_STEP)
    np.testing.assert_allclose(found.spectra[1].signal.values, -Y, atol=ONE_STEP)
    assert found.z.tolist() == [1.0, 2.0]
    assert read(data, "a.spc").measured_at == datetime(1994, 6, 4, 16, 8)


@pytest.mark.parametrize(("types", "technique"), [((13, 4, 0), "raman"), ((1, 2, 0), "ir"), ((5, 0, 0), None)])
def test_the_technique_follows_from_the_axes(types, technique):
    assert read(spc(types=types), "a.spc").items[0].technique == technique


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (spc()[:-40], "file_cut_short"),
        (spc(points=2**32 - 1), "file_cut_short"),
        (spc((Y, Y), subfiles=2**32 - 1), "file_cut_short"),
        (spc((Y, Y), subfiles=3), "file_cut_short"),
        (spc(last=400.0), "file_damaged"),
        (spc((np.full(90, np.nan),), exponent=-128), "file_damaged"),
        (spc(x=[np.inf] * 90), "file_damaged"),
        (old_spc(points=2.0**23), "file_cut_short"),
        (
            xyxy([([1, 2], [3, 4])]).replace(struct.pack("<I", 2) + bytes(8), struct.pack("<I", 2**31) + bytes(8)),
            "file_cut_short",
        ),
    ],
)
def test_counts_beyond_the_file_and_numbers_that_are_none_are_refused(data, code):
    assert refusal(data, "a.spc") == code


def test_bytes_that_only_look_like_a_version_are_not_claimed():
    assert refusal(b"\x00\x4b" + b"\xff" * 5000, "a.spc") in {"is_binary", "not_recognised"}
