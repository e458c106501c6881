"""Simulated decays: photons drawn around an expected histogram that is computed here without the code under test."""

import numpy as np

from spectra.decay import Decay


def gaussian_response(n_bins=1024, center=60.3, sigma=4.0):
    """A response on bins; exactly zero where it is below a millionth of its maximum."""
    response = np.exp(-0.5 * ((np.arange(n_bins) - center) / sigma) ** 2)
    return np.where(response < 1e-6, 0.0, response)


def expected_counts(response, tau_bins, area, background=0.0, period_bins=None):
    """Convolve by a plain sum with trapezoid weights; earlier pulses are added one by one."""
    n_bins = response.size
    weights = response / response.sum()
    time = np.arange(n_bins)
    expected = np.full(n_bins, float(background))
    for tau, photons in zip(tau_bins, area, strict=True):
        kernel = np.exp(-time / tau)
        kernel[0] = 0.5
        expected += photons / tau * np.convolve(weights, kernel)[:n_bins]
        for pulse in range(1, 400 if period_bins else 0):
            late = np.exp(-(time + pulse * period_bins) / tau) * (np.exp(time / tau) @ weights)
            expected += photons / tau * late
            if late.max() < 1e-15:
                break
    return expected


def simulated(n, response, tau_bins, area, background=0.0, seed=1, period_bins=None):
    """n histograms, shape (n, m)."""
    expected = expected_counts(response, tau_bins, area, background, period_bins)
    return np.random.default_rng(seed).poisson(expected, (n, response.size)).astype(float)


def measured(counts, bin_ns=0.05, **more):
    return Decay(counts, bin_ns, **more)
