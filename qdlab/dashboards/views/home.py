"""Home: what is mine, what is under way, what waits, what is best."""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qdlab.access import roles
from qdlab.dashboards import columns, overview, selectors
from qdlab.records import formatting
from spectra import selectors as spectra
from spectra.tasks import health
from synthesis.selectors import recipes_visible_to

NUMBERS = ("plqy", "emission_peak_nm", "emission_fwhm_nm")


@require_safe
def home(request):
    user = request.user
    known = {column.name: column for column in columns.number_columns(user)}
    mine, others = overview.my_batches(user), overview.groups_batches(user)
    context = {
        "mine": _rows(mine, known),
        "others": _rows(others, known),
        "simulated": selectors.simulated([*mine, *others]),
        "numbers": [known[name] for name in NUMBERS],
        "inbox": spectra.inbox_count(user),
        "jobs": overview.jobs(user),
        "stale": overview.stale_batches(user),
        "waiting": overview.waiting_for_review(user),
        "sent_back": overview.sent_back(user),
        "reviews": overview.reviews_somewhere(user),
        "best": [_best(one, known) for one in overview.best(user)],
        "worker": health(),
        "views": list(selectors.saved_views(user))[:12],
        "may_write": bool(roles.projects_to_write(user)[:1]),
    }
    if not mine and not others:
        context["has_recipes"] = recipes_visible_to(user).exists()
    return render(request, "dashboards/home.html", context)


def _rows(batches, known) -> list[dict]:
    colours = columns.colours_of(batches)
    shown = [known[name] for name in NUMBERS]
    return [{"batch": b, "colour": colours[b.pk], "cells": columns.cells_of(b, shown)} for b in batches]


def _best(one: dict, known) -> dict:
    column = known[one["name"]]
    title = _("Highest: {label}") if one["highest"] else _("Lowest: {label}")
    rows = [
        {"batch": row.batch, "text": formatting.quantity(row.value, row.u, column.unit), "analysis": row.analysis_id}
        for row in one["rows"]
    ]  # fmt: skip
    return {"title": title.format(label=column.label), "rows": rows}
