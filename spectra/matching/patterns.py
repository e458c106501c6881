"""Naming patterns: how a group names its files, written as people write it: ``{batch}_{technique}_d{dilution}_{date}``.

A pattern is text with places in braces (``PLACES``). It describes a whole file name without its ending; capitals do not matter.
``compiled`` turns it into parts; ``Pattern.read`` walks a name along the parts and remembers where it failed before, so that it looks
at each part and position once: no pattern and no name can make it slow. What a place may hold is checked on the way (a word of
the table for ``{technique}``, a code of the project for ``{batch}``), so ``{operator}-{batch}-{technique}{n}`` reads
"mk-OC-7-PL3" although the code holds the separator itself.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from spectra.matching.clues import plain
from spectra.notes import Note, gettext_noop

LONGEST_PATTERN = 160
MOST_PLACES = 12
LONGEST_VALUE = 80
MOST_EDGES = 40

# place → what it means, for people
PLACES = {
    "batch": gettext_noop("code of the batch"),
    "sample": gettext_noop("code of the sample, or what comes after its batch’s code"),
    "technique": gettext_noop("a word for the technique, e.g. PL, abs, TRPL"),
    "dilution": gettext_noop("number of the dilution, with or without d"),
    "role": gettext_noop("a word for what it is of, e.g. blank, IRF"),
    "standard": gettext_noop("name of a fluorescence standard, e.g. DPA"),
    "excitation": gettext_noop("excitation wavelength in nm"),
    "date": gettext_noop("day: 2026-03-02, 20260302, 260302 or 02.03.2026"),
    "time": gettext_noop("time: 1015, 10-15 or 101530"),
    "operator": gettext_noop("who measured"),
    "n": gettext_noop("a running number"),
    "anything": gettext_noop("whatever stands there"),
}
OPEN = ("batch", "sample", "operator", "standard", "anything")  # places that end only where the next part begins
KNOWN_ONLY = ("batch", "sample", "standard", "technique", "role")

_CLOSED = {
    "technique": re.compile(r"[^\W\d_](?:[^\W_]|[-]){0,19}"),
    "role": re.compile(r"[^\W\d_](?:[^\W_]|[- ]){0,19}"),
    "dilution": re.compile(r"d?\d{1,2}(?!\d)", re.IGNORECASE),
    "excitation": re.compile(r"\d{3,4}(?:[.,]\d{1,2})?(?: ?nm)?", re.IGNORECASE),
    "date": re.compile(r"\d{4}([-_.]?)\d{2}\1\d{2}(?!\d)|\d{2}\.\d{2}\.\d{4}|\d{6}(?!\d)"),
    "time": re.compile(r"\d{2}[-.h:]?\d{2}(?:[-.:]?\d{2})?(?!\d)"),
    "n": re.compile(r"\d{1,4}"),
}
_DATES = ("%Y%m%d", "%d%m%Y", "%y%m%d")

_BRACE = gettext_noop("A brace is open or closed without its partner. Write places as {{batch}}.")
_UNKNOWN = gettext_noop("There is no place “{place}”. Known are: {known}.")
_TWICE = gettext_noop("“{place}” stands there twice.")
_TOUCH = gettext_noop(
    "Put a separator between “{first}” and “{second}”: nothing tells where one ends and the other begins."
)
_TOO_LONG = gettext_noop("A pattern has at most {longest} characters and {most} places.")
_EMPTY = gettext_noop("A pattern needs at least one place, e.g. {{batch}}_{{technique}}.")
_ONLY_ANYTHING = gettext_noop(
    "This pattern fits every name and tells nothing. Name a place such as {{batch}} or {{technique}}."
)


class PatternProblem(ValueError):
    """The pattern cannot be used; ``note`` says why."""

    def __init__(self, note: Note):
        super().__init__(str(note))
        self.note = note


@dataclass(frozen=True)
class Part:
    """A literal text, or a place."""

    text: str
    is_place: bool


@dataclass(frozen=True)
class Pattern:
    text: str
    parts: tuple[Part, ...]

    @property
    def places(self) -> frozenset[str]:
        return frozenset(part.text for part in self.parts if part.is_place)

    def read(self, name: str, known: Mapping[str, Callable[[str], bool]] | None = None) -> dict[str, str] | None:
        """Place → what stands there, or None when ``name`` (without its ending) is not named so.

        ``known`` says for a place whether QDLab knows a value (is there such a batch?); only known values fit then.
        """
        return _walk(self.parts, plain(name), known or {})

    def pieces(self, name: str) -> set[str]:
        """What could stand for a code in ``name``: all that lies between separators, this pattern's own texts, and digits and letters."""
        if not self.places & {"batch", "sample"}:
            return set()
        cuts = {0, len(name)} | {end for m in re.finditer(r"[^\W_]+|[\W_]", name) for end in m.span()}
        cuts |= {m.start() for m in re.finditer(r"(?<=\d)(?=\D)|(?<=\D)(?=\d)", name)}
        for part in self.parts:
            if not part.is_place:
                cuts |= {end for m in re.finditer(re.escape(part.text), name, re.IGNORECASE) for end in m.span()}
        edges = sorted(cuts)[:MOST_EDGES]
        return {name[a:b] for n, a in enumerate(edges) for b in edges[n + 1 :] if b - a <= LONGEST_VALUE}


