"""Codes as people write them in file names: in any case, with any sign between their parts."""

import pytest

from spectra.matching.codes import Codes, SampleRef, folded, found_in, spellings

CODES = Codes(batches={folded("QD-2026-015"): SampleRef("1", "b", "QD-2026-015-a")})


@pytest.mark.parametrize("text", ["QD-2026-015 PL", "qd_2026_015_em365", "QD 2026 015 abs", "x_Qd-2026_015"])
def test_a_code_is_found_in_any_case_and_with_any_sign_between_its_parts(text):
    assert [one.target.sample for one in found_in(text, CODES)] == ["1"]


def test_another_number_is_another_code():
    assert not found_in("QD_2026_0151", CODES)


def test_the_database_is_asked_for_every_way_of_writing_it():
    assert "QD-2026-015" in spellings("qd_2026_015")
