"""Mass, volume, amount or equivalents in; the other three out; and the ratio of the species that results.

One code for the page while someone types, for the save, and for the API. Nothing here is rounded and nothing that
was typed is changed: a :class:`Portion` tells which of its numbers was typed.

SI throughout: kg, m³, mol. Molar masses and densities enter as chemists write them (g/mol, g/mL), purity as a mass
fraction, and their names say so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite, sqrt

from synthesis.notes import InputError, Note, gettext_noop
from synthesis.units import Typed


@dataclass(frozen=True)
class Substance:
    """What is taken from a bottle: a chemical of a certain lot, or a stock solution (see ``mixtures.stock_solution``).

    ``species`` tells what one formula unit delivers: PbBr₂ → {"Pb": 1, "Br": 2}. For a stock solution it is what comes
    with one mole of its first solute, whose concentration is ``concentration_mol_m3``. ``source`` identifies the lot in
    uncertainty budgets; ``purity_u`` and ``density_u_g_ml`` are standard uncertainties (k = 1).
    """

    name: str
    molar_mass_g_mol: float | None = None
    density_g_ml: float | None = None
    purity: float = 1.0
    phase: str = "solid"  # solid, liquid, solution
    species: Mapping[str, float] = field(default_factory=dict)
    concentration_mol_m3: float | None = None
    purity_u: float = 0.0
    density_u_g_ml: float = 0.0
    concentration_u_mol_m3: float = 0.0
    source: str = ""

    def __post_init__(self):
        for name in ("molar_mass_g_mol", "density_g_ml", "concentration_mol_m3"):
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value > 0):
                raise ValueError(f"{name} of {self.name} must be positive, not {value}")
        if not 0 < self.purity <= 1:
            raise ValueError(f"the purity of {self.name} must lie above 0 and at most at 1, not {self.purity}")

    @property
    def kg_per_m3(self) -> float | None:
        return None if self.density_g_ml is None else self.density_g_ml * 1e3

    @property
    def mol_per_kg(self) -> float | None:
        """purity / M, or concentration / density of a solution."""
        if self.concentration_mol_m3 is not None:
            return self.concentration_mol_m3 / self.kg_per_m3 if self.kg_per_m3 else None
        return self.purity / (self.molar_mass_g_mol * 1e-3) if self.molar_mass_g_mol else None

    @property
    def mol_per_m3(self) -> float | None:
        """ρ · purity / M, or the concentration of a solution."""
        if self.concentration_mol_m3 is not None:
            return self.concentration_mol_m3
        return self.kg_per_m3 * self.mol_per_kg if self.kg_per_m3 and self.mol_per_kg else None


@dataclass(frozen=True)
class Ingredient:
    """One line of a recipe or of a weigh-out sheet; ``amount`` is None until someone types it.

    ``amount_u_si`` is the standard uncertainty of the balance or pipette in the SI unit of the typed amount, and
    ``amount_source`` names that act of weighing; two weighings on one balance have two sources.
    """

    key: str
    substance: Substance
    amount: Typed | None = None
    role: str = ""
    amount_u_si: float = 0.0
    amount_source: str = ""


@dataclass(frozen=True)
class RelativeError:
    """A relative standard uncertainty of an amount of substance, with what causes it."""

    name: str
    relative_u: float
    source: str


@dataclass(frozen=True)
class Portion:
    """An ingredient with everything that follows from what was typed. What does not follow is None."""

    ingredient: Ingredient
    mass_kg: float | None = None
    volume_m3: float | None = None
    amount_mol: float | None = None
    equivalents: float | None = None
    errors: tuple[RelativeError, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def key(self) -> str:
        return self.ingredient.key

    @property
    def typed(self) -> str:
        """Which dimension was typed: ``mass``, ``volume``, ``substance``, ``equivalents``, or ``""``."""
        return self.ingredient.amount.dimension if self.ingredient.amount else ""

    def si(self, dimension: str) -> float | None:
        """The value in one of the four dimensions [kg, m³, mol or 1]."""
        names = {"mass": "mass_kg", "volume": "volume_m3", "substance": "amount_mol", "equivalents": "equivalents"}
        return getattr(self, names[dimension])


@dataclass(frozen=True)
class Component:
    """One line of the uncertainty budget of a ratio: its signed contribution to u, and the source that causes it."""

    name: str
    u: float
    source: str


@dataclass(frozen=True)
class Ratio:
    """Moles of a species per mole of the reference species; ``value`` is None with a ``reason`` where it is unknown."""

    species: str
    value: float | None
    budget: tuple[Component, ...] = ()
    reason: Note | None = None

    @property
    def u(self) -> float | None:
        """Standard uncertainty (k = 1); None when nothing is known about any uncertainty."""
        if self.value is None or not self.budget:
            return None
        return sqrt(sum(c.u**2 for c in self.budget))


def work_out(
    ingredients: Iterable[Ingredient], reference: str | None = None, reference_equivalents: float = 1.0
) -> tuple[Portion, ...]:
    """Work out mass, volume, amount and equivalents of every ingredient from the one that was typed.

    Parameters
    ----------
    ingredients
        The lines, each with at most one typed amount.
    reference
        Key of the ingredient that defines the equivalents; None when nobody chose one yet.
    reference_equivalents
        The equivalents that the reference stands for, not only 1 [1].

    Returns
    -------
    tuple of Portion
        In the order given. A portion whose numbers cannot all be had says why in its ``notes``.

    Raises
    ------
    InputError
        When ``reference_equivalents`` is not positive.

    Notes
    -----
    n = m · purity / M for what is weighed, n = V · ρ · purity / M for what is pipetted, n = V · c for solutions, and
    n = n_ref · eq / eq_ref for what is planned in equivalents. Purity is a mass fraction: the impurity is assumed to
    deliver none of the species.

    Examples
    --------
    >>> from synthesis.units import parse_amount
    >>> lead = Substance("PbBr2", 367.008, species={"Pb": 1, "Br": 2})
    >>> acid = Substance("malic acid", 134.087, species={"MLA": 1})
    >>> lines = [Ingredient("lead", lead, parse_amount("29.4 mg")), Ingredient("acid", acid, parse_amount("43.0 mg"))]
    >>> round(work_out(lines, reference="lead")[1].equivalents, 3)
    4.003
    """
    lines = list(ingredients)
    if not (isfinite(reference_equivalents) and reference_equivalents > 0):
        sentence = gettext_noop("The reference must stand for more than 0 equivalents, for example 1.")
        raise InputError(Note("reference_equivalents", sentence, about="reference_equivalents"))
    chosen = next((line for line in lines if line.key == reference), None)
    base = _portion(chosen, None, ()) if chosen else None
    per_equivalent = base.amount_mol / reference_equivalents if base and base.amount_mol else None
    errors = base.errors if base else ()
    return tuple(_finished(_portion(line, per_equivalent, errors), chosen, per_equivalent) for line in lines)


def _portion(line: Ingredient, mol_per_equivalent: float | None, reference_errors) -> Portion:
    """The portion without its equivalents; those typed in equivalents share the errors of the reference."""
    known = line.substance
    if line.amount is None:
        return Portion(line)
    dimension, si = line.amount.dimension, line.amount.si
    if dimension == "mass":
        return Portion(line, si, _over(si, known.kg_per_m3), _times(si, known.mol_per_kg), errors=_errors(line))
    if dimension == "volume":
        return Portion(line, _times(si, known.kg_per_m3), si, _times(si, known.mol_per_m3), errors=_errors(line))
    amount_mol = si if dimension == "substance" else _times(si, mol_per_equivalent)
    errors = _errors(line) if dimension == "substance" else reference_errors
    mass_kg, volume_m3 = _over(amount_mol, known.mol_per_kg), _over(amount_mol, known.mol_per_m3)
    return Portion(line, mass_kg, volume_m3, amount_mol, errors=errors)


def _times(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else value * factor


def _over(value: float | None, divisor: float | None) -> float | None:
    return None if value is None or not divisor else value / divisor


def _errors(line: Ingredient) -> tuple[RelativeError, ...]:
    """Relative errors of the amount of substance: the weighing, and the lot's purity, density or concentration."""
    known, dimension = line.substance, line.amount.dimension
    lot = known.source or known.name
    found = []
    if line.amount_u_si:
        source = line.amount_source or f"weighing:{line.key}"
        found.append(RelativeError(f"{known.name}, {line.amount}", line.amount_u_si / line.amount.si, source))
    if known.concentration_mol_m3 is not None and known.concentration_u_mol_m3 and dimension != "substance":
        relative_u = known.concentration_u_mol_m3 / known.concentration_mol_m3
        found.append(RelativeError(f"{known.name}, concentration", relative_u, f"concentration:{lot}"))
    elif known.purity_u and dimension != "substance":
        found.append(RelativeError(f"{known.name}, purity", known.purity_u / known.purity, f"purity:{lot}"))
    if known.density_u_g_ml and dimension == "volume" and known.concentration_mol_m3 is None:
        found.append(
            RelativeError(f"{known.name}, density", known.density_u_g_ml / known.density_g_ml, f"density:{lot}")
        )
    return tuple(found)


