"""JASCO binary files made from formulas, in both containers."""

import struct
from datetime import datetime

import numpy as np

from tests.spectra.readers.ole_maker import ole_file

NM, PER_CM, SHIFT = 0x10000103, 0x10000100, 0x10000101
ABSORBANCE = ((3, np.linspace(0.1, 0.5, 61)),)
INTENSITY = ((0x0E, np.linspace(1, 90, 31)),)
MEASURED = datetime(2026, 6, 4, 7, 8, 1)  # UTC


def flat_jws(channels=ABSORBANCE, first=700.0, last=400.0, step=-5.0, x_code=NM, model="V-730", **places) -> bytes:
    """A flat file; ``places`` overwrites bytes (``at_0x84=b"…"``)."""
    codes, values = zip(*channels, strict=True)
    y = np.concatenate([np.asarray(v, "<f4") for v in values]).tobytes()
    made = bytearray(0x740)
    for place, piece in {
        0x00: b"\x4c\x7e\x53\x20\x01\x00\x01\x83SPECMAN",
        0x20: b"R2.0.0",
        0x82: struct.pack("<HI3d", len(codes), len(values[0]), first, last, step),
        0xA0: struct.pack(f"<{1 + len(codes)}I", x_code, *codes),
        0xC8: struct.pack("<Q", len(y)),
        0x140: model.encode(),
        0x160: b"D000000001",
        0x180: "量子ドット".encode("cp932"),
        0x1C0: b"d2, blank subtracted",
        0x240: "合成班".encode("cp932"),
        0x2C0: struct.pack("<i", int((MEASURED - datetime(1970, 1, 1)).total_seconds())),
        0x354: b"1.0 nm",
    }.items():
        made[place : place + len(piece)] = piece
    for name, piece in places.items():
        place = int(name.removeprefix("at_"), 16)
        made[place : place + len(piece)] = piece
    return bytes(made) + y


def text(words: str) -> bytes:
    raw = (words + "\0").encode("utf-16-le") if words else b""
    return struct.pack("<I", len(raw)) + raw


def record(tag: int, value) -> bytes:
    if isinstance(value, str):
        return struct.pack("<IH", tag, 8) + text(value)
    if isinstance(value, float):
        return struct.pack("<IHd", tag, 5, value)
    return struct.pack("<IHI", tag, 3, value)


def jws_streams(
    channels=INTENSITY,
    first=400.0,
    last=700.0,
    step=10.0,
    x_code=NM,
    x=None,
    model="FP-8500",
    kind=0x3005,
    parameters=((2, "2.5 nm"), (4, "5 nm"), (9, 365.0)),
) -> dict[str, bytes]:
    """The streams of an OLE2 file."""
    codes, values = zip(*channels, strict=True)
    info = struct.pack("<6I3d", 3, 1, 0, len(codes), 1, len(values[0]), first, last, step)
    info += struct.pack(f"<{1 + len(codes)}I", x_code, *codes) + bytes(40 * len(codes))
    days = (MEASURED - datetime(1899, 12, 30)).total_seconds() / 86_400
    streams = {
        "Header": "L~".encode("utf-16-le").ljust(1024, b"\0"),
        "DataInfo": info,
        "Y-Data": np.concatenate([np.asarray(v, "<f4") for v in values]).tobytes(),
        "SampleInfo": struct.pack("<I", 1) + text("MAPbBr-012 d2") + text("simulated") + struct.pack("<I", 0),
        "UserInfo": struct.pack("<I", 3) + text("合成班") + text("") * 10 + text("QDLab") + text("") * 3,
        "ModuleInfo": struct.pack("<I", 2) + text("") + struct.pack("<HH", 1, kind) + text(model) + text("D000000001"),
        "BaseInfo": struct.pack("<I", 1) + bytes(17) + text("C:\\dots.jws") + struct.pack("<2dI", days + 1, days, 0),
        "MeasParam": struct.pack("<3I", 1, 1, len(parameters)) + b"".join(record(*pair) for pair in parameters),
    }
    return streams | ({"X-Data": np.asarray(x, "<f4").tobytes()} if x is not None else {})


def ole_jws(**what) -> bytes:
    return ole_file(jws_streams(**what))
