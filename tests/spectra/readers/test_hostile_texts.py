"""Hostile texts made by hand: a result or a named sentence every time. Random damage is the matter of ``test_fuzz``."""

import random

import numpy as np
import pytest

from spectra.decay import Decay
from spectra.readers import read
from spectra.readers.reading import Reading, UnreadableFile
from tests.spectra.readers.fuzz.judge import outcome
from tests.spectra.readers.samples import SAMPLES, read_sample, sample, warnings

ENDS_OF_ROWS = {
    "jasco_fp_emission_japanese.txt": b"\r\n\r\n##### ",
    "jasco_cd_decimal_comma.txt": b"\r\n\r\n##### ",
    "jasco_v_transmittance_comma.csv": b"\r\n\r\n[Comments]",
    "jasco_interval.txt": b"\r\n\r\n##### ",
}


@pytest.mark.parametrize("name", ENDS_OF_ROWS)
def test_a_jasco_file_cut_inside_its_rows_never_gives_a_shorter_curve(name):
    data, whole = sample(name), read_sample(name)
    end = data.index(ENDS_OF_ROWS[name])
    for cut in np.linspace(data.index(b"XYDATA") + 10, end - 1, 60).astype(int):
        found = outcome(data[:cut], name)
        if isinstance(found, Reading):  # all rows are there, but for digits of the last number: a person is told
            assert "open_end" in warnings(found), cut
            assert n_points(found) == n_points(whole)


def n_points(reading: Reading) -> int:
    value = reading.items[0].value
    return sum(spectrum.n_points for spectrum in getattr(value, "spectra", [value]))


def test_random_bytes_and_random_text_are_refused():
    luck = random.Random(7)
    for size in (1, 2, 3, 17, 1000, 20_000):
        assert isinstance(outcome(luck.randbytes(size), "noise.txt"), UnreadableFile)
        words = "".join(luck.choices("abcdefgh 123,.\n", k=size)).encode()
        assert isinstance(outcome(words, "words.txt"), UnreadableFile)


HOSTILE = {
    "a million empty lines": b"\n" * 1_000_000 + b"1,2\n",
    "a megabyte of NULs": b"x" + b"\x00" * 1_000_000 + b"x\n1,2\n",
    "a very long line": b"1," * 400_000,
    "a very long label": b"(" * 200_000 + b"\n" + b"1,2\n3,4\n5,6\n7,8\n9,10\n",
    "spaces": b" " * 400_000 + b"x 1",
    "dashes": b"\t-" * 200_000,
    "quotes": b'"' * 300_000,
    "many small tables": (b"1 2\n" * 6 + b"x\n") * 20_000,
    "huge exponents": b"TITLE\t\nORIGIN\tJASCO\nFIRSTX\t0e999999\nNPOINTS\t1e308\nXYDATA\n0\t1\n1\t2\n",
    "header without end": b"#PicoHarp 300  Histogram Data\n#counts x\n" + b"1\n" * 200_000,
    "deep section names": b"TITLE\t\nORIGIN\tJASCO\nXYDATA\n1\t1\n2\t2\n\n" + b"[a]\nk\tv\n" * 20_000,
    "colons": b":" * 100_000 + b"\n" + b"1,2\n3,4\n5,6\n7,8\n9,10\n",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_end_in_a_result_or_a_sentence(data):
    outcome(data, "hostile.txt")


def test_what_is_read_is_finite_or_told():
    for path in SAMPLES:
        for item in read(path.read_bytes(), path.name).items:
            if isinstance(item.value, Decay):
                assert np.isfinite(item.value.counts).all()
