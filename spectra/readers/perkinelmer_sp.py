"""PerkinElmer binary spectra (.sp; Spectrum, Spectrum 10, Lambda as ``PEPE2D constant interval DataSet file``).

After 44 bytes of signature and comment come nested blocks: i16 identity, i32 length, content; a content begins with a type
word (0x751D two f64, 0x751B one f64, 0x752B i32, 0x7523 text with its u16 length, 0x7516 array with its i32 length in bytes).
Of the data set (block 120)::

    −29838 first and last x     −29837 smallest and largest y     −29836 step        −29835 number of points
    −29833 unit of x            −29832 unit of y                  −29828 f64 ordinates
    −29827 path of the file     −29823 name                       −29825 history: entries of −29838 person, −29836 date, …

The axis is first x + i·step (the step is negative on descending axes) and must end at the last x; number, range and bytes of
the ordinates must agree.
"""

import re
from datetime import datetime
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import Bytes, damaged, finite, grid
from spectra.readers.over_range import blank_over_range
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import UNIT_OF, normal
from spectra.readers.text import clean
from spectra.spectrum import Channel, Spectrum

NAME, VERSION = "perkinelmer_sp", 1
ABOUT = About(
    "PerkinElmer (.sp)",
    "Spectrum, Lambda",
    (".sp",),
    ("ir", "uvvis"),
    gettext_noop("Spectra on even steps, with the history of the file"),
    gettext_noop("Other binary forms: export them as ASCII."),
)
MAGIC = b"PEPE2D"
DATASET, HISTORY = 120, -29825
RANGE, Y_RANGE, STEP, COUNT, X_LABEL, Y_LABEL, VALUES, PATH, ALIAS = (
    -29838, -29837, -29836, -29835, -29833, -29832, -29828, -29827, -29823,
)  # fmt: skip
TWO_F8, ONE_F8, INTEGER, TEXT, ARRAY = 0x751D, 0x751B, 0x752B, 0x7523, 0x7516
PERSON, DATE, MODEL, SERIAL = 0x8B72, 0x8B74, 0x8BFD, 0x8BFE
MAX_BLOCKS = 10_000
X_QUANTITIES = {"1/cm": "wavenumber", "nm": "wavelength", "um": "wavelength", "s": "time", "min": "time"}
Y_OF = {
    "a": ("absorbance", "1"),
    "abs": ("absorbance", "1"),
    "%t": ("transmittance", "%"),
    "t": ("transmittance", "1"),
    "%r": ("reflectance", "%"),
    "egy": ("intensity", "[a.u.]"),
    "int": ("intensity", "[a.u.]"),
}
WHEN = re.compile(r"[A-Za-z]{3} ([A-Za-z]{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})", re.ASCII)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 98 if head.startswith(MAGIC) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a PerkinElmer file; the module's docstring is its specification."""
    file = Bytes(data)
    blocks = _dataset(file)
    x, y = _numbers(file, blocks)
    x_unit = UNIT_OF.get(normal(_said(file, blocks, X_LABEL)), _said(file, blocks, X_LABEL))
    y_label = _said(file, blocks, Y_LABEL)
    quantity, unit = Y_OF.get(normal(y_label), ("unknown", y_label))
    channel, warnings = blank_over_range(Channel(y, quantity, unit, name=y_label))
    technique = _technique(x_unit, quantity)
    if technique is None:
        text = gettext_noop("The file does not tell what was measured. Choose the technique by hand.")
        warnings.append(Note("technique_unknown", text))
    path = _said(file, blocks, PATH).replace("\\", "/")
    title = _said(file, blocks, ALIAS) or PurePath(path).stem or PurePath(name).stem
    history = _history(file, blocks)
    moments = [moment for text in history.get(DATE, []) if (moment := _moment(text))]
    item = Item(
        Spectrum(x, [channel], x_unit, X_QUANTITIES.get(x_unit, "unknown"), title),
        technique,
        "rule",
        title,
        facts.role_from(title),
        facts.make_conditions({}, title),
        {"Path": path, "X unit": _said(file, blocks, X_LABEL), "Y unit": y_label},
    )
    return Reading(
        NAME,
        VERSION,
        (item,),
        instrument=f"PerkinElmer {next(iter(history.get(MODEL, [])), '')}".strip(),
        serial=next(iter(history.get(SERIAL, [])), ""),
        operator=next(iter(history.get(PERSON, [])), ""),
        title=title,
        measured_at=min(moments, default=None),
        measured_at_text=min((t for t in history.get(DATE, []) if _moment(t)), key=_moment, default=""),
        simulated=facts.is_simulated(title),
        warnings=tuple(warnings),
        decided={"blocks": str(len(blocks))},
    )


