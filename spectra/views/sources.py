"""The sources in uncertainty budgets, in words: ``fit:measurement:…`` becomes the measurement's name and its page."""

import re
from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from spectra.models import Composition, Measurement, Standard, StandardSession

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_NAMED = 3


class Sources:
    """Looks up all records that a page's budgets name, in three questions, or four where compositions are among them."""

    def __init__(self, user, sources: Iterable[str]):
        ids = {found for source in sources for found in _UUID.findall(source)}
        self._links = {}
        for model, page in (
            (Measurement, "spectra:measurement"),
            (Standard, "spectra:standard"),
            (StandardSession, "spectra:standard_session"),
        ):
            for record in model.objects.visible_to(user).filter(pk__in=ids) if ids else ():
                self._links[str(record.pk)] = (reverse(page, args=[record.pk]), str(record))
        unknown = ids - self._links.keys()
        for record in Composition.objects.visible_to(user).filter(pk__in=unknown) if unknown else ():
            page = reverse("spectra:measurement", args=[record.measurement_id]) if record.measurement_id else ""
            self._links[str(record.pk)] = (page, str(record))

    def words(self, source: str):
        """HTML: links to what a source names, or its own words (an instrument, a correction curve, solvents)."""
        found = list(dict.fromkeys(_UUID.findall(source)))
        if not found:
            return source.partition(":")[2] or source
        links = [self._links[one] for one in found if one in self._links]
        if not links:
            return _("a record of another project, or one that was removed")
        shown = format_html_join(", ", "{}", ((_linked(*link),) for link in links[:MOST_NAMED]))
        if len(links) <= MOST_NAMED:
            return shown
        return format_html("{} {}", shown, _("and {n} more").format(n=len(links) - MOST_NAMED))


def _linked(page: str, name: str):
    """A composition that was typed in has no page of its own."""
    return format_html('<a href="{}">{}</a>', page, name) if page else name
