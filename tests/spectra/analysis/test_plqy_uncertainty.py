"""The budget of the relative yield: its size, its sources, its coverage, and what is left in a difference."""

from math import sqrt

import numpy as np
import pytest

from spectra.analysis.method import Case
from spectra.analysis.plqy import METHOD
from spectra.analysis.uncertainty import difference
from tests.spectra.analysis.plqy_simulation import PHI_REF, World, answer, codes

TRUTH = 0.956
SAME_A = (0.02, 0.04, 0.06, 0.08, 0.1)
DECLARED = {
    "phi_u": 0.03,
    "correction": 0.02,
    "refractive": 0.005,
    "offset": 0.001,
    "absorbance": 0.0005,
    "emission": 0.01,
}


def drawn_sample(rng, emission=DECLARED["emission"], sample_a=SAME_A):
    """One sample's own errors, as the parameters declare them."""
    n = len(sample_a)
    return {
        "sample_a": sample_a,
        "sample_error": rng.normal(0, emission, n),
        "sample_a_error": rng.normal(0, DECLARED["absorbance"], n),
        "sample_offset": rng.normal(0, DECLARED["offset"]),
    }


def drawn_session(rng, emission=DECLARED["emission"]):
    """What all samples of a session share: standard, its readings, refractive indices, correction curve."""
    n = len(SAME_A)
    return {
        "phi_ref": PHI_REF + rng.normal(0, DECLARED["phi_u"]),
        "emission_factor": (1 + rng.normal(0, DECLARED["correction"])) * (1 + rng.normal(0, DECLARED["refractive"])),
        "standard_a": SAME_A,
        "standard_error": rng.normal(0, emission, n),
        "standard_a_error": rng.normal(0, DECLARED["absorbance"], n),
        "standard_offset": rng.normal(0, DECLARED["offset"]),
    }


def test_the_total_is_about_five_percent_and_names_its_sources():
    estimate = answer(World().case()).estimates[0]
    assert estimate.u / estimate.value == pytest.approx(0.048, abs=0.004)
    sources = {c.name: c.source for c in estimate.budget}
    assert sources["standard yield"] == "standard:dpa-1"
    assert sources["slope of the standard"] == "session:s1"
    assert sources["slope of the sample"] == "fit:" + "+".join(f"sample-e{i}" for i in range(5))
    assert sources["refractive indices"] == "refractive:toluene/cyclohexane"
    assert sources["correction curve"].startswith("correction:")
    assert len(set(sources.values())) == len(estimate.budget)


def test_the_correction_curve_is_named_by_its_file_or_its_instrument():
    file = {"correction_file": "FP-8500 2024-03"}
    by_file = answer(World(sample_conditions=file, standard_conditions=file).case()).estimates[0]
    by_instrument = answer(World(facts={"instrument": "FP-8500"}).case()).estimates[0]
    sources = [next(c.source for c in e.budget if c.name == "correction curve") for e in (by_file, by_instrument)]
    assert sources == ["correction:FP-8500 2024-03", "correction:FP-8500"]


def test_without_a_session_the_standards_measurements_are_the_shared_source():
    estimate = answer(World(facts={"session_id": None}).case()).estimates[0]
    (slope,) = [c for c in estimate.budget if c.name == "slope of the standard"]
    assert slope.source == "fit:" + "+".join(f"standard-e{i}" for i in range(5))


def test_one_solvent_for_both_leaves_no_error_of_the_refractive_index():
    conditions = {"solvent": "cyclohexane"}
    estimate = answer(World(sample_conditions=conditions).case()).estimates[0]
    assert not [c for c in estimate.budget if c.source.startswith("refractive:")]


@pytest.mark.parametrize("world", [World(), World(phi=0.24), World(sample_a=(0.05,))])
def test_budget_and_monte_carlo_agree(world):
    outcome = answer(world.case())
    estimate, simulated = outcome.estimates[0], outcome.details["monte_carlo"]
    # 4000 draws know u to 1.1 %; the reciprocal slope of the standard adds a second-order part
    assert simulated["u"] == pytest.approx(estimate.u, rel=0.05)
    assert (estimate.lower, estimate.upper) == (simulated["lower"], simulated["upper"])
    assert estimate.upper - estimate.lower == pytest.approx(2 * 1.96 * estimate.u, rel=0.08)


def test_at_very_low_absorbance_the_interval_is_skewed_upwards():
    outcome = answer(World(sample_a=(0.004, 0.006, 0.008)).case())
    estimate = outcome.estimates[0]
    assert outcome.details["monte_carlo"]["u"] > 1.1 * estimate.u  # 1/A at A = 0.006 ± 0.001
    assert estimate.upper - estimate.value > 1.3 * (estimate.value - estimate.lower)


