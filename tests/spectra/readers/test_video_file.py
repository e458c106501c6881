"""Videos are told by their first bytes and their header, and kept whatever the header says."""

import struct

import pytest

from spectra.readers import MAX_BYTES, read
from spectra.readers.large import LargeFile
from spectra.readers.reading import VideoRef
from tests.spectra.readers.samples import warnings


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def mp4(
    *, seconds: float = 2.5, width: int = 640, height: int = 480, brand: bytes = b"mp42", data: bytes = b""
) -> bytes:
    movie = struct.pack(">4sIIII80x", b"\0\0\0\0", 0, 0, 1000, round(1000 * seconds))
    track = bytes(76) + struct.pack(">II", width << 16, height << 16)
    sound = box(b"trak", box(b"tkhd", bytes(84)))
    moov = box(b"moov", box(b"mvhd", movie) + sound + box(b"trak", box(b"tkhd", track)))
    return box(b"ftyp", brand + bytes(4)) + box(b"mdat", data) + moov


def avi() -> bytes:
    head = struct.pack("<10I", 40_000, 0, 0, 0, 50, 0, 1, 0, 320, 200)
    return b"RIFF\0\0\0\0AVI LIST\0\0\0\0hdrlavih" + struct.pack("<I", len(head)) + head


def ser() -> bytes:
    return b"LUCAM-RECORDER" + struct.pack("<7i", 0, 0, 0, 1024, 768, 16, 300) + bytes(200)


def element(code: str, body: bytes) -> bytes:
    return bytes.fromhex(code) + bytes([0x80 | len(body)]) + body


def webm() -> bytes:
    info = element(
        "1549A966", element("2AD7B1", (1_000_000).to_bytes(3, "big")) + element("4489", struct.pack(">d", 4200.0))
    )
    video = element("E0", element("B0", (720).to_bytes(2, "big")) + element("BA", (576).to_bytes(2, "big")))
    tracks = element("1654AE6B", element("AE", video))
    return element("1A45DFA3", element("4282", b"webm")) + bytes.fromhex("1853806701FFFFFFFFFFFFFF") + info + tracks


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (mp4(), ("mp4", 640, 480, 2.5)),
        (mp4(brand=b"qt  "), ("mov", 640, 480, 2.5)),
        (avi(), ("avi", 320, 200, 2.0)),
        (ser(), ("ser", 1024, 768, None)),
        (webm(), ("webm", 720, 576, 4.2)),
        (mp4()[:60], ("mp4", None, None, None)),
        (avi()[:40], ("avi", None, None, None)),
        (mp4(width=2**15 - 1, seconds=2e6), ("mp4", 32767, 480, 2e6)),
        (b"\x1aE\xdf\xa3" + b"\xff" * 300, ("mkv", None, None, None)),
        (b"0&\xb2u\x8ef\xcf\x11" + bytes(99), ("wmv", None, None, None)),
    ],
)
def test_a_video_is_kept_with_what_its_header_tells(data, told):
    reading = read(data, "film.csv")
    (item,) = reading.items
    assert isinstance(item.value, VideoRef) and item.technique == "video" and warnings(reading) == {"video_not_read"}
    assert (item.value.container, item.value.width, item.value.height, item.value.seconds) == told


class Counted(LargeFile):
    asked = 0

    def __getitem__(self, key: slice) -> bytes:
        piece = super().__getitem__(key)
        self.asked += len(piece)
        return piece


def test_of_a_large_video_only_pieces_are_read(tmp_path):
    path = tmp_path / "film.mp4"
    whole = mp4()
    head, rest = whole[:16], whole[24:]
    gap = MAX_BYTES + 1000
    with path.open("wb") as file:  # sparse: the pictures take no room
        file.write(head + struct.pack(">I4s", 8 + gap, b"mdat"))
        file.seek(gap, 1)
        file.write(rest)
    large = Counted(path)
    assert read(large, "film.mp4").items[0].value.seconds == 2.5
    assert large.asked < 1_000_000
