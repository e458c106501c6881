"""Andor Solis ASCII export (``.asc``) with its metadata.

Layout; the metadata may also stand above the rows::

    405.23318 <tab> 280099 <tab>            x, one column per track; comma, tab or blank between
    …
    (three blank lines)
    Date and Time:                Fri Sep  8 15:03:52 2017
    Data Type:                    Counts
    Acquisition Mode:             Accumulate            or Kinetic
    Exposure Time (secs):         0.1
    Kinetic Cycle Time (secs):    2.5                   Number in Kinetics Series
    Number of Tracks:             1
    Serial Number:                10386
    Wavelength (nm):              430                   the spectrograph's centre

The unit of x is nm when the centre lies inside the axis, else it is not told; 1, 2, 3 … are pixels. In a kinetic series x
begins anew for every frame (or each frame is a column): a series over time. Whole images are refused. What was measured
stands nowhere, so the technique stays open.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import NumberBlock, bad_row, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import Axis, Column, y_column
from spectra.readers.text import TextFile, find_blocks, open_text, refuse_open_end
from spectra.readers.vendor_reading import (
    channel_of,
    first_of,
    fluorescence_by_words,
    marks,
    pairs_of,
    told,
    vendor_reading,
)
from spectra.readers.vendor_rows import no_rows, rows_below, wrong_columns
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "andor_asc", 2
ABOUT = About(
    "Andor Solis ASCII",
    "Andor cameras and spectrographs",
    (".asc",),
    ("raman",),
    gettext_noop("Single tracks, several tracks and kinetic series, with the exposure and the time of each frame"),
    gettext_noop("Whole images. Choose the technique by hand: the file does not tell it."),
)
KEY = re.compile(
    r"^(?:Acquisition Mode|Readout Mode|Trigger Mode|Software Version|Exposure Time \(secs\)|Data Type):", re.M
)
MAX_TRACKS, MAX_FRAMES = 64, 5000


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head) + "\n" + peek_lines(tail)
    return 94 if "Date and Time:" in text and len(set(KEY.findall(text))) >= 3 else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a Solis export; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    blocks = [block for block in find_blocks(file, at_least=2) if block.n_columns > 1]
    if not blocks:
        raise UnreadableFile(no_rows())
    main = max(blocks, key=lambda block: block.rows.size)
    if main is not blocks[0]:
        raise UnreadableFile(bad_row(blocks[0].end_line + 1, file.line(blocks[0].end_line)))
    block = rows_below(file, _top(file, main))
    outside = file.lines(0, min(block.first_line, 200)) + file.lines(block.end_line, block.end_line + 200)
    said = told(pairs_of([line for line in outside if ":" in line], re.compile(r":\s*")))
    frames = _frames(block)
    axis, column = _axis(frames[0][:, 0], said), _column(first_of(said, "Data Type"))
    technique = "raman" if re.search(r"raman", stem, re.I) else fluorescence_by_words(stem)
    items, warnings = [], refuse_open_end(file, block)
    for values, times, title in _curves(frames, said, stem):
        spectra = []
        for y in values:
            channel, notes = channel_of(y, first_of(said, "Data Type"), column)
            spectra.append(Spectrum(frames[0][:, 0], [channel], axis.unit, axis.quantity, title))
            warnings += notes
        value = spectra[0] if times is None else Series(spectra, times, "time", "s", title)
        conditions = facts.make_conditions({}, title, stem)
        items.append(Item(value, technique, "rule", title, facts.role_from(title), conditions, said))
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings,
        marks(block),
        date=first_of(said, "Date and Time"),
        instrument=f"Andor {first_of(said, 'Model')}".strip(),
        serial=first_of(said, "Serial Number"),
        title=stem,
    )


def _top(file: TextFile, main: NumberBlock) -> int:
    """The first line of the rows; a line of numbers in other columns above them is damage, not metadata."""
    line = main.first_line
    while line > 0 and re.match(r"\s*[-+.\d]", file.line(line - 1)):
        line -= 1
    return line


def _frames(block: NumberBlock) -> list[np.ndarray]:
    """The rows of each frame: x begins anew."""
    x = block.rows[:, 0]
    again = np.flatnonzero(x == x[0])
    size = int(again[1]) if again.size > 1 else x.size
    if x.size % size or x.size // size > MAX_FRAMES:
        raise UnreadableFile(_uneven(x.size // size, x.size % size))
    frames = np.split(block.rows, x.size // size)
    if any(not np.array_equal(frame[:, 0], frames[0][:, 0]) for frame in frames):
        raise UnreadableFile(_uneven(len(frames), 0))
    return frames


def _uneven(n: int, rest: int) -> Note:
    text = gettext_noop(
        "The frames of this series differ in length ({n} frames and {rest} rows): the file was cut off."
    )
    return Note("uneven_frames", text, {"n": n, "rest": rest})


def _axis(x: np.ndarray, said: dict[str, str]) -> Axis:
    centre = printed_number(first_of(said, "Wavelength (nm)"))
    if centre is not None and centre > 0 and x.min() <= centre <= x.max() and not _is_pixels(x):
        return Axis("wavelength", "nm")
    return Axis("channel", "") if _is_pixels(x) else Axis("unknown", "")


def _is_pixels(x: np.ndarray) -> bool:
    return bool(x[0] in (0, 1) and np.array_equal(x, x[0] + np.arange(x.size)))


def _column(data_type: str) -> Column:
    if data_type.casefold().startswith("count"):
        return Column("counts", "{counts}")
    return y_column(data_type) or Column("unknown", "")


def _curves(frames: list[np.ndarray], said: dict[str, str], stem: str):
    """Values, times and title of each item: a track, or a track over the frames."""
    n_tracks = frames[0].shape[1] - 1
    n_series = printed_number(first_of(said, "Number in Kinetics Series", "Number in Series"))
    if len(frames) == 1 and n_tracks > 1 and n_series == n_tracks:
        yield [frames[0][:, i] for i in range(1, n_tracks + 1)], _times(said, n_tracks), stem
        return
    said_tracks = printed_number(first_of(said, "Number of Tracks"))
    if n_tracks > MAX_TRACKS:
        raise UnreadableFile(_is_image(n_tracks))
    if said_tracks is not None and said_tracks != n_tracks and n_tracks > 1:
        raise UnreadableFile(wrong_columns(int(said_tracks) + 1, n_tracks + 1))
    if len(frames) > 1 and n_series is not None and n_series != len(frames):
        raise UnreadableFile(_uneven(len(frames), 0))
    for i in range(1, n_tracks + 1):
        title = stem if n_tracks == 1 else f"{stem} track {i}"
        times = _times(said, len(frames)) if len(frames) > 1 else None
        yield [frame[:, i] for frame in frames], times, title


def _times(said: dict[str, str], n: int) -> np.ndarray:
    cycle = printed_number(first_of(said, "Kinetic Cycle Time (secs)", "Accumulate Cycle Time (secs)"))
    if cycle is None or not cycle > 0:
        text = gettext_noop("The file holds {n} frames but not the time between them. Export it with its metadata.")
        raise UnreadableFile(Note("no_cycle_time", text, {"n": n}))
    return cycle * np.arange(n)


def _is_image(n: int) -> Note:
    text = gettext_noop("This file holds an image of {n} rows. Bin it to a spectrum in the camera's program.")
    return Note("is_image_rows", text, {"n": n})
