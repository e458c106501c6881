"""``python -m tests.accuracy [--cases 1000] [--only decay]``: measure, and write docs/accuracy.md.

A run that broke goes on where it stopped (var/accuracy); one of other code, or with another seed, begins anew.
"""

import argparse
import platform
import sys
import time
from math import ceil
from pathlib import Path

from tests.accuracy import kept, page
from tests.accuracy.coverage import SEED
from tests.accuracy.scenes import SCENES

ROOT = Path(__file__).parents[2]
PARTS = (0.05, 0.2, 0.5, 1.0)
SLOW = 0.3  # of the cases of the others: these take a quarter of a second each


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy")
    parser.add_argument("--cases", type=int, default=1000, help="cases per scene")
    parser.add_argument("--seed", type=int, default=SEED, help="of all draws; another one gives other cases")
    parser.add_argument("--only", default="", help="only scenes whose name holds this; printed, not written")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="stop counting after so long, and write what is there"
    )
    given = parser.parse_args(arguments)
    folder = ROOT / "var" / "accuracy"
    scenes = [scene for scene in SCENES if given.only in scene.name]
    until, found = time.monotonic() + 60 * given.minutes, {}
    for part in PARTS:  # all scenes a little, then all of them more: a run that is stopped knows something of each
        for scene in scenes:
            if time.monotonic() < until or scene not in found:
                n = ceil(part * given.cases * (SLOW if scene.slow else 1.0))
                found[scene] = kept.counted(scene, n, given.seed, folder)
                print(f"{time.strftime('%H:%M:%S')} {scene.name}: {found[scene].cases}", file=sys.stderr, flush=True)
    found = list(found.items())
    if given.only:
        print(page.coverage(found))
        return 0
    run = page.Run(given.cases, given.seed, f"{platform.machine()}, Python {platform.python_version()}")
    (ROOT / "docs" / "accuracy.md").write_text(page.text(run, found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
