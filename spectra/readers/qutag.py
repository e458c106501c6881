"""Histograms of time differences as text (quTAG and quTools software: "Time Tags Distribution").

Layout; the separator is a semicolon between blanks, exponents have three digits::

    # Time Tags Distribution
    # 2024-08-09 13:21:48
    # Unit Time Diff: s            or ms, us, ns, ps
    # Unit Count: 1
    # Time Diff ; Count
     0.0000000E+000 ;  4.1360000E+003
     1.0008340E-011 ;  4.7310000E+003

The bin width is the step of the first column. Files of some versions repeat or swap times at the start (bins of
10 ps: 0, 20, 40, 30 ps); which counts belong to which time cannot be known then, and they are refused.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decays import Curve, bin_from_axis, decay_items, finite_counts
from spectra.readers.decoding import peek_lines
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.terms import TIME_NS, unit_code
from spectra.readers.text import clean, open_text, refuse_open_end
from spectra.readers.vendor_reading import marks, vendor_reading
from spectra.readers.vendor_rows import rows_below, wrong_columns

NAME, VERSION = "qutag", 1
ABOUT = About(
    "quTAG histogram text",
    "quTAG, quTools",
    (".txt",),
    ("decay",),
    gettext_noop("One histogram; the bin width is the step of its times"),
    gettext_noop("Lists of time tags: save the histogram."),
)
UNIT = re.compile(r"^#\s*Unit Time Diff\s*:\s*(\S+)", re.M | re.I)
LABELS = re.compile(r"^#\s*Time Diff\s*[;\t,]\s*Count", re.M | re.I)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    return 95 if text.startswith("#") and UNIT.search(text) and LABELS.search(text) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a histogram of time differences; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    labels = file.line_of(LABELS.search(file.text).start())
    header = [clean(line.lstrip("# ")) for line in file.lines(0, labels)]
    block = rows_below(file, labels + 1)
    if block.n_columns != 2:
        raise UnreadableFile(wrong_columns(2, block.n_columns))
    times_ns = block.rows[:, 0] * _unit_ns(UNIT.search(file.text)[1])
    bin_ns = bin_from_axis(times_ns)
    if bin_ns is None or (np.diff(times_ns) <= 0).any():
        raise UnreadableFile(_uneven())
    role = "IRF" if facts.role_from(stem) == "IRF" else None
    curve = Curve(finite_counts(block.rows[:, 1]), bin_ns, float(times_ns[0]), stem, role)
    said = _pairs(header)
    items, warnings = decay_items([curve], facts.make_conditions({}, stem), said)
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings + refuse_open_end(file, block),
        marks(block),
        date=next((line for line in header if re.match(r"\d{4}-\d{2}-\d{2}", line)), ""),
        instrument="quTAG",
        title=stem,
    )


def _pairs(lines: list[str]) -> dict[str, str]:
    parts = [line.partition(": ") for line in lines]
    return {key.strip(): value.strip() for key, mark, value in parts if mark}


def _unit_ns(written: str) -> float:
    unit = unit_code(written)
    if unit not in TIME_NS:
        raise UnreadableFile(
            Note("time_unit_unknown", gettext_noop("The unit of time “{unit}” is not known."), {"unit": written[:20]})
        )
    return TIME_NS[unit]


def _uneven() -> Note:
    return Note(
        "uneven_bins",
        gettext_noop("The times of this histogram do not rise in equal steps. Save the histogram again."),
    )
