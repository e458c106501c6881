"""The chain of a result, to any depth: from the number over upstream results and measurements to the bytes of raw files."""

from collections import defaultdict

from spectra.models import Analysis, AnalysisInput

BESIDE = (
    "measurement__reading__upload",
    "measurement__standard_session__standard",
    "composition__measurement__reading__upload",
    "composition__sample",
)


def inputs_of_all(analysis: Analysis) -> tuple[dict, dict]:
    """Every analysis that a result rests on by id, itself included, and the inputs of each: one question per step."""
    reached, inputs, frontier = {analysis.pk: analysis}, defaultdict(list), {analysis.pk}
    while frontier:
        rows = AnalysisInput.objects.filter(analysis__in=frontier).select_related(*BESIDE).order_by("role", "index")
        for given in rows:
            inputs[given.analysis_id].append(given)
        named = {given.upstream_id for pk in frontier for given in inputs[pk] if given.upstream_id}
        frontier = named - reached.keys()
        found = Analysis.objects.filter(pk__in=frontier).prefetch_related("quantities").defer("curves", "details")
        reached |= found.in_bulk()
    return reached, inputs


def chain_of(analysis: Analysis) -> dict:
    """``{"analysis", "inputs": [{"given", "file" | "upstream": the same again}]}``."""
    reached, inputs = inputs_of_all(analysis)

    def node(pk) -> dict:
        return {"analysis": reached[pk], "inputs": [_link(given) for given in inputs[pk]]}

    def _link(given: AnalysisInput) -> dict:
        measurement = given.measurement or (given.composition and given.composition.measurement)
        return {
            "given": given,
            "measurement": measurement,
            "file": measurement.reading.upload if measurement else None,
            "upstream": node(given.upstream_id) if given.upstream_id else None,
        }

    return node(analysis.pk)


def files_of(analysis: Analysis) -> list:
    """Every raw file that a result rests on, once."""
    _reached, inputs = inputs_of_all(analysis)
    found = {}
    for given in (given for rows in inputs.values() for given in rows):
        measurement = given.measurement or (given.composition and given.composition.measurement)
        if measurement:
            found[measurement.reading.upload_id] = measurement.reading.upload
    return sorted(found.values(), key=lambda upload: upload.name)
