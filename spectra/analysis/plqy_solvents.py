"""Solvents of a relative yield: their names and refractive indices."""

from collections.abc import Mapping

from spectra.analysis.findings import Findings, shown
from spectra.conditions import Conditions
from spectra.notes import gettext_noop

DEFAULT_SOLVENTS = {"sample": "toluene", "standard": "cyclohexane"}

# n_D at 20 °C; cyclohexane and toluene as in doi:10.21203/rs.3.rs-1464874/v1, the others from the CRC Handbook of Chemistry and Physics.
REFRACTIVE_INDEX = {
    "cyclohexane": 1.4265,
    "toluene": 1.4969,
    "hexane": 1.3749,
    "heptane": 1.3877,
    "octane": 1.3974,
    "benzene": 1.5011,
    "chloroform": 1.4459,
    "dichloromethane": 1.4242,
    "tetrahydrofuran": 1.4072,
    "ethyl acetate": 1.3723,
    "acetone": 1.3588,
    "acetonitrile": 1.3442,
    "ethanol": 1.3611,
    "methanol": 1.3288,
    "water": 1.3330,
    "dimethylformamide": 1.4305,
    "dimethyl sulfoxide": 1.4793,
}
SYNONYMS = {
    "n-hexane": "hexane",
    "n-heptane": "heptane",
    "n-octane": "octane",
    "dcm": "dichloromethane",
    "chcl3": "chloroform",
    "ch2cl2": "dichloromethane",
    "thf": "tetrahydrofuran",
    "etoh": "ethanol",
    "meoh": "methanol",
    "h2o": "water",
    "dmf": "dimethylformamide",
    "dmso": "dimethyl sulfoxide",
    "mecn": "acetonitrile",
}


def solvent_name(solvent: str | None) -> str:
    """A solvent's name as it stands in REFRACTIVE_INDEX, or as it was written.

    Examples
    --------
    >>> solvent_name(" Toluene "), solvent_name("THF"), solvent_name(None)
    ('toluene', 'tetrahydrofuran', '')
    """
    name = (solvent or "").strip().lower()
    return SYNONYMS.get(name, name)


def refractive_index(
    which: str, given: float | None, conditions: Conditions, facts: Mapping, findings: Findings
) -> tuple[float, str]:
    """Settle the refractive index [1] of ``which`` ("sample" or "standard") and the name of its solvent.

    A person's number wins, then the measurement's own, then the standard's record, then the table by solvent.
    """
    measured_in, recorded = solvent_name(conditions.solvent), solvent_name(facts.get("solvent"))
    solvent = measured_in or recorded
    agrees = not measured_in or not recorded or measured_in == recorded
    candidates = [given, conditions.refractive_index, facts.get("refractive_index") if agrees else None]
    candidates.append(REFRACTIVE_INDEX.get(solvent))
    known = next((n for n in candidates if n is not None), None)
    if known is None and solvent:
        findings.refuse(
            "refractive_index_unknown",
            gettext_noop("The refractive index of {solvent} is not known. Please give n of the {which}."),
            solvent=solvent,
            which=which,
        )
    if known is None:
        solvent = DEFAULT_SOLVENTS[which]
        known = REFRACTIVE_INDEX[solvent]
        findings.warn(
            f"solvent_assumed_{which}",
            gettext_noop("The solvent of the {which} is not known; {solvent} (n = {n}) was assumed. Please add it."),
            which=which,
            solvent=solvent,
            n=known,
        )
    if not 1.0 <= known <= 3.0:
        findings.refuse(
            "refractive_index_impossible",
            gettext_noop("A refractive index of {n} is not possible for the {which}. Please correct it."),
            n=shown(known, 5),
            which=which,
        )
    return float(known), solvent or f"n={known:g}"
