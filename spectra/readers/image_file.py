"""Images (.png, .jpg, .tif, .gif, .bmp): kept as they are; only size and description are read.

Pillow reads the header of PNG, JPEG, GIF and BMP, tifffile that of TIFF (microscopes write kinds that Pillow does not know: 16 and
32 bits, several pages). No pixel is unpacked. An image larger than MAX_PIXELS, or with sides of zero, is refused.
"""

import io
import re
from datetime import datetime
from pathlib import PurePath

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.reading import ImageRef, Item, Reading, UnreadableFile
from spectra.readers.text import clean

NAME, VERSION = "image_file", 1
ABOUT = About(
    "Image",
    "Microscopes, cameras, phones",
    (".png", ".jpg", ".tif", ".gif", ".bmp"),
    ("image",),
    gettext_noop("Kept as it came; size, description and date are read"),
    gettext_noop("Particle sizes are not measured here: upload the list of diameters."),
)
RASTER = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")
TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
MAX_PIXELS = 1_000_000_000
MAX_DESCRIPTION = 2_000
DATE = re.compile(r"(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})", re.ASCII)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    if head.startswith(b"BM"):
        return 90 if head[6:10] == b"\0\0\0\0" and len(head) > 26 else 0
    return 98 if head.startswith((*RASTER, *TIFF)) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read the facts of an image; the module's docstring is its specification."""
    width, height, said = _tiff(data) if data.startswith(TIFF) else _raster(data)
    if width < 1 or height < 1:
        raise _damaged_image()
    if width * height > MAX_PIXELS:
        text = gettext_noop("This image has {width} × {height} pixels, more than can be shown. Save a smaller one.")
        raise UnreadableFile(Note("image_too_large", text, {"width": width, "height": height}))
    stem = PurePath(name).stem
    said = {key: clean(str(value))[:MAX_DESCRIPTION] for key, value in said.items() if value}
    said |= {"Width": str(width), "Height": str(height)}
    moment = _moment(said.get("Date", ""))
    return Reading(
        NAME,
        VERSION,
        (Item(ImageRef(width, height, stem), "image", "file", stem, None, facts.make_conditions({}, stem), said),),
        instrument=said.get("Instrument", ""),
        title=stem,
        comment=said.get("Description", ""),
        measured_at=moment,
        measured_at_text=said.get("Date", ""),
        simulated=facts.is_simulated(stem),
        decided={"format": said.get("Format", "TIFF")},
    )


def _raster(data: bytes) -> tuple[int, int, dict]:
    from PIL import Image  # only here: the host stays small

    Image.MAX_IMAGE_PIXELS = None  # our own limit, and a sentence with it, follow
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP")) as image:
            width, height = image.size
            return (
                width,
                height,
                {"Format": image.format, "Mode": image.mode, "Description": image.info.get("Description")},
            )
    except MemoryError:
        raise
    except Exception as error:  # Pillow's parsers raise many kinds
        raise _damaged_image() from error


def _tiff(data: bytes) -> tuple[int, int, dict]:
    from tifffile import TiffFile

    try:
        with TiffFile(io.BytesIO(data)) as file:
            page = file.pages[0]
            texts = {
                key: page.tags[tag].value if tag in page.tags else ""
                for key, tag in (("Description", 270), ("Instrument", 272), ("Software", 305), ("Date", 306))
            }
            return int(page.imagewidth), int(page.imagelength), {"Format": "TIFF", **texts}
    except MemoryError:
        raise
    except Exception as error:
        raise _damaged_image() from error


def _damaged_image() -> UnreadableFile:
    text = gettext_noop("This image is damaged or was cut off. Save or copy it again.")
    return UnreadableFile(Note("image_damaged", text))


def _moment(text: str) -> datetime | None:
    found = DATE.search(text)
    return facts.jasco_date("/".join(found.group(1, 2, 3)), ":".join(found.group(4, 5, 6))) if found else None
