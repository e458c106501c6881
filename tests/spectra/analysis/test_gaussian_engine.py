"""The batched Gaussian engine against certified values, against lmfit, and against itself."""

import os
import re
from pathlib import Path

import lmfit
import numpy as np
import pytest

from spectra.analysis.gaussian_engine import CHUNK, fit_each, fit_gaussians

CORPUS = os.environ.get("QDLAB_CORPUS")
X = np.linspace(380.0, 620.0, 241)


def bands(*parameters, x=X):
    return sum(a * np.exp(-0.5 * ((x - c) / s) ** 2) for a, c, s in parameters)


def certified(name: str):
    """Both starts, certified values and standard errors (8,), and data of a NIST set."""
    lines = (Path(CORPUS) / "reference/nist" / f"{name}.dat").read_text().splitlines()
    table = np.array([[float(v) for v in line.split("=")[1].split()] for line in lines if re.match(r"\s*b\d =", line)])
    first = 1 + next(i for i, line in enumerate(lines) if line.startswith("Data:") and "x" in line)
    y, x = np.array([[float(v) for v in line.split()] for line in lines[first:] if line.strip()]).T
    return table[:, :2].T, table[:, 2], table[:, 3], x, y


@pytest.mark.skipif(not CORPUS, reason="QDLAB_CORPUS does not point to the certified data")
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", ["Gauss1", "Gauss2", "Gauss3"])
def test_nist_gaussians_agree_to_six_digits_and_their_errors_to_four(name, start):
    begin, values, errors, x, y = certified(name)
    b = begin[start]
    width = np.array([b[4], b[7]]) / np.sqrt(2.0)  # NIST writes exp(−(x − b)²/w²)
    fits = fit_gaussians(
        x, y, 2, "exponential", start=(np.array([b[3], b[6]]), width), start_rate=b[1], tolerance=1e-10
    )
    assert fits.ok[0]
    at_zero = np.exp(fits.rate[0] * x.min())  # the engine's tail starts at the first point, NIST's at x = 0
    found = dict(zip(fits.names, [*fits.linear[0], *fits.center[0], *fits.sigma[0], fits.rate[0]], strict=True))
    two = np.sqrt(2.0)
    mine = [
        found["tail"] * at_zero, found["tail_rate"],
        found["amplitude_1"], found["center_1"], two * found["sigma_1"],
        found["amplitude_2"], found["center_2"], two * found["sigma_2"],
    ]  # fmt: skip
    np.testing.assert_allclose(mine, values, rtol=5e-7)
    t, r = fits.names.index("tail"), fits.names.index("tail_rate")
    gradient = np.array([at_zero, found["tail"] * at_zero * x.min()])
    u_tail = np.sqrt(gradient @ fits.covariance[0][np.ix_([t, r], [t, r])] @ gradient)
    u = [u_tail, *(fits.u(n)[0] for n in ("tail_rate", "amplitude_1", "center_1"))]
    u += [two * fits.u("sigma_1")[0], fits.u("amplitude_2")[0], fits.u("center_2")[0], two * fits.u("sigma_2")[0]]
    np.testing.assert_allclose(u, errors, rtol=5e-5)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_fits_agree_with_lmfit_in_values_and_errors(k):
    rng = np.random.default_rng(k)
    truth = [(1000.0, 450.0, 6.3), (600.0, 490.0, 9.0), (400.0, 540.0, 12.0)][:k]
    y = rng.poisson(bands(*truth) + 20.0).astype(float)
    fits = fit_gaussians(X, y, k, "linear")
    model, hints = lmfit.models.LinearModel(), {"slope": 0.0, "intercept": 10.0}
    for i, (a, c, s) in enumerate(truth):
        model = model + lmfit.models.GaussianModel(prefix=f"g{i}_")
        hints |= {f"g{i}_amplitude": 2.0 * a * s, f"g{i}_center": c + 2.0, f"g{i}_sigma": 1.2 * s}
    peer = model.fit(y, x=X, **hints).params
    for i in range(k):
        # lmfit stops at a relative change of 1e-8 with a numeric Jacobian: agreement far below u is all there is to ask
        assert fits.center[0, i] == pytest.approx(peer[f"g{i}_center"].value, abs=1e-5)
        assert fits.sigma[0, i] == pytest.approx(peer[f"g{i}_sigma"].value, abs=1e-5)
        assert fits.u(f"center_{i + 1}")[0] == pytest.approx(peer[f"g{i}_center"].stderr, rel=1e-3)
        assert fits.u(f"sigma_{i + 1}")[0] == pytest.approx(peer[f"g{i}_sigma"].stderr, rel=1e-3)


def test_poisson_weights_agree_with_lmfit():
    rng = np.random.default_rng(7)
    expected = bands((200.0, 455.0, 6.3)) + 5.0
    y = rng.poisson(expected).astype(float)
    fits = fit_gaussians(X, y, 1, weights=1.0 / expected[None])
    model = lmfit.models.GaussianModel() + lmfit.models.ConstantModel()
    peer = model.fit(y, x=X, weights=1.0 / np.sqrt(expected), amplitude=2000.0, center=450.0, sigma=8.0, c=4.0)
    assert fits.center[0, 0] == pytest.approx(peer.params["center"].value, abs=1e-5)
    assert fits.u("sigma_1")[0] == pytest.approx(peer.params["sigma"].stderr, rel=1e-3)
    assert fits.reduced_chi2[0] == pytest.approx(peer.redchi, rel=1e-6)


