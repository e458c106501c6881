"""Rows of numbers in a text: where they are, how they are separated, and their values.

A number is ``[+-]digits[.digits][e[+-]digits]`` with the decimal mark of the file, in ASCII digits: ``float()`` would
also take ``1_000``, full-width digits and ``nan``. Whether one separator and one decimal mark make *every* row a row
of such numbers is tried for each pair; the first of ``SEPARATORS`` that explains most rows is taken.
"""

import re
from dataclasses import dataclass

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.reading import UnreadableFile

MAX_NUMBERS = 20_000_000
CHUNK_ROWS = 20_000  # rows turned into numbers at once; bounds the memory of their tokens
SAMPLE_ROWS = 60

SEPARATORS = {"tab": b"\t", "semicolon": b";", "comma": b",", "space": b" ", "none": b""}

NUMBER = {
    ".": re.compile(rb"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII),
    # "400," is a number and a separator, never a number with a bare decimal comma
    ",": re.compile(rb"[+-]?(?:\d+(?:,\d+)?|,\d+)(?:[eE][+-]?\d+)?", re.ASCII),
}
TWO_IN_ONE_CELL = re.compile(rb"[0-9.] +[0-9.+\-]")

_ALLOWED = np.zeros(256, bool)
_ALLOWED[list(b'0123456789+-.,;eE\t "')] = True
_DIGIT = np.zeros(256, bool)
_DIGIT[list(b"0123456789")] = True
_BLANK = np.zeros(256, bool)
_BLANK[list(b"\t \n")] = True


@dataclass(frozen=True, eq=False)
class NumberBlock:
    """``rows`` of shape (n_rows, n_columns), NaN where a cell is empty; lines ``first_line`` to ``end_line`` (excluded)."""

    rows: np.ndarray
    first_line: int
    end_line: int
    separator: str
    decimal_mark: str
    n_leading_blank: int = 0  # columns that are empty in every row and stand before the first one
    n_trailing_blank: int = 0  # and behind the last one: their labels stand there all the same
    comma_is_doubtful: bool = False  # separated by commas and without any point: a decimal comma may hide in it

    @property
    def n_columns(self) -> int:
        return self.rows.shape[1]


def parse_number(text: str, decimal_mark: str = ".") -> float | None:
    """Parse one number strictly; None when it is none.

    Examples
    --------
    >>> parse_number("-6.4E-05"), parse_number("0,25", ","), parse_number("1_000"), parse_number("１")
    (-6.4e-05, 0.25, None, None)
    """
    token = text.strip()
    if not token.isascii() or not NUMBER[decimal_mark].fullmatch(token.encode()):
        return None
    value = float(token.replace(",", "."))
    return value if np.isfinite(value) else None


def printed_number(text: str) -> float | None:
    """Parse one number of a header, written with a decimal point or a decimal comma."""
    return parse_number(text, "," if "," in text and "." not in text else ".")


def numeric_runs(codes: bytes, starts: np.ndarray) -> list[tuple[int, int]]:
    """Runs of consecutive lines that hold digits and nothing but what numbers and separators are made of."""
    if starts.size < 2:
        return []
    base, stop = int(starts[0]), min(int(starts[-1]), len(codes))
    piece = np.frombuffer(codes, np.uint8)[base:stop]
    if piece.size == 0:
        return []
    begins = np.minimum(starts[:-1] - base, piece.size - 1)
    foreign = ~_ALLOWED[piece] & (piece != 10)
    numeric = ~np.logical_or.reduceat(foreign, begins) & np.logical_or.reduceat(_DIGIT[piece], begins)
    numeric &= (starts[1:] - starts[:-1]) > 1
    edges = np.flatnonzero(np.diff(np.concatenate(([0], numeric.view(np.int8), [0]))))
    return list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))


def read_run(
    codes: bytes,
    starts: np.ndarray,
    first: int,
    end: int,
    separator: str | None = None,
    decimal_mark: str | None = None,
) -> NumberBlock | None:
    """Read the lines ``first`` to ``end`` as the largest rectangle of numbers that they hold.

    ``separator`` and ``decimal_mark`` are a person's choice where there is one.
    """
    wanted_separator, wanted_mark, best, best_score = separator, decimal_mark, None, 0
    for separator, mark in _pairs(codes[starts[first] : starts[end] - 1]):
        if wanted_separator not in (None, separator) or wanted_mark not in (None, mark):
            continue
        a, b, n_columns = _longest_even_stretch(codes, starts, first, end, separator)
        if n_columns < 1 or not _sample_fits(codes, starts, a, b, separator, mark):
            continue
        score = (b - a) * min(n_columns, 2)
        if score > best_score:
            best, best_score = (a, b, separator, mark, n_columns), score
    if best is None:
        return None
    return _read_rows(codes, starts, *best)


def _pairs(piece: bytes) -> list[tuple[str, str]]:
    """Separators with decimal marks that the characters of ``piece`` allow, the surest first."""
    has_comma = b"," in piece
    marks = [mark for mark, there in ((".", b"." in piece or not has_comma), (",", has_comma)) if there]
    pairs = []
    for name, sign in SEPARATORS.items():
        if sign in piece:
            pairs += [(name, mark) for mark in marks] if name != "comma" else [("comma", ".")]
    return pairs


