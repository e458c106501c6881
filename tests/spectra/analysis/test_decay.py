"""The method ``decay``: what a chemist gets for good, doubtful and impossible histograms."""

import os
from pathlib import Path

import numpy as np
import pytest

from spectra.analysis.decay import METHOD
from spectra.analysis.method import Case, Input
from spectra.conditions import Conditions
from spectra.decay import Decay
from spectra.readers import picoquant_text
from tests.spectra.analysis.decay_simulation import gaussian_response, simulated

CORPUS = os.environ.get("QDLAB_CORPUS")
BIN_NS = 0.05
TAU_BINS = 9.02 / BIN_NS
RESPONSE = gaussian_response()
IRF_COUNTS = np.random.default_rng(20).poisson(RESPONSE * 2e4 + 0.3).astype(float)
ONE = simulated(1, RESPONSE, [TAU_BINS], [20_000.0], 0.5, seed=21)[0]
TWO = simulated(1, RESPONSE, [40.0, 180.0], [60_000.0, 140_000.0], 2.0, seed=22)[0]


def _case(counts, irf=IRF_COUNTS, bin_ns=BIN_NS, conditions=None, facts=None, source="m1", decay=None, **parameters):
    decay = decay or Decay(counts, bin_ns)
    inputs = [Input("decay", 0, source, decay, conditions or Conditions(), facts=facts or {})]
    if irf is not None:
        inputs.append(Input("irf", 0, "irf", irf if isinstance(irf, Decay) else Decay(irf, bin_ns)))
    return Case(tuple(inputs), METHOD.complete(parameters))


def _run(*args, **more):
    (outcome,) = METHOD.run([_case(*args, **more)])
    return outcome


def _values(outcome):
    return {e.name: e for e in outcome.estimates}


def _codes(outcome):
    return {w.code for w in outcome.warnings}


# --- Good histograms ----------------------------------------------------------------------------------------------------


def test_one_exponential_gives_equal_averages_and_no_warning():
    outcome = _run(ONE)
    found = _values(outcome)
    assert outcome.refusal is None
    assert outcome.warnings == ()
    assert outcome.details["n_exponentials"] == 1
    assert set(found) == {"lifetime_ns", "lifetime_intensity_ns"}
    assert abs(found["lifetime_ns"].value - 9.02) < 3 * found["lifetime_ns"].u
    assert found["lifetime_ns"].value == found["lifetime_intensity_ns"].value
    assert found["lifetime_ns"].u == pytest.approx(0.09, abs=0.03)  # τ/√N = 0.064, more by background and shift


def test_two_exponentials_are_seen_and_averaged_both_ways():
    found = _values(_run(TWO))
    # α ∝ area/τ: 60/2 and 140/9 → shares 0.659 and 0.341; Σατ/Σα = 200/(30 + 15.56), Σατ²/Σατ = 0.3·2 + 0.7·9
    for name, truth in {
        "tau_1_ns": 2.0,
        "tau_2_ns": 9.0,
        "share_1": 0.6585,
        "share_2": 0.3415,
        "lifetime_ns": 4.390,
        "lifetime_intensity_ns": 6.9,
    }.items():
        assert abs(found[name].value - truth) < 3.5 * found[name].u, name  # 6 correlated numbers within 3.5 u
        assert found[name].u < 0.03 * truth


def test_the_number_of_exponentials_is_not_overestimated_in_clean_decays():
    counts = simulated(60, RESPONSE, [TAU_BINS], [20_000.0], 0.5, seed=23)
    outcomes = METHOD.run([_case(c, source=f"m{i}") for i, c in enumerate(counts)])
    more = sum(o.details["n_exponentials"] > 1 for o in outcomes)
    assert more <= 2  # BIC with 20,000 photons: χ² of 2 must exceed 20, once in 20,000


def test_a_given_number_of_exponentials_is_kept_and_doubted():
    outcome = _run(ONE, n_exponentials=2)
    assert outcome.details["n_exponentials"] == 2
    assert any(code.startswith("implausible_") for code in _codes(outcome))


def test_scattered_light_is_labelled_and_not_averaged():
    draw = np.random.default_rng(24)
    outcome = _run(ONE + draw.poisson(RESPONSE * 60))
    assert "scatter" in _codes(outcome)
    assert outcome.details["scatter_counts"] == pytest.approx(RESPONSE.sum() * 60, rel=0.2)  # 600 of 20,000 photons
    assert _values(outcome)["lifetime_ns"].value == pytest.approx(9.02, abs=0.3)  # 3.5 u


