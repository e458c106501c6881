"""The weigh-out sheet of a recipe or a batch: planned beside weighed, equivalents, ratios with their uncertainty."""

from dataclasses import dataclass
from functools import cached_property

from synthesis.mixtures import Aliquot, Precursor, aliquot, precursor
from synthesis.models import Batch, RecipeRevision
from synthesis.notes import InputError, Note, gettext_noop
from synthesis.selectors.substances import (
    metals,
    planned_ingredient,
    species_ranks,
    weighed_ingredient,
    with_substances,
)
from synthesis.stoichiometry import Portion, Ratio, ratios, work_out

ANTISOLVENT = "antisolvent"
TRANSFERS = ("add_dropwise", "add", "inject")


@dataclass(frozen=True)
class Side:
    """One side of the sheet: the plan, or what the balance said."""

    portions: dict[str, Portion]
    ratios: tuple[Ratio, ...]
    precursor: Precursor
    aliquot: Aliquot | None

    @property
    def complete(self) -> bool:
        """Whether every amount that a ratio needs is known."""
        counting = [p for p in self.portions.values() if p.ingredient.substance.species]
        return bool(counting) and all(p.amount_mol is not None for p in counting)

    @property
    def started(self) -> bool:
        return any(p.typed for p in self.portions.values())


@dataclass(frozen=True)
class Line:
    """One ingredient: its record, the planned portion, and the weighed one (None on a recipe)."""

    record: object
    planned: Portion
    weighed: Portion | None = None

    @property
    def name(self) -> str:
        return self.planned.ingredient.substance.name

    @property
    def to_weigh(self) -> tuple[str, float] | None:
        """Dimension and SI value of what to take: a volume for liquids, else a mass."""
        order = ("mass", "volume") if self.planned.ingredient.substance.phase == "solid" else ("volume", "mass")
        if self.planned.typed in order:
            order = (self.planned.typed,)
        known = [(name, self.planned.si(name)) for name in order]
        return next(((name, si) for name, si in known if si is not None), None)

    @property
    def deviation(self) -> float | None:
        """Weighed against planned, as a fraction of the plan; None while one is unknown."""
        if self.weighed is None:
            return None
        for name in ("substance", "volume", "mass"):
            planned, weighed = self.planned.si(name), self.weighed.si(name)
            if planned and weighed is not None:
                return weighed / planned - 1
        return None


@dataclass(frozen=True)
class Sheet:
    """All lines of a recipe's revision or of a batch, worked out."""

    lines: tuple[Line, ...]
    planned: Side
    weighed: Side | None
    reference: Line | None
    reference_equivalents: float
    ratio_reference: str
    notes: tuple[Note, ...] = ()

    @property
    def basis(self) -> str:
        """Which side counts as the batch's composition: ``weighed`` once that is complete, ``planned`` before."""
        return "weighed" if self.weighed and self.weighed.complete else "planned"

    @cached_property
    def ratios(self) -> tuple[Ratio, ...]:
        return self.weighed.ratios if self.basis == "weighed" else self.planned.ratios

    @property
    def ratio_values(self) -> dict[str, Ratio]:
        """Ratios by species symbol, for tables and the index."""
        return {ratio.species: ratio for ratio in self.ratios}


def batch_sheet(batch: Batch) -> Sheet:
    """The sheet of one batch; loads what it needs unless ``batches_with_ingredients`` did."""
    if "ingredients" not in getattr(batch, "_prefetched_objects_cache", {}):
        batch = batches_with_ingredients(Batch.objects.filter(pk=batch.pk)).get()
    lines = list(batch.ingredients.all())
    return _sheet(lines, batch.reference_equivalents, batch.aliquot.si if batch.aliquot else None, weighed=True)


