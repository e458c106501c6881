"""The accidents and lies that files meet: one visible table, each with what must be true of whatever is still read.

``SAME``: the file means the same, so the numbers are the same. ``SUBSET``: no point is read that was not in the file.
``CUT``: as SUBSET, and a shorter curve is told. ``NEAR``: one row was damaged, so at most that row differs, and missing ones
are told. ``SANE``: finite, and no more numbers than the bytes can hold; nothing in the file could tell more.
"""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from spectra.readers.decoding import looks_binary
from spectra.readers.text import open_text

SAME, SUBSET, CUT, NEAR, SANE = "same", "subset", "cut", "near", "sane"


@dataclass(frozen=True)
class Mutation:
    """``make(data, luck, other)`` gives the mutated bytes, or None where it does not apply."""

    name: str
    make: Callable[[bytes, Random, bytes], bytes | None]
    claim: str


HOSTILE_NUMBERS = (
    "nan inf -inf 0 -1 1e308 1e999 -1e999 4294967295 2147483648 -2147483648 9223372036854775807 18446744073709551616 1_000 "
    "0x10 1e-320 99999999999999999999999999 1,5 １２ 12abc -"
).split()
# What a hostile header writes where a count, a length or an offset stands.
LIES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, 2**40, 2**63 - 1, 2**64 - 1)
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
COUNT = re.compile(r"points|npoints|pixels|number of|channels?\b|samples", re.I)
ROW = re.compile(rb"^[ \t]*[\d+\-.][\d+\-.,;eE \t\"]*$", re.M)


def as_text(data: bytes) -> tuple[str, str] | None:
    """The file's text and encoding; None for a binary file."""
    if looks_binary(data[:8192]):
        return None
    file = open_text(data)
    return file.text, file.encoding


def rows_of(data: bytes) -> list[tuple[int, int]]:
    """Where the lines of numbers of an 8-bit text stand."""
    if looks_binary(data[:8192]) or b"\x00" in data:
        return []
    return [(row.start(), row.end()) for row in ROW.finditer(data.replace(b"\r", b" "))]


# --- Cut ------------------------------------------------------------------------------------------------------------------


