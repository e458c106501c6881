"""Codes of batches and samples, and ids of their pages and QR labels, found in the texts of a file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from spectra.matching.clues import Clues, runs

_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


_SIGNS = re.compile(r"[\s_\-]+")


def folded(code: str) -> str:
    """A code as it is compared: "QD_2026_015" and "qd 2026 015" are QD-2026-015."""
    return _SIGNS.sub("-", code).casefold()


def spellings(code: str) -> set[str]:
    """How a code of the database may be written that ``code`` in a file stands for."""
    signs = {code, _SIGNS.sub("-", code), _SIGNS.sub("_", code), _SIGNS.sub(" ", code)}
    return {spelled for one in signs for spelled in (one, one.upper(), one.lower())}


@dataclass(frozen=True)
class SampleRef:
    """The sample that a code stands for: its own, or the one that speaks for a batch."""

    sample: str
    batch: str
    code: str  # the sample's own


@dataclass(frozen=True)
class Codes:
    """Everything of a project that a label can name. ``samples`` and ``batches``: folded code → target."""

    samples: Mapping[str, SampleRef] = field(default_factory=dict)
    batches: Mapping[str, SampleRef] = field(default_factory=dict)
    ids: Mapping[str, SampleRef] = field(default_factory=dict)

    def named(self, code: str) -> SampleRef | None:
        key = folded(code)
        return self.samples.get(key) or self.batches.get(key)


@dataclass(frozen=True)
class Found:
    """A code as it stands in a text, and what it stands for."""

    text: str
    target: SampleRef
    is_weak: bool = False  # too short to be sure that it is meant as a code


def found_in(text: str, codes: Codes) -> list[Found]:
    """The codes in ``text``, one per sample. Of "A-1" and "A-1 washed" in one place, only the longer one is meant."""
    by_id = [Found(m[0], codes.ids[key]) for m in _ID.finditer(text) if (key := id_of(m[0])) in codes.ids]
    if by_id:
        return _one_per_sample(by_id)
    named = [Found(run, target, _is_weak(run)) for run in runs(text) if (target := codes.named(run))]
    longest = [f for f in named if not any(f.text != g.text and f.text in g.text for g in named)]
    return _one_per_sample(_beside_their_batch(longest, codes))


def _beside_their_batch(found: list[Found], codes: Codes) -> list[Found]:
    """In "OC-7, W2" the batch only says where its sample W2 is from, and W2 is no chance, short as it is."""
    samples = [one for one in found if folded(one.text) in codes.samples]
    batches = [one for one in found if one not in samples]
    home = {one.target.batch for one in batches if not one.is_weak}
    own = {one.target.batch for one in samples}
    meant = [replace(one, is_weak=one.is_weak and one.target.batch not in home) for one in samples]
    return meant + [one for one in batches if one.target.batch not in own]


def _one_per_sample(found: Iterable[Found]) -> list[Found]:
    best = {}
    for one in sorted(found, key=lambda f: (f.is_weak, -len(f.text), f.text)):
        best.setdefault(one.target.sample, one)
    return list(best.values())


def _is_weak(code: str) -> bool:
    """ "7" or "B2" stand in many names by chance."""
    return len(code) <= 2 or (code.isdigit() and len(code) <= 4)


def id_of(text: str) -> str:
    return str(UUID(text))


def by_place(clues: Clues, codes: Codes) -> dict[str, list[Found]]:
    """Place → codes found there, for the places that hold any."""
    found = {place: found_in(text, codes) for place, text in clues.places.items()}
    return {place: here for place, here in found.items() if here}


def texts_to_look_up(clues: Clues) -> tuple[set[str], set[str]]:
    """What could be a code or an id in a file, to ask the database for."""
    texts = clues.places.values()
    return {run for text in texts for run in runs(text)}, {id_of(m[0]) for text in texts for m in _ID.finditer(text)}
