"""``python -m qdlab.running demo|lab --port 8000``: what ``make demo`` and ``make run`` call."""

import argparse
import os
from pathlib import Path

from qdlab.running import launcher
from qdlab.running.lab import ROOT, Lab
from qdlab.running.tether import end_with_parent


def arguments() -> Lab:
    parser = argparse.ArgumentParser(prog="qdlab.running", description="Run QDLab in the foreground.")
    parser.add_argument("kind", choices=("demo", "lab"), help="the demo lab, or a group's own")
    parser.add_argument("--port", type=port, default=8000)
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 serves the whole network (a trusted one)")
    parser.add_argument("--data", type=Path, help="where everything is kept (var/demo or var/lab)")
    given = parser.parse_args()
    data = given.data or ROOT / "var" / given.kind
    return Lab(given.kind, data.expanduser().resolve(), given.host, given.port)


def port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


if __name__ == "__main__":
    if "MAKELEVEL" in os.environ:
        end_with_parent()  # a killed make must not leave a lab behind
    launcher.run(arguments())