def test_the_budget_names_counting_and_time_base():
    outcome = _run(ONE, facts={"instrument": "tcspc-2"}, time_scale_u_relative=0.01)
    budget = {c.source: c.u for c in _values(outcome)["lifetime_ns"].budget}
    assert set(budget) == {"fit:m1", "timebase:tcspc-2"}
    assert budget["timebase:tcspc-2"] == pytest.approx(0.01 * _values(outcome)["lifetime_ns"].value)


def test_undecided_numbers_of_exponentials_widen_the_uncertainty():
    counts = simulated(30, RESPONSE, [60.0, 180.0], [2000.0, 18_000.0], 0.5, seed=25)
    outcomes = METHOD.run([_case(c, source=f"m{i}") for i, c in enumerate(counts)])
    sources = [{c.source.split(":")[0] for c in _values(o)["lifetime_ns"].budget} for o in outcomes]
    assert any("model" in s for s in sources)


def test_the_time_axis_scales_the_answer():
    """The same histogram with bins twice as wide has twice the lifetime."""
    one, two = (_values(_run(ONE, bin_ns=b))["lifetime_ns"].value for b in (0.05, 0.1))
    assert two == pytest.approx(2 * one, rel=1e-12)  # rounding


def test_curves_are_there_for_the_plot():
    outcome = _run(ONE)
    curves = outcome.curves
    assert set(curves) == {"time_ns", "counts", "model", "irf", "residuals", "autocorrelation"}
    assert {len(curves[n]) for n in curves if n != "autocorrelation"} == {1024}
    assert curves["model"].sum() == pytest.approx(ONE.sum(), rel=1e-3)  # maximum likelihood keeps the total
    assert curves["autocorrelation"][0] == 1
    assert np.abs(curves["autocorrelation"][1:100]).max() < 0.15  # 4.8/√1024
    assert outcome.details["chi_squared_reduced"] == pytest.approx(1, abs=0.2)  # 4 √(2/900)


def test_the_response_inside_the_decay_is_used():
    outcome = _run(None, irf=None, decay=Decay(ONE, BIN_NS, irf_counts=IRF_COUNTS))
    assert outcome.details["method"].startswith("reconvolution")
    assert _values(outcome)["lifetime_ns"].value == _values(_run(ONE))["lifetime_ns"].value


def test_light_from_earlier_pulses_is_counted_when_the_rate_is_known():
    response = gaussian_response(1000)
    counts = simulated(1, response, [180.0], [100_000.0], 0.5, seed=26, period_bins=1000.0)[0]
    by_conditions = _run(counts, irf=response * 1e4, conditions=Conditions(repetition_rate_mhz=20.0))
    by_parameter = _run(counts, irf=response * 1e4, repetition_rate_mhz=20.0)
    for outcome in (by_conditions, by_parameter):
        found = _values(outcome)["lifetime_ns"]
        assert abs(found.value - 9.0) < 3 * found.u
    assert by_conditions.details["period_ns"] == 50.0


def test_wide_and_narrow_decays_in_one_call_keep_their_order():
    cases = [_case(ONE), _case(TWO), _case(ONE, bin_ns=0.1), _case(ONE[:900], irf=IRF_COUNTS[:900])]
    together = METHOD.run(cases)
    alone = [METHOD.run([case])[0] for case in cases]
    for a, b in zip(together, alone, strict=True):
        assert _values(a)["lifetime_ns"].value == pytest.approx(_values(b)["lifetime_ns"].value, rel=1e-8)  # rounding


# --- Responses ----------------------------------------------------------------------------------------------------------


def test_without_response_the_tail_is_fitted_and_named_so():
    outcome = _run(ONE, irf=None)
    assert "tail_fit" in _codes(outcome)
    assert outcome.details["method"].startswith("tail fit")
    found = _values(outcome)["lifetime_ns"]
    assert abs(found.value - 9.02) < 3 * found.u
    assert _run(ONE, irf=None, start_ns=10.0).details["start_ns"] == 10.0


