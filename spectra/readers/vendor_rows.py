"""Rows of numbers in a vendor's text export, and their check against what the file's own header says of them.

A row that is no row of numbers, a second table where there should be one, an axis with holes, or a value that
contradicts the header is an error; a wrong count is a warning.
"""

import re

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.jasco_checks import printed_half_step
from spectra.readers.number_block import NumberBlock, bad_row, printed_number
from spectra.readers.reading import UnreadableFile
from spectra.readers.text import TextFile, block_from, cut_in_row, find_blocks

BLANKS = "\t,; "


def rows_below(
    file: TextFile,
    first: int,
    end: int | None = None,
    footer: re.Pattern | None = None,
    columns: int | None = None,
    blank_x: bool = False,
) -> NumberBlock:
    """The only block of numbers between the lines ``first`` and ``end``; blank lines may stand before it.

    Parameters
    ----------
    footer : re.Pattern, optional
        What the line directly below the rows may look like; a blank line is always allowed.
    columns : int, optional
        How many columns the header announces.
    blank_x : bool
        The first column may have empty cells (pairs of columns of their own length).

    Raises
    ------
    UnreadableFile
        When there are no rows, a row is damaged, numbers follow after a gap, or the columns are not as announced.
    """
    end = file.n_lines if end is None else min(end, file.n_lines)
    first = skip_blank(file, first, end)
    block = block_from(file, first, end) if first < end else None
    if block is None:
        raise UnreadableFile(no_rows() if first >= end else bad_row(first + 1, file.line(first)))
    refuse_broken_end(file, block, end, footer)
    refuse_more_rows(file, block, end)
    blank = np.flatnonzero(np.isnan(block.rows[:, 0]))
    if blank.size and not blank_x:
        line = block.first_line + int(blank[0])
        raise UnreadableFile(bad_row(line + 1, file.line(line)))
    if columns is not None and block.n_columns != columns:
        raise UnreadableFile(wrong_columns(columns, block.n_columns))
    return block


def skip_blank(file: TextFile, first: int, end: int) -> int:
    while first < end and not file.line(first).strip(BLANKS):
        first += 1
    return first


def refuse_broken_end(file: TextFile, block: NumberBlock, end: int, footer: re.Pattern | None = None) -> None:
    """Refuse rows that end in a line which is neither blank nor the footer: a row is damaged, or the file was cut."""
    line = block.end_line
    following = file.line(line) if line < end else ""
    if not following.strip(BLANKS) or (footer is not None and footer.match(following)):
        return
    cut = line == file.n_lines - 1
    raise UnreadableFile(cut_in_row() if cut else bad_row(line + 1, following))


def refuse_more_rows(file: TextFile, block: NumberBlock, end: int) -> None:
    """Refuse numbers that go on after a gap: rows of the curve would be missing."""
    line = skip_blank(file, block.end_line, end)
    next_row = find_blocks(file, line, line + 1) if line < end else []  # every row may stand behind a blank line
    for other in [*next_row, *find_blocks(file, block.end_line, end, at_least=2)]:
        if other.n_columns >= 2:
            raise UnreadableFile(bad_row(block.end_line + 1, file.line(block.end_line)))


def no_rows() -> Note:
    return Note("no_rows", gettext_noop("This file has a header but no rows of numbers. Export it again."))


def wrong_columns(expected: int, found: int) -> Note:
    return Note(
        "wrong_columns",
        gettext_noop("The header names {expected} columns, but the rows have {found}. Export the file again."),
        {"expected": expected, "found": found},
    )


def cut_short(said: int, found: int) -> Note:
    return Note(
        "file_cut_short",
        gettext_noop("This file ends after {found} of {said} points: it was cut off. Export or copy it again."),
        {"found": found, "said": said},
    )


def check_values(stated: dict[str, tuple[str, float]], n_said: float | None = None, n_found: int = 0) -> list[Note]:
    """Compare what the header says with the rows.

    Parameters
    ----------
    stated : dict
        Key of the header → (number as printed there, value in the rows). An empty or foreign text is not compared.
    n_said, n_found : float, int
        Announced and found number of points.

    Returns
    -------
    list of Note
        A warning when only the count is wrong.

    Raises
    ------
    UnreadableFile
        When a value contradicts the rows beyond what printing can round.
    """
    for key, (text, found) in stated.items():
        said = printed_number(text)
        if said is None or not np.isfinite(found) or _agree(text, said, found):
            continue
        if n_said is not None and n_found < n_said:
            raise UnreadableFile(cut_short(int(n_said), n_found))
        raise UnreadableFile(contradiction(key, text, found))
    if n_said is None or n_said == n_found:
        return []
    text = gettext_noop("The header announces {said} points, the file holds {found}; the points were read.")
    return [Note("wrong_npoints", text, {"said": int(min(n_said, 1e15)), "found": n_found})]


def contradiction(key: str, said: str, found: float) -> Note:
    return Note(
        "contradicts_header",
        gettext_noop("The header says {key} = {said}, the rows say {found}. Export the file again."),
        {"key": key, "said": said.strip()[:40], "found": f"{found:g}"},
    )


def _agree(text: str, said: float, found: float) -> bool:
    """Rounded as printed, or to the six digits that single precision keeps."""
    tolerance = 1.2 * printed_half_step(re.sub(r"\s", "", text)) + 6e-6 * max(abs(said), abs(found))
    return abs(said - found) <= tolerance


def filled(values: np.ndarray) -> slice:
    """From the first to the last cell that holds a number; the whole when none does."""
    known = np.flatnonzero(np.isfinite(values))
    return slice(int(known[0]), int(known[-1]) + 1) if known.size else slice(0, values.size)
