"""Many curves as one table, straight from their float64 bytes: no Python loop over points anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from spectra.models import Grid, Trace

COLUMNS = (
    "measurement_id", "index", "role", "channel", "x_unit", "y_quantity", "y_unit", "z", "z_quantity", "z_unit", "grid_id",
    "y",
)  # fmt: skip
WORDS = ("measurement", "batch", "sample", "title", "technique", "role", "channel", "x_unit", "y_quantity", "y_unit")
MOST_WIDE_POINTS = 20_000


@dataclass(frozen=True)
class Curve:
    """One curve with what names it. ``x`` may be shared with other curves."""

    measurement: str
    batch: str
    sample: str
    title: str
    technique: str
    index: int
    role: str
    channel: str
    x_unit: str
    y_quantity: str
    y_unit: str
    z: float | None
    z_unit: str
    x: np.ndarray
    y: np.ndarray

    @property
    def name(self) -> str:
        """How it is headed beside others: sample or title, channel and third coordinate where there are several."""
        parts = [self.sample or self.batch or self.title, self.title if self.sample or self.batch else ""]
        parts += [
            self.channel if self.role != "signal" else "",
            f"{self.z:g} {self.z_unit}" if self.z is not None else "",
        ]
        return " | ".join(part for part in parts if part)


def curves_of(measurements, roles: Sequence[str] = ("signal",)) -> list[Curve]:
    """The curves of ``measurements`` (a queryset that has passed ``visible_to``), in three queries."""
    facts = {
        row[0]: row[1:]
        for row in measurements.values_list("pk", "sample__batch__code", "sample__code", "title", "technique")
    }
    rows = Trace.objects.filter(measurement__in=list(facts) if len(facts) <= 500 else measurements.values("pk"))
    if roles:
        rows = rows.filter(role__in=roles)
    rows = [row for row in rows.order_by("measurement_id", "index").values_list(*COLUMNS) if row[0] in facts]
    grids = _grids({row[10] for row in rows})
    return [_curve(row, facts[row[0]], grids) for row in rows]


def _grids(ids: set[int]) -> dict[int, np.ndarray]:
    found = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), 500):  # SQLite takes a limited number of parameters
        rows = Grid._base_manager.filter(pk__in=ordered[start : start + 500]).values_list("pk", "x")
        found.update((pk, np.frombuffer(x, dtype="<f8")) for pk, x in rows)
    return found


def _curve(row, facts, grids) -> Curve:
    batch, sample, title, technique = facts
    measurement, index, role, channel, x_unit, y_quantity, y_unit, z, z_quantity, z_unit, grid, y = row
    if z_quantity == "bin_width":  # part of the time axis, no third coordinate
        z, z_unit = None, ""
    return Curve(
        str(measurement), batch or "", sample or "", title, technique, index, role, channel, x_unit, y_quantity, y_unit, z,
        z_unit, grids[grid], np.frombuffer(y, dtype="<f8"),
    )  # fmt: skip


def long_table(curves: Sequence[Curve]) -> pa.Table:
    """One row per point: the words that name the curve, x and y. Words are dictionaries, so they cost one number each."""
    sizes = np.array([curve.x.size for curve in curves], dtype=np.int64)
    columns = {name: _repeated([getattr(curve, name) for curve in curves], sizes) for name in WORDS}
    columns["index"] = pa.array(np.repeat(np.array([c.index for c in curves], dtype=np.int32), sizes))
    if any(curve.z is not None for curve in curves):
        z = np.array([np.nan if c.z is None else c.z for c in curves])
        columns["z"] = pa.array(np.repeat(z, sizes), from_pandas=True)
        columns["z_unit"] = _repeated([c.z_unit for c in curves], sizes)
    columns["x"] = pa.array(_joined([curve.x for curve in curves]))
    columns["y"] = pa.array(_joined([curve.y for curve in curves]), from_pandas=True)  # NaN: no value at this point
    return pa.table(columns)


def _joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(arrays) if arrays else np.empty(0)


def _repeated(words: Sequence[str], sizes: np.ndarray) -> pa.DictionaryArray:
    different = list(dict.fromkeys(words))
    place = {word: number for number, word in enumerate(different)}
    codes = np.repeat(np.array([place[word] for word in words], dtype=np.int32), sizes)
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(different, pa.string()))


class NotOneAxis(ValueError):
    """The curves have different axes, so they cannot stand side by side."""


def wide_table(curves: Sequence[Curve]) -> pa.Table:
    """x and one column per curve, on a common grid: the curves' own where they share it, else the finest of them.

    Between points it is linear; outside its own range a curve has no value.
    """
    if len({curve.x_unit for curve in curves}) > 1:
        raise NotOneAxis(", ".join(sorted({curve.x_unit or "?" for curve in curves})))
    grid = common_grid([curve.x for curve in curves])
    columns = {f"x ({curves[0].x_unit})" if curves and curves[0].x_unit else "x": pa.array(grid)}
    for curve in curves:
        columns[_free(curve.name, columns)] = pa.array(_on(grid, curve), from_pandas=True)
    return pa.table(columns)


def common_grid(axes: Sequence[np.ndarray]) -> np.ndarray:
    if not axes:
        return np.empty(0)
    if all(x is axes[0] or np.array_equal(x, axes[0]) for x in axes[1:]):
        return axes[0]
    low, high = min(x.min() for x in axes), max(x.max() for x in axes)
    steps = [np.median(np.abs(np.diff(x))) for x in axes if x.size > 1]
    step = min((s for s in steps if s > 0), default=1.0)
    n = min(round((high - low) / step) + 1, MOST_WIDE_POINTS)
    return np.linspace(low, high, n)


def _on(grid: np.ndarray, curve: Curve) -> np.ndarray:
    if grid.size == curve.x.size and (grid is curve.x or np.array_equal(grid, curve.x)):
        return curve.y
    order = np.argsort(curve.x, kind="stable")
    return np.interp(grid, curve.x[order], curve.y[order], left=np.nan, right=np.nan)


def _free(name: str, taken) -> str:
    name = name or "curve"
    n = 2
    free = name
    while free in taken:
        free, n = f"{name} ({n})", n + 1
    return free


def as_records(curves: Sequence[Curve]) -> list[dict]:
    """One record per curve with its arrays, for JSON."""
    names = (*WORDS, "index", "z", "z_unit")
    return [
        {name: getattr(curve, name) for name in names} | {"x": curve.x, "y": np.ascontiguousarray(curve.y)}
        for curve in curves
    ]
