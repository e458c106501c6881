"""Whether what was read from a mutated file may stand: a Reading or a named refusal, and never a wrong curve."""

from collections import Counter

import numpy as np

from spectra.decay import Decay
from spectra.readers import read
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.wire import decode_reading, encode_reading
from spectra.spectrum import Series, Spectrum
from tests.spectra.readers.fuzz import mutations
from tests.spectra.readers.fuzz.watchdog import limited

# Formats that write neither a count nor a last x: cut between two rows, such a file is a valid shorter file.
# Formats whose rows carry no x: a row that is missing or doubled shifts the others, and nothing tells.
NO_END = frozenset(
    "agilent_cary avantes_text eem_matrix eqe_text generic_table hitachi horiba_das6 horiba_fluoressence horiba_labspec luqy nanodrop ocean_text "
    "perkinelmer_csv qutag shimadzu_uvprobe spectroradiometer".split()
)
NO_X = frozenset("picoquant_text becker_hickl_asc emsa".split())
MOST_PER_BYTE = 1000  # numbers that a byte of an unpacked file can stand for (JCAMP's repeats, deflate)


def outcome(data: bytes, name: str) -> Reading | UnreadableFile:
    """What reading gives within the limits; any other exception, and a reader's own mistake, fails."""
    try:
        with limited():
            reading = read(data, name)
    except UnreadableFile as refusal:
        assert refusal.note.code != "reader_failed", repr(refusal.__cause__)
        assert str(refusal)
        return refusal
    decode_reading(encode_reading(reading))
    return reading


def curves(reading: Reading) -> list[tuple]:
    """(x, y, unit of x, quantity) of every channel and decay."""
    found = []
    for item in reading.items:
        value = item.value
        for one in value.spectra if isinstance(value, Series) else (value,):
            if isinstance(one, Spectrum):
                found += [(one.x, channel.values, one.x_unit, channel.quantity) for channel in one.channels]
            elif isinstance(one, Decay):
                found.append((one.time_ns, one.counts, "ns", "counts"))
    return found


def points(reading: Reading) -> Counter:
    """Every point of every curve that has a value, with nine digits of x: an axis may be rebuilt from first and last."""
    made = Counter()
    for x, y, _, _ in curves(reading):
        made.update((f"{a:.9g}", b) for a, b in zip(x.tolist(), y.tolist(), strict=True) if b == b)
    return made


def units(reading: Reading) -> set[str]:
    """The units of x, where they are known."""
    return {unit for _, _, unit, _ in curves(reading) if unit}


def told(found: Reading, true: Reading) -> set[str]:
    """Codes of the warnings that the true reading has not; an open end is one each time."""
    before = {str(note) for note in true.warnings if note.code != "open_end"}
    return {note.code for note in found.warnings if str(note) not in before}


def check_sane(reading: Reading, n_bytes: int) -> None:
    """Finite, nowhere infinite, and no more numbers than such a file can hold."""
    total = 0
    for x, y, _, _ in curves(reading):
        assert np.isfinite(x).all(), "x is not finite"
        assert not np.isinf(y).any(), "y is infinite"
        total += y.size
    assert total <= MOST_PER_BYTE * n_bytes, f"{total} numbers from {n_bytes} bytes"


def same_numbers(one: Reading | UnreadableFile, other: Reading | UnreadableFile) -> bool:
    if isinstance(one, UnreadableFile) or isinstance(other, UnreadableFile):
        return type(one) is type(other)
    mine, theirs = curves(one), curves(other)
    return len(mine) == len(theirs) and all(
        a[2] == b[2] and np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1], equal_nan=True)
        for a, b in zip(mine, theirs, strict=True)
    )


def judge(
    reader: str, true: Reading | UnreadableFile, seed: bytes, mutated: bytes, name: str, claim: str
) -> Reading | UnreadableFile:
    """Read a mutated file and hold it against what the whole file says; AssertionError when it may not stand."""
    found = outcome(mutated, name)
    unnamed = outcome(mutated, "unnamed")  # a name may decide between readers, never what one of them reads
    if isinstance(found, Reading) and isinstance(unnamed, Reading) and found.reader == unnamed.reader:
        assert same_numbers(found, unnamed), "reading depends on the name"
    if isinstance(found, UnreadableFile):
        return found
    check_sane(found, len(mutated))
    if isinstance(true, UnreadableFile):
        return found
    if claim == mutations.SAME:
        assert same_numbers(found, true), "other numbers"
    elif claim != mutations.SANE:
        at_line_end = mutated.rstrip(b" \t").endswith(b"\n") or seed[len(mutated) :][:1] in (b"\r", b"\n")
        check_points(true, found, claim, reader in NO_X, reader in NO_END and at_line_end)
    return found


def check_points(true: Reading, found: Reading, claim: str, no_x: bool, no_end: bool) -> None:
    if not curves(found):
        return  # a list of numbers passes for no curve
    truth, read_ = points(true), points(found)
    strange = [point for point in read_ if point not in truth]
    missing = sum((truth - read_).values())
    warned = told(found, true)
    assert units(found) <= units(true), "another unit of x"
    if claim == mutations.NEAR:
        n_curves = len(curves(true))
        assert len(strange) <= 2 * n_curves or warned, f"{len(strange)} points that are not in the file"
        assert missing <= 2 * n_curves or warned, f"{missing} points are missing and nothing says so"
        return
    if not no_x and not warned & {"open_end", "no_end"}:  # the last number may have lost its last digits
        assert not strange, f"{len(strange)} points that are not in the file, as {strange[0]}"
    if claim == mutations.CUT and not no_end:
        assert not missing or warned, f"{missing} points are missing and nothing says so"
