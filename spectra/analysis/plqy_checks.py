"""What makes a relative yield doubtful in one series: its detector, correction, concentration, window, and line."""

import numpy as np

from spectra.analysis.findings import Findings, shown
from spectra.analysis.plqy_dilution import Dilution, named
from spectra.analysis.plqy_line import GradientLine
from spectra.analysis.plqy_series import DilutionSeries
from spectra.notes import gettext_noop

DILUTE_PER_CM = 0.1
TOLERANCE = 1.01  # a solution made to A = 0.1 is not complained about
SELF_ABSORBING = 0.02
MEAN_PATH = 0.4  # share of the cuvette that emitted light crosses on its way out at a right angle, about
CUT_SHARE = 0.005
CLIPPED_POINTS = 4


def check_series(series: DilutionSeries, findings: Findings) -> None:
    """Check one series by itself; refuses a saturated detector and uncorrected spectra (both overridable)."""
    for dilution in series.dilutions:
        _check_detector(dilution, series.which, findings)
        _check_gaps(dilution, series, findings)
    _check_correction(series, findings)
    _check_concentration(series, findings)
    _check_number(series, findings)
    _check_window(series, findings)
    _check_self_absorption(series, findings)
    _check_bandpass_inside(series, findings)


def _check_detector(dilution: Dilution, which: str, findings: Findings) -> None:
    level = dilution.emission_input.conditions.saturation_level
    values = dilution.emission_input.value.signal.values
    top = float(np.nanmax(values))
    if level is not None and top >= level:
        findings.refuse(
            "saturated",
            gettext_noop(
                "The detector was saturated in dilution {dilution} of the {which} ({source}). Please measure it with "
                "narrower slits or more diluted, or leave it out."
            ),
            overridable=True,
            dilution=named(dilution.emission_input),
            number=dilution.index,
            which=which,
            source=dilution.source,
        )
    elif level is None and top > 0 and np.sum(values == top) >= CLIPPED_POINTS:
        findings.warn(
            "perhaps_saturated",
            gettext_noop("{source} has a flat top of {n} points: was the detector saturated?"),
            source=dilution.source,
            n=int(np.sum(values == top)),
        )


def _check_gaps(dilution: Dilution, series: DilutionSeries, findings: Findings) -> None:
    """Points without a value inside the band are what an over-range detector leaves."""
    spectrum = dilution.emission_input.value
    x, y = spectrum.wavelengths_nm(), spectrum.signal.values
    first, last = series.window_nm
    lost = x[~np.isfinite(y) & (x >= first) & (x <= last)]
    if not lost.size:
        return
    low, high = dilution.emission.within(first, last).half_maximum_nm()
    if np.any((lost >= low) & (lost <= high)):
        findings.refuse(
            "saturated",
            gettext_noop(
                "{n} points at the top of {source} have no value, as when the detector is over its range. Please measure "
                "dilution {dilution} of the {which} again, or leave it out."
            ),
            overridable=True,
            n=int(lost.size),
            source=dilution.source,
            dilution=named(dilution.emission_input),
            number=dilution.index,
            which=series.which,
        )
        return
    findings.warn(
        "points_without_value",
        gettext_noop("{n} points of {source} have no value; the integral goes straight across them."),
        n=int(lost.size),
        source=dilution.source,
    )


def _check_correction(series: DilutionSeries, findings: Findings) -> None:
    states = {d.emission_input.conditions.spectrally_corrected for d in series.dilutions}
    if False in states:
        findings.refuse(
            "not_corrected",
            gettext_noop(
                "The emission of the {which} is not corrected for the spectral response of the instrument, so photons of "
                "different colour count differently. Please export it with the correction."
            ),
            overridable=True,
            which=series.which,
        )
    if None in states:
        findings.warn(
            f"correction_unknown_{series.which}",
            gettext_noop(
                "It is not known whether the emission of the {which} is spectrally corrected. Please note it."
            ),
            which=series.which,
        )
    if any(d.emission_input.value.x_unit != "nm" for d in series.dilutions):
        findings.warn(
            f"not_per_nm_{series.which}",
            gettext_noop("The emission of the {which} is not against wavelength; its intensity was taken as per nm."),
            which=series.which,
        )


def _check_concentration(series: DilutionSeries, findings: Findings) -> None:
    per_cm = [d.absorbance.at(d.excitation_nm) / d.path_cm for d in series.dilutions]
    if max(per_cm) > DILUTE_PER_CM * TOLERANCE:
        findings.warn(
            f"too_concentrated_{series.which}",
            gettext_noop(
                "The {which} absorbs up to {absorbance} per cm at the excitation; above {limit} the beam no longer lights the "
                "cuvette evenly. Please dilute further."
            ),
            which=series.which,
            absorbance=shown(max(per_cm)),
            limit=DILUTE_PER_CM,
        )


