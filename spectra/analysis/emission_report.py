"""From a fitted emission band to its quantities, budgets, warnings and curves."""

from math import erf, isfinite, sqrt

import numpy as np

from spectra.analysis.findings import Refused
from spectra.analysis.gaussian_engine import FWHM_PER_SIGMA
from spectra.analysis.method import Component, Estimate, Outcome, QuantityKind
from spectra.analysis.noise import correlation_time
from spectra.analysis.raw_band import REACH, Bump, RawBand, centroid, raw_band, wing_baseline
from spectra.notes import Note, gettext_noop

SCALE_LENGTH_NM = 100.0  # over this distance the error of the wavelength scale may change by its own size
SLIT_RELATIVE_U = 0.05  # of a stated bandwidth
TRIANGLE = 8.0 * np.log(2.0) / 6.0  # a triangular slit of FWHM b has the variance b²/6
NOISY_PEAK, NOISY_WIDTH = 0.2, 0.15  # u in parts of the width beyond which local curves say nothing any more
NOISY_POINT = 0.2  # noise of a point in parts of the height beyond which their uncertainties fail (by simulation)
SECOND_BAND = 1.0 / 3.0  # from this share of the highest maximum on, a second one makes "the" width meaningless

_KINDS = (
    ("emission_peak_nm", "nm", gettext_noop("Emission maximum"), "λ_max"),
    ("emission_centroid_nm", "nm", gettext_noop("Centroid of the emission"), "λ_c"),
    ("emission_fwhm_nm", "nm", gettext_noop("FWHM of the emission, as measured"), "FWHM"),
    ("emission_fwhm_corrected_nm", "nm", gettext_noop("FWHM of the emission, slit removed"), "FWHM"),
    ("gaussian_center_nm", "nm", gettext_noop("Centre of the Gaussian"), "λ₀"),
    ("gaussian_fwhm_nm", "nm", gettext_noop("FWHM of the Gaussian"), "FWHM"),
    ("gaussian_fwhm_mev", "meV", gettext_noop("FWHM of the Gaussian, fitted in energy"), "FWHM"),
)
# Written out, because labels are looked up in the catalogue as they stand here.
_BAND_KINDS = (
    ("band_1_peak_nm", "nm", gettext_noop("Centre of band 1")),
    ("band_1_fwhm_nm", "nm", gettext_noop("FWHM of band 1")),
    ("band_1_share", "1", gettext_noop("Share of band 1 in the emitted area")),
    ("band_2_peak_nm", "nm", gettext_noop("Centre of band 2")),
    ("band_2_fwhm_nm", "nm", gettext_noop("FWHM of band 2")),
    ("band_2_share", "1", gettext_noop("Share of band 2 in the emitted area")),
    ("band_3_peak_nm", "nm", gettext_noop("Centre of band 3")),
    ("band_3_fwhm_nm", "nm", gettext_noop("FWHM of band 3")),
    ("band_3_share", "1", gettext_noop("Share of band 3 in the emitted area")),
    ("band_4_peak_nm", "nm", gettext_noop("Centre of band 4")),
    ("band_4_fwhm_nm", "nm", gettext_noop("FWHM of band 4")),
    ("band_4_share", "1", gettext_noop("Share of band 4 in the emitted area")),
)


def electroluminescent(name: str) -> str:
    """The name of a quantity when the light is electroluminescence: ``el_peak_nm`` for ``emission_peak_nm``."""
    return "el_" + name.removeprefix("emission_")


def _kinds() -> tuple[QuantityKind, ...]:
    photo = [QuantityKind(*kind) for kind in (*_KINDS, *_BAND_KINDS)]
    return tuple(photo + [QuantityKind(electroluminescent(k.name), k.unit, k.label, k.symbol) for k in photo])


QUANTITIES = _kinds()


