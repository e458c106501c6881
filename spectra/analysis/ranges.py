"""Ranges as a person writes them, ``470-475, 512.3``: which of the points of a curve they name."""

import re

import numpy as np

_NUMBER = r"([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)"
_ONE = re.compile(rf"\s*{_NUMBER}\s*(?:(?:-|–|…|to)\s*{_NUMBER}\s*)?")


def ranges_of(text: str) -> tuple[tuple[float, float], ...]:
    """The ranges (lowest, highest) that a text names, in ascending order; a single number is a range of no width.

    Between ranges stands a comma or a semicolon; with semicolons, a comma is a decimal mark. Raises ValueError in words.

    Examples
    --------
    >>> ranges_of("512.3, 475-470"), ranges_of("470,5–475; 512,3")
    (((470.0, 475.0), (512.3, 512.3)), ((470.5, 475.0), (512.3, 512.3)))
    """
    parts = text.replace(",", ".").split(";") if ";" in text else text.split(",")
    found = [_range_of(part) for part in parts if part.strip()]
    return tuple(sorted(found))


def _range_of(part: str) -> tuple[float, float]:
    match = _ONE.fullmatch(part)
    if match is None:
        raise ValueError(f"“{part.strip()}” is no range; write them like 470-475, 512.3")
    first = float(match[1])
    last = first if match[2] is None else float(match[2])
    return min(first, last), max(first, last)


def ranges_text(ranges) -> str:
    """Ranges in the one way in which they are stored.

    Examples
    --------
    >>> ranges_text(ranges_of("512.30;475 - 470"))
    '470-475, 512.3'
    """
    return ", ".join(f"{a:.10g}" if a == b else f"{a:.10g}-{b:.10g}" for a, b in ranges)


def named(x: np.ndarray, ranges) -> np.ndarray:
    """Which of the places x (m,), ascending, lie in a range; a single number names the point next to it.

    Returns
    -------
    numpy.ndarray of bool, shape (m,)

    Examples
    --------
    >>> named(np.array([1.0, 2.0, 3.0, 4.0]), ranges_of("1.9, 3.5-9")).tolist()
    [False, True, False, True]
    """
    inside = np.zeros(len(x), bool)
    half = 0.5 * float(np.median(np.diff(x))) if len(x) > 1 else 0.0
    for first, last in ranges:
        if first == last and len(x):
            nearest = int(np.argmin(np.abs(x - first)))
            inside[nearest] |= bool(abs(x[nearest] - first) <= half * (1.0 + 1e-9))
        else:
            inside |= (x >= first) & (x <= last)
    return inside
