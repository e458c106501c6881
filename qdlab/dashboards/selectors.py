"""The questions that join recipes with results. Pages and API ask the same ones.

A batch can be filtered and ordered by its own fields and by every ratio and quantity of the index:
``ratio_OAM__gte=1``, ``plqy__gte=0.9``, ``plqy_u__lte=0.05``, ``ordering=-plqy``.
"""

import hashlib
from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db.models import Exists, F, FilteredRelation, OuterRef, Prefetch, Q

from qdlab.access import lookups
from qdlab.access.lookups import Condition, Field, Order
from qdlab.access.models import User
from qdlab.dashboards import index
from qdlab.dashboards.digests import batch_digests
from qdlab.dashboards.models import BatchIndex, Comparison, Review, SavedView
from spectra.analysis import METHODS
from spectra.models import Measurement
from synthesis.models import Batch, BatchCode, Species, Status
from synthesis.selectors import batches_visible_to

DECISIONS = (Review.Meaning.APPROVED, Review.Meaning.SENT_BACK)
BATCH_FIELDS: dict[str, Field] = {
    "id": Field("pk", "uuid"),
    "project": Field("project", "uuid"),
    "code": Field("code"),
    "title": Field("title"),
    "status": Field("status", "choice"),
    "outcome": Field("outcome", "choice"),
    "recipe": Field("revision__recipe", "uuid"),
    "recipe_name": Field("revision__recipe__name"),
    "revision": Field("revision", "uuid"),
    "sweep": Field("sweep", "uuid"),
    "replicate": Field("replicate", "integer"),
    "order": Field("order", "integer"),
    "operator": Field("operator__username", "choice"),
    "planned_for": Field("planned_for", "date"),
    "made_on": Field("made_on", "date"),
    "started_at": Field("started_at", "datetime"),
    "finished_at": Field("finished_at", "datetime"),
    "temperature_c": Field("temperature_c", "number"),
    "relative_humidity_percent": Field("relative_humidity_percent", "number"),
    "atmosphere": Field("atmosphere"),
    "created_at": Field("created_at", "datetime"),
    "changed_at": Field("changed_at", "datetime"),
}


# --- Names ----------------------------------------------------------------------------------------------------------


def quantity_units() -> dict[str, str]:
    """Every quantity that a method gives → its unit."""
    return {kind.name: kind.unit for method in METHODS.values() for kind in method.quantities}


def quantity_labels() -> dict[str, str]:
    return {kind.name: kind.label for method in METHODS.values() for kind in method.quantities}


def ratio_names(user) -> list[str]:
    """Ratio columns of the shelf's species, in the order in which ratios are written."""
    species = sorted(Species.objects.visible_to(user), key=lambda s: s.rank)
    return [index.ratio_name(s.symbol) for s in species]


def index_column(user, name: str) -> tuple[str, str] | None:
    """``plqy_u`` → ("plqy", "u"), ``plqy`` → ("plqy", "value"), None when nothing in the lab has that name."""
    known = quantity_units()
    for stem, column in ((name, "value"), (name.removesuffix("_u"), "u")):
        if stem in known or (stem.startswith("ratio_") and stem in ratio_names(user)):
            return stem, column
    return None


# --- Batches --------------------------------------------------------------------------------------------------------


def batches(user):
    """Batches in use; the index is brought up to date first, so that a result that just ended is found."""
    index.refresh_changed()
    return batches_visible_to(user)


def batches_table(user, parameters: Mapping[str, str], ordering: str = ""):
    """Batches that match ``parameters`` (field lookups, also on ratios and quantities), in that order.

    Raises ValidationError by parameter. Rows without a value come last; the newest first decides between equals.
    """
    found = narrowed(user, batches(user), parameters)
    found, orders = with_orders(user, found, ordering or "-created_at")
    return lookups.ordered(found, orders, "-pk")


def narrowed(user, found, parameters: Mapping[str, str]):
    """``found`` with the conditions of ``parameters``; ``q`` searches words."""
    given = dict(parameters)
    found = searched(found, given.pop("q", ""))
    conditions = lookups.conditions_of(given, BATCH_FIELDS, lambda name: index_column(user, name) and "number")
    return narrow_by_index(user, lookups.narrowed(found, conditions, BATCH_FIELDS), conditions)


