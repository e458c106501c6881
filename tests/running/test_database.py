"""Containers that start together: one migrates, the others wait for it."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from qdlab.running.lab import ROOT


@pytest.fixture
def settings_of(tmp_path, postgres_url):
    return os.environ | {"QDLAB_ENV": "lab", "QDLAB_DATA": str(tmp_path), "DATABASE_URL": postgres_url}


def start(settings: dict, what: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "qdlab.running.database", what]
    return subprocess.Popen(command, cwd=ROOT, env=settings, stderr=subprocess.PIPE, text=True)


def test_two_that_migrate_at_once_and_one_that_waits_all_end_with_one_current_schema(settings_of, postgres_url):
    started = [start(settings_of, what) for what in ("wait", "migrate", "migrate")]
    said = [process.communicate(timeout=300)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    with psycopg.connect(postgres_url) as connection:
        twice = connection.execute(
            "SELECT app, name FROM django_migrations GROUP BY 1, 2 HAVING count(*) > 1"
        ).fetchall()
        users = connection.execute("SELECT count(*) FROM access_user").fetchone()
    assert twice == []
    assert users == (0,)


def test_a_database_that_does_not_answer_is_named_by_its_variable(tmp_path):
    settings = os.environ | {
        "QDLAB_DATA": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/qdlab",
        "QDLAB_DATABASE_PATIENCE_S": "0",
    }
    process = start(settings, "wait")
    assert "The database of DATABASE_URL does not answer" in process.communicate(timeout=120)[1]
    assert process.returncode == 1


def test_a_worker_without_migrations_says_how_to_get_them(settings_of):
    process = start(settings_of | {"QDLAB_DATABASE_PATIENCE_S": "0"}, "wait")
    assert "docker/entrypoint migrate" in process.communicate(timeout=120)[1]
    assert process.returncode == 1


def test_models_and_migrations_agree():
    """What ``makemigrations --check`` asks, without a database."""
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    missing = detector.changes(graph=loader.graph)
    assert {app: [str(m.operations) for m in made] for app, made in missing.items()} == {}
