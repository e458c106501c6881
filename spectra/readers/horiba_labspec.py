"""Horiba LabSpec 5 and 6: Raman and photoluminescence as text with a ``#`` header.

Layout::

    #Acq. time (s)= <tab> 300       settings; ``#Laser=``, ``#Instrument=``, ``#Title=``, ``#Sample=``, ``#Remark=``,
    #Acquired= <tab> 23.10.2023 16:11:12        day first; ``#Date=`` where that is missing
    #AxisType[0]= <tab> Intens      axis 0 is y, axis 1 the spectrum, axes 2 and 3 those of a series or map
    #AxisUnit[0]= <tab> Cnt         counts, or Cnt/sec
    #AxisType[1]= <tab> Spectr
    #AxisUnit[1]= <tab> 1/cm        Raman shift; nm or eV: luminescence
    x <tab> y

A series has a row of x after as many empty cells as it has further axes, then one row per spectrum: its coordinates, and
its values. One further axis gives a series over it; maps of two are refused with a sentence. Encoded in CP1252.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import NumberBlock, bad_row
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import Axis, Column, normal, unit_code
from spectra.readers.text import TextFile, find_blocks, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, first_of, marks, pairs_of, told, vendor_reading
from spectra.readers.vendor_rows import no_rows, refuse_broken_end, refuse_more_rows, rows_below, wrong_columns
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "horiba_labspec", 2
ABOUT = About(
    "Horiba LabSpec",
    "LabRAM, XploRA, iHR",
    (".txt",),
    ("raman", "pl_emission"),
    gettext_noop("Single spectra and series over time, temperature or one axis in space"),
    gettext_noop("Maps of two axes: export lines or single spectra."),
)
SETTING = re.compile(r"^#[^=\n]{1,80}=\t", re.M)
Y_UNITS = {"cnt": ("counts", "{counts}"), "cnt/sec": ("intensity", "{counts}/s"), "cnt/s": ("intensity", "{counts}/s")}
LASER = re.compile(r"(\d{3,4}(?:\.\d+)?) ?(?:nm)?", re.ASCII)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    if not text.lstrip("\ufeff").startswith("#") or len(SETTING.findall(text)) < 3:
        return 0
    return 95 if "#AxisType[" in text or "#Acq. time (s)=" in text else 60


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a LabSpec export; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    end = 0
    while end < file.n_lines and file.line(end).startswith("#"):
        end += 1
    said = pairs_of([line[1:] for line in file.lines(0, end)], re.compile(r"=\t?"))
    axis, column = _axis(said), _column(said)
    n_further = sum(bool(first_of(said, f"AxisType[{k}]")) for k in (2, 3, 4))
    if n_further > 1:
        raise UnreadableFile(_is_map())
    title = first_of(said, "Title", "Sample") or stem
    value, block, warnings = (_series if n_further else _spectrum)(file, end, said, axis, column, title)
    item = Item(
        value, _technique(axis), "rule", title, facts.role_from(title), _conditions(said, axis, title), told(said)
    )
    return vendor_reading(
        NAME,
        VERSION,
        file,
        [item],
        warnings + refuse_open_end(file, block),
        marks(block),
        date=first_of(said, "Acquired", "Date"),
        instrument=f"Horiba {first_of(said, 'Instrument')}".strip(),
        title=title,
        comment=first_of(said, "Remark"),
        operator=first_of(said, "User", "Operator"),
    )


def _axis(said: dict) -> Axis:
    written = first_of(said, "AxisUnit[1]")
    unit = unit_code(written)
    if not written:  # LabSpec 5 tells it in its range
        unit = "1/cm" if any(normal(key).startswith("range (cm") for key in said) else ""
        unit = "nm" if any(normal(key).startswith("range (nm") for key in said) else unit
    quantity = {"1/cm": "raman shift", "nm": "wavelength", "eV": "energy"}.get(unit, "unknown")
    return Axis(quantity, unit)


def _column(said: dict) -> Column:
    written = first_of(said, "AxisUnit[0]")
    quantity, unit = Y_UNITS.get(normal(written), ("intensity", unit_code(written) or "[a.u.]"))
    return Column(quantity, unit)


def _technique(axis: Axis) -> str | None:
    return {"raman shift": "raman", "wavelength": "pl_emission", "energy": "pl_emission"}.get(axis.quantity)


def _conditions(said: dict, axis: Axis, title: str):
    laser = LASER.match(first_of(said, "Laser", "Laser (nm)"))
    known = {"excitation_nm": float(laser[1])} if laser else {}
    return facts.make_conditions({}, title, **known)


def _spectrum(file: TextFile, first: int, said, axis: Axis, column: Column, title: str):
    block = rows_below(file, first, columns=2)
    channel, notes = channel_of(block.rows[:, 1], "Intensity", column)
    return Spectrum(block.rows[:, 0], [channel], axis.unit, axis.quantity, title), block, notes


def _series(file: TextFile, first: int, said, axis: Axis, column: Column, title: str):
    """The row of x has one cell less than the others, and stands over them."""
    blocks = [block for block in find_blocks(file, first) if block.n_columns > 1]
    if not blocks or blocks[0].first_line != first:
        raise UnreadableFile(no_rows())
    x, table = _x_and_table(file, blocks)
    refuse_broken_end(file, table, file.n_lines)
    refuse_more_rows(file, table, file.n_lines)
    if table.n_columns - table.n_leading_blank != x.size + 1 or np.isnan(table.rows[:, 0]).any() or np.isnan(x).any():
        raise UnreadableFile(wrong_columns(x.size + 1, table.n_columns))
    rows = table.rows if table.n_columns == x.size + 1 else table.rows[:, 1:]
    spectra, warnings = [], []
    for row in rows:
        channel, notes = channel_of(row[1:], "Intensity", column)
        spectra.append(Spectrum(x, [channel], axis.unit, axis.quantity, f"{row[0]:g}"))
        warnings += notes
    quantity, unit = normal(first_of(said, "AxisType[2]")), unit_code(first_of(said, "AxisUnit[2]"))
    quantity = {"temp": "temperature"}.get(quantity, quantity)[:24]
    return Series(spectra, rows[:, 0], quantity, unit[:24], title), table, warnings


def _x_and_table(file: TextFile, blocks: list[NumberBlock]) -> tuple[np.ndarray, NumberBlock]:
    first = blocks[0]
    if len(blocks) == 1 and np.isnan(first.rows[0, 0]):
        table = NumberBlock(first.rows[1:], first.first_line + 1, first.end_line, first.separator, first.decimal_mark)
        if not len(table.rows):
            raise UnreadableFile(no_rows())
        return first.rows[0, 1:], table
    if len(blocks) == 2 and len(first.rows) == 1:
        if blocks[1].first_line != first.end_line:
            raise UnreadableFile(bad_row(first.end_line + 1, file.line(first.end_line)))
        return first.rows[0], blocks[1]
    raise UnreadableFile(no_rows())


def _is_map() -> Note:
    return Note(
        "is_map",
        gettext_noop(
            "This file holds a map over two coordinates. Export the spectra of single points, or a line scan."
        ),
    )
