"""What people put right before, as evidence: "files with “cup7” in the title were put there before (3×)".

A clue is a word of a file, or its kind (reader, instrument, axes and header). Confidence grows with every time it was right and falls
faster when it was wrong; it never becomes sure, because a word like "cup7" means another sample next month.
"""

import hashlib
import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from spectra.matching import clues as places
from spectra.matching.clues import Clues, words_by_place
from spectra.matching.words import EMPTY, ROLES, TECHNIQUES
from spectra.notes import Note, gettext_noop

WORD, SHAPE = "word", "shape"
COUNTED = re.compile(r"\d+$")
LABEL = re.compile(r"(?=.*[^\W\d_])(?=.*\d)")  # letters and digits
MOST = 0.88  # below ``guess.SURE``: what was learnt only ever suggests
TOLD = 0.85  # what a person told on purpose
LEAST = 0.3  # below this it is not even suggested
ELSEWHERE = 0.7  # learnt from another instrument
MOST_WORDS_LEARNT = 3

WORD_BEFORE = gettext_noop("files with “{word}” in the {place} were put there before ({times}×)")
WORD_TOLD = gettext_noop("“{word}” in the {place} means this in the project")
KIND_BEFORE = gettext_noop("such files of {instrument} were taken for this before ({times}×)")


@dataclass(frozen=True)
class Lesson:
    """One habit: the clue ``key`` says that ``says`` (sample, technique, role, standard) is ``value``."""

    id: str
    clue: str
    key: str
    says: str
    value: str
    shown: str = ""
    instrument: str = ""
    told: bool = False
    times: int = 0
    against: int = 0

    def confidence_for(self, clues: Clues) -> float:
        if self.told:
            return TOLD
        grown = MOST * self.times / (self.times + 0.5 + 2 * self.against)
        return grown if self.instrument == clues.instrument else ELSEWHERE * grown


@dataclass(frozen=True)
class Recalled:
    """A lesson that fits a file."""

    lesson: Lesson
    place: str
    order: int  # how far back the word stands
    confidence: float

    @property
    def reason(self) -> Note:
        if self.lesson.clue == SHAPE:
            return Note("kind_before", KIND_BEFORE, {"instrument": self.lesson.shown, "times": self.lesson.times})
        values = {"word": self.lesson.shown, "place": self.place, "times": self.lesson.times}
        if self.lesson.told:
            return Note("word_told", WORD_TOLD, values)
        return Note("word_before", WORD_BEFORE, values)


def fitting(clues: Clues, lessons: Iterable[Lesson], says: str) -> list[Recalled]:
    """All lessons about ``says`` whose clue is there in this file."""
    where = {}
    for order, (place, word) in enumerate(words_by_place(clues)):
        where.setdefault(word, (place, order))
    return [
        Recalled(lesson, *where.get(lesson.key, ("", 0)), lesson.confidence_for(clues))
        for lesson in lessons
        if lesson.says == says and (lesson.key in where if lesson.clue == WORD else lesson.key == clues.shape)
    ]


def recalled(clues: Clues, lessons: Iterable[Lesson], says: str) -> Recalled | None:
    """The lesson about ``says`` that speaks most strongly for this file."""
    found = fitting(clues, lessons, says)
    best = max(found, key=lambda r: (r.confidence, -r.order, r.lesson.id), default=None)
    return best if best and best.confidence >= LEAST else None


def telling_words(clues: Clues, codes: Iterable[str], usual: AbstractSet[str] = frozenset()) -> list[str]:
    """The words of a file from which its sample (or role, or standard) could be learnt, those of its title before its name's.

    Numbers, dates, dilution labels, techniques, what programs write by themselves ("Spectrum 1", "scan3", "Data1") and the ``codes``
    of samples say nothing new, and ``usual`` words that stand in other files too (the operator, the project) nothing at all. A
    word like a label ("vial7") goes before all plain ones, and one that stands in title and name before one that does not.
    """
    known = {word for code in codes for word in places.words(code)} | set(codes) | usual
    found = {
        place: [word for word in places.words(clues.places[place]) if _tells(word) and word not in known]
        for place in (places.TITLE, places.NAME)
    }
    title, name = found[places.TITLE], found[places.NAME]
    own = list(dict.fromkeys([*title, *name]))
    labels = [word for word in own if LABEL.search(word)]
    # A title without any label may be left over from the program or the sample before: then the name is heard as well.
    chosen = [word for word in labels if word in title] or labels or title or name
    return sorted(chosen, key=lambda word: not (word in title and word in name))[:MOST_WORDS_LEARNT]


def _tells(word: str) -> bool:
    plain = COUNTED.sub("", word)  # "scan3" tells as little as "scan"
    if any(one in EMPTY or one in TECHNIQUES or one in ROLES for one in (word, plain)) or not 2 <= len(word) <= 60:
        return False
    return not re.fullmatch(r"d?\d+(nm|s|min|h)?", word)


def shape_of(reader: str, instrument: str, axes: Iterable[str], header: Iterable[str]) -> str:
    """The fingerprint of a kind of file: same reader, instrument, axes and header keys."""
    told = "\n".join([reader, instrument, *axes, "", *sorted(header)])
    return hashlib.sha256(told.encode()).hexdigest()[:32]
