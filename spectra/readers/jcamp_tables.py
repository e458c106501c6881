"""A table of a JCAMP-DX block as x and y, checked against all that the block says of it."""

import re
from dataclasses import dataclass, field

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.binary import damaged
from spectra.readers.jasco_checks import printed_half_step
from spectra.readers.jcamp_numbers import read_lines, read_pairs
from spectra.readers.number_block import MAX_NUMBERS, printed_number
from spectra.readers.reading import UnreadableFile


@dataclass(eq=False)
class JcampTable:
    x: np.ndarray
    y: np.ndarray
    form: str
    decimal_mark: str = "."
    warnings: list[Note] = field(default_factory=list)


def split_form(value: str) -> tuple[str, str, int]:
    """The form of a table, ``(X++(Y..Y))``, without blanks; the lines below; and how many lines the form takes."""
    stripped = value.lstrip()
    if not stripped.startswith("("):
        return "", value, 0
    first, _, body = stripped.partition("\n")
    form = re.sub(r"\s", "", first[: first.rfind(")") + 1][:100]).upper()
    return form, body, value.count("\n", 0, len(value) - len(stripped)) + 1


def number_of(said: dict, key: str) -> float | None:
    return printed_number(said[key].split()[0]) if said.get(key, "").strip() else None


def read_table(label: str, value: str, line: int, said: dict) -> JcampTable:
    """Read a table of numbers; ``said`` holds FIRSTX, LASTX, NPOINTS, XFACTOR …

    Raises
    ------
    UnreadableFile
        When a line is damaged, a check value fails, or the rows contradict the block beyond rounding.
    """
    form, body, skipped = split_form(value)
    is_pairs = form.startswith("(XY") or (not form and label in ("XYPOINTS", "PEAKTABLE"))
    tables, refused = [], None
    for mark in _decimal_marks(body, said):
        try:
            table = (_pairs if is_pairs else _increments)(body, line + skipped, said, mark)
        except UnreadableFile as error:
            refused = refused or error
            continue
        table.form = form or "(XY..XY)"
        tables.append(table)
    if not tables:
        raise refused
    return _likelier(tables, said)


def _likelier(tables: list[JcampTable], said: dict) -> JcampTable:
    """Of two readings of the same commas, the one with as many points as announced, or as the header writes numbers.

    Raises
    ------
    UnreadableFile
        When nothing in the block tells which is right.
    """
    if len(tables) == 1 or _header_has_commas(said):
        return tables[0]
    announced = number_of(said, "NPOINTS")
    fitting = [table for table in tables if announced is not None and table.x.size == announced]
    if len(fitting) == 1:
        return fitting[0]
    text = gettext_noop(
        "The comma may stand between the numbers of this file or inside them. Export it again with decimal points."
    )
    raise UnreadableFile(Note("comma_twice", text))


def _header_has_commas(said: dict) -> bool:
    return any(re.search(r"\d,\d", said.get(key, "")) for key in ("FIRSTX", "LASTX", "DELTAX", "YFACTOR", "FIRSTY"))


def _decimal_marks(body: str, said: dict) -> list[str]:
    """Decimal marks to try, the likelier first: a comma between digits may separate or be part of a number."""
    if not re.search(r"\d,\d", body) or re.search(r"\d\.\d", body):
        return ["."]
    return [",", "."] if _header_has_commas(said) else [".", ","]


def _pairs(body: str, line: int, said: dict, mark: str) -> JcampTable:
    rows = read_pairs(body, line, 2, mark == ",")
    if len(rows) == 0:
        raise no_points()
    if np.isnan(rows[:, 0]).any():
        raise no_points()
    x, y = rows[:, 0] * _factor(said, "XFACTOR"), rows[:, 1] * _factor(said, "YFACTOR")
    return JcampTable(x, y, "", mark, _checked(said, x, y))


def _increments(body: str, line: int, said: dict, mark: str) -> JcampTable:
    if mark == ",":
        body = re.sub(r"(?<=\d),(?=\d)", ".", body)
    announced = number_of(said, "NPOINTS")
    at_most = int(2 * announced + 1000) if announced is not None and 0 <= announced < MAX_NUMBERS else MAX_NUMBERS
    raw, line_x, starts, n_checks = read_lines(body, line, at_most)
    if raw.size == 0:
        raise no_points()
    x = _axis(raw.size, line_x * _factor(said, "XFACTOR"), starts, said, line)
    y = raw * _factor(said, "YFACTOR")
    return JcampTable(x, y, "", mark, _checked(said, x, y, has_checks=n_checks > 0))


def _factor(said: dict, key: str) -> float:
    factor = number_of(said, key)
    if factor is None and said.get(key, "").strip():
        text = gettext_noop(
            "{key} of this file is no number (“{text}”), so that its values are not known. Export it again."
        )
        raise UnreadableFile(Note("jcamp_factor", text, {"key": key, "text": said[key][:40]}))
    return 1.0 if factor is None else factor


