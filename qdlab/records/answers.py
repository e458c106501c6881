"""Answers to requests that may come twice (``Idempotency-Key``): who claims a key first carries the request out."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from qdlab.records.models import IdempotentAnswer

KEPT_FOR = timedelta(days=7)


def claim(user_id: int, key: str, digest: str) -> tuple[IdempotentAnswer | None, bool]:
    """The row of this key and whether it is new; (None, False) when the other claim was given up in this very moment."""
    IdempotentAnswer.objects.filter(made_at__lt=timezone.now() - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            return IdempotentAnswer.objects.create(user_id=user_id, key=key, request_digest=digest), True
    except IntegrityError:
        return IdempotentAnswer.objects.filter(user_id=user_id, key=key).first(), False


def keep(row: IdempotentAnswer, status: int, body, headers: dict) -> None:
    IdempotentAnswer.objects.filter(pk=row.pk).update(status=status, body=body, headers=headers)


def forget(row: IdempotentAnswer) -> None:
    IdempotentAnswer.objects.filter(pk=row.pk).delete()
