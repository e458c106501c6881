"""Trying out naming patterns: what each of some file names would give, and why a name does not fit."""

from collections.abc import Iterable
from dataclasses import dataclass

from qdlab.access.models import Project
from spectra.matching.clues import Clues, stem_of
from spectra.matching.guess import Known, read_name, sample_named, technique_of
from spectra.matching.knowledge import known_in
from spectra.matching.patterns import Pattern, compiled, label_in
from spectra.notes import Note, gettext_noop

MOST_NAMES = 200

NO_PATTERN = gettext_noop("No pattern fits.")
NO_SUCH_CODE = gettext_noop("It looks like “{pattern}”, but there is no batch or sample “{code}”.")
NO_SUCH_WORD = gettext_noop("It looks like “{pattern}”, but “{word}” means no technique yet. Tell it below.")


@dataclass(frozen=True)
class Tried:
    """What a file of this name would get from its name alone."""

    name: str
    pattern: str = ""
    read: tuple[tuple[str, str], ...] = ()  # place, what stands there
    sample: str = ""  # its code
    technique: str = ""
    dilution_label: str = ""
    problem: Note | None = None


def tried(project: Project, names: Iterable[str], draft: str = "") -> list[Tried]:
    """Try ``names`` on the project's patterns, with ``draft`` before them. Raises PatternProblem for a draft that cannot work."""
    names, drafted = list(names)[:MOST_NAMES], (compiled(draft),) if draft.strip() else ()
    known = known_in({project.pk: [Clues(key=name, name=name) for name in names]}, drafted)[project.pk]
    return [_tried(name, known) for name in names]


def _tried(name: str, known: Known) -> Tried:
    values, pattern = read_name(name, known)
    if pattern is None:
        return _almost(name, known)
    target = sample_named(values, known.codes)
    code = values.get("sample") or values.get("batch") or ""
    return Tried(
        name,
        pattern.text,
        _in_order(pattern, values),
        sample=target.code if target else "",
        technique=technique_of(values.get("technique", ""), known.lessons),
        dilution_label=label_in(values["dilution"]) if "dilution" in values else "",
        problem=None
        if target or not code
        else Note("no_such_code", NO_SUCH_CODE, {"pattern": pattern.text, "code": code}),
    )


def _almost(name: str, known: Known) -> Tried:
    """A name that has the shape of a pattern but holds a word that nobody knows."""
    for pattern in known.patterns:
        if (values := pattern.read(stem_of(name))) is not None:
            word = values.get("technique") or values.get("role") or ""
            note = Note("no_such_word", NO_SUCH_WORD, {"pattern": pattern.text, "word": word})
            return Tried(name, pattern.text, _in_order(pattern, values), problem=note)
    return Tried(name, problem=Note("no_pattern", NO_PATTERN))


def _in_order(pattern: Pattern, values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((part.text, values[part.text]) for part in pattern.parts if part.is_place and part.text in values)
