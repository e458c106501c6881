"""What is left after storage and irradiation: half-lives, limits, and the drift of a lamp."""

import numpy as np
import pytest

from spectra.analysis.ageing import METHOD
from spectra.analysis.method import Case
from tests.spectra.analysis.series_simulation import band, given

DAYS = np.array([0, 5, 10, 15, 20, 25, 30, 40, 50]) * 24.0


def analysed(fractions, ages=DAYS, references=None, seed=1, noise=1.0, peaks=None, parameters=None, doses=None):
    rng = np.random.default_rng(seed)
    peaks = peaks if peaks is not None else [453.0] * len(ages)
    inputs = [
        given("emission", i, band(1000 * f, peak, noise=noise, rng=rng), ageing_h=float(age),
              **({"dose_j_cm2": float(doses[i])} if doses is not None else {}))
        for i, (f, age, peak) in enumerate(zip(fractions, ages, peaks, strict=True))
    ]  # fmt: skip
    if references is not None:
        inputs += [
            given("reference", i, band(800 * r, 420.0 + 10, 25.0, noise=noise, rng=rng))
            for i, r in enumerate(references)
        ]
    outcome = METHOD.run([Case(tuple(inputs), METHOD.complete(parameters or {}))])[0]
    return outcome, {e.name: e for e in outcome.estimates}


def codes(outcome):
    return {note.code for note in outcome.warnings}


def test_a_half_life_of_forty_days_comes_out_by_crossing_and_by_rate():
    k = 0.0173 / 24
    _, found = analysed(np.exp(-k * DAYS))
    assert abs(found["loss_rate_per_h"].value - k) < 3 * found["loss_rate_per_h"].u
    # Between 40 and 50 days the chord of the exponential lies at most 0.4 % above it: 0.2 days.
    assert found["shelf_half_life_h"].value == pytest.approx(40 * 24, abs=3 * found["shelf_half_life_h"].u + 5)


def test_a_half_that_was_never_reached_is_a_lower_limit():
    _, found = analysed(np.linspace(1, 0.9, DAYS.size))
    half = found["shelf_half_life_h"]
    assert (half.value, half.lower, half.reason.code) == (None, 50 * 24.0, "not_reached")
    assert found["fraction_left"].value == pytest.approx(0.9, abs=0.02)


def test_uv_and_shelf_are_different_quantities_and_uv_has_a_dose():
    hours = np.array([0, 0.5, 1, 1.5, 2, 3])
    _, found = analysed(0.5 ** (hours / 1.5), ages=hours, doses=hours * 10.8)
    assert "shelf_half_life_h" not in found
    assert found["uv_half_life_h"].value == pytest.approx(1.5, abs=0.02)
    assert found["uv_half_dose_j_cm2"].value == pytest.approx(1.5 * 10.8, abs=0.25)


def test_a_reference_takes_the_drift_of_the_lamp_away():
    lamp = 1 + 0.3 * np.sin(np.arange(DAYS.size))
    k = 0.0173 / 24
    _, with_it = analysed(lamp * np.exp(-k * DAYS), references=lamp)
    assert abs(with_it["loss_rate_per_h"].value - k) < 3 * with_it["loss_rate_per_h"].u
    outcome, _ = analysed(lamp * np.exp(-k * DAYS))
    assert "no_reference" in codes(outcome)


def test_a_reference_for_some_ages_only_is_refused():
    outcome, _ = analysed(np.exp(-0.001 * DAYS), references=[1.0, 1.0])
    assert outcome.refusal.code == "references_missing"


def test_the_rate_holds_the_truth_in_two_thirds_of_the_cases():
    k, held, total = 0.0173 / 24, 0, 30
    for seed in range(total):
        _, found = analysed(np.exp(-k * DAYS), seed=seed, noise=8.0)
        held += abs(found["loss_rate_per_h"].value - k) < found["loss_rate_per_h"].u
    # χ²ᵣ above 1 widens u, so that more than 68 % are held with few points; binomial(30, 0.683…0.8) at 99 %.
    assert 13 <= held <= 29


def test_a_stretched_decay_is_described_by_its_exponent():
    ages = np.linspace(0, 40, 20)
    _, found = analysed(np.exp(-((ages / 10) ** 0.6)), ages=ages)
    assert found["stretched_beta"].value == pytest.approx(0.6, abs=3 * found["stretched_beta"].u + 0.01)
    assert found["stretched_tau_h"].value == pytest.approx(10, abs=3 * found["stretched_tau_h"].u + 0.1)


def test_a_decay_that_is_not_exponential_is_told():
    ages = np.linspace(0, 40, 20)
    outcome, _ = analysed(np.exp(-((ages / 10) ** 0.5)), ages=ages)
    assert "not_first_order" in codes(outcome)


def test_fused_particles_show_as_a_shift_to_the_red():
    peaks = np.linspace(455, 530, 6)
    outcome, found = analysed(np.linspace(1, 0.4, 6), ages=np.arange(6.0), peaks=peaks)
    assert found["ageing_shift_nm"].value == pytest.approx(75, abs=0.5)
    assert "peak_moved" in codes(outcome)


def test_two_ages_or_unknown_ages_are_refused():
    assert analysed([1, 0.5], ages=[0.0, 24.0])[0].refusal.code == "few_ages"


def test_repeats_at_one_age_on_both_sides_of_half_are_averaged():
    ages = np.array([0, 5, 10, 10, 20]) * 24.0
    _, found = analysed([1.0, 0.75, 0.55, 0.45, 0.2], ages=ages)
    half = found["shelf_half_life_h"]
    assert half.value == pytest.approx(240.0, abs=8.0)
    assert half.u > 10.0  # 0.05 of 1 either way, on a slope of about 0.002 per hour
