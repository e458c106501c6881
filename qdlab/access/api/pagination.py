"""Keyset pagination: any ordering, also by columns that may be empty, without a row lost or shown twice.

A page ends at a row; the next one asks for what comes after that row in the same order. DRF's cursor compares one
column only and drops rows where that column is empty; an offset shifts when somebody adds a row meanwhile.
"""

import base64
import binascii

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from qdlab.access.api.renderers import to_json
from qdlab.access.lookups import Order, ordered

USUAL, MOST = 100, 1000


class KeysetPagination(BasePagination):
    """Works on querysets; the view says its ``orders(request)`` (newest first unless asked otherwise)."""

    def paginate_queryset(self, queryset, request, view=None):
        limit = limit_of(request, USUAL)
        orders = [*view.orders(request), Order("pk", view.newest_first)]
        rows = page_of(queryset, orders, request.query_params.get("cursor"), limit + 1)
        self.next = self._link(request, orders, rows[limit - 1]) if len(rows) > limit else None
        return rows[:limit]

    def _link(self, request, orders, last) -> str:
        return replace_query_param(request.build_absolute_uri(), "cursor", cursor_after(last, orders))

    def get_paginated_response(self, data):
        return Response({"results": data, "next": self.next})

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": ["string", "null"], "format": "uri", "description": "null on the last page"},
            },
        }

    def get_schema_operation_parameters(self, view):
        return [
            _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
            _parameter("cursor", {"type": "string"}, "Given by next."),
        ]


def _parameter(name: str, schema: dict, description: str = "") -> dict:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def limit_of(request, usual: int | None) -> int | None:
    text = request.query_params.get("limit")
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST):
        raise ValidationError({"limit": _("Write a whole number from 1 to {most}.").format(most=MOST)})
    return int(text)


def page_of(queryset, orders, cursor: str | None, n: int) -> list:
    """The first ``n`` rows after ``cursor``, in the given order."""
    *own, tie = orders
    queryset = ordered(queryset, own, "-pk" if tie.descending else "pk")
    if cursor:
        queryset = queryset.filter(after(orders, values_of(cursor, orders)))
    try:
        return list(queryset[:n])
    except (ValueError, TypeError, ValidationError):
        if cursor:  # well-formed, but holding values of another kind than the columns
            raise _bad_cursor() from None
        raise


def after(orders, values) -> Q:
    """Rows that come after the row with ``values``: later in the first order, or equal there and later in the next …"""
    condition, equal = Q(pk__in=[]), Q()
    for order, value in zip(orders, values, strict=True):
        later = _later(order, value)
        if later is not None:
            condition |= equal & later
        equal &= Q(**{f"{order.path}__isnull": True}) if value is None else Q(**{order.path: value})
    return condition


def _later(order, value) -> Q | None:
    if value is None:
        return None  # rows without a value are the last: among them only the next order decides
    beyond = Q(**{f"{order.path}__{'lt' if order.descending else 'gt'}": value})
    return beyond if order.path == "pk" else beyond | Q(**{f"{order.path}__isnull": True})


def cursor_after(row, orders) -> str:
    content = {"o": _name_of(orders), "v": [_value(row, order.path) for order in orders]}
    return base64.urlsafe_b64encode(to_json(content)).rstrip(b"=").decode()


def _value(row, path: str):
    for name in path.split("__"):
        row = getattr(row, name, None)
    return getattr(row, "pk", row)


def _name_of(orders) -> str:
    return ",".join(f"{'-' if order.descending else ''}{order.path}" for order in orders)


def values_of(cursor: str, orders) -> list:
    try:
        content = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        values, name = content["v"], content["o"]
    except (binascii.Error, ValueError, TypeError, KeyError):
        raise _bad_cursor() from None
    plain = isinstance(values, list) and all(isinstance(v, str | int | float | None) for v in values)
    if name != _name_of(orders) or not plain or len(values) != len(orders) or any("\x00" in str(v) for v in values):
        raise _bad_cursor()
    return values


def _bad_cursor() -> ParseError:
    return ParseError(_("This cursor belongs to another list or order. Follow the “next” links as they are."))
