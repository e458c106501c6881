"""The audit trail: one append-only hash chain per project, written in the transaction of the change itself."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from qdlab.records.models import AuditChain, AuditEvent

LAB = "lab"  # the chain of what belongs to no project: people, chemicals, standards
_via: ContextVar[str] = ContextVar("via", default="command")


@contextmanager
def acting_through(door: str):
    """Say that what happens inside comes through ``page``, ``API``, ``worker`` or ``command``."""
    token = _via.set(door)
    try:
        yield
    finally:
        _via.reset(token)


def record(
    *, by, action: str, subject, project_id: UUID | None = None, before: dict | None = None, after: dict | None = None
):
    """Append one event to the project's chain. Must run in the transaction that makes the change.

    ``by`` is the acting user, or None for the program itself; ``subject`` the changed record.
    """
    (event,) = record_all(by=by, action=action, project_id=project_id, told=[(subject, before, after)])
    return event


def record_all(
    *, by, action: str, told: Sequence[tuple], project_id: UUID | None = None, chunk: int = 500
) -> list[AuditEvent]:
    """Append one event for each ``(subject, before, after)``, in this order, with one lock of the chain."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{action}: an audit event belongs into the transaction of its change")
    if not told:
        return []
    key = str(project_id) if project_id else LAB
    chain = AuditChain.objects.select_for_update().filter(key=key).first()
    if chain is None:
        AuditChain.objects.get_or_create(key=key)
        chain = AuditChain.objects.select_for_update().get(key=key)
    events, head = [], chain.head
    for number, (subject, before, after) in enumerate(told, chain.length + 1):
        event = AuditEvent(
            chain=key,
            number=number,
            at=timezone.now(),
            actor_id=by.pk if by else None,
            actor=by.get_username() if by else "QDLab",
            via=_via.get(),
            action=action,
            subject_type=subject._meta.label,
            subject_id=str(subject.pk),
            before=_plain(before),
            after=_plain(after),
            previous=head,
        )
        event.digest = head = digest_of(event)
        events.append(event)
    AuditEvent.objects.bulk_create(events, batch_size=chunk)
    AuditChain.objects.filter(key=key).update(length=events[-1].number, head=head)
    return events


def digest_of(event: AuditEvent) -> str:
    """The hash that binds an event to its content and to the event before it."""
    content = [
        event.previous, event.chain, event.number, _instant(event.at), event.actor_id, event.actor, event.via,
        event.action, event.subject_type, event.subject_id, event.before, event.after,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def broken_links(chain: str) -> list[int]:
    """Numbers of the events of ``chain`` that were altered, or follow a gap; empty when the chain is whole."""
    broken, previous, number = [], "", 0
    for event in AuditEvent.objects.filter(chain=chain).order_by("number").iterator(chunk_size=1000):
        number += 1
        if event.number != number or event.previous != previous or digest_of(event) != event.digest:
            broken.append(event.number)
        number, previous = event.number, event.digest
    head = AuditChain.objects.filter(key=chain).first()
    if head and (head.length, head.head) != (number, previous):
        broken.append(head.length)
    return broken


def history_of(subject):
    """The events of one record, oldest first."""
    return AuditEvent.objects.filter(subject_type=subject._meta.label, subject_id=str(subject.pk)).order_by("id")


def _plain(values: dict | None) -> dict:
    return json.loads(json.dumps(values or {}, cls=DjangoJSONEncoder))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
