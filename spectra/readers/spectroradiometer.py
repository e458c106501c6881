"""Hand-held and laboratory spectroradiometers: a list of results, then one value per wavelength.

Two layouts. One value per line, as Sekonic (csv) and UPRtek (``.xls`` that is tab text) write it::

    Model Name <tab> CV600                 key and value: illuminance, colour coordinates, CRI …
    LambdaP <tab> 456.000000               the peak, compared with the rows
    LambdaPValue <tab> 18.404581
    380nm <tab> 0.030267                   or  Spectral Data 380[nm],0.000000000000

Sekonic lists the spectrum twice, in steps of 5 and of 1 nm: two items. And one line per measurement, as lists of Konica
Minolta instruments (CS-2000 and others) have it::

    Data No.,Date,…,380nm,381nm, … ,780nm
    1,2026/06/04,…,0.00012,0.00013

The wavelengths may stand there without "nm" (``…,Lv,x,y,380,381, …``): then only beside a word of light measurement,
because plate readers write such lines as well.

Steps within a spectrum are equal; a missing row is an error. The unit is what the label row or a key names, W/m2/nm on a
Sekonic, mW/m2/nm on a UPRtek where its own ``IRR`` agrees; else not known. The technique is ``el`` by rule.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import bad_row, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import key_values, split_row
from spectra.readers.terms import Column
from spectra.readers.text import TextFile, open_end, open_text
from spectra.readers.vendor_reading import channel_of, first_of, told, vendor_reading
from spectra.readers.vendor_rows import contradiction, no_rows
from spectra.spectrum import Spectrum

NAME, VERSION = "spectroradiometer", 3
ABOUT = About(
    "Spectroradiometers",
    "Sekonic C-7000, UPRtek, Konica Minolta CS-2000 and others",
    (".csv", ".xls", ".txt"),
    ("el",),
    gettext_noop("The spectrum and the results beside it; one measurement per line as well as one value per line"),
    gettext_noop("Layouts not met yet: choose the columns by hand once, they are remembered."),
)
LINE = re.compile(
    r"^\"?(?P<word>[^\d\t,;\"\n]{0,40})(?P<nm>\d{3,4}(?:\.\d+)?) ?\[?nm\]?\"?(?P<sep>[\t,;]) ?\"?(?P<value>[^\"\n]*?)\"?[\t,; ]*$",
    re.M | re.ASCII,
)
CELL = re.compile(r"\"?[^\d\t,;\"]{0,40}?(\d{3,4}(?:\.\d+)?) ?\[?\(?nm\)?\]?\"?", re.ASCII)
WIDE = re.compile(r"(?:[\t,;]\"?[^\d\t,;\"\n]{0,40}\d{3,4}(?:\.\d+)? ?\[?nm\]?\"?){20,}", re.ASCII)
BARE = re.compile(
    r"^(?=[^\n]*[\t,;]\"?(?:Lv|Le|Ev|Ee|CCT|Tcp|duv|luminance|illuminance|radiance)\b)[^\n]*?(?P<run>(?:[\t,;]\"?\d{3,4}(?:\.\d+)?\"?){20,})",
    re.M | re.I | re.ASCII,
)
PLAIN = re.compile(r"(\d{3,4}(?:\.\d+)?)", re.ASCII)
MIN_POINTS = 10
SIGNS = {"\t": "tab", ",": "comma", ";": "semicolon"}


@dataclass(frozen=True)
class Values:
    """One spectrum as listed: wavelengths [nm], values, the sign between them, a title."""

    nm: np.ndarray
    y: np.ndarray
    sign: str
    title: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    if BARE.search(text):
        return 86
    if text.count("nm") < MIN_POINTS:
        return 0
    if len(LINE.findall(text)) >= MIN_POINTS or WIDE.search(text):
        return 86
    return 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a spectroradiometer's file; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    found = _listed(file) or _wide(file)
    if not found:
        raise UnreadableFile(no_rows())
    said = key_values([line for line in file.lines(0, min(file.n_lines, 400)) if not LINE.match(line)])
    said = dict(found[0].said) or told(said)
    title = ("" if found[0].title else first_of(said, "Title", "Memo", "Sample")) or stem
    warnings = _compared(file, found, said)
    items = []
    for values in found:
        unit = _unit(values, said)
        channel, notes = channel_of(values.y, "Spectral data", Column("intensity", unit))
        name_of = values.title or (title if len(found) == 1 else f"{title} ({_step(values):g} nm)")
        spectrum = Spectrum(values.nm, [channel], "nm", "wavelength", name_of)
        known = {"intensity_unit": "energy"} if "W" in unit else {}
        conditions = facts.make_conditions({}, title, **known)
        items.append(Item(spectrum, "el", "rule", name_of, facts.role_from(name_of), conditions, values.said or said))
        warnings += notes
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings,
        {"separator": SIGNS[found[0].sign], "decimal_mark": "."},
        date=first_of(said, "Date Saved", "Time", "Date", "Measurement Date", "Date/Time"),
        instrument=first_of(said, "Model Name", "Model", "Instrument"),
        serial=first_of(said, "Serial Number", "Serial No."),
        title=title,
    )


def _listed(file: TextFile) -> list[Values]:
    """Spectra with one value per line; a falling wavelength or another word begins the next."""
    runs: list[list[re.Match]] = []
    for found in LINE.finditer(file.text):
        if runs and found["word"] == runs[-1][-1]["word"] and float(found["nm"]) > float(runs[-1][-1]["nm"]):
            runs[-1].append(found)
        else:
            runs.append([found])
    runs = [run for run in runs if len(run) >= MIN_POINTS]
    return [_values(file, run) for run in runs]


def _values(file: TextFile, run: list[re.Match]) -> Values:
    y = []
    for found in run:
        value = printed_number(found["value"])
        if value is None:
            line = file.line_of(found.start())
            raise UnreadableFile(bad_row(line + 1, file.line(line)))
        y.append(value)
    nm = np.array([float(found["nm"]) for found in run])
    _refuse_gaps(nm)
    return Values(nm, np.array(y), run[0]["sep"])


def _refuse_gaps(nm: np.ndarray) -> None:
    steps = np.diff(nm)
    wrong = np.flatnonzero(np.abs(steps - np.median(steps)) > 1e-3 * np.median(steps))
    if wrong.size or not (steps > 0).all():
        text = gettext_noop("The wavelengths of this spectrum jump at {nm} nm: a row is missing. Export it again.")
        raise UnreadableFile(Note("gaps_in_x", text, {"nm": f"{nm[wrong[0]] if wrong.size else nm[0]:g}"}))


def _wide(file: TextFile) -> list[Values]:
    """Spectra with one line per measurement under a line of wavelengths."""
    header, cell_of = WIDE.search(file.text), CELL
    start = header.start() if header else -1
    if header is None and (header := BARE.search(file.text)):
        start, cell_of = header.start("run"), PLAIN
    if header is None:
        return []
    row, sign = file.line_of(start), file.text[start]
    labels = _cells(file.line(row), sign)
    places = [i for i, label in enumerate(labels) if cell_of.fullmatch(label)]
    if len(places) < MIN_POINTS:
        return []
    nm = np.array([float(cell_of.fullmatch(labels[i])[1]) for i in places])
    _refuse_gaps(nm)
    found = []
    for line in range(row + 1, min(file.n_lines, row + 1001)):
        cells = _cells(file.line(line), sign)
        if not any(cells):
            continue
        y = [printed_number(cells[i]) if i < len(cells) else None for i in places]
        if None in y or len(cells) > len(labels):  # a decimal comma makes two cells of one number
            raise UnreadableFile(bad_row(line + 1, file.line(line)))
        about = told(
            {label: cell for k, (label, cell) in enumerate(zip(labels, cells, strict=False)) if k not in places}
        )
        title = next((cell for label, cell in about.items() if re.search(r"name|title|comment", label, re.I)), "")
        found.append(Values(nm, np.array(y), sign, title or f"{len(found) + 1}", about))
    return found


def _cells(line: str, sign: str) -> list[str]:
    return split_row(line.rstrip("\t,; "), SIGNS[sign])


def _step(values: Values) -> float:
    return float(np.median(np.diff(values.nm)))


def _unit(values: Values, said: dict[str, str]) -> str:
    irradiance = printed_number(first_of(said, "IRR"))
    if irradiance and irradiance > 0:
        total = float(values.y.sum()) * _step(values)
        return "mW/m2/nm" if abs(total / 1000 - irradiance) < 0.02 * irradiance else ""
    if any(key.startswith("Tcp [K]") for key in said):
        return "W/m2/nm"
    text = " ".join((*said, *said.values()))
    found = re.search(r"W[/·* ](?:\(?sr[·* ./]?m|m)[^\s,;\"]{0,16}nm[^\s,;\"\])]{0,3}", text)
    return found.group() if found else ""


def _compared(file: TextFile, found: list[Values], said: dict[str, str]) -> list[Note]:
    """The peak that the instrument names, and the range of the spectra among themselves."""
    finest = min(found, key=_step)
    peak, top = first_of(said, "LambdaP", "Peak Wavelength [nm]"), first_of(said, "LambdaPValue")
    at = float(finest.nm[int(np.argmax(finest.y))])
    if printed_number(top) is not None and abs(printed_number(top) - finest.y.max()) > 1e-5 * abs(finest.y.max()):
        raise UnreadableFile(contradiction("LambdaPValue", top, float(finest.y.max())))
    if printed_number(peak) is not None and abs(printed_number(peak) - at) > 2 * _step(finest) and not found[0].title:
        raise UnreadableFile(contradiction("peak wavelength", peak, at))
    if len({(values.nm[0], values.nm[-1]) for values in found}) > 1 and not found[0].title:
        raise UnreadableFile(contradiction("range", f"{found[0].nm[-1]:g} nm", float(found[-1].nm[-1])))
    return [open_end()] if file.line(file.n_lines - 1).strip() else []
