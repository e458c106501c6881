"""The queue is the database: queued rows are the jobs, Celery only wakes a worker.

A job is claimed by compare-and-swap with a lease and a fence token; whoever holds the current fence may commit its
result, so a job that runs twice is still committed once. Lost messages cost nothing: the dispatcher wakes workers for
queued rows and expired leases (every 30 s, and when a worker starts).
"""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from time import monotonic

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from spectra.models import Job, State
from spectra.notes import Note, gettext_noop

log = logging.getLogger(__name__)

READ = "spectra.tasks.read_files"
ANALYSE = "spectra.tasks.analyse"
RECOMPUTE = "spectra.tasks.recompute"

GAVE_UP = Note(
    "gave_up",
    gettext_noop(
        "This was tried {attempts} times and the worker stopped each time. Press “try again”; if it stays so, tell the person who runs QDLab."
    ),
)


NOT_WRITTEN = Note(
    "not_written",
    gettext_noop(
        "The result could not be written: the disk is full, or the database is away. QDLab tries again by itself; tell the "
        "person who runs it."
    ),
)
PUT_OFF = timedelta(seconds=30)
SILENCE_S = 5.0  # after a broker did not answer: a drop of sixty files must not wait for it sixty times
# Between two wake-ups for the same: a drop of a thousand files needs a few, and each finds many; the first comes at once.
APART_S, ANALYSES_APART_S = 0.4, 1.0
_not_before = 0.0
_lock, _sent, _to_come = threading.Lock(), {}, set()


def _forget_what_is_to_come() -> None:
    """In a child process: the timers of the parent run there alone, so nothing is to come here; its lock may be held."""
    global _lock
    _lock = threading.Lock()
    _to_come.clear()


os.register_at_fork(after_in_child=_forget_what_is_to_come)


def wake(task: str, **message) -> None:
    """Send a wake-up after the commit. A broker that is away is no reason to refuse anybody's work: the row is there."""
    transaction.on_commit(lambda: _publish(task, message), robust=True)


def _publish(task: str, message: dict) -> None:
    """Send it now, or a moment later where the same was just sent; one that is still to come speaks for this one too."""
    key = (task, *message.values())
    with _lock:
        if key in _to_come:
            return
        apart_s = ANALYSES_APART_S if task == ANALYSE else APART_S
        wait_s = _sent.get(key, -apart_s) + apart_s - monotonic()
        if wait_s > 0:
            _to_come.add(key)
            threading.Timer(wait_s, _publish_late, (key, task, message)).start()
            return
        _sent[key] = monotonic()
    _send(task, message)


def _publish_late(key: tuple, task: str, message: dict) -> None:
    with _lock:  # before it is sent: what is committed from now on asks for the next one
        _to_come.discard(key)
        _sent[key] = monotonic()
    _send(task, message)


def _send(task: str, message: dict) -> None:
    global _not_before
    if monotonic() < _not_before:
        return
    try:
        current_app.send_task(task, kwargs=message, retry=False)
    except Exception as problem:  # any broker error: the dispatcher will wake the workers later
        _not_before = monotonic() + SILENCE_S
        log.warning("could not wake a worker for %s: %s", task, problem)


def enqueue(job: Job) -> None:
    """Put a new or ended job into the queue; call inside the transaction that makes it."""
    job.state, job.attempt, job.lease_until, job.reason = State.QUEUED, 0, None, None
    job.queued_at, job.started_at, job.ended_at = timezone.now(), None, None
    job.save()
    wake_for(job)


def enqueue_all(jobs: Sequence[Job]) -> None:
    """Put many new jobs into the queue, with one wake-up of each kind; call inside the transaction that makes them."""
    now = timezone.now()
    for job in jobs:
        job.state, job.queued_at = State.QUEUED, now
    if jobs:
        type(jobs[0])._base_manager.bulk_create(jobs, batch_size=500)
    for job in {getattr(job, "method", None): job for job in jobs}.values():
        wake_for(job)


