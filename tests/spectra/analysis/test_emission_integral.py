import numpy as np
import pytest

from spectra.analysis.emission_integral import (
    EmissionCurve,
    NotAnEmission,
    emission_curve,
    red_tail_factor,
    share_cut,
)
from spectra.spectrum import Channel, Spectrum
from tests.spectra.analysis.plqy_simulation import gaussian

X = np.arange(400.0, 520.5, 0.5)
AREA = 14.9 * np.sqrt(np.pi / np.log(2)) / 2  # of a Gaussian of height 1 and FWHM 14.9


def band(x=X, centre=453.0, fwhm=14.9):
    return EmissionCurve(x, gaussian(x, centre, fwhm))


def test_the_integral_of_a_gaussian_is_its_area():
    assert band().integral == pytest.approx(AREA, rel=1e-9)  # trapezoids are exact for a band that is zero at the ends


def test_an_uneven_grid_weighs_nothing_twice():
    fine_left = np.concatenate([np.arange(400.0, 453.0, 0.05), np.arange(453.0, 520.0, 0.5)])
    assert band(fine_left).integral == pytest.approx(AREA, rel=1e-4)  # the step changes at the top, to second order


def test_energy_units_become_photons_by_the_wavelength():
    spectrum = Spectrum(X, (Channel(gaussian(X, 453.0, 14.9), "intensity", "[a.u.]"),))
    photons, energy = emission_curve(spectrum, "photon"), emission_curve(spectrum, "energy")
    assert energy.photons == pytest.approx(photons.photons * X, rel=1e-12)
    assert photons.mean_wavelength_nm == pytest.approx(453.0, abs=1e-6)


@pytest.mark.parametrize("quantity", ["absorbance", "transmittance", "ellipticity"])
def test_what_is_no_emission_is_not_integrated(quantity):
    with pytest.raises(NotAnEmission):
        emission_curve(Spectrum(X, (Channel(np.ones(X.size), quantity),)), None)


def test_the_window_has_points_on_its_edges():
    part = band().within(440.2, 460.3)
    assert (part.wavelength_nm[0], part.wavelength_nm[-1]) == (440.2, 460.3)
    flat = EmissionCurve(X, np.ones(X.size)).within(440.2, 460.3)
    assert flat.integral == pytest.approx(20.1, abs=1e-9)


@pytest.mark.parametrize("noise", [0.003, 0.03])
def test_the_noise_of_the_integral_is_what_repetition_shows(noise):
    rng = np.random.default_rng(7)
    repeated = [EmissionCurve(X, band().photons + rng.normal(0, noise, X.size)) for _ in range(400)]
    spread = np.std([curve.integral for curve in repeated], ddof=1)
    # 400 repetitions know their spread to 3.5 %
    assert np.mean([curve.u_integral for curve in repeated]) == pytest.approx(spread, rel=0.12)


def test_a_smooth_band_has_next_to_no_noise():
    assert band().u_integral / band().integral < 1e-5


@pytest.mark.parametrize("last_nm", [453.0, 458.0, 463.0])
def test_a_band_cut_by_the_end_of_the_scan_is_noticed(last_nm):
    x = np.arange(400.0, last_nm + 0.1, 0.5)
    true = 1 - band(x).integral / AREA
    assert 0.5 * true < share_cut(band(x), x[0], x[-1]) < 4 * true  # exponential against Gaussian edge


def test_a_band_cut_by_the_window_is_noticed():
    true = 1 - band().within(443.0, 520.0).integral / AREA
    assert share_cut(band(), 443.0, 520.0) == pytest.approx(true, rel=0.01)  # all of it was measured


def test_noise_outside_the_band_is_no_lost_band():
    rng = np.random.default_rng(2)
    cut = [share_cut(EmissionCurve(X, band().photons + rng.normal(0, 0.003, X.size)), 415.0, 490.0) for _ in range(100)]
    assert np.mean(np.array(cut) > 0.005) < 0.1


def test_matching_the_red_tail_gives_the_eaten_photons_back():
    absorbed = 10 ** (-0.4 * 0.1 * np.clip((456 - X) / 20, 0, None))
    eaten = EmissionCurve(X, 5 * band().photons * absorbed)
    assert 1 - eaten.integral / (5 * AREA) > 0.015
    assert red_tail_factor(eaten, band()) * eaten.integral == pytest.approx(5 * AREA, rel=1e-6)
