"""Method ``el_voltage``: electroluminescence of a device against the voltage.

Peak and width at every voltage, whether the colour moves with it, and the turn-on by a criterion that is stated with the
number. Emission of a device is another quantity than that of its solution: the names begin with ``el_``.
"""

from collections.abc import Sequence

import numpy as np

from spectra.analysis.crossing import at_equal_x, log_crossing
from spectra.analysis.emission_integral import NotAnEmission
from spectra.analysis.exclusions import exclude_parameter
from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.frames import Frame, bands_of, frames_of, integral_of, u_of_band, value_of_band
from spectra.analysis.method import Case, Component, Estimate, Method, Outcome, Parameter, QuantityKind, Role
from spectra.notes import Note, gettext_noop

VOLTS = {"V": 1.0, "mV": 1e-3}
LEAST_FOR_TREND = 3
SIGNIFICANT = 2.0


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Analyse n devices.

    Parameters
    ----------
    cases : sequence of Case
        Role ``series``: spectra over voltage, in one file or as single ones with ``voltage_v``.

    Returns
    -------
    list of Outcome
        ``el_peak_nm`` and ``el_fwhm_nm`` at the chosen voltage (the highest by default), ``turn_on_v`` and
        ``el_shift_nm_per_v``.

    Notes
    -----
    Turn-on: where the integral of the band reaches ``turn_on_percent`` of its highest, on a polynomial of the voltage in
    the logarithm of the light; its u is by how much the last neighbour moved it, with the noise of the integrals. It is not the
    voltage of a stated luminance, which needs an absolute scale. The trend is a weighted straight line; the wavelength scale
    cancels in it.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        exclude = case.parameters["exclude"]
        frames = frames_of(case.of("series"), VOLTS, lambda given: given.voltage_v, findings, exclude, "V")
        if not frames:
            findings.refuse("no_series", gettext_noop("There is no spectrum with a known voltage among the inputs."))
        bands = bands_of(frames)
        lit = [i for i, band in enumerate(bands) if np.isfinite(value_of_band(band, "emission_peak_nm"))]
        if not lit:
            findings.refuse("no_light", gettext_noop("No spectrum holds an emission band: the device never lit up."))
        shown_at = _chosen(frames, lit, case, findings)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    light = _light(frames, bands[shown_at], findings)
    source = case.of("series")[0].source
    estimates = [
        *_band_estimates(bands[shown_at]),
        _turn_on(frames, light, case, source),
        _trend(frames, bands, lit, source, findings),
    ]
    volts = [frame.z for frame in frames]
    curves = {
        "voltage_v": np.array(volts),
        "peak_nm": np.array([value_of_band(band, "emission_peak_nm") for band in bands]),
        "peak_u_nm": np.array([u_of_band(band, "emission_peak_nm") for band in bands]),
        "fwhm_nm": np.array([value_of_band(band, "emission_fwhm_nm") for band in bands]),
        "light": light[:, 0],
    }
    details = {
        "at_v": frames[shown_at].z,
        "n_voltages": len(frames),
        "n_lit": len(lit),
        "turn_on_percent": case.parameters["turn_on_percent"],
        "highest_v": max(volts),
    }
    return Outcome(tuple(e for e in estimates if e), tuple(findings.warnings), curves=curves, details=details)


def _chosen(frames: Sequence[Frame], lit: Sequence[int], case: Case, findings: Findings) -> int:
    """Index of the spectrum whose band is reported."""
    wanted = case.parameters["at_v"]
    if wanted is None:
        return lit[-1]
    nearest = min(lit, key=lambda i: abs(frames[i].z - wanted))
    if abs(frames[nearest].z - wanted) > 0.05 * max(abs(wanted), 1.0):
        text = gettext_noop("No spectrum was measured at {wanted} V; the one at {taken} V was taken.")
        findings.warn("other_voltage", text, wanted=shown(wanted), taken=shown(frames[nearest].z))
    return nearest


def _light(frames: Sequence[Frame], band: dict[str, Estimate], findings: Findings) -> np.ndarray:
    """Integral of the band and its u at every voltage (n, 2), NaN where the spectrum does not span it."""
    peak, fwhm = value_of_band(band, "emission_peak_nm"), value_of_band(band, "emission_fwhm_nm")
    rows = []
    for frame in frames:
        try:
            rows.append(integral_of(frame, peak, fwhm) if np.isfinite(fwhm) else (np.nan, np.nan))
        except NotAnEmission:
            rows.append((np.nan, np.nan))
    light = np.array(rows)
    if not np.isfinite(light).any():
        findings.warn(
            "no_integral", gettext_noop("The spectra do not span the band: no light output could be integrated.")
        )
    return light


