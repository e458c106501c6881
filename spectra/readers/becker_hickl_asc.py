"""Becker & Hickl SPCM: curves exported as ASCII (``.asc``).

Layout::

      Title : QD 12
      Version : 1 975 M
      Revision : 10 bits ADC
      Date : 2017-07-27
      Time : 13:26:44
      Author, Company, Contents
    (blank line)
    SYS_PARA_BEGIN:                       may be missing; settings as ``#SP [SP_TAC_R,F,1e-07]``
    …
    *BLOCK 1  ( Time[ns]  No_of_photons )     one block per curve; also Time[us], Time[ps]
    0.000000 ,    0                       separated by a comma, a blank or a tab
    0.003257 ,    0
    *END

A block without a time axis (counts alone) takes the width of a channel from SP_TAC_TC, or asks for it.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decays import (
    MIN_CHANNELS,
    Curve,
    bin_from_axis,
    decay_items,
    finite_counts,
    given_bin_ns,
    needs_bin_width,
    unequal_lengths,
)
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import NumberBlock, bad_row, printed_number
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.terms import TIME_NS
from spectra.readers.text import TextFile, cut_in_row, open_text, refuse_open_end
from spectra.readers.vendor_reading import first_of, marks, pairs_of, told, vendor_reading
from spectra.readers.vendor_rows import no_rows, rows_below, skip_blank, wrong_columns

NAME, VERSION = "becker_hickl_asc", 3
ABOUT = About(
    "Becker & Hickl SPCM ASCII",
    "Becker & Hickl SPC modules",
    (".asc",),
    ("decay",),
    gettext_noop(
        "One decay per block with its own time axis; the width of a channel from the settings where the axis is missing"
    ),
    gettext_noop("Without either, QDLab asks for the width of a channel."),
)
BLOCK = re.compile(r"^\*BLOCK\s*(\d+)\b(.*)$", re.M)
END = re.compile(r"\*")
TIME_UNIT = re.compile(r"Time ?\[(ps|ns|us|ms|s)\]", re.I)
SETTING = re.compile(r"\[(\w+),[A-Z],([^\]\n]*)\]")


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    if "*BLOCK" in text and BLOCK.search(text):
        return 95
    return 95 if "bits ADC" in text and "Title" in text and re.search(r"^\s*Revision\s*: .*bits ADC", text, re.M) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read an SPCM export; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    starts = list(BLOCK.finditer(file.text))[:200]
    if not starts:
        raise UnreadableFile(no_rows())
    first = file.line_of(starts[0].start())
    said = pairs_of([line for line in file.lines(0, min(first, 2000)) if " : " in line], re.compile(r"\s+:\s+"))
    settings = {found[1]: found[2] for line in file.lines(0, min(first, 2000)) for found in SETTING.finditer(line)}
    title = first_of(said, "Title") or stem
    curves, block = [], None
    for k, found in enumerate(starts):
        row = file.line_of(found.start())
        end = file.line_of(starts[k + 1].start()) if k + 1 < len(starts) else file.n_lines
        block = rows_below(file, row + 1, end, END)
        if len(block.rows) < MIN_CHANNELS:
            raise UnreadableFile(no_rows())
        name_of = title if len(starts) == 1 else f"{title} {found[1]}"
        curves.append(_curve(file, block, found[2], settings, mapping, name_of))
    _refuse_rest(file, block)
    metadata = {**told(said), **told(settings)}
    items, warnings = decay_items(curves, facts.make_conditions({}, title, stem), metadata)
    closed = block.end_line < file.n_lines and file.line(block.end_line).startswith("*")
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings + unequal_lengths(curves) + ([] if closed else [*refuse_open_end(file, block), _not_closed()]),
        marks(block),
        date=f"{first_of(said, 'Date')} {first_of(said, 'Time')}".strip(),
        instrument="Becker & Hickl SPCM",
        operator="" if first_of(said, "Author") in ("System", "Unknown") else first_of(said, "Author"),
        title=title,
        comment=first_of(said, "Contents"),
    )


def _refuse_rest(file: TextFile, block: NumberBlock) -> None:
    """Below the last ``*END`` nothing may stand: the beginning of another curve means that the file was cut off."""
    line = skip_blank(file, block.end_line, file.n_lines)
    after = skip_blank(file, line + 1, file.n_lines)
    if after < file.n_lines and file.line(after).startswith("*"):
        raise UnreadableFile(cut_in_row())


def _not_closed() -> Note:
    text = gettext_noop(
        "The last curve does not end in *END: should the file be cut off, its last channels are missing."
    )
    return Note("no_end", text)


def _curve(file, block: NumberBlock, label: str, settings: dict, mapping, title: str) -> Curve:
    role = "IRF" if facts.role_from(title) == "IRF" else None
    if block.n_columns == 1:
        return Curve(finite_counts(block.rows[:, 0]), _channel_ns(settings, mapping), 0.0, title, role)
    if block.n_columns != 2:
        raise UnreadableFile(wrong_columns(2, block.n_columns))
    unit = TIME_UNIT.search(label)
    if unit is None:
        raise UnreadableFile(needs_bin_width().note)
    time_ns = block.rows[:, 0] * TIME_NS[unit[1].lower()]
    bin_ns = bin_from_axis(time_ns)
    if bin_ns is None:
        steps = np.abs(np.diff(time_ns) - np.median(np.diff(time_ns)))
        line = block.first_line + 1 + int(np.argmax(steps)) if steps.size else block.first_line
        raise UnreadableFile(bad_row(line + 1, file.line(line)))
    return Curve(finite_counts(block.rows[:, 1]), bin_ns, float(time_ns[0]), title, role)


def _channel_ns(settings: dict, mapping) -> float:
    if (given := given_bin_ns(mapping)) is not None:
        return given
    seconds = printed_number(settings.get("SP_TAC_TC", ""))
    if seconds is None or not 0 < seconds < 1:
        raise needs_bin_width()
    return seconds * 1e9
