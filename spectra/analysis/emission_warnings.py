"""What is to be said beside the numbers of an emission band, and why one of them is not given."""

from math import erf, sqrt

import numpy as np

from spectra.analysis.raw_band import Bump, RawBand
from spectra.notes import Note, gettext_noop


def warnings_of(band, raw: RawBand, baseline) -> list[Note]:
    emission, (fits, row) = band.emission, band.fit
    found = []
    if len(emission.bumps) > 1:
        found.append(Note(_SEVERAL.code, _SEVERAL.text, {"places": _places(emission.bumps)}))
    if emission.weak:
        found.append(Note(_WEAK.code, _WEAK.text, {"places": _places(emission.weak)}))
    if emission.overlapping:
        found.append(Note(_OVERLAPPING.code, _OVERLAPPING.text, {"places": _places(emission.overlapping)}))
    width = raw.fwhm.value if raw.fwhm else emission.bumps[0].fwhm
    slit = band.given.conditions.emission_bandwidth_nm
    if slit and slit > 0.5 * width:
        found.append(slit_note(slit, width))
    if emission.step > width / 5.0:
        found.append(Note(_COARSE.code, _COARSE.text, {"step": round(emission.step, 2), "fwhm": round(width, 1)}))
    if baseline.kind == "none" and abs(baseline.level) > max(3.0 * baseline.u_level, 0.01 * raw.height.value):
        found.append(_offset(baseline, raw))
    if band.noise_is_smoothed:
        found.append(_SMOOTHED)
    if not fits.ok[row]:
        return [*found, NO_FIT]
    if fits.held[row].any():
        found.append(_HELD)
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
    if not band.starts_agree:
        found.append(_STARTS)
    clear = ~emission.clipped
    excess = np.mean((emission.y - band.curve())[clear] ** 2) - np.mean(band.variance[clear])
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


def slit_note(slit: float, fwhm: float) -> Note:
    return Note(
        "slit_too_wide",
        gettext_noop(
            "The emission slit of {slit} nm is too wide for a band of {fwhm} nm: the width is that of the slit. "
            "Measure again with a slit of a fifth of the band or less."
        ),
        {"slit": slit, "fwhm": round(fwhm, 1)},
    )


NOISE = Note("only_noise", gettext_noop("No band stands out of the noise. Measure longer or with wider slits."))
CUT_AT_TOP = Note(
    "cut_at_top",
    gettext_noop("The maximum lies at the edge of the window: the band is cut. Measure or choose a wider range."),
)
CUT_AT_HALF = Note(
    "cut_at_half",
    gettext_noop("The window ends before the band has fallen to half its height. Measure or choose a wider range."),
)
TWO_BANDS = Note(
    "two_bands",
    gettext_noop("There are separate bands, so one width says nothing; see the width of each band."),
)
CLIPPED_WIDTH = Note(
    "clipped_width", gettext_noop("The top is cut off by the saturated detector, so half its height is not known.")
)
TOO_NOISY = Note(
    "too_noisy",
    gettext_noop("The noise is too strong to read this number off the curve; the Gaussian fit uses all points."),
)
NO_FIT = Note("no_fit", gettext_noop("The Gaussian fit found no answer; the raw numbers do not depend on it."))
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
_HELD = Note(
    "held_by_choice",
    gettext_noop("Centres or widths were held by choice: their uncertainty holds the wavelength scale alone."),
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
SHARES = Note(
    "shares_of_light",
    gettext_noop("Shares are shares of light, not of particles: bands may differ in yield and absorption."),
)
_OVERLAPPING = Note(
    "overlapping_bands",
    gettext_noop(
        "A band near {places} nm overlaps with the main one: it shows as a shoulder, and in the fit alone. Peak and width as "
        "measured are those of both together."
    ),
)
