import struct

import pytest

from tests.spectra.readers.samples import refusal
from tests.spectra.readers.spc_maker import spc


@pytest.mark.parametrize("version", [0.60, 0.61, 0.70])
def test_an_edax_file_is_refused_with_the_way_out(version):
    assert refusal(struct.pack("<f", version) + bytes(20_000), "a.spc") == "edax_spc"


def test_a_galactic_file_is_not_taken_for_an_edax_file():
    assert refusal(spc()[:-40], "a.spc") == "file_cut_short"
