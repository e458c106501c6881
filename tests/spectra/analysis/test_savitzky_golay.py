"""Smoothing by local polynomials: the numbers of SciPy, its ends included."""

import doctest

import numpy as np
import pytest
from scipy.signal import savgol_filter

from spectra.analysis import savitzky_golay
from spectra.analysis.savitzky_golay import filtered


def test_the_examples_in_the_docstrings_hold():
    results = doctest.testmod(savitzky_golay)
    assert results.attempted >= 1
    assert results.failed == 0


@pytest.mark.parametrize(("points", "degree", "deriv", "delta"), [(7, 3, 0, 1.0), (31, 3, 2, 0.5), (99, 2, 1, 0.1)])
def test_the_numbers_are_those_of_scipy(points, degree, deriv, delta):
    y = np.random.default_rng(1).normal(size=(2, 300))
    peer = savgol_filter(y, points, degree, deriv=deriv, delta=delta)
    ours = filtered(y, points, degree, deriv, delta)
    assert ours == pytest.approx(peer, abs=1e-9 * np.abs(peer).max())  # SciPy fits its ends by polynomials of the place
