"""The figures of a comparison: a property against a parameter, overlays by technique, the CIE diagram."""

from collections.abc import Sequence
from math import log10

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qdlab.dashboards.comparison import POSITION, Compared, Value, mean_of, measurement_ids
from spectra import figures, selectors
from spectra.analysis.chromaticity import uniform
from spectra.decay import Decay
from spectra.models import Measurement
from spectra.plots.against import Point, against
from spectra.plots.chromaticity_diagram import chromaticity_diagram
from spectra.plots.decays import DecayCurve, overlaid_decays
from spectra.plots.figure import by_number, palette
from spectra.plots.overlay import overlay
from spectra.values import value_of
from synthesis.models import Batch

OWN_COLOUR, BY_BATCH = "own", "batch"


def address(batch: Batch) -> str:
    return reverse("dashboards:batch", args=[batch.pk])


# --- A property against a parameter -----------------------------------------------------------------------------------


def property_figure(compared: Compared, view) -> list[dict]:
    """Points with error bars, single bands beside them, and batches without a number along the axis with their reason."""
    if not view.y or not view.x:
        return []
    x, y = compared.parameters[view.x], compared.known[view.y]
    drawn = _means(compared, view) if view.means else _points(compared, view)
    if not drawn:
        return []
    title = _("{property} against {parameter}").format(property=y.label, parameter=x.label)
    drawing = against(drawn, x_title=x.title, y_title=y.title, log_x=view.log_x, gettext=_)
    if view.x == POSITION:
        codes = [batch.code for batch in compared.batches]
        drawing["layout"]["xaxis"] |= {
            "tickvals": list(range(1, len(codes) + 1)),
            "ticktext": codes,
            "title": {"text": ""},
        }
    return [figures.figure("property", title, {"": drawing}, summary=_summary(drawn) + _left_out(compared, view))]


def _left_out(compared: Compared, view) -> str:
    """Batches that have no place on the axis are named, not dropped in silence."""
    codes = []
    for batch in compared.batches:
        value = compared.value_of(batch, view.x).value
        if value is None or (view.log_x and value <= 0):
            codes.append(batch.code)
    name = compared.parameters[view.x].label
    return ". " + _("Without {name}: {codes}").format(name=name, codes=", ".join(codes[:30])) if codes else ""


def _scaled(value: Value, column) -> Value:
    scale = 10.0**column.power
    number = None if value.value is None else value.value / scale
    return Value(number, value.u / scale if value.u else value.u, value.why, value.flags)


def _points(compared: Compared, view) -> list[Point]:
    drawn = []
    for batch in compared.batches:
        x = _scaled(compared.value_of(batch, view.x), compared.parameters[view.x])
        y = _scaled(compared.value_of(batch, view.y), compared.known[view.y])
        if x.value is None or (view.log_x and x.value <= 0):
            continue
        group = batch.revision.recipe.name if batch.revision_id else ""
        colour = compared.colours[batch.pk] or ""
        drawn.append(Point(batch.code, x.value, y.value, x.u, y.u, group, y.why, address(batch), colour))
        for n, band in compared.bands_of(batch, view.y).items():
            label = _("{code}, band {n}").format(code=batch.code, n=n)
            drawn.append(
                Point(label, x.value, band.value, x.u, band.u, _("single bands"), "", address(batch), "", "circle-open")
            )
    return drawn


def _means(compared: Compared, view) -> list[Point]:
    """Replicates as their mean with their standard deviation; n stands in the label."""
    drawn = []
    for group in compared.replicates():
        x = mean_of([_scaled(compared.value_of(b, view.x), compared.parameters[view.x]) for b in group])
        values = [_scaled(compared.value_of(b, view.y), compared.known[view.y]) for b in group]
        y, n = mean_of(values), sum(v.value is not None for v in values)
        if x.value is None or (view.log_x and x.value <= 0):
            continue
        name = group[0].revision.recipe.name if group[0].revision_id else ""
        label = (
            group[0].code
            if len(group) == 1
            else _("{code} and {m} more, n = {n}").format(code=group[0].code, m=len(group) - 1, n=n)
        )
        drawn.append(
            Point(
                label, x.value, y.value, x.u, y.u, name, y.why, address(group[0]), compared.colours[group[0].pk] or ""
            )
        )
    return drawn


def _summary(drawn: Sequence[Point]) -> str:
    measured, failed = [p for p in drawn if p.y is not None], [p for p in drawn if p.y is None]
    parts = []
    if measured:
        parts.append(
            ngettext(
                "{n} point, from {low:.4g} to {high:.4g}", "{n} points, from {low:.4g} to {high:.4g}", len(measured)
            ).format(n=len(measured), low=min(p.y for p in measured), high=max(p.y for p in measured))
        )
    if failed:
        parts.append(
            _("without a number: {which}").format(which="; ".join(f"{p.label} ({p.why})" for p in failed[:12]))
        )
    return ". ".join(parts)


# --- Overlays ---------------------------------------------------------------------------------------------------------


