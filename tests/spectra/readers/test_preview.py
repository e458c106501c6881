"""What a preview looks like, and that a hostile image costs a sentence and no memory."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from spectra.readers.host import ReaderHost
from spectra.readers.large import LargeFile
from spectra.readers.preview import MAX_PIXELS, decode_drawn, draw, encode_drawn
from spectra.readers.reading import UnreadableFile
from tests.spectra.readers.dm_maker import dm
from tests.spectra.readers.image_maker import photo, ramp, saved, tiff


def pixels(webp: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(webp)).convert("RGB")).astype(float)


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        draw(data)
    return caught.value.note.code


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_the_preview_keeps_colours_and_fits_into_1200_pixels(kind):
    drawn = draw(saved(Image.new("RGB", (2400, 800), (200, 40, 90)), kind))
    assert (drawn.width, drawn.height, drawn.source_width, drawn.source_height) == (1200, 400, 2400, 800)
    # Lossy WebP stores colour at half the resolution and eight bits: a few counts off on a plain area.
    assert np.abs(pixels(drawn.preview).mean(axis=(0, 1)) - (200, 40, 90)).max() < 6
    assert max(pixels(drawn.thumbnail).shape[:2]) == 240 and drawn.facts == {}


def test_a_small_image_stays_as_small_as_it_is():
    assert (draw(saved(Image.new("RGB", (7, 5)), "PNG")).width, draw(tiff(ramp(7, 5, "u1"))).height) == (7, 5)


@pytest.mark.parametrize("dtype", ["u2", "i2", "u4", "f4"])
def test_more_than_eight_bits_are_stretched_between_percentiles_that_are_told(dtype):
    drawn = draw(tiff(ramp(1000, 20, dtype)))
    # Percentiles 0.5 and 99.5 of an even ramp from 1000 to 3000: 10 from either end.
    assert (drawn.facts["low"], drawn.facts["high"]) == pytest.approx((1010, 2990), abs=3)
    row = pixels(drawn.preview)[10, :, 0]
    assert row[0] < 6 and row[-1] > 249 and row[500] == pytest.approx(127, abs=6)


def test_sixteen_bits_of_a_png_and_of_a_packed_tiff_are_stretched_too():
    image = Image.fromarray(ramp(200, 20))
    for data in (saved(image, "PNG"), saved(image, "TIFF", compression="tiff_lzw")):
        assert draw(data).facts["low"] == pytest.approx(1010, abs=5)


def test_a_tiff_whose_white_is_zero_is_turned_over():
    row = pixels(draw(tiff(ramp(200, 20, "u2"), photometric="miniswhite")).preview)[10, :, 0]
    assert row[0] > 249 and row[-1] < 6


def test_numbers_that_are_none_do_not_spoil_the_stretch():
    plane = ramp(200, 20, "f4")
    plane[:, 0], plane[:, 1] = np.nan, np.inf
    assert draw(tiff(plane)).facts["high"] == pytest.approx(2990, abs=15)


def test_a_gatan_image_is_drawn():
    drawn = draw(dm(np.arange(12.0), [4, 3], 4, units="nm"))
    assert (drawn.source_width, drawn.source_height) == (4, 3) and drawn.facts["percentiles"] == [0.5, 99.5]


def test_a_photo_is_turned_as_the_camera_was_held_and_carries_nothing_of_its_exif():
    drawn = draw(photo(40, 20, orientation=6, gps=True))
    assert (drawn.width, drawn.height, drawn.source_width, drawn.source_height) == (20, 40, 20, 40)
    top, bottom = pixels(drawn.preview)[5, 10], pixels(drawn.preview)[35, 10]
    assert top[0] > 150 > top[2] and bottom[2] > 150 > bottom[0]  # red above, blue below
    assert not Image.open(io.BytesIO(drawn.preview)).getexif() and b"Camera 7" not in drawn.preview


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (bomb(60_000, 60_000), "too_large_for_preview"),
        (bomb(MAX_PIXELS, 1), "too_large_for_preview"),
        (saved(Image.new("RGB", (300, 300)), "PNG")[:200], "image_damaged"),
        (saved(Image.effect_noise((300, 300), 50), "JPEG")[:4000], "image_damaged"),
        (tiff(ramp())[:2000], "image_damaged"),
        (b"%PDF-1.7", "no_preview_of_this"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_preview_of_this"),
    ],
)
def test_what_cannot_be_drawn_says_why(data, code):
    assert refusal(data) == code


def test_a_file_that_is_not_held_in_memory_is_drawn_the_same(tmp_path):
    path = tmp_path / "dots.tif"
    path.write_bytes(tiff(ramp()))
    assert draw(LargeFile(path)).preview == draw(path.read_bytes()).preview


def test_a_preview_crosses_the_pipe_unchanged_and_nothing_else_is_taken_for_one():
    drawn = draw(tiff(ramp()))
    assert vars(decode_drawn(encode_drawn(drawn))) == vars(drawn)
    for wrong in (b"", b"abc" * 30, encode_drawn(drawn)[:-5].replace(b"RIFF", b"<svg")):
        with pytest.raises(ValueError):
            decode_drawn(wrong)


def test_the_host_draws_in_a_limited_child_and_goes_on_after_a_bomb(tmp_path):
    large, small = tmp_path / "bomb.png", tmp_path / "dots.tif"
    large.write_bytes(bomb(10_900, 10_900))  # 356 MB of pixels where 160 MB are allowed
    small.write_bytes(tiff(ramp()))
    with ReaderHost(memory_bytes=160 * 1024 * 1024) as host:
        with pytest.raises(UnreadableFile):
            host.draw(large)
        assert host.draw(small).width == 64
