"""Emission spectra computed again after a change of settings: trial and taking over, per second, beside one task for each.

``make bench ARGS="recompute --results 1000 3000"`` renews its part of docs/benchmarks.md. SQLite in a temporary folder, or the
database that DATABASE_URL names (use an empty one). One process on one core does what a worker does; two workers share the
chunks of the trial. "One task each" claims, computes and commits one result at a time, as a task per spectrum would, without the
queue's own cost. Seconds are those of the processor: on a machine that does other things they are the figure to compare (with
PostgreSQL, the server's own come on top).
"""

import argparse
import cProfile
import os
import pstats
import tempfile
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

from tests.bench.peers import page
from tests.bench.peers.rounds import Contestant, exponent
from tests.bench.uploads import prepare_one_process

GRID_FROM_NM, GRID_TO_NM = 400.0, 550.0
MANY = 10_000
REACH, REACH_S = 20.0, 60.0  # times as fast as one task each; MANY results on two workers
STEPS = ("listing", "trial", "taking over", "one task each")
PAGE = """## Results computed again

What a change of settings makes of emission bands of 300 points (a fit with all its numbers, uncertainties and curves): listed, tried
in chunks of 256 so that a person sees what would change, and then taken over, with the old results kept, audit trail and whatever
rests on them told. "One task each" claims, computes and commits one result at a time, without the queue's own cost. Seconds that the
processor spent, {database}, milliseconds for each result. Machine: {machine}.

| results | {head} |
| ---: | {line} |
{rows}

{said}
"""


