"""Lists of single photons (Becker & Hickl FIFO .spc and its .asc, PicoQuant T2): recognised, and refused in words.

Such a file holds when each photon came, not how many came in each channel. A decay needs the histogram that the program makes
of it with its own calibration (time per channel, range, routing), which the list itself does not carry.

Becker & Hickl's .spc: 4 bytes per photon without any signature; the first record has its highest bit set and carries the clock
in units of 0.1 ns in its lower 24 bits. Its text: macro time, which rises, and micro time (a channel up to 4095), per line.
"""

import re
import struct

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import ole
from spectra.readers.about import About
from spectra.readers.reading import Reading, UnreadableFile

NAME, VERSION = "photon_list", 1
ABOUT = About(
    "List of single photons",
    "Becker & Hickl SPC modules (FIFO mode)",
    (".spc", ".asc"),
    (),
    gettext_noop("Recognised, and refused: a list of photons carries no time calibration"),
    gettext_noop("Save the histogram (decay) from the program that recorded it."),
)
LINE = re.compile(rb"(\d+) (\d{1,4}) ?")
MIN_LINES, MAX_CLOCK = 20, 100_000  # 0.1 ns: 10 µs
CHANNELS = 4096


def sniff(head: bytes, tail: bytes, name: str) -> int:
    lowered = name.lower()
    if lowered.endswith(".spc") and not head.startswith(ole.MAGIC) and len(head) >= 64 and head[3] & 0x80:
        clock = int.from_bytes(head[:3], "little")
        return 70 if 0 < clock <= MAX_CLOCK and _photons_follow(head) else 0
    return 70 if lowered.endswith(".asc") and _is_text_list(head) else 0


def _photons_follow(head: bytes) -> bool:
    """Of the four flags on top of a record, a marker (lowest) never stands without "invalid" (highest)."""
    records = struct.unpack_from(f"<{len(head) // 4 - 1}I", head, 4)
    flags = {record >> 28 for record in records}
    return len(set(records)) > 10 and not flags & {1, 3, 5, 7}


def _is_text_list(head: bytes) -> bool:
    lines = head.replace(b"\r\n", b"\n").split(b"\n")[:-1]
    found = [LINE.fullmatch(line) for line in lines]
    if len(found) < MIN_LINES or not all(found):
        return False
    times = np.array([int(one[1]) for one in found], float)
    channels = np.array([int(one[2]) for one in found])
    steps = np.diff(times)
    return bool(
        (steps >= 0).all()
        and steps.max() > 20 * max(1.0, np.median(steps[steps > 0])) / 4
        and channels.max() < CHANNELS
    )


def refusal() -> UnreadableFile:
    text = gettext_noop(
        "This is a list of single photons, not a decay. Make the decay histogram in the instrument's program and export that."
    )
    return UnreadableFile(Note("photon_list", text))


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Refuse a list of photons; the module's docstring says why."""
    raise refusal()
