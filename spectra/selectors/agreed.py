"""Which result speaks for a batch, and why."""

from collections import defaultdict
from collections.abc import Iterable

from spectra.models import Agreed, Analysis, Quantity
from spectra.selectors.analyses import CURRENT, current_analyses, with_numbers
from synthesis.models import Batch, Sample, SampleState

NOT_FRESH = (SampleState.AGED, SampleState.WITH_ADDITIVE, SampleState.FILM, SampleState.GRID, SampleState.DEVICE)


def agreed_analyses(batches: Iterable[Batch]) -> dict:
    """Batch id → {method: analysis that speaks for the batch}.

    A person's choice goes first; otherwise it is the newest current analysis on the representative sample, never one of
    an aged sample, film or device unless a person chose that as representative.
    """
    batches = list(batches)
    chosen = _chosen(batches)
    samples = defaultdict(list)
    for sample in Sample.objects.filter(batch__in=batches).order_by("pk"):
        samples[sample.batch_id].append(sample)
    ranked = {batch.pk: ranked_samples(batch, samples[batch.pk]) for batch in batches}
    current = current_analyses([sample for found in ranked.values() for sample in found])
    return {batch.pk: _agreed(ranked[batch.pk], current) | chosen[batch.pk] for batch in batches}


def _chosen(batches: list[Batch]) -> dict:
    chosen = defaultdict(dict)
    rows = Agreed.objects.filter(batch__in=batches).select_related("analysis__measurement", "analysis__sample")
    for row in rows.prefetch_related("analysis__quantities"):
        if _still_chosen(row):
            chosen[row.batch_id][row.method] = row.analysis
    return chosen


def ranked_samples(batch: Batch, samples: list[Sample]) -> list[Sample]:
    """The samples that may speak for a batch, the representative one first, then washed before crude, newest first."""
    usable = [s for s in samples if s.pk == batch.representative_id or s.state not in NOT_FRESH]
    return sorted(usable, key=lambda s: (s.pk == batch.representative_id, s.wash_count, str(s.pk)), reverse=True)


def _agreed(samples: list[Sample], current: dict) -> dict:
    agreed = {}
    for sample in samples:
        for analysis in current.get(sample.pk, ()):
            agreed.setdefault(analysis.method, analysis)
    return agreed


def chosen_by_people(batch: Batch) -> dict[str, Agreed]:
    """Method → the choice of a person that still holds, with who made it and why."""
    rows = Agreed.objects.filter(batch=batch).select_related("analysis", "chosen_by")
    return {row.method: row for row in rows.select_related("analysis__sample") if _still_chosen(row)}


def _still_chosen(choice: Agreed) -> bool:
    """A result that went to another batch with its file speaks no longer for the one where it was chosen."""
    sample = choice.analysis.sample
    return choice.analysis.is_current and sample is not None and sample.batch_id == choice.batch_id


def why_agreed(batch: Batch, analysis: Analysis, choice: Agreed | None) -> dict:
    """Why an analysis speaks for its batch, as facts for a sentence: ``chosen`` by a person, or the rules it won by."""
    return {
        "choice": choice,
        "representative": analysis.sample_id == batch.representative_id,
        "state": analysis.sample.state_text,
        "diluted": bool(analysis.measurement and analysis.measurement.dilution_label),
        "stale": analysis.stale_since is not None,
    }


def agreed_quantities(batches: Iterable[Batch]) -> dict:
    """Batch id → {name: Quantity} of the agreed analyses (each quantity knows its analysis)."""
    found = {}
    for batch_id, by_method in agreed_analyses(batches).items():
        found[batch_id] = {
            q.name: _with(q, analysis) for analysis in by_method.values() for q in analysis.quantities.all()
        }
    return found


def _with(quantity: Quantity, analysis: Analysis) -> Quantity:
    quantity.analysis = analysis
    return quantity


def speaks_for_batch(analysis: Analysis) -> bool:
    """Whether it is this analysis that gives its batch's numbers of its method."""
    if not analysis.sample_id or not analysis.is_current:
        return False
    batch = analysis.sample.batch
    return agreed_analyses([batch])[batch.pk].get(analysis.method) == analysis


def alternatives(batch: Batch, method: str) -> list[Analysis]:
    """All current analyses of ``method`` on any sample of a batch, the agreed one among them."""
    found = Analysis.objects.filter(CURRENT, sample__batch=batch, method=method)
    return list(with_numbers(found.select_related("sample", "measurement")).order_by("-pk"))
