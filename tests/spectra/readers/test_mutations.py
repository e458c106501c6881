"""Broken and hostile files: a result or a named sentence every time, and no wrong curve where the file can tell.

``QDLAB_MUTATIONS`` raises the number of random cases per run (the normal run keeps a small sample).
"""

import os
import random

import numpy as np
import pytest

from spectra.decay import Decay
from spectra.readers import read
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.wire import decode_reading, encode_reading
from tests.spectra.readers.samples import SAMPLES, warnings

N_RANDOM = int(os.environ.get("QDLAB_MUTATIONS", "100"))


def outcome(data: bytes, name: str) -> Reading | UnreadableFile:
    """What reading gives; any other exception, and a reader's own mistake, fails the test."""
    try:
        reading = read(data, name)
    except UnreadableFile as refusal:
        assert refusal.note.code != "reader_failed", repr(refusal.__cause__)
        assert str(refusal)
        return refusal
    decode_reading(encode_reading(reading))
    return reading


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_file_cut_at_any_sixteenth_is_read_or_refused(path):
    data = path.read_bytes()
    for k in range(16):
        outcome(data[: len(data) * k // 16], path.name)


@pytest.mark.parametrize(
    "path", [path for path in SAMPLES if path.name.startswith("jasco")], ids=lambda path: path.name
)
def test_a_jasco_file_cut_inside_its_rows_never_gives_a_shorter_curve(path):
    data, whole = path.read_bytes(), read(path.read_bytes(), path.name)
    end = data.index(ENDS_OF_ROWS[path.name])
    for cut in np.linspace(data.index(b"XYDATA") + 10, end - 1, 60).astype(int):
        found = outcome(data[:cut], path.name)
        if isinstance(found, Reading):  # all rows are there, but for digits of the last number: a person is told
            assert "open_end" in warnings(found), cut
            assert n_points(found) == n_points(whole)


ENDS_OF_ROWS = {
    "jasco_fp_emission_japanese.txt": b"\r\n\r\n##### ",
    "jasco_cd_decimal_comma.txt": b"\r\n\r\n##### ",
    "jasco_v_transmittance_comma.csv": b"\r\n\r\n[Comments]",
    "jasco_interval.txt": b"\r\n\r\n##### ",
}


def n_points(reading: Reading) -> int:
    value = reading.items[0].value
    return sum(spectrum.n_points for spectrum in getattr(value, "spectra", [value]))


def mutated(data: bytes, luck: random.Random) -> bytes:
    """One of the accidents that happen to files."""
    changed = bytearray(data)
    place = luck.randrange(len(data))
    kind = luck.choice(("bit", "bits", "swap", "drop", "double", "splice", "encode", "separator", "number", "line"))
    if kind == "bit":
        changed[place] ^= 1 << luck.randrange(8)
    elif kind == "bits":
        for _ in range(luck.randrange(2, 60)):
            changed[luck.randrange(len(data))] = luck.randrange(256)
    elif kind == "swap":
        other = luck.randrange(len(data))
        changed[place], changed[other] = changed[other], changed[place]
    elif kind == "drop":
        del changed[place : place + luck.randrange(1, 400)]
    elif kind == "double":
        changed[place:place] = changed[place : place + luck.randrange(1, 400)]
    elif kind == "splice":
        other = luck.choice(SAMPLES).read_bytes()
        changed[place:] = other[luck.randrange(len(other)) :]
    elif kind == "encode":
        text = data.decode(luck.choice(("utf-8", "cp932", "cp1252", "utf-16-le")), "replace")
        return text.encode(luck.choice(("utf-8", "utf-16", "utf-16-be", "cp932", "utf-8-sig")), "replace")
    elif kind == "separator":
        old, new = luck.sample([b"\t", b",", b";", b" ", b".", b"\r\n", b"\n", b"\r", b"\x00", b'"'], 2)
        return data.replace(old, new)
    elif kind == "number":
        word = luck.choice(
            [b"nan", b"-inf", b"1e999", b"9999.9", b"1_0", b"-", b"", b"1,5", b"\xef\xbc\x91", b"0x1", b"9" * 400]
        )
        changed[place : place + luck.randrange(0, 8)] = word
    else:
        lines = data.split(b"\n")
        luck.shuffle(lines)
        return b"\n".join(lines)
    return bytes(changed)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_mutated_files_are_read_or_refused(path):
    luck, data = random.Random(path.name), path.read_bytes()
    for _ in range(max(1, N_RANDOM // len(SAMPLES))):
        again = mutated(data, luck)
        if luck.random() < 0.3:
            again = mutated(again, luck) if again else again
        outcome(again, path.name)


def test_random_bytes_and_random_text_are_refused():
    luck = random.Random(7)
    for size in (1, 2, 3, 17, 1000, 20_000):
        assert isinstance(outcome(luck.randbytes(size), "noise.txt"), UnreadableFile)
        words = "".join(luck.choices("abcdefgh 123,.\n", k=size)).encode()
        assert isinstance(outcome(words, "words.txt"), UnreadableFile)


HOSTILE = {
    "a million empty lines": b"\n" * 1_000_000 + b"1,2\n",
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
