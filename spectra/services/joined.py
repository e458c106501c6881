"""Results that join measurements of a sample: out of use while one of these lies on another sample, back when it comes back."""

from collections.abc import Sequence

from django.db.models import F, Q
from django.utils import timezone

from qdlab.access.models import User
from qdlab.records import audit, outbox
from spectra import provenance
from spectra.models import Analysis, AnalysisInput, Measurement
from spectra.notes import gettext_noop

# Stored as it stands, and shown in the reader's language: by it such results are known when the measurement comes back.
MOVED = gettext_noop("one of its measurements was put on another sample")


def withdraw_joined(measurements: Sequence[Measurement]) -> list[Analysis]:
    """Withdraw the results in use that joined these measurements with others, and what rests on them; return them."""
    joined = AnalysisInput.objects.filter(measurement__in=measurements, analysis__measurement=None)
    own = set(Analysis.objects.filter(measurement__in=measurements).values_list("pk", flat=True))
    dependants = provenance.with_dependants(set(joined.values_list("analysis_id", flat=True)) | own) - own
    gone = list(
        Analysis.objects.filter(pk__in=dependants, withdrawn_at=None, superseded_by=None).only(
            "project_id", "sample_id"
        )
    )
    # newer ones that only stood behind these because these had come back (``restore_joined``) speak again
    behind = Analysis.objects.filter(superseded_by__in=gone, pk__gt=F("superseded_by_id")).exclude(pk__in=dependants)
    behind.update(superseded_by=None)
    Analysis.objects.filter(pk__in=[one.pk for one in gone]).update(
        withdrawn_at=timezone.now(), withdrawn_because=MOVED
    )
    return gone


def restore_joined(measurements: Sequence[Measurement]) -> list[Analysis]:
    """Bring back what a move withdrew, where all that it rests on stands again where it stood; return what came back.

    What another result had replaced before the move stays replaced.
    """
    reached = provenance.with_dependants(
        set(AnalysisInput.objects.filter(measurement__in=measurements).values_list("analysis_id", flat=True))
    )
    replaced_since = Q(superseded_by__ended_at__gt=F("withdrawn_at"), superseded_by__automatic=True)
    lost = Analysis.objects.filter(pk__in=reached, withdrawn_because=MOVED).exclude(withdrawn_at=None)
    lost = lost.filter(Q(superseded_by=None) | replaced_since).order_by("pk")  # what others rest on comes first
    back = []
    for analysis in lost.prefetch_related(*provenance.INPUTS_IN_BULK):
        if _stands_again(analysis):
            later = Analysis.objects.filter(
                method=analysis.method, sample=analysis.sample_id, measurement=None, automatic=True
            )
            Analysis.objects.filter(pk=analysis.pk).update(withdrawn_at=None, withdrawn_because="", superseded_by=None)
            later.filter(pk__gt=analysis.pk, withdrawn_at=None, superseded_by=None).update(superseded_by=analysis)
            back.append(analysis)
    return back


def _stands_again(analysis: Analysis) -> bool:
    inputs = list(analysis.inputs.all())
    used = [i.measurement for i in inputs if i.measurement_id]
    upstream = {i.upstream_id for i in inputs if i.upstream_id}
    standing = Analysis.objects.filter(
        pk__in=upstream, sample=analysis.sample_id, withdrawn_at=None, superseded_by=None
    )
    return (
        all(measurement.sample_id == analysis.sample_id for measurement in used if _is_of_a_sample(measurement))
        and all(measurement.withdrawn_at is None for measurement in used)
        and standing.count() == len(upstream)
        and provenance.digest_of(analysis.method, analysis.parameters, inputs) == analysis.input_digest
    )


def _is_of_a_sample(measurement: Measurement) -> bool:
    return measurement.role == "sample" or (measurement.role == "blank" and measurement.standard_session_id is None)


def record_joined(by: User, withdrawn: Sequence[Analysis], restored: Sequence[Analysis]) -> None:
    """Tell of both in the audit trail, and whoever keeps derived tables."""
    went = {one.pk for one in withdrawn} - {one.pk for one in restored}  # one that is back at once was never away
    came = {one.pk for one in restored} - {one.pk for one in withdrawn}
    for action, found, ids, after in (
        ("analysis.withdrawn", withdrawn, went, {"because": MOVED}),
        ("analysis.restored", restored, came, {}),
    ):
        told = [one for one in found if one.pk in ids]
        for project_id in {one.project_id for one in told}:
            own = [(one, None, after) for one in told if one.project_id == project_id]
            audit.record_all(by=by, action=action, project_id=project_id, told=own)
        outbox.changed("batch", *provenance.batches_of(told))
