"""Decays of 4,096 channels behind an instrument response, fitted by QDLab and by its peers.

Lifetimes, photons, background and the shift of the response are free, as in QDLab's method by default (Fit23 has no
shift). QDLab finds its own start; the peers are given one whose lifetimes are 30 % off and the rest right.
"""

import numpy as np

from spectra.analysis.decay_engine import fit_decays
from spectra.analysis.decay_model import DecayModel
from tests.bench.peers.rounds import Contestant, Heat

CHANNELS, BIN_NS, PHOTONS, DARK = 4096, 0.016, 100_000.0, 1.0
TIME = np.arange(CHANNELS)
RESPONSE = np.exp(-0.5 * ((TIME - 300.3) / 8.5) ** 2)  # 20 channels or 0.32 ns wide
RESPONSE[RESPONSE < 1e-6] = 0.0
TAU_NS = {1: np.array([9.0]), 2: np.array([2.5, 9.0])}
SHARE = {1: np.array([1.0]), 2: np.array([0.3, 0.7])}
SIZES = (125, 500, 2000)
REACH = {1: (100.0, 75.0, 300.0), 2: (100.0, 75.0, None)}  # lmfit, curve_fit, Fit23
THEN = {1: (59.0, 94.0, 24.0, 7285.0), 2: (50.0, 84.0, None, 6921.0)}


def expected(k: int, photons: float = PHOTONS, dark: float = DARK) -> np.ndarray:
    """Expected counts (4096,) by a plain convolution with trapezoid weights."""
    counts = np.full(CHANNELS, dark)
    for tau_ns, share in zip(TAU_NS[k], SHARE[k], strict=True):
        tau = tau_ns / BIN_NS
        kernel = np.exp(-TIME / tau)
        kernel[0] = 0.5
        counts += photons * share / tau * np.convolve(RESPONSE / RESPONSE.sum(), kernel)[:CHANNELS]
    return counts


def simulated(k: int, n: int, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).poisson(expected(k), (n, CHANNELS)).astype(float)


def by_qdlab(counts: np.ndarray, k: int, grouped: bool = True) -> np.ndarray:
    """Lifetimes (n, k) [ns]."""
    model = DecayModel(RESPONSE, k, 0, CHANNELS, fit_shift=True, grouped=grouped)
    return fit_decays(counts, model).tau_bins * BIN_NS


def heat(k: int, n_slow: int = 30) -> Heat:
    """One table for ``k`` exponentials; the one-by-one peers fit the first decays of the same set."""
    counts = simulated(k, SIZES[-1])
    few = counts[:n_slow]

    def own(n):
        name = "QDLab, Poisson likelihood"
        return Contestant(name, n, lambda: by_qdlab(counts[:n], k), accuracy=lambda tau: _error(tau, k), then=own_then)

    lmfit_reach, curve_fit_reach, fit23_reach = REACH[k]
    lmfit_then, curve_fit_then, fit23_then, own_then = THEN[k]

    def peer(name, fit, reach, then):
        return Contestant(name, n_slow, lambda: fit(few, k), reach, lambda tau: _error(tau, k), then)

    contestants = [
        own(SIZES[1]),
        peer("lmfit, convolution by FFT, weighted least squares", by_lmfit, lmfit_reach, lmfit_then),
        peer(
            "scipy curve_fit, convolution by FFT, weighted least squares", by_curve_fit, curve_fit_reach, curve_fit_then
        ),
    ]
    if k == 1 and tttrlib_here():
        undisturbed = np.random.default_rng(4).poisson(expected(k, dark=0.0), few.shape)
        name = "tttrlib Fit23, likelihood; without background, without shift"
        fit23 = Contestant(
            name, n_slow, lambda: by_fit23(undisturbed), fit23_reach, lambda tau: _error(tau, k), fit23_then
        )
        contestants.append(fit23)
    kind = {1: "mono", 2: "bi"}[k]
    title = f"{SIZES[1]} {kind}exponential decays, {CHANNELS:,} channels, {PHOTONS:,.0f} photons, measured response"
    return Heat(title, "lifetimes: mean error", contestants, [own(n) for n in SIZES], lambda: _remarks(counts, k))


def _error(tau_ns: np.ndarray, k: int) -> str:
    """Mean relative error with its standard error, and the scatter, of every lifetime."""
    off = 100.0 * (tau_ns / TAU_NS[k] - 1.0)
    mean, scatter = off.mean(axis=0), off.std(axis=0, ddof=1)
    parts = [
        f"{m:+.2f} ± {s / np.sqrt(len(off)):.2f} % (scatter {s:.2f} %)" for m, s in zip(mean, scatter, strict=True)
    ]
    return "; ".join(parts)


