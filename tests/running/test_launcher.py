"""One command in the foreground: what it refuses, and the demo lab from its start to its end."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request

import pytest

from qdlab.running import launcher
from qdlab.running.lab import ROOT, Lab
from tests import lab
from tests.servers import free_port


def launch(*arguments: str) -> subprocess.CompletedProcess:
    """The launcher where it must give up before it starts anything."""
    command = [sys.executable, "-m", "qdlab.running", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=lab.plain_environment(), timeout=120)


def test_a_busy_port_is_said_together_with_what_to_type_instead(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = launch("demo", "--port", str(port), "--data", str(tmp_path))
    assert done.returncode == 1
    assert f"Port {port} is in use by another program. Choose another one: make demo PORT={port + 1}" in done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "eight"])
def test_an_impossible_port_is_refused(port, tmp_path):
    done = launch("lab", "--port", port, "--data", str(tmp_path))
    assert done.returncode == 2
    assert "a port is a number from 1 to 65535" in done.stderr


def test_a_lab_that_cannot_be_prepared_does_not_start(tmp_path):
    (tmp_path / "secret_key").write_text("too short")
    done = launch("lab", "--port", str(free_port()), "--data", str(tmp_path))
    assert done.returncode == 1
    assert "The lab could not be prepared" in done.stderr
    assert "too short" in done.stderr


def test_what_a_lab_keeps_is_readable_by_its_owner_alone(live_lab):
    data = live_lab.lab.data
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600


def test_the_same_lab_cannot_be_started_twice(live_lab):
    done = launch("lab", "--port", str(free_port()), "--data", str(live_lab.lab.data))
    assert done.returncode == 1
    assert f"This lab is running already (process {live_lab.process.pid}" in done.stderr


def test_an_empty_lab_prints_the_link_that_makes_its_owner_once(live_lab):
    links = [line for line in live_lab.log.read_text().splitlines() if f"{live_lab.url}/account/owner/" in line]
    assert len(links) == 1


def test_a_lab_watches_the_folders_that_its_settings_name_and_the_demo_none(tmp_path, monkeypatch):
    monkeypatch.setenv("QDLAB_WATCH", f"/mnt/jasco{os.pathsep}/mnt/cs 2000")
    monkeypatch.setenv("QDLAB_WATCH_PROJECT", "Blue emitters")
    monkeypatch.setenv("QDLAB_WATCH_BY", "kim@example.org")
    own = launcher.children(Lab("lab", tmp_path, "127.0.0.1", 8000))
    assert [child.name for child in own] == ["web", "worker", "watch", "watch"]
    assert own[3].command[1:] == [
        "manage.py", "watch_folder", "/mnt/cs 2000", "--project", "Blue emitters", "--by", "kim@example.org"
    ]  # fmt: skip
    of_demo = launcher.children(Lab("demo", tmp_path, "127.0.0.1", 8000))
    assert [child.name for child in of_demo] == [
        "web",
        "worker",
        "demo",
    ]  # the last one brings the second part, and ends


# --- The demo lab, started twice ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    live = lab.start(tmp_path_factory.mktemp("demo") / "data", kind="demo")
    yield live
    live.stop()


def access(live: lab.LiveLab) -> dict:
    lab.wait_until(live.lab.access_file.exists, "access.json")
    return json.loads(live.lab.access_file.read_text(encoding="utf-8"))


def projects(live: lab.LiveLab, token: str) -> list:
    status, body = live.get("/api/v1/projects/", token)
    assert status == 200
    return json.loads(body)["results"]


@pytest.mark.xdist_group("demo")
class TestDemo:
    def test_access_json_says_where_the_lab_is_and_how_to_get_in(self, demo):
        written = access(demo)
        assert written.keys() == {"url", "people", "token"}
        assert written["url"] == demo.url
        assert [person.keys() for person in written["people"]] == [{"username", "password", "role"}] * 3
        assert stat.S_IMODE(demo.lab.access_file.stat().st_mode) == 0o600

    def test_the_sign_ins_are_printed(self, demo):
        written = access(demo)
        lab.wait_until(lambda: "with an API token" in demo.log.read_text(), "the announcement")
        log = demo.log.read_text()
        assert all(person["username"] in log and person["password"] in log for person in written["people"])

    def test_the_token_opens_the_api(self, demo):
        assert projects(demo, access(demo)["token"])

    def test_health_needs_no_sign_in(self, demo):
        with urllib.request.urlopen(f"{demo.url}/healthz", timeout=60) as answer:
            assert json.load(answer)["status"] == "ok"

    @pytest.mark.parametrize("part", ["gunicorn", "celery"])
    def test_a_part_that_is_killed_comes_back(self, demo, part):
        before = demo.child(part)
        os.kill(before, signal.SIGKILL)
        lab.wait_until(lambda: demo.child(part) not in (0, before), f"another {part}")
        lab.wait_until(lambda: lab.answers(demo.url), "the lab to answer again")

    def test_stopped_and_started_again_it_has_what_it_had(self, demo):
        people, token = access(demo)["people"], access(demo)["token"]
        before = projects(demo, token)
        # web server and its worker process, celery and its child
        lab.wait_until(lambda: len(lab.family_of(demo.process.pid)) >= 4, "all four processes")
        family = lab.family_of(demo.process.pid)
        demo.process.send_signal(signal.SIGTERM)
        assert demo.process.wait(60) == 0
        lab.wait_until(lambda: not any(lab.runs(process.pid) for process in family), "the end of every process")

        again = lab.start(demo.lab.data, kind="demo")
        try:
            assert access(again) == {"url": again.url, "people": people, "token": token}
            assert projects(again, token) == before
        finally:
            again.stop()
