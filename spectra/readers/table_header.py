"""The lines around a table: its column labels, and what the preamble says."""

import csv
import hashlib
import re
from dataclasses import dataclass, field
from itertools import groupby

from spectra.readers.number_block import NUMBER, NumberBlock
from spectra.readers.terms import normal, split_label, unit_code, x_axis
from spectra.readers.text import TextFile, clean

MAX_PREAMBLE_LINES, MAX_LINE, MAX_VALUE, MAX_LABEL = 300, 2000, 500, 200
SIGNS = {"tab": "\t", "semicolon": ";", "comma": ","}
MAX_MARKS = 60
LINE_NUMBER = re.compile(r"line \d+")
NUMBERS = re.compile(r"[-+]?\d+(?:[.,:/-]\d+)*(?:e[-+]?\d+)?")
KEY_VALUE = re.compile(r"([^\t:=;,]{1,80}?)\"?\s*(?:\t|=|:(?![0-9]{2})|;|,)(.*)", re.S)


@dataclass(frozen=True)
class TableHeader:
    """``labels`` and ``groups`` per column (``""`` where none); ``preamble`` key → text; ``labelled`` if a row names them."""

    labels: tuple[str, ...]
    groups: tuple[str, ...]
    preamble: dict[str, str] = field(default_factory=dict)
    labelled: bool = False

    def fingerprint(self, separator: str) -> str:
        """The key under which a choice of columns is kept: alike in all files of one export; "" without labels.

        Labels with their units count, and what stands between the columns. Numbers in a label do not (times, serial
        numbers), nor how often a label is repeated in a row: a series has more columns one day than the next.
        """
        if not self.labelled:
            return ""
        words = [label for label, run in groupby(map(_without_numbers, self.labels)) for label in _run(label, run)]
        return hashlib.sha256("|".join((separator, *words)).encode()).hexdigest()[:16]

    def marks(self) -> tuple[str, ...]:
        """Short hashes of the preamble's keys: which program wrote it, without telling a word of it."""
        keys = {_without_numbers(key) for key in self.preamble if not LINE_NUMBER.fullmatch(key)}
        return tuple(sorted(hashlib.sha256(key.encode()).hexdigest()[:8] for key in keys)[:MAX_MARKS])


def _without_numbers(text: str) -> str:
    return NUMBERS.sub("#", normal(text))


def _run(label: str, run) -> list[str]:
    """A label as often as it stands there; from three on the number does not matter."""
    n = len(list(run))
    return [label] * n if n < 3 else [label, "+"]


def table_header(file: TextFile, block: NumberBlock) -> TableHeader:
    """Find the rows that label the columns of ``block``, and read the lines before and after it."""
    rows, last = _label_rows(file, block)
    labels, groups, n_used = _labels(rows, block)
    end = last - n_used + 1
    preamble = key_values(file.lines(max(0, end - MAX_PREAMBLE_LINES), end))
    for key, value in key_values(file.lines(block.end_line, block.end_line + MAX_PREAMBLE_LINES)).items():
        preamble.setdefault(key, value)
    return TableHeader(labels, groups, preamble, bool(rows))


def key_values(lines: list[str]) -> dict[str, str]:
    """``key: value`` lines (also ``=``, tab, comma), and other lines under their number."""
    pairs = {}
    for number, line in enumerate(lines, 1):
        line = line[:MAX_LINE].strip().lstrip('#*!%;" \t')
        if not line:
            continue
        found = KEY_VALUE.match(line)
        key, value = (clean(found[1]), clean(found[2].rstrip("\t,; "))) if found else ("", clean(line))
        pairs.setdefault(key or f"line {number}", value[:MAX_VALUE])
    return pairs


def split_row(line: str, separator: str) -> list[str]:
    """Cells of a row of text; a space-separated one is split at wide gaps first."""
    if separator in SIGNS:
        return [clean(cell[:MAX_LABEL]) for cell in _cells(line, SIGNS[separator])]
    return [clean(cell[:MAX_LABEL]) for cell in re.split(r"\t+| {2,}", _uncommented(line))]


def _uncommented(line: str) -> str:
    """Without the sign that makes a line a remark to other programs; ``%T`` is a label."""
    return re.sub(r"^\s*(?:[#!;*]+|%(?=\s))", "", line).strip(" #")


def _cells(line: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=sign), [])
    except csv.Error:  # a cell longer than csv takes
        return line.split(sign)


