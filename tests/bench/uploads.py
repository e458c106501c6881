"""Mixed files from the drop to the numbers on the pages: web server, worker and reader as ``make run`` starts them, on one core.

``make bench ARGS="uploads --files 1000"``. Twenty files to a sample: JASCO emissions and absorbances, decays with their response,
plain tables, a growth, CD, EDX, one file sent twice and one that is no data (``peers.mixed_files``). They are sent one per
request, as the page does. Counted are all processes of the lab, with storage, audit trail and every analysis that follows by
itself, until the table of batches and the page of every batch were fetched. Beside it stands a script that reads the same
files with the same readers, fits them with scipy one by one, and keeps nothing. On a machine that does other things the seconds
of the processor are the figures to compare. ``--profile`` shows where they go, in one process, without the web.
"""

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from uuid import uuid4

from tests.bench.peers import page

POLL_S = 0.3
WRITTEN_FROM = 1000  # files: of fewer, the page tells nothing
PARTS = {
    "reader": "readers.host",
    "worker": "celery",
}  # of the lab, by a word of their commands; everything else is web
LINE = "  {:<9} {:7.1f} ms per file, {:6.1f} ms of the processor"


def main(arguments: list[str]) -> int:
    given = _options(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as folder:
        if given.profile:
            _profiled(Path(folder), given.files, given.profile)
        else:
            _whole(Path(folder), given.files)
    return 0


def _options(arguments: list[str]):
    parser = argparse.ArgumentParser(prog="make bench ARGS=uploads", description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=1000, help="how many files (default 1000)")
    parser.add_argument("--profile", type=int, default=0, metavar="LINES", help="a profile of so many lines instead")
    return parser.parse_args(arguments)


# --- The whole lab ------------------------------------------------------------------------------------------------------


def _whole(folder: Path, n: int) -> None:
    from tests import lab
    from tests.bench.peers.mixed_files import contents

    files = list(contents(n))
    script = _by_script(folder / "files", files)
    live = lab.start_with_cast(folder / "lab")
    try:
        os.environ |= {k: v for k, v in live.lab.environment().items() if k.startswith(("QDLAB", "DJANGO"))}
        _prepare(n, live.cast["project"])
        meter = Meter(live.process.pid)
        wall = _drop(live, files, meter) + _wait(meter, n) + _look(live, meter)
        parts = meter.by_part() - meter.before
    finally:
        live.stop()
    _report(n, wall, meter, parts, script)


class Meter:
    """Seconds of the processor and memory of a process and all its descendants, the ended ones included."""

    def __init__(self, pid: int):
        import psutil

        self.root, self.spent, self.memory, self.largest = psutil.Process(pid), {}, {}, 0
        self.before = self.by_part()

    def _of_all(self, ask) -> Iterator:
        """What ``ask`` tells of each process, with the part of the lab that it belongs to."""
        import psutil

        for process in [self.root, *self.root.children(recursive=True)]:
            try:
                command = " ".join(process.cmdline())
                yield next((part for part, word in PARTS.items() if word in command), "web"), ask(process)
            except psutil.NoSuchProcess:
                continue

    def by_part(self) -> Counter:
        spent = Counter()
        for part, times in self._of_all(lambda process: process.cpu_times()):
            spent[part] += sum(times[:4])  # its own, and those of its children that have ended
        return spent

    def seconds(self) -> float:
        return self.by_part().total()

    def worker_memory(self) -> int:
        """Resident bytes of the largest process of the worker, pool child and reader host among them."""
        found = self._of_all(lambda process: process.memory_info().rss)
        return max((size for part, size in found if part in PARTS), default=0)

    def remember(self, n: int, marks: tuple[int, ...]) -> None:
        """Note the largest memory so far when a further mark of files is reached."""
        self.largest = max(self.largest, self.worker_memory())
        for mark in marks:
            if n >= mark and mark not in self.memory:
                self.memory[mark] = self.largest

    @contextmanager
    def phase(self, name: str):
        wall, busy = perf_counter(), self.seconds()
        yield
        self.spent[name] = perf_counter() - wall, self.seconds() - busy


def _by_script(folder: Path, files: list[tuple[str, bytes]]) -> dict:
    folder.mkdir(parents=True)
    for name, content in files:
        (folder / name).write_bytes(content)
    began = perf_counter()
    command = [sys.executable, "-m", "tests.bench.peers.one_by_one", str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(told) | {"wall": perf_counter() - began}


def _prepare(n: int, project_id: str) -> None:
    """Batches with a sample each, and a session of a standard, so that quantum yields follow too."""
    import django

    django.setup()
    from qdlab.access.models import Project, User
    from qdlab.demo.instruments import Bench
    from synthesis import services as synthesis
    from tests import factories
    from tests.bench.peers.mixed_files import PER_SAMPLE, code_of
    from tests.spectra.walk import drop_standard_session

    project, chemist = Project.objects.get(pk=project_id), User.objects.get(username="chemist")
    recipe = factories.make_recipe(project, by=chemist)
    for group in range(-(-n // PER_SAMPLE)):
        batch = factories.make_batch(revision=recipe.revisions.get(), by=chemist, code=code_of(group))
        synthesis.add_sample(by=chemist, batch=batch, state="washed")
    drop_standard_session(chemist, project, Bench(0))
    while _left():
        time.sleep(POLL_S)


def _left() -> int:
    """Jobs that have not ended, and samples whose joined analyses are still to come."""
    from qdlab.records import outbox
    from spectra import followups
    from spectra.models import Analysis, Reading, State

    still = {"state__in": [State.QUEUED, State.RUNNING]}
    jobs = Reading.objects.filter(**still).count() + Analysis.objects.filter(**still).count()
    return jobs + len(outbox.pending(followups.SETTLING))


def _n_read() -> int:
    from spectra.models import Upload

    return Upload.objects.exclude(status__in=[Upload.Status.RECEIVED, Upload.Status.READING]).count()


def _drop(live, files: list[tuple[str, bytes]], meter: Meter) -> float:
    began, marks = perf_counter(), _marks(len(files))
    with meter.phase("upload"):
        for number, (name, content) in enumerate(files):
            _send(live, name, content)
            if number % 25 == 0:
                meter.remember(_n_read(), marks)
    return perf_counter() - began


def _marks(n: int) -> tuple[int, ...]:
    return n // 4, n // 2, n - -(-n // 20)  # one in twenty comes twice and is one upload


def _send(live, name: str, content: bytes) -> None:
    boundary = uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(f"{live.url}/api/v1/uploads/", body)
    request.add_header("Authorization", f"Bearer {live.cast['token']}")
    request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
    with urllib.request.urlopen(request, timeout=120) as answer:
        answer.read()


def _wait(meter: Meter, n: int) -> float:
    began = perf_counter()
    with meter.phase("the rest"):
        while _left():
            meter.remember(_n_read(), _marks(n))
            time.sleep(POLL_S)
    meter.remember(n, _marks(n))
    return perf_counter() - began


def _look(live, meter: Meter) -> float:
    """Fetch the table of batches and every batch, as a person's browser would."""
    from django.test import Client

    from qdlab.access.models import User
    from synthesis.models import Batch

    client = Client()
    client.force_login(User.objects.get(username="chemist"))
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    began = perf_counter()
    with meter.phase("pages"):
        for path in ("batches/", *(f"batches/{pk}/" for pk in Batch.objects.values_list("pk", flat=True))):
            request = urllib.request.Request(f"{live.url}/{path}", headers={"Cookie": cookie})
            with urllib.request.urlopen(request, timeout=120) as answer:
                answer.read()
    return perf_counter() - began


def _report(n: int, wall: float, meter: Meter, by_part: Counter, script: dict) -> None:
    busy = sum(busy for _wall, busy in meter.spent.values())
    phases = [LINE.format(name, 1000 * wall_s / n, 1000 * busy_s / n) for name, (wall_s, busy_s) in meter.spent.items()]
    parts = ", ".join(f"{part} {1000 * seconds / n:.1f} ms" for part, seconds in by_part.items())
    memory = ", ".join(f"{size / 2**20:.0f} MiB after {mark}" for mark, size in meter.memory.items())
    told = [
        f"{n:,} mixed files, web and worker on one core: {wall:.1f} s, {60 * n / wall:.0f} files per minute",
        f"  processor {busy:.1f} s: {60 * n / busy:.0f} files per minute at most",
        *phases,
        f"  processor per file by part of the lab: {parts}",
        f"  {_found()}",
        f"  largest process of the worker: {memory}",
        f"the script, nothing kept: {script['wall']:.1f} s, processor {script['seconds']:.1f} s for {script['numbers']} numbers",
        f"QDLab's speed by the processor's seconds: {script['seconds'] / busy:.2f} times the script's (to reach: 1)",
    ]
    print("\n".join(told))
    if n >= WRITTEN_FROM:
        lines = "\n".join(["```", *told, "```"])
        page.renew("uploads", f"## From the drop to the pages\n\nMachine: {page.machine()}.\n\n{lines}")
        print("Written to docs/benchmarks.md.")


def _found() -> str:
    from spectra.models import Analysis, Measurement, Quantity, Upload

    states = {status: Upload.objects.filter(status=status).count() for status in Upload.Status.values}
    files = ", ".join(f"{count} {status}" for status, count in states.items() if count)
    results = Analysis.objects.filter(state="done").count()
    return f"files: {files}; {Measurement.objects.count()} measurements, {results} results, {Quantity.objects.count()} numbers"


# --- One process, profiled ----------------------------------------------------------------------------------------------


def prepare_one_process(folder: Path) -> None:
    """A lab without servers, for this process alone."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "qdlab.settings", "QDLAB_DATA": str(folder)}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _profiled(folder: Path, n: int, lines: int) -> None:
    prepare_one_process(folder)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from qdlab.access.models import Membership, Project, User
    from spectra import ingest, services
    from tests.bench.peers.mixed_files import PER_SAMPLE, code_of, contents
    from tests.factories import make_batch
    from tests.spectra.walk import work

    project, person = Project.objects.create(name="bench"), User.objects.create(username="bench")
    Membership.objects.create(project=project, user=person, role="chemist")
    for group in range(-(-n // PER_SAMPLE)):
        make_batch(project, by=person, code=code_of(group))
    ingest.host()
    files, profile, spent = list(contents(n)), cProfile.Profile(), {}
    with CaptureQueriesContext(connection) as asked:
        profile.enable()
        for phase, do in (
            ("upload", lambda: [services.upload(by=person, project=project, name=a, chunks=[b]) for a, b in files]),
            ("the rest", work),
        ):
            began, busy, before = perf_counter(), process_time(), len(asked)
            do()
            spent[phase] = perf_counter() - began, process_time() - busy, len(asked) - before
        profile.disable()
    for phase, (seconds, busy, queries) in spent.items():
        print(LINE.format(phase, 1000 * seconds / n, 1000 * busy / n) + f", {queries / n:.1f} queries")
    pstats.Stats(profile).sort_stats("cumulative").print_stats(lines)
