"""Curves in and out of the database and over the API, beside the ways that come to mind first; renews docs/benchmarks.md.

``make bench ARGS=storage``: curves of 1,000 points in SQLite, y as float64 bytes on a shared x axis against lists in a JSONField
and against a row per point. Seconds of the processor, medians of rounds in which everybody takes a turn.
"""

import argparse
import os
import tempfile
from pathlib import Path

from tests.bench.peers import page

INTRODUCTION = """Curves of {points:,} points in SQLite, seconds of the processor, medians of {rounds} rounds in which everybody took a turn;
the slow ones were given fewer curves. The size is that of the database for each byte of x and y as float64. "From the API" is
Django's whole answer, with sign-in by token and what one may see, until the frame stands; the peers' views ask for no token.

Machine: {machine}. Packages: {packages}.
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench ARGS=storage", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often everybody takes a turn (default 3)")
    parser.add_argument("--curves", type=int, default=10_000, help="how many curves QDLab stores (default 10000)")
    given = parser.parse_args(arguments)
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        from tests.bench.uploads import prepare_one_process

        prepare_one_process(Path(folder))
        from tests.bench.peers import curves
        from tests.bench.peers.rounds import run, table

        text = INTRODUCTION.format(
            points=curves.POINTS, rounds=given.rounds, machine=page.machine(),
            packages=page.packages("Django", "djangorestframework", "numpy", "pyarrow", "pandas"),
        )  # fmt: skip
        for heat in curves.heats(given.curves):
            run(heat, given.rounds)
            print(table(heat), flush=True)
            text += "\n" + table(heat)
    page.renew("storage", text)
    print("Written to docs/benchmarks.md.")
    return 0
