"""Files that an earlier reader read, and readings on trial."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q

from spectra.models import Decision, Measurement, Outcome, Reading, Rereading, State, Upload
from spectra.readers import READERS
from spectra.selectors.files import uploads


def read_by_earlier(user):
    """Files of which something in use was read by an earlier version of its reader, and was not compared since."""
    behind = Q()
    by_version = defaultdict(list)
    for reader in READERS:
        by_version[reader.version].append(reader.name)
    for version, names in by_version.items():
        behind |= Q(reading__reader__in=names, reading__checked_version__lt=version)
    measured = Measurement.objects.filter(behind, reading__upload=OuterRef("pk"), withdrawn_at=None)
    return uploads(user).filter(Exists(measured), status=Upload.Status.READ)


def mappings_in_use(files: Iterable[Upload]) -> dict:
    """Upload id → what was said of its columns at the reading whose measurements are in use."""
    used = Reading.objects.filter(upload__in=list(files), measurements__withdrawn_at=None).exclude(mapping={})
    return dict(used.order_by("pk").values_list("upload", "mapping"))


def rereadings(user):
    """Readings on trial, the newest first, with how they stand."""
    counted = {
        "n_files": Count("trials"),
        "n_open": Count("trials", filter=Q(trials__state__in=[State.QUEUED, State.RUNNING])),
        "n_failed": Count("trials", filter=Q(trials__state=State.FAILED)),
        "n_same": Count("trials", filter=Q(trials__outcome=Outcome.SAME)),
        "n_undecided": Count(
            "trials", filter=Q(trials__outcome__in=[Outcome.CHANGED, Outcome.NEW], trials__decision=Decision.OPEN)
        ),
    }
    seen = Rereading.objects.visible_to(user).select_related("project", "requested_by")
    return seen.annotate(**counted).order_by("-pk")


def trials_that_differ(rereading: Rereading):
    """The files of a reading on trial that do not simply read the same: with changes, unreadable, or failed."""
    ended = rereading.trials.exclude(state__in=[State.QUEUED, State.RUNNING]).exclude(outcome=Outcome.SAME)
    return ended.select_related("upload").order_by("pk")


def trials_to_decide(rereading: Rereading):
    """Those of which nobody has said yet whether their new reading counts."""
    return rereading.trials.filter(state=State.DONE, decision=Decision.OPEN).exclude(outcome=Outcome.SAME)
