"""The engines against the libraries a chemist would use instead: Gaussian fits, decays, colours; writes docs/benchmarks.md.

``make bench`` runs it in an environment of its own with the peers of tests/requirements-bench.txt. One thread, seconds of the
processor, medians of rounds in which everybody takes a turn. A peer that is not installed is left out.
"""

import argparse
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PACKAGES = ("numpy", "scipy", "lmfit", "hyperspy", "lumispy", "numexpr", "tttrlib", "colour-science")
INTRODUCTION = """# Benchmarks

Made by `make bench`; please do not edit. Everything was measured in one run, on one thread, in {rounds} rounds in which everybody
took a turn; medians of the seconds that the processor spent. The ratios hold elsewhere too, the absolute figures do not. One-by-one
peers worked on the first spectra of the same set. "To reach" is what the design asks for; a smaller ratio means that it is not
reached on this machine.

Machine: {machine}, Python {python}. Packages: {packages}.
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often everybody takes a turn (default 3)")
    given = parser.parse_args(arguments)
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    text = INTRODUCTION.format(
        rounds=given.rounds, machine=_machine(), python=platform.python_version(), packages=_packages()
    )
    for table in _tables(given.rounds):
        print(table, flush=True)
        text += "\n" + table
    PAGE.write_text(text)
    print(f"Written to docs/{PAGE.name}.")
    return 0


def _tables(rounds: int):
    from tests.bench.peers import colours, decays, gaussians
    from tests.bench.peers.rounds import run, table

    heats = [lambda k=k: gaussians.heat(k) for k in (1, 2, 3)] + [lambda k=k: decays.heat(k) for k in (1, 2)]
    for make in [*heats, colours.heat]:
        heat = make()
        run(heat, rounds)
        yield table(heat)


def _machine() -> str:
    """Processor and system, without names of people or places."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}"


def _packages() -> str:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)
