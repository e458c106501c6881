"""Zip archives within limits: what they would unpack to is measured before anything is kept of it."""

import io
import struct
import zipfile
import zlib

from spectra.notes import Note, gettext_noop
from spectra.readers.binary import damaged
from spectra.readers.reading import UnreadableFile

MAX_ENTRIES = 2_000
MAX_TOTAL = 120 * 1024 * 1024
MAX_RATIO = 200  # real sheets of numbers shrink to a tenth; only repeated bytes shrink to a thousandth
SMALL = 1024 * 1024  # below this no ratio matters
LOCAL_HEADER = 30
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


def unpack(data: bytes, wanted) -> dict[str, bytes]:
    """Unpack the entries whose name ``wanted`` accepts; check all of them.

    Raises
    ------
    UnreadableFile
        When the archive is damaged, encrypted, or would unpack to more than is allowed. What an entry says of its size is
        not believed: its bytes are counted while they are unpacked.
    """
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError, OverflowError):
        raise damaged("zip") from None
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or total > MAX_TOTAL or len({e.filename for e in entries}) != len(entries):
        raise _bomb()
    kept, room = {}, MAX_TOTAL
    for entry in entries:
        body = _entry(data, entry, room)
        room -= len(body)
        if wanted(entry.filename):
            kept[entry.filename] = body
    return kept


def _entry(data: bytes, entry: zipfile.ZipInfo, room: int) -> bytes:
    place, packed = entry.header_offset, entry.compress_size
    if (
        entry.flag_bits & 1
        or entry.compress_type not in (STORED, DEFLATED)
        or not 0 <= place <= len(data) - LOCAL_HEADER
    ):
        raise damaged("zip")
    start = place + LOCAL_HEADER + sum(struct.unpack_from("<HH", data, place + 26))
    if start + packed > len(data):
        raise damaged("zip")
    if entry.compress_type == STORED:
        return _checked(data[start : start + packed], entry)
    allowed = min(room, max(SMALL, MAX_RATIO * packed))
    unpacker = zlib.decompressobj(-15)
    try:
        body = unpacker.decompress(memoryview(data)[start : start + packed], allowed + 1)
    except zlib.error:
        raise damaged("zip") from None
    if len(body) > allowed:
        raise _bomb()
    if not unpacker.eof or len(body) != entry.file_size:
        raise damaged("zip")
    return _checked(body, entry)


def _checked(body: bytes, entry: zipfile.ZipInfo) -> bytes:
    """The checksum is the one thing in an archive that notices a flipped bit."""
    if zlib.crc32(body) != entry.CRC:
        raise damaged("zip")
    return body


def _bomb() -> UnreadableFile:
    return UnreadableFile(
        Note(
            "archive_too_big",
            gettext_noop(
                "This packed file would unpack to more than {limit_mb} MB. Save its table as CSV and upload that file."
            ),
            {"limit_mb": MAX_TOTAL // 1_000_000},
        )
    )
