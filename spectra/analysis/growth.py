"""Method ``growth``: how emission grows while dots form, from a spectrum every few minutes.

"Induction time" has several definitions, which differ by tens of minutes on one curve; each is a quantity of its own.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import least_squares

from spectra.analysis.emission_integral import NO_EMISSION
from spectra.analysis.exclusions import exclude_parameter, left_out
from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.frames import MINUTES, Frame, bands_of, frames_of, intensity_at, u_of_band, value_of_band
from spectra.analysis.method import Case, Component, Estimate, Method, Outcome, Parameter, QuantityKind, Role
from spectra.notes import Note, gettext_noop
from spectra.spectrum import Series, Spectrum

LEAST_TIMES = 8
ENOUGH_FOR_FOURTH = 10  # points on the rise
DRAWS = 200
TANGENT_HALF = 0.25  # the steepest slope is that of a cubic through so much of the rise around its half
COMPLETE = 0.98  # part of the fitted plateau that must have been reached for a plateau to be known


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Analyse n growth series.

    Parameters
    ----------
    cases : sequence of Case
        Role ``series``: one series over time, single spectra with their ``ageing_h``, or intensity against time.

    Returns
    -------
    list of Outcome
        Induction times by tangent and by threshold, half time, logistic midpoint and time constant, and the peak's
        wavelength at the end with its shift.

    Notes
    -----
    Intensity is the mean within ``band_nm`` of ``at_nm`` (by default the last spectrum's peak). Start level: median of what came
    before a twentieth of the rise; final level: median of the last tenth. Tangent: the line through the steepest part
    meets the start level; steepest is a cubic through the middle of the rise. Threshold: ``threshold_percent`` of the rise is crossed for good. The logistic curve
    I₀ + A/(1 + e^{−(t − t_m)/τ}) is a description, not a mechanism. Uncertainties by Monte Carlo from the scatter about
    the smoothed curve; times count from ``t0_min``.

    References
    ----------
    On definitions of induction times: F. Ferrone, Methods Enzymol. 309 (1999) 256, doi:10.1016/S0076-6879(99)09019-9
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        time, intensity, frames, at_nm = _trace(case, findings)
        time = time - case.parameters["t0_min"]
        estimates, details, curves = _growth(time, intensity, case, findings)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    if frames:
        peaks, seen = _peaks(frames, time, case)
        estimates += peaks
        curves |= seen
    return Outcome(tuple(estimates), tuple(findings.warnings), curves=curves, details=details | {"at_nm": at_nm})


# --- One intensity per time -------------------------------------------------------------------------------------------


def _trace(case: Case, findings: Findings):
    inputs = case.of("series")
    if not inputs:
        findings.refuse("no_series", gettext_noop("There is no series over time among the inputs."))
    single = inputs[0].value
    _check_emission(single, findings)
    if len(inputs) == 1 and isinstance(single, Spectrum) and single.x_unit in MINUTES:
        known = np.isfinite(single.signal.values)
        time, intensity = single.x[known] * MINUTES[single.x_unit], single.signal.values[known]
        order = np.argsort(time, kind="stable")
        time, intensity = time[order], intensity[order]
        out, notes = left_out(time, case.parameters["exclude"], "min", LEAST_TIMES)
        findings.warnings += notes
        _check_length(int((~out).sum()), findings)
        return time[~out], intensity[~out], [], None
    frames = frames_of(inputs, MINUTES, _minutes, findings, case.parameters["exclude"], "min")
    _check_length(len(frames), findings)
    at_nm = case.parameters["at_nm"] or _last_peak(frames, findings)
    values = [intensity_at(frame, at_nm, 0.5 * case.parameters["band_nm"])[0] for frame in frames]
    return np.array([frame.z for frame in frames]), np.array(values), frames, at_nm


def _check_emission(value, findings: Findings) -> None:
    spectrum = value.spectra[0] if isinstance(value, Series) else value
    if isinstance(spectrum, Spectrum) and spectrum.signal.quantity in NO_EMISSION:
        text = gettext_noop("This curve is {quantity}, not emission: its growth is none of an emission.")
        findings.refuse("not_emission", text, quantity=spectrum.signal.quantity)


def _minutes(conditions) -> float | None:
    return None if conditions.ageing_h is None else 60.0 * conditions.ageing_h


def _check_length(n: int, findings: Findings) -> None:
    if n < LEAST_TIMES:
        text = gettext_noop("Only {n} times are left; at least {least} are needed to see a growth.")
        findings.refuse("few_times", text, n=n, least=LEAST_TIMES)


def _last_peak(frames: Sequence[Frame], findings: Findings) -> float:
    for band in reversed(bands_of(frames[-3:])):
        peak = value_of_band(band, "emission_peak_nm")
        if np.isfinite(peak):
            return peak
    findings.refuse(
        "no_band_at_the_end", gettext_noop("The last spectra hold no band: state the wavelength to follow.")
    )


# --- What the curve says ----------------------------------------------------------------------------------------------


def _growth(time, intensity, case: Case, findings: Findings):
    if np.unique(time).size < time.size:
        findings.refuse("times_repeat", gettext_noop("Some times occur twice: the spectra cannot be put into order."))
    threshold = case.parameters["threshold_percent"] / 100.0
    fit, smoother = _fit(time, intensity), _sharp_smoother(time, intensity)
    smooth, scatter = smoother @ intensity, _scatter(intensity, smoother)
    rise = float(smooth.max() - np.median(smooth[: max(3, time.size // 20)]))
    if rise <= 4.0 * scatter:
        findings.refuse(
            "no_growth", gettext_noop("The intensity does not grow beyond its scatter: there is nothing to time.")
        )
    first = _times(time, intensity, smoother, threshold)
    rng = np.random.default_rng(20220328)
    trials = smooth + rng.normal(0.0, scatter, (DRAWS, time.size))
    draws = [_times(time, trial, smoother, threshold) for trial in trials]
    _plateau(fit, time, smooth, findings)
    source = case.one("series").source
    estimates = [_estimate(name, first[name], [d[name] for d in draws], source) for name in first]
    estimates += _logistic(fit, source, findings)
    normal, at = _normalised(time, smooth, case, findings)
    details = {
        "n_times": int(time.size),
        "threshold_percent": 100 * threshold,
        "t0_min": case.parameters["t0_min"],
        "start_level": float(np.median(smooth[: max(3, time.size // 20)])),
        "scatter": scatter,
        "normalised_at_min": at,
        "last_min": float(time[-1]),
    }
    curves = {
        "time_min": time,
        "intensity": intensity / normal,
        "smooth": smooth / normal,
        "logistic": None if fit is None else _curve(fit[0], time) / normal,
    }
    return estimates, details, {name: curve for name, curve in curves.items() if curve is not None}


def _sharp_smoother(time, intensity) -> np.ndarray:
    """Over a tenth of the points; over a third of those on the rise, where these are fewer: a long plateau must not blur it."""
    points = max(5, 2 * (time.size // 20) + 1)
    smooth = _smoother(time, points) @ intensity
    low, high = _levels(smooth)
    first, last = (
        _crossing(time, (smooth - low) / (high - low), level) if high > low else None for level in (0.1, 0.9)
    )
    if first is not None and last is not None and last > first:
        on_rise = int(((time >= first) & (time <= last)).sum())
        points = min(points, max(5, 2 * (on_rise // 6) + 1))
    return _smoother(time, points)


def _smoother(time, points: int) -> np.ndarray:
    """Matrix (m, m) of local parabolas over ``points``, applied to the curve and once more to what they left.

    Keeps the shape of the rise and takes scatter away. What smoothing lowers, the second pass gives back, with its share of noise.
    """
    matrix = np.zeros((time.size, time.size))
    for i in range(time.size):
        first = min(max(i - points // 2, 0), time.size - points)
        t = time[first : first + points] - time[i]
        matrix[i, first : first + points] = np.linalg.pinv(np.stack([np.ones(points), t, t**2], axis=1))[0]
    return 2.0 * matrix - matrix @ matrix


def _scatter(intensity, smoother) -> float:
    """Standard deviation of a point, from what the smooth curve leaves of it."""
    left = intensity - smoother @ intensity
    freedom = max(intensity.size - 2 * np.trace(smoother) + (smoother**2).sum(), 1.0)
    return float(np.sqrt((left**2).sum() / freedom))


def _levels(smooth):
    low = float(np.median(smooth[: max(3, smooth.size // 20)]))
    return low, float(np.median(smooth[-max(3, smooth.size // 10) :]))


def _times(time, intensity, smoother, threshold: float) -> dict[str, float | None]:
    smooth = smoother @ intensity
    low, high = _levels(smooth)
    part, points = ((y - low) / (high - low) if high > low else np.zeros(time.size) for y in (smooth, intensity))
    return {
        "induction_tangent_min": _tangent(time, part, points),
        "induction_threshold_min": _crossing(time, part, threshold),
        "half_time_min": _crossing(time, part, 0.5),
    }


def _crossing(time, part, level: float) -> float | None:
    """Where the curve passes ``level`` for the last time on its way up."""
    below = np.flatnonzero(part < level)
    if below.size == 0 or below[-1] + 1 >= time.size:
        return None
    i = below[-1]
    return float(time[i] + (level - part[i]) * (time[i + 1] - time[i]) / (part[i + 1] - part[i]))


def _tangent(time, part, points) -> float | None:
    """Where the line through the steepest part of the rise meets the start level; ``points`` are not smoothed."""
    middle = _crossing(time, part, 0.5)
    if middle is None:
        return None
    first, last = (_crossing(time, part, level) for level in (0.5 - TANGENT_HALF, 0.5 + TANGENT_HALF))
    if first is None or last is None:
        return None
    window = (time >= first) & (time <= last)
    if window.sum() >= 6:
        at, value, slope = _inflection(time[window] - middle, points[window])
    else:
        slopes = np.gradient(part, time)
        near = int(np.argmax(np.where(np.abs(part - 0.5) <= 0.5, slopes, -np.inf)))
        at, value, slope = time[near] - middle, part[near], slopes[near]
    return float(middle + at - value / slope) if slope > 0 else None


def _inflection(time, part) -> tuple[float, float, float]:
    """Place, value and slope where a polynomial through the rise is steepest; of its middle where it has no such place.

    Of fourth degree where there are points enough: a rise that sets in faster than it ends is steepest below its half.
    """
    curve = np.polynomial.Polynomial.fit(time, part, 4 if time.size >= ENOUGH_FOR_FOURTH else 3)
    slope, bend = curve.deriv(), curve.deriv(2)
    places = np.real([p for p in bend.roots() if abs(np.imag(p)) < 1e-9 and time[0] <= np.real(p) <= time[-1]])
    at = float(max(places, key=slope, default=0.0))
    return at, float(curve(at)), float(slope(at))


def _estimate(name: str, value: float | None, draws, source: str) -> Estimate:
    known = np.array([d for d in draws if d is not None])
    if value is None or known.size < DRAWS // 2:
        text = gettext_noop("The curve does not cross that level for good within the measured time.")
        return Estimate(name, None, "min", reason=Note("not_crossed", text))
    lowest, highest = np.quantile(known, (0.158655, 0.841345))
    budget = (Component(gettext_noop("scatter"), 0.5 * float(highest - lowest), f"growth-{name}:{source}"),)
    return Estimate(name, value, "min", budget)


# --- The logistic description -----------------------------------------------------------------------------------------


def _curve(p, time):
    return p[0] + p[1] / (1.0 + np.exp(-np.clip((time - p[2]) / np.exp(p[3]), -500, 500)))


def _fit(time, intensity):
    """Parameters (I₀, A, t_m, ln τ) and their covariance; None where no logistic curve fits."""
    low, high = np.quantile(intensity, (0.05, 0.95))
    scale = high - low
    if scale <= 0:
        return None
    above = np.flatnonzero(intensity >= 0.5 * (low + high))
    middle = float(time[above[0]]) if above.size else float(time[time.size // 2])
    start = [low, scale, middle, np.log(max(np.ptp(time) / 20, 1e-6))]
    try:
        found = least_squares(
            lambda p: (_curve(p, time) - intensity) / scale, start, x_scale=[scale, scale, np.ptp(time), 1.0]
        )
        variance = 2 * found.cost / max(time.size - 4, 1)
        covariance = np.linalg.inv(found.jac.T @ found.jac) * variance
    except (np.linalg.LinAlgError, ValueError):
        return None
    return (found.x, covariance) if found.success and found.x[1] > 0 else None


def _plateau(fit, time, smooth, findings: Findings) -> None:
    if fit is None:
        return
    low, high = fit[0][0], fit[0][0] + fit[0][1]
    if smooth[-1] < low + COMPLETE * (high - low):
        text = gettext_noop(
            "The growth had not ended after {last} min: levels, and the times that rest on them, will still move."
        )
        findings.warn("not_ended", text, last=shown(float(time[-1]), 4))


def _logistic(fit, source: str, findings: Findings):
    if fit is None:
        findings.warn("no_logistic", gettext_noop("No logistic curve describes this growth."))
        return []
    p, covariance = fit
    tau = float(np.exp(p[3]))
    u_middle, u_tau = (float(np.sqrt(max(covariance[i, i], 0.0))) for i in (2, 3))
    scatter = gettext_noop("scatter")
    return [
        Estimate(
            "logistic_midpoint_min", float(p[2]), "min", (Component(scatter, u_middle, f"logistic-midpoint:{source}"),)
        ),
        Estimate("logistic_tau_min", tau, "min", (Component(scatter, u_tau * tau, f"logistic-tau:{source}"),)),
    ]


def _normalised(time, smooth, case: Case, findings: Findings) -> tuple[float, float]:
    """Level by which the drawn curves are divided, and the time it belongs to."""
    at = case.parameters["normalise_at_min"]
    if at is None or not time[0] <= at <= time[-1]:
        if at is not None:
            text = gettext_noop("{at} min lies outside of the measured time; the curve was normalised to its end.")
            findings.warn("normalised_to_the_end", text, at=shown(at, 4))
        at = float(time[-1])
    level = float(np.interp(at, time, smooth))
    return (level if level > 0 else float(smooth.max()) or 1.0), at


# --- The peak along the time ------------------------------------------------------------------------------------------


def _peaks(frames: Sequence[Frame], time, case: Case):
    bands = bands_of(frames)
    peak = np.array([value_of_band(band, "emission_peak_nm") for band in bands])
    fwhm = np.array([value_of_band(band, "emission_fwhm_nm") for band in bands])
    u = np.array([u_of_band(band, "emission_peak_nm") for band in bands])
    curves = {"peak_nm": peak, "peak_u_nm": u, "fwhm_nm": fwhm}
    known = np.flatnonzero(np.isfinite(peak))
    if known.size < 2:
        return [], curves
    first, last = int(known[0]), int(known[-1])
    source = case.one("series").source
    shift_u = float(np.sqrt(np.nansum([u[first] ** 2, u[last] ** 2])))
    return [
        Estimate("final_peak_nm", float(peak[last]), "nm", bands[last]["emission_peak_nm"].budget),
        Estimate("peak_shift_nm", float(peak[last] - peak[first]), "nm",
                 (Component(gettext_noop("noise"), shift_u, f"growth-shift:{source}"),)),
    ], curves  # fmt: skip


def _input_kinds() -> Role:
    return Role(
        "series", "series|spectrum", gettext_noop("Spectra over time"),
        techniques=("kinetics", "pl_emission", "uvvis"), maximum=None,
    )  # fmt: skip


METHOD = Method(
    name="growth",
    title=gettext_noop("Growth of the emission"),
    version=3,
    roles=(_input_kinds(),),
    parameters=(
        Parameter("at_nm", "number", None, gettext_noop("Wavelength that is followed"), "nm", minimum=100.0, maximum=5000.0,
                  help=gettext_noop("Automatic: the peak at the end.")),
        Parameter("band_nm", "number", 4.0, gettext_noop("Width of the averaged band"), "nm", minimum=0.0, maximum=200.0),
        Parameter("t0_min", "number", 0.0, gettext_noop("Time of mixing on the file's clock"), "min"),
        Parameter("threshold_percent", "number", 5.0, gettext_noop("Threshold of the induction time"), "%", minimum=0.1, maximum=50.0),
        Parameter("normalise_at_min", "number", None, gettext_noop("Normalised at"), "min", minimum=0.0),
        exclude_parameter("min"),
    ),
    quantities=(
        QuantityKind("induction_tangent_min", "min", gettext_noop("Induction time by the tangent"), "t_ind"),
        QuantityKind("induction_threshold_min", "min", gettext_noop("Induction time by the threshold"), "t_thr"),
        QuantityKind("half_time_min", "min", gettext_noop("Half of the rise"), "t_1/2"),
        QuantityKind("logistic_midpoint_min", "min", gettext_noop("Midpoint of the logistic curve"), "t_m"),
        QuantityKind("logistic_tau_min", "min", gettext_noop("Time constant of the logistic curve"), "τ_g"),
        QuantityKind("final_peak_nm", "nm", gettext_noop("Peak at the end"), "λ_end"),
        QuantityKind("peak_shift_nm", "nm", gettext_noop("Shift of the peak during growth"), "Δλ"),
    ),
    run=run,
)  # fmt: skip