def _axis(n: int, line_x: np.ndarray, starts: np.ndarray, said: dict, line: int) -> np.ndarray:
    """Equal steps from FIRSTX to LASTX, held against the abscissa of every line.

    The abscissas are check values, rounded by most programs to whole steps; one that is off by more than that means
    lines are missing, doubled or foreign.
    """
    first, last, step = (number_of(said, key) for key in ("FIRSTX", "LASTX", "DELTAX"))
    first = float(line_x[0]) if first is None else first
    announced = number_of(said, "NPOINTS")
    if last is not None and announced is not None and announced > 1:
        step = (last - first) / (announced - 1)
    elif step is None or step == 0:
        step = (
            (line_x[-1] - line_x[0]) / starts[-1]
            if starts[-1]
            else (last - first) / (n - 1)
            if last is not None and n > 1
            else 0.0
        )
    if n > 1 and not (np.isfinite(step) and step != 0):
        raise _contradiction("DELTAX", said.get("DELTAX", ""), 0.0)
    x = first + step * np.arange(n)
    off = np.abs(line_x - x[starts])
    allowed = 1.01 * abs(step) * _factor_rounding(said) + 2e-6 * np.abs(x[starts]) + 1e-9
    if (off > allowed).any():
        k = int(np.flatnonzero(off > allowed)[0])
        raise UnreadableFile(
            Note(
                "jcamp_x_jumps",
                gettext_noop(
                    "Row {row} of the table stands at {x}, where {expected} should follow: the file is damaged."
                ),
                {"row": k + 1, "x": f"{line_x[k]:.10g}", "expected": f"{x[starts[k]]:.10g}"},
            )
        )
    return x


def _factor_rounding(said: dict) -> float:
    """Abscissas are written as whole multiples of XFACTOR by some programs, with XFACTOR as large as a step."""
    return 1.5 if (number_of(said, "XFACTOR") or 1.0) != 1.0 else 1.0


def no_points() -> UnreadableFile:
    return UnreadableFile(
        Note("no_rows", gettext_noop("This file has a header but no rows of numbers. Export it again."))
    )


def _checked(said: dict, x: np.ndarray, y: np.ndarray, has_checks: bool = False) -> list[Note]:
    """Compare FIRSTX, LASTX, FIRSTY, MAXY, MINY with the rows; warn of a wrong NPOINTS."""
    if not np.isfinite(x).all() or np.isinf(y).any():
        raise damaged("numbers")
    announced = number_of(said, "NPOINTS")
    if announced is not None and x.size < announced and not _reaches(said, x):
        raise UnreadableFile(
            Note(
                "file_cut_short",
                gettext_noop("This file ends after {found} of {said} points: it was cut off. Export or copy it again."),
                {"found": int(x.size), "said": int(announced)},
            )
        )
    notes = _check_values(said, x, y, has_checks)
    if announced is not None and announced != x.size:
        text = gettext_noop("The header announces {said} points, the file holds {found}; the points were read.")
        notes.append(Note("wrong_npoints", text, {"said": int(announced), "found": int(x.size)}))
    return notes


def _reaches(said: dict, x: np.ndarray) -> bool:
    last = number_of(said, "LASTX")
    return last is not None and _agree(said["LASTX"], last, float(x[-1]), 0.0)


def _check_values(said: dict, x: np.ndarray, y: np.ndarray, has_checks: bool) -> list[Note]:
    """Contradictions are errors, but for the range of y where it is only in percent, or where DIF proves the rows."""
    found = {"FIRSTX": x[0], "LASTX": x[-1]}
    if np.isfinite(y).any():
        found |= {"FIRSTY": y[0], "MAXY": np.nanmax(y), "MINY": np.nanmin(y)}
    rounding, notes = abs(_factor(said, "YFACTOR")), []
    for key, value in found.items():
        number = number_of(said, key)
        if number is None or not np.isfinite(value):
            continue
        if _agree(said[key], number, float(value), rounding if key.endswith("Y") else 0.0):
            continue
        in_percent = _agree(said[key], number, 100 * float(value), 100 * rounding)
        if key not in ("MAXY", "MINY") or not (in_percent or has_checks):
            raise _contradiction(key, said[key], float(value))
        text = gettext_noop(
            "The header says {key} = {said}, the rows say {found}; the rows agree with their check values."
        )
        notes.append(Note("range_disagrees", text, {"key": key, "said": said[key].strip(), "found": f"{value:g}"}))
    return notes


def _agree(text: str, said: float, found: float, rounding: float) -> bool:
    printed = text.split()[0].replace("E", "e")
    tolerance = 1.2 * printed_half_step(printed) + 2e-5 * max(abs(said), abs(found)) + 1.01 * rounding
    return abs(said - found) <= tolerance


def _contradiction(key: str, said: str, found: float) -> UnreadableFile:
    return UnreadableFile(
        Note(
            "contradicts_header",
            gettext_noop("The header says {key} = {said}, the rows say {found}. Export the file again."),
            {"key": key, "said": said.strip(), "found": f"{found:g}"},
        )
    )