def _finished(portion: Portion, reference: Ingredient | None, mol_per_equivalent: float | None) -> Portion:
    typed_equivalents = portion.ingredient.amount.si if portion.typed == "equivalents" else None
    is_reference = reference is not None and portion.key == reference.key
    equivalents = None if is_reference and not mol_per_equivalent else typed_equivalents
    if equivalents is None:
        equivalents = _over(portion.amount_mol, mol_per_equivalent)
    notes = tuple(_notes(portion, reference, mol_per_equivalent))
    return Portion(
        portion.ingredient,
        portion.mass_kg,
        portion.volume_m3,
        portion.amount_mol,
        equivalents,
        portion.errors,
        notes,
    )


def _notes(portion: Portion, reference: Ingredient | None, mol_per_equivalent: float | None) -> Iterable[Note]:
    """Say what is missing, only where something is missed: a solvent by volume needs neither M nor density."""
    known, values = portion.ingredient.substance, {"name": portion.ingredient.substance.name}
    is_reference = reference is not None and portion.key == reference.key
    if not portion.typed:
        return
    if portion.typed == "equivalents" and (is_reference or mol_per_equivalent is None):
        yield _reference_note(is_reference, reference)
        return
    if portion.amount_mol is None and (known.species or is_reference):
        if not known.molar_mass_g_mol and known.concentration_mol_m3 is None:
            text = gettext_noop("{name} has no molar mass, so its amount is unknown. Enter it on the reference shelf.")
            yield Note("molar_mass_missing", text, values, "molar_mass")
        if known.density_g_ml is None and (portion.typed == "volume" or known.concentration_mol_m3 is not None):
            text = gettext_noop(
                "{name} has no density, so its amount is unknown. Enter its density, or the other quantity."
            )
            yield Note("density_missing", text, values, "density")
    elif portion.volume_m3 is None and known.phase == "liquid" and known.density_g_ml is None:
        text = gettext_noop(
            "{name} has no density, so no volume can be given. Enter its density on the reference shelf."
        )
        yield Note("density_missing", text, values, "density")


