"""The first exciton on simulated and on real absorption spectra, and the Stokes shift."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from spectra.analysis import METHODS
from spectra.analysis.method import Case, Component, Estimate, Input
from spectra.conditions import Conditions
from spectra.notes import Note
from spectra.spectrum import HC_EV_NM, Channel, Spectrum

CORPUS = os.environ.get("QDLAB_CORPUS")
NM = np.arange(300.0, 701.0)


def exciton(center=440.0, fwhm=18.0, height=0.08, x=NM):
    """A peak, the continuum that begins behind it, an offset and scattered light."""
    peak = height * np.exp(-4.0 * np.log(2.0) * ((x - center) / fwhm) ** 2)
    continuum = 5.0 * height * np.exp(-(x - 350.0) / 35.0) / (1.0 + np.exp((x - center + 5.0) / 6.0))
    return peak + continuum + 0.01 + 0.02 * (400.0 / x) ** 4


def case(y, x=NM, quantity="absorbance", unit="1", x_unit="nm", conditions=None, **parameters):
    spectrum = Spectrum(x, (Channel(y, quantity, unit),), x_unit)
    given = Input("absorbance", 0, "m1", spectrum, conditions or Conditions())
    return Case((given,), METHODS["first_exciton"].complete(parameters))


def outcome(y, x=NM, **settings):
    return METHODS["first_exciton"].run([case(y, x, **settings)])[0]


def noise(seed, sigma=3e-4, n=NM.size):
    return np.random.default_rng(seed).normal(0.0, sigma, n)


@pytest.mark.parametrize("center", [400.0, 440.0, 455.5, 510.0, 600.0])
def test_an_exciton_on_a_rising_background_is_found_at_its_place(center):
    found = outcome(exciton(center) + noise(1))
    # the continuum's own curvature pulls by up to 0.3 nm; the budget says so
    assert found.estimates[0].value == pytest.approx(center, abs=0.6)
    assert abs(found.estimates[0].value - center) < 3.0 * found.estimates[0].u


def test_the_peak_of_a_shoulder_is_not_the_maximum_of_the_curve():
    y = exciton(440.0, height=0.03) + 0.002 * (700.0 - NM)
    assert y[np.abs(NM - 440.0) < 15.0].argmax() == 0  # the curve has no maximum of its own there
    assert outcome(y + noise(2)).estimates[0].value == pytest.approx(440.0, abs=1.0)


def test_transmittance_gives_the_same_peak_as_absorbance():
    y = exciton() + noise(3)
    direct = outcome(y).estimates[0].value
    assert outcome(100.0 * 10.0**-y, quantity="transmittance", unit="%").estimates[0].value == pytest.approx(
        direct, abs=1e-9
    )
    assert outcome(10.0**-y, quantity="transmittance").estimates[0].value == pytest.approx(direct, abs=1e-9)


def test_order_of_the_axis_does_not_matter():
    y = exciton() + noise(4)
    assert outcome(y[::-1], NM[::-1]).estimates[0].value == pytest.approx(outcome(y).estimates[0].value, rel=1e-12)


def test_a_straight_background_does_not_move_the_peak():
    y = 0.1 * np.exp(-4.0 * np.log(2.0) * ((NM - 440.0) / 25.0) ** 2)
    plain, tilted = outcome(y), outcome(y + 0.3 - 0.0004 * NM)
    assert tilted.estimates[0].value == pytest.approx(plain.estimates[0].value, abs=1e-6)


def test_uncertainty_by_noise_covers_the_truth():
    y = 0.1 * np.exp(-4.0 * np.log(2.0) * ((NM - 440.0) / 25.0) ** 2) + 0.05 + 0.0003 * (500.0 - NM)
    cases = [case(y + noise(seed, 1e-3), wavelength_u_nm=0.0) for seed in range(200)]
    found = [o.estimates[0] for o in METHODS["first_exciton"].run(cases)]
    hits = sum(abs(e.value - 440.0) < e.u for e in found)
    assert 0.60 < hits / 200 < 0.82  # the term for the background makes it cautious here; ±3.3 % is chance


@pytest.mark.parametrize(
    "y",
    [
        0.3 * (400.0 / NM) ** 4 + noise(5),
        0.5 / (1.0 + np.exp((NM - 450.0) / 6.0)) + noise(6),
        noise(7),
        np.zeros(NM.size),
        np.full(NM.size, np.nan),
    ],
    ids=["scattering only", "a mere edge", "noise", "zero", "missing"],
)
def test_curves_without_a_peak_are_refused_in_words(y):
    found = outcome(y)
    assert found.refusal is not None and str(found.refusal) and not found.estimates


def test_noise_is_never_taken_for_a_peak():
    found = METHODS["first_exciton"].run([case(0.2 * (400.0 / NM) ** 4 + noise(seed, 1e-3)) for seed in range(100)])
    assert all(o.refusal is not None for o in found)


def test_too_much_absorbance_is_warned_about():
    assert "stray_light" in {w.code for w in outcome(40.0 * exciton()).warnings}


def test_reflectance_and_seconds_are_refused():
    assert outcome(exciton(), quantity="reflectance", unit="%").refusal.code == "not_absorbance"
    assert outcome(exciton(), x_unit="s").refusal.code == "no_optical_axis"


def test_one_bad_curve_does_not_disturb_the_next():
    cases = [case(np.full(NM.size, np.inf)), case(exciton()), case([0.1, 0.2], [400.0, 401.0])]
    refused = [o.refusal is not None for o in METHODS["first_exciton"].run(cases)]
    assert refused == [True, False, True]


@pytest.mark.skipif(not CORPUS, reason="QDLAB_CORPUS does not point to the instrument files")
def test_the_first_exciton_of_growing_cdse_dots_moves_to_the_red():
    with (Path(CORPUS) / "instrument-files/plain_table/Run_3_UV-Vis.csv").open() as file:
        rows = [row for row in csv.reader(file) if row and row[0].replace(".", "").isdigit()]
    table = np.array([[float(v) for v in row if v.strip()] for row in rows])
    found = METHODS["first_exciton"].run([case(y, table[:, 0]) for y in table[:, 1:].T])
    peaks = np.array([o.estimates[0].value for o in found])
    assert peaks[0] < 505.0 and 530.0 < peaks[-1] < 545.0
    assert (np.diff(peaks) > 0.0).all()


# — Stokes shift —


def peak(name, nm, *budget):
    return Estimate(name, nm, "nm", tuple(Component(*c) for c in budget))


def stokes(absorption, emission):
    inputs = [
        Input("absorption", 0, "analysis:1", estimates={absorption.name: absorption}),
        Input("emission", 0, "analysis:2", estimates={emission.name: emission}),
    ]
    return METHODS["stokes_shift"].run([Case(tuple(inputs))])[0]


def test_the_stokes_shift_is_the_difference_of_the_photon_energies():
    found = stokes(peak("absorption_peak_nm", 440.0), peak("emission_peak_nm", 453.0)).estimates[0]
    assert found.value == pytest.approx(1e3 * HC_EV_NM * (1 / 440.0 - 1 / 453.0), rel=1e-12)
    assert found.unit == "meV"


def test_the_wavelength_error_of_one_instrument_cancels_from_the_stokes_shift():
    scale = ("wavelength", 0.3, "wavelength:S1")
    shared = stokes(peak("absorption_peak_nm", 440.0, scale), peak("emission_peak_nm", 453.0, scale)).estimates[0]
    other = ("wavelength", 0.3, "wavelength:S2")
    apart = stokes(peak("absorption_peak_nm", 440.0, scale), peak("emission_peak_nm", 453.0, other)).estimates[0]
    each = 1e3 * HC_EV_NM * 0.3 * np.array([1 / 440.0**2, 1 / 453.0**2])
    assert shared.u == pytest.approx(each[0] - each[1], rel=1e-9)
    assert apart.u == pytest.approx(np.hypot(*each), rel=1e-9)


def test_a_missing_peak_is_a_reason_and_not_a_number():
    absent = Estimate("emission_peak_nm", None, "nm", reason=Note("x", "y"))
    assert stokes(peak("absorption_peak_nm", 440.0), absent).refusal.code == "no_emission_peak"


def test_emission_above_absorption_is_warned_about():
    found = stokes(peak("absorption_peak_nm", 460.0), peak("emission_peak_nm", 453.0))
    assert {w.code for w in found.warnings} == {"negative_shift"}


def test_a_narrow_line_of_the_solvent_in_the_infrared_is_no_exciton():
    """At 2426 nm a feature of 4 nm is 1 meV wide, thirty times less than kT allows an exciton."""
    x = np.arange(700.0, 2501.0)
    y = 1.2 * np.exp(-(x - 700) / 250) + 0.2 * np.exp(-0.5 * ((x - 1446) / 52) ** 2) + 0.1
    y += 0.004 * np.exp(-0.5 * ((x - 2426) / 1.8) ** 2)
    y += np.random.default_rng(4).normal(0, 1e-4, x.size)
    assert outcome(y, x).estimates[0].value == pytest.approx(1446, abs=3)  # the tail of the background moves it by 1 nm
