"""Andor Solis files (.sif): a text header with binary pieces, then 32-bit floats.

The header's lines differ between versions of Solis, so its parts are found from the end backwards::

    405.18 0.0487 -3.2e-07 -1.2e-10        calibration: x = c0 + c1·p + c2·p² + c3·p³, p from 1
    0 1 0 0                                 an older calibration (used when the first line holds none)
    …, wavelength of the Raman laser or a number, three lines
    10\\nWavelength6\\nCounts12\\nPixel number    names of x, of the values and of y, each after its length
    65541 left top right bottom frames tracks total length      numbers in all frames, numbers per frame
    65538 left top right bottom ybin xbin …                     one line per track
    a moment per frame; sometimes a flag    then ``total`` floats

``total`` must be frames × length, and the tracks must add up to ``length``. One track of one row is a spectrum, several frames
are a series over the frame number; images of many rows are kept as images.
"""

import re
from datetime import UTC, datetime
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import Bytes, cut_short, damaged, finite, too_many_numbers
from spectra.readers.number_block import MAX_NUMBERS
from spectra.readers.reading import ImageRef, Item, Reading
from spectra.readers.terms import x_axis
from spectra.readers.text import clean
from spectra.spectrum import Channel, Series, Spectrum

NAME, VERSION = "andor_sif", 1
ABOUT = About(
    "Andor Solis (.sif)",
    "Andor cameras and spectrographs",
    (".sif",),
    ("raman", "image"),
    gettext_noop("Spectra and series over frames with their calibrated axis; whole images are kept as images"),
    gettext_noop("Compressed or encrypted files: export them as ASCII."),
)
MAGIC = b"Andor Technology Multi-Channel File\n"
AXES = re.compile(rb"\n(\d{1,3})\n(?=[ -~]{1,99}\n[ -~]{1,99}\n[ -~]{1,99}65)")
LAYOUT = re.compile(rb"(65\d{3})((?: -?\d{1,9}){8})[ ]*\n")
TRACK = re.compile(rb"(65\d{3})((?: -?\d{1,9}){6,8})[ ]*\n")
MAX_FRAMES = 100_000


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 98 if head.startswith(MAGIC) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a Solis file; the module's docstring is its specification."""
    axes = AXES.search(data)
    if not axes:
        raise damaged("header")
    names, place = _names(data, axes.start() + 1)
    frames, tracks, total, length, place = _layout(data, place)
    shapes, place = _tracks(data, place, tracks)
    if (
        total != frames * length
        or sum(width * height for width, height in shapes) != length
        or not 1 <= frames <= MAX_FRAMES
    ):
        raise damaged("frames")
    if total > MAX_NUMBERS:
        raise too_many_numbers()
    if len(data) - place < 4 * total:
        raise cut_short()
    place = _start_of_numbers(data, place, frames)
    said, stem = _facts(data), PurePath(name).stem
    value, warnings = _value(data, place, frames, shapes, _calibration(data, axes.start()), names, stem)
    return _assemble(value, said, names, warnings, stem)


def _names(data: bytes, place: int) -> tuple[list[str], int]:
    names = []
    for _ in range(3):
        end = data.find(b"\n", place, place + 8)
        if end < 0 or not data[place:end].isdigit():
            raise damaged("axes")
        size = int(data[place:end])
        names.append(clean(data[end + 1 : end + 1 + size].decode("latin-1")))
        place = end + 1 + size
    return names, place


def _layout(data: bytes, place: int) -> tuple[int, int, int, int, int]:
    found = LAYOUT.match(data, place)
    if not found:
        raise damaged("frames")
    numbers = [int(word) for word in found[2].split()]
    frames, tracks, total, length = numbers[4:]
    if min(frames, tracks, total, length) < 1 or tracks > 10_000:
        raise damaged("frames")
    return frames, tracks, total, length, found.end()


