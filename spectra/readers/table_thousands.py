"""Marks between thousands: ``1.234`` may be 1234, and only how the other numbers of its column are printed tells.

A program that prints decimals prints them throughout (``63.000`` beside ``1.234``) or as many as are needed (``1.2``). A column with
whole numbers below 1000 without a mark, and three digits behind every mark, has marks between its thousands: read as
decimals it would be a curve with values a thousand times too small at its top.
"""

import re

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.number_block import NumberBlock
from spectra.readers.reading import UnreadableFile
from spectra.readers.table_header import split_row
from spectra.readers.text import TextFile

MARKED = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+")
BARE = re.compile(r"[+-]?\d{1,3}")
MIN_MARKED = 3


def refuse_thousands(file: TextFile, block: NumberBlock) -> None:
    """Refuse a table in which a column has marks between thousands."""
    for i in range(block.n_columns):
        values = block.rows[:, i]
        if not _possible(values[np.isfinite(values)]):
            continue
        cells = [split_row(line, block.separator) for line in file.lines(block.first_line, block.end_line)]
        column = [row[i + block.n_leading_blank] for row in cells if len(row) > i + block.n_leading_blank]
        printed = [cell for cell in column if cell]
        if all(MARKED.fullmatch(cell) or BARE.fullmatch(cell) for cell in printed) and any(
            map(BARE.fullmatch, printed)
        ):
            example = next(cell for cell in printed if MARKED.fullmatch(cell))
            text = gettext_noop(
                "Numbers such as {example} seem to have a mark between the thousands. Export the table again without such marks."
            )
            raise UnreadableFile(Note("thousands_marks", text, {"example": example}))


def _possible(values: np.ndarray) -> bool:
    """Whether the numbers as read could come from such marks; spares nearly every column the look at its text."""
    broken = values != np.round(values)
    if np.count_nonzero(broken) < MIN_MARKED or broken.all() or np.abs(values).max() >= 1000:
        return False
    in_thousandths = np.abs(values * 1000 - np.round(values * 1000)).max() < 1e-6
    return bool(in_thousandths and np.abs(values[broken]).min() >= 1)
