"""Bands as dots have them: steep on the blue side, a tail on the red one, in energy and not in wavelength."""

import numpy as np

from spectra.analysis import METHODS
from spectra.analysis.method import Case, Input
from spectra.spectrum import HC_EV_NM, Channel, Spectrum

WAVELENGTH = np.arange(400.0, 600.5, 0.5)


def _band(x, peak_nm, fwhm_mev, red):
    """Two half Gaussians in energy, the red one wider by ``red``, over wavelength; its maximum is 1."""
    energy, at, sigma = HC_EV_NM / x, HC_EV_NM / peak_nm, fwhm_mev / 2354.8
    shape = np.exp(-0.5 * ((energy - at) / np.where(energy < at, red * sigma, sigma)) ** 2) * energy**2
    return shape / shape.max()


def _estimates(intensity, seed, peak_counts=20_000.0):
    counts = np.random.default_rng(seed).poisson(peak_counts * intensity + 50).astype(float)
    spectrum = Spectrum(WAVELENGTH, (Channel(counts, "intensity", "[a.u.]"),))
    method = METHODS["emission_band"]
    (outcome,) = method.run([Case((Input("emission", 0, "m1", spectrum),), method.complete({}))])
    return {estimate.name: estimate for estimate in outcome.estimates}


def test_the_centre_of_a_gaussian_is_no_surer_than_its_distance_from_the_maximum():
    for seed, red in enumerate((1.1, 1.2, 1.3)):
        found = _estimates(_band(WAVELENGTH, 455.0, 90.0, red), seed)
        center = found["gaussian_center_nm"]
        assert abs(center.value - 455.0) < 2 * center.u
        # the interpolated top of two unequal halves lies up to 0.2 nm off their joint
        assert abs(found["emission_peak_nm"].value - 455.0) < 0.3
        assert "band is not Gaussian" in {part.name for part in center.budget}


def test_a_truly_gaussian_band_pays_nothing():
    gaussian = np.exp(-0.5 * ((WAVELENGTH - 455.0) / 7.0) ** 2)
    budget = _estimates(gaussian, 1)["gaussian_center_nm"].budget
    assert "band is not Gaussian" not in {part.name for part in budget}


def test_shares_and_places_of_two_overlapping_skewed_bands_hold_the_truth():
    for seed, (second_nm, height) in enumerate(((478.0, 0.27), (482.0, 0.9), (481.0, 0.5))):
        bands = [_band(WAVELENGTH, 450.0, 85.0, 1.1), height * _band(WAVELENGTH, second_nm, 85.0, 1.1)]
        found = _estimates(sum(bands), seed)
        share = float(bands[1].sum() / sum(bands).sum())
        truth = {"band_1_peak_nm": 450.0, "band_2_peak_nm": second_nm, "band_2_share": share}
        for name, value in truth.items():
            assert abs(found[name].value - value) < 3 * found[name].u, name
        assert "shape of the bands" in {part.name for part in found["band_2_share"].budget}
