"""How noisy a spectrum is, from the spectrum itself: detector noise plus photon noise.

Few instruments say how noisy their points are, and y is seldom a number of photons. Neighbouring points tell: what
is left of them after a smooth curve is taken away, and how it grows with the signal.
"""

from dataclasses import dataclass

import numpy as np

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
    Differences beyond 4 σ (by their median) count as 4 σ, so that a spike is no noise.

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
    squares = np.minimum(squares, 16.0 * max(float(np.median(squares)) / 0.455, 1e-300))
    total = np.concatenate([[0.0], np.cumsum(squares)])
    middle = np.clip(np.arange(y.size) - 2, 0, squares.size - 1)
    first = np.clip(middle - points // 2, 0, max(squares.size - points, 0))
    last = np.minimum(first + points, squares.size)
    return (total[last] - total[first]) / (last - first) * student_factor((last - first).min() / OVERLAP) ** 2


def _detector_and_photons(squares, signal, overlap: float, digit) -> Noise:
    """Solve E(d²) = detector + gain · signal; ``overlap`` is by how much neighbouring d² repeat each other.

    Fisher scoring of the likelihood: least squares weighted by 1/var². Neither term falls by more than a factor of 5
    per step, so that a term once too small can come back.
    """
    n = len(squares)
    low = signal <= np.median(signal, axis=1, keepdims=True)
    detector = np.einsum("nm,nm->n", squares, low) / low.sum(axis=1) + 1e-300
    gain = np.maximum(squares.mean(axis=1) - detector, 0.1 * detector) / np.maximum(signal.mean(axis=1), 1e-300)
    covariance = np.zeros((n, 2, 2))
    for step in range(STEPS):
        expected = detector[:, None] + gain[:, None] * signal
        seen = squares if step < 2 else np.minimum(squares, 16.0 * expected)
        a, b, covariance = _line(seen, signal, expected)
        detector, gain = np.maximum(a, 0.2 * detector), np.maximum(b, 0.2 * gain)
    gain = np.where(gain * signal.max(axis=1) < 1e-3 * detector, 0.0, gain)
    detector = _dark(squares, signal, detector, gain)
    return Noise(detector + digit**2 / 12.0, gain, 2.0 * overlap * covariance)


def _dark(squares, signal, detector, gain) -> np.ndarray:
    """The detector's term (n,), told by the darkest fifth of the points where the line cannot resolve it.

    The weights end at LEAST_VARIANCE of the largest variance; a detector quieter than that leaves the line's offset
    anywhere near zero, and every wing would seem full of structure. The median of a squared normal deviate is 0.455.
    """
    m = signal.shape[1]
    places = np.argsort(signal, axis=1, kind="stable")[:, : max(5, m // 5)]
    level = np.median(np.take_along_axis(squares, places, 1), axis=1) / 0.455
    own = np.maximum(level - gain * np.take_along_axis(signal, places, 1).mean(axis=1), 0.0)
    return np.where(np.maximum(detector, own) < LEAST_VARIANCE * gain * signal.max(axis=1), own, detector)


def _line(squares, signal, expected):
    """One step to non-negative a + b·signal, per spectrum; and (XᵀWX)⁻¹ of what was free."""
    expected = np.maximum(expected, LEAST_VARIANCE * expected.max(axis=1, keepdims=True))
    unit = expected.min(axis=1)
    weights = (unit[:, None] / expected) ** 2
    s0, s1, s2 = (np.einsum("nm,nm->n", weights, signal**p) for p in (0, 1, 2))
    d0, d1 = np.einsum("nm,nm->n", weights, squares), np.einsum("nm,nm,nm->n", weights, signal, squares)
    determinant = s0 * s2 - s1 * s1
    flat = determinant <= 1e-12 * s0 * s2
    safe, some = np.where(flat, 1.0, determinant), np.where(s2 > 0.0, s2, 1.0)
    a, b = (d0 * s2 - d1 * s1) / safe, (s0 * d1 - s1 * d0) / safe
    only_detector = (b < 0.0) | flat
    only_photons = (a < 0.0) & ~only_detector
    both = ~(only_photons | only_detector)
    aa = np.where(both, s2 / safe, np.where(only_detector, 1.0 / s0, 0.0))
    bb = np.where(both, s0 / safe, np.where(only_photons, 1.0 / some, 0.0))
    ab = np.where(both, -s1 / safe, 0.0)
    a, b = np.where(only_photons, 0.0, a), np.where(only_photons, d1 / some, b)
    a, b = np.where(only_detector, d0 / s0, a), np.where(only_detector, 0.0, b)
    return a, b, np.stack([aa, ab, ab, bb], axis=1).reshape(-1, 2, 2) * unit[:, None, None] ** 2


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
