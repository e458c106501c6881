"""``?wait=``: the answer comes when it ends, at the latest after ten seconds, and never at the cost of all threads."""

import threading
import time

import pytest

from qdlab.access.api import waiting
from spectra.models import Analysis, State
from tests import factories
from tests.api.test_problems import told
from tests.spectra import records

pytestmark = pytest.mark.django_db


@pytest.fixture
def running():
    project = factories.make_project()
    measurement = records.make_measurement(factories.make_sample(factories.make_batch(project)))
    return records.make_result(measurement, {}, state=State.RUNNING)


def test_an_answer_waits_until_the_analysis_has_ended(running, ask, monkeypatch):
    script, naps = ask(factories.chemist_in(running.project)), []

    def sleep(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            Analysis.objects.filter(pk=running.pk).update(state=State.DONE)

    monkeypatch.setattr(waiting.time, "sleep", sleep)
    answer = script.get(f"/analyses/{running.pk}/", {"wait": 10}).json()
    assert (answer["state"], answer["progress"]["ended"], len(naps)) == ("done", True, 3)


def test_nobody_waits_longer_than_ten_seconds(running, ask, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(waiting.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    answer = ask(factories.chemist_in(running.project)).get(f"/analyses/{running.pk}/", {"wait": 3600})
    assert answer.json()["progress"] == {"ended": False, "attempt": 0, "attempts": 3}
    assert now[0] == pytest.approx(10.0)


def test_when_all_seats_are_taken_the_answer_comes_at_once(running, ask, monkeypatch):
    monkeypatch.setattr(waiting, "SEATS", threading.BoundedSemaphore(1))
    waiting.SEATS.acquire()
    monkeypatch.setattr(waiting.time, "sleep", lambda seconds: pytest.fail("it waited"))
    assert ask(factories.chemist_in(running.project)).get(f"/analyses/{running.pk}/", {"wait": 10}).status_code == 200


def test_a_seat_is_free_again_afterwards(monkeypatch):
    monkeypatch.setattr(waiting, "SEATS", threading.BoundedSemaphore(1))
    for _n in range(3):
        waiting.wait_until(lambda: False, 0.01)
    assert waiting.SEATS.acquire(blocking=False)


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_holds_no_connection():
    from django.db import connection

    held = []
    project = factories.make_project()

    def ended():
        type(project).objects.filter(pk=project.pk).exists()
        return False

    original = time.sleep
    waiting.time.sleep = lambda seconds: (held.append(connection.connection is not None), original(0.001))
    try:
        waiting.wait_until(ended, 0.02)
    finally:
        waiting.time.sleep = original
    assert held and not any(held)


@pytest.mark.parametrize("text", ["soon", "-1", "nan"])
def test_a_time_that_is_none_is_refused(text, running, ask):
    told(ask(factories.chemist_in(running.project)).get(f"/analyses/{running.pk}/", {"wait": text}), 400)
