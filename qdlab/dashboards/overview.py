"""What Home asks: my latest batches, what is under way or failed, what waits for review, the group's best."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from qdlab.access.models import Membership, Role
from qdlab.dashboards import index, selectors
from qdlab.dashboards.models import BatchIndex, Review
from qdlab.dashboards.services import NEEDS_REVIEWER
from spectra import selectors as spectra
from spectra.models import State

RECENT = timedelta(weeks=6)
BEST = (("plqy", True), ("emission_fwhm_nm", False), ("k_r_per_s", True))


def my_batches(user, n: int = 8):
    """The newest batches that somebody operates, with their numbers."""
    return list(selectors.with_index(selectors.batches(user).filter(operator=user).order_by("-pk"))[:n])


def groups_batches(user, n: int = 6):
    """The newest batches of others."""
    others = selectors.batches(user).exclude(operator=user)
    return list(selectors.with_index(others.order_by("-pk"))[:n])


def jobs(user) -> dict:
    """How many analyses are open, and the newest that failed."""
    own = spectra.analyses(user).filter(withdrawn_at=None)
    failed = own.filter(state=State.FAILED, superseded_by=None)
    return {
        "open": own.filter(spectra.OPEN).count(),
        "failed": list(failed.order_by("-pk")[:5]),
        "n_failed": failed.count(),
    }


def stale_batches(user, n: int = 6) -> list:
    """Batches whose agreed numbers rest on older inputs."""
    stale = BatchIndex.objects.filter(batch=OuterRef("pk"), analysis__stale_since__isnull=False)
    return list(selectors.batches(user).filter(Exists(stale)).order_by("-pk")[:n])


def waiting_for_review(user, n: int = 10) -> list[Review]:
    """Requests that nobody has answered yet, the oldest first."""
    asked = Review.objects.visible_to(user).filter(meaning=Review.Meaning.REQUESTED, batch__archived_at=None)
    later = Review.objects.filter(batch=OuterRef("batch"), pk__gt=OuterRef("pk"))
    answered = later.filter(meaning__in=[*NEEDS_REVIEWER, Review.Meaning.REQUESTED])
    return list(asked.filter(~Exists(answered)).select_related("batch", "reviewer", "project").order_by("pk")[:n])


def sent_back(user, n: int = 6) -> list[Review]:
    """What came back to somebody and has not been asked for again."""
    mine = Review.objects.visible_to(user).filter(meaning=Review.Meaning.SENT_BACK, batch__operator=user)
    later = Review.objects.filter(batch=OuterRef("batch"), pk__gt=OuterRef("pk")).exclude(
        meaning=Review.Meaning.COMMENT
    )
    return list(mine.filter(~Exists(later)).select_related("batch", "reviewer")[:n])


def reviews_somewhere(user) -> bool:
    return user.is_superuser or Membership.objects.filter(user=user, role=Role.REVIEWER).exists()


def best(user, n: int = 3) -> list[dict]:
    """The group's best of the last weeks, by quantity: numbers that are not stale and not a mere limit."""
    since = timezone.now() - RECENT
    found = []
    for name, highest in BEST:
        rows = BatchIndex.objects.visible_to(user).filter(
            Q(batch__made_on__gte=since.date()) | Q(batch__made_on=None, batch__created_at__gte=since),
            name=name, value__isnull=False, batch__archived_at=None,
        )  # fmt: skip
        order = F("value").desc() if highest else F("value").asc()
        sound = [r for r in rows.select_related("batch").order_by(order, "-batch")[:30] if not _doubtful(r)]
        if sound:
            found.append({"name": name, "highest": highest, "rows": sound[:n]})
    return found


def _doubtful(row: BatchIndex) -> bool:
    return bool({index.STALE, index.LIMIT} & set(row.flags))