def _remarks(counts: np.ndarray, k: int) -> list[str]:
    counts = counts[: SIZES[1]]
    moved = 100.0 * (by_qdlab(counts, k) / by_qdlab(counts, k, grouped=False) - 1.0)
    means = zip(moved.mean(axis=0), moved.std(axis=0, ddof=1) / np.sqrt(len(moved)), strict=True)
    by_groups = "; ".join(f"{m:+.4f} ± {u:.4f} %" for m, u in means)
    bright = np.rint(expected(k, 1e10, 1e4))[None]
    bias = "; ".join(f"{b:+.5f} %" for b in 100.0 * (by_qdlab(bright, k)[0] / TAU_NS[k] - 1.0))
    return [
        "",
        f"QDLab joins the channels of the tail into groups. Against a fit of all channels this moves the lifetimes on "
        f"average by {by_groups}. Without noise (10¹⁰ photons), QDLab's lifetimes are off by {bias}.",
        "Least squares weighted by the counts themselves, the usual choice of scripts, is biased at few counts per channel.",
    ]


def _model(t, *p):
    """Background, shift, then lifetime [channels] and photons of each component; convolved and shifted by FFT."""
    decay = sum(area / tau * np.exp(-t / tau) for tau, area in zip(p[2::2], p[3::2], strict=True))
    decay[0] *= 0.5
    moved = _TRANSFORMED * np.exp(_PHASE * p[1])
    return np.fft.irfft(np.fft.rfft(decay, 2 * CHANNELS) * moved)[:CHANNELS] + p[0]


_TRANSFORMED = np.fft.rfft(RESPONSE / RESPONSE.sum(), 2 * CHANNELS)
_PHASE = -2j * np.pi * np.fft.rfftfreq(2 * CHANNELS)


def _start(k: int) -> list[float]:
    return [DARK, 0.0, *np.stack([1.3 * TAU_NS[k] / BIN_NS, SHARE[k] * PHOTONS], axis=1).ravel()]


def by_lmfit(counts: np.ndarray, k: int) -> np.ndarray:
    import lmfit

    names = ["dark", "shift", *(f"{name}_{i}" for i in range(k) for name in ("tau", "area"))]
    answers = []
    for row in counts:
        weight = 1.0 / np.sqrt(np.maximum(row, 1.0))

        def residual(p, row=row, weight=weight):
            return (_model(TIME, *(p[name].value for name in names)) - row) * weight

        parameters = lmfit.create_params(**dict(zip(names, _start(k), strict=True)))
        found = lmfit.minimize(residual, parameters).params
        answers.append([found[f"tau_{i}"].value * BIN_NS for i in range(k)])
    return np.sort(answers, axis=1)


def by_curve_fit(counts: np.ndarray, k: int) -> np.ndarray:
    from scipy.optimize import curve_fit

    sigma = np.sqrt(np.maximum(counts, 1.0))
    fits = [curve_fit(_model, TIME, row, _start(k), sigma=u)[0] for row, u in zip(counts, sigma, strict=True)]
    return np.sort([fit[2::2] * BIN_NS for fit in fits], axis=1)


def tttrlib_here() -> bool:
    try:
        import tttrlib  # noqa: F401
    except ImportError:
        return False
    return True


def by_fit23(counts: np.ndarray) -> np.ndarray:
    """Fit23 knows one lifetime seen in two polarisations: each gets half of the photons of an unpolarised decay."""
    import tttrlib

    response = np.tile(RESPONSE / RESPONSE.sum() * PHOTONS, 2)
    settings = {"dt": BIN_NS, "irf": response, "background": np.zeros_like(response), "period": 10 * CHANNELS * BIN_NS}
    fit = tttrlib.Fit23(**settings, g_factor=1.0, l1=0.0, l2=0.0)
    halves = np.random.default_rng(3).binomial(counts, 0.5)
    start, fixed = np.array([1.3 * TAU_NS[1][0], 0.0, 0.0, 1.0]), np.array([0, 1, 1, 1])  # τ, scatter, r₀, ρ
    pairs = (np.concatenate([one, row - one]).astype(float) for one, row in zip(halves, counts, strict=True))
    return np.array([[fit(data=pair, initial_values=start, fixed=fixed)["x"][0]] for pair in pairs])