def compiled(text: str) -> Pattern:
    """The pattern that ``text`` describes. Raises PatternProblem."""
    if len(text) > LONGEST_PATTERN:
        _refuse("too_long", _TOO_LONG, longest=LONGEST_PATTERN, most=MOST_PLACES)
    text = plain(text)
    parts = _parts_of(text)
    places = [part.text for part in parts if part.is_place]
    if len(places) > MOST_PLACES:
        _refuse("too_long", _TOO_LONG, longest=LONGEST_PATTERN, most=MOST_PLACES)
    if not places:
        _refuse("empty", _EMPTY)
    if set(places) == {"anything"}:
        _refuse("only_anything", _ONLY_ANYTHING)
    for number, place in enumerate(places):
        if place != "anything" and place in places[:number]:
            _refuse("twice", _TWICE, place=place)
    for first, second in itertools.pairwise(parts):
        if first.is_place and second.is_place and first.text in OPEN and second.text in OPEN:
            _refuse("touch", _TOUCH, first=first.text, second=second.text)
    return Pattern(text, tuple(parts))


def _parts_of(text: str) -> list[Part]:
    parts = []
    for piece in re.split(r"(\{[^{}]*\})", text):
        if piece.startswith("{") and piece.endswith("}"):
            place = piece[1:-1].strip().lower()
            if place not in PLACES:
                _refuse("unknown_place", _UNKNOWN, place=place, known=", ".join(PLACES))
            parts.append(Part(place, True))
        elif "{" in piece or "}" in piece:
            _refuse("brace", _BRACE)
        elif piece:
            parts.append(Part(piece, False))
    return parts


def _refuse(code: str, text: str, **values):
    raise PatternProblem(Note(code, text, values))


def _walk(parts: tuple[Part, ...], name: str, known: Mapping) -> dict[str, str] | None:
    """Match ``parts`` against all of ``name``; each (part, position) that failed is never tried again."""
    folded, failed = name.casefold(), set()
    if len(folded) != len(name):  # "ß" becomes two letters: positions would no longer fit
        folded = name.lower() if len(name.lower()) == len(name) else name
    values: dict[str, str] = {}

    def fits(number: int, start: int) -> bool:
        if number == len(parts):
            return start == len(name)
        if (number, start) in failed:
            return False
        part = parts[number]
        for end in _ends(part, name, folded, start):
            value = name[start:end]
            if part.is_place and not _may_hold(part.text, value, known):
                continue
            if fits(number + 1, end):
                if part.is_place and part.text != "anything":
                    values[part.text] = value
                return True
        failed.add((number, start))
        return False

    return values if fits(0, 0) else None


def _ends(part: Part, name: str, folded: str, start: int) -> Iterator[int]:
    """Where ``part`` may end when it begins at ``start``, the best guess first."""
    if not part.is_place:
        literal = part.text.casefold()
        yield from [start + len(literal)] if folded.startswith(literal, start) else []
    elif part.text in OPEN:
        shortest = 0 if part.text == "anything" else 1
        yield from range(start + shortest, min(len(name), start + LONGEST_VALUE) + 1)
    elif match := _CLOSED[part.text].match(name, start):
        # Shorter ones too: "PL3" is {technique}{n}, and "372nm" may be {excitation}nm.
        yield from range(match.end(), start, -1)


def _may_hold(place: str, value: str, known: Mapping) -> bool:
    if place in known and not known[place](value):
        return False
    if place == "date":
        return date_in(value) is not None
    if place == "time":
        return time_in(value) is not None
    if place == "excitation":
        return excitation_in(value) is not None
    return place not in _CLOSED or _CLOSED[place].fullmatch(value) is not None


def date_in(text: str) -> date | None:
    digits = re.sub(r"\D", "", text)
    wanted = {8: _DATES[1:2] if re.match(r"\d{2}\.", text) else _DATES[:1], 6: _DATES[2:]}.get(len(digits), ())
    for shape in wanted:
        try:
            return datetime.strptime(digits, shape).date()
        except ValueError:
            continue
    return None


def time_in(text: str) -> time | None:
    digits = re.sub(r"\D", "", text)
    try:
        return datetime.strptime(digits, {4: "%H%M", 6: "%H%M%S"}.get(len(digits), "")).time()
    except ValueError:
        return None


def excitation_in(text: str) -> float | None:
    match = re.match(r"\d{3,4}(?:[.,]\d{1,2})?", text)
    number = float(match[0].replace(",", ".")) if match else 0.0
    return number if 190 <= number <= 2000 else None


def label_in(text: str) -> str:
    """ "d3" of "3", "03" or "D3"."""
    return f"d{int(text.lstrip('dD'))}"
