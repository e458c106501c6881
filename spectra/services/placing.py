"""Putting waiting files where they belong: accepting suggestions, or correcting them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from qdlab.access import roles
from qdlab.access.models import User
from qdlab.records.versions import StaleVersion
from spectra.matching.groups import Group, Kind, Member, groups_of_inbox
from spectra.models import Measurement, Standard, Upload
from spectra.notes import Note, gettext_noop
from spectra.selectors import measurements_of
from spectra.services.learning import confirm, learn
from spectra.services.measurements import change_measurement
from spectra.services.standards import session_of_series
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
    return _accept(by, uploads, groups_of_inbox(by), key)


def accept_group(*, by: User, key: str) -> Accepted:
    """Accept a whole group as it stands now."""
    groups = [group for group in groups_of_inbox(by) if group.key == key]
    return _accept(by, [member.upload for group in groups for member in group.members], groups, key)


def _accept(by: User, uploads: Sequence[Upload], groups: Sequence[Group], key: str) -> Accepted:
    for project in {upload.project for upload in uploads}:
        roles.require(by, roles.WRITE, project)
    places = {m.upload.pk: (group, m) for group in groups for m in group.members}
    placed, left = [], []
    for upload in uploads:
        group, member = places.get(upload.pk, (None, None))
        if key and group is not None and group.key != key:
            left.append((upload, SUGGESTION_CHANGED))
        elif group is None or not group.can_accept:
            left.append((upload, NOTHING_SUGGESTED))
        elif problem := _place(by, group, member):
            left.append((upload, problem))
        else:
            placed.append(upload)
    return Accepted(tuple(placed), tuple(left))


def _place(by: User, group: Group, member: Member) -> Note | None:
    """Put one file in its place, and count its suggestion as right; the refusal in words where that is not possible."""
    try:
        with transaction.atomic():
            facts = _facts(by, group, member)
            for measurement in member.measurements:
                if new := _new_facts(measurement, facts, is_only=len(member.measurements) == 1):
                    change_measurement(by=by, measurement=measurement, **new)
            if group.sample:
                assign_upload(by=by, upload=member.upload, sample=group.sample)
            confirm(lessons=member.lessons)
    except StaleVersion:
        return SUGGESTION_CHANGED  # somebody else decided in this moment
    except ValidationError as problem:
        return Note("refused", REFUSED, {"problem": " ".join(problem.messages)})
    return None


def _facts(by: User, group: Group, member: Member) -> dict:
    """What accepting says of the file's measurements."""
    facts = {"role": member.role, "technique": member.technique, "dilution_label": member.dilution_label}
    if group.kind == Kind.STANDARD:
        session = session_of_series(
            by=by, project=group.project, standard=group.standard, measurements=[m for one in group.members for m in one.measurements]
        )  # fmt: skip
        facts |= {"standard_session": str(session.pk)}
        facts |= {"standard": str(group.standard.pk)} if member.role == "standard" else {}
    return facts


def _new_facts(measurement: Measurement, facts: dict, *, is_only: bool) -> dict:
    """Of ``facts``, those that change something. What the file or a person said of technique and dilution stays."""
    new = {name: facts[name] for name in ("standard", "standard_session") if facts.get(name)}
    if facts["role"] and facts["role"] != measurement.role and is_only:
        new["role"] = facts["role"]
    if facts["technique"] and not measurement.technique:
        new["technique"] = facts["technique"]
    if facts["dilution_label"] and not measurement.dilution_label and is_only:
        new["dilution_label"] = facts["dilution_label"]
    return new


@transaction.atomic
def correct(
    *, by: User, upload: Upload, sample: Sample | None = UNCHANGED, role: str = "", technique: str = "", dilution_label: str = "",
    standard: Standard | None = None, expected: int | None = None,
) -> Upload:  # fmt: skip
    """Say where a file belongs and what it is; what is left out stays. QDLab learns what it did not know.

    With ``standard`` the file joins that day's session of the standard (a new one if there is none).
    """
    roles.require(by, roles.WRITE, upload.project)
    facts = {"role": role, "technique": technique, "dilution_label": dilution_label}
    said = {name: value for name, value in facts.items() if value}
    measurements = list(measurements_of(upload))
    learn(by=by, upload=upload, measurements=measurements, sample=sample if sample is not UNCHANGED else None,
          standard=standard, role=role, technique=technique)  # fmt: skip
    if standard:
        session = session_of_series(by=by, project=upload.project, standard=standard, measurements=measurements)
        said |= {"role": "standard", "standard": str(standard.pk), "standard_session": str(session.pk)}
    if said:
        for measurement in measurements:
            change_measurement(by=by, measurement=measurement, **said)
    if sample is not UNCHANGED:
        assign_upload(by=by, upload=upload, sample=sample, expected=expected)
    return upload
