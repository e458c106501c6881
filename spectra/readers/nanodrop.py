"""NanoDrop spectra as text (NanoDrop One and Eight, ``.tsv``): several samples below each other.

Each block is a name, a date, a blank line, the labels, the rows and a closing line::

    Sample 1
    3/14/2016 3:44:14 PM

    Wavelength (nm) <tab> 10mm Absorbance
    190.0 <tab> 0.123
    //QSpecEnd:

The absorbance is scaled to the path named in the label (10 mm). Blocks that differ in their rows are kept as they are.
"""

import re
from pathlib import PurePath

from spectra.notes import gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import cut_short
from spectra.readers.decoding import peek_lines
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import split_row
from spectra.readers.terms import Column, y_column
from spectra.readers.text import TextFile, clean, open_text
from spectra.readers.vendor_reading import channel_of, marks, vendor_reading
from spectra.readers.vendor_rows import no_rows, rows_below, wrong_columns
from spectra.spectrum import Spectrum

NAME, VERSION = "nanodrop", 1
ABOUT = About(
    "NanoDrop text",
    "NanoDrop One, Eight",
    (".tsv", ".txt"),
    ("uvvis",),
    gettext_noop("Several samples below each other"),
    "",
)
LABELS = re.compile(r"^Wavelength \(nm\)\t[^\n]*(?:Absorbance|Fluorescence|RFU)[^\n]*$", re.M | re.I)
END = re.compile(r"^//QSpecEnd", re.M)
PATH = re.compile(r"(\d+(?:\.\d+)?) ?mm\b", re.I)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    if "Wavelength (nm)" not in text:
        return 0
    text += "\n" + peek_lines(tail)
    return 93 if LABELS.search(text) and END.search(text) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read the spectra of a NanoDrop file; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    rows = [file.line_of(found.start()) for found in LABELS.finditer(file.text)]
    if not rows:
        raise UnreadableFile(no_rows())
    items, warnings, dates, block = [], [], [], None
    for row, following in zip(rows, [*rows[1:], file.n_lines], strict=True):
        end = next((k for k in range(row, following) if END.match(file.line(k))), None)
        if end is None:
            raise cut_short()
        block = rows_below(file, row + 1, end)
        title, date = _named(file, row)
        item, notes = _item(split_row(file.line(row), "tab"), block, title or stem, date)
        items.append(item)
        warnings += notes
        dates.append(date)
    if any(line.strip() for line in file.lines(end + 1)):
        raise cut_short()  # inside the header of a further sample
    return vendor_reading(
        NAME, VERSION, file, items, warnings, marks(block), date=dates[0], instrument="NanoDrop", title=stem
    )


def _named(file: TextFile, row: int) -> tuple[str, str]:
    """Name and date: the two lines above the labels, up to the end of the block before."""
    above = []
    for line in range(row - 1, max(row - 6, -1), -1):
        text = clean(file.line(line))
        if END.match(text):
            break
        above += [text] if text else []
    date = next((text for text in above if re.search(r"\d[/.-]\d", text)), "")
    return next((text for text in reversed(above) if text != date), ""), date


def _item(labels: list[str], block, title: str, date: str):
    if len(labels) != block.n_columns:
        raise UnreadableFile(wrong_columns(len(labels), block.n_columns))
    channels, warnings = [], []
    for i in range(1, block.n_columns):
        column = Column("absorbance", "1") if "absorbance" in labels[i].casefold() else y_column(labels[i])
        channel, notes = channel_of(block.rows[:, i], labels[i], column)
        channels.append(channel)
        warnings += notes
    spectrum = Spectrum(block.rows[:, 0], channels, "nm", "wavelength", title)
    technique = "uvvis" if spectrum.signal.quantity == "absorbance" else "pl_emission"
    path = PATH.match(labels[1])
    more = {"path_length_cm": float(path[1]) / 10} if path and technique == "uvvis" else {}
    conditions = facts.make_conditions({}, title, **more)
    said = {"date": date} if date else {}
    return Item(spectrum, technique, "file", title, facts.role_from(title), conditions, said), warnings
