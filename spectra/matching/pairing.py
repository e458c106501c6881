"""Which spectra of one sample belong together: emission and absorbance of the same dilution."""

import itertools
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from spectra.notes import Note, gettext_noop

EMISSION, ABSORBANCE = "pl_emission", "uvvis"
FEWEST = 3  # spectra of a technique without labels that are taken for a dilution series

ABSORBANCE_MISSING = gettext_noop("absorbance of {label} is missing")
EMISSION_MISSING = gettext_noop("emission of {label} is missing")
BOTH_MISSING = gettext_noop("nothing of {label} is here")
UNEVEN = gettext_noop(
    "{emissions} emission and {absorbances} absorbance spectra without labels: say which dilution each is"
)
TWICE = gettext_noop("{label} is here twice; the newer one counts")


@dataclass(frozen=True)
class Entry:
    """One spectrum of a series; ``label`` is empty where the file does not say its dilution."""

    key: Hashable
    technique: str
    label: str = ""
    at: datetime | None = None
    name: str = ""


def labels_by_time(entries: Iterable[Entry]) -> dict[Hashable, str]:
    """Labels for spectra that carry none: by the order of their times, beside the other technique's labels if it has some.

    Only where that is unambiguous: as many emission as absorbance spectra, and (without any label) at least three of each.
    """
    emissions, absorbances = _of(entries, EMISSION), _of(entries, ABSORBANCE)
    if len(emissions) != len(absorbances) or not _have_order(emissions) or not _have_order(absorbances):
        return {}
    if _bare(emissions) and _bare(absorbances) and len(emissions) >= FEWEST:
        return {e.key: f"d{n}" for series in (emissions, absorbances) for n, e in enumerate(series, 1)}
    for labelled, others in ((emissions, absorbances), (absorbances, emissions)):
        if all(e.label for e in labelled) and len({e.label for e in labelled}) == len(labelled) and _bare(others):
            return {other.key: e.label for e, other in zip(labelled, others, strict=True)}
    return {}


def _of(entries: Iterable[Entry], technique: str) -> list[Entry]:
    """The spectra of a technique in the order in which they were measured, or else of their names."""
    own = [entry for entry in entries if entry.technique == technique]
    if all(entry.at for entry in own):
        return sorted(own, key=lambda e: (e.at, natural(e.name)))
    return sorted(own, key=lambda e: natural(e.name))


def _have_order(entries: list[Entry]) -> bool:
    """Times, or names that are numbered; two at the same time and of the same name cannot be told apart."""
    marks = [(entry.at, entry.name.casefold()) for entry in entries]
    numbered = all(re.search(r"\d", entry.name) for entry in entries)
    return len(set(marks)) == len(marks) and (all(entry.at for entry in entries) or numbered)


def _bare(entries: Iterable[Entry]) -> bool:
    return not any(entry.label for entry in entries)


def natural(text: str) -> list:
    """A sort key in which d2 comes before d10."""
    return [(part.isdigit(), int(part) if part.isdigit() else part) for part in re.split(r"([0-9]+)", text.casefold())]


def missing_partners(labels: Mapping[str, set[str]]) -> list[Note]:
    """What a series lacks; ``labels``: technique → the labels that are there, in the inbox or on the sample already."""
    emission, absorbance = labels.get(EMISSION, set()), labels.get(ABSORBANCE, set())
    there = emission | absorbance
    notes = [_missing(label, emission, absorbance) for label in sorted(there | _gaps(there), key=natural)]
    return [note for note in notes if note]


def _missing(label: str, emission: set[str], absorbance: set[str]) -> Note | None:
    if label in emission and label in absorbance:
        return None
    if label in emission:
        return Note("absorbance_missing", ABSORBANCE_MISSING, {"label": label})
    if label in absorbance:
        return Note("emission_missing", EMISSION_MISSING, {"label": label})
    return Note("both_missing", BOTH_MISSING, {"label": label})


def _gaps(labels: set[str]) -> set[str]:
    """d3 of d1, d2, d4. More than three in a row are no gap but another way of counting."""
    numbers = sorted(int(m[1]) for label in labels if (m := re.fullmatch(r"d(\d{1,2})", label)))
    steps = itertools.pairwise(numbers)
    return {f"d{n}" for low, high in steps if high - low <= FEWEST for n in range(low + 1, high)}


def uneven(entries: Iterable[Entry]) -> Note | None:
    """Several unlabelled spectra of both techniques that cannot be paired, because one is missing."""
    bare = [entry for entry in entries if not entry.label]
    emissions, absorbances = len(_of(bare, EMISSION)), len(_of(bare, ABSORBANCE))
    if emissions != absorbances and min(emissions, absorbances) >= FEWEST - 1:
        return Note("uneven", UNEVEN, {"emissions": emissions, "absorbances": absorbances})
    return None


def repeated(entries: Iterable[Entry]) -> dict[Hashable, Note]:
    """The older ones of spectra with the same technique and label, each with a sentence."""
    newest, notes = {}, {}
    for entry in sorted(entries, key=lambda e: (e.at is not None, e.at, e.name) if e.at else (False, 0, e.name)):
        place = (entry.technique, entry.label)
        if entry.label and place in newest:
            notes[newest[place]] = Note("twice", TWICE, {"label": entry.label})
        newest[place] = entry.key
    return notes
