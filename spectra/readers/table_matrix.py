"""Tables with a number over every column: excitation–emission matrices, and spectra over time, concentration or whatever else.

The numbers stand in the label row, whose first cell (the corner) is empty or names x (``Wavelength,600,597,594 …``). They are the third
coordinate of one series, never names of samples. That they are excitation wavelengths is said only where both are
wavelengths and a word says so; else the quantity stays unknown, which is told.
"""

import re
from dataclasses import replace

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.eem_matrix import HIGHEST_NM, LOWEST_NM, matrix_item
from spectra.readers.number_block import NumberBlock, printed_number
from spectra.readers.reading import Item
from spectra.readers.table_header import TableHeader, split_row
from spectra.readers.table_meaning import NOT_A_SPECTRUM, technique_by_rule
from spectra.readers.terms import Axis, Column, x_axis
from spectra.readers.text import TextFile
from spectra.readers.vendor_reading import channel_of
from spectra.spectrum import Series, Spectrum

MIN_CURVES, MIN_POINTS = 3, 5
EEM_WORDS = re.compile(
    r"(?<![a-z])eems?(?![a-z])|excitation|emission|fluoresc|(?<![a-z])3-?d(?![a-z])|励起|蛍光|(?<![a-z])e[xm](?![a-z])",
    re.I,
)


def matrix_items(
    file: TextFile, block: NumberBlock, header: TableHeader, stem: str
) -> tuple[list[Item], list[Note]] | None:
    """The series that a table with numbers over its columns is; None for any other table."""
    found = _numbers_above(file, block)
    if found is None or NOT_A_SPECTRUM.search(" ".join((stem, *header.preamble, *header.preamble.values()))):
        return None
    corner, z, rows = found
    x, values = rows[:, 0], rows[:, 1:]
    axis = x_axis(corner) or Axis("unknown", "")
    if axis.quantity in ("temperature", "voltage") or len(x) < MIN_POINTS or not _one_way(x):
        return None
    words = " ".join((stem, corner, *header.preamble, *header.preamble.values()))
    if axis.quantity in ("wavelength", "unknown") and _optical(x) and _optical(z) and EEM_WORDS.search(words):
        item, warnings = matrix_item(x, z, values, stem, dict(header.preamble))
        return [item], warnings
    return _series(axis, x, z, values, header, stem)


def _numbers_above(file: TextFile, block: NumberBlock) -> tuple[str, np.ndarray, np.ndarray] | None:
    """Corner, numbers over the columns, and the rows below them."""
    if block.n_columns <= MIN_CURVES:
        return None
    if np.isnan(block.rows[0, 0]):  # an empty corner: the row of numbers is the first of the block
        z = block.rows[0, 1:]
        return ("", z, block.rows[1:]) if np.isfinite(z).all() and _one_way(z) else None
    cells = split_row(file.line(block.first_line - 1), block.separator) if block.first_line else []
    while len(cells) > block.n_columns and not cells[-1]:
        cells.pop()
    numbers = [printed_number(cell) for cell in cells[1:]]
    if len(cells) != block.n_columns or None in numbers or printed_number(cells[0]) is not None:
        return None
    z = np.array(numbers, float)
    return (cells[0], z, block.rows) if _one_way(z) else None


def _one_way(values: np.ndarray) -> bool:
    steps = np.diff(values)
    return bool(np.isfinite(values).all() and ((steps > 0).all() or (steps < 0).all()))


def _optical(values: np.ndarray) -> bool:
    return bool(values.min() >= LOWEST_NM and values.max() <= HIGHEST_NM)


def _series(axis: Axis, x, z, values, header: TableHeader, stem: str) -> tuple[list[Item], list[Note]]:
    if axis.quantity == "wavelength" and not axis.unit and _optical(x):
        axis = replace(axis, unit="nm")
    text = gettext_noop("The file does not tell what the numbers over its columns ({first} to {last}) are.")
    warnings = [Note("third_axis_unknown", text, {"first": f"{z[0]:g}", "last": f"{z[-1]:g}"})]
    technique = technique_by_rule(axis, Column("unknown", ""), float(x.max()), stem) if axis.unit else None
    spectra = []
    for k, number in enumerate(z):
        channel, notes = channel_of(values[:, k], f"{number:g}", Column("unknown", ""))
        spectra.append(Spectrum(x, [channel], axis.unit, axis.quantity, f"{number:g}"))
        warnings += notes
    conditions = facts.make_conditions(header.preamble, stem)
    series = Series(spectra, z, "unknown", "", stem)
    return [Item(series, technique, "rule", stem, facts.role_from(stem), conditions, header.preamble)], warnings
