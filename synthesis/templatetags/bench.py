"""``{% load bench %}``: amounts, ratios and steps on pages, as the selectors write them."""

from django import template
from django.utils.html import format_html

from qdlab.records.templatetags import qdlab
from synthesis import selectors

register = template.Library()


@register.simple_tag
def amount(portion, dimension):
    """One number of a portion; typed ones look different from those that were worked out."""
    text = selectors.portion_text(portion, dimension)
    if not text:
        return ""
    kind = "typed" if portion.typed == dimension else "derived"
    return format_html('<span class="{}">{}</span>', kind, text)


@register.filter
def deviation(line):
    return selectors.deviation_text(line.deviation)


@register.simple_tag
def ratio(found, reference):
    return selectors.ratio_text(found, reference)


@register.simple_tag
def ratio_line(sheet, side=None):
    return selectors.ratio_line(sheet, side)


@register.simple_tag
def mixture_facts(sheet, side=None):
    return selectors.mixture_facts(sheet, side)


@register.simple_tag
def steps_of(revision):
    return selectors.step_lines(revision) if revision else []


@register.filter
def said(note):
    """A note of the stoichiometry in the reader's language."""
    return selectors.said(note)


@register.filter
def parameters(stored):
    """Stored parameters of a log entry or a wash in words."""
    return ", ".join(selectors.parameter_text(name, value) for name, value in (stored or {}).items())


@register.inclusion_tag("synthesis/_compact.html")
def compact(bound, hide_label=False):
    """A field in a dense row: small label, control, errors; tied together as ``{% field %}`` does it."""
    return qdlab.field(bound) | {"hide_label": hide_label}


@register.filter
def take(line):
    """What to take of a line of a sheet, as typed or worked out: a volume of a liquid, else a mass."""
    found = line.to_weigh
    return selectors.portion_text(line.planned, found[0]) if found else "–"
