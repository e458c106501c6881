"""Horiba Jobin Yvon DAS6 and DataStation: decays as text.

Layout, once or several times in a file (decay and prompt saved together)::

    Item name: Decay                 or IRF, Prompt …: the role
    Real time: 32.533                s
    Live time: 0
    Time calibration: 2.743484E-02ns/ch
    Comment:
    Chan <tab> Data                  several columns in a time-resolved emission scan (TRES); blanks may stand for the tab
    1 <tab> 0                        channel numbers from 1; time 0 is the first channel

Channel numbers must go on without a gap. TRES exports have no ``Time calibration``: the width of a channel is asked for
(mapping ``bin_ns``), never assumed. A column whose label is a wavelength keeps it as the emission wavelength.
"""

import re
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from spectra.conditions import Conditions
from spectra.notes import gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import cut_short
from spectra.readers.decays import Curve, decay_items, finite_counts, given_bin_ns, needs_bin_width, unequal_lengths
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import NumberBlock, bad_row
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import split_row
from spectra.readers.text import TextFile, open_text, refuse_open_end
from spectra.readers.vendor_reading import first_of, marks, pairs_of, told, vendor_reading
from spectra.readers.vendor_rows import no_rows, rows_below, wrong_columns

NAME, VERSION = "horiba_das6", 2
ABOUT = About(
    "Horiba DAS6 decays",
    "FluoroHub, DeltaFlex, FluoroCube",
    (".txt", ".asc", ".dat"),
    ("decay",),
    gettext_noop("Decay and prompt in one file, several decays over wavelength, counts and time calibration"),
    gettext_noop("A file without a time calibration: QDLab asks for the width of a channel."),
)
TITLE_ROW = re.compile(r"^[ \t]*\"?Chan(?:nel)?s?\"?(?:[\t,;]| {2}).*$", re.M | re.I)
CALIBRATION = re.compile(r"([\d.,]+(?:E[-+]?\d+)?) ?(ps|ns|us|µs|ms|s) ?/ ?ch(?:an(?:nel)?)?\.?", re.I | re.ASCII)
PER_NS = {"ps": 1e-3, "ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9}
WAVELENGTH = re.compile(r"(?:data|em|decay)?[ @(]*(\d{3,4}(?:\.\d+)?) ?(?:nm)?\)?", re.I | re.ASCII)
FOOTER = re.compile(r"Item name:", re.I)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    words = [word for word in ("Item name:", "Real time:", "Live time:", "Time calibration:") if word in text]
    return 95 if len(words) >= 2 and TITLE_ROW.search(text) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a DAS6 export; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    title_rows = [file.line_of(found.start()) for found in TITLE_ROW.finditer(file.text)][:200]
    if not title_rows:
        raise UnreadableFile(no_rows())
    curves, about, start, block = [], [], 0, None
    for k, row in enumerate(title_rows):
        end = _next_part(file, row + 1, title_rows[k + 1 : k + 2])
        block = rows_below(file, row + 1, end, FOOTER)
        said = pairs_of(file.lines(start, row), re.compile(r":(?= |$)"))
        made = _curves(file, row, block, said, stem, mapping)
        curves += made
        about += [said] * len(made)
        start = block.end_line
    if file.text[int(file.starts[block.end_line]) :].strip():
        raise cut_short()  # inside the header of a further item; nothing else follows the rows
    items, warnings = decay_items(curves, Conditions(), {})
    items = [_with_facts(item, said, stem) for item, said in zip(items, about, strict=True)]
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings + unequal_lengths(curves) + refuse_open_end(file, block),
        {**marks(block), "time_axis": "person" if given_bin_ns(mapping) else "file"},
        instrument="Horiba DAS6",
        title=stem,
        comment=first_of(about[0], "Comment"),
    )


def _next_part(file: TextFile, first: int, following: list[int]) -> int:
    """The line where the next item's header begins."""
    if not following:
        return file.n_lines
    found = FOOTER.search(file.text, int(file.starts[first]), int(file.starts[following[0]]))
    return file.line_of(found.start()) if found else following[0]


def _curves(file, row: int, block: NumberBlock, said: dict, stem: str, mapping) -> list[Curve]:
    _refuse_gaps(file, block)
    separator = block.separator if "\t" in file.line(row) or "  " not in file.line(row) else "space"
    labels = [cell for cell in split_row(file.line(row), separator) if cell][1:]
    n = block.n_columns - 1
    if n < 1 or (labels and len(labels) != n):
        raise UnreadableFile(wrong_columns(len(labels) + 1, block.n_columns))
    labels, item_name = labels or ["Data"] * n, first_of(said, "Item name")
    bin_ns = _bin_ns(said, mapping)
    curves = []
    for i, label in enumerate(labels, 1):
        plain = label.casefold() in ("data", "counts", "decay")
        title = (item_name or stem) if plain else f"{item_name} {label}".strip()
        role = "IRF" if facts.role_from((item_name or stem) if plain else label) == "IRF" else None
        curves.append(Curve(finite_counts(block.rows[:, i]), bin_ns, 0.0, title, role))
    return curves


def _refuse_gaps(file: TextFile, block: NumberBlock) -> None:
    channel = block.rows[:, 0]
    wrong = np.flatnonzero(channel != channel[0] + np.arange(channel.size))
    if channel[0] not in (0, 1) or wrong.size:
        line = block.first_line + (int(wrong[0]) if wrong.size else 0)
        raise UnreadableFile(bad_row(line + 1, file.line(line)))


def _bin_ns(said: dict, mapping: dict | None) -> float:
    given = given_bin_ns(mapping)
    found = CALIBRATION.fullmatch(first_of(said, "Time calibration"))
    width = float(found[1].replace(",", ".")) * PER_NS[found[2].lower()] if found and _is_number(found[1]) else 0.0
    if given is None and not (0 < width < 1e12):
        raise needs_bin_width()
    return given if given is not None else width


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(?:[.,]\d*)?(?:[eE][-+]?\d{1,3})?", text, re.ASCII) is not None


def _with_facts(item: Item, said: dict, stem: str) -> Item:
    known = {}
    if found := WAVELENGTH.fullmatch(item.title.removeprefix(first_of(said, "Item name")).strip()):
        known["emission_nm"] = float(found[1])
    return replace(item, conditions=facts.make_conditions(said, item.title, stem, **known), metadata=told(said))