def report(band) -> Outcome:
    """Everything there is to say about one fitted :class:`~spectra.analysis.emission_band.Band`.

    Raises
    ------
    Refused
        When the maximum lies at the edge of the window, or the band does not stand out of the noise.
    """
    emission, (fits, row) = band.emission, band.fit
    main = emission.bumps[0]
    _check_significance(band)
    raw, baseline = _raw(band, main)
    warnings = list(emission.warnings) + _warnings(band, raw, baseline)
    two = _separate(emission.bumps)
    estimates = _raw_estimates(band, raw, baseline, two) + _gaussian_estimates(band, raw, baseline, two)
    if band.n_gaussians > 1 and fits.ok[row]:
        estimates += _band_estimates(band)
        warnings.append(_SHARES)
    if band.given.facts.get("technique") == "el":
        estimates = [
            Estimate(electroluminescent(e.name), e.value, e.unit, e.budget, e.lower, e.upper, e.reason)
            for e in estimates
        ]
    return Outcome(tuple(estimates), tuple(warnings), curves=_curves(band), details=_details(band, raw, baseline))


def _separate(bumps: list[Bump]) -> bool:
    return len(bumps) > 1 and bumps[1].height >= SECOND_BAND * bumps[0].height


def _check_significance(band):
    fits, row = band.fit
    if not fits.ok[row]:
        return
    top = int(np.argmax(fits.amplitude[row]))
    amplitude, u = fits.amplitude[row, top], fits.u(f"amplitude_{top + 1}")[row]
    if amplitude < 5.0 * u:
        raise Refused(_NOISE)


def _raw(band, main: Bump):
    """The raw band and its baseline. Without a fit that says how wide it is, it is read twice."""
    x, y, emission = band.emission.x, band.emission.y, band.emission
    kind = {"exponential": "constant"}.get(band.baseline, band.baseline)
    noise, (center, fwhm, rounds) = sqrt(float(band.variance[main.place])), _expected(band, main)
    for _ in range(rounds):
        lowest, highest = emission.reach
        lowest, highest = min(lowest, center - REACH * fwhm), max(highest, center + REACH * fwhm)
        baseline = wing_baseline(x, y, band.variance, kind, lowest, highest)
        raw = raw_band(x, y, Bump(main.place, center, main.height, fwhm), baseline, noise)
        if raw is None:
            raise Refused(_CUT_AT_TOP)
        center = raw.peak.value
        fwhm = raw.fwhm.value if raw.fwhm and not _separate(emission.bumps) else fwhm
    return raw, baseline


def _expected(band, main: Bump) -> tuple[float, float, int]:
    """Where the band is and how wide, to choose windows by; and how often to read it then."""
    fits, row = band.fit
    if band.n_gaussians == 1 and fits.ok[row]:
        center, fwhm = float(fits.center[row, 0]), float(fits.fwhm[row, 0])
        if abs(center - main.x) < 0.5 * main.fwhm and 0.5 < fwhm / main.fwhm < 2.0:
            return center, fwhm, 1
    return main.x, main.fwhm, 2


# — uncertainty budgets —


def _instrument(band) -> str:
    return str(band.given.facts.get("instrument") or band.given.source)


def _noise(band, u: float) -> Component:
    return Component(gettext_noop("noise"), float(u * band.student), f"fit:{band.given.source}")


def _wavelength(band, sensitivity: float = 1.0) -> Component:
    u = band.case.parameters.get("wavelength_u_nm", 0.3)
    return Component(gettext_noop("wavelength"), float(sensitivity * u), f"wavelength:{_instrument(band)}")


def _scale(band, width: float) -> Component:
    u = band.case.parameters.get("wavelength_u_nm", 0.3)
    return Component(
        gettext_noop("wavelength scale"), float(width * u / SCALE_LENGTH_NM), f"wavelength-scale:{_instrument(band)}"
    )


def _baseline_change(band, baseline) -> np.ndarray | None:
    """By how much the baseline may be wrong (m,), as a standard deviation: a tilt, or an offset that was left in."""
    x = band.emission.x
    if baseline.tilt:
        return baseline.tilt / sqrt(12.0) * (x - x.mean()) / np.ptp(x)
    if baseline.kind == "none" and abs(baseline.level) > 3.0 * baseline.u_level > 0.0:
        return np.full(len(x), baseline.level / sqrt(12.0))
    return None


def _raw_budget(band, baseline, gradient, *others: Component) -> tuple[Component, ...]:
    with np.errstate(over="raise"):  # of heights near 1e-307 not even the square exists: refused as not computed
        u = sqrt(float(gradient**2 @ band.variance) * _wing_inflation(band))
    change = _baseline_change(band, baseline)
    own = (
        []
        if change is None
        else [Component(gettext_noop("baseline"), float(gradient @ change), f"baseline:{band.given.source}")]
    )
    return (_noise(band, u), *others, *own)


