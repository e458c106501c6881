"""Mixed files from upload to the last number, in one process on one core: files per minute, where the time goes, memory.

``make bench ARGS="uploads --files 1000"``. SQLite in a temporary folder, or the database that DATABASE_URL names (use an empty
one). Three of four files are simulated JASCO emissions, every fourth is a plain table of absorbances; storage, audit trail and all
analyses that follow by themselves are included. The processor time is that of the worker, without the reader host's children:
on a machine that does other things it is the figure to compare.
"""

import argparse
import cProfile
import os
import pstats
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter, process_time


def main(arguments: list[str]) -> int:
    given = _options(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "qdlab.settings", "QDLAB_DATA": folder, "OMP_NUM_THREADS": "1"}
        _prepare()
        profile = cProfile.Profile() if given.profile else None
        _report(_run(given.files, profile), given.files)
        if profile:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(given.profile)
    return 0


def _options(arguments: list[str]):
    parser = argparse.ArgumentParser(prog="make bench ARGS=uploads", description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=1000, help="how many files (default 1000)")
    parser.add_argument("--profile", type=int, default=0, metavar="LINES", help="also print a profile of so many lines")
    return parser.parse_args(arguments)


def _prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def contents(n: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of ``n`` different files."""
    from qdlab.demo import instruments
    from qdlab.demo.physics import Band

    when = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    for k in range(n):
        bench, kind = instruments.Bench(k), k % 4
        if kind == 3:
            text = "Wavelength (nm),Abs\n" + "".join(f"{x},{1 / (1 + x + k)}\n" for x in range(300, 701))
            yield f"table-{k}.csv", text.encode()
            continue
        peak_nm = 450 + k % 60
        spectrum = bench.emission((Band(float(peak_nm), 14.9),), 5000.0)
        yield f"PL-{k}.txt", instruments.jasco_emission(f"sample {k}", spectrum, when, solvent="toluene")


def _run(n: int, profile) -> dict:
    import psutil

    from qdlab.access.models import Membership, Project, User
    from spectra import ingest, pipeline, services
    from spectra.analysis import METHODS

    project = Project.objects.create(name=f"bench {perf_counter()}")
    person = User.objects.create(username=f"bench-{perf_counter()}")
    Membership.objects.create(project=project, user=person, role="chemist")
    files, process = list(contents(n)), psutil.Process()
    spent, memory = {}, {"before": process.memory_info().rss}
    if profile:
        profile.enable()
    with _timed(spent, "upload"):
        for name, content in files:
            services.upload(by=person, project=project, name=name, chunks=[content])
    n_left = 1
    while n_left:
        with _timed(spent, "read"):
            while ingest.read_waiting():
                pass
        with _timed(spent, "analyse"):
            n_left = sum(pipeline.run_waiting(method) for method in METHODS)
    if profile:
        profile.disable()
    memory["after"] = process.memory_info().rss
    return {"spent": spent, "memory": memory, "database": _database()}


@contextmanager
def _timed(spent: dict, phase: str):
    wall, cpu = perf_counter(), process_time()
    yield
    before = spent.get(phase, (0.0, 0.0))
    spent[phase] = before[0] + perf_counter() - wall, before[1] + process_time() - cpu


def _database() -> str:
    from django.db import connection

    return connection.vendor


def _report(measured: dict, n: int) -> None:
    from spectra.models import Analysis, Measurement

    spent, memory = measured["spent"], measured["memory"]
    wall, cpu = (sum(times) for times in zip(*spent.values(), strict=True))
    print(f"{n} files on {measured['database']}, one core: {wall:.1f} s, {60 * n / wall:.0f} files per minute")
    print(f"  processor {cpu:.1f} s: {60 * n / cpu:.0f} files per minute at most")
    for phase, (seconds, busy) in spent.items():
        print(f"  {phase:<8} {1000 * seconds / n:7.1f} ms per file, {1000 * busy / n:6.1f} ms of the processor")
    print(f"  {Measurement.objects.count()} measurements, {Analysis.objects.filter(state='done').count()} results")
    print(f"  memory {memory['before'] / 2**20:.0f} MiB before, {memory['after'] / 2**20:.0f} MiB after")
