"""``{% load qdlab %}``: how every page writes numbers, formulas, notes, dates, files, forms and figures."""

import json
import re

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from qdlab.records import formatting, texts
from qdlab.records.sentences import sentence

register = template.Library()

# --- Numbers, units, formulas -------------------------------------------------------------------------------------


@register.simple_tag
def quantity(value, u=None, unit="", reason=None):
    """``{% quantity q.value q.u q.unit q.reason %}``: value ± u unit, or the reason why there is no value."""
    if value is None:
        why = note(reason) if reason else "–"
        return format_html('<span class="quantity missing">{}</span>', why)
    return format_html('<span class="quantity">{}</span>', formatting.quantity(_number(value), _number(u), unit or ""))


def _number(value):
    return None if value in (None, "") else float(value)


@register.filter
def unit(code):
    """``{{ "uL"|unit }}`` → µL."""
    return formatting.unit_symbol(code or "")


@register.filter
def chemistry(text):
    """``{{ "MAPbBr3"|chemistry }}`` → MAPbBr₃."""
    return formatting.chemistry(str(text or ""))


@register.simple_tag
def swatch(colour, label="", size=14):
    """A square of the emission colour. An SVG fill, because the CSP forbids style attributes."""
    if not colour or not re.fullmatch(r"#[0-9a-fA-F]{6}", str(colour)):
        return ""
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="swatch" width="{0}" height="{0}" viewBox="0 0 14 14" {1}>'
        '<rect x="0.5" y="0.5" width="13" height="13" fill="{2}"/></svg>',
        size, role, colour,
    )  # fmt: skip


# --- Words --------------------------------------------------------------------------------------------------------


@register.filter
def note(stored):
    """A stored note of the science core, ``{"code", "text", "values"}``, in the reader's language."""
    if not stored:
        return ""
    if isinstance(stored, str):
        return stored
    if hasattr(stored, "as_json"):
        stored = stored.as_json()
    return sentence(stored["text"], stored.get("values"))


@register.filter
def isodate(when):
    """A date or an instant in ISO form, instants in the page's time zone."""
    if hasattr(when, "tzinfo") and when is not None and timezone.is_aware(when):
        when = timezone.localtime(when)
    return formatting.iso_date(when)


@register.filter(name="bytes")
def file_size(size):
    return formatting.file_size(size)


@register.filter
def sha(sha256):
    """The short form of a hash; the whole one stands in its title."""
    return format_html('<span class="hash" title="{}">{}</span>', sha256 or "", formatting.short_hash(sha256 or ""))


# --- Parts of a page ----------------------------------------------------------------------------------------------


@register.simple_tag
def page_texts():
    return json_script(texts.page_texts(), "qdlab-texts")


@register.simple_tag(takes_context=True)
def current(context, *names):
    """``aria-current="page"`` when the page's URL name or namespace is one of ``names``."""
    match = getattr(context.get("request"), "resolver_match", None)
    if match and (match.view_name in names or match.namespace in names):
        return mark_safe('aria-current="page"')
    return ""


@register.inclusion_tag("_field.html")
def field(bound, autofocus=False):
    """``{% field form.name %}``: label, control, help and errors of one form field, tied together for screen readers."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "")
    group = kind in ("checkbox", "radio") and hasattr(widget, "choices")
    attrs = {"class": _control_class(kind, widget)}
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    if bound.errors:
        described.append(f"{bound.auto_id}_errors")
        attrs |= {"aria-invalid": "true", "class": attrs["class"] + " is-invalid"}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if autofocus:
        attrs["autofocus"] = True
    attrs["class"] = f"{widget.attrs.get('class', '')} {attrs['class']}".strip()
    control = "" if group else bound.as_widget(attrs=attrs)
    return {"field": bound, "control": control, "group": group, "check": kind == "checkbox" and not group, "kind": kind}


def _control_class(kind, widget):
    if kind == "checkbox" and not hasattr(widget, "choices"):
        return "form-check-input"
    return "form-select" if kind == "select" else "form-control"


@register.inclusion_tag("_plot.html")
def plot(figure, id, title, summary="", name="", views=None, log=False, url="", size=""):
    """A figure that can be taken away.

    ``figure`` is Plotly JSON (dict, JSON text or anything with ``to_json``), or None with ``url`` to fetch it from.
    ``summary`` says in words what is seen: for screen readers, and for everybody until it is drawn. ``views`` maps labels (nm, eV)
    to further figures or addresses; the first is shown. ``log`` adds a switch of the y axis. ``size``: short or tall.
    """
    buttons, scripts = [], []
    for n, (label, other) in enumerate((views or {}).items()):
        source, script = _source(other, f"{id}-{n}")
        buttons.append({"label": label, "source": source})
        scripts.append(script)
    if buttons:
        source = buttons[0]["source"]
    else:
        source, script = _source(url or figure, f"{id}-figure")
        scripts.append(script)
    return {
        "id": id, "title": title, "summary": summary, "name": name or title, "views": buttons, "scripts": scripts,
        "source": source, "log": log, "size": size, "kinds": ("svg", "png", "csv"),
    }  # fmt: skip


def _source(figure, id):
    """The id or address that plot.js reads, and the JSON script to put into the page."""
    if isinstance(figure, str) and figure.startswith(("/", "?", "http")):
        return figure, ""
    if hasattr(figure, "to_json"):
        figure = figure.to_json()
    text = figure if isinstance(figure, str) else json.dumps(figure, cls=DjangoJSONEncoder)
    safe = text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")
    return id, format_html('<script id="{}" type="application/json">{}</script>', id, mark_safe(safe))


@register.inclusion_tag("_notes.html")
def notes(stored, refusal=False):
    """Warnings of a file or an analysis as a list of sentences."""
    return {"sentences": [note(one) for one in stored or []], "refusal": refusal}


@register.simple_tag(takes_context=True)
def with_query(context, **changes):
    """The page's own address with some query parameters changed; None takes one away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


@register.inclusion_tag("_empty.html")
def empty_state(sentence, action="", url=""):
    """What a list shows when there is nothing in it: what to do next."""
    return {"sentence": sentence, "action": action, "url": url}


@register.simple_tag
def state(kind, label=""):
    """The state of a job or file as a sign and a word (never colour alone)."""
    return format_html('<span class="state {}">{}</span>', kind, label or _(kind))


@register.inclusion_tag("_upload.html")
def upload_zone(
    upload_url,
    project="",
    sample="",
    batch="",
    sentence="",
    page_url="",
    batch_url="",
    projects=(),
    fields=None,
):
    """The drop zone (static/qdlab/upload.js).

    ``page_url`` and ``batch_url`` contain ``{id}``: where a file's name leads, and the sample of one that was there already.
    ``projects``: those to choose from, when there are several. ``fields``: what is sent with every file (name → value).
    """
    given = {
        "project": "" if len(projects) > 1 else project, "sample": sample, "batch": batch, "page-url": page_url, "batch-url": batch_url,
        "max-bytes": settings.MAX_UPLOAD_BYTES,
    }  # fmt: skip
    return {
        "upload_url": upload_url,
        "data": {name: value for name, value in given.items() if value},
        "sentence": sentence,
        "input_id": f"files-{sample or batch or 'inbox'}",
        "projects": projects if len(projects) > 1 else (),
        "fields": fields or {},
    }