def test_a_finer_response_is_summed_to_the_bins_of_the_decay():
    fine = np.repeat(RESPONSE * 5000, 2)
    outcome = _run(ONE, irf=Decay(fine, BIN_NS / 2))
    assert "irf_rebinned" in _codes(outcome)
    assert _values(outcome)["lifetime_ns"].value == pytest.approx(_values(_run(ONE))["lifetime_ns"].value, rel=0.01)


def test_a_response_with_other_bins_is_refused():
    assert _run(ONE, irf=Decay(RESPONSE * 1e4, 0.07)).refusal.code == "irf_bins_differ"
    assert _run(ONE, irf=Decay(RESPONSE * 1e4, 0.1)).refusal.code == "irf_bins_differ"


def test_a_shorter_or_longer_response_is_placed_by_its_time_axis():
    direct = _values(_run(ONE, irf=RESPONSE * 1e4))["lifetime_ns"].value
    short = Decay(RESPONSE[30:300] * 1e4, BIN_NS, first_ns=30 * BIN_NS)
    long = Decay(np.concatenate([RESPONSE, np.zeros(500)]) * 1e4, BIN_NS)
    between = Decay(gaussian_response(center=60.0) * 1e4, BIN_NS, first_ns=0.3 * BIN_NS)
    for irf, tolerance in ((short, 1e-6), (long, 1e-6), (between, 2e-3)):  # the last interpolates the response
        assert _values(_run(ONE, irf=irf))["lifetime_ns"].value == pytest.approx(direct, rel=tolerance)
        fixed = _values(_run(ONE, irf=irf, shift=False))["lifetime_ns"].value
        assert fixed == pytest.approx(direct, rel=5e-3)  # the shift is 0 in truth, and known to a tenth of a bin


def test_a_response_wider_than_the_decay_is_warned_about():
    wide = gaussian_response(sigma=40.0, center=300.0)
    counts = simulated(1, wide, [30.0], [50_000.0], 0.5, seed=27)[0]
    outcome = _run(counts, irf=wide * 1e4)
    assert "irf_longer" in _codes(outcome)
    found = _values(outcome)["lifetime_ns"]
    assert abs(found.value - 1.5) < 4 * found.u


# --- Doubtful and impossible histograms ---------------------------------------------------------------------------------


