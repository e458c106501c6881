"""Method ``colour``: the CIE 1931 2° colour of an emission spectrum, with its uncertainty and what it depends on.

A weak broad background moves a deep blue emitter far: the baseline is corrected, and how much the colour depends on it
is shown. Quantities of electroluminescence carry ``el_`` in front of their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from spectra.analysis.chromaticity import (
    REC2020_GREEN,
    REC2020_RED,
    WHITES,
    blue_distance,
    chromaticity,
    dominant,
    rec2020_coverage,
    tristimulus,
    uniform,
    weights,
)
from spectra.analysis.colour_parameters import PARAMETERS
from spectra.analysis.emission_input import Emission, read_emission
from spectra.analysis.emission_quantities import electroluminescent
from spectra.analysis.emission_report import SCALE_LENGTH_NM
from spectra.analysis.findings import Findings, Refused
from spectra.analysis.method import Case, Component, Estimate, Input, Method, Outcome, QuantityKind, Role
from spectra.analysis.noise import variance_without_model
from spectra.analysis.raw_band import Baseline, wing_baseline
from spectra.notes import Note, gettext_noop

FALLS_TO = 0.01  # of its maximum, at both ends, or the colour of what was not measured is missing
CALIBRATION_STEP_NM = 0.1  # for the numeric derivative with respect to the wavelength scale

_KINDS = (
    ("cie_x", "1", gettext_noop("CIE 1931 x"), "x"),
    ("cie_y", "1", gettext_noop("CIE 1931 y"), "y"),
    ("cie_u", "1", gettext_noop("CIE 1976 u′"), "u′"),
    ("cie_v", "1", gettext_noop("CIE 1976 v′"), "v′"),
    ("dominant_nm", "nm", gettext_noop("Dominant wavelength"), "λ_d"),
    ("purity", "1", gettext_noop("Excitation purity"), "p_e"),
    ("rec2020_blue_distance", "1", gettext_noop("Distance Δu′v′ to the Rec.2020 blue"), "Δu′v′"),
    ("rec2020_coverage", "1", gettext_noop("Share of Rec.2020 covered as a display's blue"), ""),
)


@dataclass(eq=False)
class Light:
    """One spectrum on its way to a colour: power = factor · (y − baseline), per nm and in energy units."""

    case: Case
    given: Input
    emission: Emission
    findings: Findings
    baseline: Baseline
    factor: np.ndarray  # (m,) 1 or 1/λ
    variance: np.ndarray  # (m,) of y
    xyz: np.ndarray | None = None
    gradient: np.ndarray | None = None  # (2, m) change of x and y with each point
    errors: list[tuple[str, str, np.ndarray]] = field(default_factory=list)  # name, source, change of x and y

    @property
    def power(self) -> np.ndarray:
        return self.factor * (self.emission.y - self.baseline.values)


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Find the colour of n emission spectra.

    Parameters
    ----------
    cases : sequence of Case
        Each with one input of role ``emission``.

    Returns
    -------
    list of Outcome
        x, y; u′, v′; dominant wavelength and purity against the white asked for; distance to the Rec.2020 blue, and the share of
        Rec.2020 (area in x, y) that a display with this blue and the given red and green covers.

    Notes
    -----
    The spectrum is zero outside the measured range. Photon counts become power by 1/λ. The budget holds the noise
    found in the data, the wavelength scale (shifted as a whole, and stretched about the centre), the baseline (what a tilt or an offset left in does), and the unit of the
    intensities where it is not known. ``details`` shows what one per cent of the maximum, added to the baseline,
    would do.
    """
    outcomes: list[Outcome | None] = [None] * len(cases)
    lights: dict[int, Light] = {}
    for i, case in enumerate(cases):
        try:
            lights[i] = _prepared(case)
        except Refused as refused:
            outcomes[i] = Outcome(refusal=refused.note, overridable=refused.overridable)
    _measure(list(lights.values()))
    for i, light in lights.items():
        outcomes[i] = _reported(light)
    return outcomes


