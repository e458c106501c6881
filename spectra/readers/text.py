"""The one text engine of all readers: a decoded file, its lines, and the rectangular block of numbers in it.

``open_text`` decodes the whole file; ``find_block`` finds the rows of numbers and decides separator and decimal mark
*together*, because ``1,5`` is one number or two depending on what stands between the others. Work goes through a copy
with one byte per character, so that a file of 50 MB is classified by numpy instead of line by line.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import number_block
from spectra.readers.decoding import decode, with_line_feeds
from spectra.readers.number_block import NumberBlock
from spectra.readers.reading import UnreadableFile

# A word that stands for "no value" in a cell; blanked in the copy, so that the cell is read as empty.
MISSING = re.compile(
    rb"(?<=[\t,; \"])(?:[-+]?(?:nan|inf(?:inity)?)|#?n/a|over|-+|\*+)(?=[ \"]*[\t,;\n]|[ \"]*\Z)", re.I
)
MISSING_HINTS = (
    b"nan",
    b"NaN",
    b"NAN",
    b"inf",
    b"INF",
    b"/a",
    b"/A",
    b"ver",
    b"VER",
    b"-\t",
    b"-,",
    b"-;",
    b"-\n",
    b"**",
)
# A number with a decimal comma that is quoted because the separator is a comma too.
QUOTED_COMMA = re.compile(rb'(?<![^,\n])"([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)"(?=[,\n]|\Z)')
MAX_RUNS = 200  # stretches of numbers looked at; a file of more is no table
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")


@dataclass(frozen=True, eq=False)
class TextFile:
    """A decoded file: ``text`` with ``\\n`` line ends, and ``codes``, the same with ``?`` for all that is not ASCII."""

    text: str
    encoding: str

    @cached_property
    def has_quoted_commas(self) -> bool:
        """Decimal commas inside quotes, because the separator is a comma too; the copy has points for them."""
        return bool(QUOTED_COMMA.search(self.text.encode("ascii", "replace"))) if '"' in self.text else False

    @cached_property
    def codes(self) -> bytes:
        codes = self.text.encode("ascii", "replace")
        if self.has_quoted_commas:
            codes = QUOTED_COMMA.sub(rb'"\1.\2"', codes)
        if any(hint in codes for hint in MISSING_HINTS):
            codes = MISSING.sub(lambda found: b" " * len(found.group()), codes)
        return codes

    @cached_property
    def starts(self) -> np.ndarray:
        """Offset of each line, and one past the end of the file, shape (n_lines + 1,)."""
        breaks = np.flatnonzero(np.frombuffer(self.codes, np.uint8) == 10)
        return np.concatenate(([0], breaks + 1, [len(self.codes) + 1]))

    @property
    def n_lines(self) -> int:
        return self.starts.size - 1

    def line(self, number: int) -> str:
        return self.text[self.starts[number] : self.starts[number + 1] - 1]

    def lines(self, first: int = 0, end: int | None = None) -> list[str]:
        """Lines ``first`` to ``end`` (not included)."""
        end = self.n_lines if end is None else min(end, self.n_lines)
        if first >= end:
            return []
        return self.text[self.starts[first] : self.starts[end] - 1].split("\n")

    def line_of(self, offset: int) -> int:
        return int(np.searchsorted(self.starts, offset, side="right")) - 1


def open_text(data: bytes) -> TextFile:
    """Decode ``data`` and normalise its line ends (CRLF, CR, a stray CR before CRLF)."""
    text, encoding = decode(data)
    return TextFile(with_line_feeds(text), encoding)


def find_block(file: TextFile, first: int = 0, end: int | None = None) -> NumberBlock | None:
    """Find the largest block of numbers among the lines ``first`` to ``end``; None when there is none.

    Raises
    ------
    UnreadableFile
        When rows look like numbers but no separator and decimal mark make sense of them, or there are too many.
    """
    blocks = find_blocks(file, first, end)
    return max(blocks, key=lambda block: block.rows.size, default=None)


def find_blocks(
    file: TextFile,
    first: int = 0,
    end: int | None = None,
    at_least: int = 1,
    separator: str | None = None,
    decimal_mark: str | None = None,
) -> list[NumberBlock]:
    """Find all blocks of numbers of ``at_least`` rows, in the order of the file; with a person's separator and mark."""
    end = file.n_lines if end is None else min(end, file.n_lines)
    runs = number_block.numeric_runs(file.codes, file.starts[first : end + 1])
    if len(runs) > MAX_RUNS:
        shortest = sorted(b - a for a, b in runs)[-MAX_RUNS]
        runs = [run for run in runs if run[1] - run[0] >= shortest][:MAX_RUNS]
    found = (
        number_block.read_run(file.codes, file.starts, first + a, first + b, separator, decimal_mark)
        for a, b in runs
        if b - a >= at_least
    )
    blocks = [block for block in found if block is not None and len(block.rows) >= at_least]
    if file.has_quoted_commas:
        blocks = [replace(block, decimal_mark=",") for block in blocks]
    return blocks


def block_from(file: TextFile, first: int, end: int | None = None) -> NumberBlock | None:
    """The block that begins at line ``first``; None when there are no numbers up to ``end``.

    Raises
    ------
    UnreadableFile
        When ``first`` or a line before the first block is no row of numbers: naming that line.
    """
    blocks = find_blocks(file, first, end)
    starting = next((block for block in blocks if block.first_line == first), None)
    if starting is None and blocks:
        line = blocks[0].first_line - 1
        raise UnreadableFile(number_block.bad_row(line + 1, file.line(line)))
    return starting


def refuse_open_end(file: TextFile, block: NumberBlock) -> list[Note]:
    """Look at a block that ends with the file: without a line end, its last row may be incomplete.

    Raises
    ------
    UnreadableFile
        When the last row has an empty cell: the file was cut off inside it.
    """
    if block.end_line < file.n_lines or file.text.endswith("\n"):
        return []
    if np.isnan(block.rows[-1]).any():
        raise UnreadableFile(cut_in_row())
    return [open_end()]


def open_end() -> Note:
    text = gettext_noop("The last line has no line end: should the file be cut off, its last number may be incomplete.")
    return Note("open_end", text)


def cut_in_row() -> Note:
    return Note(
        "file_cut_short",
        gettext_noop("The last line of this file is incomplete: it was cut off. Export or copy it again."),
    )


def clean(text: str) -> str:
    """Strip quotes, blanks and control characters (databases refuse NUL) from a piece of text to be kept."""
    return CONTROL.sub(" ", text).strip().strip('"').strip()
