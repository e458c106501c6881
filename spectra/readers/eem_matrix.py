"""Excitation–emission matrices as text: one wavelength over the columns, the other in the first column.

Shimadzu RF-6000 (LabSolutions RF) writes ``"key","value"`` lines, then rows per *excitation*::

    "Measurement Type","3D Spectrum"
    "EX Wavelength/EM Wavelength",260.0,265.0,270.0 …      emission over the columns
    250.0,1.23,1.31,1.40 …                                 excitation in the first column

``EM Wavelength/EX Wavelength`` is the other way round, as are Aqualog, Hitachi and spreadsheet matrices, which leave the
corner empty or call it ``Wavelength``. The Japanese program writes ``励起波長/蛍光波長``; blanks may separate. Rows and columns stay in the order of the instrument. The result is one series of
emission spectra over the excitation. ``matrix_item`` is shared with the readers of these instruments.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import NumberBlock, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import SIGNS, split_row
from spectra.readers.terms import Column
from spectra.readers.text import TextFile, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, first_of, marks, pairs_of, told, vendor_reading
from spectra.readers.vendor_rows import rows_below, wrong_columns
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "eem_matrix", 1
ABOUT = About(
    "Excitation–emission matrix text",
    "Shimadzu RF-6000",
    (".txt", ".csv"),
    ("pl_emission",),
    gettext_noop("A series of emission spectra over the excitation; either wavelength may stand over the columns"),
    "",
)
CORNER = re.compile(
    r'^"?(EX|EM|励起|蛍光) ?(?:Wavelength|波長)/(?:EX|EM|励起|蛍光) ?(?:Wavelength|波長)"?[\t,; ]', re.M | re.I
)
LOWEST_NM, HIGHEST_NM = 150.0, 1500.0


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 94 if CORNER.search(peek_lines(head)) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a matrix with EX and EM in its corner; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    corner = CORNER.search(file.text)
    row = file.line_of(corner.start())
    block = rows_below(file, row + 1)
    line = file.line(row)[corner.end() - 1 - corner.start() :]
    cells = line.split() if block.separator == "space" else split_row(line, block.separator)[1:]
    over_columns = wavelengths_in(cells, block.n_columns - 1)
    if over_columns is None:
        raise UnreadableFile(wrong_columns(len(cells) + 1, block.n_columns))
    rows, values = block.rows[:, 0], block.rows[:, 1:]
    if corner[1].upper() in ("EX", "励起"):
        emissions, excitations, values = over_columns, rows, values.T
    else:
        emissions, excitations = rows, over_columns
    said = _said(file, row, block)
    title = first_of(said, "Sample Name") or stem
    item, warnings = matrix_item(emissions, excitations, values, title, told(said))
    return vendor_reading(
        NAME,
        VERSION,
        file,
        [item],
        warnings + refuse_open_end(file, block),
        marks(block),
        date=first_of(said, "Analysis Date/Time", "Date/Time", "Date"),
        instrument=first_of(said, "Instrument", "Model") or "Shimadzu",
        operator=first_of(said, "Analyst", "Operator", "User"),
        title=title,
        comment=first_of(said, "Comment", "Option"),
    )


def _said(file: TextFile, row: int, block: NumberBlock) -> dict[str, str]:
    return pairs_of(file.lines(0, min(row, 300)), SIGNS.get(block.separator, ","))


def wavelengths_in(cells: list[str], n_columns: int) -> np.ndarray | None:
    """The wavelengths [nm] written over the columns of a matrix; None when the cells hold anything else."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    values = [printed_number(cell) for cell in cells]
    if len(values) < 3 or len(values) != n_columns or None in values:
        return None
    steps = np.diff(values)
    rises_or_falls = (steps > 0).all() or (steps < 0).all()
    inside = min(values) >= LOWEST_NM and max(values) <= HIGHEST_NM
    return np.array(values) if rises_or_falls and inside else None


def matrix_item(
    emissions: np.ndarray, excitations: np.ndarray, values: np.ndarray, title: str, said: dict[str, str]
) -> tuple[Item, list[Note]]:
    """A series of emission spectra over the excitation.

    Parameters
    ----------
    emissions, excitations : ndarray, shape (n_emissions,), (n_excitations,)
        Wavelengths [nm] in the order of the file.
    values : ndarray, shape (n_emissions, n_excitations)
    """
    spectra, warnings = [], []
    for k, excitation in enumerate(excitations):
        label = f"excitation {excitation:g} nm"
        channel, notes = channel_of(values[:, k], label, Column("intensity", "[a.u.]"))
        spectra.append(Spectrum(emissions, [channel], "nm", "wavelength", f"{excitation:g} nm"))
        warnings += notes
    series = Series(spectra, excitations, "excitation", "nm", title)
    item = Item(series, "pl_emission", "rule", title, facts.role_from(title), facts.make_conditions(said, title), said)
    return item, warnings
