"""What ``make test`` runs: everything on SQLite, then what uses the database, but for pages, once more on PostgreSQL.

Further arguments go to pytest: ``make test ARGS="-k plqy"``. With ``QDLAB_LONG=1`` (``make test-long``) the tests that know a full
length run at it, and one of them may take hours.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests import chromium

ROOT = Path(__file__).resolve().parent.parent
NOTHING_SELECTED = 5  # pytest's exit code
# Pages show what services and selectors answer, and these are asked on both databases by their own tests.
PAGES = (
    "tests/test_authorisation.py", "tests/access/test_pages.py", "tests/dashboards/test_batch_page.py",
    "tests/dashboards/test_home_page.py", "tests/spectra/views", "tests/synthesis/pages",
)  # fmt: skip
# The pure core knows no database (tests/test_architecture.py holds that): nothing in its tests has to be looked through.
PURE = ("tests/accuracy", "tests/spectra/analysis", "tests/spectra/plots", "tests/spectra/readers")


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.run")
    parser.add_argument("--jobs", default="2")
    given, further = parser.parse_known_args()
    if chromium.find_or_install() is None:
        print(chromium.MISSING, file=sys.stderr, flush=True)
    left_out = [f"--ignore={path}" for path in (PURE if os.environ.get("QDLAB_LONG") else PURE + PAGES)]
    on_postgres = ["--database=postgresql", "--override-ini=testpaths=tests", *left_out]
    runs = {"SQLite, and everything else": [], "PostgreSQL": on_postgres}
    failed = [name for name, options in runs.items() if not passes(name, given.jobs, [*options, *further])]
    print(f"\n{'FAILED: ' + ', '.join(failed) if failed else 'All tests passed.'}", flush=True)
    return 1 if failed else 0


def passes(name: str, jobs: str, options: list[str]) -> bool:
    print(f"\n=== {name} ===", flush=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-n", jobs, "--dist", "loadgroup", "--durations=30", *options]
    if os.environ.get("QDLAB_LONG"):
        command += ["-o", "faulthandler_timeout=14400"]
    code = subprocess.run(command, cwd=ROOT, env=environment()).returncode
    print(f"=== {name}: {time.monotonic() - began:.0f} s ===", flush=True)
    return code in (0, NOTHING_SELECTED)


def environment() -> dict[str, str]:
    """Bytecode is kept: hundreds of processes import QDLab, and to rewrite the assertions of all tests takes each worker 10 s."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


if __name__ == "__main__":
    sys.exit(main())
