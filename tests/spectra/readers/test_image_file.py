import io
import struct
import zlib
from datetime import datetime

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.samples import refusal


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 7, height: int = 5) -> bytes:
    rows = zlib.compress(b"".join(b"\0" + bytes(min(width, 100)) for _ in range(min(height, 10))))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int = 7, height: int = 5) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.new("L", (width, height)).save(made, "JPEG")
    return made.getvalue()


def tiff(width: int = 7, height: int = 5, dtype: str = "u2") -> bytes:
    import tifffile

    made = io.BytesIO()
    tifffile.imwrite(
        made,
        np.zeros((height, width), dtype),
        description="20 kV, 50 nm",
        datetime=datetime(2026, 6, 4, 16, 8, 31),
        metadata=None,
    )
    return made.getvalue()


@pytest.mark.parametrize("data", [png(), jpeg(), tiff(), tiff(dtype="f4")], ids=["png", "jpeg", "tiff", "float tiff"])
def test_an_image_is_kept_with_its_size(data):
    reading = read(data, "grid.xyz")
    (item,) = reading.items
    assert (item.technique, item.value.width, item.value.height, item.title) == ("image", 7, 5, "grid")
    assert reading.decided["confidence"] == "file"
    assert (item.metadata["Width"], item.metadata["Height"]) == ("7", "5")


def test_the_description_and_date_of_a_tiff_are_read():
    reading = read(tiff(), "grid.tif")
    assert (reading.comment, reading.measured_at) == ("20 kV, 50 nm", datetime(2026, 6, 4, 16, 8, 31))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (png(2**31 - 1, 2**31 - 1), "image_too_large"),
        (png()[:20], "image_damaged"),
        (jpeg()[:30], "image_damaged"),
        (tiff()[:12], "image_damaged"),
        (b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", 65535), "image_damaged"),
        (b"II*\x00" + struct.pack("<I", 2**32 - 1) + bytes(50), "image_damaged"),
    ],
)
def test_images_that_are_damaged_or_ask_for_terabytes_are_refused(data, code):
    assert refusal(data, "a") == code
