"""What a signature covers: one digest over everything that a batch's page shows as fact or number.

Status, versions and times of saving stay out of it: a review itself changes them.
"""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder

from spectra.models import Analysis, Measurement
from spectra.selectors import agreed_analyses
from synthesis.models import Batch

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


def batch_digest(batch: Batch, agreed: dict[str, Analysis] | None = None) -> str:
    """The digest of a batch as it stands; ``agreed`` (method → analysis) is loaded unless given."""
    agreed = agreed_analyses([batch])[batch.pk] if agreed is None else agreed
    content = {
        "batch": {name: getattr(batch, name) for name in FACTS},
        "ingredients": list(batch.ingredients.order_by("key").values(*LINE)),
        "log": list(batch.log.order_by("pk").values("at", "kind", "seen", "parameters", "by")),
        "washes": list(
            batch.washes.order_by("position").values("position", "kept", "parameters", "isolated_text", "note")
        ),
        "samples": list(batch.samples.order_by("pk").values("id", *SAMPLE)),
        "measurements": list(
            Measurement.objects.filter(sample__batch=batch, withdrawn_at=None)
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        "agreed": {method: _numbers(agreed[method]) for method in sorted(agreed)},
    }
    return digest_of(content)


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