def cut_at_a_sixteenth(data: bytes, luck: Random, other: bytes) -> bytes:
    return data[: len(data) * luck.randrange(16) // 16]


def cut_anywhere(data: bytes, luck: Random, other: bytes) -> bytes:
    return data[: luck.randrange(len(data))]


def cut_between_rows(data: bytes, luck: Random, other: bytes) -> bytes | None:
    rows = rows_of(data)
    return data[: luck.choice(rows)[0]] if rows else None


# --- Bits and bytes -------------------------------------------------------------------------------------------------------


def bit_flipped(data: bytes, luck: Random, other: bytes) -> bytes:
    changed = bytearray(data)
    changed[luck.randrange(len(data))] ^= 1 << luck.randrange(8)
    return bytes(changed)


def bytes_overwritten(data: bytes, luck: Random, other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(luck.randrange(2, 60)):
        changed[luck.randrange(len(data))] = luck.randrange(256)
    return bytes(changed)


def bytes_deleted(data: bytes, luck: Random, other: bytes) -> bytes:
    place = luck.randrange(len(data))
    return data[:place] + data[place + luck.randrange(1, 400) :]


def bytes_inserted(data: bytes, luck: Random, other: bytes) -> bytes:
    place, start = luck.randrange(len(data)), luck.randrange(len(data))
    more = luck.choice((luck.randbytes(luck.randrange(1, 60)), data[start : start + luck.randrange(1, 400)], bytes(40)))
    return data[:place] + more + data[place:]


def zeros_written(data: bytes, luck: Random, other: bytes) -> bytes:
    place, size = luck.randrange(len(data)), luck.randrange(1, 600)
    return (data[:place] + bytes(size) + data[place + size :])[: len(data)]


def byte_of_a_row_changed(data: bytes, luck: Random, other: bytes) -> bytes | None:
    rows = rows_of(data)
    if not rows:
        return None
    start, end = luck.choice(rows)
    place = luck.randrange(start, end)
    return data[:place] + bytes([luck.choice(b"0123456789.,;-e x\xb5\x07")]) + data[place + 1 :]


# --- The same numbers in other words --------------------------------------------------------------------------------------


def encoded_anew(data: bytes, luck: Random, other: bytes) -> bytes | None:
    found = as_text(data)
    if found is None:
        return None
    encoding = luck.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932", "cp1252"))
    try:
        return found[0].encode(encoding)
    except UnicodeEncodeError:
        return None


def line_ends_changed(data: bytes, luck: Random, other: bytes) -> bytes | None:
    found = as_text(data)
    if found is None or found[1].startswith("utf-16"):
        return None
    return found[0].replace("\n", luck.choice(("\n", "\r\n", "\r", "\r\r\n"))).encode(found[1])


def padded(data: bytes, luck: Random, other: bytes) -> bytes | None:
    return data + luck.choice((b"\r\n", b"\n\n\n", b"\x1a", bytes(64))) if rows_of(data) else None


def decimal_mark_swapped(data: bytes, luck: Random, other: bytes) -> bytes | None:
    found = as_text(data)
    if found is None:
        return None
    text, encoding = found
    for old, new in ((".", ","), (",", ".")):
        if re.search(rf"^[\s\d+\-]*\d\{old}\d", text, re.M):
            return re.sub(rf"(?<=\d)\{old}(?=\d)", new, text).encode(encoding)
    return None


# --- Rows -----------------------------------------------------------------------------------------------------------------


def row_dropped(data: bytes, luck: Random, other: bytes) -> bytes | None:
    rows = rows_of(data)
    if not rows:
        return None
    start, end = luck.choice(rows)
    return data[:start] + data[end + 1 :]


def row_doubled(data: bytes, luck: Random, other: bytes) -> bytes | None:
    rows = rows_of(data)
    if not rows:
        return None
    start, end = luck.choice(rows)
    return data[: end + 1] + data[start : end + 1] + data[end + 1 :]


def rows_shuffled(data: bytes, luck: Random, other: bytes) -> bytes | None:
    rows = rows_of(data)
    if len(rows) < 3:
        return None
    texts = [data[start:end] for start, end in rows]
    luck.shuffle(texts)
    made, place = [], 0
    for (start, end), text in zip(rows, texts, strict=True):
        made += [data[place:start], text]
        place = end
    return b"".join(made) + data[place:]


def lines_shuffled(data: bytes, luck: Random, other: bytes) -> bytes | None:
    if looks_binary(data[:8192]):
        return None
    lines = data.split(b"\n")
    luck.shuffle(lines)
    return b"\n".join(lines)


# --- Headers that lie -----------------------------------------------------------------------------------------------------


def _number_replaced(data: bytes, luck: Random, wanted: Callable[[str], bool]) -> bytes | None:
    found, rows = as_text(data), rows_of(data)
    if found is None or not rows:
        return None
    text, encoding = found
    body = text[: max(1, len(text) * rows[0][0] // len(data)) + 400]
    places = [
        number
        for line in re.finditer(r"[^\n]+", body)
        if wanted(line[0])
        for number in NUMBER.finditer(text, line.start(), line.end())
    ]
    if not places:
        return None
    place = luck.choice(places)
    return (text[: place.start()] + luck.choice(HOSTILE_NUMBERS) + text[place.end() :]).encode(encoding, "replace")


def count_lies(data: bytes, luck: Random, other: bytes) -> bytes | None:
    return _number_replaced(data, luck, lambda line: bool(COUNT.search(line)))


def header_lies(data: bytes, luck: Random, other: bytes) -> bytes | None:
    if not looks_binary(data[:8192]):
        return _number_replaced(data, luck, lambda line: True)
    size, place = luck.choice((1, 2, 4, 8)), luck.randrange(min(len(data), 2048))
    lie = (luck.choice(LIES) & (1 << 8 * size) - 1).to_bytes(size, luck.choice(("little", "big")))
    return data[:place] + lie + data[place + size :]


def number_lies(data: bytes, luck: Random, other: bytes) -> bytes:
    """A float or double of a binary file becomes NaN, infinite or huge."""
    layout = luck.choice(("<f", "<d", ">f", ">d"))
    value = struct.pack(layout, luck.choice((float("nan"), float("inf"), float("-inf"), 1e30, -1e-30, 0.0)))
    place = 4 * luck.randrange(max(1, len(data) // 4))
    return data[:place] + value + data[place + len(value) :]


# --- Two files in one -----------------------------------------------------------------------------------------------------


def twice_in_a_row(data: bytes, luck: Random, other: bytes) -> bytes:
    return data + (b"" if data.endswith(b"\n") or looks_binary(data[:8192]) else b"\n") + data


def other_appended(data: bytes, luck: Random, other: bytes) -> bytes:
    return data + b"\n" + other


def spliced(data: bytes, luck: Random, other: bytes) -> bytes:
    return data[: luck.randrange(len(data))] + other[luck.randrange(len(other)) :]


def head_of_another(data: bytes, luck: Random, other: bytes) -> bytes | None:
    """The header of one format above the rows of another."""
    mine, theirs = rows_of(data), rows_of(other)
    return data[: mine[0][0]] + other[theirs[0][0] :] if mine and theirs else None


def member_of_zip_changed(data: bytes, luck: Random, other: bytes) -> bytes | None:
    """A workbook that is packed soundly, with a mutated part inside."""
    if not data.startswith(b"PK\x03\x04"):
        return None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = luck.choice(sorted(parts))
    change = luck.choice((bit_flipped, bytes_deleted, bytes_inserted, bytes_overwritten, cut_anywhere))
    parts[name] = change(parts[name], luck, other)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return made.getvalue()


MUTATIONS = (
    Mutation("cut at a sixteenth", cut_at_a_sixteenth, CUT),
    Mutation("cut anywhere", cut_anywhere, CUT),
    Mutation("cut between rows", cut_between_rows, CUT),
    Mutation("bit flipped", bit_flipped, SANE),
    Mutation("bytes overwritten", bytes_overwritten, SANE),
    Mutation("bytes deleted", bytes_deleted, SANE),
    Mutation("bytes inserted", bytes_inserted, SANE),
    Mutation("zeros written", zeros_written, SANE),
    Mutation("byte of a row changed", byte_of_a_row_changed, NEAR),
    Mutation("encoded anew", encoded_anew, SAME),
    Mutation("line ends changed", line_ends_changed, SAME),
    Mutation("padded", padded, SAME),
    Mutation("decimal mark swapped", decimal_mark_swapped, SAME),
    Mutation("row dropped", row_dropped, SUBSET),
    Mutation("row doubled", row_doubled, SUBSET),
    Mutation("rows shuffled", rows_shuffled, SUBSET),
    Mutation("lines shuffled", lines_shuffled, SANE),
    Mutation("count lies", count_lies, SUBSET),
    Mutation("header lies", header_lies, SANE),
    Mutation("number lies", number_lies, SANE),
    Mutation("twice in a row", twice_in_a_row, SUBSET),
    Mutation("other appended", other_appended, SANE),
    Mutation("spliced", spliced, SANE),
    Mutation("head of another", head_of_another, SANE),
    Mutation("member of zip changed", member_of_zip_changed, SANE),
)
