"""Other people's programs on the same data: by how much QDLab's numbers differ from theirs."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from spectra.analysis.chromaticity import WHITES, chromaticity, dominant, tristimulus, uniform
from spectra.analysis.decay_convolution import decayed_sums
from spectra.analysis.decay_engine import fit_decays
from spectra.analysis.decay_model import DecayModel
from spectra.analysis.gaussian_engine import fit_gaussians
from tests.spectra.analysis.decay_simulation import expected_counts, gaussian_response

SEED = 7


@dataclass(frozen=True)
class Peer:
    """``difference``: the largest found; ``allowed``: what is asked for, and why no more can be."""

    package: str
    what: str
    difference: float
    allowed: float
    why: str

    @property
    def agrees(self) -> bool:
        return self.difference <= self.allowed


def rows() -> list[Peer]:
    """Of the packages that are here; a missing one is left out (and said so by ``text``)."""
    found = []
    for package, compare in COMPARISONS.items():
        if here(package):
            found += compare()
    return found


def here(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def _colours() -> Iterator[Peer]:
    import colour

    rng, nm, package = np.random.default_rng(SEED), np.arange(360.0, 831.0), "colour-science"
    power = np.exp(-4 * np.log(2) * ((nm - rng.uniform(430, 650, (100, 1))) / rng.uniform(12, 60, (100, 1))) ** 2)
    ours = chromaticity(tristimulus(nm, power))
    distributions = [colour.SpectralDistribution(row, nm) for row in power]
    theirs = colour.XYZ_to_xy(np.array([colour.sd_to_XYZ(one, method="Integration") for one in distributions]))
    yield Peer(package, "x, y of 100 bands", np.abs(ours - theirs).max(), 1e-6, "digits of its tables")
    away = np.abs(uniform(ours) - colour.xy_to_Luv_uv(ours)).max()
    yield Peer(package, "u′, v′ of the same x, y", away, 1e-12, "rounding")
    waves = dominant(ours, WHITES["D65"])[0]
    known = np.isfinite(waves)
    its = colour.dominant_wavelength(ours[known], np.array(WHITES["D65"]))[0]
    yield Peer(package, "dominant wavelength [nm]", np.abs(waves[known] - its).max(), 0.51, "it gives whole nanometres")


def _gaussians() -> Iterator[Peer]:
    import lmfit

    rng, x = np.random.default_rng(SEED), np.linspace(380.0, 620.0, 241)
    truth = ((1000.0, 450.0, 6.3), (600.0, 490.0, 9.0), (400.0, 540.0, 12.0))
    y = rng.poisson(sum(a * np.exp(-0.5 * ((x - c) / s) ** 2) for a, c, s in truth) + 20.0).astype(float)
    fits = fit_gaussians(x, y, 3, "linear")
    model, hints = lmfit.models.LinearModel(), {"slope": 0.0, "intercept": 10.0}
    for i, (a, c, s) in enumerate(truth):
        model = model + lmfit.models.GaussianModel(prefix=f"g{i}_")
        hints |= {f"g{i}_amplitude": 2.0 * a * s, f"g{i}_center": c + 2.0, f"g{i}_sigma": 1.2 * s}
    peer = model.fit(y, x=x, **hints).params
    names = [("center", i) for i in range(3)] + [("sigma", i) for i in range(3)]
    ours = np.array([getattr(fits, name)[0, i] for name, i in names])
    u = np.array([fits.u(f"{name}_{i + 1}")[0] for name, i in names])
    theirs, their_u = (
        np.array([getattr(peer[f"g{i}_{name}"], one) for name, i in names]) for one in ("value", "stderr")
    )
    yield Peer(
        "lmfit", "three Gaussians on a line: centres and σ [u]", (abs(ours - theirs) / u).max(), 1e-4, "its tolerance"
    )
    yield Peer("lmfit", "their standard errors, relative", abs(u / their_u - 1).max(), 1e-3, "its numeric Jacobian")


def _decay() -> Iterator[Peer]:
    import lmfit

    response = gaussian_response()
    counts = np.random.default_rng(SEED).poisson(expected_counts(response, [180.4], [200_000.0], 2.0)).astype(float)
    variance = np.maximum(counts, 1.0)[None]
    fit = fit_decays(counts[None], DecayModel(response, 1, 0, 1024, grouped=False), variance)

    def residual(p):
        expected = expected_counts(response, [p["tau"].value], [p["area"].value], p["background"].value)
        return (counts - expected) / np.sqrt(variance[0])

    peer = lmfit.minimize(residual, lmfit.create_params(tau=150.0, area=1.8e5, background=1.0), scale_covar=False)
    tau = float(fit.tau_bins[0, 0])
    u = tau * float(np.sqrt(fit.covariance[0, 0, 0]))
    away = abs(tau - peer.params["tau"].value) / u
    yield Peer("lmfit", "lifetime by weighted least squares with response [u]", away, 1e-2, "its tolerance")
    yield Peer(
        "lmfit", "its standard error, relative", abs(u / peer.params["tau"].stderr - 1), 1e-2, "its numeric Jacobian"
    )


def _convolution() -> Iterator[Peer]:
    import tttrlib

    response, worst = gaussian_response(), 0.0
    for tau in (0.3, 3.0, 20.0, 180.4, 1000.0):
        theirs = np.zeros(response.size)
        tttrlib.fconv(fit=theirs, irf=response, x=np.array([1.0, tau]), start=0, stop=-1, dt=1.0)
        ours = decayed_sums(response, np.array([tau]), response.size)[0][0] + response / 2
        worst = max(worst, float(np.abs(ours - theirs).max() / theirs.max()))
    yield Peer("tttrlib", "fconv, five lifetimes, of the maximum", worst, 1e-12, "rounding")


COMPARISONS = {
    "colour-science": lambda: list(_colours()),
    "lmfit": lambda: [*_gaussians(), *_decay()],
    "tttrlib": lambda: list(_convolution()),
}


def text() -> list[str]:
    lines = [
        "",
        "## Other programs",
        "",
        "The same data in QDLab and in packages of others (tests/requirements.txt, never at run time).",
    ]
    lines += [
        "",
        "| package | what | largest difference | asked for | what limits it |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows():
        mark = "" if row.agrees else " *disagrees*"
        name = f"{row.package} {version(row.package)}"
        lines.append(f"| {name} | {row.what} | {row.difference:.1e}{mark} | {row.allowed:.0e} | {row.why} |")
    lines += [f"| {package} | not installed here | | | |" for package in COMPARISONS if not here(package)]
    return lines
