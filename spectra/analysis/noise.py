"""How noisy a spectrum is, from the spectrum itself: detector noise plus photon noise.

Few instruments say how noisy their points are, and y is seldom a number of photons. Neighbouring points tell: what
is left of them after a smooth curve is taken away, and how it grows with the signal.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

LEAST_VARIANCE = 1e-3  # of the largest: far in the wings a wrong curve is no photon noise
OVERLAP = 2.6  # by how much neighbouring squares of fourth differences repeat each other
STEPS = 8  # of the likelihood search; more change nothing


@dataclass(frozen=True, eq=False)
class Noise:
    """var(y) = detector + gain · signal, for n spectra (arrays of shape (n,)) [y², y]."""

    detector: np.ndarray
    gain: np.ndarray
    covariance: np.ndarray  # (n, 2, 2) of the two

    def freedom(self, signal: np.ndarray) -> np.ndarray:
        """Degrees of freedom (n,) with which the variance at ``signal`` (n,) is known: few, when few points tell."""
        at = np.stack([np.ones_like(signal), signal], axis=1)
        spread = np.einsum("na,nab,nb->n", at, self.covariance, at)
        value = self.detector + self.gain * signal
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(spread > 0.0, np.maximum(2.0 * value**2 / spread, 2.0), np.inf)

    def variance(self, curve: np.ndarray) -> np.ndarray:
        """Variance (n, m) of points whose expected value is ``curve`` (n, m) [y²]."""
        return self.detector[:, None] + self.gain[:, None] * np.maximum(curve, 0.0)


def estimate_noise(residuals: np.ndarray, curve: np.ndarray, leverage: np.ndarray | None = None) -> Noise:
    """Estimate detector and photon noise from what a fitted curve leaves of n spectra.

    Parameters
    ----------
    residuals, curve : numpy.ndarray, shape (n, m)
        y minus the curve, and the curve, in the order of x; NaN nowhere [y].
    leverage : numpy.ndarray, shape (n, m), optional
        With it, the residuals themselves are used, r²/(1 − leverage). Twice as sharp as differences, but only where the
        curve is known to fit. The leverage is the diagonal of the fit's hat matrix.

    Returns
    -------
    Noise
        Arrays of shape (n,).

    Notes
    -----
    Second differences d_i = (r_{i−1} − 2 r_i + r_{i+1})/√6 have the variance of one point and hardly feel a smooth
    misfit. E(d²) = detector + gain · curve is solved by least squares, weighted by 1/var² and repeated; both terms are
    kept ≥ 0. Differences beyond 4 σ count as 4 σ, so that a cosmic ray is no noise. The step of a digitised y
    (its smallest change) adds step²/12. Smoothing in the instrument makes neighbours alike and this estimate too small:
    :func:`neighbours_are_alike` tells.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> curve = np.tile(np.linspace(0.0, 1000.0, 4000), (1, 1))
    >>> noise = estimate_noise(rng.normal(0.0, np.sqrt(100.0 + 2.0 * curve)), curve)
    >>> bool(abs(noise.detector[0] - 100) < 25), bool(abs(noise.gain[0] - 2) < 0.2)
    (True, True)
    """
    if residuals.shape[1] < 5:
        spread = residuals.var(axis=1, ddof=1) if residuals.shape[1] > 1 else np.zeros(len(residuals))
        return Noise(spread, np.zeros(len(residuals)), np.zeros((len(residuals), 2, 2)))
    if leverage is None:
        squares = (residuals[:, :-2] - 2.0 * residuals[:, 1:-1] + residuals[:, 2:]) ** 2 / 6.0
        signal, overlap = curve[:, 1:-1], 35.0 / 18.0
    else:
        squares, signal, overlap = residuals**2 / np.maximum(1.0 - leverage, 0.1), curve, 1.0
    return _detector_and_photons(squares, np.maximum(signal, 0.0), overlap, _digit(residuals + curve))


def variance_without_model(y: np.ndarray) -> np.ndarray:
    """Estimate the variance of every point of n spectra from fourth differences alone, without a fitted curve.

    Parameters
    ----------
    y : numpy.ndarray, shape (n, m)
        In the order of x; NaN nowhere [y].

    Returns
    -------
    numpy.ndarray, shape (n, m)
        Detector noise plus photon noise of a running mean of y [y²].

    Notes
    -----
    d = (y₋₂ − 4 y₋₁ + 6 y₀ − 4 y₁ + y₂)/√70. Of a Gaussian band it keeps 0.36 (step/σ)⁴ of the height: 0.02 % for
    15 nm in steps of 1 nm. Not for bands of fewer than six points, whose shape would count as noise.
    """
    if y.shape[1] < 9:
        return np.broadcast_to(y.var(axis=1, keepdims=True), y.shape)
    squares = _fourth_differences(y) ** 2
    near = sum(y[:, j : y.shape[1] - 4 + j] for j in range(5)) / 5.0
    signal = np.maximum(near - np.percentile(y, 10, axis=1, keepdims=True), 0.0)
    noise = _detector_and_photons(squares, signal, OVERLAP, _digit(y))
    return noise.variance(np.pad(signal, ((0, 0), (2, 2)), mode="edge"))


def _fourth_differences(y: np.ndarray) -> np.ndarray:
    """Of n spectra (n, m): (n, m − 4), with the variance of one point."""
    near = [y[:, j : y.shape[1] - 4 + j] for j in range(5)]
    return (near[0] - 4.0 * near[1] + 6.0 * near[2] - 4.0 * near[3] + near[4]) / np.sqrt(70.0)


def variance_growing_with(y: np.ndarray, cause: np.ndarray) -> np.ndarray:
    """Estimate the variance of every point of one spectrum where it grows with another curve (m,), and not with y itself.

    As :func:`variance_without_model`, with ``cause`` above its minimum in the place of the signal.

    Examples
    --------
    >>> rng, cause = np.random.default_rng(0), np.linspace(1.0, 10.0, 2000)
    >>> noise = variance_growing_with(rng.normal(0.0, np.sqrt(cause)), cause)
    >>> bool(abs(noise[0] - 1) < 0.3), bool(abs(noise[-1] - 10) < 1)
    (True, True)
    """
    if y.size < 9:
        return np.full(y.size, y.var())
    signal = cause - cause.min()
    noise = _detector_and_photons(_fourth_differences(y[None]) ** 2, signal[None, 2:-2], OVERLAP, _digit(y[None]))
    freedom = float(noise.freedom(signal.max(keepdims=True))[0])
    return noise.variance(signal[None])[0] * student_factor(freedom) ** 2


def variance_around(y: np.ndarray, points: int = 101) -> np.ndarray:
    """Estimate the variance of every point of one spectrum from the fourth differences of its ``points`` neighbours.

    Where noise does not grow with the signal but with something else along the axis, like the light that is left to a
    CD detector.

    Parameters
    ----------
    y : numpy.ndarray, shape (m,)
        In the order of x; NaN nowhere [y].

    Returns
    -------
    numpy.ndarray, shape (m,)
        [y²]

    Notes
    -----
    Differences beyond 4 σ (by the median of the neighbours) count as 4 σ, so that a spike is no noise.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> noise = variance_around(rng.normal(0.0, np.linspace(1.0, 3.0, 2000)))
    >>> bool(abs(noise[50] - 1) < 0.5), bool(abs(noise[-50] - 9) < 3)
    (True, True)
    """
    if y.size < 9:
        return np.full(y.size, y.var())
    squares = _fourth_differences(y[None])[0] ** 2
    typical = median_filter(squares, size=min(points, squares.size), mode="reflect")
    typical = np.where(typical > 0.0, typical, np.median(squares))  # a digitised y stands still here and there
    squares = np.minimum(squares, 16.0 * np.maximum(typical / 0.455, 1e-300))
    total = np.concatenate([[0.0], np.cumsum(squares)])
    middle = np.clip(np.arange(y.size) - 2, 0, squares.size - 1)
    first = np.clip(middle - points // 2, 0, max(squares.size - points, 0))
    last = np.minimum(first + points, squares.size)
    return (total[last] - total[first]) / (last - first) * student_factor((last - first).min() / OVERLAP) ** 2


def _detector_and_photons(squares, signal, overlap: float, digit) -> Noise:
    """Solve E(d²) = detector + gain · signal; ``overlap`` is by how much neighbouring d² repeat each other.

    One spectrum after the other: on single numbers the steps take a third of the time they take on arrays of one row.
    """
    detector, gain, covariance = zip(*(_of_one(*row) for row in zip(squares, signal, strict=True)), strict=True)
    return Noise(np.array(detector) + digit**2 / 12.0, np.array(gain), 2.0 * overlap * np.array(covariance))


def _of_one(squares, signal) -> tuple[float, float, list]:
    """Detector, gain and the covariance of the two, for one spectrum (m,).

    Fisher scoring of the likelihood: least squares weighted by 1/var². Neither term falls by more than a factor of 5
    per step, so that a term once too small can come back.
    """
    detector = float(squares[signal <= np.median(signal)].mean()) + 1e-300
    gain = max(float(squares.mean()) - detector, 0.1 * detector) / max(float(signal.mean()), 1e-300)
    for step in range(STEPS):
        expected = detector + gain * signal
        seen = squares if step < 2 else np.minimum(squares, 16.0 * expected)
        a, b, covariance = _line(seen, signal, expected)
        detector, gain = max(a, 0.2 * detector), max(b, 0.2 * gain)
    brightest = float(signal.max())
    gain = 0.0 if gain * brightest < 1e-3 * detector else gain
    return _dark(squares, signal, brightest, detector, gain), gain, covariance


def _dark(squares, signal, brightest: float, detector: float, gain: float) -> float:
    """The detector's term, told by the darkest fifth of the points where the line cannot resolve it.

    The weights end at LEAST_VARIANCE of the largest variance; a detector quieter than that leaves the line's offset
    anywhere near zero, and every wing would seem full of structure. The median of a squared normal deviate is 0.455.
    """
    if detector >= LEAST_VARIANCE * gain * brightest:
        return detector
    places = np.argsort(signal, kind="stable")[: max(5, len(signal) // 5)]
    level = float(np.median(squares[places])) / 0.455
    own = max(level - gain * float(signal[places].mean()), 0.0)
    return own if own < LEAST_VARIANCE * gain * brightest else detector


def _line(squares, signal, expected) -> tuple[float, float, list]:
    """One step to non-negative a + b·signal; and (XᵀWX)⁻¹ of what was free."""
    expected = np.maximum(expected, LEAST_VARIANCE * expected.max())
    unit = float(expected.min())
    weights = (unit / expected) ** 2
    by_signal = weights * signal
    s0, s1, s2 = float(weights.sum()), float(by_signal.sum()), float(by_signal @ signal)
    d0, d1 = float(weights @ squares), float(by_signal @ squares)
    determinant, scale = s0 * s2 - s1 * s1, unit * unit
    flat = determinant <= 1e-12 * s0 * s2
    if flat or s0 * d1 < s1 * d0:
        return d0 / s0, 0.0, [[scale / s0, 0.0], [0.0, 0.0]]
    if d0 * s2 < d1 * s1:
        return 0.0, d1 / s2, [[0.0, 0.0], [0.0, scale / s2]]
    covariance = [
        [s2 * scale / determinant, -s1 * scale / determinant],
        [-s1 * scale / determinant, s0 * scale / determinant],
    ]
    return (d0 * s2 - d1 * s1) / determinant, (s0 * d1 - s1 * d0) / determinant, covariance


def _digit(y) -> np.ndarray:
    """The step of a digitised y (n,): the smallest change, when at least a third of the points share values."""
    steps = np.zeros(len(y))
    for i, row in enumerate(np.sort(y, axis=1)):
        change = np.diff(row)
        positive = change[change > 1e-9 * max(abs(row[0]), abs(row[-1]))]
        if positive.size and positive.size < 2 * len(change) / 3:
            steps[i] = positive.min()
    return steps


def student_factor(freedom: float) -> float:
    """By how much an uncertainty grows when its variance is known with few degrees of freedom (k = 1, Cornish–Fisher).

    Examples
    --------
    >>> round(student_factor(5.0), 2), student_factor(float("inf"))
    (1.11, 1.0)
    """
    return 1.0 + 0.5 / freedom + 0.25 / freedom**2


def neighbours_are_alike(residuals: np.ndarray) -> np.ndarray:
    """Say, per spectrum, whether noise was smoothed: the correlation of neighbouring *differences* is −1/2 for white noise.

    Parameters
    ----------
    residuals : numpy.ndarray, shape (n, m)

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
    """
    change = np.diff(residuals, axis=1)
    power = np.einsum("nm,nm->n", change, change)
    if change.shape[1] < 20:
        return np.zeros(len(residuals), bool)
    together = np.einsum("nm,nm->n", change[:, 1:], change[:, :-1])
    return together / np.where(power > 0, power, 1.0) > -0.5 + 4.0 / np.sqrt(change.shape[1])


def correlation_time(weighted_residuals: np.ndarray) -> np.ndarray:
    """Factor (n,) ≥ 1 by which correlated residuals raise a variance: 1 + 2 Σ ρ_k, while ρ_k stands out of the noise.

    White residuals give 1. A model that does not quite fit leaves long waves, and its parameters are known less well
    than its χ² alone says.
    """
    n, m = weighted_residuals.shape
    centred = weighted_residuals - weighted_residuals.mean(axis=1, keepdims=True)
    power = np.einsum("nm,nm->n", centred, centred)
    factor, going = np.ones(n), power > 0.0
    for lag in range(1, m // 4):
        with np.errstate(divide="ignore", invalid="ignore"):
            rho = np.einsum("nm,nm->n", centred[:, lag:], centred[:, :-lag]) / power
        going &= rho > 3.0 / np.sqrt(m)
        if not going.any():
            break
        factor += np.where(going, 2.0 * rho, 0.0)
    return factor
