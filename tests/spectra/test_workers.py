"""Real Celery workers that are killed in the middle of their work, and a broker that goes away: nothing lost, nothing doubled.

``QDLAB_LONG=1`` kills 100 times each over 500 files.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from qdlab.running.lab import ROOT
from tests import servers
from tests.lab import plain_environment, wait_until

LONG = bool(os.environ.get("QDLAB_LONG"))
N_FILES, N_KILLS = (500, 100) if LONG else (12, 1)  # of the pool child, and as many of the whole worker
PORTIONS = 50 if LONG else 1  # drops of files between the kills, so that there is always work to interrupt
LEASE_S = 1 if LONG else 3
COMMAND = "celery --quiet --app qdlab worker --pool prefork --concurrency 1 --without-gossip --without-mingle --loglevel WARNING"


@dataclass
class Plant:
    """A worker and a driver on one lab. The test is its supervisor and its beat."""

    environment: dict
    log: Path
    worker: psutil.Popen | None = None
    driver: subprocess.Popen | None = None
    woken: float = 0.0

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True, capture_output=True
        )

    def start_worker(self) -> None:
        with self.log.open("ab") as log:
            self.worker = psutil.Popen(
                [sys.executable, "-m", *COMMAND.split()], cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def start_driver(self) -> None:
        self.driver = subprocess.Popen(
            [sys.executable, "-m", "tests.spectra.driver"], cwd=ROOT, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, **command) -> dict:
        self.driver.stdin.write(json.dumps(command) + "\n")
        self.driver.stdin.flush()
        return json.loads(self.driver.stdout.readline())

    def kill_child(self) -> None:
        """SIGKILL the pool child that works; the worker makes another one."""
        children = self.pool()
        assert children, "the worker has no pool child"
        children[0].kill()

    def pool(self) -> list[psutil.Process]:
        own = COMMAND.split()[0]
        try:
            return [c for c in self.worker.children() if any(own in word for word in c.cmdline())]
        except psutil.NoSuchProcess:
            return []

    def kill_worker(self) -> None:
        """SIGKILL worker, pool and reader host at once, as when the machine loses power; then start another one."""
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()
        self.start_worker()

    def jobs(self) -> dict:
        """Jobs by state; the waking that beat does every 30 s is done here more often."""
        if time.monotonic() - self.woken > 1.0:
            self.woken = time.monotonic()
            self.ask(dispatch=True)
        jobs = self.ask(jobs=True)
        if LONG and jobs.get("failed"):  # one job may be hit three times by a hundred kills; a person tries again
            self.ask(retry=True)
        return jobs

    def wait_for_done(self, n: int) -> None:
        wait_until(lambda: self.jobs().get("done", 0) >= n, f"{n} finished jobs")

    def stop(self) -> None:
        if self.driver:
            self.driver.stdin.close()
            self.driver.wait(30)
        if self.worker and self.worker.is_running():
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()


@contextmanager
def plant(folder: Path, **servers_of_it: str):
    environment = plain_environment() | servers_of_it
    environment |= {
        "DJANGO_SETTINGS_MODULE": "qdlab.settings",
        "QDLAB_ENV": "lab",
        "QDLAB_DATA": str(folder / "lab"),
        "QDLAB_JOB_LEASE_S": str(LEASE_S),
    }
    made = Plant(environment, folder / "worker.log")
    try:
        made.manage("migrate", "-v0")
        made.start_worker()
        made.start_driver()
        yield made
    finally:
        made.stop()


def check_that_all_is_there_once(plant: Plant, n_files: int) -> None:
    found = plant.ask(state=True)
    assert found["uploads"] == n_files
    if LONG:
        found["jobs"].pop("failed", None)  # readings given up and repeated
    assert found["jobs"] == {"done": 3 * n_files}  # one reading and two analyses of each; none lost, none given up
    assert found["statuses"] == {"read": n_files}
    assert found["measurements_per_upload"] == {"1": n_files}
    assert found["analyses_per_measurement"] == {"2": n_files}
    assert found["times_ended"] == {"1": 3 * n_files}
    assert set(found["times_each_number"]) == {"1"}
    assert found["broken_links"] == []


def kill_again_and_again(plant: Plant) -> None:
    """Kill pool child and worker in turn, each time after something more was finished, while files keep coming."""
    dropped = 0
    for number in range(2 * N_KILLS):
        if number % (2 * N_KILLS // PORTIONS) == 0:
            plant.ask(drop=N_FILES // PORTIONS)
            dropped += N_FILES // PORTIONS
        plant.wait_for_done(min(plant.jobs().get("done", 0) + 1, 3 * dropped))
        if number % 2 == 0:
            wait_until(lambda: bool(plant.pool()), "a pool child")
            plant.kill_child()
        else:
            plant.kill_worker()
    last = time.monotonic()
    plant.wait_for_done(3 * N_FILES)
    print(f"{2 * N_KILLS} kills over {N_FILES} files, all ended {time.monotonic() - last:.0f} s after the last")


def kill_during_recomputations(plant: Plant, n: int) -> None:
    """Pause, go on, kill and cancel while ``n`` results are tried and taken over."""

    def reached(what: str, state: str, n: int) -> None:
        def enough() -> bool:
            plant.ask(dispatch=True)
            return plant.ask(recompute="look")[what].get(state, 0) >= n

        wait_until(enough, f"{n} {state} {what}")

    plant.ask(recompute="preview")
    plant.kill_worker()  # wherever it is with the trial
    plant.ask(recompute="paused")
    plant.ask(recompute="")
    reached("trial", "done", n)
    plant.ask(recompute="apply")
    plant.kill_worker()  # wherever it is with taking over
    plant.ask(recompute="paused")
    plant.ask(recompute="")
    reached("results", "done", n)
    taken = plant.ask(recompute="look")
    assert taken["trial"] == {"done": n} and taken["results"] == {"done": n}
    assert taken["made"] == taken["current_as_wished"] == n and taken["current"] == {"1": n}
    plant.ask(recompute="preview")
    reached("trial", "done", 1)
    plant.ask(recompute="cancelled")
    plant.ask(dispatch=True)
    left = plant.ask(recompute="look")
    assert left["made"] == 0 and left["current"] == {"1": n}


def test_killed_workers_on_sqlite_lose_and_double_nothing(tmp_path):
    with plant(tmp_path) as lab:
        kill_again_and_again(lab)
        wait_until(lambda: bool(lab.pool()), "a pool child")
        lab.kill_child()  # an idle one
        lab.ask(drop=1)
        lab.wait_for_done(3 * (N_FILES + 1))
        check_that_all_is_there_once(lab, N_FILES + 1)


def test_killed_workers_and_a_stopped_broker_on_postgresql_and_redis_lose_and_double_nothing(tmp_path, postgres_url):
    port = servers.free_port()
    broker, keeper = servers.start_redis(tmp_path / "redis", port=port)
    try:
        with plant(tmp_path, DATABASE_URL=postgres_url, REDIS_URL=f"{broker}/0") as lab:
            kill_again_and_again(lab)
            servers.stop(keeper)
            away = lab.ask(drop=5)  # taken in all the same
            assert away["slowest_s"] < 30
            assert lab.ask(state=True)["uploads"] == N_FILES + 5
            _, keeper = servers.start_redis(tmp_path / "redis", port=port)
            lab.wait_for_done(3 * (N_FILES + 5))
            check_that_all_is_there_once(lab, N_FILES + 5)
            kill_during_recomputations(lab, N_FILES + 5)
            found = lab.ask(state=True)
            assert found["broken_links"] == [] and set(found["times_each_number"]) == {"1"}
            assert set(found["times_ended"]) == {"1"}
    finally:
        servers.stop(keeper)
