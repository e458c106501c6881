"""The values of a size list: one length per particle, as measured in microscopy images."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NM_PER_UNIT = {"nm": 1.0, "å": 0.1, "angstrom": 0.1, "angstroms": 0.1, "µm": 1e3, "μm": 1e3, "um": 1e3, "pm": 1e-3}
# What a column says it holds, the most telling first, and what one length is in diameters.
_MEANINGS = (
    (re.compile(r"diameter|feret|直径|粒径", re.I), "diameter", 1.0),
    (re.compile(r"radius|radii|半径", re.I), "diameter", 2.0),
    (re.compile(r"edge", re.I), "edge", 1.0),
    (re.compile(r"size|length|width|major|サイズ", re.I), "length", 1.0),
)
_AREA = re.compile(r"area", re.I)
_UNIT = re.compile(r"(nm|å|angstroms?|[µμu]m|pm)(?:\^?2|²)?\W*$", re.I)


@dataclass(frozen=True, eq=False)
class Sizes:
    """One size per particle.

    ``values_nm`` (n,) in the order of the list [nm], finite and positive. ``meaning`` is ``diameter``, ``edge`` or
    ``length``: what was measured decides what may be compared with it. ``column`` is the label as the file has it.
    """

    values_nm: np.ndarray
    meaning: str = "diameter"
    column: str = ""
    title: str = ""
    n_left_out: int = 0

    def __post_init__(self):
        array = np.array(self.values_nm, dtype=np.float64)
        if array.ndim != 1 or array.size == 0:
            raise ValueError("sizes must be one-dimensional and not empty")
        if not (np.isfinite(array).all() and (array > 0).all()):
            raise ValueError("sizes must be finite and positive")
        array.setflags(write=False)
        object.__setattr__(self, "values_nm", array)


def sizes_of_table(columns: Sequence[str], rows: Sequence[Sequence], title: str = "") -> Sizes:
    """The sizes of a table: its most telling column with a unit of length.

    Radii are doubled; an area becomes the diameter of the disc of that area. Rows without a positive number are counted
    in ``n_left_out``.

    Raises
    ------
    ValueError
        When no column tells both what it holds and its unit, or holds no number.

    Examples
    --------
    >>> sizes_of_table(["Label", "Radius (Å)"], [["a", 12.5], ["b", ""]]).values_nm.tolist()
    [2.5]
    """
    place, meaning, factor, power = _size_column(columns)
    given = [row[place] if place < len(row) else None for row in rows]
    numbers = [v for v in given if isinstance(v, int | float) and not isinstance(v, bool) and np.isfinite(v) and v > 0]
    if not numbers:
        raise ValueError(f"column {columns[place]!r} holds no size")
    values = factor * np.asarray(numbers, dtype=np.float64) ** power
    return Sizes(values, meaning, columns[place], title, len(given) - len(numbers))


def _size_column(columns: Sequence[str]) -> tuple[int, str, float, float]:
    """Place, meaning, factor to nm of diameter, and power of the best column."""
    units = [_UNIT.search(column) for column in columns]
    for pattern, meaning, times in _MEANINGS:
        for place, (column, unit) in enumerate(zip(columns, units, strict=True)):
            if unit and pattern.search(column):
                return place, meaning, times * NM_PER_UNIT[unit[1].lower()], 1.0
    for place, (column, unit) in enumerate(zip(columns, units, strict=True)):
        if unit and _AREA.search(column):
            return place, "diameter", NM_PER_UNIT[unit[1].lower()] * 2.0 / np.sqrt(np.pi), 0.5
    raise ValueError("no column is a size with its unit")
