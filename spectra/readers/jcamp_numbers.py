"""Ordinates of JCAMP-DX tables: plain numbers (AFFN, PAC) and the compressed forms SQZ, DIF and DUP.

In a compressed line the first digit of a number is a letter that also says its sign and meaning::

    SQZ  @ A–I = +0…+9, a–i = −1…−9        a value
    DIF  % J–R = +0…+9, j–r = −1…−9        the difference from the value before
    DUP  S–Z, s = 1…9                      how often the entry before stands there, itself included

A line that ends in a difference is checked: the next line begins with the same value once more. ``E`` and ``e`` are
compressed digits only where other letters show that the table is compressed; else they are exponents.
"""

import re

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.binary import too_many_numbers
from spectra.readers.number_block import MAX_NUMBERS
from spectra.readers.reading import UnreadableFile

COMPRESSED = re.compile(r"[@A-DF-Za-df-s%]")
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
TOKEN = re.compile(rf"([%@A-Za-s])(\d*)|({NUMBER})|(\?)|([^\s,;])")
LEADING = re.compile(rf"\s*({NUMBER}(?:[eE][+-]\d+)?)")
PLAIN = re.compile(rf"{NUMBER}(?:[eE][+-]?\d+)?|\?")
SQZ = {letter: str(digit) for digit, letter in enumerate("@ABCDEFGHI")} | {
    letter: f"-{digit}" for digit, letter in enumerate("abcdefghi", 1)
}
DIF = {letter: str(digit) for digit, letter in enumerate("%JKLMNOPQR")} | {
    letter: f"-{digit}" for digit, letter in enumerate("jklmnopqr", 1)
}
DUP = {letter: str(digit) for digit, letter in enumerate("STUVWXYZs", 1)}
MAX_DIGITS = 25
MAX_PER_BYTE = 200  # points that one byte of a table may stand for; a flat line of any real file needs less


def is_compressed(body: str) -> bool:
    return bool(COMPRESSED.search(body))


def bad_line(line: int, text: str) -> UnreadableFile:
    return UnreadableFile(
        Note(
            "bad_row",
            gettext_noop("Line {line} is not a row of numbers like the others: “{text}”. Export the file again."),
            {"line": line, "text": text.strip()[:60]},
        )
    )


def bad_check(line: int) -> UnreadableFile:
    return UnreadableFile(
        Note(
            "jcamp_check_failed",
            gettext_noop(
                "The check value in line {line} does not agree: the file is damaged. Export or copy it again."
            ),
            {"line": line},
        )
    )


def read_lines(body: str, first_line: int, at_most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Read an ``(X++(Y..Y))`` table.

    Parameters
    ----------
    body : str
        The lines below the record's label.
    first_line : int
        Their number in the file, for messages.
    at_most : int
        Points that the file announces; a table that grows beyond is no table but a bomb.

    Returns
    -------
    y : ndarray, shape (n,)
        Ordinates as written, before YFACTOR; NaN where the file has ``?``.
    line_x : ndarray, shape (m,)
        Abscissa of each line as written, before XFACTOR.
    line_start : ndarray, shape (m,)
        Index in ``y`` of the first ordinate of each line.
    n_checks : int
        How many lines repeated the last value of the line before, and agreed.
    """
    compressed, values, line_x, starts, pending, n_checks = is_compressed(body), [], [], [], False, 0
    at_most = min(at_most, MAX_NUMBERS, MAX_PER_BYTE * len(body) + 1000)
    for number, line in enumerate(body.split("\n"), first_line):
        if not line.strip():
            continue
        found = LEADING.match(line) if not compressed else re.match(rf"\s*({NUMBER})", line)
        if not found:
            raise bad_line(number, line)
        row, ends_in_difference = (
            _compressed_row(line, found.end(), number, at_most - len(values))
            if compressed
            else (_plain_row(line[found.end() :], number), False)
        )
        if not row:
            raise bad_line(number, line)
        if pending:
            if row[0] != values[-1]:
                raise bad_check(number)
            start, row, n_checks = len(values) - 1, row[1:], n_checks + 1
        else:
            start = len(values)
        line_x.append(float(found[1]))
        starts.append(start)
        values += row
        pending = ends_in_difference
        if len(values) > at_most:
            raise too_many_numbers() if at_most == MAX_NUMBERS else too_many_points(at_most)
    return np.array(values, float), np.array(line_x), np.array(starts, int), n_checks


def too_many_points(at_most: int) -> UnreadableFile:
    return UnreadableFile(
        Note(
            "jcamp_too_many_points",
            gettext_noop(
                "The table holds more points than the file announces ({at_most}): it is damaged. Export it again."
            ),
            {"at_most": at_most},
        )
    )


def _plain_row(text: str, number: int) -> list[float]:
    tokens = PLAIN.findall(text)
    if PLAIN.sub("", text).strip(" \t,;"):
        raise bad_line(number, text)
    return [np.nan if token == "?" else float(token) for token in tokens]


def _compressed_row(line: str, place: int, number: int, room: int) -> tuple[list[float], bool]:
    """One line of ordinates, and whether its last entry is a difference."""
    row, last, step, in_difference, repeated = [], None, 0.0, False, False
    for letter, digits, plain, _, strange in TOKEN.findall(line[place:]):
        if strange or len(digits) > MAX_DIGITS:
            raise bad_line(number, line)
        if letter in DUP:
            count = int(DUP[letter] + digits) - 1
            if not row or repeated:
                raise bad_line(number, line)
            if count > room - len(row) + 1:
                raise too_many_points(max(0, room))
            repeated = True
            if in_difference:
                row += [last + step * k for k in range(1, count + 1)]
                last = row[-1]
            else:
                row += [row[-1]] * count
            continue
        repeated = False
        if letter in DIF:
            if last is None:
                raise bad_line(number, line)
            step, in_difference = float(DIF[letter] + digits), True
            last += step
        else:
            last = float(SQZ[letter] + digits) if letter else float(plain) if plain else np.nan
            in_difference = False
        row.append(last)
    return row, in_difference


def read_pairs(body: str, first_line: int, n_columns: int = 2, decimal_comma: bool = False) -> np.ndarray:
    """Read an ``(XY..XY)`` table: groups of plain numbers, shape (n, n_columns).

    With ``decimal_comma`` a comma between digits belongs to the number.
    """
    if decimal_comma:
        body = re.sub(r"(?<=\d),(?=\d)", ".", body)
    rest = PLAIN.sub("", body)
    if rest.strip(" \t\n,;()"):
        lines = body.split("\n")
        line = next((i for i, text in enumerate(lines) if PLAIN.sub("", text).strip(" \t,;()")), 0)
        raise bad_line(first_line + line, lines[line])
    tokens = PLAIN.findall(body)
    if len(tokens) > MAX_NUMBERS:
        raise too_many_numbers()
    if len(tokens) % n_columns:
        raise bad_line(first_line + body.count("\n"), body.rstrip().rpartition("\n")[2])
    values = np.array([np.nan if token == "?" else float(token) for token in tokens])
    return values.reshape(-1, n_columns)
