"""Agilent (Varian) Cary WinUV and Eclipse: csv of several samples, with the method's log below.

Layout (separator comma, tab or semicolon, also a space-free mixture with decimal commas)::

    600LP,,600LP1,,                                  the sample over each pair of columns
    Wavelength (nm),Abs,Wavelength (nm),%T,          Abs and %T may stand side by side
    800.05,0.0288,650.05,93.92,                      pairs of their own length; short ones end in empty cells
    (blank line)
    600LP,                                           the log, one part per sample in the same order
    600LP
    Collection Time: 5/10/2018 5:14:12 PM
    Operator Name  : …
    Instrument                        Cary 50        parameter, two or more blanks, value
    Y Mode                            Abs
    Method Log     :
    Method Name    : Default
    …
    End Method Modifications

The method may also stand once, behind a blank line and without a sample's name: it then holds for all samples.
x is what the encoder read (899.9957886), not the nominal grid; Start and Stop are nominal, and a scan that stopped early
is told. On the Eclipse, ``Scan mode`` is the technique and ``Ex. Wavelength (nm)`` the excitation; samples called
``…_EX_250.00`` are one matrix, a series over the excitation. Against ``Time (min)`` it is kinetics.
"""

import re
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek, peek_lines
from spectra.readers.number_block import NumberBlock, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import split_row
from spectra.readers.terms import Axis, Column, normal, x_axis, y_column
from spectra.readers.text import TextFile, open_text, refuse_open_end
from spectra.readers.vendor_reading import (
    channel_of,
    first_of,
    fluorescence_by_words,
    marks,
    pairs_of,
    told,
    vendor_reading,
)
from spectra.readers.vendor_rows import BLANKS, filled, rows_below, skip_blank, wrong_columns
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "agilent_cary", 2
ABOUT = About(
    "Agilent Cary and Eclipse csv",
    "Cary 50 to 7000, Cary Eclipse",
    (".csv", ".txt"),
    ("uvvis", "pl_emission", "pl_excitation", "kinetics", "ir"),
    gettext_noop(
        "Several samples side by side, Abs and %T mixed, curves of unequal length, excitation–emission matrices, the method log"
    ),
    gettext_noop("The binary .dsw and .bsw: save them as csv from the Cary program."),
)
AXIS = r"\"?(?:Wavelength \(nm\)|Wavenumber \(cm-1\)|Time \((?:min|sec|s)\)|Temperature \([^)]*\))\"?"
LABEL_ROW = re.compile(rf"^{AXIS}[\t,;](?=[^\t,;\n]+)", re.I)
LOG_WORDS = re.compile(r"^(?:Scan Software Version|Collection Time|Method Log|Parameter List|Method Name)\b", re.M)
LOG_PAIR = re.compile(r"\s*:\s+|\s*:$|\s{2,}|\t+(?=\S)")
EXCITATION = re.compile(r"_EX_(\d{3,4}(?:\.\d+)?)$", re.I | re.ASCII)


@dataclass(frozen=True)
class Pair:
    """One sample: its two columns and the part of the log that is about it."""

    title: str
    axis: Axis
    label: str
    x: np.ndarray
    y: np.ndarray
    said: dict[str, str]


def sniff(head: bytes, tail: bytes, name: str) -> int:
    lines = peek_lines(head).split("\n")
    if len(lines) < 3 or not LABEL_ROW.match(lines[1]) or not _is_title_row(lines[0]):
        return 0
    return 95 if LOG_WORDS.search(peek(tail)) or LOG_WORDS.search("\n".join(lines)) else 60