def _check_number(series: DilutionSeries, findings: Findings) -> None:
    if series.n < 3:
        findings.warn(
            f"single_point_{series.which}",
            gettext_noop(
                "Only {n} dilution(s) of the {which}: this is a single-point yield, no gradient. Three or more would show "
                "an offset or a bent line."
            ),
            n=series.n,
            which=series.which,
        )


def _check_window(series: DilutionSeries, findings: Findings) -> None:
    share = series.share_cut()
    if share > CUT_SHARE:
        findings.warn(
            f"window_cuts_{series.which}",
            gettext_noop(
                "The integration window ({first} to {last} nm) cuts about {percent} % off the band of the {which}."
            ),
            first=shown(series.window_nm[0], 4),
            last=shown(series.window_nm[1], 4),
            percent=shown(100 * share, 2),
            which=series.which,
        )


def absorbance_in_band(series: DilutionSeries) -> tuple[float | None, float | None]:
    """Absorbance of the most concentrated dilution where it emits: at the emission peak, and as mean over the photons.

    Per path length as measured [1]; None where the absorbance curve does not reach.
    """
    dilution = series.dilutions[-1]
    band = dilution.emission.within(*series.window_nm)
    low, high = band.half_maximum_nm()
    curve = dilution.absorbance
    if not curve.covers(low, high):
        return None, None
    photons = np.clip(band.photons, 0, None)
    inside = (band.wavelength_nm >= curve.wavelength_nm[0]) & (band.wavelength_nm <= curve.wavelength_nm[-1])
    absorbed = np.where(inside, np.interp(band.wavelength_nm, curve.wavelength_nm, curve.absorbance), 0.0)
    emitted = np.trapezoid(photons, band.wavelength_nm)
    at_peak = curve.at(band.peak_nm)
    mean = float(np.trapezoid(photons * absorbed, band.wavelength_nm) / emitted) if emitted > 0 else at_peak
    return at_peak, mean


def _check_self_absorption(series: DilutionSeries, findings: Findings) -> None:
    at_peak, mean = absorbance_in_band(series)
    if at_peak is None:
        findings.warn(
            f"self_absorption_unknown_{series.which}",
            gettext_noop(
                "The absorbance of the {which} was not measured where it emits, so self-absorption is not known."
            ),
            which=series.which,
        )
    elif max(at_peak, mean) > SELF_ABSORBING:
        findings.warn(
            f"self_absorption_{series.which}",
            gettext_noop(
                "The {which} absorbs its own emission (A = {absorbance} in the band, about {percent} % of its light at the "
                "highest concentration). Please dilute further, or match the red tails."
            ),
            which=series.which,
            absorbance=shown(max(at_peak, mean), 2),
            percent=shown(100 * (1 - 10 ** (-MEAN_PATH * max(mean, 0.0))), 2),
        )


def _check_bandpass_inside(series: DilutionSeries, findings: Findings) -> None:
    for dilution in series.dilutions:
        width = dilution.bandwidth_nm
        if width and not dilution.absorbance.covers(dilution.excitation_nm - width, dilution.excitation_nm + width):
            findings.warn(
                f"bandpass_outside_{series.which}",
                gettext_noop(
                    "The absorbance of the {which} does not cover the whole excitation bandpass; A at the excitation "
                    "wavelength alone was used."
                ),
                which=series.which,
            )


def check_emits(series: DilutionSeries, findings: Findings) -> None:
    """Refuse a series without light: no line can be drawn through it."""
    if series.photons.max() <= 0:
        _refuse_dark(series.which, findings)


def _refuse_dark(which: str, findings: Findings) -> None:
    findings.refuse(
        f"no_emission_{which}",
        gettext_noop(
            "The {which} does not emit more than its blank. Please check the emission spectra and the window."
        ),
        which=which,
    )


def check_line(line: GradientLine, which: str, findings: Findings) -> None:
    """Check that the points lie on a line through the origin."""
    if line.slope <= 0:
        _refuse_dark(which, findings)
    if line.u_intercept is not None and abs(line.free.intercept) > 2 * line.u_intercept:
        in_absorbance = -line.free.intercept / line.slope / float(np.mean(line.dx_da))
        findings.warn(
            f"intercept_{which}",
            gettext_noop(
                "The line of the {which} misses the origin by {times} standard uncertainties, as an offset of {offset} in A "
                "would make it. Possible causes: the baseline of the absorbance, scattered light, self-absorption, "
                "or a missing blank."
            ),
            which=which,
            times=shown(abs(line.free.intercept) / line.u_intercept, 2),
            offset=shown(in_absorbance, 2),
        )
    if line.n >= 3 and line.chi2_reduced is not None and line.chi2_reduced > 4:
        findings.warn(
            f"points_scatter_{which}",
            gettext_noop(
                "The points of the {which} scatter {times} times more than their uncertainties explain; the uncertainty of "
                "the slope was widened by as much."
            ),
            which=which,
            times=shown(float(np.sqrt(line.chi2_reduced)), 2),
        )
