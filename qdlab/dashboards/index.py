"""The batch index: ratios and agreed quantities of every batch, kept beside it for filtering and sorting. Never a source.

Whatever changes a batch, its samples or its results notes the batch in the outbox; the index takes these notes up when a
worker is woken, and at the latest when somebody asks a question that needs it.
"""

import logging
from collections.abc import Iterable

from django.db import transaction

from qdlab.dashboards.models import BatchIndex
from qdlab.records import outbox
from qdlab.records.models import Change
from spectra import provenance
from spectra.models import Quantity
from spectra.selectors import agreed_quantities
from synthesis.models import Batch
from synthesis.selectors import batch_sheet, batches_with_ingredients

log = logging.getLogger(__name__)

KIND = "batch"
AT_ONCE = 200
STALE, WARNED, PLANNED, LIMIT = "stale", "warned", "planned", "limit"


def refresh(batch_ids: Iterable) -> int:
    """Make the index of these batches anew, in one transaction; return how many there were."""
    ids = list(batch_ids)
    with transaction.atomic():
        locked = Batch.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
        batches = list(batches_with_ingredients(locked))
        provenance.refresh_staleness(provenance.results_on_compositions(ids))  # they compare EDX with what was weighed
        agreed = agreed_quantities(batches)
        rows = [row for batch in batches for row in _rows(batch, agreed.get(batch.pk, {}))]
        BatchIndex.objects.filter(batch__in=ids).delete()
        BatchIndex.objects.bulk_create(rows, batch_size=500)
    return len(batches)


def refresh_changed(most: int = 1000) -> int:
    """Take up what changed since; at most so many notes, so that nobody waits long. Costs one query when nothing did."""
    taken = 0
    while taken < most and Change.objects.filter(kind=KIND).exists():
        n = outbox.take_up(KIND, refresh, limit=AT_ONCE)
        if n == 0:  # somebody else is at it
            break
        taken += n
    return taken


def rebuild() -> int:
    """The whole index from the records."""
    ids = list(Batch.objects.order_by("pk").values_list("pk", flat=True))
    BatchIndex.objects.exclude(batch__in=Batch.objects.all()).delete()
    return sum(refresh(ids[start : start + AT_ONCE]) for start in range(0, len(ids), AT_ONCE))


def _rows(batch: Batch, quantities: dict) -> list[BatchIndex]:
    return _ratio_rows(batch) + [_quantity_row(batch, quantity) for quantity in quantities.values()]


def _ratio_rows(batch: Batch) -> list[BatchIndex]:
    try:
        sheet = batch_sheet(batch)
    except Exception:  # a record that cannot be worked out must not take the whole table away
        log.exception("ratios of batch %s", batch.pk)
        return []
    flags = [PLANNED] if sheet.basis == "planned" else []
    return [
        BatchIndex(batch=batch, name=ratio_name(species), value=ratio.value, u=ratio.u, unit="1", flags=flags)
        for species, ratio in sheet.ratio_values.items()
    ]


def ratio_name(species: str) -> str:
    return f"ratio_{species}"[:40]


def _quantity_row(batch: Batch, quantity: Quantity) -> BatchIndex:
    return BatchIndex(
        batch=batch, name=quantity.name, value=quantity.value, u=quantity.u, unit=quantity.unit,
        analysis_id=quantity.analysis.pk, flags=flags_of(quantity),
    )  # fmt: skip


def flags_of(quantity: Quantity) -> list[str]:
    """What the eye must know beside a number: computed from older inputs, doubtful, or only a limit."""
    analysis = quantity.analysis
    known = [
        (STALE, analysis.stale_since),
        (WARNED, analysis.warnings),
        (LIMIT, quantity.value is not None and quantity.reason),
    ]
    return [flag for flag, present in known if present]
