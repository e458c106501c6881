"""Batched fits: bias, coverage, and agreement with slow independent implementations."""

import doctest

import lmfit
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import xlogy

from spectra.analysis import decay_engine
from spectra.analysis.decay_engine import fit_decays
from spectra.analysis.decay_model import DecayModel
from tests.spectra.analysis.decay_simulation import expected_counts, gaussian_response, simulated

BIN_NS = 0.05
TAU_BINS = 9.02 / BIN_NS
RESPONSE = gaussian_response()


def _slow_poisson_fit(counts, response, start, period_bins=None):
    """The same likelihood by Nelder–Mead and Powell on a plain convolution: ln τ, ln areas, ln background."""
    k = (len(start) - 1) // 2

    def deviance(p):
        tau, area = np.exp(p[:k]), np.exp(p[k : 2 * k])
        mu = expected_counts(response, tau, area, np.exp(p[-1]), period_bins)
        return 2 * (mu - counts + xlogy(counts, np.where(counts > 0, counts, 1) / mu)).sum()

    found = minimize(
        deviance, np.log(start), method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-7, "fatol": 1e-9}
    )
    found = minimize(deviance, found.x, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-8, "fatol": 1e-10})
    return np.exp(found.x), found.fun


def test_the_examples_in_the_docstrings_hold():
    results = doctest.testmod(decay_engine)
    assert results.attempted >= 3
    assert results.failed == 0


def test_five_thousand_photons_give_the_lifetime_without_bias():
    """9.03 ± 0.19 ns was found by independent code for τ = 9.02 ns in 1,024 channels of 50 ps."""
    counts = simulated(400, RESPONSE, [TAU_BINS], [4900.0], background=0.3)
    fit = fit_decays(counts, DecayModel(RESPONSE, 1, 0, 1024, fit_shift=True))
    tau_ns = fit.tau_bins[:, 0] * BIN_NS
    assert fit.converged.all()
    assert tau_ns.mean() == pytest.approx(9.02, abs=0.04)  # 4 × 0.2/√400: the error of the mean
    assert tau_ns.std() == pytest.approx(0.19, abs=0.03)  # 0.2/√800 = 0.007 by chance, the rest by the background
    assert (tau_ns.mean() - 9.02) / 9.02 == pytest.approx(0, abs=0.005)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """4,000 draws know the share in a 68.3 % interval to 0.74 %: 65 to 71 % is 4 σ."""
    counts = simulated(4000, RESPONSE, [TAU_BINS], [10_000.0], background=0.3, seed=5)
    fit = fit_decays(counts, DecayModel(RESPONSE, 1, 0, 1024, fit_shift=True))
    distance = fit.parameters[:, 0] - np.log(TAU_BINS)
    assert 0.65 < (np.abs(distance) < np.sqrt(fit.covariance[:, 0, 0])).mean() < 0.71
    assert distance.mean() == pytest.approx(0, abs=1e-3)  # 3.5 × 1.5 %/√4000


def test_intervals_of_two_components_hold_the_truth_as_often_as_they_say():
    counts = simulated(300, RESPONSE, [40.0, 180.0], [60_000.0, 140_000.0], background=2.0, seed=6)
    fit = fit_decays(counts, DecayModel(RESPONSE, 2, 0, 1024, fit_shift=True))
    u = np.sqrt(np.diagonal(fit.covariance, axis1=1, axis2=2)[:, :2])
    inside = np.abs(fit.parameters[:, :2] - np.log([40.0, 180.0])) < u
    assert fit.converged.mean() > 0.99
    assert inside.mean() == pytest.approx(0.683, abs=0.1)  # 300 draws of 2 correlated numbers: 4 × 2.2 %
    pull = (fit.parameters[:, :2] - np.log([40.0, 180.0])) / u
    assert np.abs(pull.mean(axis=0)).max() < 0.25  # 4/√300


@pytest.mark.parametrize("period_bins", [None, 1030.0])
def test_one_exponential_is_that_of_a_slow_independent_fit(period_bins):
    counts = simulated(1, RESPONSE, [TAU_BINS], [4900.0], 0.3, seed=8, period_bins=period_bins)
    fit = fit_decays(counts, DecayModel(RESPONSE, 1, 0, 1024, period_bins=period_bins))
    (tau, area, background), deviance = _slow_poisson_fit(counts[0], RESPONSE, [150.0, 5000.0, 0.4], period_bins)
    # grouping the tail moves τ by a small part of its u of 2 %; the minima themselves are sharper
    assert fit.tau_bins[0, 0] == pytest.approx(tau, rel=2e-3)
    assert fit.areas[0, 0] == pytest.approx(area, rel=2e-3)
    single = fit_decays(counts, DecayModel(RESPONSE, 1, 0, 1024, period_bins=period_bins, grouped=False))
    assert single.tau_bins[0, 0] == pytest.approx(tau, rel=1e-4)  # the tolerance of both searches
    assert single.value("background")[0] == pytest.approx(background, rel=1e-3)
    assert single.objective[0] == pytest.approx(deviance, abs=1e-3)


