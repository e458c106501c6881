"""What Celery runs: thin wake-ups. The work stands in the database; a message that comes twice finds nothing to do."""

from datetime import timedelta
from time import monotonic

from celery import shared_task
from celery.signals import worker_ready
from django.db.models import Q
from django.utils import timezone

from qdlab.records import outbox
from qdlab.records.audit import acting_through
from qdlab.records.models import Heartbeat
from spectra import followups, ingest, pipeline, provenance, queue, recomputing, taking_over, trials
from spectra.models import Analysis, Reading, Repeat, SourceFolder, State, Trial

SILENT_AFTER = timedelta(seconds=95)  # three dispatches
BEAT_S = 10.0  # between two signs of life of one process
MAX_ROUNDS = 40  # then the worker takes the next message, so that reading and analysing take turns
_beaten_at = -BEAT_S


@shared_task(name=queue.READ)
def read_files() -> None:
    """Read waiting files until none is left, then those on trial."""
    with acting_through("worker"):
        for _round in range(MAX_ROUNDS):
            _beat_now_and_then()
            if not ingest.read_waiting() and not trials.try_waiting():
                return
    queue.wake(queue.READ)


@shared_task(name=queue.ANALYSE)
def analyse(method: str) -> None:
    """Compute waiting analyses of ``method`` until none is left."""
    with acting_through("worker"):
        for _round in range(MAX_ROUNDS):
            _beat_now_and_then()
            n_done = pipeline.run_waiting(method)
            if not taking_over.advance_all() and not n_done:
                return
    queue.wake(queue.ANALYSE, method=method)


@shared_task(name=queue.RECOMPUTE)
def recompute() -> None:
    """Try what results would become until none is left, and queue those that somebody chose."""
    with acting_through("worker"):
        for _round in range(MAX_ROUNDS):
            _beat_now_and_then()
            if not recomputing.try_waiting() + taking_over.advance_all():
                return
    queue.wake(queue.RECOMPUTE)


@shared_task(name=provenance.REFRESH)
def refresh_stale() -> None:
    """Mark what became stale because an instrument's defaults changed."""
    with acting_through("worker"):
        provenance.refresh_changed_instruments()


@shared_task(name="spectra.tasks.dispatch")
def dispatch() -> None:
    """Wake workers for every waiting row: what a lost message, a dead worker or a broker that was away left behind."""
    _beat()
    if queue.waiting(Reading.objects.all()).exists() or queue.waiting(Trial.objects.all()).exists():
        queue.wake(queue.READ)
    if queue.waiting(Repeat.objects.filter(recomputation__halted="")).exists() or taking_over.advance_all():
        queue.wake(queue.RECOMPUTE)
    for method in queue.waiting(Analysis.objects.all()).values_list("method", flat=True).distinct().order_by():
        queue.wake(queue.ANALYSE, method=method)
    followups.settle_all()
    provenance.refresh_changed_instruments()


@worker_ready.connect
def dispatch_at_start(**_sender) -> None:
    """Celery's own start hook: a worker that comes back takes up what its predecessor left."""
    provenance.refresh_after_upgrade()
    dispatch()


def _beat_now_and_then() -> None:
    if monotonic() - _beaten_at > BEAT_S:
        _beat()


def _beat() -> None:
    global _beaten_at
    _beaten_at = monotonic()
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})


def health() -> dict:
    """How the workers and the queue stand, for ``/healthz``."""
    beat = Heartbeat.objects.filter(name="worker").first()
    open_jobs = Q(state__in=[State.QUEUED, State.RUNNING])
    return {
        "worker": "ok" if beat and timezone.now() - beat.at < SILENT_AFTER else "silent",
        "watching": _watching(),
        # Samples that still have to settle count too: their PLQY and rates are about to be queued.
        "queue": Reading.objects.filter(open_jobs).count()
        + Analysis.objects.filter(open_jobs).count()
        + len(outbox.pending(followups.SETTLING)),
    }


def _watching() -> str:
    """Whether every folder that should be watched is being looked at."""
    watched = list(SourceFolder.objects.filter(mode=SourceFolder.Mode.WATCH, stopped_at=None, forgotten_at=None))
    if not watched:
        return "none"
    return "silent" if any(folder.is_silent for folder in watched) else "ok"