def _wing_inflation(band) -> float:
    """How much more than its neighbours' differences a point away from the band scatters: smoothed noise does."""
    if not band.noise_is_smoothed:
        return 1.0
    fits, row = band.fit
    x = band.emission.x
    near = np.zeros(len(x), bool)
    for bump in [*band.emission.bumps, *band.emission.weak]:
        near |= np.abs(x - bump.x) < REACH * bump.fwhm
    if (~near).sum() < 20:
        return band.inflation
    standard = ((band.emission.y - fits.curve(row)) / np.sqrt(band.variance))[None, ~near]
    return max(1.0, float((standard**2).mean())) * float(correlation_time(standard)[0])


# — estimates —


def _raw_estimates(band, raw: RawBand, baseline, two: bool) -> list[Estimate]:
    width = raw.fwhm.value if raw.fwhm else band.emission.bumps[0].fwhm
    budget = _raw_budget(band, baseline, raw.peak.gradient, _wavelength(band))
    buried = sqrt(float(band.variance[band.emission.bumps[0].place])) > NOISY_POINT * raw.height.value
    if buried or _noise_of(budget) > NOISY_PEAK * width:
        peak = Estimate("emission_peak_nm", None, "nm", reason=_TOO_NOISY)
    else:
        peak = Estimate("emission_peak_nm", raw.peak.value, "nm", budget)
    estimates, reason = [peak, _centroid(band, raw, baseline)], _no_width(band, raw, two)
    if reason is None:
        fwhm = raw.fwhm
        budget = _raw_budget(band, baseline, fwhm.gradient, _scale(band, fwhm.value))
        reason = _TOO_NOISY if buried or _noise_of(budget) > NOISY_WIDTH * fwhm.value else None
    if reason is not None:
        return [*estimates, Estimate("emission_fwhm_nm", None, "nm", reason=reason)]
    estimates.append(Estimate("emission_fwhm_nm", fwhm.value, "nm", budget))
    return estimates + _corrected(band, fwhm.value, budget)


def _noise_of(budget) -> float:
    return abs(budget[0].u)


def _no_width(band, raw: RawBand, two: bool) -> Note | None:
    if two:
        return _TWO_BANDS
    if band.emission.clipped.any():
        return _CLIPPED_WIDTH
    return _CUT_AT_HALF if raw.fwhm is None else None


def _centroid(band, raw: RawBand, baseline) -> Estimate:
    if raw.fwhm is None:
        return Estimate("emission_centroid_nm", None, "nm", reason=_CUT_AT_HALF)
    lowest, highest = band.emission.reach
    if len(band.emission.bumps) == 1 and not band.emission.weak:
        lowest, highest = (raw.peak.value + sign * REACH * raw.fwhm.value for sign in (-1.0, 1.0))
    found = centroid(band.emission.x, band.emission.y, baseline, lowest, highest)
    if found is None:
        return Estimate("emission_centroid_nm", None, "nm", reason=_CUT_AT_HALF)
    budget = _raw_budget(band, baseline, found.gradient, _wavelength(band))
    return Estimate("emission_centroid_nm", found.value, "nm", budget)


def _corrected(band, fwhm: float, budget) -> list[Estimate]:
    """FWHM without the slit: widths of a Gaussian and a triangle add in their variances."""
    slit = band.given.conditions.emission_bandwidth_nm
    if not slit:
        return []
    square = fwhm**2 - TRIANGLE * slit**2
    if square < 0.25 * fwhm**2:
        return [Estimate("emission_fwhm_corrected_nm", None, "nm", reason=_slit_note(slit, fwhm))]
    value = sqrt(square)
    own = tuple(Component(c.name, c.u * fwhm / value, c.source) for c in budget)
    width = Component(
        gettext_noop("slit"), -TRIANGLE * slit / value * SLIT_RELATIVE_U * slit, f"slit:{_instrument(band)}"
    )
    return [Estimate("emission_fwhm_corrected_nm", value, "nm", (*own, width))]


