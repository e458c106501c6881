"""The preview of an image: small, in colours that every browser shows, drawn from the file and from nothing else.

PNG, JPEG, GIF, BMP, WebP and 8-bit TIFF keep their colours. Images of more than 8 bits (cameras of microscopes) are stretched
between two percentiles of their numbers, which are told with the preview: it is made for looking, never for measuring.
Of a stack the first plane is drawn. EXIF turns the picture and is left out of it, with all that it tells of the place.

Only the numbers of one plane are unpacked, and only when there are at most MAX_PIXELS.
"""

import io
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import gatan_dm
from spectra.readers.image_file import ORIENTATION, PILLOW_FORMATS, TIFF, TURNED, damaged_image
from spectra.readers.image_file import sniff as is_image
from spectra.readers.large import LargeFile, as_file
from spectra.readers.reading import UnreadableFile

VERSION = 1
PREVIEW_PX, THUMBNAIL_PX = 1200, 240
PERCENTILES = (0.5, 99.5)
MAX_PIXELS = 120_000_000
MAX_PLANE_BYTES = 256 * 1024 * 1024
SAMPLED = 1_000_000  # numbers that the percentiles are taken from
DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L")
HEAD = struct.Struct("<III")


@dataclass(frozen=True, eq=False)
class Drawn:
    """A preview and a thumbnail as WebP; ``width`` and ``height`` of the preview, and of the image as it is seen."""

    preview: bytes
    thumbnail: bytes
    width: int
    height: int
    source_width: int
    source_height: int
    facts: Mapping = field(
        default_factory=dict
    )  # low and high of the stretch and their percentiles, where there was one


def draw(data: bytes | LargeFile) -> Drawn:
    """Draw the preview of an image.

    Raises
    ------
    UnreadableFile
        When it is no image, is damaged, or is larger than may be unpacked; whatever it holds, nothing else but MemoryError.
    """
    try:
        image, source, facts = _picture(data)
        preview, thumbnail = _within(image, PREVIEW_PX), _within(image, THUMBNAIL_PX)
        return Drawn(_webp(preview), _webp(thumbnail), *preview.size, *source, facts)
    except (UnreadableFile, MemoryError):
        raise
    except Exception as error:  # the parsers of pixels raise many kinds
        raise damaged_image() from error


def _picture(data):
    """The image to be made smaller, the size of the source as it is seen, and what was done to its numbers."""
    head = data[:64]
    if gatan_dm.sniff(head, b"", ""):
        return _stretched(gatan_dm.first_plane(gatan_dm.Tags(data)))
    if data.startswith(TIFF):
        return _of_tiff(data)
    if is_image(head, b"", ""):
        return _of_raster(data, PILLOW_FORMATS)
    raise UnreadableFile(Note("no_preview_of_this", gettext_noop("There is no preview of this kind of file.")))


def _of_raster(data, formats):
    from PIL import Image, ImageOps  # only here: the host stays small

    Image.MAX_IMAGE_PIXELS = None  # ours follows, with a sentence
    with Image.open(as_file(data), formats=formats) as image:
        width, height = image.size
        image.draft("RGB", (2 * PREVIEW_PX, 2 * PREVIEW_PX))  # JPEG: unpacks fewer pixels
        _refuse_large(*image.size, 4 if image.mode == "P" else len(image.getbands()))
        if image.mode in DEEP_MODES:
            return _stretched(np.asarray(image))
        image = _in_colour(image)
        turned = image.getexif().get(ORIENTATION) in TURNED
        image.thumbnail((2 * PREVIEW_PX, 2 * PREVIEW_PX), reducing_gap=2.0)
        return ImageOps.exif_transpose(image), (height, width) if turned else (width, height), {}


def _in_colour(image):
    """An image in a mode that can be made smaller without losing colours or transparency."""
    if image.mode in ("RGB", "L", "RGBA"):
        return image
    return image.convert("RGBA" if "transparency" in image.info or image.mode in ("LA", "PA") else "RGB")