def _tracks(data: bytes, place: int, tracks: int) -> tuple[list[tuple[int, int]], int]:
    """Width and height of each track, after binning."""
    shapes = []
    for _ in range(tracks):
        found = TRACK.match(data, place)
        if not found:
            raise damaged("tracks")
        left, top, right, bottom, y_bin, x_bin = (int(word) for word in found[2].split()[:6])
        if x_bin < 1 or y_bin < 1:
            raise damaged("tracks")
        shapes.append(((1 + right - left) // x_bin, (1 + top - bottom) // y_bin))
        place = found.end()
    if any(width < 1 or height < 1 for width, height in shapes):
        raise damaged("tracks")
    return shapes, place


def _start_of_numbers(data: bytes, place: int, frames: int) -> int:
    """Past the moments of the frames, and a flag with its own list where there is one."""
    line = re.compile(rb"[ ]*(-?\d{1,20})[ ]*\n")
    for _ in range(frames):
        found = line.match(data, place)
        if not found:
            raise damaged("frames")
        place = found.end()
    flag = line.match(data, place)
    if flag and flag[1] == b"0":
        return flag.end()
    if flag and flag[1] == b"1":
        place = flag.end()
        for _ in range(frames):
            found = line.match(data, place)
            if not found:
                return place
            place = found.end()
        return place
    if flag:  # a track line ends in 0; its list of moments begins one line later
        return flag.end()
    return place


def _calibration(data: bytes, before: int) -> list[float] | None:
    """The polynomial from pixel to x, seven lines above the axes, or the older one below it."""
    lines = data[max(0, before - 2_000) : before].split(b"\n")
    if len(lines) < 8:
        return None
    for line in (lines[-7], lines[-6]):
        try:
            numbers = [float(word) for word in line.split()]
        except ValueError:
            continue
        if 2 <= len(numbers) <= 12 and np.isfinite(numbers).all() and numbers[1:] != [1.0, *[0.0] * (len(numbers) - 2)]:
            return numbers
    return None


def _value(data: bytes, place: int, frames: int, shapes: list, coefficients, names: list[str], stem: str):
    width, height = shapes[0]
    if len(shapes) == 1 and height > 1:
        text = gettext_noop(
            "This file holds an image of {width} × {height}; the image is kept, its rows were not read as spectra."
        )
        return ImageRef(width, height, stem), [Note("image_kept", text, {"width": width, "height": height})]
    per_frame = sum(w * h for w, h in shapes)
    if any(shape != (width, 1) for shape in shapes):
        raise damaged("tracks")
    numbers = finite(Bytes(data).array("<f4", place, frames * per_frame), "values")
    x, unit, quantity, warnings = _axis(width, coefficients, names[0])
    spectra = [
        Spectrum(x, [Channel(row, "counts", "{counts}", name=names[1])], unit, quantity, stem)
        for row in numbers.reshape(-1, width)
    ]
    if len(spectra) == 1:
        return spectra[0], warnings
    z = np.arange(1.0, len(spectra) + 1)
    return Series(spectra, z, "frame" if len(shapes) == 1 else "track", "", stem), warnings


def _axis(width: int, coefficients: list[float] | None, name: str) -> tuple[np.ndarray, str, str, list[Note]]:
    pixel = np.arange(1.0, width + 1)
    if coefficients is None or name.lower().startswith("pixel"):
        text = gettext_noop(
            "The file has no wavelength calibration: x is the number of the pixel. Enter the axis by hand."
        )
        return pixel, "", "pixel", [Note("not_calibrated", text)]
    x = np.polynomial.polynomial.polyval(pixel, coefficients)
    if not np.isfinite(x).all():
        raise damaged("calibration")
    axis = x_axis(name)
    if axis is None:
        return x, "", "unknown", []
    return x, axis.unit or ("nm" if axis.quantity == "wavelength" else ""), axis.quantity, []


def _facts(data: bytes) -> dict[str, str]:
    """Moment, exposure and detector stand at the same words of the third and the next lines in all versions."""
    lines = data[:4_000].split(b"\n")
    words = lines[2].split() if len(lines) > 2 else []
    said = {}
    if len(words) > 13:
        said = dict(zip(("Moment", "Temperature"), (w.decode("latin-1") for w in words[4:6]), strict=True))
    if len(lines) > 3:
        said["Detector"] = clean(lines[3].decode("latin-1"))[:60]
    return said


def _assemble(value, said: dict, names: list[str], warnings: list[Note], stem: str) -> Reading:
    seconds = int(said["Moment"]) if said.get("Moment", "").isdigit() else 0
    moment = datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**32 else None
    technique, source = _technique(value, names)
    if isinstance(value, ImageRef):
        said = said | {"Width": str(value.width), "Height": str(value.height)}
    if technique is None:
        text = gettext_noop("The file does not tell what was measured. Choose the technique by hand.")
        warnings = [*warnings, Note("technique_unknown", text)]
    item = Item(value, technique, source, stem, facts.role_from(stem), facts.make_conditions({}, stem), said)
    return Reading(
        NAME,
        VERSION,
        (item,),
        instrument=f"Andor {said.get('Detector', '')}".strip(),
        title=stem,
        measured_at=moment,
        measured_at_text=said.get("Moment", ""),
        simulated=facts.is_simulated(stem),
        warnings=tuple(warnings),
        decided={"axis": names[0]},
    )


def _technique(value, names: list[str]) -> tuple[str | None, str]:
    if isinstance(value, ImageRef):
        return "image", "file"
    return ("raman", "file") if "raman" in names[0].lower() else (None, "rule")
