"""Method ``circular_dichroism``: Cotton effects, dissymmetry and the mirror test of two enantiomers.

Signals of dots are of the order of one millidegree, so that a baseline or a drift easily passes for chirality. What a
second enantiomer does is the proof: the half difference of the two is the signal, their half sum must be zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm

from spectra.analysis.absorbance_input import absorbance_of
from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.local_quadratic import Smooth, extremum, smooth_at, smoothed
from spectra.analysis.method import Case, Component, Estimate, Input, Method, Outcome, Parameter, QuantityKind, Role
from spectra.analysis.noise import variance_around, variance_growing_with, variance_without_model
from spectra.notes import Note, gettext_noop
from spectra.spectrum import Spectrum

MDEG_PER_ABSORBANCE = 32982.1  # θ [mdeg] = 32982.1 ΔA
HIGH_TENSION_V = 600.0  # beyond, the detector hardly sees light
LEAST_ABSORBANCE = 0.02  # below, ΔA/A is noise over nearly nothing
SIGNIFICANT = 3.0
CLIPPED = 4  # equal extreme values
SPIKE = 30.0  # times the median distance from the smooth curve
LEAST_POINTS = 15
STRAY_LIGHT = 3.0  # absorbance beyond which what a photometer shows is no measure of the light that is left
DEFAULT_HALF_NM = 9.0  # for looking
DEGREE = 4  # a parabola lowers and moves the extrema of a band as wide as its window
WINDOWS = (2.0, 1.6, 1.3, 1.0, 0.8)  # half widths tried, in units of the width of the extremum
LEAST_STEPS = 4.0  # half a window holds so many steps at least
# What a window as wide as the extremum does to a Gaussian and to a bisignate pair of them.
LOWERED, MOVED = 4.5e-4, 5.6e-3
OF_NOISE = 0.3  # part of the noise that this may reach
MIRROR_P = 0.01


@dataclass(eq=False)
class Trace:
    """θ [mdeg] with its variance on ascending wavelengths [nm], (m,) each; A where it is known, else NaN."""

    x: np.ndarray
    theta: np.ndarray
    variance: np.ndarray
    absorbance: np.ndarray


@dataclass(frozen=True, eq=False)
class Extremum:
    """Its ``place`` [nm], the polynomial there, and the half width of the window [nm] it was fitted in."""

    place: float
    smooth: Smooth
    half: float
    variance: np.ndarray

    @property
    def u_value(self) -> float:
        return self.smooth.u(self.variance)[0]

    @property
    def u_place(self) -> float:
        return self.smooth.u(self.variance)[1] / abs(self.smooth.curvature) if self.smooth.curvature else 0.0

    @property
    def width(self) -> float:
        """Standard deviation [nm] of a Gaussian with this height and curvature."""
        ratio = -self.smooth.value / self.smooth.curvature if self.smooth.curvature else 0.0
        return float(np.sqrt(ratio)) if ratio > 0 else 0.0


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


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Analyse n CD spectra.

    Parameters
    ----------
    cases : sequence of Case
        Role ``cd``; optional ``absorbance`` (or as a channel of the CD file), ``blank`` (racemate or free ligand),
        ``mirror`` (the other enantiomer) and ``mirror_absorbance``.

    Returns
    -------
    list of Outcome
        Height and place of the positive and the negative extremum, crossover and splitting of a bisignate signal, g at the
        stronger extremum, and the asymmetry of the pair.

    Notes
    -----
    g = ΔA/A. No point is left out for a small |θ|: what would survive is biased upwards. Points with A < 0.02 are left out of g,
    since A is in its denominator. Values are those of a polynomial of fourth degree in a window of ± ``smoothing_nm``; where none is stated, in the
    widest one whose error of shape stays below a third of the noise. u from the noise of the points, as fourth differences tell it: growing as 10^A where A is known. A baseline error common to the whole spectrum is not in u: measure a blank.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        trace, mirror = _signal(case, findings)
        estimates, details = _read(case, trace, findings)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    if mirror is not None:
        estimates.append(mirror)
    return Outcome(tuple(estimates), tuple(findings.warnings), curves=_curves(trace, details), details=details)


# --- From files to one signal -----------------------------------------------------------------------------------------


def _signal(case: Case, findings: Findings) -> tuple[Trace, Estimate | None]:
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


# --- What the signal says ---------------------------------------------------------------------------------------------


def _read(case: Case, trace: Trace, findings: Findings) -> tuple[list[Estimate], dict]:
    step, stated = float(np.median(np.diff(trace.x))), case.parameters["smoothing_nm"]
    half = stated or max(DEFAULT_HALF_NM, LEAST_STEPS * step)
    source = case.one("cd").source
    smooth = smoothed(trace.x, trace.theta, half, DEGREE)
    known = np.isfinite(smooth)
    _warn_of_shape(trace, smooth, half, findings)
    found: dict[str, Extremum] = {}
    for name, pick in (("positive", np.nanargmax), ("negative", np.nanargmin)):
        place = float(trace.x[pick(np.where(known, smooth, np.nan))])
        one = _extremum(trace, place, half) if stated else _sharp_extremum(trace, place, half, LEAST_STEPS * step)
        if one is not None and (one.smooth.value > 0) == (name == "positive"):
            found[name] = one
    details = {"smoothing_nm": half, "n_points": int(trace.x.size), "extrema": {}}
    estimates = [e for name, one in found.items() for e in _extremum_estimates(name, one, trace, source, details)]
    if not any(_stands_out(one, trace) for one in found.values()):
        text = gettext_noop("No Cotton effect stands out of what noise alone would do somewhere in this spectrum.")
        findings.warn("no_signal", text)
    if len(found) == 2:
        estimates += _bisignate(found, trace, source)
    g = _dissymmetry(found, trace, source, details)
    return [*estimates, *([g] if g else [])], details


def _stands_out(one: Extremum, trace: Trace) -> bool:
    """Beyond what noise does somewhere once in 370 spectra (3 σ of one place); there are as many places as windows side by side."""
    places = max(float(np.ptp(trace.x)) / one.half, 1.0)
    return abs(one.smooth.value) >= norm.isf(norm.sf(SIGNIFICANT) / places) * one.u_value


def _extremum(trace: Trace, near: float, half: float) -> Extremum | None:
    found = extremum(trace.x, trace.theta, near, half, DEGREE)
    return None if found is None else Extremum(*found, half, trace.variance)


def _sharp_extremum(trace: Trace, near: float, half: float, least: float) -> Extremum | None:
    """With the widest window that lowers and moves the extremum by less than a part of its noise.

    The first window is as wide as looking needs, and too wide for a narrow band; what it says of the width leads to the next.
    """
    one = _extremum(trace, near, half)
    for _ in range(2):
        if one is None or not one.width:
            return one
        again = _extremum(trace, one.place, min(max(one.width, least), 3.0 * half))
        one = again or one
    width = min(one.width, 3.0 * half)
    if not width:
        return one
    for wanted in WINDOWS:
        again = _extremum(trace, one.place, max(wanted * width, least))
        if again is None:
            continue
        part = again.half / width  # of coarse steps wider than wanted
        lowered = LOWERED * part**6 * abs(again.smooth.value)
        if lowered <= OF_NOISE * again.u_value and MOVED * part**4 * width <= OF_NOISE * again.u_place:
            return again
    return again or one


def _warn_of_shape(trace: Trace, smooth, half: float, findings: Findings) -> None:
    """Tops that are cut by the end of the scan or by the detector, and points that are no spectrum."""
    x, theta = trace.x, trace.theta
    top = int(np.nanargmax(np.abs(smooth)))
    if min(x[top] - x[0], x[-1] - x[top]) < half:
        text = gettext_noop("The signal is largest at the end of the spectrum: its extremum may lie beyond.")
        findings.warn("cut_off", text)
    if max(np.count_nonzero(theta == theta.max()), np.count_nonzero(theta == theta.min())) >= CLIPPED:
        text = gettext_noop("Several points share the highest or lowest value: the signal seems to be clipped.")
        findings.warn("clipped", text)
    apart = np.abs(theta - smooth)
    if np.nanmax(apart) > SPIKE * max(float(np.nanmedian(apart)), 1e-300):
        findings.warn(
            "spikes", gettext_noop("Single points lie far off the curve: look at them before you trust its extrema.")
        )


def _extremum_estimates(name: str, one: Extremum, trace: Trace, source: str, details: dict):
    value = one.smooth.value
    details["extrema"][name] = {
        "wavelength_nm": round(one.place, 2),
        "theta_mdeg": round(value, 5),
        "significance": round(abs(value) / one.u_value, 2) if one.u_value else None,
        "smoothing_nm": round(one.half, 2),
    }
    noise = gettext_noop("noise")
    yield Estimate(f"cd_{name}_mdeg", value, "mdeg", (Component(noise, one.u_value, f"cd-{name}:{source}"),))
    if one.u_place:
        budget = (Component(noise, one.u_place, f"cd-{name}-place:{source}"),)
        yield Estimate(f"cd_{name}_nm", one.place, "nm", budget)


def _bisignate(found: dict[str, Extremum], trace: Trace, source: str):
    """Crossover between the two extrema and their distance."""
    low, high = sorted(one.place for one in found.values())
    half = min(one.half for one in found.values())
    between = (trace.x > low) & (trace.x < high)
    places = trace.x[between]
    values = smoothed(trace.x, trace.theta, half, DEGREE)[between]
    signs = np.flatnonzero(np.diff(np.sign(values)) != 0)
    if signs.size != 1:
        return
    i = int(signs[0])
    at = float(places[i] - values[i] * (places[i + 1] - places[i]) / (values[i + 1] - values[i]))
    smooth = smooth_at(trace.x, trace.theta, at, half, DEGREE)
    if smooth is None or smooth.slope == 0.0:
        return
    at -= smooth.value / smooth.slope
    u = smooth.u(trace.variance)[0] / abs(smooth.slope)
    noise = gettext_noop("noise")
    yield Estimate("cd_crossover_nm", at, "nm", (Component(noise, u, f"cd-crossover:{source}"),))
    positive, negative = found["positive"], found["negative"]
    by_y = [one.smooth.weights[1] / one.smooth.curvature for one in (positive, negative)]
    u = float(np.sqrt(((by_y[0] - by_y[1]) ** 2 * trace.variance).sum()))  # points of both windows count in both
    yield Estimate("cd_splitting_nm", high - low, "nm", (Component(noise, u, f"cd-splitting:{source}"),))


def _dissymmetry(found: dict[str, Extremum], trace: Trace, source: str, details: dict) -> Estimate | None:
    if not found:
        return None
    one = max(found.values(), key=lambda one: abs(one.smooth.value))
    known = np.isfinite(trace.absorbance)
    if not known.any():
        text = gettext_noop("The absorbance of the sample is not known: add its spectrum to get g.")
        return Estimate("g_extremum", None, "1", reason=Note("no_absorbance", text))
    absorbance = smooth_at(trace.x[known], trace.absorbance[known], one.place, one.half, DEGREE)
    if absorbance is None or absorbance.value < LEAST_ABSORBANCE:
        text = gettext_noop("At {place} nm the absorbance is below {least}: g would be noise over nearly nothing.")
        about = {"place": shown(one.place, 4), "least": LEAST_ABSORBANCE}
        return Estimate("g_extremum", None, "1", reason=Note("little_absorbance", text, about))
    details["absorbance_at_extremum"] = round(absorbance.value, 5)
    g = delta_absorbance(one.smooth.value) / absorbance.value
    u_theta = delta_absorbance(one.u_value) / absorbance.value
    spread = variance_without_model(trace.absorbance[known][None])[0] if known.sum() >= 9 else np.zeros(known.sum())
    u_a = absorbance.u(spread)[0] / absorbance.value * abs(g)
    u_where = abs(g * absorbance.slope / absorbance.value) * min(one.u_place, one.half)  # A is steep where dots absorb
    budget = (
        Component(gettext_noop("noise"), u_theta, f"cd-g:{source}"),
        Component(gettext_noop("absorbance"), u_a, f"cd-absorbance:{source}"),
        Component(gettext_noop("wavelength of the extremum"), u_where, f"cd-g-place:{source}"),
    )
    return Estimate("g_extremum", g, "1", budget)


def _curves(trace: Trace, details: dict) -> dict:
    half = details["smoothing_nm"]
    enough = trace.absorbance >= LEAST_ABSORBANCE
    with np.errstate(invalid="ignore", divide="ignore"):
        g = np.where(enough, delta_absorbance(trace.theta) / trace.absorbance, np.nan)
        g_u = np.where(enough, delta_absorbance(np.sqrt(trace.variance)) / trace.absorbance, np.nan)
    return {
        "x_nm": trace.x,
        "theta_mdeg": trace.theta,
        "smooth_mdeg": smoothed(trace.x, trace.theta, half, DEGREE),
        "u_mdeg": np.sqrt(trace.variance),
        "absorbance": trace.absorbance,
        "g": g,
        "g_u": g_u,
    }


METHOD = Method(
    name="circular_dichroism",
    title=gettext_noop("Circular dichroism"),
    version=4,
    roles=(
        Role("cd", "spectrum", gettext_noop("CD spectrum"), techniques=("cd",)),
        Role("absorbance", "spectrum", gettext_noop("Its absorbance"), techniques=("uvvis", "cd"), minimum=0),
        Role("blank", "spectrum", gettext_noop("Racemate or free ligand"), techniques=("cd",), minimum=0),
        Role("mirror", "spectrum", gettext_noop("The other enantiomer"), techniques=("cd",), minimum=0),
        Role("mirror_absorbance", "spectrum", gettext_noop("Absorbance of the other enantiomer"), techniques=("uvvis", "cd"), minimum=0),
    ),
    parameters=(
        Parameter("window_min_nm", "number", None, gettext_noop("Window from"), "nm", minimum=100.0, maximum=5000.0),
        Parameter("window_max_nm", "number", None, gettext_noop("Window to"), "nm", minimum=100.0, maximum=5000.0),
        Parameter("smoothing_nm", "number", None, gettext_noop("Half width of the smoothing window"), "nm", minimum=0.5, maximum=100.0),
    ),
    quantities=(
        QuantityKind("cd_positive_mdeg", "mdeg", gettext_noop("Positive extremum"), "θ_+"),
        QuantityKind("cd_positive_nm", "nm", gettext_noop("Wavelength of the positive extremum"), "λ_+"),
        QuantityKind("cd_negative_mdeg", "mdeg", gettext_noop("Negative extremum"), "θ_−"),
        QuantityKind("cd_negative_nm", "nm", gettext_noop("Wavelength of the negative extremum"), "λ_−"),
        QuantityKind("cd_crossover_nm", "nm", gettext_noop("Crossover"), "λ_0"),
        QuantityKind("cd_splitting_nm", "nm", gettext_noop("Distance of the two extrema"), "Δλ"),
        QuantityKind("g_extremum", "1", gettext_noop("Dissymmetry at the stronger extremum"), "g"),
        QuantityKind("mirror_asymmetry", "1", gettext_noop("Half sum over half difference of D and L"), ""),
    ),
    run=run,
)  # fmt: skip
