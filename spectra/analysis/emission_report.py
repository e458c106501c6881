"""From a fitted emission band to its quantities, budgets, warnings and curves."""

from dataclasses import replace
from math import sqrt

import numpy as np

from spectra.analysis.emission_baseline import moved_by
from spectra.analysis.emission_parameters import SLITS
from spectra.analysis.emission_qd import share_estimates
from spectra.analysis.emission_quantities import electroluminescent
from spectra.analysis.emission_record import curves_of, details_of
from spectra.analysis.emission_warnings import (
    CLIPPED_WIDTH,
    CUT_AT_HALF,
    CUT_AT_TOP,
    NO_FIT,
    NOISE,
    SHARES,
    TOO_NOISY,
    TWO_BANDS,
    slit_note,
    warnings_of,
)
from spectra.analysis.findings import Refused
from spectra.analysis.gaussian_engine import FWHM_PER_SIGMA
from spectra.analysis.method import Component, Estimate, Outcome
from spectra.analysis.noise import correlation_time
from spectra.analysis.raw_band import REACH, Bump, RawBand, centroid, raw_band, wing_baseline
from spectra.notes import Note, gettext_noop
from spectra.spectrum import HC_EV_NM

SCALE_LENGTH_NM = 100.0  # over this distance the error of the wavelength scale may change by its own size
SLIT_RELATIVE_U = 0.05  # of a stated bandwidth
NOISY_PEAK, NOISY_WIDTH = 0.2, 0.15  # u in parts of the width beyond which local curves say nothing any more
CLEAR = 2.0  # times its noise: a distance that is more than chance
NOISY_POINT = 0.2  # noise of a point in parts of the height beyond which their uncertainties fail (by simulation)
SECOND_BAND = 1.0 / 3.0  # from this share of the highest maximum on, a second one makes "the" width meaningless


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
    warnings = list(emission.warnings) + warnings_of(band, raw, baseline)
    two = _separate(emission.bumps)
    estimates = _raw_estimates(band, raw, baseline, two) + _gaussian_estimates(band, raw, baseline, two)
    if band.n_gaussians > 1 and fits.ok[row]:
        estimates += _band_estimates(band, baseline)
        warnings.append(SHARES)
    if fits.ok[row]:
        estimates += share_estimates(band, lambda rows: _together(band, rows), warnings)
    if band.given.facts.get("technique") == "el":
        estimates = [
            Estimate(electroluminescent(e.name), e.value, e.unit, e.budget, e.lower, e.upper, e.reason)
            for e in estimates
        ]
    return Outcome(tuple(estimates), tuple(warnings), curves=curves_of(band), details=details_of(band, raw, baseline))


def _separate(bumps: list[Bump]) -> bool:
    return len(bumps) > 1 and bumps[1].height >= SECOND_BAND * bumps[0].height


def _check_significance(band):
    fits, row = band.fit
    if not fits.ok[row]:
        return
    top = int(np.argmax(fits.amplitude[row]))
    amplitude, u = fits.amplitude[row, top], fits.u(f"amplitude_{top + 1}")[row]
    if amplitude < 5.0 * u:
        raise Refused(NOISE)


def _raw(band, main: Bump):
    """The raw band and its baseline. Without a fit that says how wide it is, it is read twice."""
    x, y, emission = band.emission.x, band.emission.y, band.emission
    kind = {"exponential": "constant"}.get(band.baseline, band.baseline)
    noise, (center, fwhm, rounds) = sqrt(float(band.variance[main.place])), _expected(band, main)
    for _ in range(rounds):
        lowest, highest = emission.reach
        lowest, highest = min(lowest, center - REACH * fwhm), max(highest, center + REACH * fwhm)
        baseline = band.drawn or wing_baseline(x, y, band.variance, kind, lowest, highest)
        raw = raw_band(x, y, Bump(main.place, center, main.height, fwhm), baseline, noise)
        if raw is None:
            raise Refused(CUT_AT_TOP)
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
    x = band.emission.x
    near = np.zeros(len(x), bool)
    for bump in [*band.emission.bumps, *band.emission.weak, *band.emission.overlapping]:
        near |= np.abs(x - bump.x) < REACH * bump.fwhm
    if (~near).sum() < 20:
        return band.inflation
    standard = ((band.emission.y - band.curve()) / np.sqrt(band.variance))[None, ~near]
    return max(1.0, float((standard**2).mean())) * float(correlation_time(standard)[0])


