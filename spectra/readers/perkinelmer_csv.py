"""PerkinElmer UV WinLab csv: a row of units and pairs of numbers.

Layout::

    nm, A                       or nm, %T; nm, %R; several columns are several samples of one x
    700.000000, 0.000465        highest wavelength first
    200.000000, 10.000000       10 (absorbance) is where the instrument stops counting: told, and kept

Nothing else stands in the file: no date, no sample; other programs write such tables without the blank. ``.wavelength, spc`` (a table written by other programs) is not this.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.reading import Item, Reading
from spectra.readers.terms import Column, normal
from spectra.readers.text import clean, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, marks, vendor_reading
from spectra.readers.vendor_rows import rows_below
from spectra.spectrum import Spectrum

NAME, VERSION = "perkinelmer_csv", 2
ABOUT = About(
    "PerkinElmer UV WinLab csv",
    "Lambda",
    (".csv",),
    ("uvvis", "ir"),
    gettext_noop("One or several samples over wavelength; values where the detector stops counting are told"),
    gettext_noop("There is no date and no sample in such a file: name it after the sample."),
)
LABELS = re.compile(r"\"?(nm|cm-1)\"?[,;\t] ?\"?(A|Abs|%T|%R)\"?([,;\t] ?\"?(A|Abs|%T|%R)\"?)*[,;\t ]*(?=\n|$)")
QUANTITIES = {
    "a": Column("absorbance", "1"),
    "abs": Column("absorbance", "1"),
    "%t": Column("transmittance", "%"),
    "%r": Column("reflectance", "%"),
}
AT_LIMIT = 10.0


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head).lstrip("\ufeff")
    return 88 if LABELS.match(text) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a UV WinLab csv; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    labels = [cell for cell in map(clean, re.split(r"[,;\t]", file.line(0))) if cell]
    block = rows_below(file, 1, columns=len(labels))
    unit = "nm" if normal(labels[0]) == "nm" else "1/cm"
    items, warnings = [], refuse_open_end(file, block)
    for i, label in enumerate(labels[1:], 1):
        channel, notes = channel_of(block.rows[:, i], label, QUANTITIES[normal(label)])
        title = stem if len(labels) == 2 else f"{stem} {i}"
        quantity = "wavelength" if unit == "nm" else "wavenumber"
        spectrum = Spectrum(block.rows[:, 0], [channel], unit, quantity, title)
        technique = "uvvis" if unit == "nm" or block.rows[:, 0].max() > 8000 else "ir"
        item = Item(spectrum, technique, "rule", title, facts.role_from(stem), facts.make_conditions({}, stem))
        items.append(item)
        warnings += notes + _at_limit(channel)
    instrument = "PerkinElmer" if re.search(r"[,;\t] ", file.line(0)) else ""
    return vendor_reading(NAME, VERSION, file, items, warnings, marks(block), instrument=instrument, title=stem)


def _at_limit(channel) -> list[Note]:
    n = int(np.count_nonzero(channel.values == AT_LIMIT)) if channel.quantity == "absorbance" else 0
    if not n:
        return []
    text = gettext_noop("{n} points stand at {level}: the detector was probably saturated there.")
    return [Note("saturated", text, {"level": AT_LIMIT, "n": n})]
