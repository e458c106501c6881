import struct

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.energy_maker import COUNTS
from tests.spectra.readers.samples import refusal
from tests.spectra.readers.spc_maker import spc


def edax(version=0.70, counts=COUNTS, step_ev=10, first_kev=0.0, start=3840, year=2026) -> bytes:
    """An EDAX spectrum of ``counts`` on an axis of equal steps."""
    head = bytearray(start)
    struct.pack_into("<f", head, 0, version)
    struct.pack_into("<h6b", head, 0x10, year, 4, 6, 8, 16, 0, 31)
    struct.pack_into("<ih", head, 0x1C, start, len(counts))
    head[0x40:0x54] = b"CsPbBr3 film".ljust(20, b"\x00")
    struct.pack_into("<i", head, 0x180, step_ev)
    struct.pack_into("<5f", head, 0x1C0, first_kev, first_kev + step_ev * len(counts) / 1000, 60.5, 0.0, 35.0)
    struct.pack_into("<f", head, 0x214, 20.0)
    return bytes(head) + np.asarray(counts, "<i4").tobytes() + bytes(512)


@pytest.mark.parametrize("version", [0.60, 0.61, 0.70])
def test_counts_stand_on_the_energies_of_the_header(version):
    reading = read(edax(version), "a.spc")
    spectrum = reading.items[0].value
    assert (spectrum.x_unit, spectrum.n_points, reading.items[0].technique) == ("keV", 200, "edx")
    assert spectrum.x[60] == pytest.approx(0.6)
    assert np.array_equal(spectrum.signal.values, COUNTS)
    assert (reading.title, str(reading.measured_at)) == ("CsPbBr3 film", "2026-06-04 16:08:31")
    assert reading.items[0].metadata["Live time / s"] == "60.5"
    assert reading.items[0].metadata["Beam voltage / kV"] == "20"


def test_a_header_that_contradicts_itself_is_refused_with_the_way_out():
    assert refusal(edax(step_ev=0), "a.spc") == "edax_spc"
    assert refusal(edax(first_kev=900.0), "a.spc") == "edax_spc"
    assert refusal(edax(counts=-COUNTS), "a.spc") == "edax_spc"
    assert refusal(struct.pack("<f", 0.61) + bytes(20_000), "a.spc") == "edax_spc"


def test_an_edax_file_cut_off_is_refused():
    assert refusal(edax()[:4000], "a.spc") == "file_cut_short"


def test_an_impossible_date_is_no_date():
    assert read(edax(year=0), "a.spc").measured_at is None


def test_a_galactic_file_is_not_taken_for_an_edax_file():
    assert refusal(spc()[:-40], "a.spc") == "file_cut_short"
