"""Method ``first_exciton``: the longest-wavelength absorption peak, by the extremum of the smoothed second derivative.

A peak on a rising background has its own maximum shifted or hidden; the second derivative takes away any straight
background. A Gaussian on a straight background checks the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks, savgol_coeffs

from spectra.analysis.absorbance_input import Absorption, read_absorption
from spectra.analysis.exclusions import exclude_parameter
from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.gaussian_engine import FWHM_PER_SIGMA, GaussianFits, fit_gaussians
from spectra.analysis.method import Case, Component, Estimate, Input, Method, Outcome, Parameter, QuantityKind, Role
from spectra.analysis.noise import variance_without_model
from spectra.analysis.raw_band import Reading
from spectra.analysis.savitzky_golay import filtered
from spectra.notes import Note, gettext_noop
from spectra.spectrum import HC_EV_NM

MOST_OF_PEAK = 0.2  # of a peak's width may be left out before nothing is said of it
SIGNIFICANT = 8.0  # depth of the second derivative in its own σ; many places and lengths are tried
LEAST_HEIGHT, LEAST_SHARE = 1e-3, 0.025  # in absorbance, and of the range of absorbance nearby, or it is a ripple
BLUE_LOBE = 0.10  # a peak bends up again on its blue side, by this part of its depth; a mere edge does not
LEAST_OF_STRONGEST = 0.06  # of the strongest feature nearby
NEARBY, ULTRAVIOLET_NM = 0.6, 320.0  # nearby is from this part of its wavelength on, but not the deep ultraviolet
HALF_WINDOWS = (1.3, 1.6, 2.0, 2.4)  # half widths of the local quartic [σ of the peak]
CLEAR_FOR_WINDOW = (400.0, 200.0, 100.0)  # heights over noise below which the next window is taken
CLEAR = 25.0  # significance from which a shoulder counts without a Gaussian
NARROWEST_EV = 0.015  # FWHM; at room temperature no exciton is narrower, but overtones of solvents and spikes are
SHOULDER_U = 0.3  # u of the place of a shoulder [σ]
STRAY_LIGHT = 2.5  # absorbance above which stray light flattens peaks


@dataclass(frozen=True)
class Candidate:
    """A minimum of the second derivative at one smoothing length."""

    x: float  # [nm]
    sigma: float  # half the distance of the zero crossings [nm]
    height: float  # of a Gaussian with this curvature [absorbance]
    significance: float
    points: int  # smoothing length
    length: float  # the same in [nm]

    @property
    def fwhm_ev(self) -> float:
        """Full width at half height of a Gaussian with these zero crossings [eV]."""
        return HC_EV_NM * FWHM_PER_SIGMA * self.sigma / self.x**2


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Find the first exciton of n absorption spectra.

    Parameters
    ----------
    cases : sequence of Case
        Each with one input of role ``absorbance``; transmittance is converted.

    Returns
    -------
    list of Outcome
        ``absorption_peak_nm``, or a refusal when no peak is distinguishable (scattering, a mere edge, noise).

    Notes
    -----
    Savitzky–Golay second derivatives over several lengths give the candidates; of those that stand out of the noise,
    the one of longest wavelength is taken, at the length where it stands out most. Its place is where the third
    derivative of a quartic, fitted over ±1.3 σ of the peak (up to ±2.4 σ in noise), vanishes. Not for indirect edges or Urbach tails.

    References
    ----------
    .. [1] A. Savitzky, M. J. E. Golay, Anal. Chem. 36, 1627 (1964). doi:10.1021/ac60214a047
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    p, given = case.parameters, case.one("absorbance")
    findings = Findings(p.get("override") or "")
    try:
        window = p.get("window_min_nm"), p.get("window_max_nm")
        absorption = read_absorption(given, window, findings, p.get("exclude"))
        return _answer(case, given, absorption, findings)
    except Refused as refused:
        return Outcome(refusal=refused.note, overridable=refused.overridable, warnings=tuple(findings.warnings))
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):  # one strange spectrum never stops the others
        return Outcome(refusal=_NO_PEAK, warnings=tuple(findings.warnings))


def _answer(case: Case, given: Input, absorption: Absorption, findings: Findings) -> Outcome:
    x, y = absorption.x, absorption.y
    variance = variance_without_model(y[None])[0] + 1e-18
    found = candidates(absorption, variance, case.parameters.get("smoothing_nm"))
    first, peak, gaussian = _checked(x, y, variance, _by_wavelength(found))
    _check_gap(absorption, first, peak, findings)
    _warn(given, absorption, peak, gaussian, findings)
    budget = _budget(case, given, first, peak, variance, gaussian)
    estimate = Estimate("absorption_peak_nm", peak.value, "nm", budget)
    curves = {"x_nm": x.tolist(), "absorbance": y.tolist(), "second_derivative": _second(absorption, first).tolist()}
    if len(absorption.left_out[0]):
        curves |= {"left_out_x": absorption.left_out[0].tolist(), "left_out_y": absorption.left_out[1].tolist()}
    if gaussian is not None:
        curves |= {"fit_x_nm": gaussian.model.x.tolist(), "fit": gaussian.curve(0).tolist()}
    details = _details(absorption, first, peak, gaussian, found)
    return Outcome((estimate,), tuple(findings.warnings), curves=curves, details=details)


def _check_gap(absorption: Absorption, first: Candidate, peak: Reading, findings: Findings) -> None:
    """A line that bridges left-out points bends where it ends: a peak found there would be made by the bridge."""
    near = np.abs(np.asarray(absorption.left_out[0]) - peak.value) < 1.5 * first.sigma
    if near.sum() * absorption.step > MOST_OF_PEAK * 3.0 * first.sigma:
        findings.refuse("peak_left_out", _PEAK_LEFT_OUT, at_nm=shown(peak.value, 4))
    if near.any():
        findings.warn("gap_in_peak", _GAP_IN_PEAK)


def _checked(x, y, variance, features: list[Candidate]) -> tuple[Candidate, Reading, GaussianFits | None]:
    """The first feature that a Gaussian confirms; or, clear of noise but a shoulder without one, that stands alone."""
    for first in features:
        noise = float(np.sqrt(np.interp(first.x, x, variance)))
        gaussian = _gaussian(x, y, variance, first)
        sigma = float(gaussian.sigma[0, 0]) if gaussian else first.sigma
        peak = _extremum(x, y, first, float(np.clip(sigma, 0.7 * first.sigma, 1.4 * first.sigma)), noise)
        if peak is None or (gaussian is None and first.significance < CLEAR):
            continue
        if gaussian is None or abs(gaussian.center[0, 0] - peak.value) <= 1.5 * first.sigma:
            return first, peak, gaussian
    raise Refused(_NO_PEAK)


def candidates(absorption: Absorption, variance: np.ndarray, smoothing_nm: float | None = None) -> list[Candidate]:
    """All significant minima of the second derivative, at every smoothing length tried.

    Parameters
    ----------
    absorption : Absorption
        m points.
    variance : numpy.ndarray, shape (m,)
        Of the noise of each point.
    smoothing_nm : float, optional
        Only this length; several when None [nm].
    """
    n = len(absorption.x)
    if smoothing_nm is not None:
        lengths = [max(7, 2 * round(smoothing_nm / (2.0 * absorption.step)) + 1)]
    else:
        lengths = [points for points in (7, 11, 17, 25, 37, 55, 81, 121) if points <= n // 3]
    return [c for points in lengths if points < n for c in _candidates(absorption, variance, points)]


def _candidates(absorption: Absorption, variance, points: int) -> list[Candidate]:
    x, y, half = absorption.x, absorption.y, points // 2
    coefficients = savgol_coeffs(points, 3, deriv=2, delta=absorption.step)
    second = filtered(y, points, 3, deriv=2, delta=absorption.step)
    u = np.sqrt(np.convolve(variance, coefficients**2, mode="same"))
    found = []
    places, shape = find_peaks(-second, prominence=0.0)
    for place, prominence in zip(places, shape["prominences"], strict=True):
        outside = not half <= place < len(x) - half
        if outside or -second[place] < SIGNIFICANT * u[place] or prominence < -0.5 * second[place]:
            continue
        left, right = _zero(second, place, -1), _zero(second, place, 1)
        if left is None or right is None:
            continue
        sigma = 0.5 * (x[right] - x[left])
        height = -second[place] * sigma**2
        lobe = second[max(half, left - (right - left)) : left + 1].max(initial=0.0)
        enough = lobe > BLUE_LOBE * -second[place] and lobe > 3.0 * u[place]
        nearby = x >= min(max(NEARBY * x[place], ULTRAVIOLET_NM), x[left])
        if enough and height > max(LEAST_HEIGHT, LEAST_SHARE * _range_above_chord(x[nearby], y[nearby])):
            found.append(
                Candidate(
                    float(x[place]),
                    float(sigma),
                    float(height),
                    float(-second[place] / u[place]),
                    points,
                    (points - 1) * absorption.step,
                )
            )
    return found


def _range_above_chord(x, y) -> float:
    """Range of the absorbance after the straight line between its ends is taken away: a slope is no strong peak."""
    return float(np.ptp(y - np.interp(x, x[[0, -1]], y[[0, -1]])))


def _zero(second, place: int, step: int) -> int | None:
    """Where the curvature turns positive on one side."""
    j = place
    while 0 <= j < len(second):
        if second[j] >= 0.0:
            return j
        j += step
    return None


def _by_wavelength(found: list[Candidate]) -> list[Candidate]:
    """One candidate per feature that is no ripple beside a stronger one, longest wavelength first."""
    left, features = sorted(found, key=lambda c: -c.x), []
    while left:
        same = [c for c in left if abs(c.x - left[0].x) < max(left[0].sigma, c.sigma)]
        left = [c for c in left if c not in same]
        features.append(_least_smeared(same))
    features = [f for f in features if f.fwhm_ev > NARROWEST_EV]
    return [f for f in features if f.height > LEAST_OF_STRONGEST * _strongest(features, f.x)]


def _least_smeared(same: list[Candidate]) -> Candidate:
    """Of one feature at several smoothing lengths: the shorter ones, unless it hardly stands out there."""
    for limit in (2.0, 3.0, 4.5):
        sharp = [c for c in same if c.length < limit * c.sigma and c.significance >= 15.0]
        if sharp:
            return max(sharp, key=lambda c: c.significance)
    return max(same, key=lambda c: c.significance)


def _strongest(features: list[Candidate], at: float) -> float:
    return max(f.height for f in features if f.x >= min(at, max(NEARBY * at, ULTRAVIOLET_NM)))


def _extremum(x, y, first: Candidate, sigma: float, noise: float) -> Reading | None:
    """Where the third derivative vanishes, in a window as wide as the noise of a point [absorbance] asks for."""
    points = sigma / (x[1] - x[0])
    clear = first.height * np.sqrt(points) / max(noise, 1e-300)  # height over the noise of σ's worth of points
    narrowest = sum(clear < limit for limit in CLEAR_FOR_WINDOW)
    for part in HALF_WINDOWS[narrowest:]:
        found = _third_derivative_zero(x, y, first.x, max(part * sigma, 4.0 * (x[1] - x[0])))
        if found is not None:
            return found
    return None


def _third_derivative_zero(x, y, at: float, half: float) -> Reading | None:
    """Of a local quartic that moves with its own answer; with the gradient with respect to y."""
    step = x[1] - x[0]
    for _ in range(8):
        near = np.abs(x - at) <= half
        if near.sum() < 7:
            return None
        inverse = np.linalg.pinv(np.vander((x[near] - at) / half, 5, increasing=True))
        c = inverse @ y[near]
        if c[4] <= 0.0 or c[2] >= 0.0:
            return None
        t = -c[3] / (4.0 * c[4])
        if abs(t) > 1.0:
            return None
        if abs(t) * half <= 0.5 * step:
            break
        at += t * half
    gradient = np.zeros(len(x))
    gradient[near] = half * (-inverse[3] / (4.0 * c[4]) + c[3] * inverse[4] / (4.0 * c[4] ** 2))
    return Reading(float(at + t * half), gradient)


def _gaussian(x, y, variance, first: Candidate) -> GaussianFits | None:
    """The check: a Gaussian on a straight background within 2.5 σ; None when it finds none of its own."""
    inside = np.abs(x - first.x) <= max(2.5 * first.sigma, 6.0 * (x[1] - x[0]))
    start = (np.array([first.x]), np.array([first.sigma]))
    fits = fit_gaussians(x[inside], y[None, inside], 1, "linear", variance=variance[None, inside], start=start)
    if not fits.ok[0] or fits.amplitude[0, 0] < 5.0 * fits.u("amplitude_1")[0]:
        return None
    return fits


def _budget(case, given, first: Candidate, peak: Reading, variance, gaussian) -> tuple[Component, ...]:
    u_noise = peak.u(variance)
    u_nm = case.parameters.get("wavelength_u_nm", 0.2)
    instrument = given.facts.get("instrument") or given.source
    if gaussian is None:
        background = SHOULDER_U * first.sigma
    else:  # the two ways differ by this, half of it by noise at most; taken as the half width of a rectangle
        background = abs(float(gaussian.center[0, 0]) - peak.value) / np.sqrt(3.0)
    return (
        Component(gettext_noop("noise"), u_noise, f"fit:{given.source}"),
        Component(gettext_noop("wavelength"), float(u_nm), f"wavelength:{instrument}"),
        Component(gettext_noop("background"), float(background), f"background:{given.source}"),
    )


def _warn(given: Input, absorption: Absorption, peak: Reading, gaussian, findings: Findings):
    height = float(np.interp(peak.value, absorption.x, absorption.y))
    if height > STRAY_LIGHT:
        findings.warn("stray_light", _STRAY, absorbance=shown(height))
    if not absorption.even:
        findings.warn("uneven_steps", _UNEVEN)
    if gaussian is None:
        findings.warn("shoulder", _SHOULDER)
        return
    difference, width = abs(float(gaussian.center[0, 0] - peak.value)), float(gaussian.fwhm[0, 0])
    if difference > 0.1 * width:
        findings.warn("background_matters", _BACKGROUND, difference=shown(difference))
    slit = given.conditions.bandwidth_nm
    if slit and slit > 0.5 * width:
        findings.warn("slit_too_wide", _SLIT, slit=slit, fwhm=shown(width))


def _second(absorption: Absorption, first: Candidate) -> np.ndarray:
    return filtered(absorption.y, first.points, 3, deriv=2, delta=absorption.step)


def _details(absorption: Absorption, first: Candidate, peak: Reading, gaussian, found) -> dict:
    places = sorted({round(c.x, 1) for c in found if c.points == first.points})
    details = {
        "window_nm": [float(absorption.x[0]), float(absorption.x[-1])],
        "absorbance_at_peak": float(np.interp(peak.value, absorption.x, absorption.y)),
        "converted_from_transmittance": absorption.converted,
        "smoothing_nm": float(first.length),
        "significance": first.significance,
        "all_extrema_nm": places,
    }
    if gaussian is not None:
        details |= {
            "gaussian_center_nm": float(gaussian.center[0, 0]),
            "gaussian_fwhm_nm": float(gaussian.fwhm[0, 0]),
            "gaussian_height": float(gaussian.amplitude[0, 0]),
        }
    return details


_NO_PEAK = Note(
    "no_peak",
    gettext_noop(
        "No absorption peak is distinguishable from background and noise. Look at the curve: scattering, a mere edge, "
        "or too little absorbance? A narrower window may help."
    ),
)
_STRAY = gettext_noop(
    "The absorbance at the peak is {absorbance}: stray light flattens it and moves its maximum. Please dilute."
)
_PEAK_LEFT_OUT = gettext_noop(
    "Too many of the points around {at_nm} nm, where a peak would be, were left out. Leave out less, or move the window."
)
_GAP_IN_PEAK = gettext_noop(
    "Points of the peak itself were left out and bridged by a straight line; its place is rougher."
)
_BACKGROUND = gettext_noop(
    "A Gaussian on a straight background lies {difference} nm away: the peak depends on how the background is taken."
)
_SHOULDER = gettext_noop(
    "The peak is only a shoulder, which no Gaussian on a straight background fits; its place is rough."
)
_SLIT = gettext_noop("The bandwidth of {slit} nm is wide for a peak of {fwhm} nm.")
_UNEVEN = gettext_noop("The steps are uneven; the curve was interpolated to even steps.")

METHOD = Method(
    name="first_exciton",
    title=gettext_noop("First exciton"),
    version=2,
    roles=(Role("absorbance", "spectrum", gettext_noop("Absorption spectrum"), techniques=("uvvis",)),),
    parameters=(
        Parameter("window_min_nm", "number", None, gettext_noop("Window from"), "nm", minimum=0.0),
        Parameter("window_max_nm", "number", None, gettext_noop("Window to"), "nm", minimum=0.0),
        exclude_parameter("nm"),
        Parameter(
            "smoothing_nm",
            "number",
            None,
            gettext_noop("Smoothing length of the second derivative"),
            "nm",
            minimum=0.0,
            help=gettext_noop("Automatic: the length at which the peak stands out most."),
        ),
        Parameter(
            "wavelength_u_nm",
            "number",
            0.2,
            gettext_noop("Uncertainty of the wavelength scale (k = 1)"),
            "nm",
            minimum=0.0,
            help=gettext_noop("0.2 nm: an absorption spectrometer that promises ±0.3 nm (0.3/√3)."),
        ),
    ),
    quantities=(QuantityKind("absorption_peak_nm", "nm", gettext_noop("First exciton"), "λ_abs"),),
    run=run,
)