def _gaussian_estimates(band, raw: RawBand, baseline, two: bool) -> list[Estimate]:
    fits, row = band.fit
    reason = _TWO_BANDS if two else None if fits.ok[row] else _NO_FIT
    if reason is None and raw.fwhm is None and not band.emission.clipped.any():
        reason = _CUT_AT_HALF
    if reason is not None:
        absent = (("gaussian_center_nm", "nm"), ("gaussian_fwhm_nm", "nm"), ("gaussian_fwhm_mev", "meV"))
        return [Estimate(name, None, unit, reason=reason) for name, unit in absent]
    main = int(np.argmax(fits.amplitude[row]))
    center, fwhm = fits.center[row, main], fits.fwhm[row, main]
    shift = _shift(band, baseline)
    return [
        Estimate(
            "gaussian_center_nm",
            float(center),
            "nm",
            (_fit_noise(band, f"center_{main + 1}"), _wavelength(band), *shift(f"center_{main + 1}", 1.0)),
        ),
        Estimate(
            "gaussian_fwhm_nm",
            float(fwhm),
            "nm",
            (
                _fit_noise(band, f"sigma_{main + 1}", FWHM_PER_SIGMA),
                _scale(band, fwhm),
                *shift(f"sigma_{main + 1}", FWHM_PER_SIGMA),
            ),
        ),
        _in_energy(band, center, fwhm, main),
    ]


def _fit_noise(band, name: str, factor: float = 1.0) -> Component:
    fits, row = band.fit
    return _noise(band, factor * fits.u(name)[row] * sqrt(band.inflation))


def _shift(band, baseline):
    """What a wrong baseline does to the parameters of the fit."""
    fits, row = band.fit
    change = _baseline_change(band, baseline)
    if change is None or band.baseline in ("linear", "exponential"):
        return lambda name, factor: ()
    moved = fits.response(row, change)
    source = f"baseline:{band.given.source}"
    return lambda name, factor: (
        Component(gettext_noop("baseline"), float(moved[fits.names.index(name)] * factor), source),
    )


def _in_energy(band, center: float, fwhm: float, main: int) -> Estimate:
    fits, row = band.energy_fit
    if not fits.ok[row]:
        return Estimate("gaussian_fwhm_mev", None, "meV", reason=_NO_FIT)
    place = band.n_gaussians - 1 - main  # energies run the other way
    value = float(1e3 * fits.fwhm[row, place])
    noise = 1e3 * FWHM_PER_SIGMA * fits.u(f"sigma_{place + 1}")[row] * sqrt(band.inflation)
    scale = _scale(band, fwhm)
    budget = (
        _noise(band, noise),
        _wavelength(band, -2.0 * value / center),
        Component(scale.name, scale.u * value / fwhm, scale.source),
    )
    return Estimate("gaussian_fwhm_mev", value, "meV", budget)


def _band_estimates(band) -> list[Estimate]:
    """Centre, width and share of every Gaussian of several."""
    fits, row = band.fit
    areas = fits.amplitude[row] * fits.sigma[row]
    estimates = []
    for i in range(band.n_gaussians):
        name, share = f"band_{i + 1}", areas[i] / areas.sum()
        u = sqrt(_share_variance(band, i, areas) * band.inflation)
        fwhm = float(fits.fwhm[row, i])
        width = (_fit_noise(band, f"sigma_{i + 1}", FWHM_PER_SIGMA), _scale(band, fwhm))
        center = (_fit_noise(band, f"center_{i + 1}"), _wavelength(band))
        estimates += [
            Estimate(f"{name}_peak_nm", float(fits.center[row, i]), "nm", center),
            Estimate(f"{name}_fwhm_nm", fwhm, "nm", width),
            Estimate(f"{name}_share", float(share), "1", (_noise(band, u), _share_scale(band, i, areas))),
        ]
    return estimates


def _share_scale(band, i: int, areas) -> Component:
    """An axis that is stretched more under one band than under the others gives it a larger area."""
    fits, row = band.fit
    others = np.arange(len(areas)) != i
    rest = float(np.average(fits.center[row, others], weights=areas[others]))
    apart = min(abs(float(fits.center[row, i]) - rest) / SCALE_LENGTH_NM, sqrt(2.0))
    share = float(areas[i] / areas.sum())
    scale = _scale(band, 1.0)
    return Component(scale.name, scale.u * apart * share * (1.0 - share), scale.source)


