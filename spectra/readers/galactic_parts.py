"""The parts of a Galactic .spc file: its header (new and old form), its subfiles, its log."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from spectra.readers.binary import Bytes, cut_short, damaged, finite, too_many_numbers
from spectra.readers.facts import jasco_date
from spectra.readers.number_block import MAX_NUMBERS

NEW_LITTLE, NEW_BIG, OLD = 0x4B, 0x4C, 0x4D
TSPREC, TMULTI, TRANDM, TORDRD, TALABS, TXYXYS, TXVALS = 0x01, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80
FLOAT = -128
SUBHEADER = 32
MAX_EXPONENT = 127


@dataclass
class Header:
    flags: int
    version: int
    exponent: int
    n_points: int
    first: float
    last: float
    n_subfiles: int | None  # None: as many as there are (old form)
    x_type: int
    y_type: int
    z_type: int
    experiment: int
    start: int  # where the x values or the first subheader stand
    log: int
    moment: datetime | None
    comment: str
    labels: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    z_step: float = 0.0
    n_planes: int = 0
    w_step: float = 0.0

    @property
    def order(self) -> str:
        return ">" if self.version == NEW_BIG else "<"

    @property
    def is_multi(self) -> bool:
        return bool(self.flags & TMULTI)


@dataclass(eq=False)
class Subfile:
    x: np.ndarray | None
    y: np.ndarray
    z: float
    z_next: float
    w: float


def read_header(file: Bytes) -> Header:
    """Read the header of either form."""
    version = file.one("B", 1)
    if version in (NEW_LITTLE, NEW_BIG):
        return _new_header(file, "<" if version == NEW_LITTLE else ">")
    if version == OLD:
        return _old_header(file)
    raise damaged("version")


def _new_header(file: Bytes, order: str) -> Header:
    file.need(0, 512)
    flags, version, experiment, exponent, n_points, first, last, n_subfiles, x, y, z = file.many(
        order + "BBBbIddIBBB", 0
    )
    (date,), (log,) = file.many(order + "I", 32), file.many(order + "I", 248)
    facts = {"Resolution": file.text(36, 9), "Source": file.text(45, 9), "Method": file.text(264, 48)}
    labels = tuple(part.decode("cp1252", "replace").strip() for part in file.piece(218, 30).split(b"\x00")[:3])
    return Header(
        flags, version, exponent, n_points, first, last, n_subfiles, x, y, z, experiment, 512, log,
        _moment(date >> 20, date >> 16 & 15, date >> 11 & 31, date >> 6 & 31, date & 63),
        file.text(88, 130), labels if flags & TALABS else (), {key: text for key, text in facts.items() if text},
        *file.many(order + "fIf", 312),
    )  # fmt: skip


def _old_header(file: Bytes) -> Header:
    """256 bytes, of which the last 32 are the first subheader."""
    file.need(0, 256)
    flags, version, exponent, n_points, first, last, x, y, year, month, day, hour, minute = file.many(
        "<BBhfffBBHBBBB", 0
    )
    if not (np.isfinite(n_points) and 1 <= n_points <= MAX_NUMBERS and n_points == int(n_points)):
        raise damaged("points")
    labels = tuple(part.decode("cp1252", "replace").strip() for part in file.piece(194, 30).split(b"\x00")[:3])
    facts = {"Resolution": file.text(24, 8)}
    return Header(
        flags, version, exponent, int(n_points), first, last, None, x, y, year >> 12, 0, 224, 0,
        _moment(year & 0xFFF, month, day, hour, minute),
        file.text(64, 130), labels if flags & TALABS else (), {key: text for key, text in facts.items() if text},
    )  # fmt: skip


def _moment(year: int, month: int, day: int, hour: int, minute: int) -> datetime | None:
    return jasco_date(f"{year:04d}/{month}/{day}", f"{hour}:{minute:02d}") if year >= 1900 else None


def read_subfiles(file: Bytes, header: Header) -> tuple[np.ndarray | None, list[Subfile]]:
    """The common x values, if there are any, and the subfiles one after the other.

    Raises
    ------
    UnreadableFile
        When subfiles are announced that the file is too small to hold.
    """
    per_point = 2 if header.flags & TSPREC else 4
    place, x = header.start, None
    if header.flags & TXYXYS:
        least = SUBHEADER
    else:
        least = SUBHEADER + per_point * header.n_points
        if header.n_points < 1:
            raise damaged("points")
    if header.flags & TXVALS and not header.flags & TXYXYS:
        x = finite(file.array(header.order + "f4", place, header.n_points), "x")
        place += 4 * header.n_points
    count = (len(file) - place) // least if header.n_subfiles is None else header.n_subfiles
    if count < 1 or count * least > len(file) - place:
        raise cut_short()
    if header.n_subfiles is None and header.is_multi and any(file.data[place + count * least :]):
        raise cut_short()  # the old form counts nothing: what is left over is the beginning of another subfile
    if count > 1 and not header.is_multi:
        count = 1
    if count * (header.n_points if least > SUBHEADER else 1) > MAX_NUMBERS:
        raise too_many_numbers()
    subfiles = []
    for _ in range(count):
        subfile, place = _subfile(file, header, place)
        subfiles.append(subfile)
    return x, subfiles


def places_of(header: Header, subfiles: list[Subfile]) -> tuple[np.ndarray, np.ndarray]:
    """z and w of each subfile: its own where they are said to be uneven, else in equal steps from the first."""
    z, w = np.array([s.z for s in subfiles]), np.array([s.w for s in subfiles])
    step = header.z_step or subfiles[0].z_next - subfiles[0].z
    if header.flags & (TORDRD | TRANDM) or step == 0 or (z.size > 1 and z[1] != z[0]):
        return z, w
    per_plane = max(1, z.size // header.n_planes) if header.n_planes else z.size
    number = np.arange(z.size)
    if header.w_step and not np.ptp(w):
        w = w[0] + header.w_step * (number // per_plane)
    return z[0] + step * (number % per_plane), w


def _subfile(file: Bytes, header: Header, place: int) -> tuple[Subfile, int]:
    _, sub_exponent, _, z, z_next, _, n_own, _, w = file.many(header.order + "BbHfffIIf", place)
    place, x, n = place + SUBHEADER, None, header.n_points
    if header.flags & TXYXYS:
        n = n_own
        if n < 1:
            raise damaged("points")
        x = finite(file.array(header.order + "f4", place, n), "x")
        place += 4 * n
    exponent = sub_exponent if header.is_multi else header.exponent
    y, size = _ordinates(file, header, place, n, exponent)
    return Subfile(x, finite(y, "y"), z, z_next, w), place + size


def _ordinates(file: Bytes, header: Header, place: int, n: int, exponent: int) -> tuple[np.ndarray, int]:
    """Floats, or whole numbers that are fractions of two to the signed exponent."""
    if exponent == FLOAT:
        return file.array(header.order + "f4", place, n), 4 * n
    if abs(exponent) > MAX_EXPONENT:
        raise damaged("exponent")
    if header.flags & TSPREC:
        return file.array(header.order + "i2", place, n) * 2.0 ** (exponent - 16), 2 * n
    if header.version == OLD:  # the two halves of each number are swapped
        words = file.array("<u2", place, 2 * n).reshape(-1, 2)
        whole = words[:, 0] * 65536.0 + words[:, 1]
        return np.where(whole >= 2.0**31, whole - 2.0**32, whole) * 2.0 ** (exponent - 32), 4 * n
    return file.array(header.order + "i4", place, n) * 2.0 ** (exponent - 32), 4 * n


def read_log(file: Bytes, header: Header) -> dict[str, str]:
    """``key = value`` lines of the log; an offset that leads nowhere means no log."""
    if not 512 <= header.log <= len(file) - 64:
        return {}
    size, _, text_at = file.many(header.order + "III", header.log)
    if not 64 <= text_at <= size:
        return {}
    text = file.data[header.log + text_at : header.log + size].split(b"\x00")[0].decode("cp1252", "replace")
    pairs = (line.partition("=") for line in text.replace("\r", "\n").split("\n")[:2000] if "=" in line)
    return {key.strip()[:100]: value.strip()[:500] for key, _, value in pairs if key.strip() and value.strip()}
