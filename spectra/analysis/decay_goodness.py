"""How well a fitted decay describes its counts: χ², residuals, their autocorrelation, and what looks wrong."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from spectra.analysis.decay_engine import DecayFit
from spectra.analysis.decay_model import NEAR
from spectra.analysis.findings import Findings, shown
from spectra.notes import gettext_noop

POOLED = 5.0  # expected counts that a bin of the χ² statistic holds at least
POOR_CHI_SQUARED, POOR_PROBABILITY = 1.2, 1e-3
UNEVEN_SIGMA = 5.0
SEEN = 25.0  # the objective that an exponential must gain over a constant to count as a decay


@dataclass(frozen=True, eq=False)
class Goodness:
    """Of one decay between ``first`` and ``stop``: expected counts and weighted residuals per bin, χ² and its freedom."""

    expected: np.ndarray
    residuals: np.ndarray
    autocorrelation: np.ndarray
    chi_squared: float
    freedom: int

    @property
    def reduced(self) -> float:
        return self.chi_squared / self.freedom

    @property
    def durbin_watson(self) -> float:
        """2 for independent residuals; below 1.7 they hang together."""
        return float((np.diff(self.residuals) ** 2).sum() / max((self.residuals**2).sum(), 1e-300))


def assess(fit: DecayFit, counts: np.ndarray, expected: np.ndarray, variance: np.ndarray | None) -> Goodness:
    """Compare the counts (m,) of the fitted bins with those expected there (m,)."""
    p = fit.parameters.shape[1]
    if variance is None:
        chi_squared, freedom = pooled_chi_squared(counts, expected, p)
        residuals = (counts - expected) / np.sqrt(np.maximum(expected, 1e-12))
    else:
        residuals = (counts - expected) / np.sqrt(variance)
        chi_squared, freedom = float((residuals**2).sum()), max(counts.size - p, 1)
    return Goodness(expected, residuals, autocorrelate(residuals), chi_squared, freedom)


def pooled_chi_squared(counts: np.ndarray, expected: np.ndarray, n_parameters: int) -> tuple[float, int]:
    """Pearson χ² over neighbouring bins pooled until each expects 5 counts, with its degrees of freedom.

    Parameters
    ----------
    counts, expected : ndarray, shape (m,) [counts]
    n_parameters : int

    Returns
    -------
    chi_squared : float [1]
    degrees_of_freedom : int

    Notes
    -----
    χ² = Σ (y − μ)²/μ. Unpooled, single photons in bins that expect nearly none dominate it.

    Examples
    --------
    >>> pooled_chi_squared(np.full(10, 12.0), np.full(10, 10.0), 1)
    (4.0, 9)
    """
    pool = np.floor(np.cumsum(np.maximum(expected, 0)) / POOLED * (1 - 1e-12))  # as floats: an integer may overflow
    _, pool = np.unique(pool, return_inverse=True)
    observed, wanted = np.bincount(pool, counts), np.bincount(pool, np.maximum(expected, 1e-12))
    if wanted.size > 1 and wanted[-1] < POOLED:  # the last pool is an open one
        observed = np.append(observed[:-2], observed[-2:].sum())
        wanted = np.append(wanted[:-2], wanted[-2:].sum())
    return float(((observed - wanted) ** 2 / wanted).sum()), int(max(wanted.size - n_parameters, 1))


def autocorrelate(residuals: np.ndarray) -> np.ndarray:
    """Autocorrelation of weighted residuals for lags from 0 to half their number; 1 at lag 0.

    Examples
    --------
    >>> autocorrelate(np.array([1.0, -1.0, 1.0, -1.0])).round(6)
    array([ 1.  , -0.75,  0.5 ])
    """
    m = residuals.size
    spectrum = np.fft.rfft(residuals, 2 * m)
    sums = np.fft.irfft(np.abs(spectrum) ** 2, 2 * m)[: m // 2 + 1]
    return sums / sums[0] if sums[0] > 0 else sums


def gain_over_constant(fit: DecayFit, counts: np.ndarray, variance: np.ndarray | None) -> float:
    """What the exponentials gain over a constant [units of χ²]: the fit of noise gains about its parameters only."""
    groups = fit.model.groups
    data, width = groups.sums(counts), groups.width
    if variance is None:
        flat = data.sum() / width.sum() * width
        constant = (
            2 * (np.where(data > 0, data, 1) * np.log(np.where(data > 0, data, 1) / np.maximum(flat, 1e-300))).sum()
        )
    else:
        weight = 1 / groups.sums(variance)
        level = (weight * data * width).sum() / (weight * width**2).sum()
        constant = (weight * (data - level * width) ** 2).sum()
    return float(constant - fit.objective[0])


def check(fit: DecayFit, goodness: Goodness, counts: np.ndarray, findings: Findings) -> None:
    """Warn when the model does not describe the counts, and when the background is not constant."""
    improbable = chdtrc(goodness.freedom, goodness.chi_squared) < POOR_PROBABILITY
    if improbable and goodness.reduced > POOR_CHI_SQUARED:
        findings.warn(
            "poor_fit",
            gettext_noop(
                "The model does not describe the decay (reduced χ² {chi}); look at the residuals. The uncertainty was "
                "widened accordingly."
            ),
            chi=shown(goodness.reduced),
        )
    before = slice(0, max(fit.model.onset - NEAR - fit.model.first, 0))
    tail = slice(-max(counts.size // 10, 5), None)
    for part in (before, tail):
        wanted = goodness.expected[part].sum()
        spread = np.sqrt(max(wanted, 1.0)) if counts[part].size else 1.0
        excess = (counts[part].sum() - wanted) / spread
        if fit.model.fit_background and counts[part].size >= 5 and abs(excess) > UNEVEN_SIGMA and wanted > 0:
            findings.warn(
                "background_not_flat",
                gettext_noop(
                    "The background is not constant: before the pulse or at the end of the window the counts differ "
                    "from the fit. Check for room light, reflections, or a second pulse in the window."
                ),
            )
