"""How amounts and ratios are written: what was typed as typed, what was worked out in the bench's units."""

from django.utils.translation import gettext as _

from qdlab.records.formatting import quantity
from qdlab.records.sentences import sentence
from synthesis.selectors.sheets import Sheet, Side
from synthesis.selectors.steps import step_text
from synthesis.stoichiometry import Portion, Ratio
from synthesis.units import bench_typed, significant

SOLVENTS = ("solvent", "antisolvent", "wash")
DIMENSIONS = ("mass", "volume", "substance", "equivalents")


def said(note) -> str:
    """A note of the pure core in the reader's language."""
    return sentence(note.text, note.values)


def portion_text(portion: Portion | None, dimension: str) -> str:
    """One number of a portion: exactly as typed when it was typed, else worked out; empty when it is not known."""
    if portion is None:
        return ""
    if portion.typed == dimension:
        return str(portion.ingredient.amount)
    if dimension == "volume" and portion.ingredient.substance.phase == "solid":
        return ""  # the volume of a powder is nothing that anybody measures
    if dimension in ("substance", "equivalents") and portion.ingredient.role in SOLVENTS:
        return ""  # 940 equivalents of toluene are nothing that anybody counts
    si = portion.si(dimension)
    return "" if si is None else str(bench_typed(si, dimension))


def ratio_text(ratio: Ratio, reference: str) -> str:
    """``1.003``, or ``1.003 ± 0.005`` where the uncertainty is known; the reference is a plain 1."""
    if ratio.value is None:
        return "–"
    if ratio.species == reference:
        return "1"
    return quantity(ratio.value, ratio.u) if ratio.u else significant(ratio.value)


def ratio_line(sheet: Sheet, side: Side | None = None) -> str:
    """``MA : Pb : Br = 1.003 : 1 : 3.003``, without uncertainties: the line that is read aloud."""
    found = (side or sheet.planned).ratios
    if not any(ratio.value is not None for ratio in found):
        return ""
    values = [
        "–" if r.value is None else "1" if r.species == sheet.ratio_reference else significant(r.value) for r in found
    ]
    return f"{' : '.join(ratio.species for ratio in found)} = {' : '.join(values)}"


def mixture_facts(sheet: Sheet, side: Side | None = None) -> list[tuple[str, str]]:
    """Concentration of the precursor and what its aliquot becomes, as labels with values; only what is known."""
    side, species = side or sheet.planned, sheet.ratio_reference
    facts = []
    per_solvent, per_total = side.precursor.per_solvent_mol_m3(species), side.precursor.per_total_mol_m3(species)
    if per_solvent:
        label = _("{species} in the precursor, per solvent volume").format(species=species)
        facts.append((label, str(bench_typed(per_solvent, "concentration"))))
    if per_total and per_solvent and abs(per_total / per_solvent - 1) > 1e-6:
        label = _("{species} in the precursor, with liquid ligands").format(species=species)
        facts.append((label, str(bench_typed(per_total, "concentration"))))
    return facts + (_aliquot_facts(side.aliquot, species) if side.aliquot else [])


def _aliquot_facts(aliquot, species: str) -> list[tuple[str, str]]:
    facts = []
    amount = aliquot.species_mol.get(species)
    if amount:
        facts.append((_("{species} in the aliquot").format(species=species), str(bench_typed(amount, "substance", 3))))
        final = bench_typed(aliquot.concentration_mol_m3(species), "concentration", 3)
        facts.append((_("{species} in the antisolvent").format(species=species), str(final)))
    solvents = list(aliquot.solvent_fractions.items())[:-1]
    facts += [
        (_("{solvent} in the antisolvent").format(solvent=name), _("{n} vol %").format(n=significant(100 * part, 2)))
        for name, part in solvents
    ]
    return facts


def step_lines(revision) -> list[dict]:
    """The steps of a revision in words, for pages: ``{"step", "number", "text"}``."""
    names = {line.key: (line.chemical or line.stock) for line in revision.ingredients.all()}
    names = {key: getattr(found, "short", found.name) for key, found in names.items()}
    steps = revision.steps.all()
    return [{"step": step, "number": i + 1, "text": step_text(step, names)} for i, step in enumerate(steps)]


def deviation_text(deviation: float | None) -> str:
    """``+0.7 %`` of the plan; empty while it is not known."""
    return "" if deviation is None else f"{100 * deviation:+.1f} %".replace("-", "−")
