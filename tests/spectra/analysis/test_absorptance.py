import numpy as np
import pytest

from spectra.analysis.absorptance import (
    AbsorbanceCurve,
    NotAnAbsorbance,
    OutsideTheCurve,
    absorbance_curve,
    absorptance,
    noise_near,
)
from spectra.spectrum import Channel, Spectrum

X = np.arange(340.0, 421.0, 1.0)


def curve_of(values, quantity="absorbance", unit="1", x=X):
    return absorbance_curve(Spectrum(x, (Channel(values, quantity, unit),)))


def test_a_transmittance_in_percent_becomes_the_same_absorbance():
    absorbance = 0.1 * np.exp(-(((X - 372) / 10) ** 2))
    assert curve_of(100 * 10**-absorbance, "transmittance", "%").absorbance == pytest.approx(absorbance, abs=1e-12)
    assert curve_of(10**-absorbance, "transmittance", "1").absorbance == pytest.approx(absorbance, abs=1e-12)


def test_an_instrument_that_scans_downwards_gives_the_same_curve():
    values = np.linspace(0.2, 0.0, X.size)
    assert curve_of(values[::-1], x=X[::-1]).at(372.0) == pytest.approx(curve_of(values).at(372.0), abs=1e-15)


def test_absorbance_is_interpolated_between_points_and_never_beyond_the_ends():
    curve = curve_of(np.linspace(0.2, 0.0, X.size))
    assert curve.at(372.5) == pytest.approx(0.2 * (1 - 32.5 / 80), abs=1e-12)
    for outside in (339.9, 420.1):
        with pytest.raises(OutsideTheCurve):
            curve.at(outside)


@pytest.mark.parametrize("quantity", ["reflectance", "ellipticity", "voltage"])
def test_what_is_no_absorbance_is_not_taken_for_one(quantity):
    with pytest.raises(NotAnAbsorbance):
        curve_of(np.ones(X.size), quantity)


def test_an_unnamed_column_is_taken_as_absorbance_and_says_so():
    assert curve_of(np.ones(X.size), "unknown", "").assumed


def test_the_bandpass_average_agrees_with_the_integral_over_a_triangle():
    curve = AbsorbanceCurve(X, 0.1 * (X - 340) / 32.0)  # straight, so that interpolation is exact
    t = np.linspace(-1, 1, 200_001)
    inside = 1 - 10 ** -(0.1 * (372 + 5 * t - 340) / 32)
    expected = np.trapezoid((1 - np.abs(t)) * inside, t)
    assert absorptance(curve, 372.0, 5.0)[0] == pytest.approx(expected, rel=1e-5)  # 200 steps of the triangle


def test_the_sensitivity_is_the_change_by_an_offset():
    curve = AbsorbanceCurve(X, 0.1 * np.exp(-(((X - 372) / 8) ** 2)))
    raised = AbsorbanceCurve(X, curve.absorbance + 1e-6)
    for bandwidth in (0.0, 5.0):
        value, sensitivity = absorptance(curve, 372.0, bandwidth)
        change = (absorptance(raised, 372.0, bandwidth)[0] - value) / 1e-6
        assert sensitivity == pytest.approx(change, rel=1e-4)


def test_a_bandpass_that_leaves_the_curve_is_refused():
    with pytest.raises(OutsideTheCurve):
        absorptance(AbsorbanceCurve(X, 0.1 + 0 * X), 343.0, 5.0)


def test_the_noise_near_a_wavelength_is_found_on_a_band():
    x = np.arange(340.0, 420.0, 0.1)
    drawn = np.random.default_rng(5).normal(0, 0.002, x.size)
    curve = AbsorbanceCurve(x, 0.1 * np.exp(-(((x - 372) / 10) ** 2)) + drawn)
    assert noise_near(curve, 380.0) == pytest.approx(0.002, rel=0.2)  # median of 500 correlated differences
