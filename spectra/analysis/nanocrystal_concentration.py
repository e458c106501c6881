"""Method ``nanocrystal_concentration``: how many dots are in a solution, and how large, from its absorption.

Concentration by Lambert and Beer with a molar absorption coefficient that comes with its wavelength and citation; size, and where
it is known the coefficient too, by a published sizing curve for the first exciton of the material.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import pi

import numpy as np

from spectra.analysis.absorbance_input import Absorption, read_absorption
from spectra.analysis.exclusions import exclude_parameter
from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.local_quadratic import smooth_at
from spectra.analysis.method import Case, Component, Estimate, Method, Outcome, Parameter, QuantityKind, Role
from spectra.analysis.noise import variance_without_model
from spectra.analysis.uncertainty import combined
from spectra.notes import Note, gettext_noop

HIGH, LOW = 2.0, 0.02
SMOOTHING_NM = 2.0
CM_PER_NM = 1e-7


@dataclass(frozen=True)
class SizingCurve:
    """Diameter [nm] from the first exciton [nm], its range [nm], and ε [L/(mol cm)] at that peak from the diameter."""

    diameter_nm: Callable[[float], float]
    first_nm: float
    last_nm: float
    epsilon: Callable[[float], float]
    u_percent: float  # of the diameter
    epsilon_u_percent: float
    citation: str


_YU = "W. W. Yu, L. Qu, W. Guo, X. Peng, Chem. Mater. 15 (2003) 2854, doi:10.1021/cm034081k"

SIZING = {
    "CdSe": SizingCurve(
        np.poly1d([1.6122e-9, -2.6575e-6, 1.6242e-3, -0.4277, 41.57]), 415.0, 670.0,
        lambda d: 5857.0 * d**2.65, 5.0, 20.0, _YU,
    ),
    "CdTe": SizingCurve(
        np.poly1d([9.8127e-7, -1.7147e-3, 1.0064, -194.84]), 570.0, 735.0,
        lambda d: 10043.0 * d**2.12, 5.0, 20.0, _YU,
    ),
    "CdS": SizingCurve(
        np.poly1d([-6.6521e-8, 1.9557e-4, -9.2352e-2, 13.29]), 310.0, 460.0,
        lambda d: 21536.0 * d**2.3, 5.0, 20.0, _YU,
    ),
}  # fmt: skip


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Work out n solutions.

    Parameters
    ----------
    cases : sequence of Case
        Role ``absorbance``; optional ``exciton``, an analysis ``first_exciton``, for the sizing curve.

    Returns
    -------
    list of Outcome
        ``absorbance_read``, ``dot_concentration_mol_l``, ``sizing_diameter_nm`` and ``dots_volume_fraction``.

    Notes
    -----
    c = A/(ε l). A is the value of a local parabola at the wavelength to which ε belongs, after the level of the red end was
    subtracted where asked for. Without an own ε, that of the sizing curve at the first exciton is taken; it
    holds for narrow size distributions, since a wide one lowers the peak. u of ε and of the curve are sources of their own, shared
    by all samples that use them.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        given = case.one("absorbance")
        absorption = read_absorption(given, (None, None), findings, case.parameters.get("exclude"))
        curve, peak = _curve(case, findings)
        diameter = _diameter(case, curve, peak, findings)
        at_nm, epsilon = _coefficient(case, curve, peak, diameter, findings)
        read = _read(case, absorption, at_nm, findings)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    path_cm = _path(case, findings)
    concentration = _concentration(read, epsilon, path_cm)
    estimates = [read, concentration]
    if diameter is not None:
        estimates += [diameter, _volume(concentration, diameter)]
    details = {
        "at_nm": at_nm, "epsilon_l_per_mol_cm": epsilon.value if epsilon else None, "path_cm": path_cm,
        "citation": case.parameters["epsilon_citation"] or (curve.citation if curve else ""), "material": case.parameters["material"],
        "exciton_nm": peak.value if peak else None,
    }  # fmt: skip
    return Outcome(tuple(estimates), tuple(findings.warnings), details=details)


def _curve(case: Case, findings: Findings) -> tuple[SizingCurve | None, Estimate | None]:
    curve = SIZING.get(case.parameters["material"])
    exciton = case.one("exciton")
    peak = exciton.estimates.get("absorption_peak_nm") if exciton else None
    if peak is not None and peak.value is None:
        peak = None
    if curve and peak is None:
        text = gettext_noop("A size needs the first exciton: add its analysis.")
        findings.warn("no_exciton", text)
    if curve and peak and not curve.first_nm <= peak.value <= curve.last_nm:
        text = gettext_noop("The first exciton at {peak} nm lies outside of the sizing curve ({first}–{last} nm).")
        findings.refuse(
            "outside_sizing_curve", text, peak=shown(peak.value, 4), first=curve.first_nm, last=curve.last_nm
        )
    return curve, peak


def _diameter(case: Case, curve: SizingCurve | None, peak: Estimate | None, findings: Findings) -> Estimate | None:
    if curve is None or peak is None:
        return None
    value = float(curve.diameter_nm(peak.value))
    slope = float(curve.diameter_nm(peak.value + 0.5) - curve.diameter_nm(peak.value - 0.5))
    own = Component(
        gettext_noop("sizing curve"), value * curve.u_percent / 100.0, f"sizing:{case.parameters['material']}"
    )
    return Estimate("sizing_diameter_nm", value, "nm", (*combined((peak.budget, slope)), own))


def _coefficient(case: Case, curve, peak, diameter, findings: Findings) -> tuple[float, Estimate | None]:
    """Wavelength [nm] and molar absorption coefficient [L/(mol cm)] with its u."""
    stated = case.parameters["epsilon"]
    if stated is not None:
        at_nm = case.parameters["epsilon_at_nm"]
        if at_nm is None:
            findings.refuse(
                "epsilon_without_wavelength", gettext_noop("State the wavelength to which the coefficient belongs.")
            )
        if not case.parameters["epsilon_citation"]:
            findings.warn("no_citation", gettext_noop("The absorption coefficient comes without a citation."))
        percent = case.parameters["epsilon_u_percent"]
        if percent is None:
            text = gettext_noop(
                "The uncertainty of the absorption coefficient was not stated; u holds the absorbance only."
            )
            findings.warn("epsilon_without_u", text)
        label = case.parameters["epsilon_citation"] or f"{stated}@{at_nm}"
        budget = (
            (Component(gettext_noop("absorption coefficient"), stated * percent / 100.0, f"epsilon:{label}"),)
            if percent
            else ()
        )
        return at_nm, Estimate("epsilon", stated, "L/(mol.cm)", budget)
    if curve is not None and diameter is not None:
        value = float(curve.epsilon(diameter.value))
        own = Component(
            gettext_noop("absorption coefficient"),
            value * curve.epsilon_u_percent / 100.0,
            f"epsilon:{case.parameters['material']}",
        )
        step = 1e-3 * diameter.value
        slope = float(curve.epsilon(diameter.value + step) - curve.epsilon(diameter.value - step)) / (2 * step)
        return peak.value, Estimate("epsilon", value, "L/(mol.cm)", (*combined((diameter.budget, slope)), own))
    text = gettext_noop(
        "State an absorption coefficient with its wavelength, or choose a material with a sizing curve."
    )
    findings.refuse("no_coefficient", text)


def _read(case: Case, absorption: Absorption, at_nm: float, findings: Findings) -> Estimate:
    x, y = absorption.x, absorption.y
    if not x[0] <= at_nm <= x[-1]:
        text = gettext_noop("The spectrum runs from {first} to {last} nm; the coefficient belongs to {at} nm.")
        findings.refuse("not_spanned", text, first=shown(x[0], 4), last=shown(x[-1], 4), at=shown(at_nm, 4))
    variance = variance_without_model(y[None] + 0.0)[0]
    local = smooth_at(x, y, at_nm, max(SMOOTHING_NM, 3.0 * absorption.step))
    value, u, level, u_level = local.value, local.u(variance)[0], 0.0, 0.0
    red = x > x[-1] - 0.05 * np.ptp(x)
    if case.parameters["subtract_red_end"]:
        level, u_level = float(y[red].mean()), float(np.sqrt(variance[red].sum()) / red.sum())
    elif abs(float(y[red].mean())) > 0.05 * abs(value):
        text = gettext_noop(
            "At the red end {level} is left: an offset or scattering. Subtract it, or measure the solvent."
        )
        findings.warn("red_end_not_zero", text, level=shown(float(y[red].mean()), 2))
    value -= level
    if value <= 3.0 * u:
        findings.refuse("no_absorbance", gettext_noop("No absorbance stands out of the noise at that wavelength."))
    if value > HIGH:
        findings.warn(
            "high_absorbance", gettext_noop("An absorbance of {a} is lowered by stray light. Dilute."), a=shown(value)
        )
    if value < LOW:
        findings.warn(
            "low_absorbance", gettext_noop("An absorbance of {a} is small: baselines weigh much."), a=shown(value, 2)
        )
    source = case.one("absorbance").source
    budget = [Component(gettext_noop("noise"), u, f"absorbance:{source}")]
    if u_level:
        budget.append(Component(gettext_noop("level of the red end"), u_level, f"absorbance-level:{source}"))
    return Estimate("absorbance_read", value, "1", tuple(budget))


def _path(case: Case, findings: Findings) -> float:
    path_cm = case.parameters["path_cm"] or case.one("absorbance").conditions.path_length_cm
    if path_cm is None:
        findings.warn("path_assumed", gettext_noop("The path length is not known; 1 cm was assumed."))
    return path_cm or 1.0


def _concentration(read: Estimate, epsilon: Estimate, path_cm: float) -> Estimate:
    value = read.value / (epsilon.value * path_cm)
    budget = combined((read.budget, value / read.value), (epsilon.budget, -value / epsilon.value))
    return Estimate("dot_concentration_mol_l", value, "mol/L", budget)


def _volume(concentration: Estimate, diameter: Estimate) -> Estimate:
    """Share of the solution's volume that is dots, taken as spheres."""
    avogadro = 6.02214076e23
    volume_l = pi / 6.0 * (diameter.value * CM_PER_NM) ** 3 * 1e-3
    value = concentration.value * avogadro * volume_l
    budget = combined(
        (concentration.budget, value / concentration.value), (diameter.budget, 3.0 * value / diameter.value)
    )
    if not budget:
        text = gettext_noop("The parts of its uncertainty are not known.")
        return Estimate("dots_volume_fraction", value, "1", reason=Note("no_uncertainty", text))
    return Estimate("dots_volume_fraction", value, "1", budget)


