"""Compare any batches, or those of a sweep: overlays, a property against a parameter, colours, numbers. The address is the view."""

from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qdlab.access import lookups, roles
from qdlab.dashboards import columns as table_columns
from qdlab.dashboards import compare_figures, selectors, services
from qdlab.dashboards.comparison import Compared
from qdlab.dashboards.forms import FreezeForm, SaveViewForm, grouped
from qdlab.records.templatetags.qdlab import note
from synthesis.models import Batch
from synthesis.selectors import batches_of_sweep, sweeps_visible_to

MOST = 500  # batches of one view
PLAIN = 80  # up to so many stand one by one in the address
TABLE = ("plqy", "emission_peak_nm", "emission_fwhm_nm", "lifetime_ns", "k_r_per_s", "k_nr_per_s", "cie_x", "cie_y")
OFFSETS = (0.0, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class View:
    """How a comparison is drawn. What does not fit the batches falls back to what is usual for them."""

    x: str = ""
    y: str = ""
    ref: str = ""
    colour: str = ""
    unit: str = "nm"
    normalise: bool = False
    offset: float = 0.0
    log_x: bool = False
    means: bool = False
    cie: str = "xy"

    def query(self) -> dict:
        """What the address says of it, without what is usual."""
        usual = asdict(View())
        return {k: "1" if v is True else v for k, v in asdict(self).items() if v != usual[k] and v is not False}


def view_of(query: QueryDict, compared: Compared) -> View:
    def of(name: str, known, usual: str) -> str:
        return query.get(name) if query.get(name) in known else usual

    codes = [str(batch.pk) for batch in compared.batches]
    usual_colour = next(iter(compared.swept), "batch")
    return View(
        x=of("x", compared.parameters, compared.usual_parameter()),
        y=of("y", compared.properties, compared.usual_property()),
        ref=of("ref", codes, codes[0]),
        colour=of("colour", {"batch", "own", *compared.parameters}, usual_colour),
        unit=of("unit", ("nm", "eV"), "nm"),
        normalise=query.get("normalise") == "1",
        offset=_offset(query.get("offset", "")),
        log_x=query.get("log_x") == "1",
        means=query.get("means") == "1",
        cie=of("cie", ("xy", "uv"), "xy"),
    )


def _offset(text: str) -> float:
    try:
        offset = lookups.number(text)
    except ValidationError:
        return 0.0
    return min(max(offset, 0.0), 5.0)


def named(batches: list[Batch]) -> list[tuple[str, str]]:
    """The batches as parameters of an address; many of them in the shortest way, since servers limit addresses."""
    if len(batches) <= PLAIN:
        return [("batch", str(batch.pk)) for batch in batches]
    return [("batches", ",".join(batch.pk.hex for batch in batches))]


def ids_of(query: QueryDict) -> list:
    """The batches that an address names, in its order; what is no id names nothing."""
    found = []
    for text in [*query.getlist("batch"), *query.get("batches", "").split(",")]:
        try:
            found.append(lookups.uuid(text.strip()))
        except ValidationError:
            continue
    return list(dict.fromkeys(found))


# --- Pages ------------------------------------------------------------------------------------------------------------


@require_safe
def compare(request):
    """``?batch=…&batch=…``. Batches that one may not see are not there; without any visible one there is no page."""
    asked = ids_of(request.GET)
    if not asked:
        return render(request, "dashboards/compare_nothing.html", _nothing(request))
    seen = {batch.pk: batch for batch in _loaded(Batch.objects.visible_to(request.user).filter(pk__in=asked[:MOST]))}
    batches = [seen[pk] for pk in asked if pk in seen]
    if not batches:
        raise Http404
    kept = _kept(request, request.GET.get("comparison"))
    return render(
        request, "dashboards/compare.html", _page(request, batches) | {"kept": kept, "too_many": len(asked) > MOST}
    )


@require_safe
def sweep(request, pk):
    """The batches of a sweep side by side, against what was swept."""
    found = get_object_or_404(sweeps_visible_to(request.user), pk=pk)
    batches = list(_loaded(batches_of_sweep(request.user, found)[:MOST]))
    context = _page(request, batches) if batches else {"batches": []}
    return render(request, "dashboards/sweep.html", context | {"sweep": found})


def _loaded(batches):
    selectors.index.refresh_changed()
    return selectors.with_index(batches.select_related("project", "operator", "revision__recipe", "sweep"))


def _nothing(request) -> dict:
    return {
        "comparisons": selectors.comparisons(request.user)[:50],
        "saved": list(selectors.saved_views(request.user, "compare")),
        "sweeps": sweeps_visible_to(request.user)[:50],
    }


def _page(request, batches: list[Batch]) -> dict:
    user = request.user
    compared = Compared(batches, user, {c.name: c for c in table_columns.number_columns(user)})
    view = view_of(request.GET, compared)
    drawn = compare_figures.property_figure(compared, view)
    drawn += compare_figures.overlay_figures(compared, view, user)
    drawn += compare_figures.colour_figure(compared, view)
    query = urlencode([*named(batches), *view.query().items()], safe=",")
    reference = next(b for b in batches if str(b.pk) == view.ref)
    return {
        "batches": batches,
        "named": named(batches),
        "compared": compared,
        "view": view,
        "figures": drawn,
        "choices": _choices(compared),
        "table": _table(compared, view),
        "reference": reference,
        "property": compared.known.get(view.y),
        "differences": compared.differences(view.y, reference) if view.y else [],
        "query": query,
        "simulated": selectors.simulated(batches),
        "saved": list(selectors.saved_views(user, "compare")),
        "save_form": SaveViewForm(user=user, initial={"query": query, "page": "compare"}),
        "freeze_form": FreezeForm(initial={"query": query}),
        "may_write": bool(roles.projects_to_write(user)[:1]),
        "away": _take_away(request, batches),
    }


def _choices(compared: Compared) -> dict:
    return {
        "x": grouped(compared.parameters.values()),
        "y": grouped(compared.properties.values()),
        "colour": [("", [("batch", _("one after the other")), ("own", _("own emission colour"))]), *grouped(compared.parameters.values())],
        "offset": OFFSETS,
    }  # fmt: skip


def _table(compared: Compared, view: View) -> dict:
    """The numbers behind the figures: the parameter, the property, and what everybody asks for."""
    names = dict.fromkeys([view.y, *TABLE])
    shown = [compared.known[name] for name in names if name in compared.properties]
    parameter = compared.parameters[view.x] if view.x not in names else None
    rows = []
    for batch in compared.batches:
        value = compared.value_of(batch, view.x) if parameter else None
        cells = [
            _reasoned(compared, batch, c, cell)
            for c, cell in zip(shown, table_columns.cells_of(batch, shown), strict=True)
        ]
        known = any(cell.text for cell in cells)
        rows.append(
            {
                "batch": batch, "colour": compared.colours[batch.pk], "cells": cells,
                "x": "" if value is None or value.value is None else table_columns.number_text(value.value, value.u, parameter),
                "why": "" if known else compared.why_not(batch, view.y),
            }
        )  # fmt: skip
    flags = {flag for row in rows for cell in row["cells"] for flag in cell.flags}
    return {"columns": shown, "parameter": parameter, "rows": rows, "flags": flags}


def _reasoned(compared: Compared, batch: Batch, column, cell):
    """An empty cell says why, where an analysis has said so."""
    quantity = compared.quantities.get(batch.pk, {}).get(column.name)
    if cell.text or quantity is None or not quantity.reason:
        return cell
    return replace(cell, why=note(quantity.reason))


def _take_away(request, batches: list[Batch]) -> dict:
    """Where a script gets the same numbers and curves."""
    ids = ",".join(str(batch.pk) for batch in batches)
    numbers = f"{reverse('tables-batches')}?{urlencode({'id__in': ids, 'format': 'parquet'}, safe=',')}"
    curves = f"{reverse('spectra-data')}?{urlencode({'batch': ids, 'format': 'parquet'}, safe=',')}"
    lines = [
        "import pandas as pd",
        "",
        'access = {"Authorization": "Bearer qdl_…"}  # ' + _("your token, from My account"),
        f'numbers = pd.read_parquet("{request.build_absolute_uri(numbers)}", storage_options=access)',
        f'curves = pd.read_parquet("{request.build_absolute_uri(curves)}", storage_options=access)',
    ]
    return {
        "csv": numbers.replace("format=parquet", "format=csv"),
        "curves": curves.replace("format=parquet", "format=csv"),
        "python": "\n".join(lines),
    }


# --- Keeping a view ---------------------------------------------------------------------------------------------------


@require_POST
def freeze(request):
    """Keep the view with the digests of the results that it shows."""
    form = FreezeForm(request.POST)
    query = QueryDict(request.POST.get("query", "")[:40_000])
    asked = ids_of(query)
    batches = list(Batch.objects.visible_to(request.user).filter(pk__in=asked).select_related("project"))
    if not batches:
        raise Http404
    if not form.is_valid():
        messages.error(request, _("Give the comparison a name."))
        return redirect(f"{reverse('dashboards:compare')}?{query.urlencode()}")
    try:
        given = form.cleaned_data
        kept = services.freeze(
            by=request.user, batches=batches, name=given["name"], note=given["note"], view={"query": query.urlencode()}
        )
    except ValidationError as problem:
        for sentence in problem.messages:
            messages.error(request, sentence)
        return redirect(f"{reverse('dashboards:compare')}?{query.urlencode()}")
    messages.success(request, _("“{name}” is kept with the results as they are now.").format(name=kept.name))
    return redirect("dashboards:comparison", kept.pk)


@require_safe
def comparison(request, pk):
    """A kept comparison leads to its view, which says what has changed since."""
    kept = get_object_or_404(selectors.comparisons(request.user), pk=pk)
    query = QueryDict(str(kept.view.get("query", "")), mutable=True)
    query.update({k: str(v) for k, v in kept.view.items() if k != "query"})
    if not ids_of(query):  # kept by a script, which names the batches beside the view
        query.setlist("batch", [str(batch.pk) for batch in kept.batches.all()])
    query["comparison"] = str(kept.pk)
    return redirect(f"{reverse('dashboards:compare')}?{query.urlencode()}")


def _kept(request, text: str | None) -> dict | None:
    """The kept comparison that an address names, with the batches whose results are others by now."""
    try:
        kept = selectors.comparisons(request.user).filter(pk=lookups.uuid(text or "")).first()
    except ValidationError:
        return None
    if kept is None:
        return None
    batches = Batch.objects.visible_to(request.user).filter(comparisons=kept)
    now = services.digests_of(list(batches))
    changed = [batch.code for batch in batches if now[str(batch.pk)] != kept.digests.get(str(batch.pk))]
    return {"comparison": kept, "changed": changed}
