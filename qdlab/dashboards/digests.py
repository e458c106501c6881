"""What a signature covers: one digest over everything that a batch's page shows as fact or number.

Status, versions and times of saving stay out of it: a review itself changes them.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence

from django.core.serializers.json import DjangoJSONEncoder

from spectra.models import Analysis, Measurement
from spectra.selectors import agreed_analyses
from synthesis.models import Batch, BatchIngredient, Sample, StepLog, WashStep

FACTS = (
    "code", "title", "revision_id", "outcome", "outcome_note", "abandoned_because", "operator_id", "made_on", "started_at",
    "finished_at", "temperature_c", "relative_humidity_percent", "atmosphere", "conditions", "sweep_point",
    "reference_equivalents", "aliquot_text", "aliquot_unit", "note", "representative_id",
)  # fmt: skip
LINE = (
    "key", "role", "chemical_id", "stock_id", "lot_id", "is_reference", "planned_text", "planned_unit", "weighed_text",
    "weighed_unit", "uncertainty_text", "uncertainty_unit", "device", "note",
)  # fmt: skip
SAMPLE = (
    "code", "state", "wash_count", "additive_id", "additive_text", "solvent_id", "concentration_text", "concentration_unit",
    "storage", "storage_temperature_c", "note", "archived_at",
)  # fmt: skip
PARTS = {
    "ingredients": (BatchIngredient, "key", LINE),
    "log": (StepLog, "pk", ("at", "kind", "seen", "parameters", "by")),
    "washes": (WashStep, "position", ("position", "kept", "parameters", "isolated_text", "note")),
    "samples": (Sample, "pk", ("id", *SAMPLE)),
}


def batch_digest(batch: Batch, agreed: dict[str, Analysis] | None = None) -> str:
    """The digest of a batch as it stands; ``agreed`` (method → analysis) is loaded unless given."""
    return batch_digests([batch], None if agreed is None else {batch.pk: agreed})[batch.pk]


def batch_digests(batches: Sequence[Batch], agreed: dict | None = None) -> dict:
    """Batch id → its digest, in as many queries for many batches as for one."""
    agreed = agreed_analyses(batches) if agreed is None else agreed
    rows = {name: _rows_of(batches, *asked) for name, asked in PARTS.items()}
    measurements = _measurements_of(batches)
    return {
        batch.pk: digest_of(
            {name: found[batch.pk] for name, found in rows.items()}
            | {
                "batch": {name: getattr(batch, name) for name in FACTS},
                "measurements": measurements[batch.pk],
                "agreed": {method: _numbers(one) for method, one in agreed[batch.pk].items()},
            }
        )
        for batch in batches
    }


def _rows_of(batches: Sequence[Batch], model, order: str, names: Sequence[str]) -> dict:
    """Batch id → what a signature covers of the rows of ``model`` that belong to it."""
    found = defaultdict(list)
    for row in model.objects.filter(batch__in=batches).order_by(order).values("batch_id", *names):
        found[row.pop("batch_id")].append(row)
    return found


def _measurements_of(batches: Sequence[Batch]) -> dict:
    found = defaultdict(list)
    there = Measurement.objects.filter(sample__batch__in=batches, withdrawn_at=None).order_by("pk")
    for batch_id, pk in there.values_list("sample__batch", "pk"):
        found[batch_id].append(pk)
    return found


def _numbers(analysis: Analysis) -> dict:
    quantities = {q.name: [q.value, q.u, q.unit] for q in analysis.quantities.all()}
    return {
        "analysis": analysis.pk,
        "digest": analysis.input_digest,
        "stale": bool(analysis.stale_since),
        "is": quantities,
    }


def digest_of(content) -> str:
    text = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
