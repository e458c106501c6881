"""The outbox: lower layers note what changed, upper layers that keep derived tables take the notes up.

A note is written in the transaction of the change, so none is lost; it is removed in the transaction that renewed the
derived rows, and only up to the newest note that this transaction had seen.
"""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Max

from qdlab.records.models import Change


def changed(kind: str, *subject_ids) -> None:
    Change.objects.bulk_create(
        [Change(kind=kind, subject_id=str(subject_id)) for subject_id in subject_ids if subject_id]
    )


def pending(kind: str, limit: int = 500) -> list[str]:
    """Ids of changed subjects, longest waiting first."""
    rows = Change.objects.filter(kind=kind).values("subject_id").annotate(last=Max("id")).order_by("last")
    return [row["subject_id"] for row in rows[:limit]]


def take_up(kind: str, renew: Callable[[Iterable[str]], None], limit: int = 500) -> int:
    """Call ``renew`` with the changed ids and remove their notes, in one transaction; return how many there were."""
    with transaction.atomic():
        rows = list(Change.objects.filter(kind=kind).order_by("id").select_for_update(skip_locked=True)[:limit])
        if rows:
            renew(dict.fromkeys(row.subject_id for row in rows))
            Change.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def forget(kind: str, *subject_ids) -> None:
    """Remove the notes on some subjects; call in the transaction that did what they asked for."""
    Change.objects.filter(kind=kind, subject_id__in=[str(subject_id) for subject_id in subject_ids]).delete()
