"""The expected histogram of a decay: exponentials seen through an instrument response, and its derivatives.

Where the response has ended, an exponential is a geometric series; there bins are joined into wider groups whose
expectation is the exact sum, so that thousands of channels cost as much as a few hundred.
"""

from dataclasses import dataclass

import numpy as np

from spectra.analysis.decay_convolution import convolve_recursively, cubic_weights, geometric_sums, taps

SHORTEST_BINS = 0.2  # lifetimes below this many bins are not told from scatter
LARGEST_SHIFT = 60.0  # [bins]
TAIL_GROWTH = 0.05  # a group may be as wide as this share of the time since the response ended
NEAR = 6  # single bins around the response, so that a shift of some bins is resolved
BEFORE, LONG_BEFORE = 4, 32  # bins per group before it, and where not even a shifted one reaches


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
        self.edges = np.append(self.groups.start, self.groups.start[-1] + self.groups.width[-1])

    def _set_response(self, irf):
        self.is_tail = irf is None
        if irf is None:
            self.irf, self.onset, self.last, self.middle = np.ones(1), self.first, self.first, self.first
            return
        lit = np.flatnonzero(irf > 0)
        self.onset, self.last = int(lit[0]), int(lit[-1]) + 1
        self.irf = irf[self.onset : self.last] / irf.sum()
        self.middle = round(self.onset + self.irf @ np.arange(self.irf.size) + self.shift_bins)

    def _groups(self, grouped: bool) -> Groups:
        """Single bins where the response reaches, more of them before it, and a growing number after it."""
        if not grouped:
            return Groups(np.arange(self.first, self.stop), np.ones(self.stop - self.first, dtype=int))
        near = 0 if self.is_tail else NEAR
        onset, end = (min(max(at, self.first), self.stop) for at in (self.onset - near, self.last + near))
        quiet = max(self.first, onset - near - int(LARGEST_SHIFT))
        starts = [*range(self.first, quiet, LONG_BEFORE), *range(quiet, onset, BEFORE), *range(onset, end)]
        at = end
        while at < self.stop:
            starts.append(at)
            at += max(1, int(TAIL_GROWTH * (at - self.last)))
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
        column = self.column("shift")
        shift = np.full(n, self.shift_bins) if column is None else parameters[:, column]
        shapes = self._shapes(np.exp(parameters[:, :k]).ravel(), np.repeat(shift, k))
        shape, by_log_tau, by_shift = (s.reshape(g, n, k).transpose(1, 2, 0) for s in shapes)
        area = parameters[:, k : 2 * k, None]
        jacobian = np.empty((n, parameters.shape[1], g))
        jacobian[:, k : 2 * k] = shape
        np.multiply(by_log_tau, area, out=jacobian[:, :k])
        if self.fit_background:
            jacobian[:, 2 * k] = self.groups.width
        if column is not None:
            np.multiply(by_shift[:, 0], area[:, 0], out=jacobian[:, column])
            for i in range(1, k):
                jacobian[:, column] += by_shift[:, i] * area[:, i]
        if self.fit_scatter:
            at = self.column("scatter")
            flash, flash_slope = self._flash(shift)
            jacobian[:, at] = flash.T
            if column is not None:
                jacobian[:, column] += parameters[:, at, None] * flash_slope.T
        linear = slice(k, len(self.names) - (column is not None))  # expected counts are linear in all but τ and shift
        return (parameters[:, None, linear] @ jacobian[:, linear])[:, 0], jacobian

    def _shapes(self, tau, shift):
        """Histogram of unit area for each τ, its derivatives with respect to ln τ and to the shift: (g, k) each."""
        g, low, high = self.groups.start.size, *self._reached(shift)
        answers = np.zeros((3 if self.fit_shift else 2, g, tau.size))
        end, end_slope = 1 / tau, -1 / tau
        if not self.is_tail:
            reach = self._reach(shift)
            lead = max(self.onset - self.edges[low], 0) + reach
            n_bins = max(self.edges[high] - self.onset + reach, self.last - self.onset + 1)
            convolved, slope = convolve_recursively(self.irf, tau, n_bins, lead)
            slope -= convolved  # for ln τ at constant area
            end, end_slope = (c[lead + self.last - self.onset] / tau for c in (convolved, slope))
            if high > low:
                self._add_moved(answers[:, low:high], convolved, slope, lead, low, high, shift, 1 / tau)
        self._add_series(answers, high, tau, shift, end, end_slope)
        return (*answers, answers[0]) if len(answers) == 2 else answers

    def _reach(self, shift) -> int:
        """Bins beyond the response up to which a shifted one may count."""
        return int(np.ceil(np.abs(shift).max(initial=0))) + 3

    def _reached(self, shift) -> tuple[int, int]:
        """The groups, from – to, in which the shifted response has not ended or not begun yet."""
        if self.is_tail:
            return 0, 0
        reach = self._reach(shift)
        low = int(np.searchsorted(self.edges[1:], self.onset - reach, side="right"))
        high = int(np.searchsorted(self.edges[:-1], self.last + reach, side="left"))
        return min(low, high), high

    def _add_moved(self, answers, convolved, slope, lead, low, high, shift, scale):
        """Add the convolution where the response reaches, moved by the shift: interpolated between 4 bins."""
        first, length = self.edges[low] - self.onset + lead, self.edges[high] - self.edges[low]
        offsets, weights, slopes = taps(shift, scale)
        bins = answers if length == high - low else np.zeros((len(answers), length, shift.size))
        part = np.empty((length, shift.size))
        for offset, weight, weight_slope in zip(offsets, weights, slopes, strict=True):
            rows = slice(first - offset, first - offset + length)
            bins[0] += np.multiply(convolved[rows], weight, out=part)
            bins[1] += np.multiply(slope[rows], weight, out=part)
            if len(bins) > 2:
                bins[2] += np.multiply(convolved[rows], weight_slope, out=part)
        if bins is not answers:
            answers += np.add.reduceat(bins, self.edges[low:high] - self.edges[low], axis=1)

    def _add_series(self, answers, high, tau, shift, end, end_slope):
        """Add the geometric part: the tail after the response, and what earlier pulses left in every bin."""
        rate = 1 / tau
        whole = np.floor(shift)
        weights, slopes = cubic_weights(shift - whole)
        lags = whole[:, None] + np.arange(-1, 3)
        grown = np.exp(rate[:, None] * lags)
        factor, factor_shift = (weights * grown).sum(axis=1), (slopes * grown).sum(axis=1)
        factor_slope = -rate * (weights * lags * grown).sum(axis=1)
        parts = [(slice(high, None), self.edges[high:] - self.last, 1.0, 0.0)]
        if self.period_bins is not None:
            left = np.exp(-rate * self.period_bins)
            echo = 1 / -np.expm1(-rate * self.period_bins)
            offset = self.edges + self.period_bins - self.last
            parts.append((slice(None), offset, echo, echo**2 * left * rate * self.period_bins))
        for where, edges, gain, gain_slope in parts:
            if edges.size < 2:
                continue
            total, slope = geometric_sums(tau, edges)
            amplitude = end * factor * gain
            amplitude_slope = end_slope * factor * gain + end * factor_slope * gain + end * factor * gain_slope
            slope *= amplitude
            slope += amplitude_slope * total
            answers[1, where] += slope
            if len(answers) > 2:
                answers[2, where] += end * factor_shift * gain * total
            total *= amplitude
            answers[0, where] += total

    def _flash(self, shift):
        """The response itself, moved by the shift: scattered excitation light. Shape (g, n) each."""
        answers = np.zeros((3, self.groups.start.size, shift.size))
        low, high = self._reached(shift)
        if high > low:
            reach = self._reach(shift)
            lead = max(self.onset - self.edges[low], 0) + reach
            n_bins = max(self.edges[high] - self.onset + reach, self.irf.size)
            response = np.zeros((lead + n_bins, shift.size))
            response[lead : lead + self.irf.size] = self.irf[:, None]
            self._add_moved(answers[:, low:high], response, response, lead, low, high, shift, np.ones(shift.size))
        return answers[0], answers[2]
