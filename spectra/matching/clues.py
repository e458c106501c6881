"""What a file tells of itself (title, comment, name) and of its circumstances (instrument, person, time)."""

import itertools
import re
import unicodedata
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from spectra.matching.words import ROLES
from spectra.notes import Note, gettext_noop

TITLE, COMMENT, NAME, FOLDER = (
    gettext_noop("title"),
    gettext_noop("comment"),
    gettext_noop("name"),
    gettext_noop("folder"),
)
LONGEST_TEXT = 200  # characters of a title or comment that are looked at
LONGEST_CODE = 60
MOST_WORDS_OF_A_CODE = 6

_MARKS = r"\s_,;:()\[\]{}/\\#\"'“”‘’«»=+&|@"
_BOUNDARY = re.compile(rf"[{_MARKS}]+|(?<=\w)\.(?=\w)")
_SPLIT = re.compile(rf"[{_MARKS}.\-]+")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_LABEL = re.compile(r"(?:^|[\s_\-.])(d\d{1,2})(?=$|[\s_\-.])", re.IGNORECASE)


@dataclass(frozen=True)
class Clues:
    """One file. Empty texts and None mean: the file does not tell."""

    key: Hashable  # the upload's id
    name: str
    title: str = ""
    folder: str = ""  # where it lay, when a whole folder was dropped or is watched
    comment: str = ""
    operator: str = ""
    instrument: str = ""
    person: str = ""  # who handed it in
    technique: str = ""
    role: str = ""
    shape: str = ""  # fingerprint of its kind: reader, instrument, axes, header
    excitation_nm: float | None = None
    measured_at: datetime | None = None
    looks_like_response: Note | None = None  # why its curve looks like an instrument response

    @cached_property
    def places(self) -> dict[str, str]:
        """Where a code may stand, the most deliberate place first."""
        return {TITLE: plain(self.title), COMMENT: plain(self.comment), NAME: stem_of(self.name)} | self._folder

    @property
    def _folder(self) -> dict[str, str]:
        # Its end says most: "…/2026-11/OC-7". Only when there is one, as most files come without.
        return {FOLDER: plain(self.folder[-LONGEST_TEXT:])} if self.folder else {}

    @cached_property
    def dilution_label(self) -> str:
        return next((m[1].lower() for text in self.places.values() if (m := _LABEL.search(text))), "")

    @cached_property
    def role_by_word(self) -> str:
        """ "IRF" or "blank" where title or name say so. A comment only tells how it was measured ("blank subtracted")."""
        return next((ROLES[word] for place, word in words_by_place(self) if place != COMMENT and word in ROLES), "")


def plain(text: str) -> str:
    """``text`` as a person reads it: full-width letters as usual ones, no control or direction marks."""
    shown = "".join(" " if c in "\t\r\n" else c for c in text[: 4 * LONGEST_TEXT])
    folded = unicodedata.normalize("NFKC", shown)
    return "".join(c for c in folded if unicodedata.category(c)[0] != "C").strip()[:LONGEST_TEXT]


def stem_of(name: str) -> str:
    """A file's name without folders and ending."""
    return plain(_EXTENSION.sub("", plain(name.replace("\\", "/").rsplit("/", 1)[-1])))


def runs(text: str) -> set[str]:
    """All runs of neighbouring words of ``text`` that could be a code, as they stand there."""
    cuts = [0, *(p for m in _BOUNDARY.finditer(text) for p in (m.start(), m.end())), len(text)]
    starts, ends = cuts[0::2], cuts[1::2]
    return {
        text[start:end]
        for number, start in enumerate(starts)
        for end in ends[number : number + MOST_WORDS_OF_A_CODE]
        if 0 < end - start <= LONGEST_CODE
    }


def words(text: str) -> list[str]:
    """The single words of ``text`` in small letters, in their order."""
    return [word.casefold() for word in _SPLIT.split(text) if word]


def words_by_place(clues: Clues) -> Iterable[tuple[str, str]]:
    """(place, word) for all words of a file and its neighbouring pairs ("solvent only"), the most deliberate place first."""
    for place, text in clues.places.items():
        single = words(text)
        for word in [*single, *(f"{a} {b}" for a, b in itertools.pairwise(single))]:
            yield place, word
