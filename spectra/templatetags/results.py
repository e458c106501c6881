"""``{% load results %}``: names of methods, quantities, techniques and settings as pages write them."""

from types import SimpleNamespace
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from qdlab.records import formatting
from qdlab.records.templatetags import qdlab
from spectra import selectors
from spectra.analysis import METHODS
from spectra.inbox import confidence_word
from spectra.models import Role, State, Technique

register = template.Library()

_KINDS = {(method.name, kind.name): kind for method in METHODS.values() for kind in method.quantities}
_ROLES = {(method.name, role.name): role for method in METHODS.values() for role in method.roles}


@register.simple_tag
def file_page():
    """The address of a file's page with ``{id}`` in it, for the drop zone."""
    return _with_place("spectra:upload")


@register.simple_tag
def batch_page():
    """The address of a batch's page with ``{id}`` in it, for the drop zone."""
    return _with_place("dashboards:batch")


def _with_place(name: str) -> str:
    nobody = UUID(int=0)
    return reverse(name, args=[nobody]).replace(str(nobody), "{id}")


@register.filter
def method_title(name):
    """The title of a method, or its name when this version has none such."""
    return _(METHODS[name].title) if name in METHODS else name


@register.filter
def quantity_label(quantity, method):
    """The label of a quantity of ``method``: ``{{ quantity|quantity_label:analysis.method }}``."""
    kind = _KINDS.get((method, quantity.name))
    return _(kind.label) if kind else quantity.name


@register.filter
def quantity_symbol(quantity, method):
    """The symbol with its index set low: k_nr → kₙᵣ as HTML."""
    kind = _KINDS.get((method, quantity.name))
    letter, _sign, index = kind.symbol.partition("_") if kind else ("", "", "")
    return format_html("{}<sub>{}</sub>", letter, index) if index else letter


@register.inclusion_tag("spectra/_folders.html", takes_context=True)
def source_folders(context):
    """The folders that are watched for a person, with what keeps them from being looked through."""
    return {"folders": selectors.source_folders(context["request"].user)}


@register.inclusion_tag("_plot.html")
def draw(drawn, prefix=""):
    """One of ``figures``' figures; ``prefix`` keeps its id unique on a page with several."""
    views = drawn["views"]
    only = next(iter(views.values())) if len(views) == 1 else None
    return qdlab.plot(
        only, f"{prefix}-{drawn['id']}" if prefix else drawn["id"], drawn["title"], drawn["summary"],
        views=None if only else views, log=drawn["log"],
    )  # fmt: skip


@register.filter
def input_label(given, method):
    role = _ROLES.get((method, given.role))
    return _(role.label) if role else given.role


@register.filter
def technique_name(technique):
    return dict(Technique.choices).get(technique) or _("technique not known")


@register.filter
def confidence(value):
    """``sure``, ``likely`` or ``guess`` for how much a suggestion is trusted."""
    return confidence_word(value)


@register.filter
def at(found, key):
    """``{{ found|at:key }}``: what a dict holds at a key that is known only here."""
    return found.get(key, "") if found else ""


@register.filter
def role_name(role):
    return dict(Role.choices).get(role, role)


@register.filter
def change_text(told):
    """What a new reading would change, with techniques and roles in words."""
    names = {"technique": technique_name, "role": role_name}.get(told["code"])
    if names:
        told = told | {"values": {key: names(value) for key, value in told["values"].items()}}
    return qdlab.note(told)


@register.filter
def of_key(mapping, key):
    """``mapping[key]`` where the key is also the name of a method (``items``)."""
    return mapping.get(key, ())


@register.simple_tag
def job_state(job):
    """The state of a reading or an analysis as a sign and a word."""
    return qdlab.state(job.state, dict(State.choices).get(job.state, job.state))


@register.simple_tag
def analysis_state(analysis):
    """As ``job_state``; a result out of use, replaced or stale says so first."""
    if analysis.withdrawn_at:
        return qdlab.state("withdrawn", _("withdrawn"))
    if analysis.superseded_by_id:
        return qdlab.state("superseded", _("replaced"))
    if analysis.stale_since:
        return qdlab.state("stale", _("stale"))
    return job_state(analysis)


@register.simple_tag
def result(quantity):
    """Value ± u unit; a limit where only that is certain; the reason where there is no number."""
    if quantity.value is None or not quantity.reason:
        return qdlab.quantity(quantity.value, quantity.u, quantity.unit, quantity.reason)
    bound, sign = (quantity.upper, "<") if quantity.upper is not None else (quantity.lower, ">")
    if bound is None:
        return qdlab.quantity(quantity.value, quantity.u, quantity.unit)
    limit = formatting.quantity(bound, None, quantity.unit)
    return format_html('<span class="quantity">{} {}</span> <span class="quiet">{}</span>', sign, limit, _("(95 %)"))


@register.simple_tag
def stored_number(number):
    """One number of a trial as ``result`` shows it; a dash where the method gave none."""
    if number is None:
        return "–"
    return result(SimpleNamespace(**number))


