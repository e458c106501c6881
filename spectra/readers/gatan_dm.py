"""Gatan DigitalMicrograph files (.dm3, .dm4): spectra as numbers, images by their size and calibration.

Big-endian: u32 version (3 or 4), length (u32; u64 in version 4), u32 1 when the data are little-endian; then a group of tags::

    group   u8 sorted, u8 open, count (u32; u64), tags
    tag     u8 kind (20 group, 21 data), u16 length of its name, name, in version 4 u64 length of what follows
    data    "%%%%", number of words that describe it (u32; u64), the words: 2 i16, 3 i32, 4 u16, 5 u32, 6 f32, 7 f64, 8 bool,
            9, 10 bytes, 11 i64, 12 u64, 15 a structure (…, fields with their types), 18 text, 20 an array of a type and its length

``ImageList`` holds the images, the first of which is a thumbnail when there are several: ``ImageData.Dimensions``, ``…Data``,
``…Calibrations.Dimension`` (Origin and Scale: x = (i − Origin) · Scale, Units). One dimension is a spectrum; two or more are an image.
Arrays are passed over by their length; only a spectrum's own numbers are taken, so that a film of gigabytes is told in
milliseconds. The scale of an image in a length is its pixel size (a diffraction pattern, in 1/nm, has none).
"""

from pathlib import PurePath

import numpy as np

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import Bytes, cut_short, damaged, finite, grid
from spectra.readers.dates import dated
from spectra.readers.image_facts import length_nm, positive, square
from spectra.readers.image_file import pixel_size_decided
from spectra.readers.reading import ImageRef, Item, Reading
from spectra.readers.terms import unit_code
from spectra.readers.text import clean
from spectra.spectrum import Channel, Spectrum

NAME, VERSION = "gatan_dm", 2
ANY_SIZE = True
ABOUT = About(
    "Gatan DigitalMicrograph (.dm3, .dm4)",
    "Gatan cameras and spectrometers",
    (".dm3", ".dm4"),
    ("image", "edx", "generic"),
    gettext_noop("Spectra as numbers; images with a preview, their calibration and imaging conditions"),
    gettext_noop("Particle sizes are not measured here: upload the list of diameters."),
)
SCALARS = {2: "i2", 3: "i4", 4: "u2", 5: "u4", 6: "f4", 7: "f8", 8: "u1", 9: "i1", 10: "u1", 11: "i8", 12: "u8"}
STRUCTURE, STRING, ARRAY = 15, 18, 20
GROUP, DATA = 20, 21
MODES = (("DIFFRACTION", "diffraction"), ("STEM", "STEM"), ("TEM", "TEM"))
MAX_DEPTH, MAX_TAGS, MAX_TEXT = 40, 200_000, 4_000


def sniff(head: bytes, tail: bytes, name: str) -> int:
    if len(head) < 24 or head[:4] not in (b"\0\0\0\3", b"\0\0\0\4"):
        return 0
    little = head[8:12] if head[3] == 3 else head[12:16]
    group = head[12:14] if head[3] == 3 else head[16:18]
    return 95 if little in (b"\0\0\0\0", b"\0\0\0\1") and max(group) <= 1 else 0


