"""The lines around a table: its column labels, and what the preamble says."""

import csv
import hashlib
import re
from dataclasses import dataclass, field

from spectra.readers.number_block import NUMBER, NumberBlock
from spectra.readers.terms import normal, split_label, unit_code, x_axis
from spectra.readers.text import TextFile, clean

MAX_PREAMBLE_LINES, MAX_VALUE = 300, 500
SIGNS = {"tab": "\t", "semicolon": ";", "comma": ","}
KEY_VALUE = re.compile(r"^[#*!%;\s]*\"?([^\t:=;,]{1,80}?)\"?\s*(?:\t|=|:(?![0-9]{2})|;|,)\s*(.*)$")


@dataclass(frozen=True)
class TableHeader:
    """``labels`` and ``groups`` per column (``""`` where none); ``preamble`` key → text; ``labelled`` if a row names them."""

    labels: tuple[str, ...]
    groups: tuple[str, ...]
    preamble: dict[str, str] = field(default_factory=dict)
    labelled: bool = False

    def fingerprint(self) -> str:
        """A key under which a group's own choice of columns is kept."""
        text = "|".join((str(len(self.labels)), *map(normal, self.labels)))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def table_header(file: TextFile, block: NumberBlock) -> TableHeader:
    """Find the rows that label the columns of ``block``, and read the lines before and after it."""
    rows, first_label_line = _label_rows(file, block)
    labels, groups = _labels(rows, block)
    preamble = key_values(file.lines(max(0, first_label_line - MAX_PREAMBLE_LINES), first_label_line))
    for key, value in key_values(file.lines(block.end_line, block.end_line + MAX_PREAMBLE_LINES)).items():
        preamble.setdefault(key, value)
    return TableHeader(labels, groups, preamble, bool(rows))


def key_values(lines: list[str]) -> dict[str, str]:
    """``key: value`` lines (also ``=``, tab, comma), and other lines under their number."""
    pairs = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        found = KEY_VALUE.match(line)
        key, value = (clean(found[1]), clean(found[2].rstrip("\t,; "))) if found else ("", clean(line))
        pairs.setdefault(key or f"line {number}", value[:MAX_VALUE])
    return pairs


def split_row(line: str, separator: str) -> list[str]:
    """Cells of a row of text; a space-separated one is split at wide gaps first."""
    if separator in SIGNS:
        return [clean(cell) for cell in next(csv.reader([line.strip("\n")], delimiter=SIGNS[separator]), [])]
    return [clean(cell) for cell in re.split(r"\t+| {2,}", line.strip(" #"))]


def _label_rows(file: TextFile, block: NumberBlock) -> tuple[list[list[str]], int]:
    """Up to four rows directly above the block that have its number of cells, the nearest first."""
    rows, line = [], block.first_line - 1
    while line >= 0 and not file.line(line).strip("\t,; "):
        line -= 1  # one table in ten has a blank line under its labels
    adjacent = line == block.first_line - 1
    while line >= 0 and len(rows) < 4:
        cells = _fit(file.line(line), block)
        if cells is None or not any(cells) or _has_number(cells):
            break
        if not rows and not adjacent and not _names_x(cells):
            break
        rows.append(cells)
        line -= 1
    return rows, line + 1


def _fit(line: str, block: NumberBlock) -> list[str] | None:
    """The cells of a row over the columns of the block; None when their number differs."""
    cells = split_row(line, block.separator)
    if block.separator == "space" and len(cells) != block.n_columns:
        cells = line.strip(" #").split()
    cells = cells[block.n_leading_blank :] if len(cells) > block.n_columns else cells
    while len(cells) > block.n_columns and not cells[-1]:
        cells.pop()
    if len(cells) == block.n_columns + 1 and _names_x(cells[:1]):
        cells.pop()  # the mode after the last label (Avantes)
    if len(cells) == block.n_columns - 1 and block.n_columns > 2:
        cells = ["", *cells]  # an index column without a name
    return cells if len(cells) == block.n_columns else None


def _names_x(cells: list[str]) -> bool:
    return any(x_axis(cell.lstrip("#. ").strip("[]")) for cell in cells[:2])


def _has_number(cells: list[str]) -> bool:
    return any(NUMBER["."].fullmatch(cell.encode()) for cell in cells if cell.isascii() and cell)


def _is_unit(cell: str) -> bool:
    bare = cell.strip("[]() ")
    name, unit = split_label(bare)
    return (not name and bool(unit)) or unit_code(bare) != bare or "/" in bare


def _labels(rows: list[list[str]], block: NumberBlock) -> tuple[tuple[str, ...], tuple[str, ...]]:
    nothing = ("",) * block.n_columns
    if not rows:
        return nothing, nothing
    filled = [cell for cell in rows[0] if cell]
    if len(rows) > 1 and sum(map(_is_unit, filled)) * 2 > len(filled) and any(map(x_axis, rows[1])):
        names, above = rows[1], rows[2:]
        labels = [
            f"{name} ({unit.strip('[]() ')})" if unit else name for name, unit in zip(names, rows[0], strict=True)
        ]
    else:
        labels, above = [cell.lstrip("#. ") for cell in rows[0]], rows[1:]
    groups = above[0] if above and sum(map(bool, above[0])) <= (block.n_columns + 1) // 2 else nothing
    return tuple(labels), tuple(groups)
