"""The containers, as far as they can be tried without a container engine.

The entrypoint is run by hand as web, worker and beat, against a real PostgreSQL and a real Redis, in production
settings; the compose file is checked against the official schema and against what it refers to.
"""

import http.client
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from qdlab.running.lab import ROOT
from tests.lab import plain_environment, runs, wait_until
from tests.servers import free_port

DOCKER = ROOT / "docker"
HOST = "qdlab.example.org"


# --- The files ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))


def check_schema(file: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_compose_file_fits_the_official_schema():
    done = check_schema(DOCKER / "compose.yaml")
    assert done.returncode == 0, done.stdout


def test_that_schema_would_have_found_a_mistake(tmp_path):
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    (tmp_path / "compose.yaml").write_text(text.replace("healthcheck:", "healthchek:"), encoding="utf-8")
    done = check_schema(tmp_path / "compose.yaml")
    assert done.returncode == 1
    assert "healthchek" in done.stdout


def test_every_service_is_watched_and_started_again(compose):
    assert compose["services"].keys() == {"proxy", "web", "worker", "beat", "watch", "database", "broker"}
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name


def test_only_the_proxy_is_reachable_from_outside(compose):
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True
    assert [name for name, one in compose["services"].items() if "outside" in one["networks"]] == ["proxy"]


def test_every_variable_of_the_compose_file_is_in_the_example_and_no_secret_has_a_default():
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    example = dict(re.findall(r"^(\w+)=(.*)$", (DOCKER / "env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert used == example.keys()
    assert example["POSTGRES_PASSWORD"] == ""
    assert "${POSTGRES_PASSWORD:?" in text


def test_every_part_that_compose_starts_is_one_that_the_entrypoint_knows(compose):
    parts = re.findall(r"^(\w+)\)$", (DOCKER / "entrypoint").read_text(), re.MULTILINE)
    started = [service["command"][0] for service in compose["services"].values() if service.get("image") == "qdlab"]
    assert sorted(started) == ["beat", "watch", "web", "worker"]
    assert set(started) <= set(parts)


def test_what_the_image_copies_exists_and_is_sent_to_the_builder():
    copied = re.findall(r"^COPY (?!--from)(\S+) ", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
    sent = re.findall(r"^!(\S+)$", (DOCKER / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert sorted(copied) == sorted(sent)
    assert all((ROOT / name).exists() for name in copied)


# --- A file -----------------------------------------------------------------------------------------------------------------

SPECTRUM = "wavelength (nm),intensity (counts)\n" + "".join(
    f"{wavelength_nm},{1000 * math.exp(-(((wavelength_nm - 453) / 6.3) ** 2) / 2):.3f}\n"
    for wavelength_nm in range(400, 520)
)


def form_with_file(project: str, text: str) -> tuple[bytes, str]:
    """A multipart form as a browser sends it, and its content type."""
    parts = [
        f'Content-Disposition: form-data; name="project"\r\n\r\n{project}',
        f'Content-Disposition: form-data; name="file"; filename="blue.csv"\r\nContent-Type: text/csv\r\n\r\n{text}',
    ]
    body = "".join(f"--boundary-of-parts\r\n{part}\r\n" for part in parts) + "--boundary-of-parts--\r\n"
    return body.encode(), "multipart/form-data; boundary=boundary-of-parts"


# --- The entrypoint, by hand ------------------------------------------------------------------------------------------------


class Containers:
    """What compose would start, as plain processes that share a data folder, a database and a broker."""

    def __init__(self, data: Path, database: str, broker: str):
        self.port, self.data, self.processes = free_port(), data, {}
        self.environment = plain_environment() | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "DJANGO_SETTINGS_MODULE": "qdlab.settings",
            "QDLAB_ENV": "production", "QDLAB_HOSTS": HOST, "QDLAB_ORIGINS": f"https://{HOST}",
            "QDLAB_DATA": str(data), "QDLAB_BIND": "127.0.0.1", "QDLAB_PORT": str(self.port),
            "QDLAB_WEB_PROCESSES": "1", "QDLAB_WORKER_PROCESSES": "1", "TMPDIR": str(data),
            "DATABASE_URL": database, "REDIS_URL": broker,
        }  # fmt: skip

    def start(self, part: str) -> None:
        log = (self.data / f"{part}.log").open("ab")
        self.processes[part] = subprocess.Popen(
            [DOCKER / "entrypoint", part], env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )

    def run(self, *command: str) -> subprocess.CompletedProcess:
        """``docker compose exec``: a command with the settings of the containers."""
        return subprocess.run(
            [DOCKER / "entrypoint", *command], env=self.environment, capture_output=True, text=True, timeout=180
        )

    def healthy(self) -> bool:
        for part, process in self.processes.items():
            assert process.poll() is None, (self.data / f"{part}.log").read_text(errors="replace")
        return self.run("python", "-m", "qdlab.running.healthcheck").returncode == 0

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        """What the web container answers to the proxy, or to somebody who goes around it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={"Host": HOST} | headers)
        return connection.getresponse()

    def ask_api(self, method: str, path: str, token: str, body: bytes = b"", kind: str = "") -> dict:
        """What the API answers to a script that comes through the proxy."""
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Authorization": f"Bearer {token}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body=body, headers=headers | ({"Content-Type": kind} if kind else {}))
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status in (200, 201), text
        return json.loads(text)

    def stop(self) -> dict[str, int]:
        """End all as ``docker compose stop`` does; the exit codes."""
        for process in self.processes.values():
            process.terminate()
        return {part: process.wait(60) for part, process in self.processes.items()}


@pytest.fixture(scope="module")
def database(request) -> Iterator[str]:
    from tests import servers

    with servers.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture(scope="module")
def containers(tmp_path_factory, database, redis_url) -> Iterator[Containers]:
    started = Containers(tmp_path_factory.mktemp("containers"), database, redis_url)
    collected = started.run("python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    assert collected.returncode == 0, collected.stderr  # the image does this when it is built
    for part in ("worker", "beat", "web"):  # the first two wait for the web container's migrations
        started.start(part)
    try:
        wait_until(started.healthy, "the web container to answer")
        yield started
    finally:
        for process in started.processes.values():
            process.kill()
            process.wait()


@pytest.mark.xdist_group("containers")
class TestEntrypoint:
    def test_health_is_answered_without_https_so_that_the_engine_can_ask(self, containers):
        answer = containers.get("/healthz")
        assert answer.status == 200

    def test_everything_else_is_sent_to_https(self, containers):
        answer = containers.get("/account/sign-in/")
        assert (answer.status, answer.getheader("Location")) == (301, f"https://{HOST}/account/sign-in/")

    def test_behind_the_proxy_pages_answer_and_demand_https_for_the_future(self, containers):
        answer = containers.get("/account/sign-in/", **{"X-Forwarded-Proto": "https"})
        assert answer.status == 200
        assert "max-age=31536000" in answer.getheader("Strict-Transport-Security")
        assert "Secure" in answer.getheader("Set-Cookie")

    def test_a_host_that_is_not_the_labs_is_refused(self, containers):
        assert containers.get("/account/sign-in/", Host="elsewhere.example.org").status == 400

    def test_the_worker_answers_over_redis(self, containers):
        def answered() -> bool:
            done = containers.run("python", "-m", "celery", "--app", "qdlab", "inspect", "ping", "--timeout", "5")
            return done.returncode == 0 and "pong" in done.stdout

        wait_until(answered, "the worker's answer")

    def test_the_owner_is_made_through_a_link_with_the_labs_own_name(self, containers):
        done = containers.run("python", "manage.py", "owner_link", "--address", f"https://{HOST}")
        assert done.stdout.startswith(f"https://{HOST}/account/owner/")

    def test_a_file_that_arrives_at_the_web_container_is_read_by_the_worker(self, containers):
        cast = json.loads(containers.run("python", "-m", "tests.cast").stdout)
        made = containers.ask_api("POST", "/api/v1/uploads/", cast["token"], *form_with_file(cast["project"], SPECTRUM))
        path = f"/api/v1/uploads/{made['uploads'][0]['id']}/"
        lasting: dict = {}

        def ended() -> bool:
            lasting.update(containers.ask_api("GET", path, cast["token"]))
            return lasting["status"] not in ("received", "reading")

        wait_until(ended, "the worker to read the file")
        assert lasting["status"] == "read", lasting["reason"]
        assert len(lasting["measurements"]) == 1

    def test_beat_has_written_its_schedule(self, containers):
        wait_until(lambda: bool(list(containers.data.glob("qdlab-beat-schedule*"))), "the schedule")

    def test_the_production_settings_pass_djangos_own_check(self, containers):
        done = containers.run("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
        assert done.returncode == 0, done.stderr

    def test_each_part_ends_by_itself_when_it_is_told_to(self, containers):
        codes = containers.stop()
        assert codes == {"web": 0, "worker": 0, "beat": 0}
        assert not any(runs(process.pid) for process in containers.processes.values())
