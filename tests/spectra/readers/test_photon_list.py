import random
import struct

from spectra.readers import read
from tests.spectra.readers.samples import refusal


def photons(n: int = 500) -> bytes:
    luck = random.Random(5)
    words = [luck.choice((0x0, 0x4, 0xC)) << 28 | luck.randrange(4096) << 16 | luck.randrange(4096) for _ in range(n)]
    return struct.pack(f"<{n + 1}I", 0x8000005F, *words)


def photon_text(n: int = 300) -> bytes:
    luck, at, lines = random.Random(5), 0, []
    for _ in range(n):
        at += luck.choice((3, 50, 2_000, 90_000, 40_000_000))
        lines.append(f"{at} {luck.randrange(4096)} ")
    return "\n".join([*lines, ""]).encode()


def test_lists_of_photons_are_refused_in_words():
    assert refusal(photons(), "noise.spc") == "photon_list"
    assert refusal(photon_text(), "noise.asc") == "photon_list"


def test_a_table_of_whole_numbers_is_not_taken_for_photons():
    table = b"".join(b"%d %d\n" % (400 + i, i * i % 977) for i in range(60))
    assert read(table, "a.asc").reader == "generic_table"


def test_other_binaries_called_spc_are_not_taken_for_photons():
    assert refusal(b"\x01\x02\x03\x80" + bytes(4000), "a.spc") != "photon_list"
