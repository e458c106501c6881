"""Binary files: numbers at offsets, each checked against the bytes that are there before anything is allocated."""

import struct
from datetime import datetime, timedelta

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.number_block import MAX_NUMBERS
from spectra.readers.reading import UnreadableFile
from spectra.readers.text import clean

OLE_EPOCH = datetime(1899, 12, 30)
OLE_DAYS = (1.0, 73_000.0)  # 1899 to 2099


def cut_short() -> UnreadableFile:
    return UnreadableFile(
        Note(
            "file_cut_short",
            gettext_noop("This file ends before its data do: it was cut off. Export or copy it again."),
        )
    )


def damaged(what: str) -> UnreadableFile:
    """A refusal that names the part of the file which cannot be right."""
    return UnreadableFile(
        Note(
            "file_damaged",
            gettext_noop("This file is damaged, or of a kind not met yet ({what}). Export it again, or as text."),
            {"what": what},
        )
    )


def too_many_numbers() -> UnreadableFile:
    return UnreadableFile(
        Note(
            "too_many_numbers",
            gettext_noop("This file holds more than {limit} numbers. Split it into smaller files."),
            {"limit": MAX_NUMBERS},
        )
    )


class Bytes:
    """The bytes of a file or stream; whatever lies outside them is a file cut short, never an IndexError.

    Examples
    --------
    >>> piece = Bytes(b"\\x02\\x00\\x00\\x00abc\\x00\\x00")
    >>> piece.one("<I", 0), piece.text(4, 5)
    (2, 'abc')
    """

    def __init__(self, data: bytes):
        self.data = data

    def __len__(self) -> int:
        return len(self.data)

    def need(self, offset: int, size: int) -> None:
        if offset < 0 or size < 0 or offset + size > len(self.data):
            raise cut_short()

    def many(self, layout: str, offset: int) -> tuple:
        """Unpack ``layout`` (as in struct) at ``offset``."""
        size = struct.calcsize(layout)
        self.need(offset, size)
        return struct.unpack(layout, self.data[offset : offset + size])

    def one(self, layout: str, offset: int):
        return self.many(layout, offset)[0]

    def piece(self, offset: int, size: int) -> bytes:
        self.need(offset, size)
        return self.data[offset : offset + size]

    def array(self, dtype: str, offset: int, count: int) -> np.ndarray:
        """``count`` numbers of ``dtype`` as float64; refused before work when they cannot be there."""
        size = np.dtype(dtype).itemsize * count
        self.need(offset, size)
        if count > MAX_NUMBERS:
            raise too_many_numbers()
        with np.errstate(invalid="ignore"):  # a signalling NaN is refused like any other, by ``finite``
            return np.frombuffer(self.data[offset : offset + size], dtype).astype(np.float64)

    def text(self, offset: int, width: int, encoding: str = "cp1252") -> str:
        """A text of fixed width that ends at its first NUL; bytes past the end of the file are not missed."""
        raw = self.data[offset : offset + width].split(b"\x00")[0]
        return clean(raw.decode(encoding, "replace"))


def finite(values: np.ndarray, what: str) -> np.ndarray:
    """Refuse an array with infinities or NaN: they are no measurement but a damaged file."""
    if not np.isfinite(values).all():
        raise damaged(what)
    return values


def grid(first: float, step: float, count: int) -> np.ndarray:
    """An axis of equal steps as the instrument stores it: first value, step, number of points."""
    if not (np.isfinite(first) and np.isfinite(step) and step != 0 and abs(step) * count < 1e300):
        raise damaged("axis")
    return first + step * np.arange(count)


def ole_date(days: float) -> datetime | None:
    """An OLE Automation date (days since 30 December 1899), to the second.

    Examples
    --------
    >>> ole_date(44267.19415509259)
    datetime.datetime(2021, 3, 12, 4, 39, 35)
    """
    if not (np.isfinite(days) and OLE_DAYS[0] < days < OLE_DAYS[1]):
        return None
    return OLE_EPOCH + timedelta(seconds=round(days * 86_400))
