"""The expected histogram of a decay: exponentials seen through an instrument response, and its derivatives.

Convolution is the trapezoidal rule on the bins, by the recursion that tttrlib's ``fconv`` uses, so both agree to
rounding (when the response is zero in its first bin, which ``fconv`` counts half). Where the response has ended, an
exponential is a geometric series; there bins are joined into wider groups whose expectation is the exact sum, so
that thousands of channels cost as much as a few hundred.
"""

from dataclasses import dataclass

import numpy as np

SHORTEST_BINS = 0.2  # lifetimes below this many bins are not told from scatter
LARGEST_SHIFT = 60.0  # [bins]
TAIL_GROWTH = 0.05  # a group may be as wide as this share of the time since the response ended


def convolve_recursively(irf: np.ndarray, tau_bins: np.ndarray, n_bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Convolve exp(−t/τ) with a response by the trapezoidal rule, for many τ at once.

    Parameters
    ----------
    irf : ndarray, shape (m,)
        Response, starting at the first bin of the answer.
    tau_bins : ndarray, shape (k,) [bins]
    n_bins : int

    Returns
    -------
    convolved, derivative : ndarray, shape (n_bins, k)
        The convolution and its derivative with respect to ln τ.

    Notes
    -----
    c_i = q (c_{i−1} + L_{i−1}/2) + L_i/2 with q = exp(−1/τ). The rule takes the decay at points, not averaged over a
    bin: right to (bin/τ)²/12, so not for lifetimes of about a bin.

    Examples
    --------
    >>> convolved, _ = convolve_recursively(np.array([0.0, 1.0]), np.array([10.0]), 4)
    >>> (convolved[:, 0] * 2).round(4)
    array([0.    , 1.    , 1.8097, 1.6375])
    """
    q = np.exp(-1 / tau_bins)
    slope = q / tau_bins
    half = np.zeros(n_bins)
    half[: min(irf.size, n_bins)] = irf[:n_bins] / 2
    convolved, derivative = np.empty((2, n_bins, tau_bins.size))
    convolved[0], derivative[0] = half[0], 0.0
    for i in range(1, n_bins):
        before = convolved[i - 1] + half[i - 1]
        convolved[i] = before * q + half[i]
        derivative[i] = derivative[i - 1] * q + before * slope
    return convolved, derivative


def geometric_sum(tau_bins: np.ndarray, offset: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum q^offset + … + q^(offset + width − 1), q = exp(−1/τ), and its derivative with respect to ln τ.

    Parameters
    ----------
    tau_bins : ndarray, shape (k, 1) [bins]
    offset, width : ndarray, shape (g,) [bins]

    Returns
    -------
    tuple of ndarray, shape (k, g)

    Examples
    --------
    >>> total, _ = geometric_sum(np.array([[10.0]]), np.array([2.0]), np.array([3]))
    >>> bool(np.isclose(total[0, 0], np.exp([-0.2, -0.3, -0.4]).sum(), rtol=1e-14))
    True
    """
    rate = 1 / tau_bins
    start = np.exp(-rate * offset)
    step = -np.expm1(-rate)
    total = start * -np.expm1(-rate * width) / step
    past = start * width * np.exp(-rate * width) / step
    return total, rate * ((offset + np.exp(-rate) / step) * total - past)


def cubic_weights(fraction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of 4 neighbours that move a curve by ``fraction`` of a bin, and their derivative: shape (k, 4) each.

    Catmull–Rom: smooth in the shift, exact on parabolas. Neighbour t = −1, 0, 1, 2 is the value t bins earlier.

    Examples
    --------
    >>> cubic_weights(np.array([0.5]))[0]
    array([[-0.0625,  0.5625,  0.5625, -0.0625]])
    """
    f = fraction[:, None] ** np.arange(4)
    matrix = np.array([[0, -1, 2, -1], [2, 0, -5, 3], [0, 1, 4, -3], [0, 0, -1, 1]]) / 2
    slopes = np.arange(1, 4) * f[:, :3]
    return f @ matrix.T, slopes @ matrix[:, 1:].T


@dataclass(frozen=True)
class Groups:
    """Runs of neighbouring bins that are fitted as one: ``start`` and ``width``, shape (g,) [bins]."""

    start: np.ndarray
    width: np.ndarray

    def sums(self, counts: np.ndarray) -> np.ndarray:
        """Counts per group, shape (n, g); sums of Poisson numbers are Poisson numbers."""
        end = self.start[-1] + self.width[-1]
        return np.add.reduceat(counts[..., :end], self.start, axis=-1)


class DecayModel:
    """Expected counts of n decays with one bin width, one response and one window.

    Parameters
    ----------
    irf : ndarray, shape (m,), or None
        Response in the bins of the decay, background removed; normalised here to a sum of 1. None: a tail fit, whose
        exponentials start at ``first``.
    n_exponentials : int
    first, stop : int
        The fitted bins [first, stop).
    period_bins : float, optional
        Time between laser pulses; what is left of earlier pulses is then part of the model.
    fit_shift, fit_background, fit_scatter : bool
    shift_bins : float
        Shift of the response when it is not fitted, start of it when it is.

    Notes
    -----
    Parameters, in order: ln τ_i [ln bins], areas A_i [counts], then as fitted background [counts per bin], scatter
    [counts], shift [bins]. α_i = A_i/τ_i. With periodic closure A_i counts all photons of one period.
    """

    def __init__(
        self,
        irf,
        n_exponentials,
        first,
        stop,
        *,
        period_bins=None,
        fit_shift=False,
        fit_background=True,
        fit_scatter=False,
        shift_bins=0.0,
        grouped=True,
    ):
        self.k, self.first, self.stop = n_exponentials, first, stop
        self.period_bins, self.shift_bins = period_bins, shift_bins
        self.fit_background = fit_background
        self.fit_shift, self.fit_scatter = fit_shift and irf is not None, fit_scatter and irf is not None
        self.response = irf
        self.options = {
            "period_bins": period_bins,
            "fit_shift": fit_shift,
            "fit_background": fit_background,
            "fit_scatter": fit_scatter,
            "shift_bins": shift_bins,
            "grouped": grouped,
        }
        self._set_response(irf)
        self.groups = self._groups(grouped)
        self.head = (self.groups.start >= self.head_start) & (self.groups.start < self.head_end)
        self._reach = self.groups.start[self.head]

    def _set_response(self, irf):
        self.is_tail = irf is None
        if irf is None:
            self.irf, self.onset, self.last, self.middle = np.ones(1), self.first, self.first, self.first
            self.head_start = self.head_end = self.first
            return
        lit = np.flatnonzero(irf > 0)
        self.onset, self.last = int(lit[0]), int(lit[-1]) + 1
        self.irf = irf[self.onset : self.last] / irf.sum()
        self.middle = round(self.onset + self.irf @ np.arange(self.irf.size) + self.shift_bins)
        self.reach = int(np.ceil(abs(self.shift_bins) + (LARGEST_SHIFT if self.fit_shift else 0))) + 3
        self.head_start = max(self.first, self.onset - self.reach)
        self.head_end = min(self.stop, self.last + self.reach)

    def _groups(self, grouped: bool) -> Groups:
        """Single bins where the response reaches; before and after it, groups that are summed exactly."""
        if not grouped:
            return Groups(np.arange(self.first, self.stop), np.ones(self.stop - self.first, dtype=int))
        starts = list(range(self.first, self.head_start, 8)) + list(range(self.head_start, self.head_end))
        at = max(self.head_end, self.first)
        origin = self.last
        while at < self.stop:
            starts.append(at)
            at += max(1, int(TAIL_GROWTH * (at - origin)))
        start = np.array(starts)
        return Groups(start, np.diff(np.append(start, self.stop)))

    @property
    def names(self) -> tuple[str, ...]:
        fitted = [("background", self.fit_background), ("scatter", self.fit_scatter), ("shift", self.fit_shift)]
        kinds = [f"{kind}_{i + 1}" for kind in ("log_tau", "area") for i in range(self.k)]
        return tuple(kinds + [name for name, on in fitted if on])

    def column(self, name: str) -> int | None:
        return self.names.index(name) if name in self.names else None

    def __call__(self, parameters: np.ndarray, rows=None) -> tuple[np.ndarray, np.ndarray]:
        """Expected counts (n, g) and their derivatives (n, p, g)."""
        n, k, g = len(parameters), self.k, self.groups.start.size
        tau = np.exp(parameters[:, :k]).ravel()
        column = self.column("shift")
        shift = np.full(n, self.shift_bins) if column is None else parameters[:, column]
        shapes = self._shapes(tau, np.repeat(shift, k))
        shape, by_log_tau, by_shift = (s.reshape(n, k, g) for s in shapes)
        area = parameters[:, k : 2 * k, None]
        jacobian = np.zeros((n, parameters.shape[1], g))
        jacobian[:, :k], jacobian[:, k : 2 * k] = area * by_log_tau, shape
        expected = (area * shape).sum(axis=1)
        slope = (area * by_shift).sum(axis=1)
        if self.fit_background:
            jacobian[:, 2 * k] = self.groups.width
            expected += parameters[:, 2 * k, None] * self.groups.width
        if self.fit_scatter:
            at = self.column("scatter")
            flash, flash_slope = self._flash(shift)
            jacobian[:, at] = flash
            expected += parameters[:, at, None] * flash
            slope += parameters[:, at, None] * flash_slope
        if column is not None:
            jacobian[:, column] = slope
        return expected, jacobian

    def _shapes(self, tau, shift):
        """Histogram of unit area for each τ, its derivatives with respect to ln τ and to the shift: (k, g) each."""
        if not self.is_tail:
            ending = self.last - self.onset
            n_bins = max(self.head_end - self.onset + self.reach, ending + 1)
            convolved, derivative = convolve_recursively(self.irf, tau, n_bins)
            end, end_slope = convolved[ending], derivative[ending]
        else:
            end, end_slope = np.ones(tau.size), np.zeros(tau.size)
        shape, by_log_tau, by_shift = np.zeros((3, tau.size, self.groups.start.size))
        self._add_series(shape, by_log_tau, by_shift, tau, shift, end, end_slope)
        if self.head.any():
            moved, moved_slope, moved_shift = self._moved(convolved, derivative, shift)
            shape[:, self.head] += moved
            by_log_tau[:, self.head] += moved_slope
            by_shift[:, self.head] += moved_shift
        per_area = 1 / tau[:, None]
        return shape * per_area, (by_log_tau - shape) * per_area, by_shift * per_area

    def _moved(self, convolved, derivative, shift):
        """The convolution where the response reaches, moved by the shift: interpolated between 4 bins."""
        whole = np.floor(shift).astype(int)
        weights, slopes = cubic_weights(shift - whole)
        first = self._reach[0] - self.onset
        answers = np.zeros((3, shift.size, self._reach.size))
        for t in range(-1, 3):
            for lag in np.unique(whole):
                which = whole == lag
                values = _window(convolved, first - lag - t, self._reach.size, which)
                answers[0][which] += weights[which, t + 1, None] * values
                answers[2][which] += slopes[which, t + 1, None] * values
                slope_values = _window(derivative, first - lag - t, self._reach.size, which)
                answers[1][which] += weights[which, t + 1, None] * slope_values
        return answers

    def _add_series(self, shape, by_log_tau, by_shift, tau, shift, end, end_slope):
        """Add the geometric part: the tail after the response, and what earlier pulses left in every bin."""
        rate = 1 / tau
        whole = np.floor(shift)
        weights, slopes = cubic_weights(shift - whole)
        lags = whole[:, None] + np.arange(-1, 3)
        grown = np.exp(rate[:, None] * lags)
        factor, factor_shift = (weights * grown).sum(axis=1), (slopes * grown).sum(axis=1)
        factor_slope = -rate * (weights * lags * grown).sum(axis=1)
        parts = [(~self.head, self.groups.start - self.last, np.ones(tau.size), np.zeros(tau.size))]
        parts[0][0][self.groups.start < self.head_start] = False
        if self.period_bins is not None:
            left = np.exp(-rate * self.period_bins)
            echo = 1 / -np.expm1(-rate * self.period_bins)
            everywhere = np.ones(self.groups.start.size, dtype=bool)
            offset = self.groups.start + self.period_bins - self.last
            parts.append((everywhere, offset, echo, echo**2 * left * rate * self.period_bins))
        for where, offset, gain, gain_slope in parts:
            total, slope = geometric_sum(tau[:, None], offset[where], self.groups.width[where])
            amplitude = end * factor * gain
            amplitude_slope = end_slope * factor * gain + end * factor_slope * gain + end * factor * gain_slope
            shape[:, where] += amplitude[:, None] * total
            by_log_tau[:, where] += amplitude_slope[:, None] * total + amplitude[:, None] * slope
            by_shift[:, where] += (end * factor_shift * gain)[:, None] * total

    def _flash(self, shift):
        """The response itself, moved by the shift: scattered excitation light. Shape (n, g) each."""
        flash, slope = np.zeros((2, shift.size, self.groups.start.size))
        if self.head.any():
            response = np.zeros((max(self.head_end - self.onset + self.reach, self.irf.size), shift.size))
            response[: self.irf.size] = self.irf[:, None]
            moved, _, moved_shift = self._moved(response, response, shift)
            flash[:, self.head], slope[:, self.head] = moved, moved_shift
        return flash, slope


def _window(values, first: int, length: int, which) -> np.ndarray:
    """Rows first … first + length of (bins, k), for the columns in ``which``, as (k, length); zero before the start."""
    answer = np.zeros((int(which.sum()), length))
    low, high = max(first, 0), min(first + length, len(values))
    if high > low:
        answer[:, low - first : high - first] = values[low:high, which].T
    return answer
