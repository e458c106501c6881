"""Quantum yield in a sphere: simulated photons with a known yield, two and three measurements."""

import numpy as np
import pytest

from spectra.analysis.method import Case, Input
from spectra.analysis.plqy_absolute import METHOD
from spectra.conditions import Conditions
from spectra.spectrum import Channel, Spectrum

FINE = np.arange(350.0, 560.0, 0.5)


def gauss(x, center, fwhm):
    return np.exp(-4 * np.log(2) * ((x - center) / fwhm) ** 2) / (fwhm * 1.0645)


def sphere(phi=0.8, absorptance=0.6, indirect=0.05, lamp=1e7, x=FINE, rng=None, reabsorbed=0.0, unit="photon"):
    """Photon spectra of the empty sphere, of the sample in and beside the beam."""
    observed = phi * (1 - reabsorbed) / (1 - reabsorbed * phi)

    def spectrum(excitation, emission):
        photons = lamp * (excitation * gauss(x, 372, 4) + emission * gauss(x, 453, 15))
        y = rng.poisson(photons + 10.0) - 10.0 if rng else photons
        return Spectrum(x, (Channel(y if unit == "photon" else y / x, "intensity", "[a.u.]"),))

    beside = 1 - indirect
    return {
        "empty": spectrum(1.0, 0.0),
        "indirect": spectrum(beside, indirect * observed),
        # What is not absorbed from the beam meets the sample once more, as light off the wall does.
        "direct": spectrum((1 - absorptance) * beside, observed * (absorptance + (1 - absorptance) * indirect)),
    }


def analysed(spectra, parameters=None, leave_out=(), **conditions):
    known = {"excitation_nm": 372.0, "spectrally_corrected": True, "intensity_unit": "photon"} | conditions
    inputs = [
        Input(role, 0, f"measurement:{role}", value, Conditions(**known))
        for role, value in spectra.items()
        if role not in leave_out
    ]
    outcome = METHOD.run([Case(tuple(inputs), METHOD.complete(parameters or {}))])[0]
    return outcome, {e.name: e for e in outcome.estimates}


def codes(outcome):
    return {note.code for note in outcome.warnings}


def test_three_measurements_give_the_yield_and_the_absorptance():
    _, found = analysed(sphere())
    assert found["plqy_absolute"].value == pytest.approx(0.8, rel=1e-4)  # tails of the two bands
    assert found["absorptance"].value == pytest.approx(0.6, rel=1e-6)


def test_two_measurements_miss_what_scattered_light_excites_and_say_so():
    outcome, found = analysed(sphere(indirect=0.0), leave_out=("indirect",))
    assert found["plqy_absolute"].value == pytest.approx(0.8, rel=1e-4)
    assert "two_measurements" in codes(outcome)


def test_an_uneven_grid_does_not_move_the_yield():
    uneven = np.concatenate([np.arange(350.0, 400.0, 0.25), np.arange(400.0, 560.0, 1.0)])
    _, found = analysed(sphere(x=uneven))
    assert found["plqy_absolute"].value == pytest.approx(0.8, rel=1e-3)


def test_energy_units_are_turned_into_photons():
    _, found = analysed(sphere(unit="energy"), intensity_unit="energy")
    assert found["plqy_absolute"].value == pytest.approx(0.8, rel=1e-4)


def test_the_uncertainty_holds_the_truth_in_two_thirds_of_the_cases():
    rng, held, total = np.random.default_rng(3), 0, 120
    for _ in range(total):
        _, found = analysed(sphere(lamp=2e4, rng=rng), {"lamp_u_percent": 0.0})
        held += abs(found["plqy_absolute"].value - 0.8) < found["plqy_absolute"].u
    assert 66 <= held <= 97  # binomial(120, 0.683): central 99.7 %


def test_a_stated_reabsorption_is_undone():
    _, found = analysed(sphere(reabsorbed=0.2), {"reabsorbed": 0.2})
    assert found["plqy_absolute_uncorrected"].value < 0.78
    assert found["plqy_absolute"].value == pytest.approx(0.8, rel=1e-3)


def test_the_calibration_of_one_sphere_is_shared_by_its_samples():
    _, found = analysed(sphere(), {"sphere_u_percent": 4.0})
    component = next(c for c in found["plqy_absolute"].budget if c.source.startswith("sphere:"))
    assert component.u == pytest.approx(0.04 * found["plqy_absolute"].value)


def test_a_yield_known_to_ten_per_cent_has_an_interval():
    _, found = analysed(sphere(absorptance=0.05), {"lamp_u_percent": 1.0})
    plqy = found["plqy_absolute"]
    assert plqy.u > 0.1 * plqy.value
    assert plqy.lower < 0.8 < plqy.upper
    assert plqy.upper - plqy.value > plqy.value - plqy.lower  # a quotient by a small absorptance is skewed upwards


def test_little_absorption_is_warned_about_and_none_refused():
    assert "little_absorbed" in codes(analysed(sphere(absorptance=0.03))[0])
    outcome, _ = analysed(sphere(absorptance=0.0, rng=np.random.default_rng(1)))
    assert outcome.refusal.code == "nothing_absorbed"


def test_uncorrected_spectra_are_refused_unless_a_person_wants_them():
    outcome, _ = analysed(sphere(), spectrally_corrected=False)
    assert (outcome.refusal.code, outcome.overridable) == ("uncorrected", True)
    outcome, found = analysed(sphere(), {"override": "uncorrected"}, spectrally_corrected=False)
    assert found["plqy_absolute"].value == pytest.approx(0.8, rel=1e-4)
    assert "overridden_uncorrected" in codes(outcome)


def test_spectra_without_the_excitation_are_refused():
    outcome, _ = analysed(sphere(x=np.arange(390.0, 560.0)))
    assert outcome.refusal.code == "excitation_not_spanned"


def test_a_saturated_line_is_refused():
    outcome, _ = analysed(sphere(), saturation_level=1e5)
    assert outcome.refusal.code == "saturated"
