"""Home: what is mine, what waits, what is best, and where to begin."""

import re

from django.utils import timezone

from qdlab.dashboards import services
from spectra.models import Analysis, State
from tests import factories
from tests.dashboards.people import NUMBERS


def text_of(response) -> str:
    return " ".join(re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.S).split())


def plqy(value: float) -> dict:
    return {"plqy": (value, 0.04, "1")}


def test_an_empty_lab_shows_the_first_steps(as_chemist, project):
    text = text_of(as_chemist.get("/"))
    assert "A lab with nothing in it yet" in text
    assert "Write down a recipe" in text


def test_my_latest_batches_carry_their_agreed_numbers(as_chemist, make):
    make("OC-1", NUMBERS)
    text = text_of(as_chemist.get("/"))
    assert "OC-1" in text
    assert "453.00 ± 0.30" in text


def test_what_others_made_stands_apart(client, pi, make):
    make("OC-1", NUMBERS)
    client.force_login(pi)
    page = client.get("/")
    assert page.context["mine"] == []
    assert [row["batch"].code for row in page.context["others"]] == ["OC-1"]


def test_the_best_are_the_sound_ones_of_the_last_weeks(as_chemist, make):
    make("good", plqy(0.95))
    make("best but stale", plqy(0.99))
    make("fair", plqy(0.90))
    old = make("old", plqy(0.98))
    Analysis.objects.filter(sample__batch__code="best but stale").update(stale_since=timezone.now())
    type(old).objects.filter(pk=old.pk).update(made_on="2020-01-01")
    (best,) = as_chemist.get("/").context["best"]
    assert [row["batch"].code for row in best["rows"]] == ["good", "fair"]
    assert best["rows"][0]["text"] == "0.95 ± 0.04"


def test_a_request_waits_for_the_reviewer_until_it_is_answered(client, chemist, pi, make):
    batch = make("OC-1", NUMBERS)
    services.review(by=chemist, batch=batch, meaning="requested")
    client.force_login(pi)
    assert [r.batch.code for r in client.get("/").context["waiting"]] == ["OC-1"]
    services.review(by=pi, batch=batch, meaning="sent_back", comment="measure again")
    assert client.get("/").context["waiting"] == []
    client.force_login(chemist)
    assert [r.comment for r in client.get("/").context["sent_back"]] == ["measure again"]


def test_failed_and_open_analyses_are_named(as_chemist, make):
    make("OC-1", NUMBERS)
    make("OC-2", NUMBERS)
    first, second = Analysis.objects.order_by("pk")
    Analysis.objects.filter(pk=first.pk).update(state=State.FAILED)
    Analysis.objects.filter(pk=second.pk).update(state=State.RUNNING)
    text = text_of(as_chemist.get("/"))
    assert "emission_band failed" in text
    assert "1 analysis is under way" in text


def test_nothing_of_another_project_shows(client, make):
    make("SECRET-1", plqy(0.99))
    client.force_login(factories.make_member(factories.make_project("Elsewhere"), "chemist"))
    assert "SECRET" not in client.get("/").content.decode()


def test_home_costs_the_same_however_much_there_is(as_chemist, make, queries_of):
    make("A", NUMBERS | plqy(0.9))
    as_chemist.get("/")
    few = queries_of(as_chemist, "/")
    for n in range(5):
        make(f"B{n}", NUMBERS | plqy(0.9))
    as_chemist.get("/")
    assert queries_of(as_chemist, "/") == few
    assert few <= 30, few  # four of them tell how worker and queue stand
