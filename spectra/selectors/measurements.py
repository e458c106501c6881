"""Measurements in use, with their curves."""

from django.db.models import Prefetch, Q

from spectra.models import Analysis, AnalysisInput, Measurement, Trace
from spectra.selectors.analyses import with_numbers


def measurements(user, *, withdrawn: bool = False):
    """Measurements in use (with ``withdrawn``: all), newest first."""
    seen = Measurement.objects.visible_to(user)
    seen = seen if withdrawn else seen.filter(withdrawn_at=None)
    return seen.select_related(
        "sample__batch",
        "sample__solvent",
        "reading__upload__blob",
        "instrument",
        "standard",
        "standard_session",
        "project",
    )


def with_curves(found):
    """Measurements with their traces and grids, ready for ``values.value_of``."""
    return found.prefetch_related(Prefetch("traces", Trace.objects.select_related("grid").order_by("index")))


def with_ranges(found):
    """Measurements with what their curves span, without the curves themselves."""
    return found.prefetch_related(Prefetch("traces", Trace.objects.defer("y").order_by("index")))


def dilution_meant(analysis: Analysis) -> Measurement | None:
    """The emission of the dilution that a refusal names, by its place in the series."""
    values = (analysis.reason or {}).get("values", {})
    if "number" not in values or values.get("which") not in ("sample", "standard"):
        return None
    given = analysis.inputs.filter(role=f"{values['which']}_emission", index=values["number"])
    found = given.select_related("measurement__reading__upload").first()
    return found.measurement if found else None


def analyses_of(measurement: Measurement):
    """Everything computed from a measurement, the newest first, each with its numbers."""
    rests = Q(measurement=measurement) | Q(composition__measurement=measurement)
    ids = AnalysisInput.objects.filter(rests).values("analysis")
    return with_numbers(Analysis.objects.filter(pk__in=ids).select_related("sample")).order_by("-pk")
