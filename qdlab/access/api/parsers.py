"""Strict JSON: what a record cannot hold is refused at the door, with one sentence."""

import json
import math
import re

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 50
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LARGEST_WHOLE_NUMBER = 2**63 - 1


class Unusable(ValueError):
    """JSON that is well-formed for some and unusable for us; its text is the sentence."""


def strict_json(content: bytes):
    """The value of a JSON text in UTF-8; raises Unusable for NaN, infinities, NUL, lone surrogates, repeated keys, depth."""
    try:
        value = json.loads(
            content.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float,
            parse_int=_integer,
        )  # fmt: skip
    except Unusable:
        raise
    except UnicodeDecodeError:
        raise Unusable(_("The body is not UTF-8.")) from None
    except RecursionError:
        raise Unusable(_too_deep()) from None
    except ValueError as problem:
        raise Unusable(_("The body is not JSON: {problem}.").format(problem=problem)) from None
    _check(value, 0)
    return value


def _object(pairs):
    found = {}
    for key, value in pairs:
        if key in found:
            raise Unusable(_("The name “{name}” stands twice in one object.").format(name=_printable(key)))
        found[key] = value
    return found


def _constant(name):
    raise Unusable(_("{name} is no JSON number. Send null and say why the number is missing.").format(name=name))


def _float(text):
    number = float(text)
    if not math.isfinite(number):
        raise Unusable(_("The number {text} is too large.").format(text=text[:40]))
    return number


def _integer(text):
    if len(text) > 20 or abs(int(text)) > LARGEST_WHOLE_NUMBER:
        raise Unusable(_("The number {text} is too large.").format(text=text[:40]))
    return int(text)


def _check(value, depth: int) -> None:
    if depth > DEEPEST:
        raise Unusable(_too_deep())
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_text(key)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)


def check_text(text: str) -> None:
    """Raise Unusable for what a database column or a spreadsheet cannot hold: control characters, halves of surrogate pairs."""
    if CONTROL.search(text):
        raise Unusable(_("A text holds a control character, such as NUL. Remove it."))
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Unusable(_("A text holds half of a surrogate pair, which is no character. Remove it."))


def _too_deep() -> str:
    return _("The body is nested deeper than {n} levels.").format(n=DEEPEST)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")[:80]


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content = stream.read(limit + 1)
        if len(content) > limit:
            raise ParseError(_("The body is larger than {limit} MB.").format(limit=limit // 1024**2))
        try:
            value = strict_json(content) if content.strip() else {}
        except Unusable as problem:
            raise ParseError(str(problem)) from None
        if not isinstance(value, dict):
            raise ParseError(_("Send a JSON object: {“name”: value, …}.").replace("“", '"').replace("”", '"'))
        return value
