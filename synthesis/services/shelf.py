"""The reference shelf: species, chemicals, lots, stock solutions. Shared by the lab; what was used is only revised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.records.audit import record
from synthesis.models import Chemical, ChemicalSpecies, Lot, Species, StockComponent, StockSolution
from synthesis.models.amounts import columns_of
from synthesis.selectors import is_used, lot_is_used
from synthesis.services.common import changed_fields, keep, plain, read_typed, require_shelf, shown, write_change
from synthesis.units import parse_amount

COUNTING = ("molar_mass_g_mol", "density_g_ml", "density_u_g_ml", "phase")  # what ratios of the past stand on
DESCRIBING = (
    "name", "abbreviation", "formula", "cas", "inchikey", "refractive_index", "role", "hazards", "note",
)  # fmt: skip


@transaction.atomic
def add_species(*, by, symbol: str, name: str = "", formula: str = "", charge: int = 0, role: str = "other") -> Species:
    require_shelf(by)
    species = Species(symbol=symbol.strip(), name=name, formula=formula, charge=charge, role=role)
    keep(species)
    record(by=by, action="species.added", subject=species, after={"symbol": species.symbol, "role": role})
    return species


@transaction.atomic
def add_chemical(
    *, by, delivers: Mapping[str, float] | None = None, revises: Chemical | None = None, **fields
) -> Chemical:
    """Put a chemical on the shelf; ``delivers`` tells its species by symbol, e.g. ``{"Pb": 1, "Br": 2}``."""
    require_shelf(by)
    chemical = Chemical(revises=revises, **fields)
    counted = _species_of(delivers or {})
    keep(chemical)
    ChemicalSpecies.objects.bulk_create(
        ChemicalSpecies(chemical=chemical, species=species, count=count) for species, count in counted
    )
    after = {name: plain(value) for name, value in fields.items()} | {"delivers": dict(delivers or {})}
    record(by=by, action="chemical.added", subject=chemical, after=after)
    return chemical


def _species_of(delivers: Mapping[str, float]) -> list[tuple[Species, float]]:
    known = {species.symbol: species for species in Species.objects.filter(symbol__in=delivers)}
    found = []
    for symbol, count in delivers.items():
        if symbol not in known:
            sentence = _("“{symbol}” is not a known species. Add it to the shelf first.")
            raise ValidationError({"delivers": sentence.format(symbol=symbol)})
        if not count > 0:
            raise ValidationError({"delivers": _("Each species needs a number above zero.")})
        found.append((known[symbol], float(count)))
    return found


@transaction.atomic
def change_chemical(
    *, by, chemical: Chemical, version: int | None = None, delivers: Mapping[str, float] | None = None, **fields
) -> Chemical:
    """Change a chemical. Once it was used, what counts in ratios is refused here: see ``revise_chemical``."""
    require_shelf(by)
    changes = changed_fields(chemical, fields, COUNTING + DESCRIBING)
    before = {d.species.symbol: d.count for d in chemical.delivers.select_related("species")}
    other_species = delivers is not None and dict(delivers) != before
    counting = [name for name in changes if name in COUNTING]
    if (counting or other_species) and is_used(chemical):
        sentence = _(
            "{name} is already used. Save this as a revision: past batches keep the values they were made with."
        )
        used = ValidationError(sentence.format(name=chemical.name), code="used")
        raise ValidationError({(counting or ["delivers"])[0]: used})
    write_change(by=by, instance=chemical, version=version, action="chemical.changed", changes=changes)
    if other_species:
        counted = _species_of(delivers)
        chemical.delivers.all().delete()
        ChemicalSpecies.objects.bulk_create(ChemicalSpecies(chemical=chemical, species=s, count=n) for s, n in counted)
        record(
            by=by, action="chemical.species_changed", subject=chemical,
            before={"delivers": before}, after={"delivers": dict(delivers)},
        )  # fmt: skip
    return chemical


@transaction.atomic
def revise_chemical(
    *, by, chemical: Chemical, version: int | None = None, delivers: Mapping[str, float] | None = None, **fields
) -> Chemical:
    """Archive a used chemical and put its corrected successor on the shelf; past batches keep the old one."""
    require_shelf(by)
    values = {name: getattr(chemical, name) for name in COUNTING + DESCRIBING} | fields
    if delivers is None:
        delivers = {d.species.symbol: d.count for d in chemical.delivers.select_related("species")}
    now = timezone.now()
    write_change(
        by=by, instance=chemical, version=version, action="chemical.archived", changes={"archived_at": now}
    )  # fmt: skip
    return add_chemical(by=by, delivers=delivers, revises=chemical, **values)


@transaction.atomic
def add_lot(*, by, chemical: Chemical, number: str, received: str = "", received_unit: str = "", **fields) -> Lot:
    require_shelf(by)
    amount = read_typed("received", received, received_unit, parse_amount)
    lot = Lot(chemical=chemical, number=number.strip(), **columns_of("received", amount), **fields)
    keep(lot)
    after = {name: plain(value) for name, value in fields.items()} | {"number": lot.number, "received": shown(amount)}
    record(by=by, action="lot.added", subject=lot, after=after)
    return lot


LOT_FIELDS = (
    "supplier", "number", "purity", "purity_u", "opened_on", "drying", "water_ppm", "storage", "note",
)  # fmt: skip


@transaction.atomic
def change_lot(*, by, lot: Lot, version: int | None = None, **fields) -> Lot:
    """Change a lot that nothing was made with yet; a used one is archived and another one added."""
    require_shelf(by)
    changes = changed_fields(lot, fields, LOT_FIELDS)
    if changes and lot_is_used(lot):
        sentence = _("This lot is already used. Archive it and add a corrected one: past batches keep its values.")
        raise ValidationError({next(iter(changes)): ValidationError(sentence, code="used")})
    return write_change(by=by, instance=lot, version=version, action="lot.changed", changes=changes)


@dataclass(frozen=True)
class ComponentDraft:
    """One solute (with mol/L or mg/mL) or another stock solution (with the fraction of its volume)."""

    concentration: str
    unit: str
    chemical: Chemical | None = None
    lot: Lot | None = None
    stock: StockSolution | None = None


@transaction.atomic
def add_stock(*, by, name: str, components: Sequence[ComponentDraft], **fields) -> StockSolution:
    """Put a stock solution on the shelf. It cannot contain itself, since it is new; see ``extend_stock`` for changes."""
    require_shelf(by)
    if not components:
        raise ValidationError({"components": _("A stock solution needs at least one component.")})
    stock = StockSolution(name=name.strip(), made_by=by, **fields)
    keep(stock)
    StockComponent.objects.bulk_create(_component(stock, i, draft) for i, draft in enumerate(components))
    listed = [f"{d.chemical or d.stock} {d.concentration} {d.unit}" for d in components]
    record(by=by, action="stock.added", subject=stock, after={"name": stock.name, "components": listed})
    return stock


@transaction.atomic
def extend_stock(*, by, stock: StockSolution, component: ComponentDraft, version: int | None = None) -> StockSolution:
    """Add a component to a stock solution that nothing was made with yet; circles are refused."""
    require_shelf(by)
    if stock.in_batches.exists() or stock.in_recipes.exists():
        raise ValidationError({"components": _("This solution is already used. Archive it and make a new one.")})
    if component.stock and _contains(component.stock, stock):
        sentence = _("{inner} already contains {outer}: a solution cannot be made from itself.")
        names = {"inner": component.stock.name, "outer": stock.name}
        raise ValidationError({"stock": sentence.format(**names)})
    write_change(by=by, instance=stock, version=version, action="stock.extended", changes={})
    _component(stock, stock.components.count(), component).save()
    return stock


def _contains(outer: StockSolution, inner: StockSolution) -> bool:
    seen, waiting = set(), [outer.pk]
    while waiting:
        current = waiting.pop()
        if current == inner.pk:
            return True
        if current not in seen:
            seen.add(current)
            waiting += StockComponent.objects.filter(solution=current, stock__isnull=False).values_list(
                "stock", flat=True
            )
    return False


def _component(stock: StockSolution, position: int, draft: ComponentDraft) -> StockComponent:
    dimensions = ("fraction",) if draft.stock else ("concentration", "mass concentration")
    field = f"components-{position}-concentration"
    typed = read_typed(field, draft.concentration, draft.unit, dimensions=dimensions)
    if typed is None or typed.si <= 0:
        raise ValidationError({field: _("Enter a concentration above zero.")})
    if draft.stock and typed.si > 1:
        raise ValidationError({field: _("A solution cannot contain more than 100 % of another one.")})
    if draft.chemical and typed.dimension == "mass concentration" and not draft.chemical.molar_mass_g_mol:
        sentence = _("{name} has no molar mass, so mg/mL cannot become mol/L. Enter it on the shelf first.")
        raise ValidationError({field: sentence.format(name=draft.chemical.name)})
    return StockComponent(
        solution=stock, position=position, chemical=draft.chemical, lot=draft.lot, stock=draft.stock,
        **columns_of("concentration", typed),
    )  # fmt: skip
