"""Lambda-SPX and UV WinLab scans (.dsp): one value per line, by position.

Lines 1–10: a word, the kind (``Scan``), a version, the sample, the unit of x, first x, last x, step, number of points,
the ordinate (``A``, ``%T``, ``%R``); then the smallest and the largest value, a flag, the instrument with its computer, an
empty line, three moments (scanned, saved as a version, set up). ``#SPECIFIC1`` … sections follow; ``#DATA`` begins the values, one per line,
from the first x on. The range of values in the header must be that of the rows. The file does not say in which direction the
scan ran; that is told, because rows the other way round would look just as good.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import damaged, grid
from spectra.readers.decoding import peek_lines
from spectra.readers.jcamp_numbers import read_pairs
from spectra.readers.number_block import printed_number
from spectra.readers.over_range import blank_over_range
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.text import clean, open_text
from spectra.spectrum import Channel, Spectrum

NAME, VERSION = "lambda_spx", 1
ABOUT = About(
    "Lambda-SPX scan (.dsp)",
    "PerkinElmer Lambda with Lambda-SPX",
    (".dsp",),
    ("uvvis",),
    gettext_noop("Absorbance, transmittance and reflectance"),
    gettext_noop(
        "The direction of the scan stands nowhere in the file: compare the curve with the instrument's own picture."
    ),
)
ORDINATES = {
    "A": ("absorbance", "1"),
    "%T": ("transmittance", "%"),
    "%R": ("reflectance", "%"),
    "T": ("transmittance", "1"),
}
DATA = re.compile(r"^#DATA[ \t]*$", re.M)
HEADER_LINES = 20


def sniff(head: bytes, tail: bytes, name: str) -> int:
    lines = peek_lines(head).split("\n")[:HEADER_LINES]
    if len(lines) < 12 or lines[1].strip() != "Scan" or lines[4].strip() != "nm":
        return 0
    return 95 if all(printed_number(lines[i]) is not None for i in (5, 6, 7, 8)) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a Lambda-SPX scan; the module's docstring is its specification."""
    file = open_text(data)
    start = DATA.search(file.text)
    lines = [clean(line) for line in file.lines(0, HEADER_LINES + 20)]
    if not start or len(lines) < HEADER_LINES:
        raise UnreadableFile(
            Note("no_rows", gettext_noop("This file has a header but no rows of numbers. Export it again."))
        )
    first, last, step, count, low, high = (printed_number(lines[i]) for i in (5, 6, 7, 8, 10, 11))
    if None in (first, last, step, count):
        raise damaged("header")
    mark = "," if any("," in lines[i] for i in (5, 6, 7, 10, 11)) else "."
    rows = read_pairs(file.text[start.end() :], file.line_of(start.end()) + 1, 1, mark == ",")
    if len(rows) < count:
        text = gettext_noop("This file ends after {found} of {said} points: it was cut off. Export or copy it again.")
        raise UnreadableFile(Note("file_cut_short", text, {"found": len(rows), "said": int(count)}))
    y = rows[: int(count), 0]
    if len(rows) != count or not len(y) or not _range_agrees(y, low, high):
        raise damaged("#DATA")
    x = grid(first, step if last >= first else -abs(step), len(y))
    if abs(x[-1] - last) > 0.01 * abs(step):
        raise damaged("header")
    return _assemble(x, y, lines, PurePath(name).stem, {"encoding": file.encoding, "decimal_mark": mark})


def _range_agrees(y: np.ndarray, low: float | None, high: float | None) -> bool:
    if low is None or high is None or low == high:
        return True
    return bool(np.allclose([np.nanmin(y), np.nanmax(y)], [low, high], rtol=1e-6, atol=1e-9))


def _assemble(x: np.ndarray, y: np.ndarray, lines: list[str], stem: str, decided: dict) -> Reading:
    quantity, unit = ORDINATES.get(lines[9], ("unknown", lines[9]))
    channel, warnings = blank_over_range(Channel(y, quantity, unit, name=lines[9]))
    text = gettext_noop("The file does not say in which direction the scan ran; x was taken from {first} to {last}.")
    warnings.append(Note("direction_assumed", text, {"first": f"{x[0]:g}", "last": f"{x[-1]:g}"}))
    title = PurePath(lines[3].replace("\\", "/")).stem or stem
    conditions = facts.make_conditions({}, title)
    said = dict(zip(("Kind", "Version", "Sample"), lines[1:4], strict=True)) | {"Instrument": lines[13]}
    item = Item(
        Spectrum(x, [channel], "nm", "wavelength", title),
        "uvvis",
        "file",
        title,
        facts.role_from(title),
        conditions,
        said,
    )
    model = next((line for line in lines[24:] if line.startswith("Lambda")), "") or lines[13].split("/")[0]
    return Reading(
        NAME,
        VERSION,
        (item,),
        instrument=f"PerkinElmer {model}".strip(),
        title=title,
        measured_at=facts.us_date(lines[16]),
        measured_at_text=lines[16],
        simulated=facts.is_simulated(title),
        warnings=tuple(warnings),
        decided=decided,
    )
