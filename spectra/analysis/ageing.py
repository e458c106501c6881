"""Method ``ageing``: what is left of an emission after days on the shelf or hours under UV.

A lamp drifts by several per cent from day to day, so every spectrum should bring a reference measured the same day. Days in
the dark and hours under a lamp are different stresses; their half-lives are different quantities.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gamma, log

import numpy as np
from scipy.optimize import least_squares
from scipy.special import digamma

from spectra.analysis.crossing import at_equal_x, log_crossing
from spectra.analysis.emission_integral import NotAnEmission
from spectra.analysis.exclusions import exclude_parameter
from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.frames import Frame, bands_of, integral_of, kept_frames, u_of_band, value_of_band
from spectra.analysis.method import Case, Component, Estimate, Input, Method, Outcome, Parameter, QuantityKind, Role
from spectra.notes import Note, gettext_noop
from spectra.spectrum import Spectrum

LEAST_TIMES = 3
LEAST_FOR_STRETCHED = 5
STRESSES = (gettext_noop("shelf"), gettext_noop("uv"))
MOVED_NM = 2.0  # a shift that is worth a word


@dataclass(frozen=True, eq=False)
class Course:
    """Fraction left with u at every age [h], and dose [J/cm²] (NaN where not known)."""

    age_h: np.ndarray
    fraction: np.ndarray
    u: np.ndarray
    dose: np.ndarray


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Analyse n ageing series.

    Parameters
    ----------
    cases : sequence of Case
        Role ``emission``: spectra with ``ageing_h`` (and ``dose_j_cm2`` under UV); optional ``reference``: for each of them, by
        index, the spectrum of a stable emitter measured the same day.

    Returns
    -------
    list of Outcome
        Half-life of the stress by crossing, fraction left at the end, first-order rate, stretched exponential, peak shift.

    Notes
    -----
    Fraction: integral of the band around the first peak (its window follows the peak), divided by that of the reference and by
    the first of them. Half-life: the last crossing of one half, on a polynomial of the age in the logarithm; never crossed → a lower limit,
    the last age. First order F = e^{−kt}; stretched F = e^{−(t/τ)^β} with mean life (τ/β)Γ(1/β). Both are descriptions.
    Points share the error of the first one, which is part of the fits' covariance.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        frames, references = _frames(case, findings)
        bands = bands_of(frames)
        course, kept = _course(frames, references, bands, findings)
        stress = case.parameters["stress"] or ("uv" if np.isfinite(course.dose).any() else "shelf")
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    source = case.of("emission")[0].source
    estimates = [_half_life(course, stress, source), _left(course, source)]
    if stress == "uv" and np.isfinite(course.dose).all():
        estimates.append(_half_dose(course, source))
    estimates += _first_order(course, source, findings)
    estimates += _stretched(course, source)
    shift = _shift([bands[i] for i in kept], source, findings)
    estimates += [shift] if shift else []
    curves = {
        "age_h": course.age_h, "fraction": course.fraction, "fraction_u": course.u, "dose_j_cm2": course.dose,
        "peak_nm": np.array([value_of_band(bands[i], "emission_peak_nm") for i in kept]),
        "fwhm_nm": np.array([value_of_band(bands[i], "emission_fwhm_nm") for i in kept]),
    }  # fmt: skip
    details = {"stress": stress, "n_times": int(course.age_h.size), "last_h": float(course.age_h[-1]),
               "with_reference": bool(references)}  # fmt: skip
    return Outcome(tuple(estimates), tuple(findings.warnings), curves=curves, details=details)


# --- From spectra to fractions ----------------------------------------------------------------------------------------


def _frames(case: Case, findings: Findings) -> tuple[list[Frame], dict[str, Input]]:
    spectra = [i for i in case.of("emission") if isinstance(i.value, Spectrum)]
    unknown = [i for i in spectra if i.conditions.ageing_h is None]
    if unknown:
        text = gettext_noop("{n} spectra do not say how old the sample was; they were left out.")
        findings.warn("age_unknown", text, n=len(unknown))
    frames = sorted((Frame(i.conditions.ageing_h, i) for i in spectra if i not in unknown), key=lambda frame: frame.z)
    frames = kept_frames(frames, case.parameters["exclude"], "h", findings)
    if len({frame.z for frame in frames}) < LEAST_TIMES:
        text = gettext_noop("Spectra at {least} ages or more are needed; there are {n}.")
        findings.refuse("few_ages", text, least=LEAST_TIMES, n=len({frame.z for frame in frames}))
    by_index = {i.index: i for i in case.of("reference") if isinstance(i.value, Spectrum)}
    references = {frame.given.source: by_index[frame.given.index] for frame in frames if frame.given.index in by_index}
    if not references:
        text = gettext_noop("Without a reference measured each time, a drift of the lamp counts as ageing.")
        findings.warn("no_reference", text)
    elif len(references) < len(frames):
        findings.refuse(
            "references_missing", gettext_noop("Some ages have no reference: give one to each, or to none.")
        )
    return frames, references


def _course(frames, references, bands, findings: Findings) -> tuple[Course, list[int]]:
    first = next((band for band in bands if np.isfinite(value_of_band(band, "emission_fwhm_nm"))), None)
    if first is None:
        findings.refuse("no_band", gettext_noop("The first spectra hold no emission band."))
    width = value_of_band(first, "emission_fwhm_nm")
    rows, kept, at = [], [], value_of_band(first, "emission_peak_nm")
    for i, (frame, band) in enumerate(zip(frames, bands, strict=True)):
        at = _or(value_of_band(band, "emission_peak_nm"), at)
        try:
            value, u = integral_of(frame, at, max(width, _or(value_of_band(band, "emission_fwhm_nm"), width)))
            value, u = _relative(value, u, references.get(frame.given.source))
        except NotAnEmission:
            text = gettext_noop("The spectrum at {age} h does not span its band; it was left out.")
            findings.warn("cut_off", text, age=shown(frame.z))
            continue
        rows.append((frame.z, value, u, _or(frame.given.conditions.dose_j_cm2, np.nan)))
        kept.append(i)
    if len(rows) < LEAST_TIMES:
        text = gettext_noop("Spectra at {least} ages or more are needed; there are {n}.")
        findings.refuse("few_ages", text, least=LEAST_TIMES, n=len(rows))
    age, value, u, dose = np.array(rows, dtype=float).T
    if value[0] <= 0:
        findings.refuse("dark_at_the_start", gettext_noop("The first spectrum holds no light above its background."))
    fraction = value / value[0]
    u_fraction = np.hypot(u, fraction * u[0]) / value[0]
    u_fraction[0] = u[0] / value[0]
    return Course(age, fraction, u_fraction, dose), kept


def _or(value, default):
    return default if value is None or not np.isfinite(value) else value


def _relative(value: float, u: float, reference: Input | None) -> tuple[float, float]:
    if reference is None:
        return value, u
    frame = Frame(0.0, reference)
    band = bands_of([frame])[0]
    peak, fwhm = (value_of_band(band, name) for name in ("emission_peak_nm", "emission_fwhm_nm"))
    if not np.isfinite(peak + fwhm):
        raise NotAnEmission("reference")
    level, u_level = integral_of(frame, peak, fwhm)
    return value / level, float(np.hypot(u, value / level * u_level)) / level


# --- From fractions to numbers ----------------------------------------------------------------------------------------


def _crossing(x, y, u, level: float = 0.5):
    """Last fall through ``level`` and its u; None when it is never passed for good."""
    # Every fraction shares the error of the first value, by which it was divided; the rest is its own.
    x, y, own = at_equal_x(x, y, np.sqrt(np.maximum(u**2 - (y * u[0]) ** 2, 0.0)))
    above = np.flatnonzero(y >= level)
    if above.size == 0 or above[-1] + 1 >= y.size:
        return None
    found = log_crossing(x, y, own, int(above[-1]), level)
    return found.at, float(np.sqrt(found.u**2 + (u[0] / found.slope) ** 2 + found.bend**2))


def _half_life(course: Course, stress: str, source: str) -> Estimate:
    name = f"{stress}_half_life_h"
    found = _crossing(course.age_h, course.fraction, course.u)
    if found is None:
        text = gettext_noop("Half was not reached within {last} h; the half-life is longer.")
        note = Note("not_reached", text, {"last": shown(course.age_h[-1], 4)})
        return Estimate(name, None, "h", lower=float(course.age_h[-1]), reason=note)
    return Estimate(name, found[0], "h", (Component(gettext_noop("noise"), found[1], f"half-life:{source}"),))


def _half_dose(course: Course, source: str) -> Estimate:
    found = _crossing(course.dose, course.fraction, course.u)
    if found is None:
        text = gettext_noop("Half was not reached within {last} J/cm²; the half-dose is larger.")
        note = Note("not_reached_by_dose", text, {"last": shown(course.dose[-1], 4)})
        return Estimate("uv_half_dose_j_cm2", None, "J/cm2", lower=float(course.dose[-1]), reason=note)
    return Estimate(
        "uv_half_dose_j_cm2", found[0], "J/cm2", (Component(gettext_noop("noise"), found[1], f"half-dose:{source}"),)
    )


def _left(course: Course, source: str) -> Estimate:
    budget = (Component(gettext_noop("noise"), float(course.u[-1]), f"fraction-left:{source}"),)
    return Estimate("fraction_left", float(course.fraction[-1]), "1", budget)


def _whitener(course: Course) -> np.ndarray:
    """Inverse root of the points' covariance: own noise, and the first point's that all share by the division."""
    own = np.maximum(course.u**2 - (course.fraction * course.u[0]) ** 2, (1e-4 * course.fraction.max()) ** 2)[1:]
    shared = course.fraction[1:] * course.u[0]
    return np.linalg.inv(np.linalg.cholesky(np.diag(own) + np.outer(shared, shared)))


def _fitted(course: Course, model, start):
    """Parameters and covariance (scaled by χ²ᵣ where it exceeds 1) of a model on the points after the first."""
    age, fraction, whiten = course.age_h[1:] - course.age_h[0], course.fraction[1:], _whitener(course)
    try:
        found = least_squares(lambda p: whiten @ (model(p, age) - fraction), start)
        covariance = np.linalg.inv(found.jac.T @ found.jac)
    except (np.linalg.LinAlgError, ValueError):
        return None
    freedom = max(age.size - len(start), 1)
    return (
        (found.x, covariance * max(2 * found.cost / freedom, 1.0), 2 * found.cost / freedom) if found.success else None
    )


def _first_order(course: Course, source: str, findings: Findings):
    span = float(np.ptp(course.age_h))
    found = _fitted(course, lambda p, t: np.exp(-p[0] * t / span), [max(1.0 - course.fraction[-1], 0.05)])
    if found is None:
        return []
    k, u = float(found[0][0]) / span, float(np.sqrt(found[1][0, 0])) / span
    if found[2] > 4.0:
        text = gettext_noop("The decay is not of first order (χ²ᵣ {chi2}); its rate describes it badly.")
        findings.warn("not_first_order", text, chi2=shown(found[2], 2))
    budget = (Component(gettext_noop("fit"), u, f"first-order:{source}"),)
    reason = None
    if k - 2 * u <= 0:
        text = gettext_noop("No loss can be told from the noise; only the upper limit is certain.")
        reason = Note("no_loss", text)
    return [Estimate("loss_rate_per_h", k, "1/h", budget, upper=k + 1.96 * u if reason else None, reason=reason)]


def _stretched(course: Course, source: str):
    if course.age_h.size < LEAST_FOR_STRETCHED or course.fraction[-1] > 0.8:
        return []
    span = float(np.ptp(course.age_h))

    def model(p, t):
        return np.exp(-((np.maximum(t, 1e-12) / span * np.exp(-p[0])) ** np.exp(np.clip(p[1], -3, 2))))

    found = _fitted(course, model, [log(1.0 / max(-log(max(course.fraction[-1], 1e-3)), 1e-3)), 0.0])
    if found is None:
        return []
    (log_tau, log_beta), covariance = found[0], found[1]
    tau, beta = span * float(np.exp(log_tau)), float(np.exp(log_beta))
    fit = gettext_noop("fit")
    u_tau, u_beta = tau * float(np.sqrt(covariance[0, 0])), beta * float(np.sqrt(covariance[1, 1]))
    return [
        Estimate("stretched_tau_h", tau, "h", (Component(fit, u_tau, f"stretched-tau:{source}"),)),
        Estimate("stretched_beta", beta, "1", (Component(fit, u_beta, f"stretched-beta:{source}"),)),
        _mean_life(tau, beta, covariance, source),
    ]


def _mean_life(tau: float, beta: float, covariance, source: str) -> Estimate:
    mean = tau / beta * gamma(1.0 / beta)
    # d ln⟨τ⟩ = d ln τ − (1 + ψ(1/β)/β) d ln β
    by = np.array([1.0, -(1.0 + float(digamma(1.0 / beta)) / beta)])
    u = mean * float(np.sqrt(max(by @ covariance @ by, 0.0)))
    return Estimate("mean_life_h", mean, "h", (Component(gettext_noop("fit"), u, f"mean-life:{source}"),))


def _shift(bands, source: str, findings: Findings) -> Estimate | None:
    known = [band for band in bands if np.isfinite(value_of_band(band, "emission_peak_nm"))]
    if len(known) < 2:
        return None
    value = value_of_band(known[-1], "emission_peak_nm") - value_of_band(known[0], "emission_peak_nm")
    u = float(np.hypot(u_of_band(known[0], "emission_peak_nm"), u_of_band(known[-1], "emission_peak_nm")))
    if abs(value) > max(MOVED_NM, 3 * u):
        text = gettext_noop(
            "The peak moved by {shift} nm: particles fuse or dissolve, and the fraction left mixes two species."
        )
        findings.warn("peak_moved", text, shift=shown(value))
    return Estimate("ageing_shift_nm", value, "nm", (Component(gettext_noop("noise"), u, f"ageing-shift:{source}"),))


METHOD = Method(
    name="ageing",
    title=gettext_noop("Ageing"),
    version=4,
    roles=(
        Role("emission", "spectrum", gettext_noop("Emission at each age"), techniques=("pl_emission",), minimum=LEAST_TIMES, maximum=None),
        Role("reference", "spectrum", gettext_noop("Stable reference of the same day"), techniques=("pl_emission",), minimum=0,
             maximum=None, paired_with="emission"),
    ),
    parameters=(
        Parameter("stress", "choice", "", gettext_noop("Stress"), choices=("", *STRESSES),
                  help=gettext_noop("Automatic: UV where a dose is known, else the shelf.")),
        exclude_parameter("h"),
    ),
    quantities=(
        QuantityKind("shelf_half_life_h", "h", gettext_noop("Half-life on the shelf"), "t_1/2"),
        QuantityKind("uv_half_life_h", "h", gettext_noop("Half-life under UV"), "t_UV"),
        QuantityKind("uv_half_dose_j_cm2", "J/cm2", gettext_noop("Half dose of UV"), "H_1/2"),
        QuantityKind("fraction_left", "1", gettext_noop("Fraction left at the end"), "F"),
        QuantityKind("loss_rate_per_h", "1/h", gettext_noop("First-order rate of loss"), "k"),
        QuantityKind("stretched_tau_h", "h", gettext_noop("Time constant, stretched"), "τ"),
        QuantityKind("stretched_beta", "1", gettext_noop("Stretching exponent"), "β"),
        QuantityKind("mean_life_h", "h", gettext_noop("Mean life, stretched"), "⟨τ⟩"),
        QuantityKind("ageing_shift_nm", "nm", gettext_noop("Shift of the peak with age"), "Δλ"),
    ),
    run=run,
)  # fmt: skip
