"""QYB LuQY Pro: absolute photoluminescence of films, one or several measurements of a sample.

Layout::

    1/20/2025 9:46:09 PM                       or ``Time <tab> …`` with one cell per measurement
    LuQY (%) <tab> 0.9693 <tab> …              one cell per measurement
    QFLS (eV), Laser intensity (suns), Integration Time (ms), Bandgap (eV), Jsc (mA/cm2), Subcell …
    ----------------------------
    Wavelength (nm) <tab> Luminescence flux density (photons/(s cm² nm)) <tab> Raw spectrum (counts) <tab> Dark spectrum (counts)
    5.501383E+2 <tab> …

The flux density is calibrated and counts photons. Of several measurements each label repeats, in any order: its first
column belongs to the first. Older versions have no rule, one column of flux per measurement and a label over the first
only. Measurements whose laser intensity rises or falls are a series over it; else with a time for each a series over time;
else an item each.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.dates import LOOKS_DATED, written_date
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import NumberBlock, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import Column
from spectra.readers.text import TextFile, clean, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, marks, told, vendor_reading
from spectra.readers.vendor_rows import no_rows, rows_below, wrong_columns
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "luqy", 1
ABOUT = About(
    "QYB LuQY Pro",
    "LuQY Pro",
    (".txt",),
    ("pl_emission",),
    gettext_noop("Absolute photon flux with PLQY, QFLS and band gap, one or several measurements as series"),
)
RULE = re.compile(r"^-{5,}[ \t-]*$", re.M)
LABELS = re.compile(r"^Wavelength \(nm\)\tLuminescence flux density", re.M | re.I)
LABEL = re.compile(r"(.*?)\s*\((.*)\)$")


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    if "QY (%)" not in text or not re.search(r"^LuQY \(%\)\t|^PLQY \(%\)\t", text, re.M):
        return 0
    return 96 if LABELS.search(text) else 60


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a LuQY Pro file; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    found = LABELS.search(file.text)
    if found is None:
        raise UnreadableFile(no_rows())
    row = file.line_of(found.start())
    labels = [clean(cell) for cell in file.line(row).split("\t") if cell.strip()]
    times, said = _header(file, row)
    if len(labels) == 2 and len(times) > 1:
        labels += labels[1:] * (len(times) - 1)
    block = rows_below(file, row + 1, columns=len(labels))
    spectra, warnings = _spectra(block, labels, stem)
    if any(len(cells) > len(spectra) for cells in said.values()):
        raise UnreadableFile(wrong_columns(1 + len(spectra), 1 + max(map(len, said.values()))))
    items = _items(spectra, times, said, stem)
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings + refuse_open_end(file, block),
        marks(block),
        date=times[0] if times else "",
        instrument="QYB LuQY Pro",
        title=stem,
    )


def _header(file: TextFile, row: int) -> tuple[list[str], dict[str, list[str]]]:
    """The times of the measurements, and key → one cell per measurement."""
    times, said = [], {}
    for line in file.lines(0, min(row, 100)):
        cells = [clean(cell) for cell in line.split("\t")]
        while cells and not cells[-1]:
            cells.pop()
        if not cells or RULE.match(line):
            continue
        if cells[0].casefold() == "time" or (not times and LOOKS_DATED.match(cells[0])):
            times = _times(cells[1:] if cells[0].casefold() == "time" else cells)
        else:
            said.setdefault(cells[0], cells[1:])
    return times, said


def _times(cells: list[str]) -> list[str]:
    """``8/27/2025 <tab> 2:03 PM <tab> 2:05 PM``: a day for all of them, or a full date in each cell."""
    if len(cells) > 1 and ":" not in cells[0]:
        return [cell if LOOKS_DATED.search(cell) else f"{cells[0]} {cell}" for cell in cells[1:]]
    return cells


def _spectra(block: NumberBlock, labels: list[str], stem: str) -> tuple[list[Spectrum], list[Note]]:
    columns: dict[str, list[int]] = {}
    for i, label in enumerate(labels[1:], 1):
        columns.setdefault(label, []).append(i)
    n = len(next(iter(columns.values())))
    if any(len(places) != n for places in columns.values()):
        raise UnreadableFile(wrong_columns(1 + n * len(columns), len(labels)))
    spectra, warnings = [], []
    for k in range(n):
        channels = []
        for label, places in columns.items():
            channel, notes = channel_of(block.rows[:, places[k]], label, _column(label))
            channels.append(channel)
            warnings += notes
        spectra.append(Spectrum(block.rows[:, 0], channels, "nm", "wavelength", stem))
    return spectra, warnings


def _column(label: str) -> Column:
    found = LABEL.fullmatch(label)
    name, unit = (found[1].casefold(), found[2]) if found else (label.casefold(), "")
    if name.startswith("dark"):
        return Column("counts", "{counts}", "dark")
    return Column("counts", "{counts}") if unit == "counts" else Column("intensity", unit)


def _items(spectra: list[Spectrum], times: list[str], said: dict[str, list[str]], stem: str) -> list[Item]:
    conditions = facts.make_conditions({}, stem, intensity_unit="photon", spectrally_corrected=True)
    third = _third_axis(len(spectra), times, said)
    if third is not None:
        metadata = told({key: "; ".join(cells) for key, cells in said.items()})
        value = Series(spectra, *third, stem)
        return [Item(value, "pl_emission", "file", stem, facts.role_from(stem), conditions, metadata)]
    items = []
    for k, spectrum in enumerate(spectra):
        title = stem if len(spectra) == 1 else f"{stem} {k + 1}"
        metadata = told({key: cells[k] if k < len(cells) else "" for key, cells in said.items()})
        items.append(Item(spectrum, "pl_emission", "file", title, facts.role_from(stem), conditions, metadata))
    return items


def _third_axis(n: int, times: list[str], said: dict[str, list[str]]) -> tuple[np.ndarray, str, str] | None:
    """What the measurements of a sample run over: the laser's intensity, or the time."""
    if n < 2:
        return None
    key = next((key for key in said if key.casefold() == "laser intensity (suns)"), "")
    suns = [printed_number(cell) for cell in said.get(key, [])]
    if len(suns) == n and None not in suns and ((np.diff(suns) > 0).all() or (np.diff(suns) < 0).all()):
        return np.array(suns), "laser intensity", "suns"
    moments = [written_date(time) for time in times]
    if len(moments) != n or None in moments:
        return None
    return np.array([(moment - moments[0]).total_seconds() for moment in moments]), "time", "s"
