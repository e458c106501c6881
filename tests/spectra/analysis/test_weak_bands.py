"""Weak bands beside a strong one: found by curvature, reported with their share, and never in the way of its width."""

import numpy as np
import pytest

from spectra.analysis.raw_band import bumps
from spectra.analysis.weak_bands import weak_bands
from tests.spectra.analysis.emission_simulation import band, codes, noisy, numbers, outcome

FINE = np.arange(385.0, 620.5, 0.5)


def contaminated(height=5e4, x=FINE):
    """A deep blue emitter with 3.5 and 2 % of larger dots on its red foot, which have no maximum of their own."""
    return height * (band(454.0, 15.0, x) + 0.035 * band(479.0, 17.0, x) + 0.02 * band(497.0, 20.0, x)) + 20.0


def of(found, name):
    return next(e for e in found.estimates if e.name == name)


def test_bands_on_the_foot_are_found_though_the_curve_only_falls():
    y = noisy(contaminated(), 1)
    assert len(bumps(FINE, y)) == 1
    assert sorted(b.x for b in weak_bands(FINE, y, bumps(FINE, y))) == pytest.approx([480.0, 499.0], abs=4.0)


@pytest.mark.parametrize("seed", range(5))
def test_the_main_band_keeps_its_numbers_with_an_uncertainty_of_the_size_of_the_noise(seed):
    found = outcome(noisy(contaminated(), seed), FINE)
    assert numbers(found)["emission_peak_nm"] == pytest.approx(454.0, abs=0.1)
    assert numbers(found)["emission_fwhm_nm"] == pytest.approx(15.02, abs=0.15)  # of the sum, by its half heights
    assert abs(of(found, "gaussian_fwhm_nm").value - 15.0) < 3.0 * of(found, "gaussian_fwhm_nm").u
    noise = next(c.u for c in of(found, "gaussian_fwhm_nm").budget if c.name == "noise")
    assert noise < 0.05  # 0.01 nm for this many photons; three bands know one width a little less well
    assert codes(found) >= {"weak_bands", "shares_of_light"}
    assert not codes(found) & {"smoothed_noise", "two_bands", "several_maxima", "not_gaussian"}


def test_the_share_of_each_weak_band_holds_the_truth():
    areas = np.array([15.0, 0.035 * 17.0, 0.02 * 20.0])
    found = outcome(noisy(contaminated(), 7), FINE)
    assert found.details["n_gaussians"] == 3
    for n, share in enumerate(areas / areas.sum(), start=1):
        estimate = of(found, f"band_{n}_share")
        assert abs(estimate.value - share) < 3.0 * estimate.u


def test_the_colour_does_not_take_the_foot_for_a_baseline():
    y = noisy(contaminated(), 3)
    whole = outcome(y, FINE, method="colour", conditions={"intensity_unit": "energy", "spectrally_corrected": True})
    from spectra.analysis.chromaticity import chromaticity, tristimulus

    truth = chromaticity(tristimulus(FINE, contaminated()[None] - 20.0))[0]
    for name, value in zip(("cie_x", "cie_y"), truth, strict=True):
        assert abs(of(whole, name).value - value) < 3.0 * of(whole, name).u


@pytest.mark.parametrize(
    "tail",
    [
        1.0 / (1.0 + ((FINE - 454.0) / 7.5) ** 2),
        band(454.0, 15.0, FINE) + 0.1 * np.exp(-np.clip(FINE - 454.0, 0, None) / 25.0) * (FINE > 454.0),
        band(454.0, 15.0, FINE) + 0.02 * (FINE - 385.0) / 235.0,
    ],
    ids=["Lorentzian", "exponential tail", "tilt"],
)
def test_a_tail_is_no_band(tail):
    y = noisy(5e4 * tail + 20.0, 11)
    assert all(b.x < 470.0 for b in weak_bands(FINE, y, bumps(FINE, y)))


def test_noise_makes_no_weak_bands():
    found = [weak_bands(FINE, y, bumps(FINE, y)) for y in (noisy(1e4 * band(454.0, 15.0, FINE), s) for s in range(200))]
    assert sum(bool(bands) for bands in found) <= 2  # 5 σ at some thirty independent places: a chance in a thousand


def test_a_second_band_of_more_than_a_third_takes_the_common_width_away_and_a_weaker_one_does_not():
    def raw_width(share):
        return numbers(outcome(noisy(1e5 * (band(453.0, 15.0) + share * band(515.0, 20.0)), 5)))["emission_fwhm_nm"]

    assert raw_width(0.4) is None
    assert raw_width(0.3) == pytest.approx(15.0, abs=0.2)


def test_a_detector_quieter_than_its_photons_can_tell_leaves_the_uncertainty_as_it_is():
    from spectra.analysis.noise import estimate_noise

    curve = 5500.0 * band(453.0, 14.9, FINE)[None]
    rng = np.random.default_rng(2)
    for _ in range(20):
        residuals = rng.normal(0.0, np.sqrt(4e-4 + 0.01 * curve))
        assert 2e-4 < estimate_noise(residuals, curve).detector[0] < 8e-4  # the median of 94 squares is good to ± 20 %
