"""The rows of a JASCO file: one spectrum of several channels, or interval data as a series of them."""

import re

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.jasco_checks import check_against_header
from spectra.readers.jasco_technique import channels_of, x_of
from spectra.readers.number_block import NumberBlock, bad_row
from spectra.readers.over_range import blank_over_range
from spectra.readers.reading import UnreadableFile
from spectra.readers.terms import x_axis
from spectra.readers.text import TextFile, block_from, cut_in_row, find_block, refuse_open_end
from spectra.readers.vendor_rows import refuse_more_rows
from spectra.spectrum import Series, Spectrum

FLUORESCENCE = re.compile(r"fluorescence|\bFP-?\d{4}", re.I)
LOWEST_NM, HIGHEST_NM = 150.0, 1500.0
CHANNEL = re.compile(r"^\s*Channel\s*\d+\s*$", re.I)


def read_rows(file: TextFile, first: int, header: dict) -> tuple[Spectrum | Series, int, dict, list[Note]]:
    """Read what stands below XYDATA: the value, the line behind it, what was decided, and warnings.

    Raises
    ------
    UnreadableFile
        When a row is damaged, the file was cut, or the rows contradict the header.
    """
    while first < file.n_lines and not file.line(first).strip():
        first += 1
    if first < file.n_lines and (_names_channel(file, first) or _is_times_row(file, first)):
        return _read_interval(file, first, header)
    block = block_from(file, first, _end_of_rows(file, first))
    if block is None:
        line = file.line(first) if first < file.n_lines else ""
        raise UnreadableFile(bad_row(first + 1, line) if line.strip() else _no_rows())
    _refuse_broken_end(file, block.end_line)
    refuse_more_rows(file, block, _footer(file, block.end_line))
    _refuse_wrong_columns(block, header)
    _refuse_blank_x(file, block)
    warnings = check_against_header(header, block.rows[:, 0], block.rows[:, 1]) + refuse_open_end(file, block)
    spectrum, more = _spectrum(header, block.rows)
    decided = {"separator": block.separator, "decimal_mark": block.decimal_mark}
    return spectrum, block.end_line, decided, warnings + more


def _end_of_rows(file: TextFile, first: int) -> int:
    """The line after the rows: the first blank one or the mark of the footer."""
    found = re.compile(r"\n[\t,; ]*(?=\n)|\n(?=#####|\[)").search(file.text, int(file.starts[first]))
    return file.line_of(found.start()) + 1 if found else file.n_lines


def _footer(file: TextFile, first: int) -> int:
    """The line of the footer's mark: below it, lines of numbers are somebody's remarks."""
    return next(
        (line for line in range(first, file.n_lines) if file.line(line).startswith(("[", "#####"))), file.n_lines
    )


def _no_rows() -> Note:
    return Note("no_rows", gettext_noop("This file has a header but no rows of numbers. Export it again."))


def _refuse_broken_end(file: TextFile, end: int) -> None:
    following = file.line(end) if end < file.n_lines else ""
    if following.strip() and not following.startswith(("#", "[")):
        cut = end == file.n_lines - 1  # a last line without line end
        raise UnreadableFile(cut_in_row() if cut else bad_row(end + 1, following))


def _refuse_blank_x(file: TextFile, block: NumberBlock) -> None:
    blank = np.flatnonzero(np.isnan(block.rows[:, 0]))
    if blank.size:
        line = block.first_line + int(blank[0])
        raise UnreadableFile(bad_row(line + 1, file.line(line)))


def _refuse_wrong_columns(block: NumberBlock, header: dict) -> None:
    expected = 1 + _n_channels(header)
    if block.n_columns == expected:
        return
    if block.comma_is_doubtful:
        raise UnreadableFile(
            Note(
                "comma_twice",
                gettext_noop(
                    "The comma stands both between the columns and in the numbers of this file. "
                    "Export it again with tabs between the columns."
                ),
            )
        )
    raise UnreadableFile(
        Note(
            "wrong_columns",
            gettext_noop("The header names {expected} columns, but the rows have {found}. Export the file again."),
            {"expected": expected, "found": block.n_columns},
        )
    )


def _n_channels(header: dict) -> int:
    return max(1, sum(bool(re.fullmatch(r"Y\d*UNITS", key)) for key in header))


