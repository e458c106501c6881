"""Sizes from microscopy: populations, their shares and what a number of particles can tell."""

import numpy as np
import pytest

from spectra.analysis.method import Case, Input
from spectra.analysis.size_mixture import fit_mixture, share_interval
from spectra.analysis.tem_diameters import METHOD
from spectra.sizes import Sizes


def drawn(rng, n=300, share=0.91, center=2.46, spacing=0.59, spread=0.15):
    small = rng.binomial(n, share)
    return np.concatenate([rng.normal(center, spread, small), rng.normal(center + spacing, spread, n - small)])


def analysed(values, **parameters):
    sizes = Sizes(np.asarray(values), "diameter", "Diameter (nm)")
    case = Case((Input("sizes", 0, "measurement:1", sizes),), METHOD.complete(parameters))
    outcome = METHOD.run([case])[0]
    return outcome, {e.name: e for e in outcome.estimates}


def codes(outcome):
    return {note.code for note in outcome.warnings}


def test_two_populations_are_found_with_their_centres_and_shares():
    outcome, found = analysed(drawn(np.random.default_rng(5), n=400))
    assert len(outcome.details["populations"]) == 2
    assert abs(found["population_center_nm"].value - 2.46) < 3 * found["population_center_nm"].u
    share = found["population_share"]
    assert share.lower < 0.91 < share.upper
    assert found["larger_share"].value == pytest.approx(1 - share.value, abs=1e-9)
    assert found["n_particles"].value == 400


def test_one_population_stays_one():
    rng = np.random.default_rng(8)
    several = sum(len(analysed(rng.normal(2.49, 0.17, 150))[0].details["populations"]) > 1 for _ in range(40))
    assert several <= 2  # BIC lets through about 1 % of clean lists; 2 of 40 is its 99 % bound


def test_a_lone_population_says_which_share_of_others_the_number_of_particles_leaves_possible():
    _, found = analysed(np.random.default_rng(2).normal(2.49, 0.1, 60))
    assert found["population_share"].value == 1.0
    # Nothing else seen among 60: ln L falls by 1.92 at a share of 1 − 1.92/60.
    assert found["population_share"].lower == pytest.approx(1 - 1.9207 / 60, abs=1e-3)


def test_a_known_spacing_holds_the_populations_apart():
    values = drawn(np.random.default_rng(3), n=200, share=0.71, spread=0.25)
    outcome, _ = analysed(values, n_populations=2, spacing_nm=0.59)
    first, second = (p["center_nm"] for p in outcome.details["populations"])
    assert second - first == pytest.approx(0.59, abs=1e-3)


def test_the_profile_interval_holds_the_true_share_in_two_thirds_of_the_cases():
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(60):
        values = drawn(rng, n=150, share=0.85)
        lower, upper = share_interval(values, fit_mixture(values, 2), 0, drop=1.0)
        held += lower <= 0.85 <= upper
    assert 29 <= held <= 52  # binomial(60, 0.683): central 99.7 %


def test_the_calibration_of_one_microscope_is_shared_by_two_samples():
    _, first = analysed(np.random.default_rng(1).normal(2.4, 0.1, 100))
    shared = [c for c in first["tem_mean_nm"].budget if c.source.startswith("magnification:")]
    assert shared[0].u == pytest.approx(0.01 * first["tem_mean_nm"].value)


def test_too_few_particles_are_refused_and_few_are_warned_about():
    outcome, _ = analysed([2.4, 2.5, 2.6])
    assert outcome.refusal.code == "few_particles"
    outcome, _ = analysed(np.random.default_rng(4).normal(2.4, 0.1, 40))
    assert "few_for_shares" in codes(outcome)


def test_particles_of_one_size_are_refused():
    assert analysed(np.full(50, 2.4))[0].refusal.code == "one_size"


def test_coarse_rounding_is_told():
    values = np.round(np.random.default_rng(4).normal(2.4, 0.15, 200), 1)
    assert "rounded" in codes(analysed(values)[0])


def test_the_answer_does_not_depend_on_the_order_or_the_unit():
    values = drawn(np.random.default_rng(6))
    _, one = analysed(values)
    _, other = analysed(values[::-1])
    assert one["population_center_nm"].value == pytest.approx(other["population_center_nm"].value, rel=1e-6)
    _, wider = analysed(values * 10)
    assert wider["population_center_nm"].value == pytest.approx(10 * one["population_center_nm"].value, rel=1e-5)
