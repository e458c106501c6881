"""Budgets add by source: the same error with its sign, different errors in squares."""

import doctest

import pytest

from spectra.analysis import uncertainty
from spectra.analysis.method import Component, Estimate
from spectra.analysis.uncertainty import combined, covariance, difference, merged, total


def _estimate(value, *budget, unit="1"):
    return Estimate("plqy", value, unit, tuple(Component(source, u, source) for source, u in budget))


def test_the_examples_in_the_docstrings_hold():
    results = doctest.testmod(uncertainty)
    assert results.attempted >= 8
    assert results.failed == 0


def test_the_covariance_of_a_number_with_itself_is_its_variance():
    a = _estimate(0.9, ("fit:1", 0.03), ("std:7", -0.04))
    assert covariance(a, a) == pytest.approx(a.u**2, rel=1e-12)  # rounding only


def test_a_number_minus_itself_has_no_uncertainty():
    a = _estimate(0.9, ("fit:1", 0.03), ("std:7", 0.04))
    assert difference(a, a) == (0.0, 0.0)


def test_independent_numbers_add_in_squares():
    value, u = difference(_estimate(0.9, ("fit:1", 0.03)), _estimate(0.5, ("fit:2", 0.04)))
    assert (value, u) == (pytest.approx(0.4), pytest.approx(0.05, rel=1e-12))  # rounding only


def test_shared_errors_of_opposite_sign_add_in_a_difference():
    _, u = difference(_estimate(1.0, ("std:7", 0.03)), _estimate(1.0, ("std:7", -0.03)))
    assert u == pytest.approx(0.06, rel=1e-12)  # rounding only


def test_a_difference_of_numbers_without_budget_has_no_uncertainty_rather_than_zero():
    assert difference(_estimate(1.0), _estimate(0.5, ("fit:1", 0.1))) == (0.5, None)


def test_a_difference_refuses_absent_values_and_mixed_units():
    with pytest.raises(ValueError, match="in ns"):
        difference(_estimate(1.0), _estimate(1.0, unit="ns"))


def test_a_ratio_of_numbers_with_one_error_in_common_loses_that_error():
    a, b = _estimate(2.0, ("scale", 0.2)), _estimate(4.0, ("scale", 0.4))  # both 10 % from one source
    assert total(combined((a.budget, 1 / b.value), (b.budget, -a.value / b.value**2))) == pytest.approx(0, abs=1e-15)


def test_merging_twice_changes_nothing():
    once = merged([Component("a", 1.0, "x"), Component("b", 2.0, "x"), Component("c", 1.0, "y")])
    assert merged(once) == once
