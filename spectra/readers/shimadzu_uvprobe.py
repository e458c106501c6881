"""Shimadzu UVProbe and LabSolutions UV-Vis: spectra as text.

Layout::

    "sa281-02-280K - RawData"              file and data set; missing when several are exported
    "Wavelength nm." <sep> "Abs."          or T%, R%, or the names of several data sets
    300,00 <sep> 0,322

The separator is a tab, a comma or a single blank; the decimal mark follows the PC's language. With commas for both,
``300,00,0,322`` holds two numbers: read so only when the label row names half as many columns as the rows have fields.
RF fluorescence spectrometers write the same with ``"Intensity"``: emission or excitation only where a name says so.
When several data sets are exported the quantity is not told; numbers from −1 to 10 are taken as absorbance, which is
said in a warning.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import NumberBlock, bad_row, parse_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import Column, normal, x_axis, y_column
from spectra.readers.text import TextFile, clean, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, fluorescence_by_words, marks, vendor_reading
from spectra.readers.vendor_rows import rows_below, wrong_columns
from spectra.spectrum import Spectrum

NAME, VERSION = "shimadzu_uvprobe", 3
ABOUT = About(
    "Shimadzu UVProbe text",
    "UV-1800 to UV-3600, LabSolutions UV-Vis",
    (".txt", ".csv"),
    ("uvvis", "kinetics"),
    gettext_noop("Tab, comma or blank, with either decimal mark; one or several data sets"),
    gettext_noop(
        "Where several data sets are exported, the file does not tell absorbance from %T: look at the warning."
    ),
)
LABEL_ROW = re.compile(r"^\"?(?:Wavelength nm\.|Wavelength \(nm\)|Time sec\.|Time min\.)\"?[\t, ]+\S", re.M)
QUANTITIES = {
    "abs.": Column("absorbance", "1"),
    "abs": Column("absorbance", "1"),
    "t%": Column("transmittance", "%"),
    "%t": Column("transmittance", "%"),
    "r%": Column("reflectance", "%"),
    "%r": Column("reflectance", "%"),
}
SIGNS = {"tab": "\t", "comma": ",", "space": " ", "semicolon": ";"}


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head).lstrip("\ufeff")
    first, _, rest = text.partition("\n")
    second = rest.partition("\n")[0]
    label = next((line for line in (first, second) if LABEL_ROW.match(line)), None)
    if label is None:
        return 0
    named = re.search(r"RawData|ProcessedData|\.spc\b", first + second, re.I)
    if "nm." in label or re.search(r"\b(?:sec|min)\.", label):
        return 93 if named or label is second else 85
    return 80 if named else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a UVProbe export; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    row = next((k for k in (0, 1) if k < file.n_lines and LABEL_ROW.match(file.line(k))), 0)
    block = rows_below(file, row + 1)
    labels, rows, mark = _table(file, row, block)
    title = clean(file.line(0)) if row else ""
    sample = re.sub(r"\s+- \w*Data(?:-\d+)?$", "", title) or stem
    axis = x_axis(labels[0].rstrip("."))
    items, warnings = [], []
    for i, label in enumerate(labels[1:], 1):
        column = QUANTITIES.get(normal(label)) or y_column(label)
        if column is None:
            column, notes = _assumed(rows[:, i])
            warnings += notes
        channel, notes = channel_of(rows[:, i], label, column)
        named = sample if normal(label) in QUANTITIES or len(labels) == 2 else label
        spectrum = Spectrum(rows[:, 0], [channel], axis.unit, axis.quantity, named)
        technique = _technique(axis.quantity, channel.quantity, named, title, stem)
        conditions = facts.make_conditions({}, named, stem)
        items.append(Item(spectrum, technique, "rule", named, facts.role_from(named), conditions))
        warnings += notes
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings + refuse_open_end(file, block),
        {**marks(block), "decimal_mark": mark},
        instrument="Shimadzu",
        title=title or stem,
    )


def _technique(axis: str, quantity: str, *names: str) -> str | None:
    """Fluorescence spectrometers (RF series) write the same layout with an intensity."""
    if axis == "time":
        return "kinetics"
    return fluorescence_by_words(*names) if quantity in ("intensity", "counts") else "uvvis"


def _table(file: TextFile, row: int, block: NumberBlock) -> tuple[list[str], np.ndarray, str]:
    """Labels, numbers and decimal mark."""
    line = file.line(row)
    if block.separator == "space":
        labels = re.findall(r"\"([^\"]*)\"", line) or [part for part in re.split(r" {2,}", line) if part]
    else:
        labels = [clean(cell) for cell in line.split(SIGNS.get(block.separator, "\t"))]
    while labels and not labels[-1]:
        labels.pop()
    if block.comma_is_doubtful and block.n_columns == 2 * len(labels):
        return labels, _joined(file, block), ","
    if len(labels) != block.n_columns:
        raise UnreadableFile(wrong_columns(len(labels), block.n_columns))
    return labels, block.rows, block.decimal_mark


def _joined(file: TextFile, block: NumberBlock) -> np.ndarray:
    """Numbers whose decimals stand in the field behind them, for ``300,00,0,322``."""
    rows = np.empty((len(block.rows), block.n_columns // 2))
    for k, line in enumerate(file.lines(block.first_line, block.end_line)):
        cells = [cell.strip() for cell in line.split(",")]
        values = [parse_number(f"{a}.{b}") for a, b in zip(cells[0::2], cells[1::2], strict=False)]
        if None in values or len(values) < rows.shape[1] or any(cells[block.n_columns :]):
            raise UnreadableFile(bad_row(block.first_line + k + 1, line))
        rows[k] = values[: rows.shape[1]]
    steps = np.diff(rows[:, 0])
    if not ((steps > 0).all() or (steps < 0).all()):
        raise UnreadableFile(_comma_twice())
    return rows


def _comma_twice() -> Note:
    return Note(
        "comma_twice",
        gettext_noop(
            "The comma stands both between the columns and in the numbers of this file. "
            "Export it again with tabs between the columns."
        ),
    )


def _assumed(values: np.ndarray) -> tuple[Column, list[Note]]:
    known = values[np.isfinite(values)]
    if known.size == 0 or known.min() < -1 or known.max() > 10:
        return Column("unknown", ""), []
    text = gettext_noop("The file does not name the quantity; the numbers were taken as absorbance.")
    return Column("absorbance", "1"), [Note("taken_as_absorbance", text)]
