"""Liquids: stock solutions, the concentration of a precursor, and what an aliquot becomes in the antisolvent.

Volumes are taken as additive and solids as adding none. That is good to a per cent or so for dilute precursors in one
solvent; it is not for concentrated mixtures of, say, an alcohol and water.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synthesis.stoichiometry import Portion, Substance, species_totals

OUTSIDE_THE_PRECURSOR = ("antisolvent", "wash")  # roles that meet the precursor only later


def stock_solution(
    name: str,
    solutes: Sequence[tuple[Substance, float]],
    *,
    density_g_ml: float | None = None,
    relative_u: float = 0.0,
    source: str = "",
) -> Substance:
    """Return the solution as one substance that is taken by volume and delivers what all its solutes deliver.

    Parameters
    ----------
    solutes
        Each solute with its concentration [mol/m³ = mmol/L]; equivalents of the solution count the first of them.
    density_g_ml
        Density of the solution, where it is weighed [g/mL].
    relative_u
        Relative standard uncertainty of its concentrations [1].

    Examples
    --------
    >>> bromide = Substance("MABr", 111.970, species={"MA": 1, "Br": 1})
    >>> stock_solution("MABr in DMF", [(bromide, 500.0)]).mol_per_m3
    500.0
    """
    if not solutes:
        raise ValueError("a stock solution needs at least one solute")
    lead_mol_m3 = solutes[0][1]
    delivered: dict[str, float] = {}
    for substance, concentration_mol_m3 in solutes:
        for species, count in substance.species.items():
            delivered[species] = delivered.get(species, 0.0) + count * concentration_mol_m3 / lead_mol_m3
    return Substance(
        name,
        density_g_ml=density_g_ml,
        phase="solution",
        species=delivered,
        concentration_mol_m3=lead_mol_m3,
        concentration_u_mol_m3=relative_u * lead_mol_m3,
        source=source,
    )


def concentration_mol_m3(substance: Substance, mass_per_volume_kg_m3: float) -> float | None:
    """Molar concentration [mol/m³] of a solute that was made up by mass [kg/m³ = mg/mL]; None without a molar mass."""
    return None if substance.mol_per_kg is None else mass_per_volume_kg_m3 * substance.mol_per_kg


@dataclass(frozen=True)
class Precursor:
    """The mixture before it meets the antisolvent. ``solvents_m3`` holds the volume of each solvent by name."""

    species_mol: dict[str, float | None]
    solvents_m3: dict[str, float]
    total_m3: float | None

    @property
    def solvent_m3(self) -> float:
        return sum(self.solvents_m3.values())

    def per_solvent_mol_m3(self, species: str) -> float | None:
        """Moles of a species per volume of solvent [mol/m³]: what "a 40 mM solution" usually means."""
        return self._per(species, self.solvent_m3)

    def per_total_mol_m3(self, species: str) -> float | None:
        """Moles of a species per volume of the whole liquid, liquid ligands included [mol/m³]: what a pipette takes."""
        return self._per(species, self.total_m3)

    def _per(self, species: str, volume_m3: float | None) -> float | None:
        amount_mol = self.species_mol.get(species)
        return None if amount_mol is None or not volume_m3 else amount_mol / volume_m3


def precursor(portions: Iterable[Portion]) -> Precursor:
    """Add up the precursor: every portion but those whose role is antisolvent or wash.

    Liquids (solvents, liquid ligands, stock solutions) add their volumes; the total is None when one of them is unknown.
    """
    lines = [p for p in portions if p.ingredient.role not in OUTSIDE_THE_PRECURSOR]
    liquids = [p for p in lines if p.ingredient.role == "solvent" or p.ingredient.substance.phase != "solid"]
    solvents: dict[str, float] = {}
    for line in liquids:
        if line.volume_m3 is not None and _is_solvent(line):
            name = line.ingredient.substance.name
            solvents[name] = solvents.get(name, 0.0) + line.volume_m3
    known = all(line.volume_m3 is not None for line in liquids)
    total_m3 = sum(line.volume_m3 for line in liquids) if liquids and known else None
    return Precursor(species_totals(lines), solvents, total_m3)


def _is_solvent(portion: Portion) -> bool:
    return portion.ingredient.role == "solvent" or portion.ingredient.substance.phase == "solution"


@dataclass(frozen=True)
class Aliquot:
    """A part of the precursor in the antisolvent: final amounts, concentrations and volume fractions."""

    species_mol: dict[str, float | None]
    total_m3: float
    solvent_fractions: dict[str, float]

    def concentration_mol_m3(self, species: str) -> float | None:
        """Final concentration of a species [mol/m³ = mM]."""
        amount_mol = self.species_mol.get(species)
        return None if amount_mol is None else amount_mol / self.total_m3

    def volume_m3(self, equivalents: float) -> float:
        """Volume of a washing solvent given as volume equivalents of the mixture [m³]."""
        return equivalents * self.total_m3


def aliquot(mixture: Precursor, *, taken_m3: float, antisolvent_m3: float, antisolvent: str) -> Aliquot:
    """Put a volume of the precursor into an antisolvent.

    Parameters
    ----------
    taken_m3
        Volume of precursor taken [m³].
    antisolvent_m3
        Volume of antisolvent that receives it [m³].

    Raises
    ------
    ValueError
        When the precursor's total volume is not known, a volume is not positive, or more is taken than there is.

    Notes
    -----
    The share taken is V_taken / V_total, with liquid ligands in V_total: 250 µL of 2 mL DMF + 39.6 µL oleylamine hold
    9.82 µmol of lead, not the 10.01 µmol of 2.00 mL.
    """
    if not mixture.total_m3:
        raise ValueError("the volume of the precursor is not known")
    if taken_m3 <= 0 or antisolvent_m3 < 0:
        raise ValueError("an aliquot needs a positive volume")
    if taken_m3 > mixture.total_m3 * (1 + 1e-9):
        raise ValueError("more is taken than there is")
    share = taken_m3 / mixture.total_m3
    total_m3 = taken_m3 + antisolvent_m3
    amounts = {name: None if mol is None else mol * share for name, mol in mixture.species_mol.items()}
    fractions = {name: volume * share / total_m3 for name, volume in mixture.solvents_m3.items()}
    fractions[antisolvent] = fractions.get(antisolvent, 0.0) + antisolvent_m3 / total_m3
    return Aliquot(amounts, total_m3, fractions)
