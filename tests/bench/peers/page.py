"""docs/benchmarks.md: each measurement renews its own part and leaves the others as they were measured."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "benchmarks.md"
PARTS = ("engines", "storage", "uploads", "recompute")  # in this order
HEAD = """# Benchmarks

Made by `make bench`, `make bench ARGS=uploads` and `make bench ARGS=recompute`; please do not edit. The ratios hold elsewhere too, the
absolute figures do not. "Asked for" is what the design asks for, and whether it was reached on this machine.
"""


def renew(part: str, text: str, page: Path = PAGE) -> None:
    """Put ``text`` in the place of a part of the page."""
    parts = _parts(page.read_text() if page.exists() else "") | {part: text.strip()}
    whole = [f"<!-- {name} -->\n\n{parts[name]}\n" for name in PARTS if parts.get(name)]
    page.write_text("\n".join([HEAD, *whole]))


def _parts(page: str) -> dict[str, str]:
    found = {}
    for name in PARTS:
        _before, mark, rest = page.partition(f"<!-- {name} -->")
        if mark:
            found[name] = rest.split("\n<!-- ")[0].strip()
    return found


def machine() -> str:
    """Processor and system, without names of people or places."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def packages(*names: str) -> str:
    """The installed versions."""
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)