METHOD = Method(
    name="nanocrystal_concentration",
    title=gettext_noop("Concentration and size from absorption"),
    version=1,
    roles=(
        Role("absorbance", "spectrum", gettext_noop("Absorption spectrum"), techniques=("uvvis",)),
        Role("exciton", "analysis", gettext_noop("First exciton"), methods=("first_exciton",), minimum=0),
    ),
    parameters=(
        Parameter("material", "choice", "", gettext_noop("Sizing curve"), choices=("", *SIZING)),
        Parameter("epsilon", "number", None, gettext_noop("Molar absorption coefficient of a dot"), "L/(mol.cm)", minimum=1.0),
        Parameter("epsilon_u_percent", "number", None, gettext_noop("its uncertainty"), "%", minimum=0.0, maximum=200.0),
        Parameter("epsilon_at_nm", "number", None, gettext_noop("its wavelength"), "nm", minimum=150.0, maximum=5000.0),
        Parameter("epsilon_citation", "text", "", gettext_noop("its citation")),
        Parameter("path_cm", "number", None, gettext_noop("Path length"), "cm", minimum=0.001, maximum=100.0),
        Parameter("subtract_red_end", "flag", False, gettext_noop("Subtract the level of the red end")),
        exclude_parameter("nm"),
    ),
    quantities=(
        QuantityKind("absorbance_read", "1", gettext_noop("Absorbance at that wavelength"), "A"),
        QuantityKind("dot_concentration_mol_l", "mol/L", gettext_noop("Concentration of dots"), "c"),
        QuantityKind("sizing_diameter_nm", "nm", gettext_noop("Diameter by the sizing curve"), "d"),
        QuantityKind("dots_volume_fraction", "1", gettext_noop("Volume fraction of dots"), "φ"),
    ),
    run=run,
)  # fmt: skip
