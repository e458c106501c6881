"""Putting waiting files where they belong: accepting suggestions, or correcting them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from qdlab.access.models import User
from spectra.matching.groups import Group, Member, groups_of_inbox
from spectra.models import Measurement, Upload
from spectra.notes import Note, gettext_noop
from spectra.services.measurements import change_measurement
from spectra.services.uploads import assign_upload
from synthesis.models import Sample

NOTHING_SUGGESTED = Note("nothing_suggested", gettext_noop("QDLab has no suggestion for it. Type its sample."))
SUGGESTION_CHANGED = Note(
    "suggestion_changed",
    gettext_noop("What QDLab suggests for it has changed meanwhile. Look again before you accept it."),
)
REFUSED = gettext_noop("{problem}")
UNCHANGED = object()  # "the person said nothing of this", where None means "none"


@dataclass(frozen=True)
class Accepted:
    """What became of files whose suggestion was accepted: those that found their place, and those that still wait, and why."""

    placed: tuple[Upload, ...]
    left: tuple[tuple[Upload, Note], ...]


def accept(*, by: User, uploads: Sequence[Upload], key: str = "") -> Accepted:
    """Put each file where its group in the inbox says; with ``key`` only those whose group still is the one that was shown.

    Files without a suggestion stay and are named in the answer, so that one of them never stops the others.
    """
    places = {m.upload.pk: (group, m) for group in groups_of_inbox(by) for m in group.members}
    placed, left = [], []
    for upload in uploads:
        group, member = places.get(upload.pk, (None, None))
        if key and group is not None and group.key != key:
            left.append((upload, SUGGESTION_CHANGED))
        elif group is None or not group.can_accept:
            left.append((upload, NOTHING_SUGGESTED))
        else:
            (left if (problem := _place(by, group, member)) else placed).append(
                (upload, problem) if problem else upload
            )
    return Accepted(tuple(placed), tuple(left))


def accept_group(*, by: User, key: str) -> Accepted:
    """Accept a whole group as it stands now."""
    group = next((group for group in groups_of_inbox(by) if group.key == key), None)
    return accept(by=by, uploads=[member.upload for member in group.members], key=key) if group else Accepted((), ())


def _place(by: User, group: Group, member: Member) -> Note | None:
    """Put one file in its place; the refusal in words where that is not possible."""
    try:
        assign_upload(by=by, upload=member.upload, sample=group.sample)
    except ValidationError as problem:
        return Note("refused", REFUSED, {"problem": " ".join(problem.messages)})
    return None


@transaction.atomic
def correct(
    *, by: User, upload: Upload, sample: Sample | None = UNCHANGED, role: str = "", technique: str = "", dilution_label: str = "",
) -> Upload:  # fmt: skip
    """Say where a file belongs and what it is; what is left out stays. QDLab learns from it."""
    facts = {"role": role, "technique": technique, "dilution_label": dilution_label}
    said = {name: value for name, value in facts.items() if value}
    if said:
        for measurement in Measurement.objects.filter(reading__upload=upload, withdrawn_at=None):
            change_measurement(by=by, measurement=measurement, **said)
    if sample is not UNCHANGED:
        assign_upload(by=by, upload=upload, sample=sample)
    return upload
