"""What a number rests on, as one digest; and which numbers no longer rest on what they did.

The digest covers the bytes, the reading, the conditions, the standard, the upstream analyses, the parameters and the
method's version. Where today's digest differs from the stored one the result is stale, and that is written down at once.
"""

import hashlib
import json
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from qdlab.records.models import Change
from qdlab.records.outbox import changed, pending
from spectra.analysis import METHODS
from spectra.feed import feed_of
from spectra.models import Analysis, AnalysisInput, Composition, Measurement, State
from spectra.values import conditions_of
from synthesis.models import Sample

INPUTS_IN_BULK = (
    "inputs__measurement__reading__upload",
    "inputs__measurement__instrument",
    "inputs__measurement__sample__solvent",
    "inputs__measurement__standard",
    "inputs__measurement__standard_session__standard",
    "inputs__composition__fractions",
    "inputs__composition__sample__batch",
    "inputs__upstream__quantities",
)


INSTRUMENT = "instrument"  # kind of the outbox notes on instruments whose defaults changed
REFRESH = "spectra.tasks.refresh_stale"  # the task that takes them up
AT_ONCE = 200  # analyses compared in one transaction, so that writers wait for moments only


def sha256_of(content) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def digest_of_measurement(measurement: Measurement) -> str:
    reading = measurement.reading
    return sha256_of(
        {
            "blob": reading.upload.blob_id,
            "reader": [reading.reader, reading.reader_version, reading.mapping],
            "item": measurement.item,
            "role": measurement.role,
            "technique": measurement.technique,
            "conditions": conditions_of(measurement).known(),
            "standard": standard_facts(measurement),
        }
    )


def standard_facts(measurement: Measurement) -> dict:
    """What a method may know of the standard and the session a measurement belongs to; {} when it is of neither."""
    session = measurement.standard_session
    standard = measurement.standard or (session.standard if session else None)
    if standard is None:
        return {}
    facts = {
        "standard_id": str(standard.pk),
        "revision": standard.revision,
        "compound": standard.compound,
        "solvent": standard.solvent,
        "phi": standard.phi,
        "phi_u": standard.phi_u,
        "gas": standard.gas,
        "temperature_c": standard.temperature_c,
        "refractive_index": standard.refractive_index,
        "citation": standard.citation,
    }
    if session:
        facts["session_id"] = str(session.pk)
        facts["session_name"] = session.name
        facts["valid_until"] = session.valid_until.isoformat() if session.valid_until else None
    return facts


def digest_of_composition(composition: Composition) -> str:
    fractions = [(f.element, f.percent, f.percent_u) for f in composition.fractions.all()]
    feed = {element: [e.value, e.u] for element, e in feed_of(composition.sample).items()}
    return sha256_of([fractions, composition.beam_energy_kev, composition.n_spots, feed])


def digest_of_input(given: AnalysisInput) -> str:
    if given.measurement_id:
        return digest_of_measurement(given.measurement)
    if given.composition_id:
        return digest_of_composition(given.composition)
    return sha256_of([str(given.upstream_id), given.upstream.input_digest])


def digest_of(method: str, parameters: dict, inputs: Iterable[AnalysisInput]) -> str:
    """Today's digest of a method on these inputs with these parameters (defaults filled in)."""
    rows = sorted((given.role, given.index, digest_of_input(given)) for given in inputs)
    definition = METHODS[method]
    return sha256_of([method, definition.version, definition.deciding(parameters), rows])


def current_digest(analysis: Analysis) -> str:
    return digest_of(analysis.method, analysis.parameters, analysis.inputs.all())


def results_of(measurements: Iterable[Measurement]):
    """Ended analyses that rest on ``measurements``, directly or through others."""
    measurements = list(measurements)
    rests = Q(measurement__in=measurements) | Q(composition__measurement__in=measurements)
    direct = set(AnalysisInput.objects.filter(rests).values_list("analysis_id", flat=True))
    return Analysis.objects.filter(pk__in=with_dependants(direct))


def results_on_compositions(batch_ids: Iterable):
    """Results that compare a composition with what was weighed into these batches."""
    return Analysis.objects.filter(inputs__composition__sample__batch__in=batch_ids).distinct()


def with_dependants(ids: set) -> set:
    reached, frontier = set(ids), set(ids)
    while frontier:
        frontier = (
            set(AnalysisInput.objects.filter(upstream__in=frontier).values_list("analysis_id", flat=True)) - reached
        )
        reached |= frontier
    return reached


def refresh_staleness(analyses) -> int:
    """Compare each ended analysis with today's digest and note what became stale or current again; return how many."""
    flipped = []
    ids = list(analyses.filter(state__in=[State.DONE, State.REFUSED]).values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):  # SQLite cannot be asked for the inputs of more than a thousand at once
        flipped += _flipped(Analysis.objects.filter(pk__in=ids[start : start + AT_ONCE]))
    _spread_to_dependants(flipped)
    changed("batch", *batches_of(flipped))
    return len(flipped)


def _flipped(analyses) -> list[Analysis]:
    found = analyses.defer("curves", "details").prefetch_related(*INPUTS_IN_BULK)
    flipped = [analysis for analysis in found if _is_stale(analysis) != (analysis.stale_since is not None)]
    fresh, stale = [a.pk for a in flipped if a.stale_since], [a.pk for a in flipped if not a.stale_since]
    Analysis.objects.filter(pk__in=fresh).update(stale_since=None)
    Analysis.objects.filter(pk__in=stale).update(stale_since=timezone.now())
    return flipped


def _is_stale(analysis: Analysis) -> bool:
    if analysis.method not in METHODS or current_digest(analysis) != analysis.input_digest:
        return True
    return any(given.upstream_id and given.upstream.stale_since for given in analysis.inputs.all())


def _spread_to_dependants(flipped: list[Analysis]) -> None:
    ids = {analysis.pk for analysis in flipped}
    dependants = with_dependants(ids) - ids
    if dependants:
        refresh_staleness(Analysis.objects.filter(pk__in=dependants))


def refresh_after_upgrade() -> int:
    """Mark what an older version of a method computed; asked whenever a worker starts."""
    count = 0
    for name, method in METHODS.items():
        older = Analysis.objects.filter(method=name, stale_since=None, state__in=[State.DONE, State.REFUSED])
        count += refresh_staleness(older.exclude(method_version=method.version))
    return count


def refresh_changed_instruments() -> int:
    """Compare all results that rest on instruments whose defaults changed; return how many became stale or current."""
    flipped = 0
    for instrument_id in pending(INSTRUMENT):
        seen = Change.objects.filter(kind=INSTRUMENT, subject_id=instrument_id).aggregate(Max("id"))["id__max"]
        measured = Measurement.objects.filter(instrument_id=instrument_id)
        ids = list(results_of(measured).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), AT_ONCE):
            with transaction.atomic():
                flipped += refresh_staleness(Analysis.objects.filter(pk__in=ids[start : start + AT_ONCE]))
        Change.objects.filter(kind=INSTRUMENT, subject_id=instrument_id, id__lte=seen or 0).delete()
    return flipped


def batches_of(analyses: Iterable[Analysis]) -> set:
    samples = {analysis.sample_id for analysis in analyses if analysis.sample_id}
    return set(Sample.objects.filter(pk__in=samples).values_list("batch_id", flat=True)) - {None}
