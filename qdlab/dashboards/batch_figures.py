"""What a batch's page draws, by technique, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from spectra import analysis_figures, figures, selectors
from spectra.models import Analysis, AnalysisInput, Measurement, Technique
from spectra.plots.figure import palette

SHOWN_SINGLY = 6  # of techniques without an overlay; the others are listed with links
MOST_JOINED = 4  # figures of one method that joins several spectra
# What these join is shown by their own figure, not among the spectra of the fresh sample.
JOINING = ("growth", "plqy_absolute", "circular_dichroism", "tem_diameters", "ageing", "el_voltage")
OVERLAID = (Technique.PL_EMISSION, Technique.UVVIS, Technique.PL_EXCITATION, Technique.EL, Technique.CD)


def measurements_of(user, batch) -> list[Measurement]:
    """The measurements in use of a batch's samples, with their curves, oldest first."""
    found = selectors.measurements(user).filter(sample__batch=batch, role="sample")
    return list(selectors.with_curves(found).order_by("measured_at", "pk"))


def figures_of(
    measurements: Sequence[Measurement], agreed: dict[str, Analysis], current: Mapping[str, Sequence[Analysis]]
) -> list[dict]:
    """Overlays of spectra (dilutions apart), the decay with its fit, the yield's lines, then whatever else there is.

    ``current``: method → all its current results on the batch's samples.
    """
    joining = [analysis for method in JOINING for analysis in current.get(method, ())[:MOST_JOINED]]
    joined = set(AnalysisInput.objects.filter(analysis__in=joining).values_list("measurement_id", flat=True))
    by_technique = defaultdict(list)
    for measurement in measurements:
        if measurement.pk not in joined:
            by_technique[measurement.technique].append(measurement)
    drawn = []
    for technique in OVERLAID:
        drawn += _overlays(technique, by_technique.pop(technique, []))
    drawn += _decays(by_technique.pop(Technique.DECAY, []), agreed.get("decay"))
    if "plqy" in agreed:
        drawn += analysis_figures.of_analysis(agreed["plqy"])
    for analysis in joining:
        drawn += [_of_sample(figure, analysis) for figure in analysis_figures.of_analysis(analysis)[:1]]
    others = [m for found in by_technique.values() for m in found]
    for measurement in others[:SHOWN_SINGLY]:
        drawn += figures.of_measurement(measurement)
    return [figure | {"id": f"figure-{n}"} for n, figure in enumerate(drawn)]


def _of_sample(figure: dict, analysis: Analysis) -> dict:
    return figure | {"title": f"{figure['title']}: {analysis.sample}"} if analysis.sample else figure


def _overlays(technique: str, found: Sequence[Measurement]) -> list[dict]:
    label = str(Technique(technique).label)
    dilutions = [m for m in found if m.dilution_label]
    drawn = []
    for some, title in (
        ([m for m in found if not m.dilution_label], label),
        (dilutions, _("{technique}, dilution series").format(technique=label)),
    ):
        if some:
            drawn += _overlay(some, title)
    return drawn


def _overlay(some: Sequence[Measurement], title: str) -> list[dict]:
    curves = figures.curves_of(
        some, names=[name_of(m) for m in some], colours=palette(len(some)) if len(some) < 8 else ()
    )
    if not curves:
        return [figure for m in some[:SHOWN_SINGLY] for figure in figures.of_measurement(m)]
    summary = ngettext("{n} curve: {names}", "{n} curves: {names}", len(curves)).format(
        n=len(curves), names=", ".join(curve.name for curve in curves[:12]) + (" …" if len(curves) > 12 else "")
    )
    return [figures.figure("spectrum", title, figures.optical_views(curves), summary=summary)]


def name_of(measurement: Measurement) -> str:
    """A curve's name: its sample and what tells it from the others."""
    parts = [measurement.sample.code if measurement.sample else "", measurement.dilution_label]
    if measurement.excitation_nm and measurement.technique == Technique.PL_EMISSION:
        parts.append(_("exc. {nm:g} nm").format(nm=measurement.excitation_nm))
    return ", ".join(filter(None, parts)) or str(measurement)


def _decays(found: Sequence[Measurement], agreed: Analysis | None) -> list[dict]:
    """The fit that counts; decays that it is not of stand as they were measured."""
    drawn = analysis_figures.of_analysis(agreed)[:1] if agreed else []
    fitted = agreed.measurement_id if agreed else None
    for measurement in [m for m in found if m.pk != fitted][:SHOWN_SINGLY]:
        drawn += figures.of_measurement(measurement)
    return drawn
