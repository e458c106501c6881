"""Several exponentials without a response, and behind one of few bins: simulated finely, summed into bins, drawn as photons."""

import numpy as np
import pytest

from spectra.analysis import METHODS
from spectra.analysis.method import Case, Input
from spectra.decay import Decay

FINE = 8  # steps per bin in which the truth is drawn


def _scene(seed, taus_ns, shares, *, photons, width_ns, bin_ns=0.05, n_bins=1024, onset_ns=3.0):
    """Histogram and response of n_bins, from a Gaussian pulse on steps much finer than a bin."""
    t = (np.arange(n_bins * FINE) + 0.5) * bin_ns / FINE
    pulse = np.exp(-0.5 * ((t - onset_ns) / (width_ns / 2.3548)) ** 2)
    kernel = sum(a * np.exp(-(t - t[0]) / tau) for a, tau in zip(shares, taus_ns, strict=True))
    mean = np.maximum(np.fft.irfft(np.fft.rfft(pulse, 2 * t.size) * np.fft.rfft(kernel, 2 * t.size))[: t.size], 0)
    mean = mean.reshape(n_bins, FINE).sum(axis=1)
    rng = np.random.default_rng(seed)
    counts = rng.poisson(mean * photons / mean.sum() + 0.2).astype(float)
    response = rng.poisson(pulse.reshape(n_bins, FINE).sum(axis=1) * 2e5 / pulse.sum()).astype(float)
    return Decay(counts, bin_ns), Decay(response, bin_ns)


def _run(decay, irf=None):
    method = METHODS["decay"]
    inputs = [Input("decay", 0, "m1", decay)] + ([Input("irf", 0, "m2", irf)] if irf else [])
    (outcome,) = method.run([Case(tuple(inputs), parameters=method.complete({}))])
    return outcome, {estimate.name: estimate for estimate in outcome.estimates}


def test_averages_of_a_tail_are_those_of_the_excitation_and_not_of_the_first_fitted_bin():
    taus, shares = (2.0, 9.0), (0.6, 0.4)
    truth = np.dot(taus, shares)
    off = []
    for seed in range(12):
        decay, _ = _scene(seed, taus, shares, photons=2e5, width_ns=0.3)
        _, found = _run(decay)
        off.append((found["lifetime_ns"].value - truth) / found["lifetime_ns"].u)
        assert found["lifetime_ns"].value == pytest.approx(truth, rel=0.05)  # at the first bin fitted it is 7 % longer
        assert "time zero of the tail" in {part.name for part in found["share_1"].budget}
    assert np.abs(off).max() < 3.0  # twelve draws; beyond 3 u once in 30 such tests
    assert abs(np.mean(off)) < 1.0


def test_one_exponential_needs_no_time_zero():
    decay, _ = _scene(1, (6.0,), (1.0,), photons=5e4, width_ns=0.3)
    _, found = _run(decay)
    assert {part.name for part in found["lifetime_ns"].budget} == {"counting statistics", "time calibration"}


def test_three_components_behind_a_response_of_two_bins_are_found():
    """Moved by parts of a bin, a steep response must not give less than no counts: the search would end where it began."""
    taus, shares = (0.9, 4.9, 15.9), (0.35, 0.4, 0.25)
    decay, irf = _scene(5, taus, shares, photons=3e5, width_ns=0.45, bin_ns=0.2, n_bins=600)
    outcome, found = _run(decay, irf)
    assert outcome.details["n_exponentials"] == 3
    assert outcome.details["chi_squared_reduced"] < 1.5
    assert found["tau_3_ns"].value == pytest.approx(15.9, rel=0.03)
    assert found["lifetime_ns"].value == pytest.approx(np.dot(taus, shares), rel=0.1)  # bins as wide as a fifth of τ₁


def test_three_components_behind_a_response_of_three_bins_are_found_without_background():
    """Hardly any background: a thousandth of a count too little before the pulse already stops the search."""
    taus, shares = (0.92, 4.71, 14.73), (0.35, 0.4, 0.25)
    decay, irf = _scene(2, taus, shares, photons=2.3e5, width_ns=0.3, bin_ns=0.1)
    outcome, found = _run(decay, irf)
    assert outcome.details["n_exponentials"] == 3
    assert found["lifetime_ns"].value == pytest.approx(np.dot(taus, shares), rel=0.05)
