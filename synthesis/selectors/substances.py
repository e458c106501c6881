"""From records to the values that the stoichiometry works with."""

from django.db.models import Prefetch

from synthesis.mixtures import concentration_mol_m3, stock_solution
from synthesis.models import BatchIngredient, ChemicalSpecies, RecipeIngredient, StockComponent
from synthesis.stoichiometry import Ingredient, Substance
from synthesis.units import UNITS, Typed

DEEPEST_STOCK = (
    12  # dilutions of dilutions; the services refuse circles, this keeps a broken record from hanging a page
)


def with_substances(queryset, path: str = "ingredients"):
    """Load the ingredients of batches or revisions with all that their stoichiometry needs, in a fixed number of queries."""
    lines = RecipeIngredient if queryset.model.__name__ == "RecipeRevision" else BatchIngredient
    joined = ["chemical", "stock", *(["lot"] if lines is BatchIngredient else [])]
    species = ChemicalSpecies.objects.select_related("species")
    return queryset.prefetch_related(
        Prefetch(path, lines.objects.select_related(*joined).order_by("position")),
        Prefetch(f"{path}__chemical__delivers", species),
        Prefetch(f"{path}__stock__components", StockComponent.objects.select_related("chemical", "lot", "stock")),
        Prefetch(f"{path}__stock__components__chemical__delivers", species),
    )


def substance_of_chemical(chemical, lot=None) -> Substance:
    purity, purity_u = (lot.purity, lot.purity_u) if lot else (None, None)
    return Substance(
        name=chemical.short,
        molar_mass_g_mol=chemical.molar_mass_g_mol,
        density_g_ml=chemical.density_g_ml,
        density_u_g_ml=chemical.density_u_g_ml or 0.0,
        purity=purity or 1.0,
        purity_u=purity_u or 0.0,
        phase=chemical.phase,
        species={d.species.symbol: d.count for d in chemical.delivers.all()},
        source=f"lot:{lot.pk}" if lot else f"chemical:{chemical.pk}",
    )


def substance_of_stock(stock, depth: int = 0) -> Substance:
    """The solution as one substance; without a usable component it delivers nothing and says so by its missing amount."""
    solutes = [s for c in stock.components.all() for s in _solutes(c, depth)]
    if not solutes:
        return Substance(stock.name, density_g_ml=stock.density_g_ml, phase="solution", source=f"stock:{stock.pk}")
    return stock_solution(
        stock.name,
        solutes,
        density_g_ml=stock.density_g_ml,
        relative_u=stock.relative_u or 0.0,
        source=f"stock:{stock.pk}",
    )


def _solutes(component, depth: int) -> list[tuple[Substance, float]]:
    """Each solute of a component with its concentration in the solution [mol/m³]."""
    if component.stock_id:
        if depth >= DEEPEST_STOCK:
            return []
        diluted = substance_of_stock(component.stock, depth + 1)
        if not diluted.concentration_mol_m3:
            return []
        return [(diluted, diluted.concentration_mol_m3 * component.concentration_si)]
    solute = substance_of_chemical(component.chemical, component.lot)
    found = component.concentration_si
    if UNITS[component.concentration_unit].dimension == "mass concentration":
        found = concentration_mol_m3(solute, found)
    return [(solute, found)] if found else []


def substance_of(line) -> Substance:
    """The substance of a recipe's or a batch's ingredient."""
    if line.stock_id:
        return substance_of_stock(line.stock)
    return substance_of_chemical(line.chemical, getattr(line, "lot", None))


def planned_ingredient(line) -> Ingredient:
    amount = line.amount if isinstance(line, RecipeIngredient) else line.planned
    return Ingredient(line.key, substance_of(line), amount, line.role)


def weighed_ingredient(line) -> Ingredient:
    """As weighed; what was planned as 0 equiv and never weighed counts as nothing, not as unknown."""
    amount = line.weighed
    if amount is None and line.planned is not None and line.planned.si == 0:
        amount = line.planned
    return Ingredient(line.key, substance_of(line), amount, line.role, weighing_u(line), f"weighing:{line.pk}")


def weighing_u(line) -> float:
    """Standard uncertainty of what was weighed, in the SI unit of the weighed amount."""
    stated: Typed | None = line.uncertainty
    if stated is None or line.weighed is None:
        return 0.0
    if stated.dimension == "fraction":
        return stated.si * line.weighed.si
    return stated.si if stated.dimension == line.weighed.dimension else 0.0


def species_ranks(lines) -> dict[str, tuple[int, str]]:
    """Place in a ratio of every species that the lines deliver."""
    chemicals = [c for line in lines for c in _chemicals(line)]
    return {d.species.symbol: d.species.rank for chemical in chemicals for d in chemical.delivers.all()}


def metals(lines) -> list[str]:
    """Symbols of the metals delivered, those of the reference first."""
    ordered = sorted(lines, key=lambda line: not line.is_reference)
    found = [d.species for line in ordered for c in _chemicals(line) for d in c.delivers.all()]
    return [s.symbol for s in found if s.role == "metal"] or [s.symbol for s in found]


def _chemicals(line) -> list:
    return [line.chemical] if line.chemical_id else list(_dissolved(line.stock, 0))


def _dissolved(stock, depth: int):
    for component in stock.components.all():
        if component.chemical_id:
            yield component.chemical
        elif depth < DEEPEST_STOCK:
            yield from _dissolved(component.stock, depth + 1)
