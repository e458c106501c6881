"""Edinburgh Instruments F980 and Fluoracle text exports (txt with tabs, csv with commas).

Layout::

    M0                              a title line and a blank line may come first
    Labels <sep> Em 1 <sep> Em 2 <sep>      one cell per scan; every line ends in a separator
    Type <sep> Emission Scan <sep> …        the technique
    Comment, Start, Stop, Step
    Fixed/Offset <sep> 460.00               the wavelength that stood still; −100, 0 or blank: not known;
                                            of a synchronous scan the distance of the monochromators
    Xaxis <sep> Wavelength                  in nm; or ``Time(ns)`` (XAxis), ``Time(s)``
    Yaxis <sep> Counts                      or Absorbance, Transmittance
    Scan Slit, Fixed/Offset Slit [nm], Repeats, Dwell Time [s], Lamp, Temp (unit not told), Detector …
                                            older versions stop after YAxis
    (blank line)
    x <sep> y1 <sep> y2 <sep>

Start and Stop must be the first and the last x of each scan, Step must lead from one to the other. Columns that differ
in nothing but their label are repeated scans: a series over the number of the scan; columns that differ in
Fixed/Offset alone are a series over that wavelength (a map). A scan that is shorter than others has empty cells.
Time scans on equal steps are decays, one per column.
"""

import re
from pathlib import PurePath

from spectra.notes import gettext_noop
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.edinburgh_items import items_of
from spectra.readers.edinburgh_scans import groups_of, scans_of
from spectra.readers.number_block import printed_number
from spectra.readers.reading import Reading
from spectra.readers.table_header import split_row
from spectra.readers.terms import normal
from spectra.readers.text import TextFile, clean, open_text, refuse_open_end
from spectra.readers.vendor_reading import marks, vendor_reading
from spectra.readers.vendor_rows import rows_below

NAME, VERSION = "edinburgh", 2
ABOUT = About(
    "Edinburgh F980 and Fluoracle",
    "FLS980, FLS1000, FS5, LifeSpec",
    (".txt", ".csv"),
    ("pl_emission", "pl_excitation", "uvvis", "decay", "kinetics", "raman"),
    gettext_noop(
        "Several scans in a file, repeats and maps as series, decays and instrument responses, excitation, slits and dwell time"
    ),
    gettext_noop("The binary .FS and .FL: export them as text."),
)
LABELS = re.compile(r"^\"?Labels\"?[\t,;]", re.M)
TYPE = re.compile(r"^\"?Type\"?[\t,;]", re.M)
MAX_HEADER = 80


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    found = LABELS.search(text) if "Labels" in text else None
    if not found or text.count("\n", 0, found.start()) > 5:
        return 0
    return 95 if TYPE.search(text, found.start()) else 50


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read an Edinburgh export; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    start = LABELS.search(file.text)
    first = file.line_of(start.start()) if start else 0
    table, below = _header(file, first)
    block = rows_below(file, below)
    scans = scans_of(table, block)
    warnings = refuse_open_end(file, block)
    items = []
    for group in groups_of(scans):
        made, notes = items_of(group, stem)
        items += made
        warnings += notes
    title = clean(" ".join(line for line in file.lines(0, first) if line.strip()))
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings,
        marks(block),
        instrument="Edinburgh Instruments",
        title=title or scans[0].label or stem,
        comment=scans[0].said.get("comment", ""),
    )


def _header(file: TextFile, first: int) -> tuple[dict[str, list[str]], int]:
    """Key → one cell per scan, and the line where the header ends."""
    found = LABELS.search(file.line(first))
    separator = {",": "comma", ";": "semicolon"}.get(found.group()[-1] if found else "", "tab")
    table, line = {}, first
    while line < min(file.n_lines, first + MAX_HEADER):
        key, *cells = split_row(file.line(line), separator) or [""]
        if not key.strip(' "') or printed_number(key) is not None:
            break
        table.setdefault(normal(clean(key)), [clean(cell) for cell in cells])
        line += 1
    return table, line
