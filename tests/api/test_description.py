"""The description of the API, its readable page, and whether the lab is at work."""

import json

import pytest
import yaml
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from qdlab.api import ROOT
from qdlab.records.models import Heartbeat
from tests import factories
from tests.spectra import records


@pytest.fixture
def schema(tmp_path):
    call_command("spectacular", "--file", str(tmp_path / "schema.yml"), "--fail-on-warn", "--validate")
    return yaml.safe_load((tmp_path / "schema.yml").read_text())


def test_the_description_is_valid_and_names_everything_once(schema):
    assert schema["openapi"] == "3.1.0"
    paths = set(schema["paths"])
    assert {f"/api/v1/{name}/" for name in ROOT} <= paths
    assert {"/api/v1/tables/batches", "/api/v1/spectra/data", "/api/v1/uploads/{id}/raw"} <= paths
    assert len({path.rstrip("/") for path in paths}) == len(paths)


def test_the_description_names_filters_versions_keys_and_problems(schema):
    batches = schema["paths"]["/api/v1/batches/"]
    parameters = {parameter["name"] for parameter in batches["get"]["parameters"]}
    assert {"made_on__gte", "status__in", "ordering", "fields", "limit", "cursor"} <= parameters
    assert "Idempotency-Key" in {parameter["name"] for parameter in batches["post"]["parameters"]}
    change = schema["paths"]["/api/v1/samples/{id}/"]["patch"]
    assert [p["required"] for p in change["parameters"] if p["name"] == "If-Match"] == [True]
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert set(schema["components"]["securitySchemes"]) == {"token", "session"}


@pytest.mark.django_db
def test_the_description_is_open_and_tells_nothing_of_a_lab(anybody):
    factories.make_project("Hidden")
    answer = anybody.get("/schema/", Accept="application/json")
    assert answer.status_code == 200 and "Hidden" not in answer.content.decode()
    assert json.loads(answer.content)["info"]["title"] == "QDLab"


@pytest.mark.django_db
def test_the_readable_page_needs_no_inline_script_or_style():
    html = Client().get("/api/v1/docs/").content.decode()
    assert "<style" not in html and "swagger-ui" in html
    assert all("src=" in tag.partition(">")[0] for tag in html.split("<script")[1:])


def test_the_readable_page_works_in_a_browser_under_our_policy(page):
    page.goto("/api/v1/docs/")
    page.wait_for_selector(".opblock-tag", timeout=60_000)
    # A long list is drawn where somebody looks: its last tag comes when the page is scrolled there.
    last = page.locator(".opblock-tag", has_text="uploads")
    for _scroll in range(200):
        if last.count():
            break
        page.mouse.wheel(0, 800)
        page.wait_for_timeout(50)
    page.locator(".opblock", has_text="/api/v1/uploads/").first.wait_for(state="attached", timeout=60_000)


@pytest.mark.django_db
class TestHealth:
    def ask(self):
        answer = Client().get("/healthz")
        assert answer["Content-Type"] == "application/json"
        return answer.status_code, answer.json()

    def test_a_silent_worker_is_told(self):
        assert self.ask() == (
            200,
            {"status": "ok", "database": "ok", "worker": "silent", "watching": "none", "queue": 0},
        )

    def test_a_worker_at_work_and_a_waiting_analysis(self):
        Heartbeat.objects.create(name="worker", at=timezone.now())
        measurement = records.make_measurement(factories.make_sample())
        records.make_result(measurement, {}, state="queued")
        assert self.ask() == (200, {"status": "ok", "database": "ok", "worker": "ok", "watching": "none", "queue": 1})

    def test_without_a_database_it_is_down(self, monkeypatch):
        def away():
            raise OperationalError("connection refused")

        monkeypatch.setattr(connection, "cursor", away)
        assert self.ask() == (
            503,
            {"status": "down", "database": "away", "worker": "unknown", "watching": "unknown", "queue": None},
        )

    def test_it_changes_nothing(self):
        assert Client().post("/healthz").status_code == 405
