"""A smooth curve through noisy points by a parabola in a moving window, with the uncertainty of every value it gives."""

from dataclasses import dataclass

import numpy as np

CHUNK = 256  # windows at once: some MB


@dataclass(frozen=True, eq=False)
class Smooth:
    """The polynomial around one place: ``value``, ``slope`` and ``curvature`` with what each takes from every point.

    ``weights`` (3, m): derivatives of the three by the m values, zero outside of the window.
    """

    value: float
    slope: float
    curvature: float
    weights: np.ndarray

    def u(self, variance: np.ndarray) -> tuple[float, float, float]:
        """Standard uncertainties of value, slope and curvature from the variance (m,) of the points."""
        return tuple(float(np.sqrt((row**2 * variance).sum())) for row in self.weights)


def smooth_at(x: np.ndarray, y: np.ndarray, at: float, half: float, degree: int = 2) -> Smooth | None:
    """Fit a parabola (or a polynomial of ``degree``) to the points within ``half`` of ``at``; None with too few of them.

    Parameters
    ----------
    x, y : ndarray, shape (m,)
        Ascending x, no NaN.
    at, half : float
        Place and half width of the window [x].
    degree : int
        4 keeps the height and the place of a peak as wide as the window, where a parabola lowers and moves it.

    Examples
    --------
    >>> x = np.arange(20.0)
    >>> found = smooth_at(x, 3 * (x - 9.5) ** 2, 9.5, 4)
    >>> round(found.value, 9), round(found.slope, 9), round(found.curvature, 9)
    (0.0, 0.0, 6.0)
    """
    inside = np.abs(x - at) <= half * (1.0 + 1e-9)
    if inside.sum() < degree + 3:
        return None
    t = (x[inside] - at) / half
    from_y = np.linalg.pinv(np.stack([t**power for power in range(degree + 1)], axis=1))[:3]
    weights = np.zeros((3, x.size))
    weights[:, inside] = from_y * np.array([1.0, 1.0 / half, 2.0 / half**2])[:, None]
    value, slope, curvature = weights @ y
    return Smooth(float(value), float(slope), float(curvature), weights)


def smoothed(x: np.ndarray, y: np.ndarray, half: float, degree: int = 2) -> np.ndarray:
    """The value of the polynomial at every x; NaN where the window holds too few points."""
    first, last = (
        np.searchsorted(x, x + sign * half * (1.0 + 1e-9), side) for sign, side in ((-1, "left"), (1, "right"))
    )
    found = np.full(x.size, np.nan)
    for rows in np.array_split(np.flatnonzero(last - first >= degree + 3), 1 + x.size // CHUNK):
        if rows.size:
            found[rows] = _values(x, y, half, degree, rows, first[rows], last[rows])
    return found


def _values(x, y, half: float, degree: int, rows, first, last) -> np.ndarray:
    """The polynomials around the points ``rows``, all at once; windows are filled up to the longest with nothing."""
    places = first[:, None] + np.arange((last - first).max())
    inside = places < last[:, None]
    places = np.minimum(places, x.size - 1)
    t = (x[places] - x[rows, None]) / half
    powers = t[:, :, None] ** np.arange(degree + 1) * inside[:, :, None]
    normal = powers.transpose(0, 2, 1) @ powers
    right = powers.transpose(0, 2, 1) @ y[places][:, :, None]
    return (np.linalg.pinv(normal, hermitian=True) @ right)[:, 0, 0]


def extremum(x: np.ndarray, y: np.ndarray, near: float, half: float, degree: int = 2) -> tuple[float, Smooth] | None:
    """Place of the extremum next to ``near`` and the polynomial there; None when the window holds none."""
    place = near
    for _ in range(12):
        found = smooth_at(x, y, place, half, degree)
        if found is None or found.curvature == 0.0:
            return None
        step = -found.slope / found.curvature
        if abs(step) < 1e-6 * half:
            return place, found
        place += float(np.clip(step, -0.5 * half, 0.5 * half))
        if abs(place - near) > 1.5 * half or not x[0] <= place <= x[-1]:
            return None
    return place, found
