import numpy as np
import pytest
from scipy.optimize import least_squares

from spectra.analysis.line_through_origin import free_line, slope_through_origin

X = np.array([0.045, 0.088, 0.129, 0.168, 0.206])


def noisy_points(seed):
    rng = np.random.default_rng(seed)
    u_x, u_y = rng.uniform(0.001, 0.004, X.size), rng.uniform(0.01, 0.05, X.size)
    return X + rng.normal(0, u_x), 7 * X + rng.normal(0, u_y), u_x, u_y


def least_squares_peer(x, y, u_x, u_y, model, start):
    """Minimise the same sum of squares, written out, by a general optimiser."""

    def residual(b):
        return (y - model(b, x)) / np.hypot(u_y, b[-1] * u_x)

    return least_squares(residual, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_the_slope_through_the_origin_minimises_the_sum_of_squares_in_both_axes(seed):
    x, y, u_x, u_y = noisy_points(seed)
    peer = least_squares_peer(x, y, u_x, u_y, lambda b, x: b[0] * x, [6.0])
    assert slope_through_origin(x, y, u_x, u_y) == pytest.approx(peer.x[0], rel=1e-7)  # flat bottom: root of 1e-15


@pytest.mark.parametrize("seed", range(5))
def test_the_free_line_minimises_the_sum_of_squares_in_both_axes(seed):
    x, y, u_x, u_y = noisy_points(seed)
    peer = least_squares_peer(x, y, u_x, u_y, lambda b, x: b[0] + b[1] * x, [0.0, 6.0])
    line = free_line(x, y, u_x, u_y)
    assert line.intercept == pytest.approx(peer.x[0], abs=1e-6)
    assert line.slope == pytest.approx(peer.x[1], rel=1e-6)
    assert line.chi2 == pytest.approx(2 * peer.cost, rel=1e-9)


def test_the_errors_of_the_free_line_are_what_repetition_shows():
    rng = np.random.default_rng(11)
    u_x, u_y = np.full(5, 0.001), np.full(5, 0.02)
    lines = [free_line(X + rng.normal(0, u_x), 7 * X + rng.normal(0, u_y), u_x, u_y) for _ in range(600)]
    # 600 repetitions know their spread to 3 %
    assert np.std([line.slope for line in lines]) == pytest.approx(np.mean([line.u_slope for line in lines]), rel=0.1)
    spread = np.std([line.intercept for line in lines])
    assert spread == pytest.approx(np.mean([line.u_intercept for line in lines]), rel=0.1)


def test_pearsons_data_with_yorks_weights_give_the_published_line():
    # York et al. 2004, doi:10.1119/1.1632486, table I (data) and II (slope −0.480533, intercept 5.479910)
    x = np.array([0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4])
    y = np.array([5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5])
    weight_x = np.array([1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1.0])
    weight_y = np.array([1.0, 1.8, 4.0, 8.0, 20.0, 20.0, 70.0, 70.0, 100.0, 500.0])
    line = free_line(x, y, weight_x**-0.5, weight_y**-0.5)
    assert line.slope == pytest.approx(-0.480533407, abs=1e-8)
    assert line.intercept == pytest.approx(5.47991022, abs=1e-7)
    assert line.u_slope == pytest.approx(0.0576, abs=2e-3)
    assert line.u_intercept == pytest.approx(0.2919, abs=5e-3)
    assert line.chi2 == pytest.approx(11.8663531941, abs=1e-6)


def test_many_draws_at_once_give_what_each_gives_alone():
    rng = np.random.default_rng(1)
    x = X + rng.normal(0, 0.002, (50, X.size))
    y = 7 * X + rng.normal(0, 0.03, (50, X.size))
    together = slope_through_origin(x, y, 0.002, 0.03)
    alone = [float(slope_through_origin(a, b, np.full(5, 0.002), np.full(5, 0.03))) for a, b in zip(x, y, strict=True)]
    assert together == pytest.approx(alone, rel=1e-11)


def test_exact_points_weigh_alike_instead_of_dividing_by_zero():
    y = np.array([1.0, 2.0, 4.0])
    x = np.array([1.0, 2.0, 3.0])
    assert slope_through_origin(x, y, np.zeros(3), np.zeros(3)) == pytest.approx(17 / 14)  # Σxy/Σx²


def test_points_that_all_lie_at_the_origin_are_refused():
    with pytest.raises(ValueError, match="origin"):
        slope_through_origin(np.zeros(3), np.ones(3), np.ones(3), np.ones(3))


def test_one_point_spans_no_free_line():
    assert free_line([1.0, 1.0], [2.0, 2.1], [0.1, 0.1], [0.1, 0.1]) is None