def searched(found, words: str):
    """Batches with all words somewhere: in the code (also one they once had), title, recipe, notes or operator."""
    try:
        lookups.check_plain(words)
    except ValidationError as problem:
        raise ValidationError({"q": problem.messages}) from None
    for word in words.split()[:10]:
        named = Exists(BatchCode.objects.filter(batch=OuterRef("pk"), code__icontains=word))
        texts = ("title", "revision__recipe__name", "note", "outcome_note", "operator__username")
        found = found.filter(Q(named) | _any(texts, word))
    return found


def _any(texts: Iterable[str], word: str) -> Q:
    condition = Q()
    for text in texts:
        condition |= Q(**{f"{text}__icontains": word})
    return condition


def narrow_by_index(user, found, conditions: Iterable[Condition]):
    """Apply the conditions on ratios and quantities; each is a join that the index answers."""
    for condition in conditions:
        if condition.name in BATCH_FIELDS:
            continue
        name, column = index_column(user, condition.name)
        if condition.lookup == "isnull":
            there = Exists(BatchIndex.objects.filter(batch=OuterRef("pk"), name=name, **{f"{column}__isnull": False}))
            found = found.exclude(there) if condition.value else found.filter(there)
        else:
            found = found.filter(**{"index__name": name, f"index__{column}__{condition.lookup}": condition.value})
    return found


def order_path(user, name: str) -> str | None:
    """The annotation that holds a ratio or quantity to order by, or None when there is no such name."""
    return f"order_{hashlib.sha256(name.encode()).hexdigest()[:12]}" if index_column(user, name) else None


def with_orders(user, found, ordering: str):
    """``found`` with the values to order by, and the orders."""
    orders = lookups.orders_of(ordering, BATCH_FIELDS, lambda name: order_path(user, name))
    for word in ordering.split(","):
        name = word.strip().removeprefix("-")
        if name in BATCH_FIELDS or not name:
            continue
        stem, column = index_column(user, name)
        path = order_path(user, name)
        joined = FilteredRelation("index", condition=Q(index__name=stem))
        found = found.annotate(**{f"of_{path}": joined}).annotate(**{path: F(f"of_{path}__{column}")})
    return found, orders


def with_index(found):
    """Batches with their index rows in ``batch.numbers``."""
    return found.prefetch_related(Prefetch("index", BatchIndex.objects.order_by("id"), to_attr="numbers"))


def numbers_of(batch: Batch) -> dict[str, BatchIndex]:
    """name → index row of a batch that was loaded by ``with_index``."""
    return {row.name: row for row in batch.numbers}


def table_orders(user, ordering: str) -> list[Order]:
    """The orders of ``batches_table``, with the one that decides between equals."""
    return [*with_orders(user, Batch.objects.none(), ordering or "-created_at")[1], Order("pk", True)]


def simulated(batches: Iterable[Batch]) -> list[str]:
    """Codes of those batches that have files made by a simulation."""
    found = Measurement.objects.filter(sample__batch__in=list(batches), simulated=True, withdrawn_at=None)
    return sorted(found.order_by().values_list("sample__batch__code", flat=True).distinct())


def operators(user):
    """Who made batches that ``user`` may see."""
    made = Batch.objects.visible_to(user).filter(operator=OuterRef("pk"))
    return User.objects.filter(Exists(made)).order_by("username")


# --- Saved ----------------------------------------------------------------------------------------------------------


def comparisons(user):
    return Comparison.objects.visible_to(user).select_related("project", "made_by").prefetch_related("batches")


def reviews(user, batch: Batch):
    """What was said and signed of a batch, newest first."""
    return Review.objects.visible_to(user).filter(batch=batch).select_related("reviewer").order_by("-pk")


def superseded(user, batches: Iterable[Batch]) -> set:
    """Ids of those reviewed batches that changed after the newest decision: its signature no longer covers them."""
    reviewed = [batch for batch in batches if batch.status == Status.REVIEWED]
    if not reviewed:
        return set()
    decisions = Review.objects.visible_to(user).filter(batch__in=reviewed, meaning__in=DECISIONS).order_by("pk")
    signed = dict(decisions.values_list("batch", "digest"))  # the newest of a batch comes last and stays
    now = batch_digests([batch for batch in reviewed if batch.pk in signed])
    return {pk for pk, digest in now.items() if digest != signed[pk]}


def saved_views(user, page: str = "batches"):
    """One's own views and those that were shared with the project."""
    seen = SavedView.objects.visible_to(user).filter(page=page).filter(Q(shared=True) | Q(made_by=user))
    return seen.select_related("project", "made_by")
