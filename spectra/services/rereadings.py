"""Reading files again with better readers: first what would change, then, where a person says so, the change."""

from collections.abc import Iterable
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import Project, User
from qdlab.records import audit
from spectra import queue, rereading, selectors
from spectra.models import Decision, Measurement, Outcome, Reading, Rereading, State, Trial, Upload, Why

AT_ONCE = 200  # files in one transaction, so that others wait for moments only
MOST = 20_000


def preview_reading(
    *, by: User, project: Project, why: str = Why.CHOSEN, uploads: Iterable[Upload] = (), mapping: dict | None = None
) -> Rereading:
    """Queue a reading on trial of the project's files that an earlier reader read (or none could), or of ``uploads``.

    ``mapping`` None keeps what was said of each file's columns. No measurement changes before ``apply_rereading``.
    """
    roles.require(by, roles.WRITE, project)
    files = _files(by, project, why, uploads)
    if not files:
        raise ValidationError(_("There is no file to look at again."))
    if len(files) > MOST:
        raise ValidationError(_("These are {n} files; choose up to {most} at once.").format(n=len(files), most=MOST))
    mappings = selectors.mappings_in_use(files)
    with transaction.atomic():
        started = Rereading.objects.create(project=project, requested_by=by, why=why)
        trials = [
            Trial(rereading=started, upload=file, mapping=_mapping_of(file, mappings) if mapping is None else mapping)
            for file in files
        ]
        queue.enqueue_all(trials)
        audit.record(
            by=by, action="rereading.started", subject=started, project_id=project.pk,
            after={"why": why, "files": len(trials)},
        )  # fmt: skip
    return started


def _files(by: User, project: Project, why: str, uploads: Iterable[Upload]) -> list[Upload]:
    if why == Why.EARLIER:
        return list(selectors.read_by_earlier(by).filter(project=project).order_by("pk"))
    if why == Why.UNREADABLE:
        return list(selectors.unreadable(by).filter(project=project).order_by("pk"))
    if why != Why.CHOSEN:
        raise ValidationError({"why": _("Choose one of: {choices}.").format(choices=", ".join(Why.values))})
    files = list(uploads)
    if any(file.project_id != project.pk for file in files):
        raise ValidationError({"uploads": _("These files belong to several projects. Look at one project at a time.")})
    return files


def _mapping_of(file: Upload, in_use: dict) -> dict:
    return in_use.get(file.pk) or file.hints.get("mapping") or {}


def apply_rereading(*, by: User, rereading: Rereading, trials: Iterable[UUID] | None = None) -> int:
    """Read the files again for good: all with changes, or those of ``trials`` (ids). Returns how many were queued.

    What reads the same then still stays as it is; what persons decided is carried over.
    """
    roles.require(by, roles.WRITE, rereading.project)
    chosen = _open_trials(rereading, trials).filter(outcome__in=[Outcome.CHANGED, Outcome.NEW])
    ids, n = list(chosen.order_by("pk").values_list("pk", flat=True)), 0
    for start in range(0, len(ids), AT_ONCE):
        n += _apply_some(by, rereading, ids[start : start + AT_ONCE])
    if trials is None:  # what cannot be read today stays as it was read, and asks no more
        unreadable = _open_trials(rereading, None).filter(outcome=Outcome.UNREADABLE)
        keep_reading(by=by, rereading=rereading, trials=list(unreadable.values_list("pk", flat=True)))
    return n


@transaction.atomic
def _apply_some(by: User, started: Rereading, ids: list) -> int:
    trials = Trial.objects.filter(pk__in=ids, decision=Decision.OPEN).select_for_update(of=("self",), no_key=True)
    busy = Reading.objects.filter(state__in=[State.QUEUED, State.RUNNING], upload__trials__in=ids)
    taken = list(trials.exclude(upload__in=busy.values("upload")).select_related("upload"))
    Trial.objects.filter(pk__in=[trial.pk for trial in taken]).update(decision=Decision.APPLY)
    Upload.objects.filter(pk__in=[trial.upload_id for trial in taken]).update(
        status=Upload.Status.RECEIVED, reason=None
    )
    queue.enqueue_all([Reading(upload=t.upload, mapping=t.mapping, requested_by=by) for t in taken])
    for trial in taken:
        audit.record(
            by=by, action="upload.read_again", subject=trial.upload, project_id=started.project_id,
            after={"mapping": trial.mapping, "rereading": str(started.pk)},
        )  # fmt: skip
    return len(taken)


@transaction.atomic
def keep_reading(*, by: User, rereading: Rereading, trials: Iterable[UUID] | None = None) -> int:
    """Leave files as they were read, although today's readers read them otherwise; they do not come up again."""
    roles.require(by, roles.WRITE, rereading.project)
    ids = list(_open_trials(rereading, trials).values_list("pk", flat=True))
    if not ids:
        return 0
    _mark_as_checked(ids)
    Trial.objects.filter(pk__in=ids).update(decision=Decision.KEEP)
    audit.record(
        by=by, action="rereading.kept", subject=rereading, project_id=rereading.project_id, after={"files": len(ids)}
    )
    return len(ids)


def _mark_as_checked(ids: list) -> None:
    used = Measurement.objects.filter(reading__upload__trials__in=ids, withdrawn_at=None)
    rereading.confirm(used.values_list("reading_id", flat=True))


def _open_trials(started: Rereading, ids: Iterable[UUID] | None):
    found = selectors.trials_to_decide(started)
    return found if ids is None else found.filter(pk__in=list(ids))