# — estimates —


def _raw_estimates(band, raw: RawBand, baseline, two: bool) -> list[Estimate]:
    width = raw.fwhm.value if raw.fwhm else band.emission.bumps[0].fwhm
    budget = _raw_budget(band, baseline, raw.peak.gradient, _wavelength(band))
    buried = sqrt(float(band.variance[band.emission.bumps[0].place])) > NOISY_POINT * raw.height.value
    if buried or _noise_of(budget) > NOISY_PEAK * width:
        peak = Estimate("emission_peak_nm", None, "nm", reason=TOO_NOISY)
    else:
        peak = Estimate("emission_peak_nm", raw.peak.value, "nm", budget)
    estimates, reason = [peak, _centroid(band, raw, baseline)], _no_width(band, raw, two)
    if reason is None:
        fwhm = raw.fwhm
        budget = _raw_budget(band, baseline, fwhm.gradient, _scale(band, fwhm.value))
        reason = TOO_NOISY if buried or _noise_of(budget) > NOISY_WIDTH * fwhm.value else None
    if reason is not None:
        return [*estimates, Estimate("emission_fwhm_nm", None, "nm", reason=reason)]
    estimates.append(Estimate("emission_fwhm_nm", fwhm.value, "nm", budget))
    return estimates + _corrected(band, fwhm.value, budget)


def _noise_of(budget) -> float:
    return abs(budget[0].u)


def _no_width(band, raw: RawBand, two: bool) -> Note | None:
    if two:
        return TWO_BANDS
    if band.emission.clipped.any():
        return CLIPPED_WIDTH
    return CUT_AT_HALF if raw.fwhm is None else None


def _centroid(band, raw: RawBand, baseline) -> Estimate:
    if raw.fwhm is None:
        return Estimate("emission_centroid_nm", None, "nm", reason=CUT_AT_HALF)
    lowest, highest = band.emission.reach
    if len(band.emission.bumps) == 1 and not band.emission.weak:
        lowest, highest = (raw.peak.value + sign * REACH * raw.fwhm.value for sign in (-1.0, 1.0))
    found = centroid(band.emission.x, band.emission.y, baseline, lowest, highest)
    if found is None:
        return Estimate("emission_centroid_nm", None, "nm", reason=CUT_AT_HALF)
    budget = _raw_budget(band, baseline, found.gradient, _wavelength(band))
    return Estimate("emission_centroid_nm", found.value, "nm", budget)


def _corrected(band, fwhm: float, budget) -> list[Estimate]:
    """FWHM without the slit: the variances of band and slit add."""
    slit = band.given.conditions.emission_bandwidth_nm
    if not slit:
        return []
    factor = SLITS[band.case.parameters.get("slit_shape") or "triangle"]
    square = fwhm**2 - factor * slit**2
    if square < 0.25 * fwhm**2:
        return [Estimate("emission_fwhm_corrected_nm", None, "nm", reason=slit_note(slit, fwhm))]
    value = sqrt(square)
    own = tuple(Component(c.name, c.u * fwhm / value, c.source) for c in budget)
    width = Component(
        gettext_noop("slit"), -factor * slit / value * SLIT_RELATIVE_U * slit, f"slit:{_instrument(band)}"
    )
    return [Estimate("emission_fwhm_corrected_nm", value, "nm", (*own, width))]


