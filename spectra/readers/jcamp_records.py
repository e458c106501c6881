"""The records of a JCAMP-DX file (``##LABEL= value``) and the blocks that they form; compound files nest blocks."""

import re
from dataclasses import dataclass, field

from spectra.notes import Note, gettext_noop
from spectra.readers.reading import UnreadableFile
from spectra.readers.text import clean

RECORD = re.compile(r"^[ \t]*##[ \t]*(?:([^=\n]{0,200}?)[ \t]*=|END[ \t]*$)", re.M | re.I)
COMMENT = re.compile(r"\$\$[^\n]*")
MAX_BLOCKS, MAX_DEPTH, MAX_RECORDS = 2_000, 16, 200_000
# What carries numbers; everything else is a fact.
DATA = ("XYDATA", "XYPOINTS", "PEAKTABLE", "PEAKASSIGNMENTS", "DATATABLE", "RADATA")


@dataclass(eq=False)
class Block:
    """One block: facts by normalised label, data records as (label, text, line), in the order of the file."""

    facts: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    data: list[tuple[str, str, int]] = field(default_factory=list)
    ended: bool = False

    @property
    def is_link(self) -> bool:
        return self.facts.get("DATATYPE", "").upper().startswith("LINK")

    def first(self, *labels: str) -> str:
        return next((self.facts[label] for label in labels if self.facts.get(label)), "")


def normal_label(label: str) -> str:
    """Labels are compared without case, blanks, dashes, slashes and underlines.

    Examples
    --------
    >>> normal_label(" Data Type "), normal_label("JCAMP-DX"), normal_label(".OBSERVE FREQUENCY")
    ('DATATYPE', 'JCAMPDX', '.OBSERVEFREQUENCY')
    """
    return re.sub(r"[\s\-/_]", "", label).upper()


def blocks_of(text: str) -> list[Block]:
    """All blocks that hold facts or data, in the order of the file.

    Raises
    ------
    UnreadableFile
        When a file nests or lists more blocks than any instrument writes.
    """
    found, open_blocks, n_records = [], [], 0
    for label, value, line in _records(text):
        n_records += 1
        if label == "TITLE":
            if open_blocks and open_blocks[-1].data:
                open_blocks.pop()  # a block without END
            open_blocks.append(Block())
            found.append(open_blocks[-1])
        if len(found) > MAX_BLOCKS or len(open_blocks) > MAX_DEPTH or n_records > MAX_RECORDS:
            raise UnreadableFile(
                Note(
                    "jcamp_too_nested",
                    gettext_noop("This JCAMP file links too many blocks. Split it and upload the parts."),
                )
            )
        if not open_blocks:
            continue
        block = open_blocks[-1]
        if label == "END":
            open_blocks.pop().ended = True
        elif label in DATA or label in ("NTUPLES", "PAGE", "ENDNTUPLES"):
            block.data.append((label, value, line))
        else:
            block.facts.setdefault(
                label, clean(" ".join(value.split()).rstrip(",; "))
            )  # Excel leaves separators behind
    return found


def _records(text: str):
    """Label, value without comments, and line number of each record."""
    marks = list(RECORD.finditer(text))
    line, place = 1, 0
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        line += text.count("\n", place, mark.start())
        place = mark.start()
        value = text[mark.end() : following.start() if following else len(text)]
        yield normal_label(mark[1] or "END"), COMMENT.sub("", value), line
