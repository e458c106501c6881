"""Method ``plqy_absolute``: quantum yield in an integrating sphere, of solutions and of films.

Photons emitted over photons absorbed, both counted in the same sphere: no standard, but a calibrated one. Two spectra (empty
sphere, sample in the beam) or three (sample beside the beam too) after de Mello.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectra.analysis.emission_integral import NotAnEmission, emission_curve, red_tail_factor
from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.method import Case, Component, Estimate, Input, Method, Outcome, Parameter, QuantityKind, Role
from spectra.notes import gettext_noop
from spectra.spectrum import Spectrum

SKEWED = 0.1  # relative u from which the interval is drawn by Monte Carlo
DRAWS = 20_000
LITTLE_ABSORBED = 0.05
LEAST_POINTS = 3
HALF_LINE_NM = 12.0  # half width of the excitation line where its bandwidth is not known
GAP_NM = 3.0


@dataclass(frozen=True, eq=False)
class Counts:
    """Photons in the excitation and in the emission window of one spectrum, with their u [arbitrary, one scale]."""

    excitation: float
    u_excitation: float
    emission: float
    u_emission: float


def yield_of(lamp: float, direct: Counts, indirect: Counts | None, background: float) -> tuple[float, float]:
    """Quantum yield and absorptance.

    Parameters
    ----------
    lamp : float
        Excitation photons with the empty sphere.
    direct, indirect : Counts
        Sample in the beam; sample in the sphere but beside the beam, where that was measured.
    background : float
        Emission window of the empty sphere.

    Returns
    -------
    plqy, absorptance : float [1]

    Notes
    -----
    Three measurements: A = 1 − L_c/L_b, Φ = [P_c − (1 − A) P_b]/(A L_a), which takes out light that is absorbed only after
    scattering off the wall. Two: A = 1 − L_c/L_a, Φ = P_c/(A L_a), which counts that light as if it came from the beam.
    The emission window of the empty sphere is subtracted from P.

    References
    ----------
    J. C. de Mello, H. F. Wittmann, R. H. Friend, Adv. Mater. 9 (1997) 230, doi:10.1002/adma.19970090308

    Examples
    --------
    >>> yield_of(100.0, Counts(40.0, 0, 48.0, 0), None, 0.0)
    (0.8, 0.6)
    >>> phi, a = yield_of(100.0, Counts(38.0, 0, 49.6, 0), Counts(95.0, 0, 4.0, 0), 0.0)
    >>> round(phi, 3), round(a, 3)
    (0.8, 0.6)
    """
    if indirect is None:
        absorptance = 1.0 - direct.excitation / lamp
        return (direct.emission - background) / (absorptance * lamp), absorptance
    absorptance = 1.0 - direct.excitation / indirect.excitation
    emitted = (direct.emission - background) - (1.0 - absorptance) * (indirect.emission - background)
    return emitted / (absorptance * lamp), absorptance


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Measure n samples.

    Parameters
    ----------
    cases : sequence of Case
        Roles ``empty``, ``direct``, optional ``indirect``, and optional ``dilute``: an emission spectrum of a thin sample
        outside the sphere, for self-absorption. Spectra span excitation and emission, corrected for the sphere.

    Returns
    -------
    list of Outcome
        ``plqy_absolute`` with a 95 % interval where it is skewed, ``plqy_absolute_uncorrected`` and ``absorptance``.

    Notes
    -----
    All integrals are ∫ N dλ in photons, by trapezoids on the grid as measured: a sum of points would weigh an uneven grid
    unevenly. Self-absorption: with a the part of the emission that the sphere reabsorbs, Φ = Φ_obs/(1 − a + a Φ_obs), a from the red
    tail against ``dilute`` (T.-S. Ahn et al., doi:10.1063/1.2768926). The calibration of the sphere enters as stated by
    ``sphere_u_percent``, shared by all samples of one instrument.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings(case.parameters["override"])
    try:
        _check_axes(case, findings)
        windows = _windows(case, findings)
        counts = {role: _counts(case.one(role), windows, findings) for role in ("empty", "direct", "indirect")}
        observed, absorptance = _observed(counts, findings)
        phi, escape = _corrected(case, observed, windows, findings)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note, overridable=refused.overridable)
    estimates = _estimates(case, counts, escape, phi, observed, absorptance)
    _doubts(case, estimates[0], absorptance, findings)
    details = {
        "excitation_window_nm": windows[0], "emission_window_nm": windows[1], "reabsorbed": round(escape, 4),
        "measurements": 3 if counts["indirect"] else 2,
        "photons": {role: {"excitation": c.excitation, "emission": c.emission} for role, c in counts.items() if c},
    }  # fmt: skip
    return Outcome(estimates, tuple(findings.warnings), curves=_curves(case), details=details)


# --- Windows and counts -----------------------------------------------------------------------------------------------


def _check_axes(case: Case, findings: Findings) -> None:
    for given in case.inputs:
        if not isinstance(given.value, Spectrum):
            continue
        try:
            _, values = given.value.ascending_nm()
        except ValueError:
            text = gettext_noop(
                "The axis of the spectrum given as {role} is no wavelength. State its unit and analyse again."
            )
            findings.refuse("no_optical_axis", text, role=given.role)
        if values.size < LEAST_POINTS:
            text = gettext_noop("The spectrum given as {role} holds {n} values; at least {least} are needed.")
            findings.refuse("few_points", text, role=given.role, n=int(values.size), least=LEAST_POINTS)


def _windows(case: Case, findings: Findings) -> tuple[tuple[float, float], tuple[float, float]]:
    """Excitation and emission window [nm]."""
    direct = case.one("direct")
    if direct is None or not isinstance(direct.value, Spectrum) or case.one("empty") is None:
        text = gettext_noop("The spectrum of the empty sphere and that of the sample in the beam are needed.")
        findings.refuse("spectra_missing", text)
    excitation_nm = case.parameters["excitation_nm"] or direct.conditions.excitation_nm
    if excitation_nm is None:
        findings.refuse("excitation_unknown", gettext_noop("The excitation wavelength is not known. State it."))
    half = max(HALF_LINE_NM, 2.0 * (direct.conditions.excitation_bandwidth_nm or 0.0))
    x, _ = direct.value.ascending_nm()
    if not x[0] <= excitation_nm - 0.5 * half or x[-1] < excitation_nm + half:
        text = gettext_noop("The spectra do not span the excitation at {at} nm: what was absorbed cannot be counted.")
        findings.refuse("excitation_not_spanned", text, at=shown(excitation_nm, 4))
    first = case.parameters["emission_min_nm"] or excitation_nm + half + GAP_NM
    last = case.parameters["emission_max_nm"] or float(x[-1])
    if first <= excitation_nm + 0.5 * half or last <= first:
        text = gettext_noop("The emission window from {first} to {last} nm overlaps the excitation.")
        findings.refuse("windows_overlap", text, first=shown(first, 4), last=shown(last, 4))
    return (excitation_nm - half, excitation_nm + half), (first, last)


def _counts(given: Input | None, windows, findings: Findings) -> Counts | None:
    if given is None:
        return None
    _check(given, findings)
    try:
        curve = emission_curve(given.value, given.conditions.intensity_unit)
        parts = [curve.within(*window) for window in windows]
    except NotAnEmission:
        text = gettext_noop("The spectrum given as {role} does not span excitation and emission.")
        findings.refuse("not_spanned", text, role=given.role)
    return Counts(parts[0].integral, parts[0].u_integral, parts[1].integral, parts[1].u_integral)


def _check(given: Input, findings: Findings) -> None:
    conditions = given.conditions
    if conditions.spectrally_corrected is False:
        text = gettext_noop(
            "The spectra are not corrected for sphere and detector: photons of two colours cannot be compared."
        )
        findings.refuse("uncorrected", text, overridable=True)
    if conditions.spectrally_corrected is None:
        text = gettext_noop("Whether the spectra are corrected for sphere and detector is not known.")
        findings.warn("correction_unknown", text)
    if conditions.intensity_unit is None:
        findings.warn(
            "unit_unknown",
            gettext_noop("Whether intensities count photons or energy is not known; photons were assumed."),
        )
    if conditions.saturation_level is not None and np.nanmax(given.value.signal.values) >= conditions.saturation_level:
        text = gettext_noop("The detector was saturated in the spectrum given as {role}.")
        findings.refuse("saturated", text, overridable=True, role=given.role)


def _observed(counts, findings: Findings) -> tuple[float, float]:
    empty, direct, indirect = counts["empty"], counts["direct"], counts["indirect"]
    against = indirect.excitation if indirect else empty.excitation
    if empty.excitation <= 0 or against <= 0:
        findings.refuse("no_excitation", gettext_noop("No excitation light is in the spectrum of the empty sphere."))
    spread = np.hypot(direct.u_excitation, indirect.u_excitation if indirect else empty.u_excitation)
    if against - direct.excitation <= 3.0 * spread:
        findings.refuse(
            "nothing_absorbed",
            gettext_noop("The sample absorbs nothing beyond the noise: a yield needs absorbed photons."),
        )
    return yield_of(empty.excitation, direct, indirect, empty.emission)


def _corrected(case: Case, observed: float, windows, findings: Findings) -> tuple[float, float]:
    """Yield corrected for self-absorption, and the part of the emission that was reabsorbed."""
    stated, dilute = case.parameters["reabsorbed"], case.one("dilute")
    if stated is None and dilute is None:
        text = gettext_noop("Self-absorption in the sphere was not corrected: add the emission of a dilute sample.")
        findings.warn("self_absorption", text)
        return observed, 0.0
    if stated is not None:
        part = stated
    else:
        inside = emission_curve(case.one("direct").value, case.one("direct").conditions.intensity_unit).within(
            *windows[1]
        )
        thin = emission_curve(dilute.value, dilute.conditions.intensity_unit).within(*windows[1])
        part = 1.0 - 1.0 / max(red_tail_factor(inside, thin), 1.0)
    return observed / (1.0 - part + part * observed), part


# --- Numbers ----------------------------------------------------------------------------------------------------------


def _estimates(case: Case, counts, part: float, phi: float, observed: float, absorptance: float):
    source = case.one("direct").source
    draws = _drawn(case, counts, part)
    noise = gettext_noop("noise of the spectra")
    u_phi, u_observed, u_absorptance = (float(np.std(column)) for column in draws)
    own = [Component(noise, u_phi, f"sphere-noise:{source}"), *_stated(case, phi, absorptance)]
    raw = [Component(noise, u_observed, f"sphere-noise-raw:{source}"), *_stated(case, observed, absorptance)]
    plqy = Estimate("plqy_absolute", phi, "1", tuple(own))
    if plqy.u and plqy.u > SKEWED * abs(phi):
        lower, upper = np.quantile(_with_calibration(case, draws[0], absorptance), (0.025, 0.975))
        plqy = Estimate("plqy_absolute", phi, "1", tuple(own), float(lower), float(upper))
    return (
        plqy,
        Estimate("plqy_absolute_uncorrected", observed, "1", tuple(raw)),
        Estimate("absorptance", absorptance, "1", (Component(noise, u_absorptance, f"sphere-absorptance:{source}"),)),
    )


def _drawn(case: Case, counts, part: float):
    """Monte Carlo of the three numbers over the noise of all counts and the drift of the lamp (3, DRAWS)."""
    rng = np.random.default_rng(19970090)
    drift = case.parameters["lamp_u_percent"] / 100.0

    def draw(c: Counts | None) -> Counts | None:
        if c is None:
            return None
        lamp = 1.0 + drift * rng.standard_normal(DRAWS)
        return Counts(
            (c.excitation + c.u_excitation * rng.standard_normal(DRAWS)) * lamp, 0.0,
            (c.emission + c.u_emission * rng.standard_normal(DRAWS)) * lamp, 0.0,
        )  # fmt: skip

    empty, direct, indirect = (draw(counts[role]) for role in ("empty", "direct", "indirect"))
    observed, absorptance = yield_of(empty.excitation, direct, indirect, empty.emission)
    known = np.abs(absorptance) > 1e-6
    observed, absorptance = observed[known], absorptance[known]
    return observed / (1.0 - part + part * observed), observed, absorptance


def _stated(case: Case, phi: float, absorptance: float):
    percent = case.parameters["sphere_u_percent"]
    if percent:
        instrument = case.one("direct").facts.get("instrument") or "sphere"
        yield Component(gettext_noop("calibration of the sphere"), phi * percent / 100.0, f"sphere:{instrument}")


def _with_calibration(case: Case, draws, absorptance: float):
    percent = case.parameters["sphere_u_percent"] or 0.0
    return draws * (1.0 + percent / 100.0 * np.random.default_rng(1).standard_normal(draws.size))


def _doubts(case: Case, plqy: Estimate, absorptance: float, findings: Findings) -> None:
    if absorptance < LITTLE_ABSORBED:
        text = gettext_noop("Only {percent} % of the light is absorbed: small drifts of the lamp move the yield a lot.")
        findings.warn("little_absorbed", text, percent=shown(100 * absorptance, 2))
    if plqy.value > 1:
        text = gettext_noop("The yield is above 1. Check the calibration of the sphere and the windows.")
        findings.warn("above_one", text)
    if not case.parameters["sphere_u_percent"]:
        text = gettext_noop("The uncertainty of the sphere's calibration was not stated; u holds the noise only.")
        findings.warn("calibration_not_stated", text)
    if case.one("indirect") is None:
        text = gettext_noop(
            "Without a spectrum beside the beam, light absorbed after scattering counts as absorbed from the beam."
        )
        findings.warn("two_measurements", text)


def _curves(case: Case) -> dict:
    curves = {}
    for role in ("empty", "direct", "indirect"):
        given = case.one(role)
        if given is not None:
            curve = emission_curve(given.value, given.conditions.intensity_unit)
            curves[f"{role}_nm"], curves[role] = curve.wavelength_nm, curve.photons
    return curves


_TECHNIQUES = ("pl_emission",)

METHOD = Method(
    name="plqy_absolute",
    title=gettext_noop("Quantum yield in an integrating sphere"),
    version=1,
    roles=(
        Role("empty", "spectrum", gettext_noop("Empty sphere (with solvent or bare substrate)"), techniques=_TECHNIQUES),
        Role("direct", "spectrum", gettext_noop("Sample in the beam"), techniques=_TECHNIQUES),
        Role("indirect", "spectrum", gettext_noop("Sample beside the beam"), techniques=_TECHNIQUES, minimum=0),
        Role("dilute", "spectrum", gettext_noop("Emission of a dilute sample"), techniques=_TECHNIQUES, minimum=0),
    ),
    parameters=(
        Parameter("excitation_nm", "number", None, gettext_noop("Excitation wavelength"), "nm", minimum=150.0, maximum=2000.0),
        Parameter("emission_min_nm", "number", None, gettext_noop("Emission from"), "nm", minimum=150.0, maximum=5000.0),
        Parameter("emission_max_nm", "number", None, gettext_noop("Emission to"), "nm", minimum=150.0, maximum=5000.0),
        Parameter("reabsorbed", "number", None, gettext_noop("Part of the emission reabsorbed"), minimum=0.0, maximum=0.99,
                  help=gettext_noop("Automatic: from the emission of a dilute sample.")),
        Parameter("sphere_u_percent", "number", None, gettext_noop("Uncertainty of the sphere's calibration"), "%", minimum=0.0, maximum=50.0),
        Parameter("lamp_u_percent", "number", 0.3, gettext_noop("Drift of the lamp between spectra"), "%", minimum=0.0, maximum=20.0),
        Parameter("override", "text", "", gettext_noop("Refusals overridden")),
    ),
    quantities=(
        QuantityKind("plqy_absolute", "1", gettext_noop("Quantum yield (absolute)"), "Φ_abs"),
        QuantityKind("plqy_absolute_uncorrected", "1", gettext_noop("Quantum yield (absolute) before self-absorption"), "Φ_obs"),
        QuantityKind("absorptance", "1", gettext_noop("Absorptance"), "A"),
    ),
    run=run,
)  # fmt: skip