def recipe_sheet(revision: RecipeRevision) -> Sheet:
    """The sheet of a recipe's revision: planned only. The aliquot is the volume of the step that meets the antisolvent."""
    if "ingredients" not in getattr(revision, "_prefetched_objects_cache", {}):
        revision = with_substances(RecipeRevision.objects.filter(pk=revision.pk)).get()
    taken = transferred_volume(revision)
    return _sheet(list(revision.ingredients.all()), revision.reference_equivalents, taken["si"] if taken else None)


def draft_sheet(lines, reference_equivalents: float, taken_m3: float | None = None) -> Sheet:
    """The sheet of lines that are not saved yet (a form that is being filled in)."""
    return _sheet(list(lines), reference_equivalents, taken_m3)


def batches_with_ingredients(queryset):
    """Batches ready for ``batch_sheet``, in a fixed number of queries however many there are."""
    return with_substances(queryset)


def transferred_volume(revision: RecipeRevision) -> dict | None:
    """The typed volume of precursor that the recipe puts into its antisolvent."""
    keys = {line.key for line in revision.ingredients.all() if line.role == ANTISOLVENT}
    for step in revision.steps.all():
        volume = step.parameters.get("volume")
        if step.kind in TRANSFERS and volume and step.into in keys:
            return volume
    return None


def _sheet(lines: list, reference_equivalents: float, taken_m3: float | None, *, weighed: bool = False) -> Sheet:
    reference = next((line.key for line in lines if line.is_reference), None)
    ratio_reference = next(iter(metals(lines)), "")
    ranks = species_ranks(lines)

    def side(ingredients) -> Side:
        portions = work_out(ingredients, reference, reference_equivalents)
        found = sorted(ratios(portions, ratio_reference).values(), key=lambda r: ranks.get(r.species, (99, r.species)))
        mixture = precursor(portions)
        by_key = {p.key: p for p in portions}
        return Side(by_key, tuple(found), mixture, _aliquot(mixture, by_key.values(), taken_m3))

    try:
        plan = side([planned_ingredient(line) for line in lines])
        made = side([weighed_ingredient(line) for line in lines]) if weighed else None
        notes = ()
    except InputError as problem:
        reference_equivalents, notes = 1.0, (problem.note,)
        plan = side([planned_ingredient(line) for line in lines])
        made = side([weighed_ingredient(line) for line in lines]) if weighed else None
    rows = [Line(x, plan.portions[x.key], made.portions[x.key] if made else None) for x in lines]
    if weighed:
        notes = (*notes, *_missing_uncertainties(rows))
    chosen = next((row for row in rows if row.record.is_reference), None)
    return Sheet(tuple(rows), plan, made, chosen, reference_equivalents, ratio_reference, notes)


def _missing_uncertainties(rows: list[Line]) -> list[Note]:
    """A ± that was given for some weighings only makes the ratios look better known than they are."""
    counting = [row for row in rows if row.planned.ingredient.substance.species and row.record.weighed is not None]
    given = [row.name for row in counting if row.record.uncertainty is not None]
    missing = [row.name for row in counting if row.record.uncertainty is None]
    if not given or not missing:
        return []
    text = gettext_noop("± of the weighing counts only {given}; give the ± of {missing} too.")
    return [Note("uncertainty_missing", text, {"given": ", ".join(given), "missing": ", ".join(missing)})]


def _aliquot(mixture: Precursor, portions, taken_m3: float | None) -> Aliquot | None:
    """The precursor's aliquot in the antisolvents, or None while a volume is missing."""
    into = [p for p in portions if p.ingredient.role == ANTISOLVENT and p.volume_m3]
    if not into or not taken_m3 or not mixture.total_m3:
        return None
    try:
        antisolvent_m3 = sum(p.volume_m3 for p in into)
        name = into[0].ingredient.substance.name
        return aliquot(mixture, taken_m3=taken_m3, antisolvent_m3=antisolvent_m3, antisolvent=name)
    except ValueError:  # more is taken than was mixed: the page says so at the volume
        return None
