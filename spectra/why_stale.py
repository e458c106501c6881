"""Why a result no longer rests on what it did, as far as the records tell.

A result stores one digest of all it rests on. Which part of it differs is told by the version of the method, by upstream
results that were replaced, and by the records among its inputs that were changed after it was computed.
"""

from django.utils.translation import gettext_lazy as _

from spectra.analysis import METHODS
from spectra.models import Analysis, AnalysisInput

REASONS = {
    "method": _("the method has a new version"),
    "settings": _("its settings are no longer those of the method"),
    "upstream": _("a result it rests on was computed again or has changed"),
    "conditions": _("a measurement was corrected"),
    "instrument": _("the defaults of an instrument were changed"),
    "standard": _("a standard or its session was revised"),
    "composition": _("a composition or what was weighed in has changed"),
    "withdrawn": _("something it rests on was taken out of use"),
    "other": _("something it rests on has changed"),
}


def reasons_of(analysis: Analysis) -> list[str]:
    """Codes of ``REASONS`` that hold for a stale result; its inputs are asked as ``provenance.INPUTS_IN_BULK`` loads them."""
    found = dict.fromkeys(_of_method(analysis))
    for given in analysis.inputs.all():
        found |= dict.fromkeys(_of_input(given, analysis.ended_at or analysis.created_at))
    return list(found) or ["other"]


def _of_method(analysis: Analysis):
    method = METHODS.get(analysis.method)
    if method is None or method.version != analysis.method_version:
        yield "method"
    try:
        if method:
            method.complete(analysis.parameters)
    except ValueError:
        yield "settings"


def _of_input(given: AnalysisInput, since):
    thing = given.measurement or given.composition or given.upstream
    if thing.withdrawn_at:
        yield "withdrawn"
    if given.upstream_id:
        if given.upstream.superseded_by_id or given.upstream.stale_since:
            yield "upstream"
    elif given.composition_id:
        sample = given.composition.sample
        if given.composition.changed_at > since or (sample and sample.batch.changed_at > since):
            yield "composition"
    else:
        yield from _of_measurement(given.measurement, since)


def _of_measurement(measurement, since):
    if measurement.changed_at > since or (measurement.sample_id and measurement.sample.changed_at > since):
        yield "conditions"
    if measurement.instrument_id and measurement.instrument.changed_at > since:
        yield "instrument"
    session = measurement.standard_session
    standard = measurement.standard or (session.standard if session else None)
    if (standard and standard.changed_at > since) or (session and session.changed_at > since):
        yield "standard"