def _share_variance(band, i: int, areas) -> float:
    fits, row = band.fit
    gradient = np.zeros(len(fits.names))
    for j in range(band.n_gaussians):
        per_area = ((i == j) - areas[i] / areas.sum()) / areas.sum()
        gradient[fits.names.index(f"amplitude_{j + 1}")] = per_area * fits.sigma[row, j]
        gradient[fits.names.index(f"sigma_{j + 1}")] = per_area * fits.amplitude[row, j]
    return max(float(gradient @ fits.covariance[row] @ gradient), 0.0)


# — warnings —


def _warnings(band, raw: RawBand, baseline) -> list[Note]:
    emission, (fits, row) = band.emission, band.fit
    found = []
    if len(emission.bumps) > 1:
        found.append(Note(_SEVERAL.code, _SEVERAL.text, {"places": _places(emission.bumps)}))
    if emission.weak:
        found.append(Note(_WEAK.code, _WEAK.text, {"places": _places(emission.weak)}))
    width = raw.fwhm.value if raw.fwhm else emission.bumps[0].fwhm
    slit = band.given.conditions.emission_bandwidth_nm
    if slit and slit > 0.5 * width:
        found.append(_slit_note(slit, width))
    if emission.step > width / 5.0:
        found.append(Note(_COARSE.code, _COARSE.text, {"step": round(emission.step, 2), "fwhm": round(width, 1)}))
    if baseline.kind == "none" and abs(baseline.level) > max(3.0 * baseline.u_level, 0.01 * raw.height.value):
        found.append(_offset(baseline, raw))
    if band.noise_is_smoothed:
        found.append(_SMOOTHED)
    if not fits.ok[row]:
        return [*found, _NO_FIT]
    return found + _fit_warnings(band, raw)


def _places(bumps: list[Bump]) -> str:
    return ", ".join(f"{b.x:.0f}" for b in sorted(bumps, key=lambda b: b.x))


def _offset(baseline, raw) -> Note:
    return Note(_OFFSET.code, _OFFSET.text, {"percent": round(100.0 * baseline.level / raw.height.value, 1)})


def _fit_warnings(band, raw: RawBand) -> list[Note]:
    emission, (fits, row) = band.emission, band.fit
    found = []
    outside = _outside(emission.x, fits, row)
    if outside > 0.005:
        found.append(Note(_CUT.code, _CUT.text, {"percent": round(100.0 * outside, 1)}))
    if not fits.starts_agree[row]:
        found.append(_STARTS)
    clear = ~emission.clipped
    excess = np.mean((emission.y - fits.curve(row))[clear] ** 2) - np.mean(band.variance[clear])
    misfit = sqrt(max(float(excess), 0.0)) / max(raw.height.value, 1e-300)
    if misfit > 0.02:
        found.append(Note(_MISFIT.code, _MISFIT.text, {"percent": round(100.0 * misfit, 1)}))
    return found


def _outside(x, fits, row) -> float:
    """Share of the fitted area that lies outside the measured range."""
    area = fits.amplitude[row] * fits.sigma[row]
    z_low = (x[0] - fits.center[row]) / fits.sigma[row] / sqrt(2.0)
    z_high = (x[-1] - fits.center[row]) / fits.sigma[row] / sqrt(2.0)
    inside = np.array([0.5 * (erf(b) - erf(a)) for a, b in zip(z_low, z_high, strict=True)])
    return float(((1.0 - inside) * area).sum() / area.sum()) if area.sum() > 0 else 0.0


# — for the plot and the record —


def _curves(band) -> dict:
    emission, (fits, row) = band.emission, band.fit
    curves = {"x_nm": emission.x.tolist(), "y": emission.y.tolist()}
    if len(emission.left_out[0]):
        curves |= {"left_out_x": emission.left_out[0].tolist(), "left_out_y": emission.left_out[1].tolist()}
    if fits.ok[row]:
        fit = fits.curve(row)
        curves |= {"fit": fit.tolist(), "residuals": (emission.y - fit).tolist()}
        curves["baseline"] = fits.background(row).tolist()
        for i, component in enumerate(fits.components(row)):
            curves[f"component_{i + 1}"] = component.tolist()
    return curves


