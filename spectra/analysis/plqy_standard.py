"""What is known of the standard of a relative yield: Φ_ref, for which gas and solvent, and until when its session holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from spectra.analysis.findings import Findings, shown
from spectra.analysis.method import Input
from spectra.analysis.plqy_solvents import DEFAULT_SOLVENTS, solvent_name
from spectra.conditions import Conditions
from spectra.notes import gettext_noop

DEFAULT_COMPOUND = "9,10-diphenylanthracene"
DEFAULT_PHI, DEFAULT_PHI_U = 0.97, 0.03
DEFAULT_CITATION = "doi:10.21203/rs.3.rs-1464874/v1"
OXYGEN_FREE = ("ar", "argon", "n2", "nitrogen", "degassed")

# For the Stern–Volmer estimate of what air takes from 9,10-diphenylanthracene in cyclohexane.
DPA_LIFETIME_NS = 7.5
OXYGEN_IN_AIR_MOL_L = 2.3e-3
DIFFUSION_LIMITED_L_MOL_NS = 20.0  # 2·10¹⁰ L mol⁻¹ s⁻¹


@dataclass(frozen=True)
class Reference:
    """The standard as it was used: Φ ± u, in which solvent and gas, and the ids that budgets name."""

    phi: float
    phi_u: float
    compound: str
    solvent: str
    gas: str | None
    temperature_c: float | None
    citation: str
    standard_id: str
    session_id: str
    session_name: str

    @property
    def source(self) -> str:
        return f"standard:{self.standard_id}"

    @property
    def quenched_by_oxygen(self) -> bool:
        name = self.compound.lower()
        return "diphenylanthracene" in name or name == "dpa"


def merged_facts(inputs: Sequence[Input]) -> dict:
    """The facts of several inputs; the first that knows something wins."""
    facts: dict = {}
    for one in inputs:
        for key, value in one.facts.items():
            if facts.get(key) is None:
                facts[key] = value
    return facts


def reference_from(facts: Mapping, parameters: Mapping, findings: Findings) -> Reference:
    """Settle Φ_ref from the standard's facts, a person's parameters, or the default standard, in the reverse order."""
    told = any(key in facts for key in ("compound", "standard_id", "phi"))
    phi, phi_u = parameters.get("standard_phi"), parameters.get("standard_phi_u")
    if phi is None:
        phi = _told_phi(facts, told, findings)
    if not 0 < phi <= 1:
        findings.refuse(
            "standard_phi_impossible",
            gettext_noop("The standard's Φ is {phi}; it must lie between 0 and 1. Please correct the standard."),
            phi=shown(phi),
        )
    phi_u = facts.get("phi_u") if phi_u is None else phi_u
    if phi_u is None:
        phi_u = DEFAULT_PHI_U
        if told:
            findings.warn(
                "standard_phi_u_assumed",
                gettext_noop(
                    "The standard's Φ has no uncertainty; ± {phi_u} was assumed. Please add it to the standard."
                ),
                phi_u=phi_u,
            )
    compound = str(facts.get("compound") or DEFAULT_COMPOUND)
    return Reference(
        float(phi),
        float(phi_u),
        compound,
        solvent_name(facts.get("solvent")) or ("" if told else DEFAULT_SOLVENTS["standard"]),
        facts.get("gas"),
        facts.get("temperature_c"),
        str(facts.get("citation") or ("" if told else DEFAULT_CITATION)),
        str(facts.get("standard_id") or compound),
        str(facts.get("session_id") or ""),
        str(facts.get("session_name") or facts.get("session_id") or ""),
    )


def _told_phi(facts: Mapping, told: bool, findings: Findings) -> float:
    if not told:
        findings.warn(
            "standard_assumed",
            gettext_noop(
                "Nothing says which standard this is; {compound} in cyclohexane with Φ = {phi} ± {phi_u} was assumed. "
                "Please choose the standard, or give its Φ."
            ),
            compound=DEFAULT_COMPOUND,
            phi=DEFAULT_PHI,
            phi_u=DEFAULT_PHI_U,
        )
        return DEFAULT_PHI
    if facts.get("phi") is None:
        findings.refuse(
            "standard_without_phi",
            gettext_noop("The standard {compound} has no Φ. Please enter its quantum yield with its source."),
            compound=str(facts.get("compound") or facts.get("standard_id") or ""),
        )
    return float(facts["phi"])


def oxygen_loss(lifetime_ns: float, oxygen_mol_l: float = OXYGEN_IN_AIR_MOL_L) -> float:
    """Estimate the share of the emission that dissolved oxygen takes [1].

    Notes
    -----
    Stern–Volmer: I₀/I = 1 + k_q τ₀ [O₂] with k_q = 2·10¹⁰ L mol⁻¹ s⁻¹ (diffusion-limited) and [O₂] of an air-saturated alkane. An
    order of magnitude for a warning, never a correction.

    Examples
    --------
    >>> round(oxygen_loss(7.5), 2)
    0.26
    """
    return 1 - 1 / (1 + DIFFUSION_LIMITED_L_MOL_NS * lifetime_ns * oxygen_mol_l)


def check_state(reference: Reference, measured: Conditions, findings: Findings) -> None:
    """Warn where the standard was not measured as its Φ was: gas, solvent, temperature."""
    _check_gas(reference, measured.gas, findings)
    measured_in = solvent_name(measured.solvent)
    if measured_in and reference.solvent and measured_in != reference.solvent:
        findings.warn(
            "standard_solvent_differs",
            gettext_noop("Φ of {compound} is known in {reference}, but the standard was measured in {measured}."),
            compound=reference.compound,
            reference=reference.solvent,
            measured=measured_in,
        )
    if None not in (measured.temperature_c, reference.temperature_c):
        difference = measured.temperature_c - reference.temperature_c
        if abs(difference) > 5:
            findings.warn(
                "standard_temperature_differs",
                gettext_noop("The standard was measured {difference} °C away from the temperature that its Φ is for."),
                difference=shown(difference),
            )


def _check_gas(reference: Reference, measured_gas: str | None, findings: Findings) -> None:
    known, measured = _oxygen_state(reference.gas), _oxygen_state(measured_gas)
    if known is not None and known == measured:
        return
    if not reference.quenched_by_oxygen and (known is None or measured is None):
        return
    estimate = shown(100 * oxygen_loss(DPA_LIFETIME_NS), 2) if reference.quenched_by_oxygen else None
    values = {"compound": reference.compound, "reference": reference.gas or "?", "measured": measured_gas or "?"}
    if estimate is None:
        findings.warn(
            "standard_gas_differs",
            gettext_noop("Φ of {compound} is for {reference}, but the standard was measured under {measured}."),
            **values,
        )
        return
    findings.warn(
        "standard_gas",
        gettext_noop(
            "Oxygen quenches {compound}: its Φ is for “{reference}”, the standard was measured under “{measured}” "
            "(? = not known). Air takes about {percent} % of its emission, and Φ of the sample moves by as much. "
            "Please note the gas, or bubble the standard with argon."
        ),
        percent=estimate,
        **values,
    )


def _oxygen_state(gas: str | None) -> str | None:
    name = (gas or "").strip().lower()
    if not name:
        return None
    return "without oxygen" if name in OXYGEN_FREE else name


def check_session(facts: Mapping, sample_facts: Mapping, findings: Findings) -> None:
    """Warn when the sample was measured after its standard session had expired."""
    until, measured = _moment(facts.get("valid_until")), _moment(sample_facts.get("measured_at"))
    if until is not None and measured is not None and measured > until:
        findings.warn(
            "session_expired",
            gettext_noop(
                "The standard session was valid until {until}; this sample was measured {hours} h later. "
                "The lamp may have drifted: measure the standard again, or check it with a repeat reading."
            ),
            until=until.isoformat(timespec="minutes"),
            hours=shown((measured - until).total_seconds() / 3600, 2),
        )


def _moment(value) -> datetime | None:
    """A time in UTC from a datetime or ISO text; None when it is neither."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