def _gaussian_estimates(band, raw: RawBand, baseline, two: bool) -> list[Estimate]:
    fits, row = band.fit
    reason = TWO_BANDS if two else None if fits.ok[row] else NO_FIT
    if reason is None and raw.fwhm is None and not band.emission.clipped.any():
        reason = CUT_AT_HALF
    if reason is not None:
        absent = (("gaussian_center_nm", "nm"), ("gaussian_fwhm_nm", "nm"), ("gaussian_fwhm_mev", "meV"))
        return [Estimate(name, None, unit, reason=reason) for name, unit in absent]
    main = int(np.argmax(fits.amplitude[row]))
    center, fwhm = fits.center[row, main], fits.fwhm[row, main]
    return [
        Estimate("gaussian_center_nm", float(center), "nm", _center_budget(band, main, baseline)),
        Estimate("gaussian_fwhm_nm", float(fwhm), "nm", _width_budget(band, main, baseline)),
        _in_energy(band, center, fwhm, main),
    ]


def _center_budget(band, i: int, baseline) -> tuple[Component, ...]:
    """Of the centre of Gaussian i; the same whether it is told as the main one or as one of several."""
    fits, row = band.fit
    name = f"center_{i + 1}"
    own = (_fit_noise(band, name), _wavelength(band))
    if fits.held[row, i]:
        return own
    center, fwhm = float(fits.center[row, i]), float(fits.fwhm[row, i])
    away, shape = _off_its_maximum(band, center, fwhm, baseline), _as_in_energy(band, i)
    if away is None and shape and band.n_gaussians > 1:
        away = center - shape[0]
    return (*own, *_shift(band, baseline)(name, 1.0), *_shape(band, away))


def _width_budget(band, i: int, baseline) -> tuple[Component, ...]:
    """Of the FWHM of Gaussian i. Of a single band the shape adds nothing: the width read off the curve stands beside it."""
    fits, row = band.fit
    name, fwhm = f"sigma_{i + 1}", float(fits.fwhm[row, i])
    own = (_fit_noise(band, name, FWHM_PER_SIGMA), _scale(band, fwhm))
    if fits.held[row, band.n_gaussians + i]:
        return own
    shape = _as_in_energy(band, i) if band.n_gaussians > 1 else None
    return (*own, *_shift(band, baseline)(name, FWHM_PER_SIGMA), *_shape(band, shape and fwhm - shape[1]))


def _fit_noise(band, name: str, factor: float = 1.0) -> Component:
    fits, row = band.fit
    return _noise(band, factor * fits.u(name)[row] * sqrt(band.inflation))


def _shift(band, baseline):
    """What a wrong baseline does to the parameters of the fit."""
    fits, row = band.fit
    source = f"baseline:{band.given.source}"
    if band.drawn is not None:
        moved = np.sqrt((moved_by(band, band.drawn) ** 2).sum(axis=1))
    else:
        change = _baseline_change(band, baseline)
        if change is None or band.baseline in ("linear", "exponential"):
            return lambda name, factor: ()
        moved = fits.response(row, change)
    return lambda name, factor: (
        Component(gettext_noop("baseline"), float(moved[fits.names.index(name)] * factor), source),
    )


def _in_energy(band, center: float, fwhm: float, main: int) -> Estimate:
    fits, row = band.energy_fit
    if not fits.ok[row]:
        return Estimate("gaussian_fwhm_mev", None, "meV", reason=NO_FIT)
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


def _band_estimates(band, baseline) -> list[Estimate]:
    """Centre, width and share of every Gaussian of several."""
    fits, row = band.fit
    estimates = []
    for i in range(band.n_gaussians):
        name, fwhm = f"band_{i + 1}", float(fits.fwhm[row, i])
        estimates += [
            Estimate(f"{name}_peak_nm", float(fits.center[row, i]), "nm", _center_budget(band, i, baseline)),
            Estimate(f"{name}_fwhm_nm", fwhm, "nm", _width_budget(band, i, baseline)),
            replace(_together(band, [i]), name=f"{name}_share"),
        ]
    return estimates


