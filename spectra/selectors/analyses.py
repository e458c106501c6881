"""Analyses and the numbers they gave."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from spectra.models import Analysis, AnalysisInput, Measurement, Quantity, State
from synthesis.models import Sample

OPEN = Q(state__in=[State.QUEUED, State.RUNNING])
CURRENT = Q(state=State.DONE, superseded_by=None, withdrawn_at=None)
# The same as lookups: of an analysis, and of a quantity's analysis
CURRENT_ANALYSIS = (("state", State.DONE), ("superseded_by__isnull", True), ("withdrawn_at__isnull", True))
CURRENT_QUANTITY = tuple((f"analysis__{name}", value) for name, value in CURRENT_ANALYSIS)


def analyses(user):
    return Analysis.objects.visible_to(user).select_related("sample__batch", "measurement", "project", "requested_by")


def with_numbers(found):
    return found.prefetch_related("quantities")


def with_chain(found):
    """Analyses with the way back to the raw files: inputs, their files, and one step of upstream analyses."""
    return with_numbers(found.select_related("settings_from__instrument")).prefetch_related(
        "inputs__measurement__reading__upload__blob",
        "inputs__measurement__instrument",
        "inputs__measurement__standard",
        "inputs__measurement__standard_session",
        "inputs__composition",
        "inputs__upstream__quantities",
        "inputs__upstream__inputs__measurement__reading__upload__blob",
        "supersedes",
    )


def of_the_same(user, analysis: Analysis):
    """Other ended analyses by the same method on the same measurement, or on the same sample, the newest first."""
    found = analyses(user).filter(method=analysis.method, state__in=[State.DONE, State.REFUSED]).exclude(pk=analysis.pk)
    same = Q(measurement=analysis.measurement) if analysis.measurement_id else Q(pk=None)
    same |= Q(sample=analysis.sample) if analysis.sample_id else Q(pk=None)
    return found.filter(same).defer("curves", "details").order_by("-pk")[:50]


def quantities(user):
    """Numbers of analyses in use, with their analysis."""
    found = Quantity.objects.visible_to(user).filter(analysis__withdrawn_at=None)
    return found.select_related("analysis__sample__batch", "analysis__measurement")


def analysis_has_ended(analysis: Analysis) -> bool:
    return not Analysis.objects.filter(OPEN, pk=analysis.pk).exists()


def current_quantities_of(user, measurement: Measurement):
    """Current numbers that rest on a measurement, alone or joined with others."""
    rests = Q(measurement=measurement) | Q(composition__measurement=measurement)
    ids = AnalysisInput.objects.filter(rests).values("analysis")
    return quantities(user).filter(analysis__in=ids, **dict(CURRENT_QUANTITY)).order_by("analysis_id", "id")


def current_analyses(samples: Iterable[Sample]) -> dict:
    """Sample id → its current analyses, those that speak for it first: not stale, undiluted, newest."""
    found = with_numbers(Analysis.objects.filter(CURRENT, sample__in=samples).select_related("measurement", "sample"))
    by_sample = defaultdict(list)
    for analysis in sorted(found, key=_speaks_for, reverse=True):
        by_sample[analysis.sample_id].append(analysis)
    return by_sample


def _speaks_for(analysis: Analysis):
    diluted = bool(analysis.measurement and analysis.measurement.dilution_label)
    return analysis.stale_since is None, not diluted, str(analysis.pk)
