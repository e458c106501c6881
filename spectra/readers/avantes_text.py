"""Avantes AvaSoft text exports (.TXT of Raw8, .ttt, .trt, .tat …).

Layout; the separator is a semicolon, the decimal mark follows the PC's language::

    comment                                             may be empty
    Integration time [ms]:   1.500                      or ``Integration time: 175 ms``
    Averaging Nr. [scans]: 100
    Smoothing Nr. [pixels]: 3
    Data measured with spectrometer [name]: 1908047U1   or ``… serial number: 0411041S1``
    Timestamp [10 microseconds ticks] 12345             some versions
    Wave   ;Sample   ;Dark     ;Reference;Scope         one name more than columns: the mode of the measurement
    [nm]   ;[counts] ;[counts] ;[counts]
    (blank line)
    128.909;  483.977;   -0.956;   81.480

The columns stand in any order. ``Transmittance``, ``Absorbance``, ``Reflectance`` or ``Irradiance`` as a column is what was
measured; then sample, dark and reference are further channels. In mode Scope only counts are there, and the technique
stays open.
"""

import re
from pathlib import PurePath

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import Column, normal
from spectra.readers.text import TextFile, clean, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, fluorescence_by_words, marks, pairs_of, told, vendor_reading
from spectra.readers.vendor_rows import no_rows, rows_below, wrong_columns
from spectra.spectrum import Spectrum

NAME, VERSION = "avantes_text", 2
ABOUT = About(
    "Avantes AvaSoft text",
    "Avantes AvaSpec",
    (".txt", ".ttt", ".trt", ".tat", ".tit"),
    ("uvvis",),
    gettext_noop("Sample, dark and reference as channels, all languages of the decimal mark"),
    gettext_noop("The binary .raw8, .rwd8 and .roh: export them as text from AvaSoft."),
)
NAMES = re.compile(r"^[ \t]*Wave(?:length)?[ \t]*[;\t][^\n]*\n[ \t]*\[nm\][ \t]*[;\t]", re.M | re.I)
COLUMNS = (
    (r"sample|scope", Column("counts", "{counts}")),
    (r"dark", Column("counts", "{counts}", "dark")),
    (r"ref(?:erence)?\.?", Column("counts", "{counts}", "reference")),
    (r"transm.*", Column("transmittance", "%")),
    (r"abs.*", Column("absorbance", "1")),
    (r"reflec.*", Column("reflectance", "%")),
    (r".*irrad.*", Column("intensity", "")),
)
RAW = ("sample", "scope", "dark", "ref")


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    return 94 if "[nm]" in text.lower() and NAMES.search(text) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read an AvaSoft text; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    found = NAMES.search(file.text)
    if found is None:
        raise UnreadableFile(no_rows())
    row = file.line_of(found.start())
    labels, units = (_cells(file.line(line)) for line in (row, row + 1))
    block = rows_below(file, row + 2)
    if not block.n_columns <= len(labels) <= block.n_columns + 1 or block.n_columns < 2:
        raise UnreadableFile(wrong_columns(len(labels), block.n_columns))
    spectrum, warnings = _spectrum(block, labels, units, stem)
    said = _said(file, row)
    title = said.pop("comment", "") or stem
    if len(labels) > block.n_columns:
        said["mode"] = labels[-1]
    technique = "uvvis" if spectrum.signal.quantity in ("transmittance", "absorbance", "reflectance") else None
    technique = technique or fluorescence_by_words(stem, title)
    item = Item(
        spectrum, technique, "rule", title, facts.role_from(title, stem), facts.make_conditions({}, title, stem), said
    )
    serial = next((value for key, value in said.items() if "spectrometer" in normal(key)), "")
    return vendor_reading(
        NAME,
        VERSION,
        file,
        [item],
        warnings + refuse_open_end(file, block),
        marks(block),
        instrument=f"Avantes {serial}".strip(),
        serial=serial,
        title=title,
    )


def _cells(line: str) -> list[str]:
    cells = [clean(cell) for cell in re.split(r"[;\t]", line)]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _said(file: TextFile, row: int) -> dict[str, str]:
    lines = file.lines(0, min(row, 100))
    said = told(pairs_of(lines, re.compile(r":\s+|(?<=\])(?=\d)")))
    first = clean(lines[0]) if lines else ""
    if first and first in pairs_of(lines[:1], re.compile(r":\s+")) and not said.get(first):
        said["comment"] = first.rstrip("- ")
    return said


def _spectrum(block, labels: list[str], units: list[str], stem: str) -> tuple[Spectrum, list[Note]]:
    """The measured quantity first, the raw counts behind it."""
    columns = []
    for i in range(1, block.n_columns):
        unit = units[i].strip("[] ") if i < len(units) else ""
        column = next((c for word, c in COLUMNS if re.fullmatch(word, labels[i], re.I)), Column("unknown", unit))
        if column.quantity == "intensity":
            column = Column("intensity", unit)
        columns.append((i, column))
    columns.sort(key=lambda pair: labels[pair[0]].casefold().startswith(RAW))
    channels, warnings = [], []
    for i, column in columns:
        channel, notes = channel_of(block.rows[:, i], labels[i], column)
        channels.append(channel)
        warnings += notes
    return Spectrum(block.rows[:, 0], channels, "nm", "wavelength", stem), warnings
