"""One CD signal from its files: θ with its noise, beside a blank, or as half the difference of two enantiomers."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from spectra.analysis.absorbance_input import absorbance_of
from spectra.analysis.findings import Findings, shown
from spectra.analysis.method import Case, Component, Estimate, Input
from spectra.analysis.noise import variance_around, variance_growing_with
from spectra.notes import gettext_noop
from spectra.spectrum import Spectrum

MDEG_PER_ABSORBANCE = 32982.1  # θ [mdeg] = 32982.1 ΔA
HIGH_TENSION_V = 600.0  # beyond, the detector hardly sees light
LEAST_ABSORBANCE = 0.02  # below, ΔA/A is noise over nearly nothing
SIGNIFICANT = 3.0
LEAST_POINTS = 15
STRAY_LIGHT = 3.0  # absorbance beyond which what a photometer shows is no measure of the light that is left
MIRROR_P = 0.01


@dataclass(eq=False)
class Trace:
    """θ [mdeg] with its variance on ascending wavelengths [nm], (m,) each; A where it is known, else NaN."""

    x: np.ndarray
    theta: np.ndarray
    variance: np.ndarray
    absorbance: np.ndarray


def delta_absorbance(theta_mdeg):
    """ΔA = A_L − A_R from ellipticity.

    Parameters
    ----------
    theta_mdeg : float or ndarray [mdeg]

    Returns
    -------
    float or ndarray [1]

    Notes
    -----
    θ = (180/π)(ln 10/4) ΔA in degrees, for small signals.

    Examples
    --------
    1 mdeg at A = 0.5:

    >>> print(f"{delta_absorbance(1.0) / 0.5:.2g}")
    6.1e-05
    """
    return theta_mdeg / MDEG_PER_ABSORBANCE


def signal(case: Case, findings: Findings) -> tuple[Trace, Estimate | None]:
    given = case.one("cd")
    own = _trace(given, case.one("absorbance"), case, findings)
    blank = None if case.one("blank") is None else _trace(case.one("blank"), None, case, findings)
    if case.one("mirror") is None:
        return own if blank is None else _combined(own, blank, 1.0, -1.0), None
    other = _trace(case.one("mirror"), case.one("mirror_absorbance"), case, findings)
    return _pair(own, other, blank, given.source, findings)


def _trace(given: Input | None, absorbance: Input | None, case: Case, findings: Findings) -> Trace:
    if given is None or not isinstance(given.value, Spectrum):
        findings.refuse("no_spectrum", gettext_noop("There is no CD spectrum among the inputs."))
    signal = given.value.signal
    if signal.quantity not in ("ellipticity", "unknown"):
        text = gettext_noop("This curve is {quantity}, not ellipticity.")
        findings.refuse("not_ellipticity", text, quantity=signal.quantity)
    scale = {"mdeg": 1.0, "deg": 1e3}.get(signal.unit)
    if scale is None:
        text = gettext_noop("The file does not say that θ is in mdeg; millidegrees were assumed.")
        findings.warn("unit_assumed", text)
    try:
        x = given.value.wavelengths_nm()
    except ValueError:
        findings.refuse("no_optical_axis", gettext_noop("The axis is no wavelength. State its unit and analyse again."))
    inside = _inside(x, case) & np.isfinite(signal.values)
    order = np.argsort(x[inside], kind="stable")
    x_nm, theta = x[inside][order], (scale or 1.0) * signal.values[inside][order]
    if x_nm.size < LEAST_POINTS:
        text = gettext_noop("Only {n} points are left in the window; at least {least} are needed.")
        findings.refuse("too_few_points", text, n=x_nm.size, least=LEAST_POINTS)
    if np.ptp(theta) <= 0:
        findings.refuse("flat", gettext_noop("The spectrum is flat: there is nothing to find in it."))
    _warn_of_tension(given.value, x, inside, findings)
    a = _absorbance(given, absorbance, x_nm)
    return Trace(x_nm, theta, _variance(theta, a), a)


def _variance(theta, absorbance) -> np.ndarray:
    """Of θ (m,) [mdeg²]: as 10^A where less light arrives at the detector; where A is not known, that of the points around."""
    if np.isfinite(absorbance).all() and absorbance.max() < STRAY_LIGHT:
        return variance_growing_with(theta, 10.0**absorbance)
    return variance_around(theta)


def _inside(x, case: Case):
    lowest, highest = case.parameters["window_min_nm"], case.parameters["window_max_nm"]
    inside = np.isfinite(x)
    if lowest is not None:
        inside &= x >= lowest
    if highest is not None:
        inside &= x <= highest
    return inside


def _warn_of_tension(spectrum: Spectrum, x, inside, findings: Findings) -> None:
    tension = next((c.values for c in spectrum.channels if c.role == "HT"), None)
    if tension is None:
        return
    high = inside & (tension > HIGH_TENSION_V)
    if high.any():
        text = gettext_noop(
            "The HT voltage exceeds {limit} V from {low} to {high} nm: hardly any light reached the detector there. "
            "Dilute, or leave that range out."
        )
        findings.warn(
            "high_tension", text, limit=int(HIGH_TENSION_V), low=shown(x[high].min(), 4), high=shown(x[high].max(), 4)
        )


def _absorbance(given: Input, separate: Input | None, x_nm) -> np.ndarray:
    """Absorbance at ``x_nm``: of a file of its own, else of a channel beside θ; NaN outside of it or without any."""
    spectrum = separate.value if separate else given.value
    channels = [c for c in spectrum.channels if c.quantity in ("absorbance", "transmittance")]
    if not channels:
        return np.full(x_nm.size, np.nan)
    values, _ = absorbance_of(channels[0])
    wavelength_nm = spectrum.wavelengths_nm()
    order = np.argsort(wavelength_nm, kind="stable")
    return np.interp(x_nm, wavelength_nm[order], values[order], left=np.nan, right=np.nan)


def _combined(one: Trace, other: Trace, a: float, b: float) -> Trace:
    """a·one + b·other on the points of ``one`` that ``other`` spans."""
    common = (one.x >= other.x[0]) & (one.x <= other.x[-1])
    x = one.x[common]
    return Trace(
        x,
        a * one.theta[common] + b * np.interp(x, other.x, other.theta),
        a**2 * one.variance[common] + b**2 * np.interp(x, other.x, other.variance),
        one.absorbance[common],
    )


def _pair(own: Trace, other: Trace, blank: Trace | None, source: str, findings: Findings) -> tuple[Trace, Estimate]:
    """The half difference of two enantiomers at the absorbance of the first, and how far their half sum is from zero.

    Both lose the same blank: at equal absorbance its noise is none of the difference, and counts once in the sum.
    """
    common = np.interp(own.x, other.x, other.absorbance, left=np.nan, right=np.nan)
    both = (own.absorbance > LEAST_ABSORBANCE) & (common > LEAST_ABSORBANCE)
    if both.any():
        factor = float(np.median(own.absorbance[both] / common[both]))
    else:
        factor = 1.0
        text = gettext_noop(
            "Without the absorbance of both, the pair was compared as measured, not at equal absorbance."
        )
        findings.warn("not_at_equal_absorbance", text)
    difference = _combined(own, other, 0.5, -0.5 * factor)
    total = _combined(own, other, 0.5, 0.5 * factor)
    if blank is not None:
        difference = _combined(difference, blank, 1.0, -0.5 * (1.0 - factor))
        total = _combined(total, blank, 1.0, -0.5 * (1.0 + factor))
    if difference.x.size < LEAST_POINTS:
        findings.refuse("no_common_range", gettext_noop("The two enantiomers were not measured over a common range."))
    freedom = total.x.size
    p = float(chi2.sf(float((total.theta**2 / np.maximum(total.variance, 1e-300)).sum()), freedom))
    if p < MIRROR_P:
        text = gettext_noop(
            "D and L are no mirror images within their noise (p = {p}): baseline, or something else than chirality."
        )
        findings.warn("no_mirror", text, p=shown(p, 2))
    signal = max(float((difference.theta**2 - difference.variance).mean()), 1e-300)
    asymmetry = float(np.sqrt(max((total.theta**2 - total.variance).mean(), 0.0) / signal))
    u = float(np.sqrt(total.variance.mean() / signal / freedom))
    budget = (Component(gettext_noop("noise"), u, f"mirror:{source}"),)
    return difference, Estimate("mirror_asymmetry", asymmetry, "1", budget)
