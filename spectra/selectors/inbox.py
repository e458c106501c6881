"""What waits for a place, and how far a drop is."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise

from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, Subquery, Sum, UUIDField
from django.utils import timezone

from spectra.models import Measurement, State, Upload
from spectra.selectors.files import LOOSE, UNREAD, homeless, uploads

SAME_DROP = timedelta(minutes=10)


def inbox(user):
    """Files that nobody has put anywhere yet: unread, unreadable, or without a home."""
    return uploads(user).filter(Q(status__in=[*UNREAD, Upload.Status.UNREADABLE]) | LOOSE | Q(pk__in=homeless()))


def inbox_count(user) -> int:
    return inbox(user).count()


def inbox_state(user) -> str:
    """A word that changes whenever what the inbox shows may have changed: one question, however many files wait."""
    files = inbox(user).order_by().select_related(None)
    unread = Count("pk", filter=Q(status__in=UNREAD))
    found = files.aggregate(
        n=Count("pk"),
        unread=unread,
        bad=Count("pk", filter=Q(status=Upload.Status.UNREADABLE)),
        versions=Sum("version"),
    )
    newest = files.order_by("-pk").values_list("pk", flat=True).first()
    return f"{found['n']}-{found['unread']}-{found['bad']}-{found['versions'] or 0}-{newest.hex[-12:] if newest else 0}"


def is_reading(user) -> bool:
    return uploads(user).filter(status__in=UNREAD).exists()


def latest_drop(user) -> dict | None:
    """How far the files of a person's latest drop are, whoever looks from where: all, read, placed, waiting, unreadable.

    A drop is what somebody handed in without a break of ten minutes, today or yesterday.
    """
    since = timezone.now() - timedelta(hours=24)
    own = uploads(user).filter(uploaded_by=user, created_at__gte=since).order_by("-created_at").select_related(None)
    times = list(own.values_list("created_at", flat=True)[:5000])
    if not times:
        return None
    pairs = pairwise(times)
    began = next((later for later, earlier in pairs if later - earlier > SAME_DROP), times[-1])
    waits = ExpressionWrapper(LOOSE | Q(pk__in=homeless()), BooleanField())
    drop = own.filter(created_at__gte=began).order_by().annotate(waits=waits)
    unread_or_bad = Q(status__in=[*UNREAD, Upload.Status.UNREADABLE])
    found = drop.aggregate(
        all=Count("pk"),
        unread=Count("pk", filter=Q(status__in=UNREAD)),
        unreadable=Count("pk", filter=Q(status=Upload.Status.UNREADABLE)),
        waiting=Count("pk", filter=~unread_or_bad & Q(waits=True)),
        placed=Count("pk", filter=~unread_or_bad & Q(waits=False)),
    )
    return found | {"began": began, "read": found["all"] - found["unread"]}


def with_progress(files):
    """Files with how many of their analyses there are, are still open, have failed, and ended without a number."""
    own = Q(readings__measurements__withdrawn_at=None)
    still_open = Q(readings__measurements__analyses__state__in=[State.QUEUED, State.RUNNING])
    failed = Q(readings__measurements__analyses__state=State.FAILED)
    bad = Q(readings__measurements__analyses__state__in=[State.FAILED, State.REFUSED])
    return files.annotate(
        n_measurements=Count("readings__measurements", filter=own, distinct=True),
        n_analyses=Count("readings__measurements__analyses", distinct=True),
        n_open=Count("readings__measurements__analyses", filter=still_open, distinct=True),
        n_failed=Count("readings__measurements__analyses", filter=failed, distinct=True),
        n_unclear=Count("readings__measurements", filter=own & Q(readings__measurements__technique=""), distinct=True),
        n_bad=Count("readings__measurements__analyses", filter=bad, distinct=True),
    )


def files_under_way(user, ids: Iterable):
    """These files with their progress, whether they wait for a sample, and ``measured_on``: a sample they are on."""
    placed = Measurement.objects.filter(reading__upload=OuterRef("pk"), withdrawn_at=None).exclude(sample=None)
    files = uploads(user).filter(pk__in=ids)
    files = files.annotate(
        waits=ExpressionWrapper(LOOSE | Q(pk__in=homeless()), BooleanField()),
        measured_on=Subquery(placed.values("sample__code")[:1]),
    )
    batch = Subquery(placed.values("sample__batch_id")[:1], output_field=UUIDField())
    return with_progress(files.annotate(measured_in=batch))