def _of_tiff(data):
    from tifffile import TiffFile

    with TiffFile(as_file(data)) as file:
        page = file.pages[0]
        bits = page.bitspersample if isinstance(page.bitspersample, int) else max(page.bitspersample)
        _refuse_large(int(page.imagewidth), int(page.imagelength), int(page.samplesperpixel), -(-bits // 8))
        packed = page.compression not in (1, 8, 32946)  # others than none and Deflate are left to libtiff
        if packed or (bits <= 8 and page.photometric not in (0, 1)):
            return _of_raster(data, ("TIFF",))
        plane = np.squeeze(page.asarray())
    if page.photometric == 0:
        plane = plane.max() - plane  # "white is zero"
    if plane.dtype == np.uint8:
        return _as_is(plane)
    return _stretched(plane)


def _refuse_large(width: int, height: int, channels: int = 1, depth: int = 1) -> None:
    if width < 1 or height < 1:
        raise damaged_image()
    if width * height > MAX_PIXELS or width * height * channels * depth > MAX_PLANE_BYTES:
        text = gettext_noop("The image is kept. It is too large for a preview ({width} × {height} pixels).")
        raise UnreadableFile(Note("too_large_for_preview", text, {"width": width, "height": height}))


def _as_is(plane: np.ndarray):
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(plane)), (plane.shape[1], plane.shape[0]), {}


def _stretched(plane: np.ndarray):
    """Eight bits between two percentiles of the numbers; colour channels are stretched together, so that colours stay."""
    if plane.dtype.kind not in "iufb" or plane.ndim not in (2, 3) or (plane.ndim == 3 and plane.shape[2] not in (3, 4)):
        raise UnreadableFile(Note("no_preview_of_this", gettext_noop("There is no preview of this kind of file.")))
    height, width = plane.shape[:2]
    _refuse_large(width, height, plane.itemsize)
    step = max(1, int((plane.size / SAMPLED) ** 0.5))
    sample = plane[::step, ::step].astype(np.float64)
    known = sample[np.isfinite(sample)]
    low, high = (float(v) for v in np.percentile(known, PERCENTILES)) if known.size else (0.0, 1.0)
    small = _averaged(plane[..., :3] if plane.ndim == 3 else plane, max(width, height) // (2 * PREVIEW_PX))
    share = np.clip((np.nan_to_num(small, nan=low) - low) / ((high - low) or 1.0), 0.0, 1.0)
    image, _size, _facts = _as_is(np.round(share * 255).astype(np.uint8))
    return image, (width, height), {"low": low, "high": high, "percentiles": list(PERCENTILES)}


def _averaged(plane: np.ndarray, factor: int) -> np.ndarray:
    """Means of ``factor`` × ``factor`` pixels, a band of rows at a time: the whole plane is never held twice."""
    if factor < 2:
        return plane.astype(np.float32)
    rows, columns = plane.shape[0] // factor, plane.shape[1] // factor
    bands = []
    for row in range(rows):
        band = plane[row * factor : (row + 1) * factor, : columns * factor].astype(np.float32)
        bands.append(band.reshape(factor, columns, factor, *plane.shape[2:]).mean(axis=(0, 2)))
    return np.stack(bands)


def _within(image, longest: int):
    """A copy that fits into a square; a small image stays as small as it is."""
    small = image.copy()
    small.thumbnail((longest, longest))
    return small


def _webp(image) -> bytes:
    made = io.BytesIO()
    image.save(made, "WEBP", quality=88, method=3, exif=b"", icc_profile=image.info.get("icc_profile") or b"")
    return made.getvalue()


def encode_drawn(drawn: Drawn) -> bytes:
    """A preview as bytes; :func:`decode_drawn` gives it back."""
    names = ("width", "height", "source_width", "source_height")
    head = json.dumps({name: getattr(drawn, name) for name in names} | {"facts": dict(drawn.facts)}).encode()
    sizes = HEAD.pack(len(head), len(drawn.preview), len(drawn.thumbnail))
    return sizes + head + drawn.preview + drawn.thumbnail


def decode_drawn(body: bytes) -> Drawn:
    """Decode what :func:`encode_drawn` made; ValueError when the bytes are anything else."""
    try:
        head, preview, thumbnail = HEAD.unpack_from(body)
        pieces = body[HEAD.size :]
        told = json.loads(pieces[:head])
        images = pieces[head : head + preview], pieces[head + preview : head + preview + thumbnail]
        if any(not image.startswith(b"RIFF") or image[8:12] != b"WEBP" for image in images):
            raise ValueError("no WebP")
        return Drawn(*images, **told)
    except (struct.error, TypeError, UnicodeDecodeError) as error:
        raise ValueError("a damaged preview") from error
