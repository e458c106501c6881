"""Horiba FluorEssence and Aqualog: tables saved from Origin.

Layout, with or without Origin's row names in the first column (then every data row begins with its number)::

    Short Name <tab> A <tab> S1cR1c <tab> B <tab> S1 <tab> C <tab> R1
    Long Name  <tab> Wavelength <tab> S1c / R1c <tab> Wavelength <tab> S1 <tab> Wavelength <tab> R1
    Units      <tab> nm <tab> CPS / MicroAmps <tab> nm <tab> CPS <tab> nm <tab> MicroAmps
    Comments, SourceName, CycleNumber, TimeStamp …      may be missing; so may every row but the names
    1 <tab> 700 <tab> 243.3 <tab> 700 <tab> 9800 <tab> 700 <tab> 43.6

x–y pairs, or one x with many y. Columns called by the detectors' formulas (S1, R1, S1c / R1c …) on the same x are
channels of one spectrum: the first is the signal worked on, R1 a reference. Columns called otherwise are samples, each
an item; columns of one source with a time stamp each are a series over time. The file does not tell emission from excitation, but R1 does: the lamp at the excitation wavelength stands still
while the emission is scanned (within 2 %), and follows the lamp's spectrum (more than 10 %) while the excitation is.
Without R1 the technique stays open unless a name says it.

Aqualog matrices (``…PEM.dat``, waterfall plots): excitation wavelengths in the first row, emission in the first column,
in the order of the instrument (excitation falling): a series over the excitation. The corner is empty or a name (``F1``).
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.eem_matrix import matrix_item, wavelengths_in
from spectra.readers.number_block import NumberBlock, bad_row, printed_number
from spectra.readers.origin_rows import named_rows
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import split_row
from spectra.readers.terms import Column, normal, x_axis, y_column
from spectra.readers.text import TextFile, find_block, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, fluorescence_by_words, marks, told, vendor_reading
from spectra.readers.vendor_rows import filled, no_rows, rows_below, wrong_columns
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "horiba_fluoressence", 3
ABOUT = About(
    "Horiba FluorEssence and Aqualog",
    "FluoroMax, Fluorolog, Aqualog",
    (".txt", ".dat", ".csv"),
    ("pl_emission", "pl_excitation", "uvvis", "kinetics"),
    gettext_noop("Pairs of columns or one x with many y, detector channels (S1, R1), excitation–emission matrices"),
    gettext_noop("Origin projects (.opj): export the sheet as text."),
)
CLOCK = re.compile(r"(.*?)[ T,]*(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?(?: ?([AP])M)?", re.I | re.ASCII)
FORMULA = re.compile(r"[SRTA]\d?c?(?: ?[/*] ?[SRTA]\d?c?)*", re.I)
DETECTORS = re.compile(r"(?:^|\t)\"?S\d?c?(?: ?/ ?R\d?c?)?\"?(?=\t|$)", re.M)
MATRIX = re.compile(r"^(?:[^\t\n\d]*|[A-Za-z][^\t\n]*)(?:\t *\d{3,4}(?:[.,]\d+)? *){5,}\t?$", re.M)
MATRIX_WORDS = re.compile(r"(?<![a-z])(?:p?eem|[ps]em)(?![a-z])|waterfall|sample - blank|aqualog", re.I)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head).lstrip("\ufeff")
    top = "\n".join(text.split("\n", 6)[:6])
    if "\t" not in top:
        return 0
    if re.search(r"Wavelength", top, re.I) and re.search(r"^(?:Short|Long) Name\t", top, re.M | re.I):
        return 93
    if re.search(r"Wavelength", top, re.I) and DETECTORS.search(top):
        return 90
    if re.search(r"^Wavelength\t.*\n\"?nm\"?\t.*CPS", top, re.M | re.I):
        return 85
    if MATRIX.search(top):
        return 88 if MATRIX_WORDS.search(f"{name} {top}") else 35
    return 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a FluorEssence or Aqualog table; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    main = find_block(file)
    if main is None:
        raise UnreadableFile(no_rows())
    block = rows_below(file, _first_row(file, main))
    header = [split_row(file.line(line), "tab") for line in range(max(0, block.first_line - 12), block.first_line)]
    header = [row for row in header if any(row)]
    excitations = _excitations(header, block)
    if excitations is not None:
        item, warnings = matrix_item(block.rows[:, 0], excitations, block.rows[:, 1:], stem, {})
        items = [item]
    else:
        items, warnings = _columns(block, header, stem)
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings + refuse_open_end(file, block),
        marks(block),
        instrument="Horiba",
        title=stem,
    )


def _first_row(file: TextFile, main: NumberBlock) -> int:
    """The first row below the header: the table must begin where the words end."""
    line = main.first_line
    if MATRIX.match(file.line(line)) and file.line(line)[:1] == "\t":
        return line + 1  # a matrix whose corner is empty
    while line > 0 and re.match(r"[\s\"]*[-+.\d]", file.line(line - 1)) and not MATRIX.match(file.line(line - 1)):
        line -= 1
    return line


def _excitations(header: list[list[str]], block: NumberBlock) -> np.ndarray | None:
    """The wavelengths over the columns of a matrix; None when there are names."""
    for row in reversed(header):
        cells = row[1:]
        while cells and not cells[-1]:
            cells = cells[:-1]
        if len(cells) < 3 or None in map(printed_number, cells):
            continue
        if len(cells) != block.n_columns - 1:
            raise UnreadableFile(wrong_columns(len(cells) + 1, block.n_columns))
        if (excitations := wavelengths_in(cells, block.n_columns - 1)) is not None:
            return excitations
    return None


def _columns(block: NumberBlock, header: list[list[str]], stem: str) -> tuple[list[Item], list[Note]]:
    rows, offset = named_rows(header, block)
    names, units = rows.get("long name", []), rows.get("units", [])
    comments, short = rows.get("comments", []), rows.get("short name", [])
    axes = [x_axis(f"{name} ({unit})" if unit else name) for name, unit in zip(names, units, strict=True)]
    xs = [i for i, axis in enumerate(axes) if axis is not None and axis.quantity in ("wavelength", "energy", "time")]
    if not xs or xs[0] != 0:
        raise UnreadableFile(wrong_columns(len(names) + offset, block.n_columns))
    times = _times(rows, xs)
    if times is not None:
        return _series(block, offset, rows, times, axes[0], stem)
    items, warnings, open_spectrum = [], [], None
    for i in range(len(names)):
        if i in xs:
            x = i
            continue
        label = names[i] or comments[i] or short[i]
        part = filled(block.rows[:, offset + i])
        values = (block.rows[part, offset + x], block.rows[part, offset + i])
        _refuse_holes(block, part.start, values[0], label)
        column = _column(label, units[i])
        channel, notes = channel_of(values[1], f"{label} ({units[i]})" if units[i] else label, column)
        warnings += notes
        if open_spectrum is not None and _joins(open_spectrum, values[0], label):
            open_spectrum["channels"].append(channel)
            open_spectrum["labels"].append(label)
            continue
        open_spectrum = {"x": values[0], "axis": axes[x], "channels": [channel], "labels": [label]}
        open_spectrum["comment"] = comments[i] or comments[x]
        items.append(open_spectrum)
    return [_item(found, stem, len(items) == 1) for found in items], warnings


def _refuse_holes(block: NumberBlock, start: int, x: np.ndarray, label: str) -> None:
    """Refuse a column whose x has an empty cell beside a number."""
    known = np.isfinite(x)
    if not known.all():
        raise UnreadableFile(bad_row(block.first_line + start + int(np.argmin(known)) + 1, label))


def _times(rows: dict[str, list[str]], xs: list[int]) -> np.ndarray | None:
    """Seconds since the first column, when every column of one source has its time stamp; None else."""
    stamps, sources = rows["timestamp"][1:], set(rows["sourcename"][1:])
    if xs != [0] or len(stamps) < 2 or len(sources) != 1:
        return None
    found = [CLOCK.fullmatch(stamp) for stamp in stamps]
    if None in found or len({match[1] for match in found}) != 1:
        return None  # over midnight the order of day and month would have to be known
    afternoon = [
        12 * ((match[5] or "").upper() == "P") - 12 * (match[5] is not None and match[2] == "12") for match in found
    ]
    seconds = [3600 * (int(m[2]) + more) + 60 * int(m[3]) + int(m[4]) for m, more in zip(found, afternoon, strict=True)]
    return np.array(seconds, float) - seconds[0] if (np.diff(seconds) > 0).all() else None


def _series(block: NumberBlock, offset: int, rows: dict, times: np.ndarray, axis, stem: str):
    """Columns of one source, one per cycle."""
    x, source, unit = block.rows[:, offset], rows["sourcename"][1], rows["units"][1]
    _refuse_holes(block, 0, x, source)
    spectra, warnings = [], []
    for k, stamp in enumerate(rows["timestamp"][1:], offset + 1):
        channel, notes = channel_of(block.rows[:, k], f"{source} ({unit})".strip(), _column(source, unit))
        spectra.append(Spectrum(x, [channel], axis.unit or "nm", axis.quantity, stamp))
        warnings += notes
    value = Series(spectra, times, "time", "s", stem)
    conditions = facts.make_conditions({}, stem)
    said = told({"source": source, "first time stamp": rows["timestamp"][1]})
    return [Item(value, fluorescence_by_words(stem), "rule", stem, facts.role_from(stem), conditions, said)], warnings


def _column(label: str, unit: str) -> Column:
    role = "reference" if re.fullmatch(r"R\d?c?", label, re.I) else "signal"
    written = normal(unit)
    if FORMULA.fullmatch(label) or written.startswith("cps"):
        code = {"cps": "{counts}/s", "microamps": "uA", "counts": "{counts}", "": "[a.u.]"}.get(written, unit)
        return Column("intensity", code, role)
    return y_column(f"{label} ({unit})" if unit else label) or Column("unknown", unit)


def _joins(found: dict, x: np.ndarray, label: str) -> bool:
    """A further detector's column on the same x is a channel; a name seen before begins the next sample."""
    same = found["x"].shape == x.shape and np.array_equal(found["x"], x)
    formulas = FORMULA.fullmatch(label) and all(FORMULA.fullmatch(other) for other in found["labels"])
    return bool(same and formulas and label not in found["labels"])


