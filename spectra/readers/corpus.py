"""Read a whole folder and tell what came of each file: ``python -m spectra.readers.corpus FOLDER`` (``make corpus``).

Each file is read as in production, in a limited child of the reader host; what was read is then read once more in this
process, so that the time of the reader and the cost of the child are told apart. Where an ``index.csv`` lies in the
folder (columns ``path``, ``n_points``, ``x_min``, ``x_max``), the points and the range are compared with it.
"""

import csv
import gc
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from spectra.decay import Decay
from spectra.readers import MAX_BYTES, READERS, read
from spectra.readers.host import ReaderHost
from spectra.readers.reading import Reading, Table, UnreadableFile
from spectra.spectrum import Series, Spectrum

LABELS = {reader.name: reader.label for reader in READERS}
COLUMNS = "{file:<52.52} {format:<28.28} {technique:<22.22} {points:>13} {range:>24} {verdict:<34} {ms:>8} {child:>7}"
CLOSE = 2e-6  # the index gives six digits


@dataclass(frozen=True)
class Curve:
    """Points and range of one curve, in the file's own unit; a list of rows has no range, a decay's is in ns."""

    points: int
    first: float | None = None
    last: float | None = None
    decay: bool = False

    @property
    def ends(self) -> tuple[float, ...]:
        return () if self.first is None else (self.first, self.last)


@dataclass(frozen=True)
class Result:
    """What came of one file. ``reader_ms`` is the reader alone, ``child_ms`` what the limited child adds to it."""

    path: str
    reader: str = ""
    techniques: tuple[str, ...] = ()
    curves: tuple[Curve, ...] = ()
    refusal: str = ""
    confirm: bool = False
    index: str = ""  # "", "as listed" or what differs
    reader_ms: float = 0.0
    child_ms: float = 0.0

    @property
    def verdict(self) -> str:
        if self.refusal:
            return f"refused: {self.refusal}"
        return " · ".join(filter(None, ["please confirm" if self.confirm else "read", self.index]))


def results(folder: Path) -> Iterator[Result]:
    """One result per file below ``folder``, in the order of their names; hidden files and the index are left out."""
    listed = _index(folder)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "index.csv")
    with ReaderHost() as host:
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if not any(part.startswith(".") for part in path.relative_to(folder).parts):
                yield _result(host, path, name, listed.get(name))


def _index(folder: Path) -> dict[str, dict]:
    path = folder / "index.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file) if row.get("path")}


def _result(host: ReaderHost, path: Path, name: str, listed: dict | None) -> Result:
    if path.stat().st_size > MAX_BYTES:
        return Result(name, refusal="too_big")
    began = perf_counter()
    try:
        reading = host.read(path, path.name)
    except UnreadableFile as unreadable:
        return Result(name, refusal=unreadable.note.code, child_ms=_since(began))
    whole_ms = _since(began)
    reader_ms = _alone(path)
    curves = tuple(curves_of(reading))
    return Result(
        name,
        reading.reader,
        tuple(dict.fromkeys(item.technique or "?" for item in reading.items)),
        curves,
        confirm=reading.decided.get("confidence") == "confirm",
        index=compared(curves, listed) if listed else "",
        reader_ms=reader_ms,
        child_ms=whole_ms - reader_ms,
    )


def _alone(path: Path) -> float:
    """Processor time of the reader: what else the machine does at the moment does not count."""
    data = path.read_bytes()
    began = process_time()
    read(data, path.name)
    return (process_time() - began) * 1000


def _since(began: float) -> float:
    return (perf_counter() - began) * 1000


def curves_of(reading: Reading) -> Iterator[Curve]:
    """The curves of all items, each spectrum of a series for itself; tables count their rows."""
    for item in reading.items:
        for value in item.value.spectra if isinstance(item.value, Series) else (item.value,):
            if isinstance(value, Decay):
                yield Curve(value.counts.size, value.first_ns, float(value.time_ns[-1]), decay=True)
            elif isinstance(value, Spectrum):
                yield Curve(value.n_points, float(value.x[0]), float(value.x[-1]))
            elif isinstance(value, Table):
                yield Curve(len(value.rows))


def compared(curves: tuple[Curve, ...], listed: dict) -> str:
    """Whether points and range of an index row are those of the curves; "" where the row gives none.

    The range of a decay is left out: an index counts channels, or has the time in the file's own unit.
    """
    differs, points = [], listed.get("n_points") or ""
    if points.isdigit() and int(points) not in {curve.points for curve in curves}:
        differs.append(f"index: {points} points")
    ends = [end for curve in curves if not curve.decay for end in curve.ends]
    for name, choose in (("x_min", min), ("x_max", max)):
        wanted = _number(listed.get(name))
        if ends and wanted is not None and abs(choose(ends) - wanted) > CLOSE * max(abs(wanted), 1.0):
            differs.append(f"index: {name} {wanted:g}")
    known = points.isdigit() or _number(listed.get("x_min")) is not None
    return "; ".join(differs) or ("as listed" if known else "")


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


# --- The table --------------------------------------------------------------------------------------------------------


def row(result: Result) -> str:
    sizes = sorted({curve.points for curve in result.curves})
    ends = [end for curve in result.curves for end in curve.ends]
    points = f"{sizes[0]}–{sizes[-1]}" if len(sizes) > 1 else "".join(map(str, sizes))
    many = f"{len(result.curves)} × " if len(result.curves) > 1 else ""
    return COLUMNS.format(
        file=result.path,
        format=LABELS.get(result.reader, result.reader) or "–",
        technique=", ".join(result.techniques) or "–",
        points=(many + points) or "–",
        range=f"{min(ends):.7g} … {max(ends):.7g}" if ends else "–",
        verdict=result.verdict,
        ms=f"{result.reader_ms:.1f}" if result.reader else "–",
        child=f"{result.child_ms:.1f}",
    ).rstrip()


def medians(found: list[Result]) -> Iterator[str]:
    """The median time of each reader, the slowest first, and of all."""
    by_reader = defaultdict(list)
    for result in found:
        if result.reader:
            by_reader[result.reader].append(result)
    line = "{reader:<28} {n:>5} files   reader {ms:>7.1f} ms   child {child:>6.1f} ms"
    rows = [(median(r.reader_ms for r in group), name, group) for name, group in by_reader.items()]
    for ms, name, group in sorted(rows, reverse=True):
        yield line.format(reader=name, n=len(group), ms=ms, child=median(r.child_ms for r in group))
    read_ones = [result for result in found if result.reader]
    if read_ones:
        ms, child = median(r.reader_ms for r in read_ones), median(r.child_ms for r in read_ones)
        yield line.format(reader="all", n=len(read_ones), ms=ms, child=child)


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else None
    if folder is None or not folder.is_dir():
        print(f"{folder or 'Nothing'} is not a folder. Name one: make corpus DIR=~/spectra", file=sys.stderr)
        return 2
    heads = {"file": "file", "format": "format", "technique": "technique", "points": "points", "range": "x range"}
    print(COLUMNS.format(**heads, verdict="verdict", ms="reader ms", child="child +"), flush=True)
    gc.disable()  # as in the child
    found = []
    for result in results(folder):
        found.append(result)
        print(row(result), flush=True)
    refused = sum(bool(result.refusal) for result in found)
    confirm = sum(result.confirm for result in found)
    print(f"\n{len(found)} files: {len(found) - refused} read ({confirm} to confirm), {refused} refused\n")
    print("Medians, the slowest reader first:")
    print("\n".join(medians(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
