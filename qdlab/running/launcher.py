"""Start a lab in the foreground: prepare it, then keep its web server and its worker running."""

import errno
import fcntl
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from qdlab.running.announce import announce
from qdlab.running.lab import ROOT, Lab
from qdlab.running.supervisor import Child, Supervisor

DEMO = [sys.executable, "manage.py", "continue_demo"]
DEMO_AFTER_S = 20.0  # the first answers of a demo are not to wait for its second part
WEB_THREADS = 12  # some may be held by ?wait=; the rest answer pages


def run(lab: Lab) -> None:
    """Block until the lab is stopped."""
    os.chdir(ROOT)
    with own_data_folder(lab.data):
        lab.access_file.unlink(missing_ok=True)  # its presence means: this lab answers
        refuse_busy_port(lab)
        prepare(lab)
        supervisor = Supervisor(children(lab))
        threading.Thread(target=announce, args=(lab, supervisor.stopping.wait), daemon=True).start()
        supervisor.run()
        print("QDLab has stopped. Everything is kept in", lab.data, flush=True)


def own_data_folder(data: Path) -> IO:
    """The lock of a data folder: two launchers on one lab would run two SQLite writers and two schedulers."""
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)  # raw files, the database and the secret are the group's own
    lock = (data / "running.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        sys.exit(f"This lab is running already (process {lock.read().strip() or 'unknown'}, folder {data}).")
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def refuse_busy_port(lab: Lab) -> None:
    family = socket.AF_INET6 if ":" in lab.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((lab.host, lab.port))
        except OSError as problem:
            sys.exit(sentence_about_port(lab, problem))


def sentence_about_port(lab: Lab, problem: OSError) -> str:
    command = "make demo" if lab.kind == "demo" else "make run"
    if problem.errno == errno.EADDRINUSE:
        return f"Port {lab.port} is in use by another program. Choose another one: {command} PORT={lab.port + 1}"
    if problem.errno == errno.EACCES:
        return f"Port {lab.port} needs special rights. Choose one above 1023: {command} PORT=8000"
    return f"QDLab cannot listen on {lab.host}, port {lab.port}: {problem.strerror}."


def prepare(lab: Lab) -> None:
    print("Preparing the lab in", lab.data, "…", flush=True)
    done = subprocess.run([sys.executable, "-m", "qdlab.running.prepare", lab.kind], env=lab.environment())
    if done.returncode != 0:
        sys.exit("The lab could not be prepared; the lines above say why. Nothing that it held was removed.")


def children(lab: Lab) -> list[Child]:
    environment = lab.environment()
    watches = [Child("watch", watch_command(folder, environment), environment) for folder in lab.watched_folders()]
    return [
        Child("web", web_command(lab), environment),
        Child("worker", worker_command(lab), environment),
        *watches,
        *([Child("demo", DEMO, environment, once=True, after_s=DEMO_AFTER_S)] if lab.kind == "demo" else []),
    ]


def watch_command(folder: str, environment: dict[str, str]) -> list[str]:
    """What looks into the share of an instrument's PC, for the project and the person that the settings name."""
    project, person = environment.get("QDLAB_WATCH_PROJECT", ""), environment.get("QDLAB_WATCH_BY", "")
    return [sys.executable, "manage.py", "watch_folder", folder, "--project", project, "--by", person]


def web_command(lab: Lab) -> list[str]:
    """One process (SQLite has one writer), several threads."""
    host = f"[{lab.host}]" if ":" in lab.host else lab.host
    return [
        sys.executable, "-m", "gunicorn", "qdlab.wsgi:application", "--bind", f"{host}:{lab.port}",
        "--workers", "1", "--worker-class", "gthread", "--threads", str(WEB_THREADS), "--timeout", "120",
        "--graceful-timeout", "5", "--limit-request-line", "8190", "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip


def worker_command(lab: Lab) -> list[str]:
    """One worker process (SQLite has one writer) with the scheduler inside; a killed job is queued again by it."""
    return [
        sys.executable, "-m", "celery", "--quiet", "--app", "qdlab", "worker", "--beat",
        "--schedule", str(lab.data / "beat-schedule"), "--pool", "prefork", "--concurrency", "1",
        "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING",
    ]  # fmt: skip