def test_monte_carlo_repeats_itself():
    assert answer(World().case()).details["monte_carlo"] == answer(World().case()).details["monte_carlo"]


@pytest.mark.parametrize(
    ("name", "parameter", "declared", "world"),
    [
        ("absorbance offset of the sample", "absorbance_offset_u", 0.0004, {"sample_offset": 0.0004}),
        ("absorbance offset of the standard", "absorbance_offset_u", 0.0004, {"standard_offset": 0.0004}),
    ],
)
def test_the_contribution_of_an_offset_is_what_such_an_offset_does(name, parameter, declared, world):
    estimate = answer(World().case(**{parameter: declared})).estimates[0]
    moved = answer(World(**world).case(**{parameter: declared})).estimates[0]
    (component,) = [c for c in estimate.budget if c.name == name]
    assert moved.value - estimate.value == pytest.approx(component.u, rel=0.05)  # first order


def test_points_that_scatter_widen_the_uncertainty_of_their_slope():
    quiet = answer(World().case())
    error = np.array([0.06, -0.07, 0.05, -0.06, 0.05])
    loud = answer(World(sample_error=error).case())
    relative = [o.details["lines"]["sample"]["u_slope_relative"] for o in (quiet, loud)]
    assert relative[1] > 3 * relative[0]
    assert "points_scatter_sample" in codes(loud)


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(2024)
    worlds = [World(phi=TRUTH, **drawn_sample(rng), **drawn_session(rng)) for _ in range(300)]
    outcomes = METHOD.run([w.case(excitation_u_nm=0.0) for w in worlds])
    estimates = [o.estimates[0] for o in outcomes]
    pulls = np.array([(e.value - TRUTH) / e.u for e in estimates])
    # binomial: 68.3 ± 2.7 % and 95.4 ± 1.2 % for 300 draws; three standard deviations
    assert np.mean(np.abs(pulls) < 1) == pytest.approx(0.683, abs=0.081)
    assert np.mean(np.abs(pulls) < 2) == pytest.approx(0.954, abs=0.036)
    assert np.mean([e.lower <= TRUTH <= e.upper for e in estimates]) == pytest.approx(0.95, abs=0.038)
    assert np.mean(pulls) == pytest.approx(0.0, abs=0.18)


def two_samples(rng, session):
    low = {"emission": 0.02, "sample_a": (0.01, 0.02, 0.03, 0.04, 0.05)}
    worlds = [World(phi=p, **drawn_sample(rng, **low), **session) for p in (0.956, 0.94)]
    standard = worlds[0].inputs("standard")
    cases = []
    for world in worlds:
        own = world.inputs("sample")
        parameters = METHOD.complete({"excitation_u_nm": 0.0, "emission_u_relative": 0.02})
        cases.append(Case((*own, *standard), parameters))
    return cases


def renamed(case, name):
    """Another sample's measurements have other ids."""
    from dataclasses import replace

    inputs = tuple(replace(i, source=f"{name}-{i.source}") if i.role.startswith("sample") else i for i in case.inputs)
    return Case(inputs, case.parameters)


def test_the_difference_of_two_samples_of_one_session_has_only_their_own_errors():
    rng = np.random.default_rng(7)
    first, second = two_samples(rng, drawn_session(rng, emission=0.01))
    a, b = (o.estimates[0] for o in METHOD.run([renamed(first, "one"), renamed(second, "two")]))
    _value, u = difference(a, b)
    naive = sqrt(a.u**2 + b.u**2)
    # science.md: 0.039 instead of 0.065 at a total of 4.8 %, of which 3.8 % are shared
    assert u == pytest.approx(0.039, abs=0.006)
    assert naive == pytest.approx(0.065, abs=0.008)


def test_differences_scatter_as_their_uncertainty_says():
    rng = np.random.default_rng(11)
    pulls = []
    for _ in range(80):
        first, second = two_samples(rng, drawn_session(rng, emission=0.02))
        a, b = (o.estimates[0] for o in METHOD.run([renamed(first, "one"), renamed(second, "two")]))
        value, u = difference(a, b)
        pulls.append((value - 0.016) / u)
    # 80 draws know a standard deviation to 8 %; three of them
    assert np.std(pulls) == pytest.approx(1.0, abs=0.24)
    assert np.mean(pulls) == pytest.approx(0.0, abs=0.34)