def _prepared(case: Case) -> Light:
    p, given = case.parameters, case.one("emission")
    findings = Findings(p.get("override") or "")
    window = p.get("window_min_nm"), p.get("window_max_nm")
    emission = read_emission(given, window, exclude=p.get("exclude"))
    findings.warnings += emission.warnings
    _check_correction(given, findings)
    variance = variance_without_model(emission.y[None])[0]
    baseline = wing_baseline(
        emission.x, emission.y, variance, p.get(gettext_noop("baseline"), "constant"), *emission.reach
    )
    unit = given.conditions.intensity_unit
    factor = emission.x.mean() / emission.x if unit == "photon" else np.ones(len(emission.x))
    light = Light(case, given, emission, findings, baseline, factor, variance)
    _check_ends(light)
    if unit not in ("photon", "energy"):
        findings.warn("unit_unknown", _UNIT_UNKNOWN)
    return light


def _check_correction(given: Input, findings: Findings):
    corrected = given.conditions.spectrally_corrected
    if corrected is None:
        findings.warn("correction_unknown", _CORRECTION_UNKNOWN)
    elif not corrected:
        findings.refuse("not_corrected", _NOT_CORRECTED, overridable=True)


def _check_ends(light: Light):
    """At both ends, the mean of the last points must lie below 10⁻² of the maximum, as far as noise lets it be known."""
    above, n = light.emission.y - light.baseline.values, max(5, len(light.emission.y) // 40)
    top = max(b.height for b in light.emission.bumps)
    for end, name in ((slice(None, n), "short"), (slice(-n, None), "long")):
        level, u = above[end].mean(), np.sqrt(light.variance[end].sum()) / n
        if level - 2.0 * u > FALLS_TO * top:
            percent = round(float(100.0 * level / top), 1)
            raise Refused(Note(f"{name}_end_open", _OPEN[name], {"percent": percent}))


def _measure(lights: list[Light]):
    """X, Y, Z and the errors of x, y of all spectra, one matrix product per grid."""
    groups: dict[bytes, list[Light]] = {}
    for light in lights:
        groups.setdefault(light.emission.x.tobytes(), []).append(light)
    for group in groups.values():
        x = group[0].emission.x
        step = CALIBRATION_STEP_NM
        power = np.array([light.power for light in group])
        xyz, matrix = tristimulus(x, power), weights(x)
        shifted = [tristimulus(x + sign * step, power) for sign in (1.0, -1.0)]
        center = np.clip(power, 0.0, None) @ x / np.maximum(np.clip(power, 0.0, None).sum(axis=1), 1e-300)
        for row, light in enumerate(group):
            light.xyz = xyz[row]
            if xyz[row].sum() <= 0.0:
                continue
            slope = (chromaticity(shifted[0][row : row + 1]) - chromaticity(shifted[1][row : row + 1]))[0] / (2 * step)
            stretched = tristimulus(x + step * (x - center[row]) / SCALE_LENGTH_NM, power[row : row + 1])
            stretch = (chromaticity(stretched)[0] - chromaticity(xyz[row : row + 1])[0]) / step
            _collect_errors(light, matrix, slope, stretch)


def _collect_errors(light: Light, matrix: np.ndarray, slope: np.ndarray, stretch: np.ndarray):
    light.gradient = _gradient(light, matrix)
    source, instrument = light.given.source, light.given.facts.get("instrument") or light.given.source
    u_nm = light.case.parameters.get("wavelength_u_nm", 0.3)
    light.errors.append((gettext_noop("wavelength"), f"wavelength:{instrument}", slope * u_nm))
    light.errors.append((gettext_noop("wavelength scale"), f"wavelength-scale:{instrument}", stretch * u_nm))
    change = _baseline_change(light)
    if change is not None:
        light.errors.append((gettext_noop("baseline"), f"baseline:{source}", light.gradient @ change))
    if light.given.conditions.intensity_unit not in ("photon", "energy"):
        other = tristimulus(light.emission.x, light.power * light.emission.x.mean() / light.emission.x)
        moved = (chromaticity(other) - chromaticity(light.xyz[None]))[0]
        light.errors.append((gettext_noop("intensity unit"), f"unit:{instrument}", moved / np.sqrt(3.0)))


def _gradient(light: Light, matrix: np.ndarray) -> np.ndarray:
    """Change of x and y (2, m) with each measured point, through the baseline as well."""
    total = light.xyz.sum()
    xy = light.xyz[:2] / total
    direct = (matrix[:, :2] - xy * matrix.sum(axis=1, keepdims=True)) / total * light.factor[:, None]
    return np.array([light.baseline.through(column) for column in direct.T])


def _baseline_change(light: Light) -> np.ndarray | None:
    x, baseline = light.emission.x, light.baseline
    if baseline.tilt:
        return baseline.tilt / np.sqrt(12.0) * (x - x.mean()) / np.ptp(x)
    if baseline.kind == "none" and abs(baseline.level) > 3.0 * baseline.u_level > 0.0:
        return np.full(len(x), baseline.level / np.sqrt(12.0))
    return None


def _reported(light: Light) -> Outcome:
    total = light.xyz.sum()
    u_total = np.sqrt(((weights(light.emission.x).sum(axis=1) * light.factor) ** 2) @ light.variance)
    if total <= 5.0 * u_total:
        return Outcome(refusal=_INVISIBLE, warnings=tuple(light.findings.warnings))
    xy = chromaticity(light.xyz[None])
    white = WHITES[light.case.parameters.get("white", "E")]
    primaries = _primaries(light.case.parameters)
    numbers, slopes = _numbers(xy, white, primaries)[0], _slopes(xy, white, primaries)
    if light.emission.clipped.any():
        light.findings.warn("clipped_colour", _CLIPPED)
    if light.baseline.kind == "none" and light.case.parameters.get(gettext_noop("baseline"), "constant") != "none":
        light.findings.warn("no_baseline", _NO_BASELINE)
    estimates = [_estimate(light, kind, numbers[k], slopes[k]) for k, kind in enumerate(_KINDS)]
    if light.given.facts.get("technique") == "el":
        estimates = [
            Estimate(electroluminescent(e.name), e.value, e.unit, e.budget, reason=e.reason) for e in estimates
        ]
    return Outcome(
        tuple(estimates), tuple(light.findings.warnings), curves=_curves(light), details=_details(light, xy, white)
    )


def _primaries(parameters) -> tuple:
    """Red and green of the display whose blue this is."""
    given = [parameters.get(name) for name in ("red_x", "red_y", "green_x", "green_y")]
    red_x, red_y, green_x, green_y = (
        default if value is None else value
        for value, default in zip(given, (*REC2020_RED, *REC2020_GREEN), strict=True)
    )
    return (red_x, red_y), (green_x, green_y)


def _numbers(xy: np.ndarray, white, primaries=(REC2020_RED, REC2020_GREEN)) -> np.ndarray:
    """All quantities (n, 8) of colours (n, 2), in the order of the table above."""
    nm, purity = dominant(xy, white)
    others = np.stack([nm, purity, blue_distance(xy), rec2020_coverage(xy, *primaries)], axis=1)
    return np.concatenate([xy, uniform(xy), others], axis=1)


def _slopes(xy: np.ndarray, white, primaries, step: float = 1e-6) -> np.ndarray:
    """Derivatives (8, 2) of all quantities with respect to x and y."""
    moved = np.repeat(xy, 4, axis=0) + step * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    values = _numbers(moved, white, primaries)
    return np.stack([values[0] - values[1], values[2] - values[3]], axis=1) / (2.0 * step)


def _estimate(light: Light, kind, value: float, slope: np.ndarray) -> Estimate:
    name, unit = kind[:2]
    if not np.isfinite(value):
        return Estimate(name, None, unit, reason=_PURPLE)
    if not np.isfinite(slope).all():
        return Estimate(name, float(value), unit)
    noise = float(np.sqrt((slope @ light.gradient) ** 2 @ light.variance))
    budget = [Component(gettext_noop("noise"), noise, f"fit:{light.given.source}")]
    budget += [Component(error, float(slope @ change), source) for error, source, change in light.errors]
    return Estimate(name, float(value), unit, tuple(budget))


def _curves(light: Light) -> dict:
    x, y = light.emission.x, light.emission.y
    return {"x_nm": x.tolist(), "y": y.tolist(), "baseline": light.baseline.values.tolist()}


def _details(light: Light, xy: np.ndarray, white) -> dict:
    """What was done, and what one per cent more baseline would do."""
    offset = 0.01 * max(b.height for b in light.emission.bumps)
    lifted = chromaticity(tristimulus(light.emission.x, light.power + light.factor * offset))
    raw = chromaticity(tristimulus(light.emission.x, light.factor * light.emission.y))
    return {
        "window_nm": [float(light.emission.x[0]), float(light.emission.x[-1])],
        "left_out_nm": [list(pair) for pair in light.emission.removed],
        "baseline": light.baseline.kind,
        "white": {"name": light.case.parameters.get("white", "E"), "xy": list(white)},
        "display": dict(zip(("red", "green"), map(list, _primaries(light.case.parameters)), strict=True)),
        "intensity_unit": light.given.conditions.intensity_unit,
        "spectrally_corrected": light.given.conditions.spectrally_corrected,
        "xy_without_baseline_correction": [float(v) for v in raw[0]],
        "xy_with_1_percent_more_baseline": [float(v) for v in lifted[0]],
    }


_CORRECTION_UNKNOWN = gettext_noop(
    "It is not known whether the spectrum was corrected for the sensitivity of the instrument; the colour may be off. "
    "State it once for the instrument."
)
_NOT_CORRECTED = gettext_noop(
    "The spectrum is not corrected for the sensitivity of the instrument, so its colour is that of the detector. "
    "Export it with the correction curve applied."
)
_UNIT_UNKNOWN = gettext_noop(
    "It is not known whether intensities count photons or energy; energy was taken, and the difference is in the budget."
)
_OPEN = {
    "short": gettext_noop(
        "At the short-wavelength end the spectrum is still at {percent} % of its maximum: the rest of its colour was "
        "not measured. Measure a wider range."
    ),
    "long": gettext_noop(
        "At the long-wavelength end the spectrum is still at {percent} % of its maximum: the rest of its colour was "
        "not measured. Measure a wider range."
    ),
}
_INVISIBLE = Note("invisible", gettext_noop("Nothing of this spectrum that stands out of the noise is visible."))
_CLIPPED = gettext_noop("The detector was saturated: the colour is paler than it should be.")
_NO_BASELINE = gettext_noop("Too few points lie beside the band to find a baseline; none was subtracted.")
_PURPLE = Note("purple", gettext_noop("This colour is a purple, which no single wavelength has."))


def _quantities() -> tuple[QuantityKind, ...]:
    kinds = [QuantityKind(*kind) for kind in _KINDS]
    return tuple(kinds + [QuantityKind(electroluminescent(k.name), k.unit, k.label, k.symbol) for k in kinds])


METHOD = Method(
    name="colour",
    title=gettext_noop("Colour (CIE 1931)"),
    version=3,
    roles=(Role("emission", "spectrum", gettext_noop("Emission spectrum"), techniques=("pl_emission", "el")),),
    parameters=PARAMETERS,
    quantities=_quantities(),
    run=run,
)