def _reference_note(is_reference: bool, reference: Ingredient | None) -> Note:
    if is_reference:
        text = gettext_noop("The reference itself needs a mass, a volume or an amount; equivalents count from it.")
        return Note("reference_in_equivalents", text, about="reference")
    if reference is None:
        text = gettext_noop("Equivalents need a reference. Choose the ingredient that they count from.")
        return Note("reference_missing", text, about="reference")
    text = gettext_noop(
        "Equivalents count from {name}, whose amount is not known yet. Enter its mass, volume or amount."
    )
    return Note("reference_unknown", text, {"name": reference.substance.name}, "reference")


def species_totals(portions: Iterable[Portion]) -> dict[str, float | None]:
    """Moles of every species delivered, in order of appearance; None where one of its portions is not known."""
    totals: dict[str, float | None] = {}
    for portion in portions:
        for species, count in portion.ingredient.substance.species.items():
            so_far = totals.get(species, 0.0)
            unknown = so_far is None or portion.amount_mol is None
            totals[species] = None if unknown else so_far + count * portion.amount_mol
    return totals


def ratios(portions: Iterable[Portion], reference: str = "Pb") -> dict[str, Ratio]:
    """Ratio of every species to the reference species, counted over all ingredients that deliver it.

    Parameters
    ----------
    portions
        The result of :func:`work_out`.
    reference
        The species that counts as 1.

    Returns
    -------
    dict of str to Ratio
        In order of appearance; a ratio that is not known carries its reason.

    Notes
    -----
    r_s = Σ ν_s,i n_i / Σ ν_ref,i n_i. An error of n_i enters numerator and denominator together: weighing PbBr₂ wrongly
    moves Br:Pb less than it moves MA:Pb. Contributions of one source add up with their signs before they are squared.
    Acids and amines are totals; protonation is chemistry, not bookkeeping.
    """
    lines = list(portions)
    totals = species_totals(lines)
    return {species: _ratio(lines, totals, species, reference) for species in totals}


def _ratio(portions: list[Portion], totals: Mapping[str, float | None], species: str, reference: str) -> Ratio:
    of_reference, of_species = totals.get(reference), totals[species]
    if not of_reference:
        text = gettext_noop("No known amount of {species} is in this mixture, so nothing can be counted against it.")
        return Ratio(species, None, reason=Note("no_reference_species", text, {"species": reference}, "reference"))
    if of_species is None:
        text = gettext_noop("The amount of one of the ingredients with {species} is not known yet.")
        return Ratio(species, None, reason=Note("species_unknown", text, {"species": species}))
    value = of_species / of_reference
    return Ratio(
        species, value, () if species == reference else _budget(portions, species, reference, value, of_reference)
    )


def _budget(
    portions: list[Portion], species: str, reference: str, value: float, of_reference: float
) -> tuple[Component, ...]:
    """dr/dn_i = (ν_s,i − r ν_ref,i) / N_ref, summed per source."""
    by_source: dict[str, Component] = {}
    for portion in portions:
        delivered = portion.ingredient.substance.species
        weight = delivered.get(species, 0) - value * delivered.get(reference, 0)
        for error in portion.errors:
            u = weight * portion.amount_mol * error.relative_u / of_reference if weight and portion.amount_mol else 0.0
            so_far = by_source.get(error.source, Component(error.name, 0.0, error.source))
            by_source[error.source] = Component(so_far.name, so_far.u + u, error.source)
    return tuple(component for component in by_source.values() if component.u)
