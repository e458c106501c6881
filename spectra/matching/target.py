"""The target of a file that was just read: what the person said goes first, then the best guess of what stands in the file."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from spectra.matching.clues import Clues
from spectra.matching.files import clues_of_reading
from spectra.matching.first_sample import note_first_samples
from spectra.matching.guess import Guess, guess_of
from spectra.matching.knowledge import known_in
from spectra.models import Upload
from spectra.notes import Note, gettext_noop
from spectra.readers.reading import Attachment, Item, Reading
from synthesis.models import Batch, Sample

BY_PERSON = gettext_noop("chosen by the person who uploaded it")


@dataclass(frozen=True)
class Target:
    """Where a file goes: ``sample`` when that is sure, otherwise only a ``suggestion``.

    ``role`` and ``technique`` fill in what the file leaves open; ``guess`` is what they rest on.
    """

    sample: Sample | None = None
    suggestion: Sample | None = None
    role: str = ""
    technique: str = ""
    dilution_label: str = ""
    guess: Guess = field(default_factory=Guess)
    looks_like_response: Note | None = None

    def as_json(self) -> dict:
        """What the upload keeps of it; the inbox asks anew, since more is known later."""
        kept = {"reason": self.guess.reason.as_json()} if self.guess.reason else {}
        if self.looks_like_response:
            kept["looks_like_response"] = self.looks_like_response.as_json()
        if self.guess.warning:
            kept["warning"] = self.guess.warning.as_json()
        if self.suggestion is None:
            return kept
        placed = {"sample": str(self.suggestion.pk), "label": str(self.suggestion)}
        return placed | kept | {"confidence": self.guess.confidence}


def target_of(upload: Upload, understood: Reading) -> Target:
    """The target of a file that was just read."""
    return targets_of([(upload, understood)])[0]


def targets_of(files: Sequence[tuple[Upload, Reading]], *, note_samples: bool = False) -> list[Target]:
    """The target of each file that was just read, in as many questions as for one.

    ``note_samples``: a batch without a sample gets its first one. Not for those who only look.
    """
    clues = [clues_of_reading(upload, understood) for upload, understood in files]
    by_project = defaultdict(list)
    for (upload, _understood), told in zip(files, clues, strict=True):
        by_project[upload.project_id].append(told)
    if note_samples:
        told_of = zip(files, clues, strict=True)
        note_first_samples(
            [(upload, told) for (upload, read), told in told_of if _is_of_a_sample(upload, read, told.role)]
        )
    known = known_in(by_project)
    guesses = [guess_of(told, known[upload.project_id]) for (upload, _read), told in zip(files, clues, strict=True)]
    samples = Sample.objects.select_related("batch", "solvent").in_bulk({UUID(g.sample) for g in guesses if g.sample})
    return [
        _target(upload, told, guess, samples.get(UUID(guess.sample)) if guess.sample else None)
        for (upload, _read), told, guess in zip(files, clues, guesses, strict=True)
    ]


def _is_of_a_sample(upload: Upload, understood: Reading, told: str) -> bool:
    """Was anything of it measured on a sample? Not in documents, instrument responses, lamps and standards."""
    measured = [item for item in understood.items if not isinstance(item.value, Attachment)]
    return any(role_of(upload, item, told) in ("sample", "blank") for item in measured)


def role_of(upload: Upload, item: Item, told: str) -> str:
    """The role of one item of what was read; ``told`` is what its words tell. A response stays one, whatever is said."""
    if item.role == "IRF":
        return "IRF"
    return upload.hints.get("role") or item.role or told or "sample"


def _target(upload: Upload, clues: Clues, guess: Guess, suggestion: Sample | None) -> Target:
    # A pattern was agreed on by the group, so it fills in at once; what was only learnt waits for a person.
    technique = "" if guess.lessons else guess.technique
    chosen = upload.sample or (representative_of(upload.batch) if upload.batch_id else None)
    if chosen:
        said = Guess(str(chosen.pk), reason=Note("person", BY_PERSON), confidence=1.0, warning=guess.warning)
        return Target(chosen, chosen, clues.role, technique, guess.dilution_label, said)
    sample = suggestion if guess.is_sure else None
    return Target(sample, suggestion, clues.role, technique, guess.dilution_label, guess, clues.looks_like_response)


def representative_of(batch: Batch) -> Sample | None:
    return batch.representative or batch.samples.order_by("pk").first()
