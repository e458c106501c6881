"""``python -m tests.accuracy [--cases 1000] [--only decay]``: measure, and write docs/accuracy.md."""

import argparse
import sys
from pathlib import Path

from tests.accuracy import coverage, page
from tests.accuracy.scenes import SCENES

DOCS = Path(__file__).parents[2] / "docs" / "accuracy.md"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy")
    parser.add_argument("--cases", type=int, default=1000, help="cases per scene")
    parser.add_argument("--only", default="", help="only methods of this name; printed, not written")
    given = parser.parse_args(arguments)
    rows = []
    for scene in SCENES:
        if scene.method.startswith(given.only):
            print(f"{scene.method}, {scene.sample} …", file=sys.stderr, flush=True)
            rows += coverage.rows_of(scene, given.cases)
    found = page.text(rows)
    print(found) if given.only else DOCS.write_text(found, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
