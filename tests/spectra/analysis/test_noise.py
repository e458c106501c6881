"""Noise found in the data: detector and photons apart, and the traps of smoothed and digitised spectra."""

import numpy as np
import pytest

from spectra.analysis.noise import (
    correlation_time,
    estimate_noise,
    neighbours_are_alike,
    student_factor,
    variance_around,
    variance_without_model,
)

X = np.arange(380.0, 701.0)
CURVE = 1000.0 * np.exp(-0.5 * ((X - 500.0) / 30.0) ** 2)


def draws(n, detector, gain, curve=CURVE):
    return np.random.default_rng(1).normal(0.0, np.sqrt(detector + gain * curve), (n, curve.size))


@pytest.mark.parametrize("leverage", [None, 0.0])
@pytest.mark.parametrize(("detector", "gain"), [(25.0, 0.0), (4.0, 1.0), (100.0, 0.2)])
def test_detector_and_photon_noise_are_told_apart(detector, gain, leverage):
    curve = np.tile(CURVE, (400, 1))
    given = None if leverage is None else np.zeros_like(curve)
    noise = estimate_noise(draws(400, detector, gain), curve, given)
    # medians of 400 estimates; a gain of 0 can only err upwards, by 7 % here
    assert np.median(noise.variance(curve)[:, 120]) == pytest.approx(detector + gain * 1000.0, rel=0.1)
    assert np.median(noise.variance(curve)[:, -1]) == pytest.approx(detector, rel=0.05)


def test_noise_is_found_without_a_model_too():
    variance = variance_without_model(CURVE + 20.0 + draws(400, 24.0, 1.0))
    assert np.median(variance[:, 120]) == pytest.approx(1024.0, rel=0.15)
    assert np.median(variance[:, -20]) == pytest.approx(24.0, rel=0.15)


def test_a_cosmic_ray_is_no_noise():
    residuals = draws(1, 25.0, 0.0)
    residuals[0, 200] += 5000.0
    assert estimate_noise(residuals, CURVE[None]).detector[0] < 50.0


def test_rounded_values_have_the_noise_of_rounding():
    y = np.round(CURVE * 0.01, 0)[None]
    assert estimate_noise(np.zeros_like(y), y).detector[0] == pytest.approx(1.0 / 12.0)


def test_smoothed_noise_is_recognised_and_white_noise_is_not():
    white = draws(300, 25.0, 0.0)
    smooth = np.apply_along_axis(np.convolve, 1, white, np.ones(3) / 3.0, mode="valid")
    assert neighbours_are_alike(white).mean() < 0.01
    assert neighbours_are_alike(smooth).all()


def test_white_residuals_have_no_correlation_time_and_waves_have_one():
    white = draws(300, 25.0, 0.0)
    assert np.mean(correlation_time(white) > 1.0) < 0.01
    assert correlation_time(white + 10.0 * np.sin(X / 15.0))[0] > 5.0


def test_few_points_that_tell_the_noise_make_the_interval_wider():
    curve = np.tile(CURVE, (1, 1))
    noise = estimate_noise(draws(1, 4.0, 1.0), curve)
    at_peak = float(noise.freedom(np.array([500.0]))[0])
    assert 5.0 < at_peak < X.size
    assert student_factor(at_peak) > 1.0


def test_noise_that_grows_tenfold_at_one_end_is_not_cut_to_the_median_of_the_whole():
    sigma = np.where(np.arange(1200) < 1000, 1.0, 10.0)
    y = np.random.default_rng(1).normal(0.0, sigma, (40, 1200))
    y[:, 500] += 1000.0  # a spike is no noise either way
    found = np.mean([variance_around(row) for row in y], axis=0)
    assert found[1100] == pytest.approx(100.0, rel=0.1)
    assert (
        found[500] < 2.1
    )  # five differences of 101 see the spike and count 16 each: 1.8, and a little by few degrees of freedom