def wake_for(job: Job) -> None:
    if hasattr(job, "recomputation_id"):
        wake(RECOMPUTE)
    elif method := getattr(job, "method", None):
        wake(ANALYSE, method=method)
    else:
        wake(READ)


def waiting(jobs: QuerySet) -> QuerySet:
    """Jobs that somebody should take now: queued ones whose time has come, and running ones whose lease ran out."""
    now = timezone.now()
    return jobs.filter(Q(state=State.QUEUED, queued_at__lte=now) | Q(state=State.RUNNING, lease_until__lt=now))


def claim(jobs: QuerySet, limit: int) -> list[Job]:
    """Take up to ``limit`` waiting jobs for this worker. A job that killed its worker three times is given up.

    The last attempt is made alone, so that those which were only taken together with a guilty one outlive it.
    """
    while waiting(jobs).exists():  # most wake-ups find nothing: no reason to keep others from writing
        taken, n_lost = _claim_some(jobs, limit)
        if taken or not n_lost:
            return taken
    return []


def _claim_some(jobs: QuerySet, limit: int) -> tuple[list[Job], int]:
    with transaction.atomic():
        found = list(
            waiting(jobs)
            .order_by("queued_at", "pk")
            .select_for_update(skip_locked=True, of=("self",), no_key=True)[:limit]
        )
        lost = [job for job in found if job.attempt >= settings.JOB_ATTEMPTS]
        for job in lost:
            note = Note(GAVE_UP.code, GAVE_UP.text, {"attempts": job.attempt})
            end(job, State.FAILED, reason=note.as_json())
        taken = [job for job in found if job.attempt < settings.JOB_ATTEMPTS]
        taken = [job for job in taken if job.attempt == settings.JOB_ATTEMPTS - 1][:1] or taken
        if taken:
            _lease(jobs.model, taken)
    return taken, len(lost)


def _lease(model: type[Job], taken: list[Job]) -> None:
    now = timezone.now()
    until = now + timedelta(seconds=settings.JOB_LEASE_S)
    model._base_manager.filter(pk__in=[job.pk for job in taken]).update(
        state=State.RUNNING, fence=F("fence") + 1, attempt=F("attempt") + 1, lease_until=until, started_at=now
    )
    for job in taken:
        job.state, job.fence, job.attempt, job.lease_until, job.started_at = (
            State.RUNNING,
            job.fence + 1,
            job.attempt + 1,
            until,
            now,
        )


def finish(job: Job, state: str, write: Callable[[], None] | None = None, **changes) -> bool:
    """End a claimed job and run ``write`` in the same transaction, if this worker still holds it; say whether it did."""
    with transaction.atomic():
        if not end(job, state, **changes):
            return False
        if write:
            write()
    return True


def end(job: Job, state: str, **changes) -> bool:
    """The same as part of the caller's transaction."""
    changes = {"state": state, "ended_at": timezone.now(), "lease_until": None, **changes}
    ended = type(job)._base_manager.filter(pk=job.pk, fence=job.fence, state=State.RUNNING).update(**changes)
    if ended:
        for name, value in changes.items():
            setattr(job, name, value)
    return bool(ended)


def give_back(job: Job, reason: Note) -> None:
    """Return a job that could not be done now: queued again with its reason, or failed after the last attempt."""
    again = job.attempt < settings.JOB_ATTEMPTS
    changes = {"state": State.QUEUED if again else State.FAILED, "lease_until": None, "reason": reason.as_json()}
    if not again:
        changes["ended_at"] = timezone.now()
    type(job)._base_manager.filter(pk=job.pk, fence=job.fence, state=State.RUNNING).update(**changes)


def put_off(job: Job) -> None:
    """Return a job whose result could not be written now (disk full, database away): that is no fault of the job."""
    type(job)._base_manager.filter(pk=job.pk, fence=job.fence, state=State.RUNNING).update(
        state=State.QUEUED,
        attempt=F("attempt") - 1,
        lease_until=None,
        queued_at=timezone.now() + PUT_OFF,
        reason=NOT_WRITTEN.as_json(),
    )