BAD = {
    "two bins": (np.array([5.0, 3.0]), None, "too_few_bins"),
    "no counts": (np.zeros(1024), IRF_COUNTS, "empty"),
    "the same number everywhere": (np.full(1024, 7.0), IRF_COUNTS, "flat"),
    "only negative": (np.full(1024, -3.0), IRF_COUNTS, "empty"),
    "only noise": (np.random.default_rng(28).poisson(5, 1024).astype(float), IRF_COUNTS, "only_noise"),
    "only noise, no response": (np.random.default_rng(29).poisson(5, 1024).astype(float), None, "only_noise"),
    "noise around zero": (np.random.default_rng(30).normal(0, 1, 1024), IRF_COUNTS, "only_noise"),
    "cut off by the counter": (np.minimum(TWO, 1000.0), IRF_COUNTS, "saturated"),
    "empty response": (ONE, np.zeros(1024), "irf_empty"),
    "response of pure noise": (ONE, np.random.default_rng(31).normal(0, 1, 1024), "irf_noise"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_fitted_is_refused_with_a_reason(name):
    counts, irf, code = BAD[name]
    outcome = _run(counts, irf=irf)
    assert outcome.refusal is not None, outcome.details
    assert outcome.refusal.code == code
    assert str(outcome.refusal)
    assert outcome.estimates == ()


def test_bad_cases_do_not_stop_the_good_ones():
    cases = [_case(counts, irf=irf) for counts, irf, _ in BAD.values()]
    cases.insert(3, _case(ONE))
    outcomes = METHOD.run(cases)
    assert [o.refusal is None for o in outcomes].count(True) == 1
    assert _values(outcomes[3])["lifetime_ns"].value == pytest.approx(9.02, abs=0.3)


def test_nan_is_no_decay_at_all():
    with pytest.raises(ValueError, match="finite"):
        Decay(np.array([1.0, np.nan]), BIN_NS)


def test_counts_that_are_not_whole_are_fitted_by_least_squares_and_say_so():
    outcome = _run(TWO / 1000)
    assert "not_photon_counts" in _codes(outcome)
    assert "least squares" in outcome.details["method"]
    poisson, least_squares = _values(_run(TWO))["lifetime_ns"], _values(outcome)["lifetime_ns"]
    assert abs(poisson.value - least_squares.value) < poisson.u  # the same data
    assert least_squares.u == pytest.approx(poisson.u, rel=0.25)  # the variance is estimated from the data


def test_a_subtracted_background_leaves_negative_counts_and_a_lifetime():
    outcome = _run(TWO - 2.3)
    found = _values(outcome)["lifetime_ns"]
    assert abs(found.value - 4.390) < 3.5 * found.u


def test_a_signal_twice_its_noise_gives_a_number_with_an_honest_uncertainty():
    """A pulse of 40 counts per bin at most, on a background of 400 ± 20: signal to noise 2."""
    counts = simulated(40, RESPONSE, [TAU_BINS], [40.0 * TAU_BINS], 400.0, seed=32)
    outcomes = METHOD.run([_case(c, source=f"m{i}") for i, c in enumerate(counts)])
    found = [_values(o)["lifetime_ns"] for o in outcomes if o.refusal is None]
    assert len(found) >= 36
    inside = np.mean([abs(np.log(e.value / 9.02)) < e.u / e.value for e in found])
    assert 0.4 < inside < 0.95  # 68 % of 40: 4 × 7.4 %
    assert np.median([e.u / e.value for e in found]) > 0.05
    assert all(e.lower < e.value < e.upper for e in found if e.u / e.value > 0.11)


def test_pile_up_is_warned_about_and_then_refused_unless_overridden():
    def conditions(rate_hz):
        return Conditions(detection_rate_hz=rate_hz, repetition_rate_mhz=10.0)

    assert "pile_up" not in _codes(_run(ONE, conditions=conditions(5e4)))
    assert "pile_up" in _codes(_run(ONE, conditions=conditions(3e5)))
    refused = _run(ONE, conditions=conditions(6e5))
    assert (refused.refusal.code, refused.overridable) == ("pile_up", True)
    overridden = _run(ONE, conditions=conditions(6e5), override="pile_up")
    assert overridden.refusal is None
    assert "overridden_pile_up" in _codes(overridden)


def test_a_known_saturation_level_is_respected():
    outcome = _run(ONE, conditions=Conditions(saturation_level=float(ONE.max())))
    assert (outcome.refusal.code, outcome.overridable) == ("saturated", True)


def test_few_photons_and_short_windows_are_warned_about():
    few = simulated(1, RESPONSE, [TAU_BINS], [500.0], 0.05, seed=33)[0]
    assert "few_photons" in _codes(_run(few))
    assert "short_window" in _codes(_run(ONE, stop_ns=20.0))


def test_a_background_that_is_not_constant_is_warned_about():
    step = np.where(np.arange(1024) < 45, 15.0, 0.0)
    assert "background_not_flat" in _codes(_run(ONE + step))


def test_a_second_pulse_in_the_window_is_left_out_and_said():
    second = ONE + np.roll(ONE, 600) * (np.arange(1024) >= 600)
    outcome = _run(second, irf=IRF_COUNTS)
    assert "second_pulse" in _codes(outcome)
    assert outcome.details["stop_ns"] < (600 + 60) * BIN_NS
    found = _values(outcome)["lifetime_ns"]
    assert abs(found.value - 9.02) < 4 * found.u


def test_channels_that_were_not_in_use_are_left_out():
    counts = simulated(1, RESPONSE, [TAU_BINS], [20_000.0], 3.0, seed=34)[0]
    longer = np.concatenate([counts, np.zeros(3000)])
    outcome = _run(longer, irf=np.concatenate([IRF_COUNTS, np.zeros(3000)]))
    assert outcome.details["stop_ns"] == pytest.approx(1023 * BIN_NS)
    assert abs(_values(outcome)["lifetime_ns"].value - 9.02) < 3.5 * _values(outcome)["lifetime_ns"].u


def test_windows_without_use_are_refused():
    assert _run(ONE, start_ns=20.0, stop_ns=20.2).refusal.code == "too_few_bins"
    assert _run(ONE, start_ns=30.0, stop_ns=10.0).refusal.code == "too_few_bins"
    assert _run(ONE, stop_ns=2.0).refusal.code == "irf_outside_window"


def test_every_quantity_and_parameter_is_declared():
    declared = {kind.name: kind.unit for kind in METHOD.quantities}
    for outcome in METHOD.run([_case(ONE), _case(TWO), _case(ONE, n_exponentials=3)]):
        assert all(declared[e.name] == e.unit for e in outcome.estimates)
    with pytest.raises(ValueError, match="no parameter"):
        METHOD.complete({"number_of_exponentials": 2})
    with pytest.raises(ValueError, match="at most 3"):
        METHOD.complete({"n_exponentials": 4})


# --- Real histograms ----------------------------------------------------------------------------------------------------


def _picoharp():
    """Four histograms as a PicoHarp 300 exports them, two with bins of 512 ps and two with bins of 4 ps."""
    if not CORPUS:
        pytest.skip("QDLAB_CORPUS does not point to the instrument files")
    path = Path(CORPUS) / "instrument-files/picoquant_ascii/aAS_TEST3_RH80.dat"
    return [item.value for item in picoquant_text.read(path.read_bytes(), path.name).items]


def test_real_histograms_with_fine_bins_give_three_components_that_describe_them():
    for decay in _picoharp()[2:]:
        outcome = _run(None, irf=None, decay=decay)
        assert outcome.refusal is None
        assert outcome.details["chi_squared_reduced"] == pytest.approx(1, abs=0.1)  # 4 √(2/7000) = 0.07
        assert outcome.details["stop_ns"] == pytest.approx(100, abs=0.1)  # the counter was empty behind it
        assert 1.5 < _values(outcome)["lifetime_ns"].value < 3.5


def test_real_histograms_with_two_pulses_are_cut_at_the_second():
    for decay in _picoharp()[:2]:
        blind = _run(None, irf=None, decay=decay)
        assert {"second_pulse", "tail_fit"} <= _codes(blind)
        told = _run(None, irf=None, decay=decay, repetition_rate_mhz=20.0)
        assert "window_longer_than_period" in _codes(told)
        for outcome in (blind, told):
            assert outcome.details["stop_ns"] < 69.0  # the second pulse rises at 69 ns
            assert (
                1.5 < _values(outcome)["lifetime_ns"].value < 4.5
            )  # amplitudes at the rise, where the fast part counts more


# --- What a person chooses ----------------------------------------------------------------------------------------------


def test_a_lifetime_that_is_held_stays_and_the_others_gain_by_it():
    free, held = _run(TWO), _run(TWO, taus_ns="9!, 1.5")
    found = _values(held)
    assert found["tau_2_ns"].value == pytest.approx(9.0, rel=1e-9)
    assert found["tau_2_ns"].budget[0].u == 0.0
    assert held.details["held"] == ["tau_2"]
    assert "held_by_choice" in _codes(held)
    assert abs(found["tau_1_ns"].value - 2.0) < 3.5 * found["tau_1_ns"].u
    assert found["tau_1_ns"].u < _values(free)["tau_1_ns"].u


def test_lifetimes_that_are_given_are_only_where_the_fit_begins():
    given, free = _values(_run(TWO, taus_ns="0.5, 20")), _values(_run(TWO, n_exponentials=2))
    for name in ("tau_1_ns", "tau_2_ns", "lifetime_ns"):
        # The search ends where a step gains less than 10⁻⁶ in the deviance: a thousandth of u.
        assert abs(given[name].value - free[name].value) < 0.01 * free[name].u


def test_further_exponentials_join_a_held_one():
    found = _run(TWO, taus_ns="2!", n_exponentials=2)
    assert found.details["held"] == ["tau_1"]
    assert abs(_values(found)["tau_2_ns"].value - 9.0) < 3.5 * _values(found)["tau_2_ns"].u


def test_the_shift_of_the_response_can_be_held():
    late = simulated(1, np.roll(RESPONSE, 2), [TAU_BINS], [20_000.0], 0.5, seed=24)[0]
    held = _run(late, shift_ns=2 * BIN_NS)
    assert held.details["shift_ns"] == pytest.approx(0.1)
    assert "shift" not in held.details["parameters"]
    assert abs(_values(held)["lifetime_ns"].value - 9.02) < 3 * _values(held)["lifetime_ns"].u


def test_more_lifetimes_than_can_be_fitted_are_refused():
    assert _run(TWO, taus_ns="1, 2, 3, 4").refusal.code == "too_many_lifetimes"
