"""The expected histogram: convolution, exact groups of bins, earlier pulses, shift, and derivatives."""

import doctest
from itertools import pairwise

import numpy as np
import pytest

from spectra.analysis import decay_averages, decay_convolution, decay_goodness, decay_variance
from spectra.analysis.decay_averages import lifetime_averages
from spectra.analysis.decay_convolution import decayed_sums
from spectra.analysis.decay_model import DecayModel
from tests.spectra.analysis.decay_simulation import expected_counts, gaussian_response

RESPONSE = gaussian_response()


def _parameters(model, tau=(30.0, 180.0), area=(900.0, 4000.0), background=1.5, scatter=300.0, shift=0.0):
    fitted = {"background": background, "scatter": scatter, "shift": shift}
    k = model.k
    return np.array([[*np.log(tau[:k]), *area[:k], *(fitted[name] for name in model.names[2 * k :])]])


@pytest.mark.parametrize("module", [decay_convolution, decay_averages, decay_goodness, decay_variance])
def test_the_examples_in_the_docstrings_hold(module):
    results = doctest.testmod(module)
    assert results.attempted >= 1
    assert results.failed == 0


@pytest.mark.parametrize("tau_bins", [0.01, 0.3, 3.0, 180.4, 1e6])
def test_the_sums_are_the_recursion_of_fconv(tau_bins):
    """fconv: fit = (fit + lamp[i−1] dt/2) exp(−dt/τ) + lamp[i] dt/2, from a response that begins with zero."""
    sums, slopes = decayed_sums(RESPONSE, np.array([tau_bins, 200.0]), RESPONSE.size)
    fit, recursion = 0.0, [0.0]
    for before, lamp in pairwise(RESPONSE):
        fit = (fit + before / 2) * np.exp(-1 / tau_bins) + lamp / 2
        recursion.append(fit)
    assert sums[0] + RESPONSE / 2 == pytest.approx(recursion, rel=1e-12, abs=1e-300)  # rounding of 1,024 sums
    step = 1e-6
    higher, lower = (decayed_sums(RESPONSE, np.array([tau_bins * np.exp(s)]), RESPONSE.size)[0] for s in (step, -step))
    difference = (higher - lower)[0] / (2 * step)
    assert slopes[0] == pytest.approx(difference, rel=1e-7, abs=1e-9 * sums[0].max())  # rounding of the difference


@pytest.mark.parametrize("period_bins", [None, 1024.0, 1100.5])
def test_the_model_is_what_a_plain_sum_over_pulses_gives(period_bins):
    model = DecayModel(RESPONSE, 2, 0, 1024, period_bins=period_bins, grouped=False)
    expected, _ = model(_parameters(model))
    plain = expected_counts(RESPONSE, (30.0, 180.0), (900.0, 4000.0), 1.5, period_bins)
    assert expected[0] == pytest.approx(plain, rel=1e-11)  # rounding; the sum ends at pulses of 1e-15


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"period_bins": 1030.5},
        {"fit_shift": True, "fit_scatter": True},
        {"fit_shift": True, "shift_bins": -3.2, "period_bins": 1030.5},
        {"fit_background": False},
    ],
)
@pytest.mark.parametrize("window", [(0, 1024), (40, 900), (150, 1024)])
def test_groups_of_bins_hold_the_exact_sum_of_their_bins(options, window):
    grouped = DecayModel(RESPONSE, 2, *window, **options)
    single = DecayModel(RESPONSE, 2, *window, grouped=False, **options)
    assert grouped.groups.start.size < 0.6 * single.groups.start.size
    parameters = _parameters(grouped, shift=options.get("shift_bins", 0.7))
    for few, many in zip(grouped(parameters), single(parameters), strict=True):
        padded = np.concatenate([np.zeros((*many.shape[:-1], window[0])), many], axis=-1)
        assert few == pytest.approx(grouped.groups.sums(padded), abs=1e-11 * np.abs(many).max() + 1e-12)  # rounding


@pytest.mark.parametrize("response", [RESPONSE, None])
@pytest.mark.parametrize("period_bins", [None, 1030.5])
@pytest.mark.parametrize("shift", [-2.3, 0.0, 0.4])
def test_derivatives_agree_with_differences(response, period_bins, shift):
    model = DecayModel(response, 2, 0, 1024, period_bins=period_bins, fit_shift=True, fit_scatter=True)
    parameters = _parameters(model, shift=shift)
    _, jacobian = model(parameters)
    for j in range(parameters.shape[1]):
        step = 1e-5 * max(1.0, abs(parameters[0, j]))
        higher, lower = parameters.copy(), parameters.copy()
        higher[0, j] += step
        lower[0, j] -= step
        slope = (model(higher)[0] - model(lower)[0]) / (2 * step)
        # central differences with h = 1e-5 leave h²·f‴/6 and rounding of 1e-16/h
        assert slope[0] == pytest.approx(jacobian[0, j], abs=1e-6 * np.abs(jacobian[0, j]).max())


def test_shifting_by_whole_bins_is_moving_the_response():
    still = DecayModel(np.roll(RESPONSE, 3), 1, 0, 1024, grouped=False)
    moved = DecayModel(RESPONSE, 1, 0, 1024, grouped=False, shift_bins=3.0)
    parameters = _parameters(still)
    assert moved(parameters)[0] == pytest.approx(still(parameters)[0], rel=1e-12)  # rounding


def test_shifting_by_a_part_of_a_bin_is_close_to_the_true_response_in_between():
    true = DecayModel(gaussian_response(center=60.7), 1, 0, 1024, grouped=False)
    moved = DecayModel(gaussian_response(center=60.3), 1, 0, 1024, grouped=False, shift_bins=0.4)
    parameters = _parameters(true)
    difference = np.abs(moved(parameters)[0] - true(parameters)[0]).max()
    # cubic interpolation over 1 bin at σ = 4 bins: error ~ (1/σ)³/10 of the slope, below 1e-3 of the maximum
    assert difference < 1e-3 * true(parameters)[0].max()


def test_areas_are_photons():
    model = DecayModel(RESPONSE, 1, 0, 1024, fit_background=False)
    expected, _ = model(_parameters(model, tau=(50.0,), area=(1e4,)))
    # (bin/τ)²/12 = 3e-5 is the error of the trapezoid; exp(−(1024 − 60)/50) is lost behind the window
    assert expected.sum() == pytest.approx(1e4, rel=1e-4)


def test_a_spurious_fast_component_ruins_the_amplitude_average_only():
    """The published trap: 0.2 ps beside 6 ns made the averages 0.082 and 5.95 ns."""
    tau = np.array([0.0002, 6.0])
    alpha = np.array([1.0, 0.0139])
    (amplitude, intensity, *_), _ = lifetime_averages(tau, alpha * tau)
    assert amplitude == pytest.approx(0.0824, abs=0.0005)  # Σατ/Σα by hand: (0.0002 + 0.0834)/1.0139
    assert intensity == pytest.approx(5.986, abs=0.001)  # (4e-8 + 0.5004)/(0.0836)


def test_gradients_of_the_averages_agree_with_differences():
    tau, area = np.array([2.0, 5.0, 9.0]), np.array([3.0, 1.0, 4.0])
    _, gradients = lifetime_averages(tau, area)
    for j in range(6):

        def at(step, j=j):
            moved = np.concatenate([np.log(tau), area])
            moved[j] += step
            return lifetime_averages(np.exp(moved[:3]), moved[3:])[0]

        assert (at(1e-6) - at(-1e-6)) / 2e-6 == pytest.approx(gradients[:, j], abs=1e-8)  # h² and rounding/h