def test_known_noise_gives_the_scatter_that_repetition_shows():
    rng = np.random.default_rng(11)
    expected = bands((1000.0, 455.0, 6.3)) + 20.0
    y = rng.normal(expected, np.sqrt(expected), (2000, X.size))
    fits = fit_gaussians(X, y, 1, variance=np.broadcast_to(expected, y.shape))
    # the scatter of 2,000 values is known to 1.6 %; equal weights under photon noise need the sandwich
    assert fits.u("center_1").mean() == pytest.approx(fits.center[:, 0].std(), rel=0.05)
    assert fits.u("sigma_1").mean() == pytest.approx(fits.sigma[:, 0].std(), rel=0.05)


@pytest.mark.parametrize("baseline", ["none", "constant", "linear", "exponential"])
def test_a_curve_without_noise_comes_back_exactly(baseline):
    t = X - X.mean()
    backgrounds = {"none": 0.0, "constant": 0.3, "linear": 0.3 + 0.001 * t, "exponential": np.exp(-(X - 380.0) / 60.0)}
    y = bands((2.0, 455.0, 6.3), (1.0, 517.0, 9.0)) + backgrounds[baseline]
    fits = fit_gaussians(X, y, 2, baseline)
    np.testing.assert_allclose(fits.center[0], [455.0, 517.0], atol=1e-7)
    np.testing.assert_allclose(fits.sigma[0], [6.3, 9.0], rtol=1e-8)
    np.testing.assert_allclose(fits.amplitude[0], [2.0, 1.0], rtol=1e-8)
    np.testing.assert_allclose(fits.curve(0), y, atol=1e-8)


def test_scaling_the_spectrum_scales_heights_and_nothing_else():
    y = np.random.default_rng(3).normal(bands((1.0, 455.0, 6.3)), 0.01)
    small, large = fit_gaussians(X, y), fit_gaussians(X, 1e9 * y)
    np.testing.assert_allclose(large.center, small.center, rtol=1e-12)
    np.testing.assert_allclose(large.u("sigma_1"), small.u("sigma_1"), rtol=1e-10)
    np.testing.assert_allclose(large.linear, 1e9 * small.linear, rtol=1e-10)
    np.testing.assert_allclose(large.cost, 1e18 * small.cost, rtol=1e-9)


def test_a_reversed_axis_gives_the_same_numbers():
    y = np.random.default_rng(4).normal(bands((1.0, 455.0, 6.3), (0.7, 490.0, 8.0)), 0.01)
    there, back = fit_gaussians(X, y, 2), fit_gaussians(X[::-1], y[::-1], 2)
    np.testing.assert_allclose(back.center, there.center, rtol=1e-10)
    np.testing.assert_allclose(back.covariance, there.covariance, rtol=1e-6, atol=1e-12)


def test_one_bad_spectrum_does_not_change_the_others():
    good = np.random.default_rng(5).normal(bands((1.0, 455.0, 6.3)), 0.01, (3, X.size))
    bad = np.stack([np.zeros_like(X), np.full_like(X, np.nan), np.full_like(X, 1e308)])
    together = fit_gaussians(X, np.concatenate([bad, good]))
    assert together.ok.tolist() == [False, False, False, True, True, True]
    np.testing.assert_allclose(together.center[3:], fit_gaussians(X, good).center, rtol=1e-10)


def test_points_without_a_value_are_left_out():
    y = bands((1.0, 455.0, 6.3)) + 0.1
    y[70:76] = np.nan
    fits = fit_gaussians(X, y)
    assert fits.ok[0] and fits.center[0, 0] == pytest.approx(455.0, abs=1e-7)
    assert fits.dof[0] == X.size - 6 - 4


def test_a_batch_longer_than_a_chunk_keeps_its_order():
    centers = np.linspace(430.0, 560.0, CHUNK + 9)
    fits = fit_gaussians(X, np.array([bands((1.0, c, 6.3)) for c in centers]))
    np.testing.assert_allclose(fits.center[:, 0], centers, atol=1e-7)


def test_spectra_with_axes_of_their_own_come_back_in_their_order():
    axes = [X, X[::2], X, X[20:]]
    spectra = [(x, bands((1.0, c, 6.3), x=x)) for x, c in zip(axes, (450.0, 460.0, 470.0, 480.0), strict=True)]
    answers = fit_each(spectra, 1, "constant")
    assert [round(float(fits.center[row, 0]), 5) for fits, row in answers] == [450.0, 460.0, 470.0, 480.0]
    assert answers[0][0] is answers[2][0]  # equal axes were fitted together


def test_overlapping_bands_have_honest_errors():
    rng = np.random.default_rng(6)
    y = rng.normal(bands((1.0, 455.0, 6.3), (1.0, 463.0, 6.3)), 0.005)
    fits = fit_gaussians(X, y, 2, "none")
    u = fits.u("center_1")[0]
    assert u > 20.0 * fit_gaussians(X, y, 1, "none").u("center_1")[0]
    assert abs(fits.center[0, 0] - 455.0) < 3.0 * u


def test_an_unknown_baseline_or_number_is_named():
    with pytest.raises(ValueError, match="baseline"):
        fit_gaussians(X, X, 1, "cubic")
    with pytest.raises(ValueError, match="not 5"):
        fit_gaussians(X, X, 5)
