"""The engines against the libraries a chemist would use instead: Gaussian fits, decays, colours; writes docs/benchmarks.md.

``make bench`` runs it in an environment of its own with the peers of tests/requirements-bench.txt. One thread, seconds of the
processor, medians of rounds in which everybody takes a turn. A peer that is not installed is left out.
"""

import argparse
import os

from tests.bench.peers import page

PACKAGES = ("numpy", "scipy", "lmfit", "hyperspy", "lumispy", "numexpr", "tttrlib", "colour-science")
INTRODUCTION = """Everything in this part was measured in one run, on one thread, in {rounds} rounds in which everybody
took a turn; medians of the seconds that the processor spent. One-by-one peers worked on the first spectra of the same set.

Machine: {machine}. Packages: {packages}.
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often everybody takes a turn (default 3)")
    given = parser.parse_args(arguments)
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    text = INTRODUCTION.format(rounds=given.rounds, machine=page.machine(), packages=page.packages(*PACKAGES))
    for table in _tables(given.rounds):
        print(table, flush=True)
        text += "\n" + table
    page.renew("engines", text)
    print("Written to docs/benchmarks.md.")
    return 0


def _tables(rounds: int):
    from tests.bench.peers import colours, decays, gaussians
    from tests.bench.peers.rounds import run, table

    heats = [lambda k=k: gaussians.heat(k) for k in (1, 2, 3)] + [lambda k=k: decays.heat(k) for k in (1, 2)]
    for make in [*heats, colours.heat]:
        heat = make()
        run(heat, rounds)
        yield table(heat)
