"""Gatan files made from formulas, in versions 3 and 4."""

import struct

import numpy as np


class Maker:
    def __init__(self, version: int = 3):
        self.version, self.word = version, ">Q" if version == 4 else ">I"

    def tag(self, name: str, kind: int, body: bytes) -> bytes:
        head = struct.pack(">BH", kind, len(name)) + name.encode()
        return head + (struct.pack(">Q", len(body)) if self.version == 4 else b"") + body

    def group(self, tags: list[bytes]) -> bytes:
        return b"\1\0" + struct.pack(self.word, len(tags)) + b"".join(tags)

    def data(self, words: list[int], body: bytes) -> bytes:
        return b"%%%%" + struct.pack(self.word, len(words)) + b"".join(struct.pack(self.word, w) for w in words) + body

    def number(self, name: str, value, kind: int = 6) -> bytes:
        letter = {3: "<i", 5: "<I", 6: "<f", 7: "<d"}[kind]
        return self.tag(name, 21, self.data([kind], struct.pack(letter, value)))

    def array(self, name: str, values, kind: int, dtype: str, length: int | None = None) -> bytes:
        raw = np.asarray(values).astype(dtype).tobytes()
        return self.tag(name, 21, self.data([20, kind, len(values) if length is None else length], raw))

    def text(self, name: str, words: str) -> bytes:
        return self.array(name, [ord(letter) for letter in words], 4, "<u2")


def dm(values, sides, version: int = 3, origin=20.0, scale=0.5, units="eV", length=None) -> bytes:
    """A file with one image or spectrum (f32)."""
    m = Maker(version)
    axis = m.group([m.number("Origin", origin), m.number("Scale", scale), m.text("Units", units)])
    calibrations = m.tag("Calibrations", 20, m.group([m.tag("Dimension", 20, m.group([m.tag("", 20, axis)]))]))
    dimensions = m.tag("Dimensions", 20, m.group([m.number("", side, 5) for side in sides]))
    pixels = m.array("Data", values, 6, "<f4", length)
    point = m.tag("Point", 21, m.data([15, 0, 2, 0, 3, 0, 6], bytes(8)))
    info = m.group([m.number("Voltage", 200_000.0)])
    tags = m.tag("ImageTags", 20, m.group([m.tag("Microscope Info", 20, info)]))
    image = m.group(
        [m.tag("ImageData", 20, m.group([calibrations, pixels, dimensions, point])), m.text("Name", "dots"), tags]
    )
    root = m.group([m.tag("ImageList", 20, m.group([m.tag("", 20, image)]))])
    return struct.pack(">I", version) + struct.pack(m.word, len(root)) + struct.pack(">I", 1) + root
