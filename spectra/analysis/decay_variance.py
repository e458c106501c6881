"""How uncertain counts are that are no photon counts, from the counts themselves."""

import numpy as np


def estimated_variance(values: np.ndarray) -> np.ndarray:
    """Variance of counts that are not photon counts: a constant part and one proportional to the counts.

    Parameters
    ----------
    values : ndarray, shape (n, m)

    Returns
    -------
    ndarray, shape (n, m), positive

    Notes
    -----
    Differences of neighbours, freed of the trend by second differences, give the variance in 20 groups of bins ranked
    by a running mean; a line v = v₀ + φ·mean with v₀, φ ≥ 0 goes through them. For histograms that were normalised,
    averaged or had a background subtracted. Assumes independent bins: not for smoothed data.

    Examples
    --------
    >>> values = np.random.default_rng(1).poisson(np.linspace(10, 1000, 4000), (1, 4000)) / 50.0
    >>> ratio = estimated_variance(values)[0, -1] / (1000 / 50.0**2)
    >>> bool(0.8 < ratio < 1.25)
    True
    """
    n, m = values.shape
    answer = np.empty((n, m))
    kernel = np.ones(7)
    reach = np.convolve(np.ones(m), kernel, mode="same")
    for row, y in enumerate(values):
        mean = np.maximum(np.convolve(y, kernel, mode="same") / reach, 0)
        noise = np.zeros(m)
        noise[1:-1] = (y[:-2] - 2 * y[1:-1] + y[2:]) ** 2 / 6
        order = np.array_split(1 + np.argsort(mean[1:-1], kind="stable"), 20)
        level, spread = (np.array([part[g].mean() for g in order if g.size]) for part in (mean, noise))
        answer[row] = _line_of_variance(level, spread, mean)
    return answer


def _line_of_variance(level, spread, mean) -> np.ndarray:
    smallest = max(1e-9 * float(spread.max(initial=0)), 1e-300)
    v0, phi = float(np.median(spread[: max(level.size // 3, 1)])), 0.0
    for _ in range(20):  # relative weights: the spread of a variance is proportional to it
        weight = 1 / np.maximum(v0 + phi * level, smallest)
        design = np.stack([np.ones_like(level), level], axis=1) * weight[:, None]
        v0, phi = np.linalg.lstsq(design, spread * weight, rcond=None)[0]
        if phi < 0:
            v0, phi = float(np.mean(spread)), 0.0
        if v0 < 0:
            v0, phi = 0.0, float((spread * weight) @ (level * weight) / ((level * weight) @ (level * weight)))
    floor = max(v0 + phi * float(level.max()) * 1e-4, smallest)
    return np.maximum(v0 + phi * mean, floor)