@register.filter
def number_label(number, method):
    """The label of one number of a trial, or of its name."""
    return quantity_label(SimpleNamespace(name=number["name"]), method)


@register.filter
def parameter_label(name, method):
    """The label of a setting of ``method``; a name that is no setting (version, a package) stays."""
    found = {p.name: p for p in METHODS[method].parameters} if method in METHODS else {}
    return _(found[name].label) if name in found else _("version") if name == "version" else name


@register.filter
def beside(first, second):
    return [first, second]


@register.inclusion_tag("spectra/_correlation.html")
def correlations(details):
    """The correlation matrix of a fit as a table; nothing where the method leaves none, or does not name its rows."""
    for names, matrix in (("fit_names", "fit_correlation"), ("parameters", "correlation")):
        labels, rows = details.get(names), details.get(matrix)
        if labels and rows and len(labels) == len(rows):
            return {"names": labels, "rows": list(zip(labels, rows, strict=True))}
    return {}


@register.filter
def interval(quantity):
    """The bounds of 95 %, with the digits that the uncertainty allows; nothing where the method gives none."""
    if quantity.lower is None and quantity.upper is None:
        return ""
    low, high = (_bound(quantity, bound) for bound in (quantity.lower, quantity.upper))
    return f"{low} … {high}"


def _bound(quantity, bound) -> str:
    if not bound:
        return "–" if bound is None else "0"
    places = formatting.digits_of_uncertainty(quantity.u) if quantity.u else None
    return formatting.quantity(bound if places is None else round(bound, places), None, quantity.unit)


@register.filter
def component_u(component, quantity):
    """The contribution of one line of a budget, two digits beyond those of the whole uncertainty."""
    u = component["u"]
    return formatting.quantity(
        round(u, formatting.digits_of_uncertainty(quantity.u) + 2) if quantity.u else u, None, quantity.unit
    )


@register.simple_tag
def scale_bar(picture):
    """The scale bar of a picture, drawn over it and growing with it."""
    width, height, bar = picture.preview.width, picture.preview.height, picture.bar
    edge, thick = 0.03 * width, max(2.0, 0.008 * width)
    size = max(9.0, 0.04 * width)
    foot = height - edge
    return format_html(
        '<svg class="scale" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<rect x="{}" y="{}" width="{}" height="{}"/><text x="{}" y="{}" font-size="{}">{}</text></svg>',
        width, height, _("Scale bar of {length}").format(length=bar.label), f"{edge:.2f}", f"{foot - thick:.2f}",
        f"{bar.length_px:.2f}", f"{thick:.2f}", f"{edge:.2f}", f"{foot - 2 * thick:.2f}", f"{size:.1f}", bar.label,
    )  # fmt: skip


@register.filter
def short(number):
    """A number with five digits: ``{{ 10012.4|short }}`` → 10012."""
    return f"{number:.5g}"


@register.filter
def in_u(number):
    """A difference in standard uncertainties, as far as one cares: ``9.1 u``, ``0.03 u``, ``< 0.01 u``."""
    if number < 0.01:
        return "< 0.01 u"
    return f"{number:.2g} u" if number < 100 else f"{number:.0f} u"


@register.filter
def differs(number):
    """Whether the old and the new of a repeated number are not the same to a hundredth of u."""
    if number["in_u"] is not None:
        return number["in_u"] >= 0.01
    return any(one is None or one["value"] is not None for one in (number["old"], number["new"]))


@register.filter
def none_differs(numbers):
    return bool(numbers) and not any(differs(number) for number in numbers)


@register.filter
def range_of(measurement):
    """``301 points, 400–700 nm``, from prefetched traces."""
    signals = [trace for trace in measurement.traces.all() if trace.role == "signal"]
    if not signals:
        return ""
    first = signals[0]
    text = _("{n} points, {low:.5g}–{high:.5g} {unit}").format(
        n=first.n_points, low=first.x_min, high=first.x_max, unit=formatting.unit_symbol(first.x_unit)
    )
    curves = len(signals)
    return text if curves == 1 else _("{curves} curves of {text}").format(curves=curves, text=text)


@register.inclusion_tag("spectra/_put_right.html")
def put_right(analysis):
    """Where what a refusal speaks of is put right: the file of the dilution it names, or the dilution series."""
    return {"analysis": analysis, "measurement": selectors.dilution_meant(analysis)}


@register.filter
def setting_text(value):
    """A setting or a fact in words."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"{value:.10g}" if isinstance(value, float) else str(value)


@register.simple_tag
def hidden_initial(bound):
    """What the person saw in a field, sent back beside what they wrote."""
    return bound.as_hidden(only_initial=True)


@register.simple_tag
def detail(value):
    """A detail of a computation as text: numbers with six digits, lists and groups in one line."""
    return _detail_text(value)


def _detail_text(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_detail_text(inner)}" for name, inner in value.items()) or "–"
    if isinstance(value, list):
        return f"[{', '.join(_detail_text(inner) for inner in value)}]"
    return f"{value:.6g}" if isinstance(value, float) else setting_text(value)