def _longest_even_stretch(codes, starts, first, end, separator) -> tuple[int, int, int]:
    """Longest stretch of lines with the same number of columns: (first, end, columns)."""
    counts = _columns_per_line(codes, starts, first, end, separator)
    edges = np.concatenate(([0], np.flatnonzero(np.diff(counts)) + 1, [counts.size]))
    longest = int(np.argmax(np.diff(edges)))
    return first + int(edges[longest]), first + int(edges[longest + 1]), int(counts[edges[longest]])


def _columns_per_line(codes, starts, first, end, separator) -> np.ndarray:
    piece = np.frombuffer(codes, np.uint8)[starts[first] : min(starts[end], len(codes))]
    begins = starts[first:end] - starts[first]
    if separator == "none":
        return np.ones(end - first, np.int32)
    if separator == "space":
        blank = _BLANK[piece]
        marks = ~blank
        marks[1:] &= blank[:-1]
        return np.add.reduceat(marks.view(np.uint8), begins, dtype=np.int32)
    signs = piece == SEPARATORS[separator][0]
    counts = np.add.reduceat(signs.view(np.uint8), begins, dtype=np.int32) + 1
    return counts if counts.max() > 1 else np.zeros_like(counts)


def _sample_fits(codes, starts, first, end, separator, mark) -> bool:
    rows = np.unique(np.linspace(first, end - 1, SAMPLE_ROWS).round().astype(int))
    return all(_cells_are_numbers(codes[starts[row] : starts[row + 1] - 1], separator, mark) for row in rows)


def _cells_are_numbers(line: bytes, separator: str, mark: str) -> bool:
    cells = _split(line, separator)
    return any(cells) and all(not cell or NUMBER[mark].fullmatch(cell) for cell in cells)


def _split(line: bytes, separator: str) -> list[bytes]:
    if separator == "space":
        return [cell.strip(b'"') for cell in line.split()]
    if separator == "none":
        return [line.strip().strip(b'"')]
    return [cell.strip().strip(b'"').strip() for cell in line.split(SEPARATORS[separator])]


def _read_rows(codes, starts, first, end, separator, mark, n_columns) -> NumberBlock:
    if (end - first) * n_columns > MAX_NUMBERS:
        raise UnreadableFile(
            Note(
                "too_many_numbers",
                gettext_noop("This file holds more than {limit} numbers. Split it into smaller files."),
                {"limit": MAX_NUMBERS},
            )
        )
    rows = np.empty((end - first, n_columns))
    for a in range(first, end, CHUNK_ROWS):
        b = min(a + CHUNK_ROWS, end)
        piece = codes[starts[a] : starts[b] - 1]
        values = _all_at_once(piece, separator, mark, b - a, n_columns)
        rows[a - first : b - first] = _cell_by_cell(piece, a, separator, mark, n_columns) if values is None else values
    piece = codes[starts[first] : starts[end] - 1]
    doubtful = separator == "comma" and n_columns > 2 and b"." not in piece
    return _without_blank_columns(rows, first, end, separator, mark, doubtful)


def _all_at_once(piece: bytes, separator: str, mark: str, n_rows: int, n_columns: int) -> np.ndarray | None:
    """Turn many rows into numbers in one go; None when a cell is empty, quoted or odd, for the careful way."""
    if b'"' in piece or (separator != "space" and TWO_IN_ONE_CELL.search(piece)):
        return None
    if mark == ",":
        if b"." in piece:
            return None
        piece = piece.replace(b",", b".")
    trailing = 0
    if separator in ("tab", "semicolon", "comma"):
        sign = SEPARATORS[separator]
        trailing = int(piece.endswith(sign) and piece.count(sign + b"\n") == n_rows - 1)
        piece = piece.replace(sign, b" ")
    tokens, n_filled = piece.split(), n_columns - trailing
    if len(tokens) != n_rows * n_filled:
        return None
    try:
        values = np.fromiter(map(float, tokens), np.float64, len(tokens)).reshape(n_rows, n_filled)
    except ValueError:
        return None
    if not np.isfinite(values).all():
        return None
    return np.column_stack((values, np.full(n_rows, np.nan))) if trailing else values


def _cell_by_cell(piece: bytes, first_row: int, separator: str, mark: str, n_columns: int) -> np.ndarray:
    rows = np.full((piece.count(b"\n") + 1, n_columns), np.nan)
    for i, line in enumerate(piece.split(b"\n")):
        cells = _split(line, separator)
        values = [parse_number(cell.decode(), mark) if cell else np.nan for cell in cells]
        if None in values or len(values) != n_columns:
            raise UnreadableFile(bad_row(first_row + i + 1, line.decode()))
        rows[i] = values
    return rows


def bad_row(line_number: int, line: str) -> Note:
    return Note(
        "bad_row",
        gettext_noop("Line {line} is not a row of numbers like the others: “{text}”. Export the file again."),
        {"line": line_number, "text": line.strip()[:60]},
    )


def _without_blank_columns(rows, first, end, separator, mark, doubtful) -> NumberBlock | None:
    filled = np.flatnonzero(~np.isnan(rows).all(axis=0))
    if filled.size == 0:
        return None
    kept = rows[:, filled[0] : filled[-1] + 1]
    blank = int(filled[0]), rows.shape[1] - 1 - int(filled[-1])
    return NumberBlock(kept, first, end, separator, mark, *blank, doubtful and kept.shape[1] > 2)
