"""B&W Tek spectra as text (BWSpec, BWRam; txt and csv).

Layout; a semicolon or a comma throughout, the decimal mark follows the PC's language::

    File Version;BWSpec4.02_14
    Date;2015-07-02 11:19:27
    model;BTC162E-532S-SYS              c code, operator, laser_wavelength;785, intigration times(ms);5000 …
    Pixel;Wavelength;Wavenumber;Raman Shift;Dark;Reference;Raw data #1;Dark Subtracted #1;%TR #1;Absorbance #1;…
    0;   ;   ;   ;1873.0000;65535.0000;1519.0000;-354.0000;0.0000;0.0000;0.0000;
    314;816.78;12243.25;498.36;1656.0000;65535.0000;31546.0000;29890.0000;0.0000;0.0000;0.0000;

Pixels outside the calibrated range have blank axes and are left out. With a laser (``Raman Shift`` filled) x is the Raman
shift, else the wavelength. The signal is the first of absorbance, %TR and dark-subtracted counts that is not zero throughout;
raw counts, dark and reference are further channels.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import bad_row, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import SIGNS, split_row
from spectra.readers.terms import Column, normal
from spectra.readers.text import find_block, open_text, refuse_open_end
from spectra.readers.vendor_reading import (
    channel_of,
    first_of,
    fluorescence_by_words,
    marks,
    pairs_of,
    told,
    vendor_reading,
)
from spectra.readers.vendor_rows import no_rows, refuse_broken_end, refuse_more_rows, skip_blank, wrong_columns
from spectra.spectrum import Spectrum

NAME, VERSION = "bwtek", 2
ABOUT = About(
    "B&W Tek text",
    "BWSpec, BWRam",
    (".txt", ".csv"),
    ("raman", "uvvis", "pl_emission"),
    gettext_noop("Counts with dark and reference; pixels outside the calibration are left out"),
    "",
)
LABELS = re.compile(r"^Pixel[;,\t].*Wavelength", re.M | re.I)
COLUMNS = (
    (r"absorbance.*", Column("absorbance", "1")),
    (r"% ?tr.*", Column("transmittance", "%")),
    (r"dark ?subtracted.*", Column("counts", "{counts}")),
    (r"raw ?data.*", Column("counts", "{counts}")),
    (r"dark", Column("counts", "{counts}", "dark")),
    (r"reference", Column("counts", "{counts}", "reference")),
)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 95 if re.match(r"\s*File Version[;,\t]\s*BW(?:Spec|Ram)", peek_lines(head), re.I) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a BWSpec or BWRam text; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    found = LABELS.search(file.text)
    if found is None:
        raise UnreadableFile(no_rows())
    row = file.line_of(found.start())
    block = find_block(file, row + 1)
    if block is None:
        raise UnreadableFile(no_rows())
    first = skip_blank(file, row + 1, file.n_lines)
    if block.first_line != first:
        raise UnreadableFile(bad_row(block.first_line, file.line(block.first_line - 1)))
    refuse_broken_end(file, block, file.n_lines)
    refuse_more_rows(file, block, file.n_lines)
    labels = split_row(file.line(row), block.separator)
    if not block.n_columns <= len(labels) + 1 or len(labels) > block.n_columns + 1:
        raise UnreadableFile(wrong_columns(len(labels), block.n_columns))
    said = told(pairs_of(file.lines(0, row), SIGNS.get(block.separator, ";")))
    title = stem
    spectrum, warnings = _spectrum(block.rows, labels, title)
    technique = "raman" if spectrum.x_quantity == "raman shift" else _technique(spectrum, title)
    laser = first_of(said, "laser_wavelength")
    conditions = facts.make_conditions({"laser wavelength": laser} if technique == "raman" else {}, title)
    item = Item(spectrum, technique, "rule", title, facts.role_from(title), conditions, said)
    return vendor_reading(
        NAME,
        VERSION,
        file,
        [item],
        warnings + _ends_early(block.rows[:, 0], said) + refuse_open_end(file, block),
        marks(block),
        date=first_of(said, "Date"),
        instrument=f"B&W Tek {first_of(said, 'model')}".strip(),
        serial=first_of(said, "c code"),
        operator=first_of(said, "operator"),
        title=title,
    )


def _spectrum(rows: np.ndarray, labels: list[str], title: str) -> tuple[Spectrum, list[Note]]:
    named = {normal(label).replace(" ", ""): i for i, label in enumerate(labels) if i < rows.shape[1]}
    shift, wavelength = named.get("ramanshift"), named.get("wavelength")
    is_raman = shift is not None and np.nanmax(np.abs(rows[:, shift]), initial=0.0) > 0
    x = shift if is_raman else wavelength
    if x is None or not np.isfinite(rows[:, x]).any():
        raise UnreadableFile(
            Note(
                "no_calibration",
                gettext_noop("This file holds pixels without wavelengths. Export it with its calibration."),
            )
        )
    rows = rows[np.isfinite(rows[:, x])]
    channels, warnings = [], []
    for pattern, column in COLUMNS:
        if is_raman and column.quantity in ("absorbance", "transmittance"):
            continue  # computed by the program whatever was measured
        for i, label in enumerate(labels[: rows.shape[1]]):
            if re.fullmatch(pattern, normal(label)) and np.nanmax(np.abs(rows[:, i]), initial=0.0) > 0:
                channel, notes = channel_of(rows[:, i], label, column)
                channels.append(channel)
                warnings += notes
    if not channels:
        raise UnreadableFile(no_rows())
    quantity, unit = ("raman shift", "1/cm") if is_raman else ("wavelength", "nm")
    return Spectrum(rows[:, x], channels, unit, quantity, title), warnings


def _ends_early(pixels: np.ndarray, said: dict[str, str]) -> list[Note]:
    last = printed_number(first_of(said, "pixel_end"))
    if last is None or not np.isfinite(pixels[-1]) or pixels[-1] >= last:
        return []
    text = gettext_noop(
        "The header announces values up to {said}, the rows end at {found}: the file may have been cut off."
    )
    return [Note("ends_early", text, {"said": f"{last:g}", "found": f"{pixels[-1]:g}"})]


def _technique(spectrum: Spectrum, title: str) -> str | None:
    measured = spectrum.signal.quantity in ("absorbance", "transmittance")
    return "uvvis" if measured else fluorescence_by_words(title)
