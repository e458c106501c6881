"""The audit trail: one unbroken chain per project, in which no event can be altered, removed or inserted unseen."""

import threading
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from qdlab.records import audit
from qdlab.records.models import AuditChain, AuditEvent
from tests import factories


@pytest.fixture
def person(db):
    return factories.make_user("scribe")


def record(person, number: int, key=None):
    with transaction.atomic():
        return audit.record(
            by=person,
            action="thing.changed",
            subject=person,
            project_id=key,
            before={"n": number - 1},
            after={"n": number},
        )


def test_every_event_carries_the_hash_of_the_one_before(person):
    key = uuid4()
    first, second = record(person, 1, key), record(person, 2, key)
    assert (first.number, second.number, second.previous) == (1, 2, first.digest)
    assert audit.broken_links(str(key)) == []
    assert [event.after["n"] for event in audit.history_of(person)] == [1, 2]


def test_who_did_it_and_through_which_door(person):
    with audit.acting_through("API"):
        event = record(person, 1)
    stored = AuditEvent.objects.get(pk=event.pk)
    assert (stored.actor, stored.actor_id, stored.via, stored.chain) == ("scribe", person.pk, "API", "lab")


@pytest.mark.parametrize(
    ("tamper", "numbers"),
    [
        (lambda events: events.filter(number=3).update(after={"n": 99}), [3]),
        (lambda events: events.filter(number=3).update(actor="somebody else"), [3]),
        (lambda events: events.filter(number=3).delete(), [4]),
        (lambda events: events.filter(number=5).delete(), [5]),
        (lambda events: events.filter(number=1).delete(), [2]),
    ],
    ids=["content", "author", "one removed", "the last removed", "the first removed"],
)
def test_tampering_is_seen_where_it_was_done(person, tamper, numbers, capsys):
    for number in range(1, 6):
        record(person, number)
    tamper(AuditEvent.objects.filter(chain="lab"))
    assert audit.broken_links("lab") == numbers
    with pytest.raises(CommandError, match="1 problem"):
        call_command("check_files")
    assert "audit chain lab" in capsys.readouterr().err


def test_a_forged_digest_breaks_the_next_link(person):
    for number in range(1, 4):
        record(person, number)
    forged = AuditEvent.objects.get(chain="lab", number=2)
    forged.after = {"n": 99}
    AuditEvent.objects.filter(pk=forged.pk).update(after=forged.after, digest=audit.digest_of(forged))
    assert audit.broken_links("lab") == [3]


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused():
    person = factories.make_user()
    with pytest.raises(RuntimeError, match="transaction"):
        audit.record(by=person, action="thing.changed", subject=person)


@pytest.mark.django_db(transaction=True)
def test_an_event_goes_with_the_change_that_failed():
    person = factories.make_user()
    record(person, 1)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(by=person, action="thing.changed", subject=person)
        1 / 0
    record(person, 2)
    assert AuditChain.objects.get(key="lab").length == 2
    assert audit.broken_links("lab") == []


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_leave_one_chain_without_gaps():
    people, each, problems = [factories.make_user() for _ in range(4)], 10, []

    def write(person) -> None:
        try:
            for number in range(each):
                record(person, number)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    numbers = AuditEvent.objects.filter(chain="lab").order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 4 * each + 1))
    assert audit.broken_links("lab") == []