def _shape(band, away: float | None) -> tuple[Component, ...]:
    """What the choice of the bands' shape moves: real ones are Gaussians neither in wavelength nor in energy."""
    if away is None:
        return ()
    name = gettext_noop("band is not Gaussian") if band.n_gaussians == 1 else gettext_noop("shape of the bands")
    return (Component(name, float(away), f"model:{band.given.source}"),)


def _off_its_maximum(band, center: float, fwhm: float, baseline) -> float | None:
    """How far the model's maximum lies from the one that is seen near a band, where more than chance; None without one."""
    near = [bump for bump in band.emission.bumps if abs(bump.x - center) < 0.5 * fwhm]
    if not near or band.emission.clipped.any():
        return None
    x, bump = band.emission.x, replace(near[0], fwhm=min(near[0].fwhm, fwhm))
    noise = sqrt(float(band.variance[bump.place]))
    seen, fitted = (raw_band(x, y, bump, baseline, noise) for y in (band.emission.y, band.curve()))
    if seen is None or fitted is None:
        return None
    away = float(fitted.peak.value - seen.peak.value)
    chance = _noise_of(_raw_budget(band, baseline, seen.peak.gradient, _wavelength(band)))
    return away if abs(away) > CLEAR * chance else None


def _as_in_energy(band, i: int) -> tuple[float, float] | None:
    """Maximum and FWHM [nm] of band i by the fit of Gaussians in energy, as they look over wavelength."""
    fits, row = band.energy_fit
    if not fits.ok[row]:
        return None
    center, sigma = (float(values[row, band.n_gaussians - 1 - i]) for values in (fits.center, fits.sigma))
    highest = center + 2.0 * sigma**2 / center  # the factor E² of I(λ) lifts the blue side
    half = FWHM_PER_SIGMA * sigma / 2.0
    return HC_EV_NM / highest, HC_EV_NM / (center - half) - HC_EV_NM / (center + half)


def _together(band, rows) -> Estimate:
    """Share of some of the Gaussians in the whole area; its name is for the caller to give."""
    fits, row = band.fit
    areas = fits.amplitude[row] * fits.sigma[row]
    some = np.isin(np.arange(len(areas)), rows)
    u = sqrt(_share_variance(band, some, areas) * band.inflation)
    share = float(areas[some].sum() / areas.sum())
    others, other = band.energy_fit
    by_energy = (others.amplitude[other] * others.sigma[other])[::-1]  # energies run the other way
    away = share - float(by_energy[some].sum() / by_energy.sum()) if others.ok[other] else None
    return Estimate("", share, "1", (_noise(band, u), _share_scale(band, some, areas), *_shape(band, away)))


def _share_scale(band, some: np.ndarray, areas) -> Component:
    """An axis that is stretched more under one band than under the others gives it a larger area."""
    fits, row = band.fit
    scale, share = _scale(band, 1.0), float(areas[some].sum() / areas.sum())
    if some.all():
        return Component(scale.name, 0.0, scale.source)
    here, rest = (float(np.average(fits.center[row, part], weights=areas[part])) for part in (some, ~some))
    apart = min(abs(here - rest) / SCALE_LENGTH_NM, sqrt(2.0))
    return Component(scale.name, scale.u * apart * share * (1.0 - share), scale.source)


def _share_variance(band, some: np.ndarray, areas) -> float:
    fits, row = band.fit
    gradient = np.zeros(len(fits.names))
    for j in range(band.n_gaussians):
        per_area = (some[j] - areas[some].sum() / areas.sum()) / areas.sum()
        gradient[fits.names.index(f"amplitude_{j + 1}")] = per_area * fits.sigma[row, j]
        gradient[fits.names.index(f"sigma_{j + 1}")] = per_area * fits.amplitude[row, j]
    return max(float(gradient @ fits.covariance[row] @ gradient), 0.0)