def _spectrum(header: dict, rows: np.ndarray, title: str = "") -> tuple[Spectrum, list[Note]]:
    x_quantity, x_unit = x_of(header)
    channels, warnings = [], []
    for channel in channels_of(header, rows[:, 1:]):
        kept, notes = blank_over_range(channel)
        channels.append(kept)
        warnings += notes
    return Spectrum(rows[:, 0], channels, x_unit, x_quantity, title), warnings


def _read_interval(file: TextFile, first: int, header: dict) -> tuple[Series, int, dict, list[Note]]:
    tables, end, block = [], first, None
    while end < file.n_lines and (_names_channel(file, end) or end == first):
        row = end + _names_channel(file, end)  # a file of one channel may leave its name out
        times, block = _times(file, row), find_block(file, row + 1, _end_of_channel(file, row + 1))
        if block is None or times is None or block.n_columns != len(times) + 1:
            raise UnreadableFile(bad_row(row + 1, file.line(row) if row < file.n_lines else ""))
        _refuse_blank_x(file, block)
        tables.append(block.rows)
        end = block.end_line
        while end < file.n_lines and not file.line(end).strip("\t,; "):
            end += 1
    if len(tables) < _n_channels(header):
        raise UnreadableFile(
            Note(
                "file_cut_short",
                gettext_noop(
                    "The header names {said} channels, the file holds {found}: it was cut off. Export it again."
                ),
                {"said": _n_channels(header), "found": len(tables)},
            )
        )
    if any(table.shape != tables[0].shape for table in tables):
        raise UnreadableFile(
            Note("unequal_channels", gettext_noop("The channels of this file differ in length. Export it again."))
        )
    warnings = check_against_header(header, tables[0][:, 0], tables[0][:, 1:], interval=True)
    warnings += refuse_open_end(file, block)
    spectra, (z_quantity, z_unit) = [], _third_axis(header, times)
    for k in range(times.size):
        rows = np.column_stack([tables[0][:, 0]] + [table[:, k + 1] for table in tables])
        spectrum, more = _spectrum(header, rows, f"{times[k]:g} {'°C' if z_unit == 'Cel' else z_unit}")
        spectra.append(spectrum)
        warnings += [note for note in more if note.code not in {w.code for w in warnings}]
    said = "the file" if z_quantity != "time" else "JASCO interval data"
    decided = {"separator": block.separator, "decimal_mark": block.decimal_mark, "z_unit": f"{z_unit} ({said})"}
    return Series(spectra, times, z_quantity, z_unit), end, decided, warnings


def _third_axis(header: dict, numbers: np.ndarray) -> tuple[str, str]:
    """Minutes, which JASCO does not write down, unless a line of the header names another axis.

    A three-dimensional measurement of a fluorescence spectrometer has its excitation wavelengths there; times begin at 0.
    """
    model = f"{header.get('DATA TYPE', '')} {header.get('SPECTROMETER/DATA SYSTEM', '')}"
    if FLUORESCENCE.search(model) and numbers.min() >= LOWEST_NM and numbers.max() <= HIGHEST_NM:
        return "excitation", "nm"
    said = next((header[key] for key in ("ZUNITS", "Z1UNITS") if header.get(key)), "")
    axis = x_axis(said)
    return (axis.quantity, axis.unit) if axis and axis.unit in ("Cel", "s", "min", "h") else ("time", "min")


def _names_channel(file: TextFile, line: int) -> bool:
    return bool(CHANNEL.match(file.line(line).strip("\t,; ")))


def _is_times_row(file: TextFile, line: int) -> bool:
    """An empty first field and at least two numbers."""
    text = file.line(line)
    return text[:1] in ("\t", ",", ";") and _times(file, line) is not None


def _times(file: TextFile, line: int) -> np.ndarray | None:
    """The row with an empty first field: one time per spectrum."""
    block = find_block(file, line, line + 1)
    if block is None or np.isnan(block.rows).any():
        return None
    return block.rows[0] if file.line(line)[:1] in ("\t", ",", ";", " ") else None


def _end_of_channel(file: TextFile, first: int) -> int:
    found = re.compile(r"^[\t,; ]*$|^Channel\b|^#####|^\[", re.M | re.I).search(file.text, int(file.starts[first]))
    return file.line_of(found.start()) if found else file.n_lines
