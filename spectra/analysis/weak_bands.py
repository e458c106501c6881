"""Weak bands beside a strong one: shoulders and small maxima on its foot, found by the curvature of the curve.

A tail, however long, bends upwards everywhere; a band of its own bends downwards at its top, even where the foot of its
neighbour leaves it no maximum. Nothing here is fitted: it says where to look.
"""

import numpy as np
from scipy.signal import find_peaks
from scipy.signal import savgol_coeffs as coefficients_of

from spectra.analysis.noise import variance_without_model
from spectra.analysis.raw_band import Bump
from spectra.analysis.savitzky_golay import filtered

LENGTH = 1.0  # of the smoothing window [FWHM of the main band]
SIGNIFICANT = 5.0  # depth of the second derivative in its own σ
WEAK = 1.0 / 3.0  # of the main band's height: what is higher shapes the band itself
LEAST = 0.002  # of the main band's height, as the curvature tells it: too low where feet overlap
APART = 0.8  # least distance from any other band [FWHM of the main band]
FWHM_PER_SIGMA = 2.0 * np.sqrt(2.0 * np.log(2.0))


def weak_bands(x: np.ndarray, y: np.ndarray, found: list[Bump]) -> list[Bump]:
    """Find bands of less than a third of the highest one that stand out by their curvature.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (m,)
        Ascending, without NaN [nm, y].
    found : list of Bump
        The separate maxima, highest first.

    Returns
    -------
    list of Bump
        Highest first; ``height`` is that of the band alone, without what it stands on.

    Notes
    -----
    Minima of a Savitzky–Golay second derivative over one FWHM of the main band; half the distance of its zero crossings is
    the σ of the band. Not for bands much narrower than the main one, nor where the main band has fewer than 9 points.

    Examples
    --------
    >>> x = np.arange(400.0, 560.0, 0.5)
    >>> y = np.exp(-0.5 * ((x - 454) / 6.4) ** 2) + 0.04 * np.exp(-0.5 * ((x - 479) / 7.2) ** 2)
    >>> [478 < band.x < 484 for band in weak_bands(x, y, [Bump(108, 454.0, 1.0, 15.0)])]
    [True]
    """
    main, step = found[0], float(np.median(np.diff(x)))
    points = 2 * int(0.5 * LENGTH * main.fwhm / step) + 1
    if points < 7 or points > len(x) // 3:
        return []
    even = x if np.ptp(np.diff(x)) < 0.01 * step else np.arange(x[0], x[-1] + 0.5 * step, step)
    level = np.interp(even, x, y)
    second = filtered(level, points, 3, deriv=2, delta=step)
    kernel = coefficients_of(points, 3, deriv=2, delta=step)
    u = np.sqrt(np.convolve(variance_without_model(level[None])[0], kernel**2, mode="same"))
    floor = float(np.percentile(level, 10))
    smooth = filtered(level, points, 2) - floor
    minima = find_peaks(-second, distance=max(1, int(APART * main.fwhm / step)))[0]
    places = [p for p in minima if points // 2 <= p < len(even) - points // 2]
    bands = [_band(even, second, p) for p in places if -second[p] > SIGNIFICANT * u[p]]
    bands = [b for b in bands if b and _counts(b, smooth, main, found)]
    return sorted(bands, key=lambda b: -b.height)


def _band(x, second, place: int) -> Bump | None:
    """The band with this curvature: its σ is half the distance of the zero crossings."""
    bent = second < 0.0
    left = next((j for j in range(place, -1, -1) if not bent[j]), None)
    right = next((j for j in range(place, len(x)) if not bent[j]), None)
    if left is None or right is None:
        return None
    sigma = 0.5 * float(x[right] - x[left])
    return Bump(int(place), float(x[place]), float(-second[place] * sigma**2), FWHM_PER_SIGMA * sigma)


def _counts(band: Bump, smooth, main: Bump, found: list[Bump]) -> bool:
    weak = LEAST * main.height < band.height and smooth[band.place] < WEAK * main.height
    return weak and all(abs(band.x - other.x) > APART * main.fwhm for other in found)
