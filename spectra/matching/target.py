"""Where a file belongs: which sample, in which role, with which dilution label; each guess with its reason.

Order: what the person said; a batch or sample code in the file's title, sample name, comment or file name. Only a sure
match is assigned by itself; everything else waits in the inbox with a suggestion.
"""

import re
from dataclasses import dataclass, field

from spectra.models import Upload
from spectra.notes import Note, gettext_noop
from spectra.readers.reading import Reading
from synthesis.models import Batch, BatchCode, Sample

SURE = 0.9

BY_PERSON = gettext_noop("chosen by the person who uploaded it")
CODE_FOUND = gettext_noop("“{code}” stands in the {place} of the file")
SEVERAL = gettext_noop("several codes stand in the file: {codes}")

_BOUNDARY = re.compile(r"[\s_,;:()\[\]{}/\\#]+|(?<=\w)\.(?=\w)")
_LABEL = re.compile(r"(?:^|[\s_\-.])(d\d{1,2})(?=$|[\s_\-.])", re.IGNORECASE)
_ROLES = (
    ("IRF", re.compile(r"(?:^|[\s_\-.])(irf|ludox)(?=$|[\s_\-.])", re.IGNORECASE)),
    ("blank", re.compile(r"(?:^|[\s_\-.])(blank|solvent only)(?=$|[\s_\-.])", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Target:
    """Where a file goes: ``sample`` when that is sure, otherwise only a ``suggestion``."""

    sample: Sample | None = None
    suggestion: Sample | None = None
    reason: Note | None = None
    confidence: float = 0.0
    role: str = ""
    dilution_label: str = ""
    alternatives: tuple[Sample, ...] = field(default=())

    def as_json(self) -> dict:
        if self.suggestion is None:
            return {"reason": self.reason.as_json()} if self.reason else {}
        return {
            "sample": str(self.suggestion.pk),
            "label": str(self.suggestion),
            "reason": self.reason.as_json(),
            "confidence": self.confidence,
        }


def target_of(upload: Upload, understood: Reading) -> Target:
    """The target of a file that was just read."""
    places = places_of(upload.name, understood)
    # In a file with several curves each says its own role; the file's name then speaks for none of them.
    role = role_in(places) if len(understood.items) == 1 else ""
    label = dilution_label_in(places)
    if upload.sample_id:
        return Target(upload.sample, upload.sample, Note("person", BY_PERSON), 1.0, role, label)
    if upload.batch_id and (sample := representative_of(upload.batch)):
        return Target(sample, sample, Note("person", BY_PERSON), 1.0, role, label)
    if upload.hints.get("role", role or "sample") != "sample":
        return Target(role=role, dilution_label=label)
    return _by_code(upload, places, role, label)


def places_of(name: str, understood: Reading) -> dict[str, str]:
    """Where a code may stand, the most deliberate place first."""
    titles = " ".join(dict.fromkeys([understood.title, *(item.title for item in understood.items)]))
    return {
        gettext_noop("title"): titles,
        gettext_noop("comment"): understood.comment,
        gettext_noop("name"): re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name),
    }


def dilution_label_in(places: dict[str, str]) -> str:
    return next((m[1].lower() for text in places.values() if (m := _LABEL.search(text))), "")


def role_in(places: dict[str, str]) -> str:
    return next((role for role, pattern in _ROLES for text in places.values() if pattern.search(text)), "")


def representative_of(batch: Batch) -> Sample | None:
    return batch.representative or batch.samples.order_by("pk").first()


def _by_code(upload: Upload, places: dict[str, str], role: str, label: str) -> Target:
    for place, text in places.items():
        found = _samples_named(upload.project_id, candidates(text))
        if len(found) == 1:
            (code, sample) = next(iter(found.items()))
            note = Note("code_found", CODE_FOUND, {"code": code, "place": place})
            return Target(sample, sample, note, 0.95, role, label)
        if len({s.pk for s in found.values()}) > 1:
            note = Note("several", SEVERAL, {"codes": ", ".join(found)})
            return Target(None, next(iter(found.values())), note, 0.4, role, label, tuple(found.values()))
    return Target(role=role, dilution_label=label)


def candidates(text: str) -> set[str]:
    """All runs of neighbouring words of ``text`` that could be a code, as they stand there."""
    cuts = [0, *(p for m in _BOUNDARY.finditer(text[:200]) for p in (m.start(), m.end())), len(text[:200])]
    starts, ends = cuts[0::2], cuts[1::2]
    return {text[a:b] for a in starts for b in ends if 0 < b - a <= 60}


def _samples_named(project_id, names: set[str]) -> dict[str, Sample]:
    """Code → sample for every sample or batch of the project that is or was called so; a sample's own code goes first."""
    spellings = {spelling for name in names for spelling in (name, name.upper(), name.lower())}
    samples = {
        s.code: s for s in Sample.objects.filter(project_id=project_id, code__in=spellings).select_related("batch")
    }
    if samples:
        longest = max(samples, key=len)  # of "A-1" and "A-1 washed" in one name, the longer one is meant
        return {longest: samples[longest]}
    codes = BatchCode.objects.filter(project_id=project_id, code__in=spellings).select_related("batch__representative")
    found = {code.code: representative_of(code.batch) for code in codes}
    return {code: sample for code, sample in found.items() if sample}
