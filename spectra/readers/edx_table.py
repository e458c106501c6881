"""Tables of compositions from EDX: atomic percent by element, of one or of several spots (EDAX, Bruker, Oxford and the like).

Elements below each other, one table per spot, anything between the tables; the first cell may name the line too::

    kV: 20  Takeoff: 35
    Selected Area 1
    Element,Weight %,Atomic %,Net Int.,Error %,Kratio
    Br L,34.10,59.21,812.4,3.1,0.2911
    PbM,65.90,40.79,701.3,4.0,0.5712
    Total,100.00,100.00

    El AN  Series  unn. C norm. C Atom. C Error (3 Sigma)
                   [wt.%] [wt.%]  [at.%]        [wt.%]
    Br 35  L-series 33.10  34.10   59.21          1.02

or elements beside each other, one spot per row, with "atomic" in a label or above the table (rows of statistics are passed over)::

    All results in atomic %
    Spectrum Label   Br      Pb      Total
    Spectrum 1       59.21   40.79   100.00

Atomic percent must be there: weight percent alone are refused, and so is a symbol that is no element. A table whose sum is not
that of its Total row was cut off or shifted. Sums other than 100 ± 1 are told. Spots with the same elements become one
composition: the mean, with the standard error of the mean (s/√n) and n; s itself stands in the metadata. Of a single spot
the uncertainty is the one written: of atomic percent, else the relative one of the weight percent or of the net intensity,
divided by the number of sigmas where the label tells it; none where none is written.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt
from pathlib import PurePath

from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers.about import About
from spectra.readers.bruker_spx import SYMBOLS
from spectra.readers.decoding import looks_binary, peek
from spectra.readers.number_block import parse_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.text import clean, open_text
from spectra.readers.vendor_reading import vendor_reading

NAME, VERSION = "edx_table", 3
ABOUT = About(
    "EDX composition table",
    "EDAX, Bruker, Oxford and others",
    (".csv", ".txt", ".tsv", ".xlsx"),
    ("edx",),
    gettext_noop("Atomic percent by element with their errors; several spots become a mean with its standard error"),
    gettext_noop("Weight percent alone: export the table with atomic percent."),
)
ELEMENT_HEADS = re.compile(r"element(?: ?symbol)?|elem\.?|el\.?|元素", re.I)
ATOMIC = re.compile(
    r"\[?(?:norm\.?\]? ?)?(?:atomic|atom\.?|at\.?) ?-?(?:%|percent|c\b\.?|conc\.?)?.*|原子(?:数)?.*%.*", re.I
)
NUMBER_OR_MASS = re.compile(r"\bno\b|number|mass|weight", re.I)
WEIGHT = re.compile(r"\[?(?:norm\.?\]? )?(?:norm\. c|mass|weight|wt\.?) ?(?:%|percent|norm\.?)?.*|質量.*%.*", re.I)
ERROR = re.compile(r"err|sigma|σ|uncert|±|誤差|std", re.I)
SIGMAS = re.compile(r"([123]) ?(?:sigma|σ)", re.I)
ATOMIC_ABOVE = re.compile(r"atomic ?(?:%|percent)|at\.? ?%", re.I)
LABELLED = re.compile(
    r"([A-Z][a-z]?)(?:[ _-]?(?:[KLMN](?:[abαβl]\d?)?(?:[ -]series)?))?(?: ?\((?:[KLM]\w?)\))?(?: ?[\[(/]? ?(?:at(?:om)?\.?|atomic) ?(?:%|percent)[\])]?)?"
)
TOTAL = re.compile(r"totals?:?|sum:?|合計|計", re.I)
STATISTICS = re.compile(
    r"mean|average|avg\.?|max(?:imum)?\.?|min(?:imum)?\.?|sigma.*|std.*|standard dev.*|range|σ", re.I
)
BEAM = re.compile(
    r"(?:acc(?:elerating|\.)? ?voltage|beam (?:energy|voltage)|primary energy|\bhv|\bkv|e0|加速電圧)"
    r"\W{0,4}(\d{1,3}(?:[.,]\d+)?)(?: ?k(?:e?)v)?",
    re.I,
)
HINT = re.compile(r"atomic|atom\.|\bat(?:om)?\.? ?%|(?:wt\.?|weight|mass) ?%|元素|原子", re.I)
BRUKER_HEAD = re.compile(r"\s*El\s+AN\s+Series\b")
BRUKER_LABEL = re.compile(r"(?:unn|norm|Atom)\. C|Error \(\d Sigma\)|\S+")
SUM_TOLERANCE, TOTAL_TOLERANCE = 1.0, 1.0
DECIMAL_COMMA = re.compile(r"\d,\d")
MAX_LINES, MAX_SPOTS, LIGHTEST_WITH_L = 20_000, 10_000, 20


@dataclass
class Spot:
    """One table: element → atomic percent and its standard uncertainty, where one is written."""

    title: str
    percents: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    total: float | None = None
    damaged: list[str] = field(default_factory=list)  # elements whose written uncertainty cannot be


def sniff(head: bytes, tail: bytes, name: str) -> int:
    if looks_binary(head):
        return 0
    text = peek(head)
    if not HINT.search(text):
        return 0
    rows = _rows(text)
    said = _first_atomic(rows)
    return 74 if any(_columns(row) or _across(row, k >= said) for k, row in enumerate(rows)) else 0


def _rows(text: str) -> list[list[str]]:
    rows, blanks = [], False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MAX_LINES]:
        head = "\t" not in line and BRUKER_HEAD.match(line)
        blanks = bool(head) or (blanks and bool(line.strip()))
        rows.append(BRUKER_LABEL.findall(line) if head else line.split() if blanks else _cells(line))
    return rows


def _cells(line: str) -> list[str]:
    if "\t" in line:
        return [clean(cell) for cell in line.split("\t")]
    for sign in ";,":
        if line.count(sign) > (1 if DECIMAL_COMMA.search(line) else 0):
            return [clean(cell) for cell in next(csv.reader([line.replace("\0", "")], delimiter=sign), [])]
    return [clean(cell) for cell in re.split(r"\s{2,}|(?<=[\d.%\]])\s+(?=[\d\[])", line.strip())]


def element_of(cell: str) -> str | None:
    """The symbol in ``Br``, ``Br L``, ``PbM`` or ``C K``; None for what is no element with such a line.

    Examples
    --------
    >>> element_of("PbM"), element_of("CK"), element_of("Cs L"), element_of("CL"), element_of("Xx")
    ('Pb', 'C', 'Cs', None, None)
    """
    found = LABELLED.fullmatch(cell.strip())
    if not found or found[1] not in SYMBOLS:
        return None
    line = cell.strip()[len(found[1]) :].strip(" _-(")[:1]
    heavy = SYMBOLS.index(found[1]) + 1 >= LIGHTEST_WITH_L
    return found[1] if line not in ("L", "M", "N") or heavy else None


def _first_atomic(rows: list[list[str]]) -> float:
    """The first row that says that percents are atomic; infinity when none does."""
    return next((k for k, row in enumerate(rows) if ATOMIC_ABOVE.search(" ".join(row))), float("inf"))


def _columns(row: list[str]) -> dict | None:
    """Where the head of a table says that element, atomic percent, weight percent and errors stand."""
    if len(row) < 2 or not ELEMENT_HEADS.fullmatch(row[0]):
        return None
    errors = [k for k, label in enumerate(row) if ERROR.search(label)]
    plain = [k for k in range(1, len(row)) if k not in errors and row[k]]
    atomic = next((k for k in plain if ATOMIC.fullmatch(row[k]) and not NUMBER_OR_MASS.search(row[k])), None)
    weight = next((k for k in plain if WEIGHT.fullmatch(row[k])), None)
    if atomic is None and weight is None:
        return None
    return {"atomic": atomic, "weight": weight, "errors": {k: row[k] for k in errors}}


def _across(row: list[str], atomic_is_said: bool) -> dict[int, str] | None:
    """Column → element of a head whose labels are elements, when atomic percent stands in or above it."""
    elements = {k: symbol for k, label in enumerate(row) if k and (symbol := element_of(label))}
    if len(elements) < 2 or len(set(elements.values())) != len(elements):
        return None
    return elements if atomic_is_said else None


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read tables of compositions; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    rows = _rows(file.text)
    mark = _decimal_mark(rows)
    spots = _spots(rows, mark)
    if not spots:
        text = gettext_noop("No table with elements and their atomic percent was found. Export it with both columns.")
        raise UnreadableFile(Note("no_atomic_percent", text))
    found = BEAM.search(file.text)
    beam = parse_number(found[1].replace(",", ".")) if found else None
    beam = beam if beam and 0.1 <= beam <= 400 else None
    warnings = [note for spot in spots for note in _doubts(spot)]
    compositions, notes = _compositions(spots, beam, stem)
    items = [Item(value, "edx", "file", value.title, None, Conditions(), said) for value, said in compositions]
    decided = {"decimal_mark": mark, "spots": str(len(spots))}
    return vendor_reading(NAME, VERSION, file, items, [*warnings, *notes], decided, title=stem)


def _decimal_mark(rows: list[list[str]]) -> str:
    cells = [cell for row in rows for cell in row]
    commas = any(re.fullmatch(r"\d+,\d+", cell) for cell in cells)
    return "," if commas and not any(re.fullmatch(r"\d+\.\d+", cell) for cell in cells) else "."


def _spots(rows: list[list[str]], mark: str) -> list[Spot]:
    spots: list[Spot] = []
    place, said = 0, _first_atomic(rows)
    while place < len(rows) and len(spots) < MAX_SPOTS:
        columns, across = _columns(rows[place]), _across(rows[place], place >= said)
        if columns:
            place, spot = _below(rows, place, columns, mark)
            spots += [spot] if spot.percents else []
        elif across:
            place, found = _beside(rows, place, across, mark)
            spots += found
        else:
            place += 1
    return spots


def _below(rows: list[list[str]], head: int, columns: dict, mark: str) -> tuple[int, Spot]:
    """The table under a head with one element per row."""
    if columns["atomic"] is None:
        text = gettext_noop("This table gives weight percent only. Export it with atomic percent too.")
        raise UnreadableFile(Note("weight_percent_only", text))
    spot, units = Spot(_title_above(rows, head)), [""] * len(rows[head])
    place = head + 1
    for place in range(head + 1, len(rows) + 1):
        row = rows[place] if place < len(rows) else []
        if not any(row):
            if spot.percents or place >= head + 3:
                break
            continue
        if row[0].startswith(("-", "=")):
            continue
        if not row[0] or row[0].startswith(("[", "(")):
            units = _aligned(row, len(rows[head]))
            continue
        if TOTAL.fullmatch(row[0]):
            spot.total = _last_number(row, columns["atomic"], mark)
            break
        if not _is_row(row, columns, mark):
            break
        _take(spot, row, columns, units, mark)
    if spot.total is not None and abs(spot.total - sum(p for p, _u in spot.percents.values())) > TOTAL_TOLERANCE:
        text = gettext_noop("The atomic percents of this table do not add up to its own total. Export it again.")
        raise UnreadableFile(Note("total_contradicts", text))
    return max(place, head + 1), spot


def _is_row(row: list[str], columns: dict, mark: str) -> bool:
    at = columns["atomic"]
    return len(row) > at and (parse_number(row[at], mark) is not None or element_of(row[0]) is not None)


def _take(spot: Spot, row: list[str], columns: dict, units: list[str], mark: str) -> None:
    symbol = element_of(row[0])
    if symbol is None:
        text = gettext_noop("“{symbol}” is no element. Correct the table, or choose its columns by hand.")
        raise UnreadableFile(Note("no_such_element", text, {"symbol": row[0][:40]}))
    percent = parse_number(row[columns["atomic"]], mark)
    if percent is None:  # "-", "n.d.": not found
        return
    if not 0 <= percent <= 100:
        text = gettext_noop("{percent} is no atomic percent of {symbol}. Look at the columns of the table.")
        raise UnreadableFile(Note("no_percent", text, {"percent": f"{percent:g}", "symbol": symbol}))
    if symbol in spot.percents:
        text = gettext_noop("{symbol} stands twice in one table. Keep one line of each element.")
        raise UnreadableFile(Note("element_twice", text, {"symbol": symbol}))
    u = _uncertainty(percent, row, columns, units, mark)
    if u is not None and not u <= 100:  # more than 100 at.% is no uncertainty of a percent but a damaged cell
        spot.damaged.append(symbol)
        u = None
    spot.percents[symbol] = (percent, u)


def _uncertainty(percent: float, row: list[str], columns: dict, units: list[str], mark: str) -> float | None:
    """The standard uncertainty of a single spot, by what the labels of the errors say."""
    weight = parse_number(row[columns["weight"]], mark) if columns["weight"] is not None else None
    for place, label in columns["errors"].items():
        error = parse_number(row[place], mark) if place < len(row) else None
        if error is None or error < 0:
            continue
        said, unit = label.lower(), f"{label} {units[place] if place < len(units) else ''}".lower()
        sigmas = int(found[1]) if (found := SIGMAS.search(label)) else 1
        if re.search(r"at(?:omic|om)?\.? ?%|atomic|\[at", unit):
            return error / sigmas
        if re.search(r"wt|weight|mass|abs", unit):
            return percent * error / weight / sigmas if weight else None
        if "%" in said:
            return percent * error / 100 / sigmas
    return None


def _aligned(row: list[str], n: int) -> list[str]:
    """Units under a head; where blanks split the row they belong to the last columns."""
    return ([""] * max(0, n - len(row)) + row)[-n:] if not row[0] or len(row) < n else row


def _last_number(row: list[str], at: int, mark: str) -> float | None:
    """The total of the atomic percents: in its column, or, in a row that blanks closed up, the last number."""
    value = parse_number(row[at], mark) if at < len(row) else None
    numbers = [n for cell in row[1:] if (n := parse_number(cell, mark)) is not None]
    return value if value is not None else (numbers[-1] if numbers else None)


def _title_above(rows: list[list[str]], head: int) -> str:
    for row in reversed(rows[max(0, head - 4) : head]):
        words = [cell for cell in row if cell]
        if len(words) in (1, 2) and not BEAM.search(" ".join(words)) and not element_of(words[0]):
            return " ".join(words)[:120]
        if words and (element_of(words[0]) or TOTAL.fullmatch(words[0])):
            break
    return ""


def _beside(rows: list[list[str]], head: int, elements: dict[int, str], mark: str) -> tuple[int, list[Spot]]:
    """The spots under a head of elements, one per row."""
    spots, place = [], head + 1
    while place < len(rows):
        row = rows[place]
        numbers = {symbol: parse_number(row[k], mark) for k, symbol in elements.items() if k < len(row)}
        if not any(row) or all(value is None for value in numbers.values()):
            if spots:
                break
            place += 1
            continue
        if not STATISTICS.fullmatch(row[0]) and not TOTAL.fullmatch(row[0]):
            spots.append(_spot_of(row[0], numbers))
        place += 1
    return place, spots


def _spot_of(title: str, numbers: dict) -> Spot:
    for symbol, value in numbers.items():
        if value is not None and not 0 <= value <= 100:
            text = gettext_noop("{percent} is no atomic percent of {symbol}. Look at the columns of the table.")
            raise UnreadableFile(Note("no_percent", text, {"percent": f"{value:g}", "symbol": symbol}))
    return Spot(title[:120], {symbol: (value, None) for symbol, value in numbers.items() if value is not None})


def _doubts(spot: Spot) -> Iterable[Note]:
    total = sum(percent for percent, _u in spot.percents.values())
    if abs(total - 100) > SUM_TOLERANCE:
        text = gettext_noop("The atomic percents add up to {total}, not to 100: an element may be missing.")
        yield Note("sum_not_100", text, {"total": f"{total:.4g}"})
    if spot.damaged:
        text = gettext_noop("The uncertainty written for {symbols} cannot be and was left out. Look at the table.")
        yield Note("impossible_uncertainty", text, {"symbols": ", ".join(spot.damaged)})


def _compositions(
    spots: list[Spot], beam: float | None, stem: str
) -> tuple[list[tuple[AtomicFractions, dict]], list[Note]]:
    """One composition of spots with the same elements; else one of each, and a note."""
    if len(spots) == 1:
        return [_of_one(spots[0], beam, spots[0].title or stem)], []
    if len({frozenset(spot.percents) for spot in spots}) > 1:
        text = gettext_noop("The spots of this file do not list the same elements, so that no mean was formed.")
        found = [_of_one(spot, beam, spot.title or f"{stem} {k}") for k, spot in enumerate(spots, 1)]
        return found, [Note("spots_differ", text)]
    text = gettext_noop(
        "Mean of {n} spots; ± is the standard error of the mean, the spread (s) stands in the metadata."
    )
    return [_mean(spots, beam, stem)], [Note("mean_of_spots", text, {"n": len(spots)})]


def _of_one(spot: Spot, beam: float | None, title: str) -> tuple[AtomicFractions, dict]:
    fractions = tuple(AtomicFraction(symbol, percent, u) for symbol, (percent, u) in spot.percents.items())
    return AtomicFractions(fractions, beam, 1, title), {}


def _mean(spots: list[Spot], beam: float | None, stem: str) -> tuple[AtomicFractions, dict]:
    n, fractions, said = len(spots), [], {}
    for symbol in spots[0].percents:
        values = [spot.percents[symbol][0] for spot in spots]
        mean = sum(values) / n
        spread = sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
        fractions.append(
            AtomicFraction(symbol, mean, spread / sqrt(n) or None)
        )  # no spread: the digits written hide it
        said[f"{symbol}: spots"] = ", ".join(f"{value:g}" for value in values[:200])
        said[f"{symbol}: spread s"] = f"{spread:.3g}"
    return AtomicFractions(tuple(fractions), beam, n, stem), said
