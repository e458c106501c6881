"""The made binary files: claimed by their readers, within memory whatever a header says, equal in the child."""

import struct

import numpy as np
import pytest

from spectra.readers import read, recognise
from spectra.readers.host import ReaderHost
from spectra.spectrum import Spectrum
from tests.spectra.readers.binary_samples import MADE
from tests.spectra.readers.fuzz.judge import outcome
from tests.spectra.readers.test_wire import same

FILES = pytest.mark.parametrize("key", MADE, ids=lambda key: key[0])


@FILES
def test_each_file_is_claimed_by_its_reader_also_without_a_telling_name(key):
    best, _ = recognise(MADE[key], key[0])[0]
    assert best.name == key[1]
    assert read(MADE[key], "unnamed").reader == key[1]


@FILES
def test_words_of_a_header_may_lie_without_asking_for_memory(key):
    data = MADE[key]
    for place in range(0, min(len(data), 800), 14):
        for lie in (0xFFFFFFFF, 0x00FFFFFF):
            outcome(data[:place] + struct.pack("<I", lie) + data[place + 4 :], key[0])  # within the limits of a child


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
