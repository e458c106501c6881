"""External quantum efficiency (EQE, IPCE) of devices as text, in two layouts.

LabVIEW export::

    [Header]
    Measurement Name = "15 of iii batch"
    time stamp = "15.11.2019 16:46:45"
    X Units = "Wavelength (nm)"
    Y Units = "QE (%)"
    //DATA//
    X <tab> Y <tab> Calculated                 Y is the raw signal, Calculated the efficiency
    3.000160E+2 <tab> 8.316080E-4 <tab> 7.650308E+0

Enlitech list, several devices side by side or below each other; facts stand to the right of the numbers, as long as there
are some::

    2                                          the number of the device
    AM1.5G <tab> 25.577925 …
    Lambda(nm) <tab> EQE (%) <tab> SR (A/W) <tab> Jsc (mA/cm^2) <tab> AM 0 <tab> 31.070295
    300.0 <tab> 3.904253 <tab> 0.009446 <tab> 0.000000 <tab> WL-Range <tab> 300-900nm

The range that ``WL-Range`` names is compared with the rows. It is no emission spectrum: the technique is ``generic``.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import bad_row, parse_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import split_row
from spectra.readers.terms import Column
from spectra.readers.text import TextFile, clean, cut_in_row, open_end, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, first_of, marks, pairs_of, told, vendor_reading
from spectra.readers.vendor_rows import check_values, no_rows, rows_below, wrong_columns
from spectra.spectrum import Spectrum

NAME, VERSION = "eqe_text", 2
ABOUT = About(
    "Quantum efficiency of devices",
    "Enlitech, LabVIEW set-ups",
    (".txt",),
    ("generic",),
    gettext_noop(
        "Efficiency over wavelength, one or several devices in a file; shown as a curve, never as an emission spectrum"
    ),
)
LABVIEW = re.compile(r"^//DATA//[ \t]*$", re.M)
UNITS = re.compile(r"^Y Units = \"?\s*(?:E?QE|IPCE|SR)\b", re.M)
LIST = re.compile(r"^Lambda ?\(nm\)\tEQE ?\(%\)", re.M)
EFFICIENCY = Column("quantum efficiency", "%")
COLUMNS = (
    (r"calculated|e?qe.*|ipce.*", EFFICIENCY),
    (r"sr ?\(a/w\)", Column("responsivity", "A/W")),
    (r"jsc.*", Column("current density", "mA/cm2")),
)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    if "Lambda" in text and LIST.search(text):
        return 94
    return 94 if "//DATA//" in text and LABVIEW.search(text) and UNITS.search(text) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read an EQE export; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    if LIST.search(file.text):
        return _read_list(file, stem)
    return _read_labview(file, stem)


def _read_labview(file: TextFile, stem: str) -> Reading:
    marker = LABVIEW.search(file.text)
    if marker is None:
        raise UnreadableFile(no_rows())
    row = file.line_of(marker.start()) + 1
    said = told(pairs_of(file.lines(0, row - 1), re.compile(r"\s*=\s*")))
    labels = [cell for cell in split_row(file.line(row), "tab") if cell] if row < file.n_lines else []
    block = rows_below(file, row + 1, columns=max(len(labels), 2))
    calculated = "calculated" in [label.casefold() for label in labels]
    channels, warnings = [], refuse_open_end(file, block)
    for i in sorted(range(1, len(labels)), key=lambda i: labels[i].casefold() != "calculated"):
        raw = calculated and labels[i].casefold() != "calculated"
        channel, notes = channel_of(block.rows[:, i], labels[i], Column("unknown", "") if raw else EFFICIENCY)
        channels.append(channel)
        warnings += notes
    title = first_of(said, "Measurement Name") or stem
    item = _item(block.rows[:, 0], channels, title, said)
    date = first_of(said, "time stamp")
    return vendor_reading(NAME, VERSION, file, [item], warnings, marks(block), date=date, title=title)


def _item(x: np.ndarray, channels: list, title: str, said: dict[str, str]) -> Item:
    spectrum = Spectrum(x, channels, "nm", "wavelength", title)
    return Item(spectrum, "generic", "file", title, None, Conditions(), said)


def _read_list(file: TextFile, stem: str) -> Reading:
    items, warnings = [], []
    starts = [file.line_of(found.start()) for found in LIST.finditer(file.text)][:200]
    for k, row in enumerate(starts):
        end = starts[k + 1] if k + 1 < len(starts) else file.n_lines
        cells = [[clean(cell) for cell in line.split("\t")] for line in file.lines(row, end)]
        numbers = _numbers_above(file, row)
        places = [i for i, label in enumerate(cells[0]) if re.fullmatch(r"Lambda ?\(nm\)", label)]
        for n, (first, last) in enumerate(zip(places, [*places[1:], len(cells[0]) + 50], strict=True)):
            number = numbers[n] if n < len(numbers) else str(len(items) + 1)
            made, notes = _device(file, row, [line[first:last] for line in cells], f"{stem} {number}")
            items.append(made)
            warnings += notes
    if not items:
        raise UnreadableFile(no_rows())
    if file.line(file.n_lines - 1).strip() and open_end() not in warnings:
        warnings.append(open_end())
    return vendor_reading(NAME, VERSION, file, items, warnings, {"separator": "tab", "decimal_mark": "."}, title=stem)


def _numbers_above(file: TextFile, row: int) -> list[str]:
    """The numbers of the devices: the nearest row above that holds nothing else."""
    for line in range(row - 1, max(row - 8, -1), -1):
        cells = [cell.strip() for cell in file.line(line).split("\t") if cell.strip()]
        if cells and all(re.fullmatch(r"\d{1,4}", cell) for cell in cells):
            return cells
    return []


def _device(file: TextFile, row: int, cells: list[list[str]], title: str) -> tuple[Item, list[Note]]:
    """One device: its columns of numbers, and the facts to their right."""
    columns = [_column(label) for label in cells[0]]
    n = 1 + next((k for k, column in enumerate(columns[1:]) if column is None), len(columns) - 1)
    rows, said = [], {}
    for k, line in enumerate(cells[1:], row + 1):
        line = line + [""] * (n - len(line))
        if line[0] and not any(line[1:n]):
            break  # the number of the next device
        if parse_number(line[0]) is None and not (rows and _goes_on(cells[k - row + 1 :])):
            break
        values = [parse_number(cell) for cell in line[:n]]
        if None in values:
            raise UnreadableFile(cut_in_row() if k == file.n_lines - 1 else bad_row(k + 1, file.line(k)))
        rows.append(values)
        if len(line) > n + 1 and line[n]:
            said[line[n]] = line[n + 1]
    if len(rows) < 2:
        raise UnreadableFile(no_rows())
    table = np.array(rows)
    if n < 2:
        raise UnreadableFile(wrong_columns(2, n))
    found = re.fullmatch(r"([\d.]+) ?- ?([\d.]+) ?nm", said.get("WL-Range", ""))
    if found:
        check_values({"WL-Range": (found[1], float(table[0, 0]))})
        check_values({"WL-Range": (found[2], float(table[-1, 0]))})
    channels, warnings = [], []
    for i in range(1, n):
        channel, notes = channel_of(table[:, i], cells[0][i], columns[i])
        channels.append(channel)
        warnings += notes
    return _item(table[:, 0], channels, title, said), warnings


def _goes_on(following: list[list[str]]) -> bool:
    """Whether the very next row has numbers again: then the row at hand is damaged, and not the end."""
    return (
        bool(following) and bool(following[0]) and parse_number(following[0][0]) is not None and len(following[0]) > 1
    )


def _column(label: str) -> Column | None:
    return next((column for word, column in COLUMNS if re.fullmatch(word, label, re.I)), None)
