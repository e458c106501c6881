"""Named questions: who may see which recipes, batches and samples, in the order in which pages show them."""

from django.db.models import Count, Max, OuterRef, Prefetch, Q, Subquery

from synthesis.models import (
    Batch,
    BatchCode,
    Chemical,
    Lot,
    Recipe,
    RecipeIngredient,
    RecipeRevision,
    RecipeStep,
    Sample,
    Species,
    StockComponent,
    StockSolution,
    Sweep,
)
from synthesis.selectors.substances import with_substances


def recipes_visible_to(user, *, archived: bool = False):
    """Recipes with the number of their newest revision and of the batches made from them."""
    recipes = Recipe.objects.visible_to(user).filter(archived_at__isnull=not archived)
    return (
        recipes.select_related("project", "made_by")
        .annotate(newest=Max("revisions__number"), n_batches=Count("revisions__batches", distinct=True))
        .order_by("name", "id")
    )


def revisions_visible_to(user):
    """Revisions ready for ``recipe_sheet``, with their steps."""
    revisions = RecipeRevision.objects.visible_to(user).select_related("recipe__project", "made_by")
    return with_substances(revisions).prefetch_related(Prefetch("steps", RecipeStep.objects.order_by("position")))


def newest_revisions(user, recipes) -> dict:
    """recipe id → its newest revision, ready for ``recipe_sheet``."""
    newest = RecipeRevision.objects.filter(recipe=OuterRef("pk")).order_by("-number").values("pk")[:1]
    chosen = Recipe.objects.filter(pk__in=[r.pk for r in recipes]).values(newest=Subquery(newest))
    rows = revisions_visible_to(user).filter(pk__in=chosen)
    return {revision.recipe_id: revision for revision in rows}


def batches_visible_to(user, *, archived: bool = False):
    batches = Batch.objects.visible_to(user).filter(archived_at__isnull=not archived)
    return batches.select_related("project", "operator", "revision__recipe", "sweep")


def batch_by_code(user, code: str):
    """The batches that have, or once had, this code: an old label still leads to its batch."""
    given = BatchCode.objects.visible_to(user).filter(code__iexact=code.strip())
    return Batch.objects.visible_to(user).filter(pk__in=given.values("batch"))


def batches_of_recipe(user, recipe):
    return batches_visible_to(user).filter(revision__recipe=recipe).order_by("-id")


def samples_of_batch(user, batch):
    samples = Sample.objects.visible_to(user).filter(batch=batch)
    return samples.select_related("solvent", "additive", "parent").prefetch_related("layers").order_by("id")


def sweeps_visible_to(user):
    sweeps = Sweep.objects.visible_to(user).filter(archived_at=None)
    return (
        sweeps.select_related("project", "revision__recipe")
        .annotate(n_batches=Count("batches"))
        .order_by("-created_at")
    )


def chemicals_visible_to(user, *, search: str = "", archived: bool = False):
    """The shelf's chemicals with their lots; ``search`` looks at name, short name, formula and CAS number."""
    chemicals = Chemical.objects.visible_to(user).filter(archived_at__isnull=not archived)
    for word in search.split():
        chemicals = chemicals.filter(
            Q(name__icontains=word)
            | Q(abbreviation__icontains=word)
            | Q(formula__icontains=word)
            | Q(cas__icontains=word)
        )
    lots = Lot.objects.filter(archived_at=None).order_by("-created_at")
    return chemicals.prefetch_related("delivers__species", Prefetch("lots", lots, to_attr="open_lots"))


def stocks_visible_to(user):
    components = StockComponent.objects.select_related("chemical", "lot", "stock").order_by("position")
    stocks = StockSolution.objects.visible_to(user).filter(archived_at=None)
    return stocks.select_related("solvent").prefetch_related(
        Prefetch("components", components), "components__chemical__delivers__species"
    )


def lots_visible_to(user):
    return Lot.objects.visible_to(user).filter(archived_at=None).select_related("chemical")


def samples_visible_to(user):
    """Samples in use; those of an archived batch stay, since their measurements do."""
    return Sample.objects.visible_to(user).filter(archived_at=None).select_related("batch")


def batches_of_sweep(user, sweep):
    """The batches of a sweep in the order in which they are made."""
    return batches_visible_to(user).filter(sweep=sweep).order_by("order", "id")


def lots_of(user, chemicals):
    return Lot.objects.visible_to(user).filter(chemical__in=chemicals, archived_at=None)


def all_species(user):
    return sorted(Species.objects.visible_to(user), key=lambda species: species.rank)


def is_used(chemical: Chemical) -> bool:
    """Whether a recipe, a batch or a stock solution counts with this chemical."""
    return (
        RecipeIngredient.objects.filter(chemical=chemical).exists()
        or chemical.in_batches.exists()
        or StockComponent.objects.filter(chemical=chemical).exists()
    )


def lot_is_used(lot: Lot) -> bool:
    return lot.in_batches.exists() or lot.stock_components.exists()
