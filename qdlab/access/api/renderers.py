"""JSON by orjson: numbers that are not finite become null, times are UTC, keys keep their order."""

from datetime import date, datetime, time
from decimal import Decimal

import orjson
from django.db.models import QuerySet
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def to_json(data) -> bytes:
    return orjson.dumps(data, default=_plain, option=OPTIONS)


def _plain(value):
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, QuerySet | set | frozenset | map):
        return list(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, dict) or hasattr(value, "items"):
        return dict(value)
    raise TypeError(type(value).__name__)


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else to_json(data)