def _band_estimates(band: dict[str, Estimate]):
    for name, own in (("emission_peak_nm", "el_peak_nm"), ("emission_fwhm_nm", "el_fwhm_nm")):
        found = band.get(name)
        if found is not None:
            yield Estimate(own, found.value, "nm", found.budget, found.lower, found.upper, found.reason)


def _turn_on(frames: Sequence[Frame], light: np.ndarray, case: Case, source: str) -> Estimate | None:
    known = np.isfinite(light[:, 0])
    if known.sum() < 2:
        return None
    volts, values, u = at_equal_x(np.array([frame.z for frame in frames])[known], *light[known].T)
    level = case.parameters["turn_on_percent"] / 100.0 * values.max()
    below = np.flatnonzero(values < level)
    if below.size == 0:
        text = gettext_noop("At the lowest voltage ({lowest} V) the device is brighter than the criterion.")
        note = Note("lit_from_the_start", text, {"lowest": shown(volts[0])})
        return Estimate("turn_on_v", None, "V", upper=float(volts[0]), reason=note)
    i = int(below[-1])
    if i + 1 >= volts.size:
        return None
    found, highest = log_crossing(volts, values, u, i, level), int(np.argmax(values))
    noise = float(np.hypot(found.u, u[highest] / values[highest] / abs(found.slope)))
    budget = (
        Component(gettext_noop("step of the voltage"), found.bend, f"turn-on-step:{source}"),
        Component(gettext_noop("noise"), noise, f"turn-on:{source}"),
    )
    return Estimate("turn_on_v", found.at, "V", budget)


def _trend(frames: Sequence[Frame], bands, lit: Sequence[int], source: str, findings: Findings) -> Estimate | None:
    peaks = np.array([value_of_band(bands[i], "emission_peak_nm") for i in lit])
    u = np.array([u_of_band(bands[i], "emission_peak_nm") for i in lit])
    volts = np.array([frames[i].z for i in lit])
    if len(lit) < LEAST_FOR_TREND or np.ptp(volts) == 0 or not (u > 0).all():
        return None
    design = np.stack([np.ones_like(volts), volts - volts.mean()], axis=1) / u[:, None]
    covariance = np.linalg.inv(design.T @ design)
    line = covariance @ design.T @ (peaks / u)
    chi2 = float((((peaks / u) - design @ line) ** 2).sum() / max(len(lit) - 2, 1))
    slope, u_slope = float(line[1]), float(np.sqrt(covariance[1, 1] * max(chi2, 1.0)))
    if abs(slope) > SIGNIFICANT * u_slope:
        text = gettext_noop("The peak moves with the voltage: say at which voltage a wavelength was read.")
        findings.warn("peak_moves", text)
    return Estimate(
        "el_shift_nm_per_v", slope, "nm/V", (Component(gettext_noop("noise"), u_slope, f"el-trend:{source}"),)
    )


METHOD = Method(
    name="el_voltage",
    title=gettext_noop("Electroluminescence against voltage"),
    version=4,
    roles=(
        Role("series", "series|spectrum", gettext_noop("EL spectra"), techniques=("el",), maximum=None),
    ),
    parameters=(
        Parameter("at_v", "number", None, gettext_noop("Voltage at which the band is reported"), "V",
                  help=gettext_noop("Automatic: the highest with a band.")),
        Parameter("turn_on_percent", "number", 1.0, gettext_noop("Turn-on at this part of the highest light output"), "%",
                  minimum=0.01, maximum=50.0),
        exclude_parameter("V"),
    ),
    quantities=(
        QuantityKind("el_peak_nm", "nm", gettext_noop("Emission maximum"), "λ_EL"),
        QuantityKind("el_fwhm_nm", "nm", gettext_noop("FWHM of the emission, as measured"), "FWHM_EL"),
        QuantityKind("turn_on_v", "V", gettext_noop("Turn-on voltage"), "V_on"),
        QuantityKind("el_shift_nm_per_v", "nm/V", gettext_noop("Shift of the peak per volt"), "dλ/dV"),
    ),
    run=run,
)  # fmt: skip
