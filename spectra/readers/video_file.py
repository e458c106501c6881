"""Videos (.mp4, .mov, .avi, .mkv, .webm, .wmv, .mpg, .ser): kept as they are; size and length from the header where it is plain.

No picture is unpacked: the only maintained libraries that do carry parts under the GPL in their wheels. Browsers play
MP4 and WebM themselves; a still can be uploaded beside a video as an image.

    MP4, MOV   boxes of u32 size, 4 letters; ``moov/mvhd`` has time scale and duration, ``moov/trak/tkhd`` width and height (16.16)
    AVI        RIFF ``AVI ``; ``avih`` has µs per frame, frames, width, height
    Matroska   EBML (1A 45 DF A3): DocType; Segment › Info › TimestampScale, Duration; Tracks › TrackEntry › Video › PixelWidth, PixelHeight
    SER        ``LUCAM-RECORDER``; i32 width, height at 26 and 30, frames at 38
"""

import struct
from pathlib import PurePath

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import Bytes
from spectra.readers.reading import Item, Reading, UnreadableFile, VideoRef

NAME, VERSION = "video_file", 1
ANY_SIZE = True
ABOUT = About(
    "Video",
    "Microscopes, cameras, phones",
    (".mp4", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".ser"),
    ("video",),
    gettext_noop("Kept as it came; size and length are read where the header tells them plainly"),
    gettext_noop("No picture of it is drawn: upload a still beside it."),
)
PLAYED_BY_BROWSERS = {"mp4": "video/mp4", "webm": "video/webm"}
BRANDS = (b"isom", b"iso", b"mp4", b"M4V", b"avc1", b"dash", b"MSNV", b"3gp", b"f4v")
MAX_BOXES, MAX_SIDE, MAX_SECONDS = 400, 100_000, 1e7
MAX_HEADER = 8 * 1024 * 1024
EBML_PARENTS = (0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0)
SCALE, DURATION, WIDTH, HEIGHT = 0x2AD7B1, 0x4489, 0xB0, 0xBA


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 94 if _container(head) else 0


def _container(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "mov" if head[8:12] == b"qt  " else "mp4" if head[8:12].startswith(BRANDS) else ""
    if head[4:8] in (b"moov", b"mdat", b"wide"):
        return "mov"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "webm" if b"webm" in head[:80] else "mkv"
    if head.startswith(b"LUCAM-RECORDER"):
        return "ser"
    if head.startswith(b"0&\xb2u\x8ef\xcf\x11"):
        return "wmv"
    return "mpg" if head.startswith(b"\0\0\x01\xba") else ""


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read the header of a video; the module's docstring is its specification."""
    container, stem = _container(data[: 64 * 1024]), PurePath(name).stem
    if not container:
        raise UnreadableFile(
            Note("no_video", gettext_noop("This is no video that QDLab knows. It is kept as it came."))
        )
    said = _plain(HEADERS[container](Bytes(data)) if container in HEADERS else {})
    value = VideoRef(container, title=stem, **said)
    shown = {"Format": container} | {key.capitalize().replace("_", " "): f"{number:g}" for key, number in said.items()}
    item = Item(value, "video", "file", stem, facts.role_from(stem), Conditions(), shown)
    text = gettext_noop("Video, not read; its conditions can be typed.")
    return Reading(
        NAME, VERSION, (item,), title=stem, simulated=facts.is_simulated(stem),
        warnings=(Note("video_not_read", text),), decided={"format": container},
    )  # fmt: skip


def _plain(said: dict) -> dict:
    """Only what can be true: a header that says otherwise says nothing."""
    limits = {"width": MAX_SIDE, "height": MAX_SIDE, "seconds": MAX_SECONDS, "n_frames": 1e9}
    good = {name: value for name, value in said.items() if value is not None and 0 < value <= limits[name]}
    return {name: value if name == "seconds" else int(value) for name, value in good.items()}


def _header(parse):
    """A header that ends or contradicts itself tells nothing: the video is kept all the same."""

    def careful(file: Bytes) -> dict:
        try:
            return parse(file)
        except (UnreadableFile, struct.error, OverflowError, ZeroDivisionError):
            return {}

    return careful


@_header
def _mp4(file: Bytes) -> dict:
    moov = _box(file, b"moov", 0, len(file))
    if moov is None:
        return {}
    said, place = {}, _box(file, b"mvhd", *moov)
    if place:
        scale, duration = (
            file.many(">IQ", place[0] + 20) if file.one("B", place[0]) else file.many(">II", place[0] + 12)
        )
        said["seconds"] = duration / scale if scale else None
    start = moov[0]
    while track := _box(file, b"trak", start, moov[1]):
        header = _box(file, b"tkhd", *track)
        if header:
            width, height = file.many(">II", header[1] - 8)
            if width and height:
                return said | {"width": width / 65536, "height": height / 65536}
        start = track[1]
    return said


def _box(file: Bytes, kind: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Where the body of the first box of ``kind`` lies between two places."""
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return None
        size, name, body = *file.many(">I4s", start), start + 8
        if size == 1:
            size, body = file.one(">Q", body), body + 8
        stop = end if size == 0 else start + size
        if stop <= start + 7 or stop > end:
            return None
        if name == kind:
            return body, stop
        start = stop
    return None


@_header
def _avi(file: Bytes) -> dict:
    place = file.piece(0, min(len(file), 4096)).find(b"avih")
    if place < 0:
        return {}
    us_per_frame, _rate, _padding, _flags, frames, _first, _streams, _buffer, width, height = file.many(
        "<10I", place + 8
    )
    return {"seconds": frames * us_per_frame / 1e6, "n_frames": frames, "width": width, "height": height}


@_header
def _ser(file: Bytes) -> dict:
    width, height, _bits, frames = file.many("<4i", 26)
    return {"width": width, "height": height, "n_frames": frames}


@_header
def _matroska(file: Bytes) -> dict:
    found = _ebml(file, 0, min(len(file), MAX_HEADER))
    said = {"width": _unsigned(found.get(WIDTH)), "height": _unsigned(found.get(HEIGHT))}
    duration = found.get(DURATION, b"")
    if len(duration) in (4, 8):
        ns_per_tick = _unsigned(found.get(SCALE)) or 1_000_000
        said["seconds"] = struct.unpack(">f" if len(duration) == 4 else ">d", duration)[0] * ns_per_tick / 1e9
    return said


def _unsigned(body: bytes | None) -> int | None:
    return int.from_bytes(body, "big") if body else None


def _ebml(file: Bytes, start: int, end: int) -> dict[int, bytes]:
    """The first short body of each element, parents walked through one after the other, never in circles."""
    found: dict[int, bytes] = {}
    for _ in range(MAX_BOXES):
        if start + 2 > end:
            break
        element, start = _number(file, start, keep_mark=True)
        size, start = _number(file, start)
        if element in EBML_PARENTS:
            continue  # its children follow
        if size <= 16 and start + size <= end:
            found.setdefault(element, file.piece(start, size))
        start += size
    return found


def _number(file: Bytes, place: int, keep_mark: bool = False) -> tuple[int, int]:
    """A number of EBML: the zeros before its first 1 tell how many bytes follow."""
    first = file.one("B", place)
    length = 9 - first.bit_length()
    if length > 8:
        return 0, place + 1
    value = int.from_bytes(file.piece(place, length), "big")
    return (value if keep_mark else value & ((1 << (7 * length)) - 1)), place + length


HEADERS = {"mp4": _mp4, "mov": _mp4, "avi": _avi, "mkv": _matroska, "webm": _matroska, "ser": _ser}
