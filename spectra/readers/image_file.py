"""Images (.png, .jpg, .tif, .gif, .bmp, .webp): kept as they are; size, date and imaging conditions are read.

Pillow reads the header of PNG, JPEG, GIF, BMP and WebP, tifffile that of TIFF and BigTIFF (microscopes write kinds that
Pillow does not know: 16 and 32 bits, many pages). No pixel is unpacked here; ``preview`` draws. ``image_facts`` tells where
pixel size, voltage and the like stand. Sides of zero, or more than MAX_PIXELS, are no image.

A camera's EXIF may turn the image (then width and height are those seen) and may hold its place on earth. The place is
never read out, shown or drawn; that it stands in the file is told, for whoever passes the file on.
"""

import re
from datetime import datetime
from pathlib import PurePath

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.image_facts import positive, tiff_facts
from spectra.readers.large import as_file
from spectra.readers.reading import ImageRef, Item, Reading, UnreadableFile
from spectra.readers.text import clean

NAME, VERSION = "image_file", 2
ANY_SIZE = True
ABOUT = About(
    "Image",
    "Microscopes, cameras, phones",
    (".png", ".jpg", ".tif", ".gif", ".bmp", ".webp"),
    ("image",),
    gettext_noop("Kept as it came and shown as a preview; size, date, pixel size and imaging conditions are read"),
    gettext_noop("Particle sizes are not measured here: upload the list of diameters."),
)
RASTER = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")
TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
PILLOW_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
MAX_PIXELS = 20_000_000_000  # 8 GB hold no more
MAX_DESCRIPTION = 2_000
DATE = re.compile(r"(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})", re.ASCII)
EXIF, GPS = 0x8769, 0x8825
ORIENTATION, CAMERA, WRITTEN, TAKEN, EXPOSURE = 274, 272, 306, 36867, 33434
TURNED = (5, 6, 7, 8)  # orientations that exchange width and height


def sniff(head: bytes, tail: bytes, name: str) -> int:
    if head.startswith(b"BM"):
        return 90 if head[6:10] == b"\0\0\0\0" and len(head) > 26 else 0
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return 98
    return 98 if head.startswith((*RASTER, *TIFF)) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read the facts of an image; the module's docstring is its specification."""
    found = _tiff(data) if data.startswith(TIFF) else _raster(data)
    width, height, n_frames, said, conditions, told_by, warnings = found
    if width < 1 or height < 1:
        raise damaged_image()
    if width * height > MAX_PIXELS:
        text = gettext_noop("This image says that it has {width} × {height} pixels, which no such file can hold.")
        raise UnreadableFile(Note("image_too_large", text, {"width": width, "height": height}))
    stem = PurePath(name).stem
    said = {key: clean(str(value))[:MAX_DESCRIPTION] for key, value in said.items() if value}
    said |= {"Width": str(width), "Height": str(height)} | ({"Frames": str(n_frames)} if n_frames > 1 else {})
    value = ImageRef(width, height, stem, n_frames)
    return Reading(
        NAME,
        VERSION,
        (Item(value, "image", "file", stem, None, Conditions.from_mapping(conditions), said),),
        instrument=said.get("Instrument", ""),
        title=stem,
        comment=said.get("Description", ""),
        measured_at=_moment(said.get("Date", "")),
        measured_at_text=said.get("Date", ""),
        simulated=facts.is_simulated(stem),
        warnings=tuple(warnings),
        decided={"format": said.get("Format", "TIFF"), **pixel_size_decided(conditions, told_by)},
    )


def pixel_size_decided(conditions: dict, told_by: str) -> dict[str, str]:
    """The pixel size as the file states it, beside who states it: what a person types later does not change it."""
    size = conditions.get("pixel_size_nm")
    return {"pixel_size_nm": f"{size:.9g}", "pixel_size_from": told_by} if size else {}


def _raster(data: bytes) -> tuple:
    from PIL import Image  # only here: the host stays small

    Image.MAX_IMAGE_PIXELS = None  # our own limit, and a sentence with it, follow
    try:
        with Image.open(as_file(data), formats=PILLOW_FORMATS) as image:
            width, height = image.size
            said = {"Format": image.format, "Mode": image.mode, "Description": image.info.get("Description")}
            # Of a PNG without EXIF among its first chunks, Pillow would unpack all pixels to look for it behind them.
            exif = image.getexif() if image.format != "PNG" or "exif" in image.info else Image.Exif()
            camera, warnings = _camera(exif)
            if exif.get(ORIENTATION) in TURNED:
                width, height = height, width
            frames = getattr(image, "n_frames", 1) if isinstance(data, bytes) else 1
            conditions = {"exposure_s": positive(float(camera.pop("Exposure") or 0))}
            return width, height, frames, said | camera, conditions, "", warnings
    except MemoryError:
        raise
    except Exception as error:  # Pillow's parsers raise many kinds
        raise damaged_image() from error


def _camera(exif) -> tuple[dict, list[Note]]:
    """What a camera wrote, without the place, and a note when the place stands in the file."""
    inner = exif.get_ifd(EXIF)
    told = {
        "Camera": exif.get(CAMERA),
        "Date": inner.get(TAKEN) or exif.get(WRITTEN),
        "Exposure": inner.get(EXPOSURE),
    }
    if not exif.get_ifd(GPS):
        return told, []
    text = gettext_noop(
        "This photo holds the place where it was taken (GPS). QDLab does not show it, and the preview is without it; "
        "the file itself stays as it came, for everybody who may download it."
    )
    return told, [Note("photo_tells_place", text)]


def _tiff(data: bytes) -> tuple:
    from tifffile import TiffFile

    try:
        with TiffFile(as_file(data)) as file:
            page = file.pages[0]
            texts = {
                key: page.tags[tag].value if tag in page.tags else ""
                for key, tag in (("Description", 270), ("Instrument", CAMERA), ("Software", 305), ("Date", WRITTEN))
            }
            conditions, told_by = tiff_facts(file)
            width, height = int(page.imagewidth), int(page.imagelength)
            said = {"Format": "BigTIFF" if file.is_bigtiff else "TIFF", **texts}
            said["Bits"] = page.bitspersample
            return width, height, _n_frames(file, data), said, conditions, told_by, []
    except MemoryError:
        raise
    except Exception as error:
        raise damaged_image() from error


def _n_frames(file, data) -> int:
    """Pages, or the planes that ImageJ keeps behind a single one. The pages of a very large file are not walked through."""
    stack = (file.imagej_metadata or {}).get("images", 1)
    pages = len(file.pages) if isinstance(data, bytes) else 1
    return max(pages, stack if isinstance(stack, int) else 1)


def damaged_image() -> UnreadableFile:
    text = gettext_noop("This image is damaged or was cut off. Save or copy it again.")
    return UnreadableFile(Note("image_damaged", text))


def _moment(text: str) -> datetime | None:
    found = DATE.match(text)
    try:
        return datetime(*map(int, found.groups())) if found else None
    except ValueError:
        return None