def main(arguments: list[str]) -> int:
    given = _options(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OMP_NUM_THREADS"] = "1"
        prepare_one_process(Path(folder))
        spent = {n: _run(n, given) for n in given.results}
        from django.db import connection

        page.renew("recompute", _told(spent, connection.display_name))
    return 0


def _told(spent: dict[int, dict[str, float]], database: str) -> str:
    """The part of the page, from seconds for each result of every size and step."""
    rows = [
        f"| {n:,} | " + " | ".join(f"{1000 * each[step]:.2f}" for step in STEPS) + " |" for n, each in spent.items()
    ]
    largest = spent[max(spent)]
    again, alone = largest["listing"] + largest["taking over"], largest["one task each"]
    whole, power = again + largest["trial"], _power(spent)
    grown = MANY * (MANY / max(spent)) ** (power - 1.0)  # so many seconds for each of the largest run
    trial, taking = grown * largest["trial"] / 2, grown * again
    said = [
        f"Taking over what was tried is {alone / again:.1f} times as fast as one task each, trial and taking over together "
        f"{alone / whole:.1f} times. Asked for are {REACH:.0f} times: {_verdict(alone / whole >= REACH)} (every result still has its own "
        f"fit, its own numbers and its own place in the audit trail, and these are most of the rest).",
        f"Time {'grows' if len(spent) > 1 else 'is taken to grow'} as n to the power {power:.2f}.",
        f"{MANY:,} results on two workers {'were not measured but are extrapolated with this power' if max(spent) < MANY else 'take'}: "
        f"trial {trial:.0f} s, shared by both, and taking over {taking:.0f} s on one of them, {trial + taking:.0f} s in all. Asked for are "
        f"{REACH_S:.0f} s: {_verdict(trial + taking <= REACH_S)}.",
    ]
    return PAGE.format(
        database=database, machine=page.machine(), head=" | ".join(STEPS), line=" | ".join(["---:"] * len(STEPS)),
        rows="\n".join(rows), said="\n".join(said),
    )  # fmt: skip


def _power(spent: dict[int, dict[str, float]]) -> float:
    """By which power of n trial and taking over grow; 1 from a single size."""
    sizes = [Contestant("", n, list, seconds=[n * (each["trial"] + each["taking over"])]) for n, each in spent.items()]
    return exponent(sizes) if len(sizes) > 1 else 1.0


def _verdict(reached: bool) -> str:
    return "reached" if reached else "not reached"


def _options(arguments: list[str]):
    parser = argparse.ArgumentParser(prog="make bench ARGS=recompute", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--results", type=int, nargs="+", default=[1000, 3000], help="how many results, one size or several (1000 3000)"
    )
    parser.add_argument("--alone", type=int, default=40, help="how many of them one by one (default 40)")
    parser.add_argument("--profile", type=int, default=0, metavar="LINES", help="also print a profile of so many lines")
    return parser.parse_args(arguments)


def spectra(n: int):
    """``n`` noisy bands, each with a peak of its own."""
    import numpy as np

    from spectra.spectrum import Channel, Spectrum

    x, random = np.arange(GRID_FROM_NM, GRID_TO_NM, 0.5), np.random.default_rng(1)
    for k in range(n):
        y = 1e5 * np.exp(-(((x - 450 - k % 60) / 9) ** 2)) + random.normal(0, 300, x.size)
        yield Spectrum(x, (Channel(y, "intensity", "[a.u.]"),))


def _fill(n: int):
    """A project with ``n`` measurements, ten on each sample, analysed once."""
    from qdlab.access.models import Membership, Project, User
    from spectra import pipeline
    from spectra.models import Analysis, AnalysisInput, Measurement, Reading, State, Trace
    from spectra.values import traces_of
    from spectra.wishes import queue_analysis
    from synthesis.models import Sample
    from tests import factories
    from tests.spectra import records

    project = Project.objects.create(name=f"bench {perf_counter()}")
    person = User.objects.create(username=f"bench-{perf_counter()}")
    Membership.objects.create(project=project, user=person, role="chemist")
    batch = factories.make_batch(project, by=person)
    samples = [Sample.objects.create(project=project, batch=batch, code=f"s{k}") for k in range(-(-n // 10))]
    upload = records.make_upload(project, by=person)
    reading = Reading.objects.create(
        upload=upload, reader="generic_table", reader_version=1, checked_version=1, state=State.DONE
    )
    measurements = [
        Measurement(
            project=project, reading=reading, sample=samples[k // 10], technique="pl_emission", title=f"PL {k}", item=k
        )
        for k in range(n)
    ]
    Measurement.objects.bulk_create(measurements, batch_size=500)
    values, grids = spectra(n), {}
    for start in range(0, n, 500):
        traces = []
        for measurement, value in zip(measurements[start : start + 500], islice(values, 500), strict=True):
            (trace,) = traces_of(value, lambda x: grids.get(x.tobytes()) or _grid(grids, x))
            trace.measurement, trace.index = measurement, 0
            traces.append(trace)
        Trace.objects.bulk_create(traces)
        for measurement in measurements[start : start + 500]:
            queue_analysis("emission_band", [AnalysisInput(role="emission", measurement=measurement)])
    while pipeline.run_waiting("emission_band"):
        pass
    return project, person, Analysis.objects.filter(project=project).count()


def _grid(grids: dict, x):
    from spectra.values import shared_grid

    grids[x.tobytes()] = shared_grid(x)
    return grids[x.tobytes()]


def _run(n: int, given) -> dict[str, float]:
    """Seconds for each result of every step."""
    from django.db import connection

    from qdlab.records import audit
    from spectra import pipeline, recomputing, services, taking_over
    from spectra.models import Analysis, State

    project, person, n = _fill(n)
    profile, spent = cProfile.Profile() if given.profile else None, {}
    wish = {"why": "settings", "method": "emission_band", "parameters": {"window_min_nm": 410.0}}
    print(f"{n} results on {connection.vendor}, one process on one core")
    with _timed(spent, "listing", n):
        run = services.preview_recomputation(by=person, project=project, **wish)
    with _timed(spent, "trial", n):
        while recomputing.try_waiting():
            pass
    services.apply_recomputation(by=person, recomputation=run)
    if profile:
        profile.enable()
    with _timed(spent, "taking over", n):
        while taking_over.advance_all() + pipeline.run_waiting("emission_band"):
            pass
    if profile:
        profile.disable()
    for old in Analysis.objects.filter(project=project, superseded_by=None, state=State.DONE)[: given.alone]:
        services.analyse_again(by=person, analysis=old, parameters={"window_min_nm": 420.0})
    with _timed(spent, "one task each", given.alone):
        while pipeline.run_waiting("emission_band", 1):
            pass
    print(f"  audit chain {'whole' if not audit.broken_links(str(project.pk)) else 'BROKEN'}")
    if profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(given.profile)
    return spent


@contextmanager
def _timed(spent: dict, what: str, n: int):
    began = process_time()
    yield
    spent[what] = (process_time() - began) / n
    print(f"  {what:<14} {1000 * spent[what]:6.2f} ms each, {1 / spent[what]:7.0f} per second")
