"""Rates from quantum yield and lifetime: the paper's numbers, limits near Φ = 1, and shared errors that stay shared."""

import doctest

import numpy as np
import pytest

from spectra.analysis import rates
from spectra.analysis.method import Case, Component, Estimate, Input
from spectra.analysis.rates import METHOD
from spectra.analysis.uncertainty import difference


def _case(phi=0.956, u_phi=0.03, tau=9.02, u_tau=0.05, phi_budget=None, tau_budget=None):
    phi_budget = phi_budget or (Component("reference yield", u_phi, "standard:1"),)
    tau_budget = tau_budget or (Component("counting statistics", u_tau, "fit:m1"),)
    plqy = Input("plqy", 0, "a1", estimates={"plqy": Estimate("plqy", phi, "1", phi_budget)})
    decay = Input("lifetime", 0, "a2", estimates={"lifetime_ns": Estimate("lifetime_ns", tau, "ns", tau_budget)})
    return Case((plqy, decay), METHOD.complete({}))


def _rates(**given):
    (outcome,) = METHOD.run([_case(**given)])
    return outcome, {e.name: e for e in outcome.estimates}


def test_the_examples_in_the_docstrings_hold():
    results = doctest.testmod(rates)
    assert results.attempted >= 2
    assert results.failed == 0


def test_the_rates_of_the_paper_come_out():
    outcome, found = _rates()
    assert outcome.refusal is None
    assert found["k_r_per_s"].value == pytest.approx(10.6e7, rel=1e-3)  # published with three digits
    assert found["k_nr_per_s"].value == pytest.approx(0.488e7, rel=1e-3)


def test_an_interval_that_reaches_zero_gives_an_upper_limit_beside_the_value():
    outcome, found = _rates(u_phi=0.03)
    k_nr = found["k_nr_per_s"]
    assert (k_nr.lower, k_nr.reason.code) == (0.0, "k_nr_not_distinguishable_from_zero")
    assert k_nr.upper == pytest.approx(11.4e6, abs=0.05e6)  # stated with three digits
    low, high = outcome.details["k_nr_interval_per_s"]
    assert low == pytest.approx(-1.7e6, abs=0.06e6)
    assert high == k_nr.upper


def test_a_clear_non_radiative_rate_is_a_plain_number():
    _, found = _rates(phi=0.7, u_phi=0.03)
    assert found["k_nr_per_s"].reason is None
    assert found["k_nr_per_s"].upper is None


def test_the_uncertainty_is_that_of_a_simulation():
    draw = np.random.default_rng(2)
    phi, tau = draw.normal(0.8, 0.02, 200_000), draw.normal(9.02, 0.1, 200_000)
    _, found = _rates(phi=0.8, u_phi=0.02, u_tau=0.1)
    # 200,000 draws know a standard deviation to 0.16 %; second order adds (u/τ)² = 1e-4
    assert found["k_r_per_s"].u == pytest.approx((phi / tau * 1e9).std(), rel=0.01)
    assert found["k_nr_per_s"].u == pytest.approx(((1 - phi) / tau * 1e9).std(), rel=0.01)


def test_the_two_rates_know_how_they_hang_together():
    draw = np.random.default_rng(3)
    phi, tau = draw.normal(0.6, 0.02, 200_000), draw.normal(9.02, 0.4, 200_000)
    outcome, _ = _rates(phi=0.6, u_phi=0.02, u_tau=0.4)
    simulated = np.corrcoef(phi / tau, (1 - phi) / tau)[0, 1]
    assert outcome.details["correlation_k_r_k_nr"] == pytest.approx(simulated, abs=0.02)  # curvature of 1/τ


def test_a_shared_standard_cancels_in_the_difference_of_two_rates():
    one = _rates(phi=0.80, tau_budget=(Component("counting statistics", 0.0, "fit:m1"),))[1]["k_r_per_s"]
    two = _rates(phi=0.75, tau_budget=(Component("counting statistics", 0.0, "fit:m2"),))[1]["k_r_per_s"]
    value, u = difference(one, two)
    assert value == pytest.approx(0.05 / 9.02e-9, rel=1e-9)  # rounding
    assert u == pytest.approx(0, abs=1e-3)  # the same u(Φ) from the same standard, of 3e6 each


def test_an_error_common_to_yield_and_lifetime_keeps_its_sign():
    phi_budget = (Component("clock", 0.956e-2, "clock:1"),)
    tau_budget = (Component("clock", 9.02e-2, "clock:1"),)
    _, found = _rates(phi_budget=phi_budget, tau_budget=tau_budget)
    assert found["k_r_per_s"].u == pytest.approx(0, abs=1.0)  # both 1 % too high: their quotient is right
    assert [c.source for c in found["k_nr_per_s"].budget] == ["clock:1"]


def test_a_yield_above_one_has_a_radiative_rate_only():
    _, found = _rates(phi=1.02)
    assert found["k_r_per_s"].value == pytest.approx(1.02 / 9.02e-9)
    assert found["k_nr_per_s"].value is None
    assert found["k_nr_per_s"].reason.code == "plqy_above_one"


def test_a_low_yield_warns_of_dark_particles():
    assert [w.code for w in _rates(phi=0.3)[0].warnings] == ["dark_particles"]
    assert _rates(phi=0.6)[0].warnings == ()


def test_a_badly_known_rate_has_a_skewed_interval():
    k_r = _rates(u_tau=2.0)[1]["k_r_per_s"]
    assert k_r.upper - k_r.value > k_r.value - k_r.lower > 0


def test_missing_and_impossible_inputs_are_refused_and_do_not_stop_the_others():
    absent = Case((_case().inputs[0],), {})
    outcomes = METHOD.run([absent, _case(), _case(phi=-0.1), _case(tau=-1.0), Case((), {})])
    codes = [o.refusal and o.refusal.code for o in outcomes]
    assert codes == ["no_lifetime", None, "plqy_not_positive", "lifetime_not_positive", "no_plqy"]


def test_numbers_without_uncertainty_give_rates_without_uncertainty():
    plqy = Input("plqy", 0, "a1", estimates={"plqy": Estimate("plqy", 0.9, "1")})
    (outcome,) = METHOD.run([Case((plqy, _case().inputs[1]), {})])
    assert [e.u for e in outcome.estimates] == [None, None]
    assert [w.code for w in outcome.warnings] == ["no_uncertainty"]
