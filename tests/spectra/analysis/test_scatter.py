import numpy as np
import pytest

from spectra.analysis.absorptance import AbsorbanceCurve
from spectra.analysis.scatter import estimate_scatter
from tests.spectra.analysis.plqy_simulation import sample_absorption

X = np.arange(340.0, 701.0, 1.0)
A = (0.02, 0.04, 0.06, 0.08, 0.1)


def series(share, exponent, offset=0.0, noise=0.0, seed=0, dilutions=A):
    rng = np.random.default_rng(seed)
    shape = (1 - share) * sample_absorption(X) + share * (X / 372.0) ** -exponent
    return [AbsorbanceCurve(X, a * shape + offset + rng.normal(0, noise, X.size)) for a in dilutions]


@pytest.mark.parametrize("exponent", [2.0, 3.0, 4.0])
def test_share_and_exponent_of_scattered_light_are_found(exponent):
    found = estimate_scatter(series(0.08, exponent), [372.0] * 5, 500.0)
    assert found.share == pytest.approx(0.08, abs=1e-6)
    assert found.exponent == pytest.approx(exponent, abs=1e-9)
    assert found.significant


def test_noise_moves_the_share_little():
    found = [estimate_scatter(series(0.08, 3.5, noise=2e-4, seed=s), [372.0] * 5, 500.0) for s in range(30)]
    assert np.mean([f.share for f in found]) == pytest.approx(0.08, abs=0.006)
    assert all(f.significant for f in found)


def test_a_baseline_offset_is_not_taken_for_scatter():
    found = estimate_scatter(series(0.0, 4.0, offset=0.003), [372.0] * 5, 500.0)
    assert not found.significant
    both = estimate_scatter(series(0.08, 4.0, offset=0.003), [372.0] * 5, 500.0)
    assert both.share == pytest.approx(0.08 * 0.1 / 0.1, rel=0.01)  # slopes against A(λ_ex) drop the offset


def test_levels_that_vary_from_reading_to_reading_are_seldom_called_scatter():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(200):
        curves = [AbsorbanceCurve(X, c.absorbance + rng.normal(0, 5e-4)) for c in series(0.0, 4.0)]
        found.append(estimate_scatter(curves, [372.0] * 5, 500.0).significant)
    assert np.mean(found) < 0.10  # one-sided 2.5 σ with three degrees of freedom: 4.4 %; 200 draws ± 1.5 %


def test_noise_alone_is_seldom_called_scatter():
    found = [estimate_scatter(series(0.0, 4.0, noise=5e-4, seed=s), [372.0] * 5, 500.0) for s in range(100)]
    assert np.mean([f.significant for f in found]) < 0.12  # as above; 100 draws


def test_with_two_dilutions_an_offset_within_its_uncertainty_is_not_scatter():
    found = estimate_scatter(series(0.0, 4.0, offset=0.001, dilutions=A[:2]), [372.0] * 2, 500.0, offset_u=0.001)
    assert not found.offset_removed and not found.significant


def test_a_curve_that_ends_before_the_tail_has_no_estimate():
    short = [AbsorbanceCurve(X[:170], c.absorbance[:170]) for c in series(0.08, 4.0)]
    assert estimate_scatter(short, [372.0] * 5, 500.0) is None


def test_removing_the_scatter_gives_the_absorption_back():
    curves = series(0.08, 4.0)
    found = estimate_scatter(curves, [372.0] * 5, 500.0)
    cleared = found.removed_from(curves[-1], 372.0)
    assert cleared.absorbance == pytest.approx(0.1 * 0.92 * sample_absorption(X), abs=1e-8)


def test_equal_solutions_cannot_tell_an_offset_from_scatter():
    found = estimate_scatter(series(0.05, 4.0, dilutions=(0.1, 0.1, 0.1)), [372.0] * 3, 500.0)
    assert not found.offset_removed
    assert found.share == pytest.approx(0.05, abs=1e-6)


def test_the_exponential_tail_of_an_absorption_is_not_taken_for_scatter():
    x = np.arange(350.0, 701.0)
    rng = np.random.default_rng(2)
    series = [AbsorbanceCurve(x, c * np.exp(-(x - 372) / 60) + rng.normal(0, 1e-4, x.size)) for c in (0.02, 0.05, 0.1)]
    assert not estimate_scatter(series, [372.0] * 3, 490.0).significant
