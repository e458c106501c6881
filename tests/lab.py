"""A live lab: QDLab as ``make run`` starts it, web server and worker, on a folder of its own."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from qdlab.running.lab import ROOT, Lab
from tests.cast import PASSWORD
from tests.servers import free_port

PATIENCE_S = 180.0


@dataclass
class LiveLab:
    """A running lab. ``url`` is where it answers; ``cast`` has the ids of its projects and the chemist's token."""

    lab: Lab
    process: subprocess.Popen
    log: Path
    cast: dict = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.lab.url

    @property
    def password(self) -> str:
        """The password of everybody in the cast: owner, chemist, pi, viewer, visitor."""
        return PASSWORD

    def python(self, *arguments: str, text: str | None = None) -> str:
        """Run Python in the lab's environment (``-m module`` or ``-c code``); what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], env=self.lab.environment(), cwd=ROOT, input=text, text=True,
            stdout=subprocess.PIPE, timeout=PATIENCE_S, check=True,
        )  # fmt: skip
        return done.stdout

    def manage(self, *arguments: str) -> str:
        return self.python("manage.py", *arguments)

    def get(self, path: str, token: str = "") -> tuple[int, bytes]:
        """The status and body of ``path``, asked with a token (the chemist's unless given)."""
        request = urllib.request.Request(self.url + path)
        request.add_header("Authorization", f"Bearer {token or self.cast['token']}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    def child(self, name: str) -> int:
        """The process id of the launcher's child whose command mentions ``name`` (gunicorn, celery)."""
        children = psutil.Process(self.process.pid).children()
        return next((child.pid for child in children if name in " ".join(command_of(child))), 0)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


def start(data: Path, kind: str = "lab") -> LiveLab:
    """Start a lab on ``data`` and return when it answers; ``stop`` it afterwards."""
    data.mkdir(parents=True, exist_ok=True)
    lab, log = Lab(kind, data, "127.0.0.1", free_port()), data / "lab.log"
    command = [sys.executable, "-m", "qdlab.running", kind, "--port", str(lab.port), "--data", str(data)]
    with log.open("wb") as file:  # of this start alone
        process = subprocess.Popen(command, cwd=ROOT, env=plain_environment(), stdout=file, stderr=file)
    live = LiveLab(lab, process, log)
    try:
        wait_until(
            lambda: process.poll() is not None or told(log, " is ready: ") or hopeless(log), "the lab to be ready"
        )
        if process.poll() is None and not hopeless(log):
            return live
        problem = f"it ended with {process.poll()}" if process.poll() is not None else "its web server keeps dying"
    except AssertionError as impatient:
        problem = str(impatient)
    live.stop()
    raise RuntimeError(f"The lab did not start: {problem}\n{log.read_text(errors='replace')[-6000:]}")


def told(log: Path, text: str, times: int = 1) -> bool:
    return log.read_text(errors="replace").count(text) >= times


def hopeless(log: Path) -> bool:
    """Has the web server died again and again? Waiting longer would only hide why."""
    return told(log, "web    | ended unexpectedly", times=3)


def start_with_cast(data: Path) -> LiveLab:
    live = start(data)
    try:
        live.cast = json.loads(live.python("-m", "tests.cast"))
    except BaseException:
        live.stop()
        raise
    return live


def family_of(process_id: int) -> list[psutil.Process]:
    """A process's children, their children, and so on."""
    return psutil.Process(process_id).children(recursive=True)


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def runs(process_id: int) -> bool:
    """Is the process there, and not merely waiting to be collected by its parent?"""
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def plain_environment() -> dict[str, str]:
    """This process's environment without the settings that the tests made for themselves."""
    ours = ("QDLAB_", "DATABASE_URL", "REDIS_URL", "DJANGO_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_until(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Return once ``condition`` holds; the limit is for what never comes, not for a slow machine."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {patience_s:.0f} s in vain for {what}.")
        time.sleep(0.05)
