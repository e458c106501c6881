"""Straight lines with errors in both axes: through the origin, and with a free intercept beside it.

All functions take the points along the last axis and broadcast over the axes before it, so that a Monte Carlo of
thousands of draws is one call.
"""

from dataclasses import dataclass

import numpy as np

ITERATIONS = 60
TOLERANCE = 1e-12


@dataclass(frozen=True)
class FreeLine:
    """y = intercept + slope·x with standard uncertainties (k = 1), not scaled by χ²."""

    slope: float
    intercept: float
    u_slope: float
    u_intercept: float
    chi2: float
    degrees_of_freedom: int
    correlation: float = 0.0  # of slope and intercept


def slope_through_origin(x, y, u_x, u_y) -> np.ndarray:
    """Fit y = m·x with errors in both axes and return m.

    Ordinary least squares sees the errors of y only; at low absorbance those of x are the larger ones.

    Parameters
    ----------
    x, y : array_like, shape (..., n)
        Coordinates of the points [any].
    u_x, u_y : array_like, shape (..., n)
        Standard uncertainties of x and y, independent of each other [as x and y]. Only their ratios matter here;
        where both are zero for a point, all points count alike.

    Returns
    -------
    ndarray, shape (...)
        Slope [unit of y / unit of x].

    Raises
    ------
    ValueError
        When all x of a line are zero.

    Notes
    -----
    Minimises S = Σ W_i (y_i − m x_i)², W_i = 1/(u_y² + m² u_x²). dS/dm = 0 gives m = Σ W_i β_i y_i / Σ W_i β_i x_i with
    β_i = W_i (x_i u_y² + m y_i u_x²), solved by repetition: York's equations with the intercept held at zero.
    Do not use it for errors that the points share: they do not change the weights but shift the whole line.

    References
    ----------
    York, Evensen, Martínez, De Basabe Delgado, Am. J. Phys. 72, 367 (2004), doi:10.1119/1.1632486.

    Examples
    --------
    >>> x = np.array([0.1, 0.2, 0.3])
    >>> float(round(slope_through_origin(x, 7 * x, 0.001 + 0 * x, 0.01 + 0 * x), 9))
    7.0
    """
    x, y, u_x, u_y = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (x, y, u_x, u_y)))
    if np.any(np.sum(x**2, axis=-1) == 0):
        raise ValueError("a line through the origin needs a point away from it")
    u_x2, u_y2 = _usable_variances(u_x, u_y)
    m = np.sum(x * y, axis=-1) / np.sum(x * x, axis=-1)
    for _ in range(ITERATIONS):
        slope = m[..., None]
        weight = 1 / (u_y2 + slope**2 * u_x2)
        pull = weight**2 * (x * u_y2 + slope * y * u_x2)
        new = np.sum(pull * y, axis=-1) / np.sum(pull * x, axis=-1)
        done = np.all(np.abs(new - m) <= TOLERANCE * np.abs(new))
        m = new
        if done:
            break
    return m


def _usable_variances(u_x, u_y):
    """Squares of the uncertainties; equal weights where a line has a point that claims to be exact."""
    exact = np.any((u_x == 0) & (u_y == 0), axis=-1, keepdims=True)
    return np.where(exact, 0.0, u_x**2), np.where(exact, 1.0, u_y**2)


def free_line(x, y, u_x, u_y) -> FreeLine | None:
    """Fit y = a + m·x with errors in both axes; None where the points do not span a line (fewer than 2 distinct x).

    Parameters
    ----------
    x, y, u_x, u_y : array_like, shape (n,)
        Points and their independent standard uncertainties [any].

    Returns
    -------
    FreeLine or None
        Slope and intercept with the uncertainties that follow from ``u_x`` and ``u_y`` alone.

    References
    ----------
    York et al. (2004), doi:10.1119/1.1632486, equations 13a–13e without correlated errors.

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 3.0, 4.0])
    >>> line = free_line(x, 2 * x + 1, 0.1 + 0 * x, 0.1 + 0 * x)
    >>> round(line.slope, 9), round(line.intercept, 9), line.degrees_of_freedom
    (2.0, 1.0, 2)
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if np.unique(x).size < 2:
        return None
    u_x2, u_y2 = _usable_variances(np.asarray(u_x, dtype=float), np.asarray(u_y, dtype=float))
    m = float(np.polyfit(x, y, 1)[0])
    for _ in range(ITERATIONS):
        weight = 1 / (u_y2 + m**2 * u_x2)
        x_mean, y_mean = np.average(x, weights=weight), np.average(y, weights=weight)
        pull = weight * ((x - x_mean) * u_y2 + m * (y - y_mean) * u_x2)
        previous, m = m, float(np.sum(weight * pull * (y - y_mean)) / np.sum(weight * pull * (x - x_mean)))
        if abs(m - previous) <= TOLERANCE * abs(m):
            break
    adjusted = x_mean + pull
    adjusted_mean = np.average(adjusted, weights=weight)
    u_m = 1 / np.sqrt(np.sum(weight * (adjusted - adjusted_mean) ** 2))
    u_a = np.sqrt(1 / np.sum(weight) + adjusted_mean**2 * u_m**2)
    intercept = float(y_mean - m * x_mean)
    chi2 = float(np.sum(weight * (y - intercept - m * x) ** 2))
    correlation = float(-adjusted_mean * u_m / u_a)  # the intercept is ȳ − m·x̄
    return FreeLine(m, intercept, float(u_m), float(u_a), chi2, x.size - 2, correlation)
