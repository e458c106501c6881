"""All tables of a file, for choosing among them: blocks of numbers, and tables with words in their cells.

A block of numbers is found by ``text``. A table with words (``Element, Weight %, Atomic %``; particles with their names) is a
stretch of lines with the same number of cells, two at least, in which a row of labels is followed by rows with numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.number_block import NumberBlock, parse_number
from spectra.readers.reading import UnreadableFile
from spectra.readers.table_header import TableHeader, key_values, split_row, table_header
from spectra.readers.text import TextFile, find_blocks

MIN_ROWS = 2
MAX_TABLES = 20
MAX_WORD_LINES, MAX_WORD_COLUMNS = 20_000, 200
SEPARATORS = ("tab", "semicolon", "comma", "space")
SIGN = {"tab": "\t", "semicolon": ";", "comma": ",", "space": "  "}


@dataclass(frozen=True, eq=False)
class FoundTable:
    """``block`` where all cells are numbers, else ``words``: rows of cells as they stand in the file."""

    header: TableHeader
    first_line: int
    end_line: int
    separator: str
    decimal_mark: str
    block: NumberBlock | None = None
    words: tuple[tuple[str, ...], ...] = ()

    @property
    def n_columns(self) -> int:
        return len(self.header.labels)

    @property
    def n_rows(self) -> int:
        return len(self.words) if self.block is None else len(self.block.rows)

    @cached_property
    def fingerprint(self) -> str:
        found = self.header.fingerprint(self.separator)
        return f"w{found[1:]}" if found and self.block is None else found

    @cached_property
    def numbers(self) -> np.ndarray:
        """All cells as numbers, shape (n_rows, n_columns); NaN where there is none."""
        if self.block is not None:
            return self.block.rows
        parsed = [[self.number(cell) for cell in row] for row in self.words]
        return np.array([[np.nan if number is None else number for number in row] for row in parsed])

    def cells(self, first: int = 0, end: int | None = None) -> Iterator[tuple[float | str, ...]]:
        """Rows with numbers as numbers and everything else as text."""
        if self.block is not None:
            for row in self.block.rows[first:end].tolist():
                yield tuple("" if number != number else number for number in row)
            return
        for row in self.words[first:end]:
            yield tuple(cell if (number := self.number(cell)) is None else number for cell in row)

    def number(self, cell: str) -> float | None:
        return parse_number(cell, self.decimal_mark)


def tables_of(file: TextFile, separator: str | None = None, decimal_mark: str | None = None) -> list[FoundTable]:
    """The tables of a file in their order; a person's ``separator`` and ``decimal_mark`` hold for all of them."""
    blocks = find_blocks(file, at_least=MIN_ROWS, separator=separator, decimal_mark=decimal_mark)
    found = [
        FoundTable(
            table_header(file, block), block.first_line, block.end_line, block.separator, block.decimal_mark, block
        )
        for block in sorted(blocks, key=lambda block: -block.rows.size)[:MAX_TABLES]
    ]
    taken = [(table.first_line, table.end_line) for table in found]
    for table in _word_tables(file, separator, decimal_mark):
        if not any(first < table.end_line and table.first_line < end for first, end in taken):
            found.append(table)
    return sorted(found, key=lambda table: table.first_line)[:MAX_TABLES]


def _word_tables(file: TextFile, separator: str | None, decimal_mark: str | None) -> list[FoundTable]:
    lines = file.lines(0, MAX_WORD_LINES)
    best: list[FoundTable] = []
    for name in SEPARATORS if separator is None else (separator,):
        if name not in SIGN or not any(SIGN[name] in line for line in lines):
            continue
        found = [
            table
            for first, rows in _stretches([split_row(line, name) if line.strip() else [] for line in lines])
            if (table := _word_table(file, first, rows, name, decimal_mark)) is not None
        ]
        if sum(table.n_rows * table.n_columns for table in found) > sum(t.n_rows * t.n_columns for t in best):
            best = found
    return best


def _stretches(rows: list[list[str]]) -> Iterator[tuple[int, list[list[str]]]]:
    """Stretches of at least three lines with the same number of cells, with the line at which each begins."""
    first = 0
    for k in range(1, len(rows) + 1):
        if k < len(rows) and len(rows[k]) == len(rows[first]):
            continue
        if k - first > MIN_ROWS and 2 <= len(rows[first]) <= MAX_WORD_COLUMNS:
            yield first, rows[first:k]
        first = k


def _word_table(file: TextFile, first: int, rows, separator: str, decimal_mark: str | None) -> FoundTable | None:
    """The table of a stretch: the last row of words before the first row with a number names the columns."""
    mark = decimal_mark or _mark(rows, separator)
    numeric = [any(parse_number(cell, mark) is not None for cell in row) for row in rows]
    start = next((k for k, has_number in enumerate(numeric) if has_number), None)
    if start is None or sum(numeric[start:]) < MIN_ROWS:
        return None
    labels = tuple(rows[start - 1]) if start else ("",) * len(rows[0])
    preamble = key_values(file.lines(max(0, first - 300), first + max(start - 1, 0)))
    header = TableHeader(labels, ("",) * len(labels), preamble, labelled=any(labels))
    words = tuple(tuple(cell[:200] for cell in row) for row in rows[start:])
    return FoundTable(header, first + start, first + len(rows), separator, mark, None, words)


def _mark(rows, separator: str) -> str:
    if separator == "comma":
        return "."
    cells = [cell for row in rows[1:] for cell in row]
    with_comma = sum(parse_number(cell, ",") is not None for cell in cells if "," in cell)
    with_point = sum(parse_number(cell, ".") is not None for cell in cells if "." in cell)
    return "," if with_comma > with_point else "."


def chosen_table(file: TextFile, mapping: dict) -> FoundTable:
    """The table that a person chose, by its number in the file (``table``); the largest where nobody chose.

    Raises
    ------
    UnreadableFile
        When there is no such table.
    """
    found = tables_of(file, *separators_of(mapping))
    return found[number_of_table(found, mapping.get("table"))]


def number_of_table(found: list[FoundTable], wanted: int | None) -> int:
    """The place of the table among ``found``. Raises UnreadableFile when it is not there."""
    if wanted is None and found:
        return max(range(len(found)), key=lambda k: (found[k].n_columns > 1, found[k].n_rows * found[k].n_columns))
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 0 <= wanted < len(found):
        text = gettext_noop("There is no table at this place of the file. Choose another table, or other separators.")
        raise UnreadableFile(Note("no_such_table", text))
    return wanted


def separators_of(mapping: dict) -> tuple[str | None, str | None]:
    """Separator and decimal mark that a person chose; None where QDLab decides."""
    separator, mark = mapping.get("separator") or None, mapping.get("decimal_mark") or None
    if separator not in (None, *SEPARATORS) or mark not in (None, ".", ","):
        raise bad_mapping()
    return separator, mark


def skipped_rows(mapping: dict, n_rows: int) -> int:
    """How many first rows a person left out; at least one row stays."""
    n = mapping.get("skip_rows") or 0
    if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n < n_rows:
        text = gettext_noop("This table has {n} rows; the first row of data must be one of them.")
        raise UnreadableFile(Note("bad_first_row", text, {"n": n_rows}))
    return n


def bad_mapping() -> UnreadableFile:
    text = gettext_noop("The chosen columns do not fit this table. Choose them again.")
    return UnreadableFile(Note("bad_mapping", text))