def test_two_exponentials_are_those_of_a_slow_independent_fit():
    counts = simulated(1, RESPONSE, [40.0, 180.0], [60_000.0, 140_000.0], 2.0, seed=9)
    single = fit_decays(counts, DecayModel(RESPONSE, 2, 0, 1024, grouped=False))
    found, deviance = _slow_poisson_fit(counts[0], RESPONSE, [35.0, 190.0, 5e4, 1.5e5, 1.0])
    assert single.objective[0] == pytest.approx(deviance, abs=1e-2)  # what Nelder–Mead leaves
    assert single.tau_bins[0] == pytest.approx(found[:2], rel=2e-3)  # a twentieth of their u
    grouped = fit_decays(counts, DecayModel(RESPONSE, 2, 0, 1024))
    assert grouped.tau_bins[0] == pytest.approx(single.tau_bins[0], rel=5e-3)


def test_the_least_squares_fit_is_that_of_lmfit():
    counts = simulated(1, RESPONSE, [TAU_BINS], [200_000.0], 2.0, seed=10)
    variance = np.maximum(counts, 1.0)
    fit = fit_decays(counts, DecayModel(RESPONSE, 1, 0, 1024, grouped=False), variance)

    def residual(p):
        mu = expected_counts(RESPONSE, [p["tau"].value], [p["area"].value], p["background"].value)
        return (counts[0] - mu) / np.sqrt(variance[0])

    parameters = lmfit.create_params(tau=150.0, area=1.8e5, background=1.0)
    peer = lmfit.minimize(residual, parameters, scale_covar=False)
    assert fit.tau_bins[0, 0] == pytest.approx(peer.params["tau"].value, rel=1e-5)  # the peer's xtol and differences
    u_tau = fit.tau_bins[0, 0] * np.sqrt(fit.covariance[0, 0, 0])
    assert u_tau == pytest.approx(peer.params["tau"].stderr, rel=1e-2)  # its Jacobian is by finite differences


@pytest.mark.parametrize("shift", [-35, -7, 0, 3, 28])
def test_a_shift_of_the_response_is_found(shift):
    counts = simulated(1, np.roll(RESPONSE, shift), [TAU_BINS], [50_000.0], 0.5, seed=11)
    fit = fit_decays(counts, DecayModel(RESPONSE, 1, 0, 1024, fit_shift=True))
    assert fit.value("shift")[0] == pytest.approx(shift, abs=0.2)  # σ/√N of the rise is 0.05
    assert fit.tau_bins[0, 0] == pytest.approx(TAU_BINS, rel=0.03)  # 5 u


def test_light_from_earlier_pulses_is_part_of_the_model():
    """τ = 9 ns at 20 MHz in a window of 50 ns: without closure the left-over light is taken for background."""
    response = gaussian_response(1000)
    counts = simulated(100, response, [180.0], [20_000.0], 0.1, seed=12, period_bins=1000.0)
    closed = fit_decays(counts, DecayModel(response, 1, 0, 1000, period_bins=1000.0))
    opened = fit_decays(counts, DecayModel(response, 1, 0, 1000))
    assert closed.tau_bins.mean() * BIN_NS == pytest.approx(9.0, abs=0.04)  # 4 × 0.1/√100
    assert abs(opened.tau_bins.mean() * BIN_NS - 9.0) > 0.1


def test_a_tail_without_response_gives_the_lifetime():
    counts = simulated(200, RESPONSE, [TAU_BINS], [10_000.0], 0.3, seed=13)
    fit = fit_decays(counts, DecayModel(None, 1, 100, 1024))
    assert fit.tau_bins.mean() * BIN_NS == pytest.approx(9.02, abs=0.06)  # 4 × 0.18/√200


def test_a_decay_fitted_alone_is_the_same_as_in_a_batch():
    counts = simulated(20, RESPONSE, [40.0, 180.0], [6000.0, 14_000.0], 0.5, seed=14)
    model = DecayModel(RESPONSE, 2, 0, 1024, fit_shift=True)
    together, alone = fit_decays(counts, model), fit_decays(counts[7], model)
    assert alone.tau_bins[0] == pytest.approx(together.tau_bins[7], rel=1e-9)  # rounding of matrix products


def test_counts_that_are_not_whole_have_no_poisson_likelihood():
    with pytest.raises(ValueError, match="whole numbers"):
        fit_decays(np.full((1, 1024), 0.5), DecayModel(RESPONSE, 1, 0, 1024))


def test_an_empty_decay_does_not_disturb_its_batch():
    counts = simulated(3, RESPONSE, [TAU_BINS], [10_000.0], 0.3, seed=15)
    counts[1] = 0
    fit = fit_decays(counts, DecayModel(RESPONSE, 1, 0, 1024, fit_shift=True))
    assert fit.tau_bins[[0, 2], 0] * BIN_NS == pytest.approx(9.02, rel=0.06)  # 5 u
