"""Binary and structured files cut, damaged and lied about: a result or a named sentence every time, within the limits.

``QDLAB_MUTATIONS`` raises the number of random cases per file (the normal run keeps a small sample).
"""

import os
import random
import struct
import tracemalloc

import numpy as np
import pytest

from spectra.decay import Decay
from spectra.readers import read, recognise
from spectra.readers.host import ReaderHost
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.wire import decode_reading, encode_reading
from spectra.spectrum import Series, Spectrum
from tests.spectra.readers.binary_samples import MADE
from tests.spectra.readers.test_wire import same

N_RANDOM = int(os.environ.get("QDLAB_MUTATIONS", "100"))
FILES = pytest.mark.parametrize("key", MADE, ids=lambda key: key[0])
# What a hostile header writes where a count, a length or an offset stands.
LIES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, 2**40, 2**63 - 1, 2**64 - 1)


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


def n_numbers(reading: Reading) -> int:
    total = 0
    for item in reading.items:
        value = item.value
        for one in value.spectra if isinstance(value, Series) else [value]:
            total += one.n_points * len(one.channels) if isinstance(one, Spectrum) else 0
            total += one.counts.size if isinstance(one, Decay) else 0
    return total


@FILES
def test_each_file_is_claimed_by_its_reader_also_without_a_telling_name(key):
    best, _ = recognise(MADE[key], key[0])[0]
    assert best.name == key[1]
    assert read(MADE[key], "unnamed").reader == key[1]


@FILES
def test_a_file_cut_at_any_sixteenth_never_gives_other_numbers(key):
    """A shorter curve passed off as the whole one is the worst that reading can do."""
    data, whole = MADE[key], read(MADE[key], key[0])
    for k in range(16):
        found = outcome(data[: len(data) * k // 16], key[0])
        if isinstance(found, Reading) and key[1] not in ("image_file", "jcamp"):
            assert n_numbers(found) == n_numbers(whole), k


def mutated(data: bytes, luck: random.Random) -> bytes:
    changed, place = bytearray(data), luck.randrange(len(data))
    kind = luck.choice(("bit", "bytes", "lie", "lie", "drop", "double", "splice", "zeros"))
    if kind == "bit":
        changed[place] ^= 1 << luck.randrange(8)
    elif kind == "bytes":
        for _ in range(luck.randrange(2, 40)):
            changed[luck.randrange(len(data))] = luck.randrange(256)
    elif kind == "lie":
        size = luck.choice((1, 2, 4, 8))
        place = luck.randrange(min(len(data), 2048))
        changed[place : place + size] = (luck.choice(LIES) & (1 << 8 * size) - 1).to_bytes(
            size, luck.choice(("little", "big"))
        )
    elif kind == "drop":
        del changed[place : place + luck.randrange(1, 300)]
    elif kind == "double":
        changed[place:place] = changed[place : place + luck.randrange(1, 300)]
    elif kind == "splice":
        other = luck.choice(list(MADE.values()))
        changed[place:] = other[luck.randrange(len(other)) :]
    else:
        changed[place : place + luck.randrange(1, 600)] = bytes(luck.randrange(1, 600))
    return bytes(changed)


@FILES
def test_mutated_files_are_read_or_refused(key):
    luck = random.Random(key[0])
    for _ in range(N_RANDOM):
        again = mutated(MADE[key], luck)
        outcome(mutated(again, luck) if again and luck.random() < 0.3 else again, key[0])


@FILES
def test_every_word_of_a_header_may_lie_without_asking_for_memory(key):
    data = MADE[key]
    tracemalloc.start()
    try:
        for place in range(0, min(len(data), 800), 7):
            for lie in (0xFFFFFFFF, 0x7FFFFFFF, 0x00FFFFFF):
                outcome(data[:place] + struct.pack("<I", lie) + data[place + 4 :], key[0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 400 * 1024 * 1024  # below the child's 512 MiB


def test_values_that_are_read_are_finite():
    for (name, _), data in MADE.items():
        for item in read(data, name).items:
            for one in getattr(item.value, "spectra", [item.value]):
                if isinstance(one, Spectrum):
                    assert all(np.isfinite(channel.values).all() for channel in one.channels)


@pytest.fixture(scope="module")
def host():
    with ReaderHost(seconds=20) as host:
        yield host


@FILES
def test_the_host_reads_what_the_process_itself_would_read(host, tmp_path, key):
    path = tmp_path / "file"
    path.write_bytes(MADE[key])
    assert same(read(MADE[key], key[0]), host.read(path, key[0]))
