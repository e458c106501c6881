"""Lists of sizes: diameters measured in TEM images, radii from optical sizing, results of ImageJ.

Layout: a label row, then one row per particle, in any order of the columns::

    Run,Abs_peak_nm,Eg_prime_eV,Radius_nm
    Run 2,485.98,2.5515453310835836,1.9383178640735936

One column is a diameter, radius, size, length, width, edge, Feret diameter or area, with a unit of length in its label
(nm, µm, Å, pixel), or the labels are those of ImageJ (Area, Mean, Min, Max, Feret, Length). No other column is the axis
of a curve: a table over wavelength or time is none, nor a size distribution of light scattering (size against
intensity, number or volume). The rows are kept as they are: numbers as numbers, everything else as text.
"""

import csv
import re
from itertools import islice
from pathlib import PurePath

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers.about import About
from spectra.readers.decoding import looks_binary, peek_lines
from spectra.readers.number_block import parse_number
from spectra.readers.reading import Item, Reading, Table, UnreadableFile
from spectra.readers.terms import normal, x_axis
from spectra.readers.text import clean, open_text
from spectra.readers.vendor_reading import vendor_reading

NAME, VERSION = "size_list", 2
ABOUT = About(
    "List of sizes",
    "ImageJ, TEM programs, any table",
    (".csv", ".tsv", ".txt"),
    ("tem_sizes",),
    gettext_noop("Diameters, radii, lengths or areas with their unit, one particle per row"),
    gettext_noop("A size distribution of light scattering is a curve, not such a list."),
)
SIZE = r"(?:diameter|radius|radii|size|length|width|edge(?: length)?|feret|minferet|area|直径|半径|粒径|サイズ)"
UNIT = r"(?:nm|µm|μm|um|å|angstroms?|px|pixels?|nm\^?2|nm²)"
MEASURED = re.compile(rf"(?:\w+[ _])*{SIZE}s?[\W_]*{UNIT}\W*", re.I)
ALONE = re.compile(r"(?:\w+[ _])*(?:diameter|radius|feret)s?", re.I)
IMAGEJ = {"area", "mean", "min", "max", "feret", "length", "angle", "major", "minor", "perim.", "circ."}
SCATTERING = re.compile(r"^(?:intensity|number|volume)\b.*|.*d\.nm.*|.*%.*", re.I)
RESULT = re.compile(r"peak|fwhm|max|onset|abs(?!orb)|first exciton", re.I)
MIN_ROWS = 3
SIGNS = ("\t", ",", ";")
NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "": "none"}


def sniff(head: bytes, tail: bytes, name: str) -> int:
    if looks_binary(head):
        return 0
    filled = (line for line in peek_lines(head).lstrip("\ufeff").split("\n") if line.strip())
    lines = list(islice(filled, 12))
    if len(lines) <= MIN_ROWS:
        return 0
    sign = _sign(lines[0])
    labels = _cells(lines[0], sign)
    places = _size_columns(labels)
    if not places:
        return 0
    mark = "," if sign in ("\t", ";", "") and not any("." in line for line in lines[1:]) else "."
    rows = [_cells(line, sign) for line in lines[1 : 1 + MIN_ROWS]]
    good = all(len(row) == len(labels) and parse_number(row[places[0]], mark) is not None for row in rows)
    return 72 if good else 0


def _sign(line: str) -> str:
    return max(SIGNS, key=line.count) if any(sign in line for sign in SIGNS) else ""


def _cells(line: str, sign: str) -> list[str]:
    if not sign:
        return [clean(line)]
    try:
        return [clean(cell) for cell in next(csv.reader([line], delimiter=sign), [])]
    except csv.Error:
        return []


def _size_columns(labels: list[str]) -> list[int]:
    """Columns that hold sizes; none when the table is that of a curve or distribution."""
    words = {normal(label) for label in labels}
    axes = [label for label in labels if label and x_axis(label) and not RESULT.search(label)]
    if axes or any(SCATTERING.fullmatch(label) for label in labels) or len(labels) > 60:
        return []
    named = [k for k, label in enumerate(labels) if MEASURED.fullmatch(label) or ALONE.fullmatch(label)]
    if named:
        return named
    if len(words & IMAGEJ) >= (2 if labels and not labels[0] else 3):  # ImageJ numbers its rows without a label
        places = [k for k, label in enumerate(labels) if normal(label) in ("feret", "length", "area", "major")]
        return sorted(places, key=lambda k: normal(labels[k]) != "length")  # of a drawn line, whose area says nothing
    return []


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a list of sizes; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    lines = [(k, line) for k, line in enumerate(file.lines()) if line.strip("\t,; ")]
    sign = _sign(lines[0][1])
    labels = _cells(lines[0][1], sign)
    places = _size_columns(labels)
    if not places or len(lines) <= MIN_ROWS:
        text = gettext_noop("No column of this table is a size with its unit. Name it, for example “Diameter (nm)”.")
        raise UnreadableFile(Note("no_size_column", text))
    mark = "," if sign != "," and "." not in file.text[file.starts[1] :] else "."
    rows, missing = [], 0
    for k, line in lines[1:]:
        cells = _cells(line, sign)
        if (len(cells) > len(labels) and any(cells[len(labels) :])) or (len(cells) < len(labels) and len(labels) > 1):
            raise UnreadableFile(_bad_row(k + 1, line))
        row = tuple(_value(cell, mark) for cell in cells[: len(labels)])
        missing += not isinstance(row[places[0]], float)
        rows.append(row)
    if missing * 5 > len(rows):
        raise UnreadableFile(_bad_row(lines[1][0] + 1, lines[1][1]))
    warnings = _told(missing) + _open_end(file.text)
    table = Table(tuple(labels), tuple(rows), stem)
    item = Item(table, "tem_sizes", "rule", stem, None, Conditions())
    decided = {"separator": NAMES[sign], "decimal_mark": mark, "size_column": labels[places[0]]}
    return vendor_reading(NAME, VERSION, file, [item], warnings, decided, title=stem)


def _value(cell: str, mark: str) -> float | str:
    number = parse_number(cell, mark)
    return cell[:200] if number is None else number


def _bad_row(line_number: int, line: str) -> Note:
    text = gettext_noop("Line {line} is not a row like the others: “{text}”. Export the table again.")
    return Note("bad_row", text, {"line": line_number, "text": clean(line)[:60]})


def _told(missing: int) -> list[Note]:
    if not missing:
        return []
    return [Note("rows_without_size", gettext_noop("{n} rows hold no size; they were kept as text."), {"n": missing})]


def _open_end(text: str) -> list[Note]:
    if text.endswith("\n"):
        return []
    note = gettext_noop("The last line has no line end: should the file be cut off, its last number may be incomplete.")
    return [Note("open_end", note)]