def _item(found: dict, stem: str, alone: bool) -> Item:
    axis, label = found["axis"], found["labels"][0]
    named = found["comment"] or ("" if FORMULA.fullmatch(label) else label)
    title = named or (stem if alone else f"{stem} {label}".strip())
    unit = axis.unit or ("nm" if axis.quantity == "wavelength" else "")
    spectrum = Spectrum(found["x"], found["channels"], unit, axis.quantity, title)
    if axis.quantity == "time":
        technique = "kinetics"
    elif spectrum.signal.quantity in ("absorbance", "transmittance"):
        technique = "uvvis"
    else:
        technique = _by_lamp(spectrum) or fluorescence_by_words(title, stem)
    conditions = facts.make_conditions({}, title, stem)
    return Item(
        spectrum, technique, "rule", title, facts.role_from(title), conditions, told({"comment": found["comment"]})
    )


def _by_lamp(spectrum: Spectrum) -> str | None:
    """Which monochromator was scanned, from the current of the lamp's detector R1."""
    lamp = next((c.values for c in spectrum.channels if c.role == "reference" and c.name.startswith("R1 ")), None)
    if lamp is None or lamp.size < 10 or not (np.isfinite(lamp).all() and (lamp > 0).all()):
        return None
    spread = float((lamp.max() - lamp.min()) / lamp.mean())
    return "pl_emission" if spread < 0.02 else "pl_excitation" if spread > 0.1 else None
