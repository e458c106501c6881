"""The batches table: search, filter, sort, choose columns; its address is the whole view."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ParseError

from qdlab.access import roles
from qdlab.access.api.pagination import cursor_after, page_of
from qdlab.dashboards import columns as table_columns
from qdlab.dashboards import selectors
from qdlab.dashboards.forms import SaveViewForm, TableForm
from synthesis.selectors import recipes_visible_to

PAGE = 50
COUNTED = 1000  # beyond, "more than 1000" is said: nobody pages through them, and counting would cost
OWN = ("ordering", "columns", "cursor")
WIDGETS = ("what", "from", "to")  # of the form; turned into lookups


@dataclass(frozen=True)
class View:
    """What an address asks for: filters by lookup, the order, the columns."""

    filters: dict[str, str] = field(default_factory=dict)
    ordering: str = ""
    columns: tuple[str, ...] = ()
    cursor: str = ""

    def query(self, *, cursor: str = "") -> str:
        given = dict(self.filters)
        given |= {"ordering": self.ordering, "columns": ",".join(self.columns), "cursor": cursor}
        return urlencode({name: value for name, value in given.items() if value})


def view_of(query: QueryDict) -> View:
    """Read an address; what a form sends besides (empty fields, a range for a chosen quantity) becomes plain lookups."""
    filters = {k: query[k].strip() for k in query if k not in (*OWN, *WIDGETS) and query[k].strip()}
    what = query.get("what", "")
    for name, lookup in (("from", "gte"), ("to", "lte")):
        value = query.get(name, "").strip().replace(",", ".")
        if what and value:
            filters[f"{what}__{lookup}"] = value
    chosen = [name for text in query.getlist("columns") for name in text.split(",") if name]
    return View(filters, query.get("ordering", ""), tuple(dict.fromkeys(chosen)), query.get("cursor", ""))


@require_safe
def batches(request):
    view = view_of(request.GET)
    if request.GET.urlencode() != view.query(cursor=view.cursor) and any(k in request.GET for k in WIDGETS):
        return redirect(f"{reverse('dashboards:batches')}?{view.query()}")
    problems, rows, following, total = {}, [], "", 0
    try:
        rows, following, total = _rows(request.user, view)
    except ValidationError as problem:
        problems = problem.message_dict
    except ParseError as problem:
        problems = {"cursor": [str(problem.detail)]}
    context = _context(request, view, rows, total) | {
        "problems": problems,
        "next_query": following and view.query(cursor=following),
    }
    context |= _explained(request.user, problems)
    return render(request, "dashboards/batches.html", context, status=422 if problems else 200)


def _explained(user, problems: dict[str, list[str]]) -> dict:
    """What is wrong with an address, for people: names that the table does not know, and sentences about typed values."""
    strange = [name for name in problems if not _is_known(user, name)]
    known = table_columns.all_columns(user) if problems else {}
    typed = [
        (known[stem].label if (stem := name.partition("__")[0]) in known else "", sentence)
        for name, sentences in problems.items()
        if name not in strange
        for sentence in sentences
    ]
    return {"strange": strange, "typed": typed}


def _is_known(user, name: str) -> bool:
    stem = name.partition("__")[0]
    return stem in ("q", *selectors.BATCH_FIELDS) or selectors.index_column(user, stem) is not None


def _rows(user, view: View):
    """One page of batches, the cursor of the next page, and how many there are (at most COUNTED + 1 are counted)."""
    found = selectors.with_index(selectors.batches_table(user, view.filters, view.ordering))
    orders = selectors.table_orders(user, view.ordering)
    rows = page_of(found, orders, view.cursor or None, PAGE + 1)
    total = len(rows) if len(rows) <= PAGE and not view.cursor else found.order_by()[: COUNTED + 1].count()
    following = cursor_after(rows[PAGE - 1], orders) if len(rows) > PAGE else ""
    return rows[:PAGE], following, total


def _context(request, view: View, rows, total: int) -> dict:
    user = request.user
    known = table_columns.all_columns(user)
    shown = [known[n] for n in view.columns or table_columns.usual_columns(user, rows) if n in known]
    colours = table_columns.colours_of(rows)
    superseded = selectors.superseded(user, rows) if any(c.name == "status" for c in shown) else ()
    table = [
        {
            "batch": b, "colour": colours[b.pk], "cells": table_columns.cells_of(b, shown, superseded),
            "flags": _flags(b, shown),
        }
        for b in rows
    ]  # fmt: skip
    return {
        "view": view,
        "rows": table,
        "headers": [{"column": c} | _sorting(view, c.name) for c in shown],
        "code_header": _sorting(view, "code"),
        "total": _("more than {n}").format(n=COUNTED) if total > COUNTED else total,
        "n": total,
        "form": TableForm(user=user, view=view, known=known, shown=shown),
        "chips": _chips(view, known),
        "ranges": [(name, value) for name, value in view.filters.items() if _column_of(name, known)],
        "downloads": _downloads(view),
        "flags": {flag for row in table for flag in row["flags"]},
        "simulated": selectors.simulated(rows),
        "saved": list(selectors.saved_views(user)),
        "save_form": SaveViewForm(user=user, initial={"query": view.query()}),
        "may_write": bool(roles.projects_to_write(user)[:1]),
        "nothing_yet": not rows and not view.filters,
        "has_recipes": rows or recipes_visible_to(user).exists(),
    }


def _flags(batch, shown) -> set:
    numbers = selectors.numbers_of(batch)
    return {flag for c in shown if c.name in numbers for flag in numbers[c.name].flags}


def _sorting(view: View, name: str) -> dict:
    """Where a click on a header leads: ascending first, then descending."""
    now = {name: "ascending", f"-{name}": "descending"}.get(view.ordering, "")
    ordering = f"-{name}" if now == "ascending" else name
    return {"sort": now, "sort_query": View(view.filters, ordering, view.columns).query()}


def _column_of(name: str, known: dict):
    stem, _separator, lookup = name.rpartition("__")
    column = known.get(stem)
    return column if column and column.kind == "number" and lookup in ("gte", "lte", "gt", "lt") else None


def _chips(view: View, known: dict) -> list[dict]:
    """The ranges that are set, each with the address without it."""
    signs = {"gte": "≥", "lte": "≤", "gt": ">", "lt": "<"}
    chips = []
    for name, value in view.filters.items():
        column = _column_of(name, known)
        if column:
            rest = {k: v for k, v in view.filters.items() if k != name}
            text = f"{column.label} {signs[name.rpartition('__')[2]]} {value} {table_columns.formatting.unit_symbol(column.unit)}"
            chips.append({"text": text.strip(), "without": View(rest, view.ordering, view.columns).query()})
    return chips


def _downloads(view: View) -> list[dict]:
    """The same batches from the API, as files."""
    query = {k: v for k, v in (view.filters | {"ordering": view.ordering}).items() if v}
    address = reverse("tables-batches")
    return [
        {"label": label, "url": f"{address}?{urlencode(query | {'format': kind})}"}
        for label, kind in (("CSV", "csv"), ("Parquet", "parquet"))
    ]