def _label_rows(file: TextFile, block: NumberBlock) -> tuple[list[list[str]], int]:
    """Up to four rows directly above the block that have its number of cells, the nearest first, and its line."""
    rows, line = [], block.first_line - 1
    while line >= 0 and not file.line(line).strip("\t,; "):
        line -= 1  # one table in ten has a blank line under its labels
    adjacent, nearest = line == block.first_line - 1, line
    while line >= 0 and len(rows) < 4:
        cells = _fit(file.line(line), block)
        if cells is None or not any(cells) or (_has_number(cells) and not _numbered(cells, rows)):
            break
        if cells[0].endswith(("=", ":")):
            break  # a key and its value
        if not rows and not adjacent and not _names_x(cells):
            break
        rows.append(cells)
        line -= 1
    return rows, nearest


def _fit(line: str, block: NumberBlock) -> list[str] | None:
    """The cells of a row over the columns of the block; None when their number differs."""
    cells = split_row(line, block.separator)
    if block.separator == "space" and len(cells) != block.n_columns:
        cells = _uncommented(line).split()
    cells = cells[block.n_leading_blank :] if len(cells) > block.n_columns else cells
    while len(cells) > block.n_columns and not cells[-1]:
        cells.pop()
    if len(cells) == block.n_columns + block.n_trailing_blank:
        cells = cells[: block.n_columns]
    if len(cells) > block.n_columns and sum(map(bool, cells)) == block.n_columns:
        cells = [cell for cell in cells if cell]  # two tabs between the labels, one between the numbers (Renishaw)
    if len(cells) == block.n_columns + 1 and _names_x(cells[:1]):
        cells.pop()  # the mode after the last label (Avantes)
    if len(cells) == block.n_columns - 1 and block.n_columns > 2 and _may_be_index(block):
        cells = ["", *cells]  # an index column without a name
    return cells if len(cells) == block.n_columns else None


def _may_be_index(block: NumberBlock) -> bool:
    """``400,0,123`` under two names is a decimal comma, unless the first column counts the rows."""
    return not block.comma_is_doubtful or block.rows[0, 0] in (0, 1)


def _names_x(cells: list[str]) -> bool:
    return any(x_axis(cell.lstrip("#. ").strip("[]")) for cell in cells[:2])


def _numbered(cells: list[str], rows: list) -> bool:
    """``nm 0 30 60``: an axis with its name, the others labelled by the number at which they were measured."""
    return not rows and bool(x_axis(cells[0].lstrip("#. "))) and not _has_number(cells[:1])


def _has_number(cells: list[str]) -> bool:
    return any(NUMBER["."].fullmatch(cell.encode()) for cell in cells if cell.isascii() and cell)


def _is_unit(cell: str) -> bool:
    if re.fullmatch(r"[(\[][^()\[\]]{1,20}[)\]]", cell):
        return True
    bare = cell.strip("[]() ")
    name, unit = split_label(bare)
    return (not name and bool(unit)) or unit_code(bare) != bare or "/" in bare


def _labels(rows: list[list[str]], block: NumberBlock) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Labels, names of groups of columns, and how many of ``rows`` were used for them."""
    nothing = ("",) * block.n_columns
    if not rows:
        return nothing, nothing, 0
    k = next((k for k in range(len(rows) - 1) if _are_units(rows[k], rows[k + 1])), None)
    if k is not None:
        labels, n_used = _with_units(rows[k + 1], rows[k]), k + 2
        notes = next((row for row in rows[:k] if any(row[1:])), None)  # Origin: comments below the units
        if notes is not None:
            return _with_comments(labels, notes, n_used)
    elif len(rows) > 1 and _names_x(rows[0][:1]) and not any(rows[0][1:]) and all(rows[1][1:]):
        labels, n_used = [rows[0][0].lstrip("#. "), *rows[1][1:]], 2  # x named below the names of the others
    else:
        labels, n_used = [cell.lstrip("#. ") for cell in rows[0]], 1
    above = rows[n_used] if len(rows) > n_used else nothing
    if any(above) and sum(map(bool, above)) <= (block.n_columns + 1) // 2:
        return tuple(labels), tuple(above), n_used + 1
    return tuple(labels), nothing, n_used


def _are_units(units: list[str], names: list[str]) -> bool:
    """Whether a row holds units, and the row above it the names of columns, one of them an axis."""
    filled = [cell for cell in units if cell]
    most = sum(map(_is_unit, filled)) * 2 > len(filled)
    return most and any(map(x_axis, (*names, *_with_units(names, units))))


def _with_units(names: list[str], units: list[str]) -> list[str]:
    return [f"{name} ({unit.strip('[]() ')})" if unit else name for name, unit in zip(names, units, strict=True)]


def _with_comments(labels: list[str], comments: list[str], n_used: int):
    """One comment is the title of its columns; several tell columns of one name apart."""
    if sum(map(bool, comments)) == 1:
        return tuple(labels), tuple(comments), n_used
    labels = [f"{comment} {label}".strip() for comment, label in zip(comments, labels, strict=True)]
    return tuple(labels), ("",) * len(labels), n_used
