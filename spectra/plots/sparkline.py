"""A curve as small as a word: what a row of a list shows of a measurement."""

import numpy as np

WIDTH, HEIGHT = 96.0, 26.0
BINS = 48


def sparkline(x: np.ndarray, y: np.ndarray, *, log: bool = False) -> str:
    """The points of an SVG polyline.

    Long curves are drawn by the lowest and highest value of each of 48 bins, so that a sharp peak is not lost.

    Parameters
    ----------
    x, y : array, shape (n,)
        The curve in any unit; values that are not finite are left out.
    log : bool
        Draw the logarithm of y, as for decays; values ≤ 0 are left out.

    Returns
    -------
    str
        ``"x,y x,y …"`` in a box of 96 × 26, y downwards; empty with less than two points.

    Examples
    --------
    >>> sparkline(np.array([400.0, 500.0, 600.0]), np.array([0.0, 1.0, 0.0]))
    '0.0,26.0 48.0,0.0 96.0,26.0'
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log10(y) if log else np.asarray(y, dtype=float)
    kept = np.isfinite(x) & np.isfinite(y)
    order = np.argsort(x[kept], kind="stable")
    x, y = x[kept][order], y[kept][order]
    if x.size < 2:
        return ""
    if x.size > 4 * BINS:
        x, y = _extremes(x, y)
    across = WIDTH * (x - x[0]) / (x[-1] - x[0] or 1.0)
    down = HEIGHT * (y.max() - y) / (y.max() - y.min() or 1.0)
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, down, strict=True))


def _extremes(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts = np.array_split(np.arange(x.size), BINS)
    chosen = sorted({int(i) for part in parts for i in (part[y[part].argmin()], part[y[part].argmax()])})
    return x[chosen], y[chosen]
