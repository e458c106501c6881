"""Becker & Hickl measurements (.sdt): decay curves and images of decays.

Header, 42 bytes, little-endian: i16 revision, i32 place and i16 length of the info text, i32, u16 setup, i32 place and i16 number
of data blocks, u32 length of a block, i32 place, i16 number and i16 length of the measurement descriptions, u16 valid (0x5555), …,
u16 check (0x55AA). A description holds time (9), date (11, month-day-year), module (16) and, at 64, f32 range [s], i16 gain, at 82
i16 number of channels: a channel is range / (gain × channels) wide. A block begins with 22 bytes: u16 number (or two extension
bytes), u32 place of its data, u32 place of the next block, u16 kind, i16 description, u32, u32 length in bytes. Kind: 0x0F00 type
of number (0 u16, 0x100 u32, 0x200 f64), 0x1000 packed as a zip, 0x00F0 content (0 and 0x10 decays; images and correlations not).

Curves of a block follow each other. Pages and images with more than MAX_CURVES curves are summed into one decay, which is told.
"""

import re
from datetime import datetime

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.archives import unpack
from spectra.readers.binary import Bytes, cut_short, damaged, finite, too_many_numbers
from spectra.readers.decays import Curve, decay_items
from spectra.readers.number_block import MAX_NUMBERS
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.text import clean

NAME, VERSION = "becker_hickl_sdt", 1
ABOUT = About(
    "Becker & Hickl (.sdt)",
    "Becker & Hickl SPC modules",
    (".sdt",),
    ("decay",),
    gettext_noop(
        "Decays with their time calibration, also packed ones; large images of decays are summed into one decay, which is told"
    ),
    gettext_noop("Correlation curves and intensity images: export what you need as ASCII."),
)
HEADER = "<hihiHihIihhHIHH"
VALID, CHECK = 0x5555, 0x55AA
NUMBERS = {0x000: "<u2", 0x100: "<u4", 0x200: "<f8"}
DECAYS = (0x00, 0x10)
MAX_BLOCKS, MAX_CURVES = 2_000, 64
LINE = re.compile(r"^\s*([A-Za-z ]{2,20}?)\s*:\s*(.*)$", re.M)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    if len(head) < 42 or (head[28:30] != VALID.to_bytes(2, "little") and head[40:42] != CHECK.to_bytes(2, "little")):
        return 0
    return 95 if b"*IDENTIFICATION" in head[:2000] else 40 if name.lower().endswith(".sdt") else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a Becker & Hickl file; the module's docstring is its specification."""
    file = Bytes(data)
    (_, info_at, info_length, _, _, place, n_blocks, _, desc_at, n_desc, desc_length, _, extended, _, _) = file.many(
        HEADER, 0
    )
    n_blocks = extended if n_blocks == 0x7FFF else n_blocks
    if not 1 <= n_blocks <= MAX_BLOCKS or n_desc < 1 or desc_length < 84 or info_length < 0:
        raise damaged("header")
    curves, notes, room = [], [], MAX_NUMBERS
    for number in range(n_blocks):
        at, following, kind, desc, _, length = file.many("<IIHhII", place + 2)
        if not 0 <= desc < n_desc:
            raise damaged("block")
        channels, bin_ns = _description(file, desc_at + desc * desc_length)
        if kind & 0xF0 in DECAYS:
            numbers = _block(file, at, following, kind, length, room)
            room -= numbers.size
            found, more = _curves(numbers, channels, bin_ns, number)
            curves, notes = curves + found, notes + more
        if following <= place and number < n_blocks - 1:
            raise damaged("blocks")
        place = following
    if not curves:
        text = gettext_noop(
            "This file holds images or correlations, no decay. Export the decay from the instrument's program."
        )
        raise UnreadableFile(Note("sdt_without_decay", text))
    said = {
        key.strip(): clean(value)
        for key, value in LINE.findall(file.piece(info_at, info_length).decode("cp1250", "replace"))
    }
    return _assemble(curves, said, file, desc_at, notes)


def _description(file: Bytes, at: int) -> tuple[int, float]:
    """Channels of a curve and the width of a channel [ns]."""
    (range_s, gain), (channels,) = file.many("<fh", at + 64), file.many("<h", at + 82)
    channels = channels & 0xFFFF or 65_536
    bin_ns = range_s * 1e9 / (gain * channels) if gain > 0 else 0.0
    if not (np.isfinite(bin_ns) and 1e-6 < bin_ns < 1e9):
        raise damaged("time range")
    return channels, float(np.round(bin_ns, 9))


def _block(file: Bytes, at: int, following: int, kind: int, length: int, room: int) -> np.ndarray:
    dtype = NUMBERS.get(kind & 0xF00)
    if dtype is None:
        raise damaged("type")
    count = length // np.dtype(dtype).itemsize
    if count < 1 or count > room:
        raise too_many_numbers() if count else damaged("block")
    if not kind & 0x1000:
        return finite(file.array(dtype, at, count), "counts")
    if following <= at:
        raise damaged("blocks")
    files = unpack(file.piece(at, min(following, len(file)) - at), lambda name: True)
    body = next(iter(files.values()), b"")
    if len(body) < length:
        raise cut_short()
    return finite(Bytes(body).array(dtype, 0, count), "counts")


def _curves(numbers: np.ndarray, channels: int, bin_ns: float, block: int) -> tuple[list[Curve], list[Note]]:
    if numbers.size % channels:
        raise damaged("channels")
    rows = numbers.reshape(-1, channels)
    if len(rows) <= MAX_CURVES:
        names = [f"block {block}" if len(rows) == 1 else f"block {block} curve {i}" for i in range(len(rows))]
        return [Curve(row, bin_ns, title=name) for row, name in zip(rows, names, strict=True)], []
    text = gettext_noop("Block {block} holds {n} decays (an image); they were added up into one.")
    return [Curve(rows.sum(axis=0), bin_ns, title=f"block {block}, sum")], [
        Note("decays_summed", text, {"block": block, "n": len(rows)})
    ]


def _assemble(curves: list[Curve], said: dict, file: Bytes, desc_at: int, notes: list[Note]) -> Reading:
    title = said.get("Title", "")
    items, warnings = decay_items(
        curves, facts.make_conditions({}, title), {key: value for key, value in said.items() if value}
    )
    day, time = file.text(desc_at + 9, 11), file.text(desc_at, 9)
    return Reading(
        NAME,
        VERSION,
        tuple(items),
        instrument=f"Becker & Hickl {file.text(desc_at + 20, 16)}".strip(),
        operator=said.get("Author", ""),
        title=title,
        comment=said.get("Contents", ""),
        measured_at=_moment(day, time),
        measured_at_text=f"{day} {time}".strip(),
        simulated=facts.is_simulated(title),
        warnings=tuple(notes + warnings),
        decided={"blocks": str(len(curves))},
    )


def _moment(day: str, time: str) -> datetime | None:
    """``06-04-2026``: month, day, year."""
    found = re.fullmatch(r"(\d{2})-(\d{2})-(\d{4})", day, re.ASCII)
    return facts.jasco_date(f"{found[3]}/{found[1]}/{found[2]}", time) if found else None
