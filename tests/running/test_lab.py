"""Which lab is run, and what its processes are told."""

from pathlib import Path

import pytest

from qdlab.running.announce import open_demo
from qdlab.running.lab import Lab


def test_the_address_is_one_that_a_browser_on_this_machine_can_open():
    assert Lab("demo", Path("/data"), "127.0.0.1", 8000).url == "http://127.0.0.1:8000"
    assert Lab("lab", Path("/data"), "0.0.0.0", 8001).url == "http://127.0.0.1:8001"
    assert Lab("lab", Path("/data"), "::1", 8001).url == "http://[::1]:8001"


def test_the_demo_never_writes_to_a_database_that_the_shell_names_for_something_else(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody/else")
    monkeypatch.setenv("REDIS_URL", "redis://somebody/else")
    environment = Lab("demo", Path("/data"), "127.0.0.1", 8000).environment()
    assert "DATABASE_URL" not in environment
    assert "REDIS_URL" not in environment


def test_a_groups_own_lab_uses_the_servers_it_is_given(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://lab/qdlab")
    assert Lab("lab", Path("/data"), "127.0.0.1", 8000).environment()["DATABASE_URL"] == "postgresql://lab/qdlab"


@pytest.mark.parametrize("kind", ["demo", "lab"])
def test_the_settings_are_told_kind_folder_and_port(kind):
    environment = Lab(kind, Path("/data"), "127.0.0.1", 8042).environment()
    assert (environment["QDLAB_ENV"], environment["QDLAB_DATA"], environment["QDLAB_PORT"]) == (kind, "/data", "8042")


def test_a_demo_whose_sign_ins_were_removed_says_how_to_get_new_ones(tmp_path):
    text = open_demo(Lab("demo", tmp_path, "127.0.0.1", 8000))
    assert f"remove {tmp_path}, and start again" in text
    assert not (tmp_path / "access.json").exists()