def _is_title_row(line: str) -> bool:
    """A name over the first column, none over the second, and so on."""
    cells = re.split(r"[\t,;]", line)
    return len(cells) >= 2 and bool(cells[0].strip()) and not any(cell.strip() for cell in cells[1::2])


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a Cary export; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    block = rows_below(file, 2, blank_x=True)
    pairs = _pairs(file, block)
    warnings = refuse_open_end(file, block) if block.end_line >= file.n_lines else []
    items = []
    for group in _matrices(pairs):
        made, notes = _item(group, stem)
        items.append(made)
        warnings += notes
    said = pairs[0].said
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings,
        marks(block),
        date=first_of(said, "Collection Time", "Date/Time stamp"),
        instrument=f"Agilent {first_of(said, 'Instrument') or 'Cary'}",
        serial=first_of(said, "Instrument Serial Number", "Serial Number"),
        operator=first_of(said, "Operator Name"),
        title=pairs[0].title or stem,
        comment=first_of(said, "Comments"),
    )


def _pairs(file: TextFile, block: NumberBlock) -> list[Pair]:
    titles, labels = (split_row(file.line(line), block.separator) for line in (0, 1))
    while labels and not labels[-1]:
        labels.pop()
    n_columns = block.n_leading_blank + block.n_columns
    if len(labels) % 2 or n_columns > len(labels) or (len(labels) - n_columns) % 2:
        raise UnreadableFile(wrong_columns(len(labels), n_columns))
    titles += [""] * (len(labels) - len(titles))
    log = _log(file, block.end_line, titles)
    pairs = []
    for i in range(0, n_columns, 2):
        axis = x_axis(labels[i])
        if axis is None or i < block.n_leading_blank:
            raise UnreadableFile(wrong_columns(len(labels), n_columns))
        columns = block.rows[:, i], block.rows[:, i + 1]
        known = np.isfinite(columns[0])
        if not known.any():
            continue
        part = filled(columns[0])
        if not known[part].all() or np.isfinite(columns[1][~known]).any():
            raise UnreadableFile(_holes(titles[i] or labels[i]))
        said = _part_of(log, i // 2, titles[i])
        pairs.append(Pair(titles[i], axis, labels[i + 1], columns[0][part], columns[1][part], said))
    return pairs


def _part_of(log: list[dict[str, str]], number: int, title: str) -> dict[str, str]:
    """What the log says of a sample: the part in its place or with its name, and the method that stands for all."""
    names = (title, EXCITATION.sub("", title))
    in_place = number < len(log) and log[number]["name"] in names
    named = log[number] if in_place else next((part for part in log if part["name"] in names), {})
    common = [part for part in log if not part["name"]]
    return {**common[0], **named} if len(common) == 1 else named


def _holes(title: str) -> Note:
    text = gettext_noop("The rows of “{title}” have gaps in their wavelengths. Export the file again.")
    return Note("gaps_in_x", text, {"title": title})


def _log(file: TextFile, first: int, titles: list[str]) -> list[dict[str, str]]:
    """The parts of the log, each with the sample's ``name``, or "" where it begins with a parameter."""
    parts, line = [], skip_blank(file, first, file.n_lines)
    while line < file.n_lines and len(parts) < 1000:
        end = line
        while end < file.n_lines and file.line(end).strip(BLANKS):
            end += 1
        lines = [text.strip(BLANKS) for text in file.lines(line, end)]
        if any(LOG_WORDS.match(text) for text in lines):
            named = lines[0] in titles or not LOG_PAIR.search(lines[0])
            parts.append({**pairs_of(lines[named:], LOG_PAIR), "name": lines[0] if named else ""})
        line = skip_blank(file, end, file.n_lines)
    return parts


def _matrices(pairs: list[Pair]) -> list[list[Pair]]:
    """Neighbouring pairs called ``…_EX_250.00`` belong together."""
    groups: list[list[Pair]] = []
    for pair in pairs:
        stem = EXCITATION.sub("", pair.title)
        if groups and EXCITATION.search(pair.title) and EXCITATION.sub("", groups[-1][0].title) == stem:
            groups[-1].append(pair)
        else:
            groups.append([pair])
    return groups


def _item(group: list[Pair], stem: str) -> tuple[Item, list[Note]]:
    spectra, warnings = [], []
    for pair in group:
        channel, notes = channel_of(pair.y, pair.label, _column(pair))
        spectra.append(Spectrum(pair.x, [channel], pair.axis.unit, pair.axis.quantity, pair.title))
        warnings += notes + _stopped_early(pair)
    first = group[0]
    title, value = first.title or stem, spectra[0]
    if len(group) > 1:
        title = EXCITATION.sub("", title) or stem
        z = np.array([float(EXCITATION.search(pair.title)[1]) for pair in group])
        value = Series(spectra, z, "excitation", "nm", title)
    technique, source = _technique(first, spectra[0], len(group) > 1, stem)
    role = facts.role_from(title) or ("blank" if re.match(r"baseline", title, re.I) else None)
    conditions = _conditions(first, technique, title, stem)
    if len(group) > 1:
        conditions = replace(conditions, excitation_nm=None)
    said = {key: text for key, text in told(first.said).items() if key != "name"}
    return Item(value, technique, source, title, role, conditions, said), warnings


def _column(pair: Pair) -> Column:
    label = normal(pair.label)
    if label in ("%t", "%r"):
        return Column("transmittance" if label == "%t" else "reflectance", "%")
    if label.startswith(("intensity", "corrected intensity")):
        return Column("intensity", "[a.u.]")
    return y_column(pair.label) or Column("unknown", "")


def _technique(pair: Pair, spectrum: Spectrum, is_matrix: bool, stem: str) -> tuple[str | None, str]:
    mode = normal(first_of(pair.said, "Scan mode"))
    quantity = spectrum.signal.quantity
    if pair.axis.quantity == "time":
        return "kinetics", "rule"
    if pair.axis.quantity == "temperature":
        return "generic", "rule"
    if quantity in ("absorbance", "transmittance", "reflectance"):
        return ("ir" if pair.axis.unit == "1/cm" and pair.x.max() <= 8000 else "uvvis"), "file"
    if mode.startswith("emission") or is_matrix or EXCITATION.search(pair.title):
        return "pl_emission", "file"
    if mode.startswith("excitation"):
        return "pl_excitation", "file"
    return fluorescence_by_words(pair.title, stem), "rule"


def _stopped_early(pair: Pair) -> list[Note]:
    """The scan's nominal end against its last x; a person may have stopped it."""
    stop = printed_number(first_of(pair.said, "Stop (nm)"))
    step = printed_number(first_of(pair.said, "UV-Vis Data Interval (nm)", "Data interval (nm)", "Data Interval (nm)"))
    if stop is None or pair.axis.unit != "nm" or abs(pair.x[-1] - stop) <= max(1.5, 1.5 * (step or 1.0)):
        return []
    text = gettext_noop("“{title}” ends at {last} nm and not at {stop} nm: the scan was stopped, or rows are missing.")
    return [Note("ends_early", text, {"title": pair.title, "last": f"{pair.x[-1]:g}", "stop": f"{stop:g}"})]


def _conditions(pair: Pair, technique: str | None, title: str, stem: str) -> Conditions:
    known = {}
    fields = (
        ("Ex. Wavelength (nm)", "excitation_nm", "pl_emission", 100),
        ("Em. Wavelength (nm)", "emission_nm", "pl_excitation", 100),
        ("Ex. Slit (nm)", "excitation_bandwidth_nm", technique, 0),
        ("Em. Slit (nm)", "emission_bandwidth_nm", technique, 0),
        ("SBW (nm)", "bandwidth_nm", technique, 0),
    )
    for key, field, wanted, low in fields:
        value = printed_number(first_of(pair.said, key))
        if value is not None and low < value < 5000 and technique == wanted:
            known[field] = value
    if technique == "pl_emission" and (found := EXCITATION.search(pair.title)):
        known.setdefault("excitation_nm", float(found[1]))
    flag = {"on": True, "off": False}.get(normal(first_of(pair.said, "Corrected spectra")))
    if flag is not None and technique == "pl_emission":
        known["spectrally_corrected"] = flag
    return facts.make_conditions({}, title, stem, **known)