def overlay_figures(compared: Compared, view, user) -> list[dict]:
    """Emission, absorbance and decays of the agreed results; a batch without one is named in the summary."""
    ids = {method: measurement_ids(compared, method) for method in ("emission_band", "first_exciton", "decay")}
    wanted = {pk for found in ids.values() for pk in found.values()}
    loaded = selectors.with_curves(selectors.measurements(user).filter(pk__in=wanted))
    by_id = {measurement.pk: measurement for measurement in loaded}
    colours = curve_colours(compared, view)
    chosen = {
        method: [(b, by_id[found[b.pk]]) for b in compared.batches if found.get(b.pk) in by_id]
        for method, found in ids.items()
    }
    drawn = _spectra("emission", _("PL emission"), chosen["emission_band"], colours, compared, view)
    drawn += _spectra("absorbance", _("UV-Vis absorbance"), chosen["first_exciton"], colours, compared, view)
    return drawn + _decays(chosen["decay"], colours, compared)


def curve_colours(compared: Compared, view) -> dict:
    """Batch id → the colour of its curves: its own emission, a parameter from dark to light, or one after the other."""
    batches = compared.batches
    if view.colour == OWN_COLOUR:
        return {b.pk: compared.colours[b.pk] or "#9a9ca5" for b in batches}
    if view.colour in compared.parameters:
        values = _evenly([compared.value_of(b, view.colour).value for b in batches])
        return dict(zip([b.pk for b in batches], by_number(values), strict=True))
    return dict(zip([b.pk for b in batches], palette(len(batches)), strict=True)) if len(batches) <= 7 else {}


def _evenly(values: Sequence[float | None]) -> list[float | None]:
    """Numbers over more than a decade as their logarithms, so that the small ones do not all look alike."""
    known = [v for v in values if v is not None]
    if not known or min(known) <= 0 or max(known) < 10 * min(known):
        return list(values)
    return [None if v is None else log10(v) for v in values]


def _named(batch: Batch, compared: Compared, view) -> str:
    """The curve's name, with the parameter's value where that is what colours it."""
    if view.colour not in compared.parameters or view.colour == POSITION:
        return batch.code
    value = compared.value_of(batch, view.colour).value
    column = compared.parameters[view.colour]
    return batch.code if value is None else f"{batch.code}, {value / 10.0**column.power:.4g} {column.unit_text}".strip()


def _spectra(
    id: str, title: str, chosen: Sequence[tuple[Batch, Measurement]], colours, compared: Compared, view
) -> list[dict]:
    if not chosen:
        return []
    names = [_named(b, compared, view) for b, _m in chosen]
    curves = figures.curves_of(
        [m for _b, m in chosen], names=names, colours=[colours.get(b.pk, "") for b, _m in chosen]
    )
    if not curves:
        return []
    drawing = overlay(curves, normalise=view.normalise, offset=view.offset, unit=view.unit, gettext=_)
    return [figures.figure(id, title, {"": drawing}, summary=_who(chosen, compared))]


def _decays(chosen: Sequence[tuple[Batch, Measurement]], colours, compared: Compared) -> list[dict]:
    curves = []
    for batch, measurement in chosen:
        value = value_of(measurement)
        if isinstance(value, Decay):
            curves.append(DecayCurve(batch.code, value.time_ns, value.counts, colours.get(batch.pk, "")))
    if not curves:
        return []
    return [
        figures.figure(
            "decays", _("PL decay"), {"": overlaid_decays(curves, gettext=_)}, log=True, summary=_who(chosen, compared)
        )
    ]


def _who(chosen: Sequence[tuple[Batch, Measurement]], compared: Compared) -> str:
    shown = {batch.pk for batch, _m in chosen}
    missing = [batch.code for batch in compared.batches if batch.pk not in shown]
    text = ngettext("{n} curve", "{n} curves", len(shown)).format(n=len(shown))
    return text + (". " + _("Without one: {codes}").format(codes=", ".join(missing[:30])) if missing else "")


# --- Colours ----------------------------------------------------------------------------------------------------------


def colour_figure(compared: Compared, view) -> list[dict]:
    """Where the batches lie on the CIE diagram, against the triangle of Rec.2020."""
    drawn, in_uv = [], view.cie == "uv"
    for batch in compared.batches:
        x, y = compared.value_of(batch, "cie_x"), compared.value_of(batch, "cie_y")
        if x.value is None or y.value is None:
            continue
        place, us = (x.value, y.value), (x.u, y.u)
        if in_uv:
            u, v = compared.value_of(batch, "cie_u"), compared.value_of(batch, "cie_v")
            converted = uniform(np.array([place]))[0]
            place = tuple(float(c) if q.value is None else q.value for q, c in zip((u, v), converted, strict=True))
            us = (u.u, v.u)
        group = batch.revision.recipe.name if batch.revision_id else ""
        drawn.append(Point(batch.code, *place, *us, group, "", address(batch), compared.colours[batch.pk] or ""))
    if not drawn:
        return []
    names = ("u′", "v′") if in_uv else ("x", "y")
    summary = "; ".join(f"{p.label}: {names[0]} {p.x:.3f}, {names[1]} {p.y:.3f}" for p in drawn[:30])
    title = _("CIE 1976 u′, v′ diagram") if in_uv else _("CIE 1931 diagram")
    return [figures.figure("cie", title, {"": chromaticity_diagram(drawn, in_uv=in_uv, gettext=_)}, summary=summary)]