def _dataset(file: Bytes) -> dict[int, tuple[int, int]]:
    """Place and length of each block of the data set; the first of each identity counts."""
    place, end = 44, len(file)
    while place + 6 <= end:
        identity, size = file.many("<hi", place)
        file.need(place + 6, size)
        if identity == DATASET:
            return dict(reversed(_blocks(file, place + 6, place + 6 + size)))
        place += 6 + size
    raise damaged("DataSet")


def _blocks(file: Bytes, place: int, end: int) -> list[tuple[int, tuple[int, int]]]:
    found = []
    while place + 6 <= end and len(found) < MAX_BLOCKS:
        identity, size = file.many("<hi", place)
        if size < 0 or place + 6 + size > end:
            raise damaged("block")
        found.append((identity, (place + 6, size)))
        place += 6 + size
    return found


def _numbers(file: Bytes, blocks: dict) -> tuple[np.ndarray, np.ndarray]:
    for key in (RANGE, STEP, COUNT, VALUES):
        if key not in blocks:
            raise damaged("DataSet")
    first, last = _typed(file, blocks[RANGE], TWO_F8, "<2d")
    (step,) = _typed(file, blocks[STEP], ONE_F8, "<d")
    (count,) = _typed(file, blocks[COUNT], INTEGER, "<i")
    (size,) = _typed(file, blocks[VALUES], ARRAY, "<i")
    place, length = blocks[VALUES]
    if count < 1 or size != 8 * count or size > length - 6:
        raise damaged("points")
    y = finite(file.array("<f8", place + 6, count), "y")
    x = grid(first, step, count)
    if abs(x[-1] - last) > 0.01 * abs(step):
        raise damaged("x")
    if Y_RANGE in blocks:
        low, high = _typed(file, blocks[Y_RANGE], TWO_F8, "<2d")
        if not np.allclose([low, high], [y.min(), y.max()], rtol=1e-6, atol=1e-12):
            raise damaged("y")
    x[-1] = last
    return x, y


def _typed(file: Bytes, where: tuple[int, int], kind: int, layout: str) -> tuple:
    if file.one("<H", where[0]) != kind:
        raise damaged("type")
    return file.many(layout, where[0] + 2)


def _said(file: Bytes, blocks: dict, key: int) -> str:
    if key not in blocks:
        return ""
    try:
        (size,) = _typed(file, blocks[key], TEXT, "<H")
        return clean(file.piece(blocks[key][0] + 4, size).decode("cp1252", "replace"))
    except UnreadableFile:
        return ""


def _history(file: Bytes, blocks: dict) -> dict[int, list[str]]:
    """Texts of the history by identity, wherever they are nested: each stands as identity, length, type, length, letters."""
    found: dict[int, list[str]] = {}
    if HISTORY not in blocks:
        return found
    place, size = blocks[HISTORY]
    piece, end = file.data[place : place + size], size
    for mark in re.finditer(re.escape(TEXT.to_bytes(2, "little")), piece):
        at = mark.start()
        if at < 6 or at + 4 > end or len(found) > 500:
            continue
        identity = int.from_bytes(piece[at - 6 : at - 4], "little")
        length, letters = int.from_bytes(piece[at - 4 : at], "little"), int.from_bytes(piece[at + 2 : at + 4], "little")
        if letters and length == letters + 4 and identity in (PERSON, DATE, MODEL, SERIAL):
            found.setdefault(identity, []).append(clean(piece[at + 4 : at + 4 + letters].decode("cp1252", "replace")))
    return found


def _moment(text: str) -> datetime | None:
    """``Thu Mar 09 09:17:56 2006``, with English months."""
    found = WHEN.search(text)
    if not found or found[1].lower() not in MONTHS:
        return None
    day = f"{found[6]}/{MONTHS.index(found[1].lower()) + 1}/{found[2]}"
    return facts.jasco_date(day, f"{found[3]}:{found[4]}:{found[5]}")


def _technique(x_unit: str, quantity: str) -> str | None:
    if x_unit == "1/cm":
        return "ir"
    if x_unit == "nm" and quantity in ("absorbance", "transmittance", "reflectance"):
        return "uvvis"
    return None
