"""Two people save one record: the first one wins, the other one sees both."""

import os
import threading

import pytest
from django.db import connection

from qdlab.records.versions import StaleVersion, change
from synthesis.models import Batch
from tests import factories

RACES = 1000 if os.environ.get("QDLAB_LONG") else 50


@pytest.mark.django_db
def test_a_change_raises_the_version_and_tells_what_was_there():
    batch = factories.make_batch(title="first")
    seen = batch.version
    assert change(batch, expected=seen, title="second") == {"title": "first"}
    stored = Batch.objects.get(pk=batch.pk)
    assert (stored.title, stored.version, batch.version) == ("second", seen + 1, seen + 1)
    assert stored.changed_at > stored.created_at


@pytest.mark.django_db
def test_the_second_of_two_savers_changes_nothing_and_is_shown_what_stands_there():
    mine = factories.make_batch(title="as both saw it")
    hers = Batch.objects.get(pk=mine.pk)
    change(mine, expected=mine.version, title="mine")
    with pytest.raises(StaleVersion) as stale:
        change(hers, expected=hers.version, title="hers")
    assert (stale.value.current.title, stale.value.expected) == ("mine", hers.version)
    assert Batch.objects.get(pk=mine.pk).title == "mine"
    change(hers, expected=stale.value.current.version, title="hers, knowingly")
    assert Batch.objects.get(pk=mine.pk).title == "hers, knowingly"


@pytest.mark.django_db
def test_without_a_stated_version_the_one_that_was_loaded_counts():
    mine = factories.make_batch()
    hers = Batch.objects.get(pk=mine.pk)
    change(mine, expected=None, title="mine")
    with pytest.raises(StaleVersion):
        change(hers, expected=None, title="hers")


@pytest.mark.django_db(transaction=True)
def test_of_savers_at_the_same_instant_exactly_one_wins_each_time():
    batch, savers = factories.make_batch(), 3
    start, won, problems = threading.Barrier(savers), [[] for _ in range(RACES)], []

    def race(name: str) -> None:
        try:
            for number in range(RACES):
                start.wait(60)
                seen = Batch.objects.get(pk=batch.pk)
                start.wait(60)
                try:
                    change(seen, expected=seen.version, title=f"{name} {number}")
                    won[number].append(name)
                except StaleVersion:
                    pass
                start.wait(60)
        except Exception as problem:
            problems.append(problem)
            start.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(f"saver {n}",)) for n in range(savers)]
    first = batch.version
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert [len(winners) for winners in won] == [1] * RACES
    batch.refresh_from_db()
    assert batch.version == first + RACES
    assert batch.title == f"{won[-1][0]} {RACES - 1}"
