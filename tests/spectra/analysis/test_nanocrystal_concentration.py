"""Concentration by Lambert and Beer, size by a published curve; each with the source of its coefficient."""

import numpy as np
import pytest

from spectra.analysis.method import Case, Component, Estimate, Input
from spectra.analysis.nanocrystal_concentration import METHOD
from spectra.conditions import Conditions
from spectra.spectrum import Channel, Spectrum

NM = np.arange(400.0, 701.0)
CLEAN = 0.5 * np.exp(-4 * np.log(2) * ((NM - 510) / 40) ** 2)
OWN = {"epsilon": 1.0e5, "epsilon_at_nm": 510.0, "epsilon_u_percent": 10.0, "epsilon_citation": "doi:10.0000/own"}


def analysed(y=CLEAN, exciton_nm=None, noise=5e-4, seed=1, path_length_cm=1.0, **parameters):
    noisy = y + np.random.default_rng(seed).normal(0, noise, NM.size)
    spectrum = Spectrum(NM, (Channel(noisy, "absorbance", "1"),), "nm")
    inputs = [Input("absorbance", 0, "measurement:1", spectrum, Conditions(path_length_cm=path_length_cm))]
    if exciton_nm:
        peak = Estimate("absorption_peak_nm", exciton_nm, "nm", (Component("noise", 0.3, "fit:1"),))
        inputs.append(Input("exciton", 0, "analysis:1", estimates={"absorption_peak_nm": peak}))
    outcome = METHOD.run([Case(tuple(inputs), METHOD.complete(parameters))])[0]
    return outcome, {e.name: e for e in outcome.estimates}


def codes(outcome):
    return {note.code for note in outcome.warnings}


def test_absorbance_over_coefficient_and_path_is_the_concentration():
    _, found = analysed(path_length_cm=0.5, **OWN)
    concentration = found["dot_concentration_mol_l"]
    assert concentration.value == pytest.approx(0.5 / (1.0e5 * 0.5), rel=0.01)
    assert concentration.u == pytest.approx(0.1 * concentration.value, rel=0.02)  # the coefficient leads


def test_the_coefficient_is_shared_by_two_samples_and_their_noise_is_not():
    _, found = analysed(**OWN)
    sources = {c.source for c in found["dot_concentration_mol_l"].budget}
    assert sources == {"epsilon:doi:10.0000/own", "absorbance:measurement:1"}


def test_the_curve_for_cdse_gives_the_published_size_and_coefficient():
    outcome, found = analysed(exciton_nm=510.0, material="CdSe")
    # D = 1.6122e-9 λ⁴ − 2.6575e-6 λ³ + 1.6242e-3 λ² − 0.4277 λ + 41.57 at 510 nm, by hand: 2.44 nm; ε = 5857 D^2.65.
    assert found["sizing_diameter_nm"].value == pytest.approx(2.44, abs=0.02)
    assert outcome.details["epsilon_l_per_mol_cm"] == pytest.approx(5857 * found["sizing_diameter_nm"].value ** 2.65)
    assert found["dots_volume_fraction"].value < 1e-3


def test_a_peak_outside_of_the_curve_is_refused():
    assert analysed(exciton_nm=690.0, material="CdSe")[0].refusal.code == "outside_sizing_curve"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "no_coefficient"),
        ({"epsilon": 1e5}, "epsilon_without_wavelength"),
        ({"epsilon": 1e5, "epsilon_at_nm": 350.0}, "not_spanned"),
    ],
)
def test_without_a_coefficient_at_a_measured_wavelength_there_is_no_number(parameters, code):
    assert analysed(**parameters)[0].refusal.code == code


def test_an_offset_is_told_and_can_be_subtracted():
    outcome, _ = analysed(CLEAN + 0.05, **OWN)
    assert "red_end_not_zero" in codes(outcome)
    _, found = analysed(CLEAN + 0.05, subtract_red_end=True, **OWN)
    assert found["absorbance_read"].value == pytest.approx(0.5, rel=0.01)


def test_what_was_assumed_or_not_stated_is_told():
    outcome, _ = analysed(path_length_cm=None, epsilon=1e5, epsilon_at_nm=510.0)
    assert {"path_assumed", "no_citation", "epsilon_without_u"} <= codes(outcome)


def test_noise_is_no_absorbance():
    assert analysed(np.zeros(NM.size), **OWN)[0].refusal.code == "no_absorbance"


def test_the_reading_holds_the_truth_in_two_thirds_of_the_cases():
    _, clean = analysed(noise=1e-9, **OWN)
    held = sum(
        abs(found["absorbance_read"].value - clean["absorbance_read"].value) < found["absorbance_read"].u
        for found in (analysed(noise=2e-3, seed=seed, **OWN)[1] for seed in range(120))
    )
    assert 66 <= held <= 97  # binomial(120, 0.683): central 99.7 %
