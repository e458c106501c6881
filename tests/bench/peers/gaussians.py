"""Spectra of 1 to 3 Gaussians on a constant, fitted by QDLab and by its peers.

QDLab finds its own starts; the peers are given one: centres up to 10 nm off, widths 20 %, heights by a factor of two.
"""

import numpy as np

from spectra.analysis.gaussian_engine import fit_gaussians
from tests.bench.peers.rounds import Contestant, Heat

X = np.linspace(400.0, 700.0, 601)
CENTER, SIGMA, HEIGHT, LEVEL = (
    np.array([470.0, 530.0, 600.0]),
    np.array([7.0, 10.0, 14.0]),
    np.array([1000.0, 600.0, 400.0]),
    20.0,
)
SIZES = (500, 2000, 8000)
REACH = {1: (200.0, 50.0, 12.0), 2: (150.0, 25.0, None), 3: (150.0, 25.0, None)}  # lmfit, LumiSpy, curve_fit
THEN = {1: (103.0, 398.0, 1765.0, 21_672.0), 2: (34.0, 202.0, 1045.0, 6272.0), 3: (21.0, 174.0, 699.0, 4836.0)}


def simulated(k: int, n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Photon counts (n, 601) and true centres (n, k) [nm]."""
    rng = np.random.default_rng(seed)
    center = CENTER[:k] + rng.uniform(-10.0, 10.0, (n, k))
    sigma = SIGMA[:k] * rng.uniform(0.8, 1.2, (n, k))
    height = HEIGHT[:k] * rng.uniform(0.5, 2.0, (n, k))
    expected = np.full((n, X.size), LEVEL)
    for i in range(k):
        expected += height[:, i, None] * np.exp(-0.5 * ((X - center[:, i, None]) / sigma[:, i, None]) ** 2)
    return rng.poisson(expected).astype(float), center


def heat(k: int, n_lmfit: int = 40, n_quick: int = 200) -> Heat:
    """One table for ``k`` Gaussians; the one-by-one peers fit the first spectra of the same set."""
    y, center = simulated(k, SIZES[-1])
    ours = fit_gaussians(X, y, k).center

    def accuracy(answers):
        n = len(answers)
        far = np.abs(answers - ours[:n]).max()
        rms = np.sqrt(np.mean((answers - center[:n]) ** 2))
        return f"rms {rms:.4f} nm" + (f", from QDLab's at most {far:.0e} nm" if far > 1e-9 else "")

    def own(n):
        return Contestant("QDLab", n, lambda: fit_gaussians(X, y[:n], k).center, accuracy=accuracy, then=own_then)

    lmfit_reach, lumispy_reach, curve_fit_reach = REACH[k]
    lmfit_then, lumispy_then, curve_fit_then, own_then = THEN[k]
    contestants = [
        own(SIZES[1]),
        Contestant("lmfit", n_lmfit, lambda: by_lmfit(y[:n_lmfit], k), lmfit_reach, accuracy, lmfit_then),
        Contestant(
            "scipy curve_fit, analytic Jacobian",
            n_quick,
            lambda: by_curve_fit(y[:n_quick], k),
            curve_fit_reach,
            accuracy,
            curve_fit_then,
        ),
    ]
    if lumispy_here():
        multifit = Contestant(
            "LumiSpy multifit, lm, analytic gradient",
            n_quick,
            lambda: by_lumispy(y[:n_quick], k),
            lumispy_reach,
            accuracy,
            lumispy_then,
        )
        contestants.append(multifit)
    title = f"{SIZES[1]:,} spectra of {k} Gaussian{'s' if k > 1 else ''} on a constant, 601 points, photon noise"
    return Heat(title, "centres: error, agreement", contestants, [own(n) for n in SIZES])


def by_lmfit(y: np.ndarray, k: int) -> np.ndarray:
    import lmfit

    model = lmfit.models.ConstantModel()
    for i in range(k):
        model = model + lmfit.models.GaussianModel(prefix=f"g{i}_")
    hints = {"c": LEVEL}
    for i in range(k):
        hints |= {f"g{i}_amplitude": HEIGHT[i] * SIGMA[i] * np.sqrt(2 * np.pi)}
        hints |= {f"g{i}_center": CENTER[i], f"g{i}_sigma": SIGMA[i]}
    fits = [model.fit(row, x=X, **hints).best_values for row in y]
    return np.array([[fit[f"g{i}_center"] for i in range(k)] for fit in fits])


def by_curve_fit(y: np.ndarray, k: int) -> np.ndarray:
    from scipy.optimize import curve_fit

    start = np.append(np.stack([HEIGHT, CENTER, SIGMA], axis=1)[:k].ravel(), LEVEL)
    return np.array([curve_fit(_curve, X, row, start, jac=_jacobian)[0][1:-1:3] for row in y])


def _curve(x, *p):
    return sum(
        (a * np.exp(-0.5 * ((x - c) / s) ** 2) for a, c, s in zip(p[:-1:3], p[1::3], p[2::3], strict=False)), p[-1]
    )


def _jacobian(x, *p):
    columns = np.ones((len(p), x.size))
    for i in range(0, len(p) - 1, 3):
        a, c, s = p[i : i + 3]
        u = (x - c) / s
        columns[i] = np.exp(-0.5 * u * u)
        columns[i + 1] = a / s * u * columns[i]
        columns[i + 2] = u * columns[i + 1]
    return columns.T


def lumispy_here() -> bool:
    try:
        import lumispy  # noqa: F401
    except ImportError:
        return False
    return True


def by_lumispy(y: np.ndarray, k: int) -> np.ndarray:
    import hyperspy.api as hs
    import lumispy

    hs.preferences.General.show_progressbar = False
    signal = lumispy.signals.LumiSpectrum(y)
    axis = signal.axes_manager.signal_axes[0]
    axis.offset, axis.scale = X[0], X[1] - X[0]
    model = signal.create_model()
    bands = [
        hs.model.components1D.Gaussian(A=HEIGHT[i] * SIGMA[i] * np.sqrt(2 * np.pi), sigma=SIGMA[i], centre=CENTER[i])
        for i in range(k)
    ]
    model.extend([hs.model.components1D.Offset(offset=LEVEL), *bands])
    model.assign_current_values_to_all()
    model.multifit(optimizer="lm", grad="analytical", show_progressbar=False)
    return np.stack([band.centre.map["values"] for band in bands], axis=1)