class Tags:
    """Scalars and texts by their path; arrays as (type, place, length)."""

    def __init__(self, data: bytes):
        self.file = Bytes(data)
        self.wide = self.file.one(">I", 0) == 4
        self.word, self.size = (">Q", 8) if self.wide else (">I", 4)
        start = 4 + self.size
        self.order = "<" if self.file.one(">I", start) == 1 else ">"
        self.values: dict[str, object] = {}
        self.n_tags = 0
        self._group(start + 4, "", 0)

    def _count(self, place: int) -> tuple[int, int]:
        return self.file.one(self.word, place), place + self.size

    def _group(self, place: int, path: str, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise damaged("tags")
        count, place = self._count(place + 2)
        for number in range(count):
            self.n_tags += 1
            if self.n_tags > MAX_TAGS:
                raise damaged("tags")
            kind, length = self.file.many(">BH", place)
            name = self.file.piece(place + 3, length).decode("latin-1") or str(number)
            place += 3 + length + (8 if self.wide else 0)
            here = f"{path}.{name}" if path else name
            if kind == GROUP:
                place = self._group(place, here, depth + 1)
            elif kind == DATA:
                place = self._data(place, here)
            else:
                raise damaged("tags")
        return place

    def _data(self, place: int, path: str) -> int:
        if self.file.piece(place, 4) != b"%%%%":
            raise damaged("tags")
        n_words, place = self._count(place + 4)
        if not 1 <= n_words <= 1_000:
            raise damaged("tags")
        words = self.file.many(f">{n_words}{self.word[1]}", place)
        place += self.size * n_words
        kind = words[0]
        if kind in SCALARS and n_words == 1:
            self.values[path] = self.file.one(self.order + _letter(kind), place)
            return place + np.dtype(SCALARS[kind]).itemsize
        if kind == STRUCTURE:
            return self._past(place, _width(words[1:]))
        if kind == STRING and n_words == 2:
            return self._past(place, 2 * words[1])
        if kind == ARRAY and n_words >= 3:
            return self._array(place, path, words)
        raise damaged("tags")

    def _array(self, place: int, path: str, words: tuple) -> int:
        length = words[-1]
        if words[1] == STRUCTURE:
            return self._past(place, _width(words[2:-1]) * length)
        if words[1] not in SCALARS:
            raise damaged("tags")
        dtype = np.dtype(SCALARS[words[1]])
        end = self._past(place, dtype.itemsize * length)
        if words[1] == 4 and length <= MAX_TEXT and not path.endswith(".Data"):
            codec = "utf-16-le" if self.order == "<" else "utf-16-be"
            self.values[path] = clean(self.file.piece(place, 2 * length).decode(codec, "replace"))
        else:
            self.values[path] = (self.order + dtype.str[1:], place, length)
        return end

    def _past(self, place: int, size: int) -> int:
        if place + size > len(self.file):
            raise cut_short()
        return place + size

    def number(self, path: str) -> float | None:
        value = self.values.get(path)
        return float(value) if isinstance(value, (int, float)) and np.isfinite(value) else None

    def text(self, path: str) -> str:
        value = self.values.get(path)
        return value if isinstance(value, str) else ""


def _letter(kind: int) -> str:
    return {
        "i1": "b",
        "u1": "B",
        "i2": "h",
        "u2": "H",
        "i4": "i",
        "u4": "I",
        "i8": "q",
        "u8": "Q",
        "f4": "f",
        "f8": "d",
    }[SCALARS[kind]]


def _width(words: tuple) -> int:
    """Bytes of a structure: length of its name, number of fields, and per field the length of its name and its type."""
    if len(words) < 2 or len(words) < 2 + 2 * words[1]:
        raise damaged("tags")
    kinds = words[3 : 3 + 2 * words[1] : 2]
    if any(kind not in SCALARS for kind in kinds):
        raise damaged("tags")
    return sum(np.dtype(SCALARS[kind]).itemsize for kind in kinds)


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a DigitalMicrograph file; the module's docstring is its specification."""
    tags, stem = Tags(data), PurePath(name).stem
    image, sides = main_image(tags)
    value, warnings = _value(tags, image, sides, stem)
    said = _facts(tags, image)
    title = tags.text(f"{image}.Name") or stem
    conditions, decided = facts.make_conditions({}, title), {"version": "dm4" if tags.wide else "dm3"}
    if isinstance(value, ImageRef):
        said |= {"Width": str(value.width), "Height": str(value.height)}
        taken = _imaging(tags, image)
        conditions, decided = Conditions.from_mapping(taken), decided | pixel_size_decided(taken, "Gatan")
    technique = "image" if isinstance(value, ImageRef) else None
    if technique is None:
        text = gettext_noop("The file does not tell what was measured. Choose the technique by hand.")
        warnings.append(Note("technique_unknown", text))
    item = Item(value, technique, "file" if technique else "rule", title, None, conditions, said)
    date = " ".join(tags.text(f"{image}.ImageTags.DataBar.Acquisition {part}") for part in ("Date", "Time")).strip()
    measured_at, notes = dated(date)
    return Reading(
        NAME,
        VERSION,
        (item,),
        instrument="Gatan DigitalMicrograph",
        title=title,
        simulated=facts.is_simulated(title),
        measured_at=measured_at,
        measured_at_text=date,
        warnings=(*warnings, *notes),
        decided=decided,
    )


def main_image(tags: Tags) -> tuple[str, list[int]]:
    """The path of the image that the file is about (the last one; a thumbnail goes before it), and its sides."""
    images = [path for path in tags.values if path.startswith("ImageList.") and path.endswith(".ImageData.Data")]
    if not images:
        raise damaged("ImageList")
    image = images[-1].removesuffix(".ImageData.Data")
    sides: list[int] = []
    while (side := tags.number(f"{image}.ImageData.Dimensions.{len(sides)}")) is not None and len(sides) < 5:
        sides.append(int(side))
    return image, sides


def _value(tags: Tags, image: str, sides: list[int], stem: str):
    if not sides or min(sides) < 1:
        raise damaged("Dimensions")
    if len(sides) > 1 and sides[1] > 1:
        return ImageRef(sides[0], sides[1], stem, max(1, int(np.prod(sides[2:])))), []
    kept = tags.values[f"{image}.ImageData.Data"]
    if not isinstance(kept, tuple) or kept[2] != int(np.prod(sides)):
        raise damaged("Data")
    y = finite(tags.file.array(*kept), "Data")
    axis = f"{image}.ImageData.Calibrations.Dimension.0"
    origin, scale = tags.number(f"{axis}.Origin") or 0.0, tags.number(f"{axis}.Scale")
    if not scale:
        raise damaged("Calibrations")
    unit = unit_code(tags.text(f"{axis}.Units"))
    quantity = {"eV": "energy", "keV": "energy", "nm": "wavelength"}.get(unit, "unknown")
    x = grid(-origin * scale, scale, y.size)
    return Spectrum(x, [Channel(y, "counts", "{counts}")], unit, quantity, stem), []


def first_plane(tags: Tags) -> np.ndarray:
    """The first plane of the image as it is stored, for a preview; its numbers are those of the camera."""
    image, sides = main_image(tags)
    kept = tags.values[f"{image}.ImageData.Data"]
    if len(sides) < 2 or not isinstance(kept, tuple) or kept[2] < sides[0] * sides[1] > 0:
        raise damaged("Data")
    dtype, place, _length = kept
    size = np.dtype(dtype).itemsize * sides[0] * sides[1]
    return np.frombuffer(tags.file.piece(place, size), dtype).reshape(sides[1], sides[0])


def _imaging(tags: Tags, image: str) -> dict:
    """What the microscope told the camera, as fields of Conditions."""
    scope, axes = f"{image}.ImageTags.Microscope Info", f"{image}.ImageData.Calibrations.Dimension"
    sides = [length_nm(tags.number(f"{axes}.{k}.Scale"), tags.text(f"{axes}.{k}.Units")) for k in (0, 1)]
    volts, exposure = tags.number(f"{scope}.Voltage"), tags.number(f"{image}.ImageTags.DataBar.Exposure Time (s)")
    mode = f"{tags.text(f'{scope}.Illumination Mode')} {tags.text(f'{scope}.Imaging Mode')}".upper()
    named = next((name for word, name in MODES if word in mode), None)
    return {
        "pixel_size_nm": square(*sides),
        "acceleration_kv": volts / 1e3 if positive(volts) else None,
        "magnification": positive(tags.number(f"{scope}.Indicated Magnification")),
        "exposure_s": positive(exposure),
        "microscope": (tags.text(f"{scope}.Microscope") or tags.text(f"{scope}.Name"))[:120] or None,
        "detector": tags.text(f"{image}.ImageTags.DataBar.Device Name")[:120] or None,
        "imaging_mode": named,
    }


def _facts(tags: Tags, image: str) -> dict[str, str]:
    """Scale of the image and what the microscope said of itself."""
    axis = f"{image}.ImageData.Calibrations.Dimension.0"
    said = {"Pixel size": f"{tags.number(f'{axis}.Scale') or 0:g} {tags.text(f'{axis}.Units')}".strip()}
    head = f"{image}.ImageTags.Microscope Info."
    for path, value in tags.values.items():
        if path.startswith(head) and not isinstance(value, tuple) and len(said) < 60 and value not in ("", None):
            said[path.removeprefix(head)] = f"{value:g}" if isinstance(value, float) else str(value)
    return said
