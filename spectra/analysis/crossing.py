"""Where a curve that rises or falls by factors passes a level between two measured points."""

from dataclasses import dataclass

import numpy as np

LEAST_SIGNAL = 3.0  # in u: a point within its noise has no logarithm worth the name


@dataclass(frozen=True)
class Crossing:
    """Place ``at`` [x] with its ``u`` by noise, slope of ln y there [1/x], and how far the last point moved it."""

    at: float
    u: float
    slope: float
    bend: float


def at_equal_x(x, y, u) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ascending x without repeats, the mean y of each, and its u by the own ones or by the scatter, what is more.

    Between two points at one place no curve has a slope.

    Examples
    --------
    >>> at_equal_x([1.0, 2.0, 2.0], [4.0, 3.0, 1.0], [0.1, 0.1, 0.1])[1].tolist()
    [4.0, 2.0]
    """
    places, rows, n = np.unique(np.asarray(x, dtype=float), return_inverse=True, return_counts=True)
    mean = np.bincount(rows, y) / n
    own = np.bincount(rows, np.square(u)) / n**2
    scatter = np.bincount(rows, (y - mean[rows]) ** 2) / (n * np.maximum(n - 1, 1))
    return places, mean, np.sqrt(np.maximum(own, scatter))


def log_crossing(x, y, u, i: int, level: float) -> Crossing:
    """Place of ``level`` between the points ``i`` and ``i + 1``.

    Parameters
    ----------
    x, y, u : ndarray, shape (m,)
        Ascending x without repeats (:func:`at_equal_x`), values and their own standard uncertainties (no common ones).
    i : int
        The level lies between ``y[i]`` and ``y[i + 1]``.
    level : float
        Positive.

    Returns
    -------
    Crossing

    Notes
    -----
    x is a polynomial of ln y through the two points and up to two clear neighbours (Lagrange): an exponential is a straight line there,
    and a power of what exceeds a threshold is smooth, which in the logarithm of y against x it is not. The step: by how much the
    farthest neighbour moved the place beyond its noise. A line through two points alone is wrong by up to a tenth of the step where the curve bends, and
    does not say so; it is taken where noise leaves no neighbour.

    Examples
    --------
    A first-order loss with a half-life of 3:

    >>> x = np.array([0.0, 2.0, 4.0, 6.0])
    >>> round(log_crossing(x, 0.5 ** (x / 3), np.full(4, 1e-3), 1, 0.5).at, 6)
    3.0
    """
    rows = _neighbours(y, u, i)
    floor = 1e-3 * level
    seen = np.maximum(y[rows], np.maximum(np.where(np.isin(rows, (i, i + 1)), 0.5 * u[rows], 0.0), floor))
    logs, u_logs = np.log(seen / level), np.maximum(u[rows] / seen, 1e-4)
    at, slope, moved_by = _through(logs, x[rows])
    bend = _bend(logs, x[rows], u_logs, at, moved_by) if rows.size > 2 else 0.0
    at = float(np.clip(at, *sorted((x[i], x[i + 1]))))
    return Crossing(at, float(np.sqrt((moved_by**2 * u_logs**2).sum())), 1.0 / slope, bend)


def _bend(logs, x, u_logs, at: float, moved_by) -> float:
    """By how much the last point moved the place, beyond what its noise explains."""
    without, _, before = _through(logs[:-1], x[:-1])
    by_noise = ((moved_by - np.append(before, 0.0)) ** 2 * u_logs**2).sum()
    return float(np.sqrt(max((at - without) ** 2 - by_noise, 0.0)))


def _neighbours(y, u, i: int) -> np.ndarray:
    """The two points around the level, then up to two more on whose logarithm one can rely, the nearest first."""
    rows, direction = [i, i + 1], np.sign(y[i + 1] - y[i])
    for row in (i + 2, i - 1, i + 3, i - 2):
        ordered = sorted([*rows, row])
        if not 0 <= row < y.size or np.diff(ordered).max() > 1 or not (y[ordered] > LEAST_SIGNAL * u[ordered]).all():
            continue
        if (np.diff(np.log(y[ordered])) * direction > LEAST_SIGNAL * (u[ordered] / y[ordered])[1:]).all():
            rows.append(row)
        if len(rows) == 4:
            break
    return np.array(rows)


def _through(s, x) -> tuple[float, float, np.ndarray]:
    """Place at s = 0 of the polynomial x(s) through all points, dx/ds there, and how far each s moves the place."""
    share = [np.prod([-other / (own - other) for k, other in enumerate(s) if k != j]) for j, own in enumerate(s)]
    curve = np.polynomial.Polynomial.fit(s, x, s.size - 1)
    slope = curve.deriv()
    return float(np.dot(share, x)), float(slope(0.0)), np.array(share) * slope(s)
