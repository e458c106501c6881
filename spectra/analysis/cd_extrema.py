"""What a CD signal says: its extrema, what stands out of the noise, crossover and splitting, dissymmetry."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from spectra.analysis.cd_signal import LEAST_ABSORBANCE, SIGNIFICANT, Trace, delta_absorbance
from spectra.analysis.findings import Findings, shown
from spectra.analysis.local_quadratic import Smooth, extremum, smooth_at, smoothed
from spectra.analysis.method import Case, Component, Estimate
from spectra.analysis.noise import variance_without_model
from spectra.notes import Note, gettext_noop

CLIPPED = 4  # equal extreme values
SPIKE = 30.0  # times the median distance from the smooth curve
DEFAULT_HALF_NM = 9.0  # for looking
DEGREE = 4  # a parabola lowers and moves the extrema of a band as wide as its window
WINDOWS = (2.0, 1.6, 1.3, 1.0, 0.8)  # half widths tried, in units of the width of the extremum
LEAST_STEPS = 4.0  # half a window holds so many steps at least
# What a window as wide as the extremum does to a Gaussian and to a bisignate pair of them.
LOWERED, MOVED = 4.5e-4, 5.6e-3
OF_NOISE = 0.3  # part of the noise that this may reach


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


def read(case: Case, trace: Trace, findings: Findings) -> tuple[list[Estimate], dict]:
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
