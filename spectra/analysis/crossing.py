"""Where a curve that rises or falls by factors passes a level between two measured points."""

from dataclasses import dataclass

import numpy as np

LEAST_SIGNAL = 3.0  # in u: a point within its noise has no logarithm worth the name


@dataclass(frozen=True)
class Crossing:
    """Place ``at`` [x] with its ``u`` by noise, slope of ln y there [1/x], and how far a straight line would have moved it."""

    at: float
    u: float
    slope: float
    bend: float


def log_crossing(x, y, u, i: int, level: float) -> Crossing:
    """Place of ``level`` between the points ``i`` and ``i + 1``.

    Parameters
    ----------
    x, y, u : ndarray, shape (m,)
        Ascending x, values and their own standard uncertainties (no common ones).
    i : int
        The level lies between ``y[i]`` and ``y[i + 1]``.
    level : float
        Positive.

    Returns
    -------
    Crossing

    Notes
    -----
    ln y is a parabola through the two points and one neighbour on each side (weighted least squares), or a straight line where
    noise leaves no third point. A line alone is wrong by up to a tenth of the step where the curve bends, and does not say so.

    Examples
    --------
    A first-order loss with a half-life of 3:

    >>> x = np.array([0.0, 2.0, 4.0, 6.0])
    >>> round(log_crossing(x, 0.5 ** (x / 3), np.full(4, 1e-3), 1, 0.5).at, 6)
    3.0
    """
    near = np.arange(max(i - 1, 0), min(i + 3, x.size))
    clear = (near == i) | (near == i + 1) | (y[near] > LEAST_SIGNAL * u[near])
    rows = near[clear]
    floor = 1e-3 * level
    seen = np.maximum(y[rows], np.maximum(np.where(np.isin(rows, (i, i + 1)), 0.5 * u[rows], 0.0), floor))
    t, value = x[rows] - x[i], np.log(seen / level)
    relative = np.maximum(u[rows] / seen, 1e-4)
    degree = 2 if rows.size > 2 and (y[rows] > LEAST_SIGNAL * u[rows]).all() else 1
    if degree == 1:
        keep = np.isin(rows, (i, i + 1))
        t, value, relative = t[keep], value[keep], relative[keep]
    design = t[:, None] ** np.arange(degree + 1)
    covariance = np.linalg.pinv(design.T @ (design / relative[:, None] ** 2))
    curve = covariance @ design.T @ (value / relative**2)
    step = float(x[i + 1] - x[i])
    at = _root(curve, step)
    here = at ** np.arange(degree + 1)
    slope = float(sum(power * c * at ** (power - 1) for power, c in enumerate(curve) if power))
    slope = slope or float(value[-1] - value[0]) / step
    line = step * np.interp(0.0, *_rising(value[np.searchsorted(rows, (i, i + 1))] if degree == 2 else value))
    return Crossing(
        float(x[i] + at), float(np.sqrt(here @ covariance @ here)) / abs(slope), slope, abs(at - float(line))
    )


def _rising(ends):
    """Two values and the parts of the step at which they stand, the smaller first."""
    return (ends, (0.0, 1.0)) if ends[0] <= ends[1] else (ends[::-1], (1.0, 0.0))


def _root(curve, step: float) -> float:
    """The zero between 0 and ``step``, or the nearest that noise has moved there."""
    roots = np.roots(curve[::-1])
    roots = np.real(roots[np.abs(np.imag(roots)) < 1e-9 * step])
    if roots.size == 0:
        return 0.5 * step
    nearest = float(roots[np.argmin(np.abs(roots - 0.5 * step))])
    return min(max(nearest, 0.0), step)