def _details(band, raw: RawBand, baseline) -> dict:
    emission, (fits, row) = band.emission, band.fit
    details = {
        "window_nm": [float(emission.x[0]), float(emission.x[-1])],
        "n_points": len(emission.x),
        "step_nm": emission.step,
        "left_out_nm": [list(pair) for pair in emission.removed],
        "baseline_raw": baseline.kind,
        "baseline_fit": band.baseline,
        "n_gaussians": band.n_gaussians,
        "peak_height": raw.height.value,
        "half_height_nm": [None if side is None else side.value for side in (raw.left, raw.right)],
        "maxima_nm": [b.x for b in emission.bumps],
        "reduced_chi2": band.extra.get("reduced_chi2"),
        "variance_factor": band.inflation,
    }
    if fits.ok[row]:
        details |= {
            "band_peaks": [float(c) for c in fits.center[row]],
            "band_fwhms": [float(w) for w in fits.fwhm[row]],
            "fit_parameters": dict(zip(fits.names, _natural(fits, row), strict=True)),
            "fit_names": list(fits.names),  # in the order of the matrix; a database may sort the keys above
            "fit_correlation": _correlation(fits.covariance[row]),
        }
    return {k: v for k, v in details.items() if not isinstance(v, float) or isfinite(v)}


def _natural(fits, row) -> list[float]:
    values = [*fits.linear[row], *fits.center[row], *fits.sigma[row]]
    return [float(v) for v in values] + ([float(fits.rate[row])] if fits.model.tail else [])


def _correlation(covariance) -> list[list[float]]:
    u = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    return np.round(covariance / np.outer(u, u), 6).tolist()


def _slit_note(slit: float, fwhm: float) -> Note:
    return Note(
        "slit_too_wide",
        gettext_noop(
            "The emission slit of {slit} nm is too wide for a band of {fwhm} nm: the width is that of the slit. "
            "Measure again with a slit of a fifth of the band or less."
        ),
        {"slit": slit, "fwhm": round(fwhm, 1)},
    )


_NOISE = Note("only_noise", gettext_noop("No band stands out of the noise. Measure longer or with wider slits."))
_CUT_AT_TOP = Note(
    "cut_at_top",
    gettext_noop("The maximum lies at the edge of the window: the band is cut. Measure or choose a wider range."),
)
_CUT_AT_HALF = Note(
    "cut_at_half",
    gettext_noop("The window ends before the band has fallen to half its height. Measure or choose a wider range."),
)
_TWO_BANDS = Note(
    "two_bands",
    gettext_noop("There are separate bands, so one width says nothing; see the width of each band."),
)
_CLIPPED_WIDTH = Note(
    "clipped_width", gettext_noop("The top is cut off by the saturated detector, so half its height is not known.")
)
_TOO_NOISY = Note(
    "too_noisy",
    gettext_noop("The noise is too strong to read this number off the curve; the Gaussian fit uses all points."),
)
_NO_FIT = Note("no_fit", gettext_noop("The Gaussian fit found no answer; the raw numbers do not depend on it."))
_SEVERAL = Note("several_maxima", gettext_noop("There are several maxima: {places} nm. The highest is reported."))
_WEAK = Note(
    "weak_bands",
    gettext_noop(
        "Weak bands stand beside the main one, near {places} nm: other particles, or an impurity. Peak and width are those "
        "of the main band; see the share of each."
    ),
)
_COARSE = Note(
    "coarse_step",
    gettext_noop("The step of {step} nm is coarse for a band of {fwhm} nm; the width is rough."),
)
_OFFSET = Note(
    "baseline_offset",
    gettext_noop("Away from the band the signal is {percent} % of the maximum, and no baseline is subtracted."),
)
_SMOOTHED = Note(
    "smoothed_noise",
    gettext_noop("Neighbouring points share their noise: the data were smoothed. Uncertainties were raised for it."),
)
_CUT = Note("cut_by_window", gettext_noop("The window cuts off {percent} % of the band."))
_STARTS = Note(
    "starts_disagree",
    gettext_noop("The Gaussians are not unique: another start gives other bands. Fewer Gaussians may be enough."),
)
_MISFIT = Note(
    "not_gaussian", gettext_noop("The band is not quite Gaussian: the fit leaves {percent} % of the height.")
)
_SHARES = Note(
    "shares_of_light",
    gettext_noop("Shares are shares of light, not of particles: bands may differ in yield and absorption."),
)
