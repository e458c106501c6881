"""Putting waiting files where they belong: accepting suggestions, or correcting them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from qdlab.access import roles
from qdlab.access.models import User
from qdlab.records.versions import StaleVersion, undone_together
from spectra.matching.groups import Group, Kind, Member, groups_of_inbox
from spectra.models import Measurement, Standard, Upload
from spectra.notes import Note, gettext_noop
from spectra.selectors import upload_measurements
from spectra.services.learning import confirm, learn
from spectra.services.measurements import Placed, place
from spectra.services.standards import session_of_series
from spectra.services.uploads import PlacedFile, assign_uploads
from spectra.standing import Changed, WouldChange
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
    """What became of files whose suggestion was accepted: those that found their place, and those that still wait, and why.

    ``changes`` are the agreed numbers of batches that are others now.
    """

    placed: tuple[Upload, ...]
    left: tuple[tuple[Upload, Note], ...]
    changes: tuple[Changed, ...] = ()


def accept(*, by: User, uploads: Sequence[Upload], key: str = "", sure: bool = False) -> Accepted:
    """Put each file where its group in the inbox says; with ``key`` only those whose group still is the one that was shown.

    Files without a suggestion stay and are named in the answer, so that one of them never stops the others; so do those by
    which a number that was reviewed or chosen would change, unless the person is ``sure``.
    """
    return _accept(by, uploads, groups_of_inbox(by), key, sure)


def accept_group(*, by: User, key: str, sure: bool = False) -> Accepted:
    """Accept a whole group as it stands now."""
    groups = [group for group in groups_of_inbox(by) if group.key == key]
    return _accept(by, [member.upload for group in groups for member in group.members], groups, key, sure)


def _accept(by: User, uploads: Sequence[Upload], groups: Sequence[Group], key: str, sure: bool) -> Accepted:
    for upload in {upload.project_id: upload for upload in uploads}.values():
        roles.require(by, roles.WRITE, upload.project)
    places = {m.upload.pk: (group, m) for group in groups for m in group.members}
    ready, left = [], []
    for upload in uploads:
        group, member = places.get(upload.pk, (None, None))
        if key and group is not None and group.key != key:
            left.append((upload, SUGGESTION_CHANGED))
        elif group is None or not group.can_accept:
            left.append((upload, NOTHING_SUGGESTED))
        else:
            ready.append((group, member))
    placed, refused, changes = _place_all(by, ready, sure)
    return Accepted(tuple(m.upload for _group, m in placed), (*left, *refused), tuple(changes))


def _place_all(by: User, ready: list[tuple[Group, Member]], sure: bool) -> tuple[list, list, list[Changed]]:
    """Place all in one transaction; where that is not possible, the guilty ones stay, each with the reason in words."""
    refused: list[tuple[Upload, Note]] = []
    while ready:
        try:
            records = [one for _group, member in ready for one in (member.upload, *member.measurements)]
            with undone_together(records):
                return ready, refused, _place_together(by, ready, sure)
        except WouldChange as asked:
            stay = [pair for pair in ready if pair[0].batch and pair[0].batch.pk in asked.batches] or ready
            problem = " ".join(asked.messages)
            refused += [
                (member.upload, Note("would_change", REFUSED, {"problem": problem, "group": group.key}))
                for group, member in stay
            ]
            ready = [pair for pair in ready if pair not in stay]
        except (StaleVersion, ValidationError) as problem:
            if len(ready) == 1:
                return [], [*refused, (ready[0][1].upload, _in_words(problem))], []
            parts = [_place_all(by, [pair], sure) for pair in ready]
            placed, also_refused, changes = ([one for part in parts for one in part[n]] for n in range(3))
            return placed, [*refused, *also_refused], changes
    return [], refused, []


def _in_words(problem: StaleVersion | ValidationError) -> Note:
    if isinstance(problem, StaleVersion):
        return SUGGESTION_CHANGED  # somebody else decided in this moment
    return Note("refused", REFUSED, {"problem": " ".join(problem.messages)})


def _place_together(by: User, ready: Sequence[tuple[Group, Member]], sure: bool) -> list[Changed]:
    """Put files in their places and count their suggestions as right: in as many questions for many as for one."""
    of_group = {group.key: _facts(by, group) for group in dict.fromkeys(group for group, _member in ready)}
    files, loose = [], []
    for group, member in ready:
        is_only = len(member.measurements) == 1
        said = of_group[group.key](member)
        facts = {m.pk: new for m in member.measurements if (new := _new_facts(m, said, is_only=is_only))}
        if group.sample:
            files.append(PlacedFile(member.upload, group.sample, facts=facts))
        else:
            loose += [Placed(m, m.sample, facts[m.pk]) for m in member.measurements if m.pk in facts]
    changes = assign_uploads(by=by, placed=files, sure=sure) if files else []
    changes += place(by=by, placed=loose, sure=sure) if loose else []
    confirm(lessons=[lesson for _group, member in ready for lesson in member.lessons])
    return changes


def _facts(by: User, group: Group) -> Callable[[Member], dict]:
    """What accepting says of the measurements of a file of this group."""
    session = None
    if group.kind == Kind.STANDARD:
        measurements = [m for one in group.members for m in one.measurements]
        session = session_of_series(by=by, project=group.project, standard=group.standard, measurements=measurements)

    def of_member(member: Member) -> dict:
        facts = {"role": member.role, "technique": member.technique, "dilution_label": member.dilution_label}
        if session:
            facts |= {"standard_session": str(session.pk)}
            facts |= {"standard": str(group.standard.pk)} if member.role == "standard" else {}
        return facts

    return of_member


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


def correct(*, by: User, upload: Upload, expected: int | None = None, **said) -> list[Changed]:
    """Say where one file belongs and what it is (``correct_all``)."""
    if expected not in (None, upload.version):
        raise StaleVersion(upload, expected)
    return correct_all(by=by, uploads=[upload], **said)


def correct_all(
    *, by: User, uploads: Sequence[Upload], sample: Sample | None = UNCHANGED, role: str = "", technique: str = "",
    dilution_label: str = "", standard: Standard | None = None, sure: bool = False,
) -> list[Changed]:  # fmt: skip
    """Say where files belong and what they are, all or none; what is left out stays. QDLab learns what it did not know.

    With ``standard`` each file joins that day's session of the standard (a new one if there is none). Says which agreed numbers
    of batches changed by it.
    """
    for upload in {upload.project_id: upload for upload in uploads}.values():
        roles.require(by, roles.WRITE, upload.project)
    with undone_together(uploads):
        return _correct_together(by, uploads, sample, role, technique, dilution_label, standard, sure)


def _correct_together(
    by: User, uploads: Sequence[Upload], sample: Sample | None, role: str, technique: str, dilution_label: str,
    standard: Standard | None, sure: bool,
) -> list[Changed]:  # fmt: skip
    facts = {"role": role, "technique": technique, "dilution_label": dilution_label}
    said = {name: value for name, value in facts.items() if value}
    measured: dict = {}
    for measurement in upload_measurements(uploads):
        measured.setdefault(measurement.reading.upload_id, []).append(measurement)
    files = []
    for upload in uploads:
        own = measured.get(upload.pk, [])
        learn(by=by, upload=upload, measurements=own, sample=None if sample is UNCHANGED else sample,
              standard=standard, role=role, technique=technique)  # fmt: skip
        of_standard = _joining(by, upload, standard, own) if standard else {}
        facts = {m.pk: new for m in own if (new := _own_facts(m, said | of_standard, own))}
        files.append((upload, own, facts))
    if sample is UNCHANGED:
        loose = [Placed(m, m.sample, facts[m.pk]) for _upload, own, facts in files for m in own if m.pk in facts]
        return place(by=by, placed=loose, sure=sure)
    placed = [PlacedFile(upload, sample, facts=facts) for upload, _own, facts in files]
    return assign_uploads(by=by, placed=placed, sure=sure)


def _joining(by: User, upload: Upload, standard: Standard, measurements: Sequence[Measurement]) -> dict:
    """What a file's measurements are once it is of a standard."""
    session = session_of_series(by=by, project=upload.project, standard=standard, measurements=measurements)
    return {"role": "standard", "standard": str(standard.pk), "standard_session": str(session.pk)}


def _own_facts(measurement: Measurement, said: dict, measurements: Sequence[Measurement]) -> dict:
    """What is said of a file, for one of its measurements: where they are of several techniques, each known one stays."""
    if measurement.technique and len({m.technique for m in measurements} - {""}) > 1:
        return {name: value for name, value in said.items() if name != "technique"}
    return said
