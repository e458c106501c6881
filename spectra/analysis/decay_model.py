"""The expected histogram of a decay: exponentials seen through an instrument response, and its derivatives.

Where the response has ended, an exponential is a geometric series; there bins are joined into wider groups whose
expectation is the exact sum, so that thousands of channels cost as much as a few hundred.
"""

from dataclasses import dataclass

import numpy as np

from spectra.analysis.decay_convolution import (
    cubic_weights,
    decayed_sums,
    geometric_sums,
    linear_weights,
    moved_histograms,
    swings,
    taps,
)

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
    linear : bool
        Move by parts of a bin with linear weights: for the search, where the cubic would swing below zero.
    given : sequence of (float, bool)
        Lifetimes that a person gave for the first components [bins], and whether they are held there.

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
        linear=False,
        given=(),
    ):
        self.given = tuple(given)
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
            "linear": linear,
            "given": self.given,
        }
        self.weights_of = linear_weights if linear else cubic_weights
        self._set_response(irf)
        self.groups = self._groups(grouped)
        self.edges = np.append(self.groups.start, self.groups.start[-1] + self.groups.width[-1])

    def _set_response(self, irf):
        self.is_tail = irf is None
        if irf is None:
            self.irf, self.onset, self.last, self.middle = np.ones(1), self.first, self.first, self.first
            self.swings = False
            return
        lit = np.flatnonzero(irf > 0)
        self.onset, self.last = int(lit[0]), int(lit[-1]) + 1
        self.irf = irf[self.onset : self.last] / irf.sum()
        self.swings = swings(self.irf)
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
        jacobian = np.empty((n, parameters.shape[1], g))
        places = [jacobian[:, k : 2 * k], jacobian[:, :k]] + ([] if column is None else [jacobian[:, column]])
        self._fill(places, parameters, shift)
        if self.fit_background:
            jacobian[:, 2 * k] = self.groups.width
        if self.fit_scatter:
            at = self.column("scatter")
            jacobian[:, at], slope = self._flash(shift)
            if column is not None:
                jacobian[:, column] += parameters[:, at, None] * slope
        linear = slice(k, len(self.names) - (column is not None))  # expected counts are linear in all but τ and shift
        return (parameters[:, None, linear] @ jacobian[:, linear])[:, 0], jacobian

    def _fill(self, places, parameters, shift):
        """Write histograms of unit area (n, k, g), and what ln τ (n, k, g) and shift (n, g) change, into their places."""
        tau, area = np.exp(parameters[:, : self.k]), parameters[:, self.k : 2 * self.k]
        low, high = self._reached(shift)
        for place in places:
            place[..., :low] = 0.0
        end, end_slope = 1 / tau, -1 / tau
        if not self.is_tail:
            offsets, *weights = taps(shift, self.weights_of)
            first = int(self.edges[low] - self.onset - offsets[-1])
            n_bins = max(first + int(self.edges[high] - self.edges[low]), self.irf.size + 1)
            sums, slopes = (s.reshape(*tau.shape, -1) for s in decayed_sums(self.irf, tau.ravel(), n_bins))
            end = sums[:, :, self.irf.size] / tau
            end_slope = slopes[:, :, self.irf.size] / tau - end  # for ln τ at constant area
            if high > low:
                window = self._moved_response(offsets, low, high)
                moved = moved_histograms(sums, slopes, first, window, weights, tau, area)
                if self.swings:
                    _clear_below_zero(*moved)
                for place, bins in zip(places, moved, strict=False):
                    place[..., low:high] = self._joined(bins, low, high)
        self._fill_series(places, high, tau, area, shift, end, end_slope)

    def _reached(self, shift) -> tuple[int, int]:
        """The groups, from – to, in which the shifted response has not ended or not begun yet."""
        if self.is_tail:
            return 0, 0
        reach = int(np.ceil(np.abs(shift).max(initial=0))) + 3  # bins up to which a shifted one may count
        low = int(np.searchsorted(self.edges[1:], self.onset - reach, side="right"))
        high = int(np.searchsorted(self.edges[:-1], self.last + reach, side="left"))
        return min(low, high), high

    def _moved_response(self, offsets, low, high) -> np.ndarray:
        """The response in the bins of these groups, moved by each offset: shape (o, bins)."""
        bins = np.arange(self.edges[low], self.edges[high]) - self.onset - offsets[:, None]
        inside = (bins >= 0) & (bins < self.irf.size)
        return np.where(inside, self.irf[np.where(inside, bins, 0)], 0.0)

    def _joined(self, bins, low, high) -> np.ndarray:
        """Sums of bins (..., m) over the groups from – to."""
        if bins.shape[-1] == high - low:
            return bins
        return np.add.reduceat(bins, self.edges[low:high] - self.edges[low], axis=-1)

    def _fill_series(self, places, high, tau, area, shift, end, end_slope):
        """The geometric part: the tail after the response, and what earlier pulses left in every bin."""
        rate, whole = 1 / tau, np.floor(shift)
        weights, slopes = (w[:, None] for w in self.weights_of(shift - whole))
        lags = (whole[:, None] + np.arange(-1, 3))[:, None]
        grown = np.exp(rate[:, :, None] * lags)
        factor, factor_shift = (weights * grown).sum(axis=2), (slopes * grown).sum(axis=2)
        factor_slope = -rate * (weights * lags * grown).sum(axis=2)
        amplitude, by_shift = end * factor, end * factor_shift * area
        amplitude_slope = end_slope * factor + end * factor_slope
        after = self.edges[high:] - self.last
        if after.size > 1:
            tail = [place[..., high:] for place in places]
            _write_series(tail, tau, area, after, amplitude, amplitude_slope, by_shift)
        if self.period_bins is not None:
            echo = -1 / np.expm1(-rate * self.period_bins)
            growth = echo**2 * np.exp(-rate * self.period_bins) * rate * self.period_bins
            amplitude, amplitude_slope = amplitude * echo, amplitude_slope * echo + amplitude * growth
            before = self.edges + self.period_bins - self.last
            echoes = [np.empty(place.shape) for place in places]
            _write_series(echoes, tau, area, before, amplitude, amplitude_slope, by_shift * echo)
            for place, values in zip(places, echoes, strict=True):
                place += values

    def _flash(self, shift):
        """The response itself, moved by the shift: scattered excitation light. Shape (n, g) each."""
        answers = np.zeros((2, shift.size, self.groups.start.size))
        low, high = self._reached(shift)
        if high > low:
            offsets, *weights = taps(shift, self.weights_of)
            window = self._moved_response(offsets, low, high)
            for answer, weight in zip(answers, weights, strict=True):
                answer[:, low:high] = self._joined(weight @ window, low, high)
        return answers


def _write_series(places, tau, area, edges, amplitude, amplitude_slope, by_shift):
    """Histograms of exponentials between edges (n, k, g), what ln τ (n, k, g) and the shift (n, g) change in the counts."""
    total, slope = (part.reshape(*tau.shape, -1) for part in geometric_sums(tau.ravel(), edges))
    if len(places) > 2:
        np.copyto(places[2], (by_shift[:, None] @ total)[:, 0])
    np.multiply(total, amplitude[:, :, None], out=places[0])
    slope *= (area * amplitude)[:, :, None]
    total *= (area * amplitude_slope)[:, :, None]
    np.add(slope, total, out=places[1])


def _clear_below_zero(shape, by_log_tau, by_shift) -> None:
    """Take away what the interpolation made of a steep response: less than no counts, and what would change them."""
    below = shape < 0
    shape[below] = by_log_tau[below] = 0.0
    by_shift[below.any(axis=1)] = 0.0
