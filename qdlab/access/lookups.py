"""Field lookups of lists: ``?made_on__gte=2026-01-01&status=made&plqy__isnull=false``, declared per list, never guessed.

Pages and API both filter with these. Whatever is not declared is refused by name: a misspelt filter that were ignored
would show rows that nobody asked for.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

RESERVED = frozenset({"format", "limit", "fields", "ordering", "wait", "cursor"})
MANY = 1000  # values of one __in

_ORDERED = ("exact", "in", "gte", "lte", "gt", "lt", "isnull")
LOOKUPS_OF = {
    "number": _ORDERED,
    "integer": _ORDERED,
    "date": _ORDERED,
    "datetime": _ORDERED,
    "text": ("exact", "in", "contains", "startswith", "isnull"),
    "choice": ("exact", "in", "isnull"),
    "uuid": ("exact", "in", "isnull"),
    "flag": ("exact",),
}
_DJANGO = {"contains": "icontains", "startswith": "istartswith"}


@dataclass(frozen=True)
class Field:
    """One filterable field: where it stands, seen from the listed model, and what its values are."""

    path: str
    kind: str = "text"
    order: bool = True
    multiple: bool = False  # reached over a to-many relation: rows must be made distinct
    flag: tuple = ()  # for kind "flag": lookups when true, e.g. (("archived_at__isnull", False),)

    @property
    def lookups(self) -> tuple[str, ...]:
        return LOOKUPS_OF[self.kind]


@dataclass(frozen=True)
class Condition:
    """``name`` and ``lookup`` as asked, with the checked value."""

    name: str
    lookup: str
    value: object


@dataclass(frozen=True)
class Order:
    """One ordering: an expression path and its direction. Rows without a value come last either way."""

    path: str
    descending: bool = False


def conditions_of(
    parameters: Mapping[str, str], fields: Mapping[str, Field], further: Callable[[str], str | None] = lambda name: None
) -> list[Condition]:
    """The conditions that ``parameters`` state; raises ValidationError by parameter.

    ``further`` tells the kind of a name that is not declared (a quantity, a ratio), or None when there is no such name.
    """
    found, problems = [], {}
    for parameter, text in parameters.items():
        if parameter in RESERVED:
            continue
        try:
            found.append(_condition(parameter, text, fields, further))
        except ValidationError as problem:
            problems[parameter] = problem.messages
    if problems:
        raise ValidationError(problems)
    return found


def _condition(parameter: str, text: str, fields, further) -> Condition:
    check_plain(text)
    name, _separator, lookup = parameter.rpartition("__")
    if not name:
        name, lookup = parameter, "exact"
    kind = fields[name].kind if name in fields else further(name)
    if kind is None:
        raise ValidationError(
            _("There is no parameter “{name}”. Known are: {known}.").format(
                name=parameter[:80], known=", ".join([*fields, *sorted(RESERVED)])
            )
        )
    if lookup not in LOOKUPS_OF[kind]:
        known = ", ".join(LOOKUPS_OF[kind])
        raise ValidationError(_("“{name}” can be asked by: {known}.").format(name=name, known=known))
    return Condition(name, lookup, _value(kind, lookup, text))


def check_plain(text: str) -> None:
    """Refuse what no database can be asked for."""
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text) or "\ufffd" in text:
        raise ValidationError(_("This text holds characters that are none."))


def _value(kind: str, lookup: str, text: str):
    if lookup == "isnull":
        return flag(text)
    if lookup == "in":
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not parts or len(parts) > MANY:
            raise ValidationError(_("Name 1 to {n} values, separated by commas.").format(n=MANY))
        return [_READ[kind](part) for part in parts]
    return _READ[kind](text)


def flag(text: str) -> bool:
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if text.lower() not in known:
        raise ValidationError(_("Write true or false."))
    return known[text.lower()]


def number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValidationError(_("Write a number, e.g. 0.9."))
    return value


def integer(text: str) -> int:
    if not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 18:
        raise ValidationError(_("Write a whole number."))
    return int(text)


def uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValidationError(_("Write an id, e.g. 0192d3c4-5e6f-7a8b-9c0d-1e2f3a4b5c6d.")) from None


def day(text: str) -> date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(_("Write a date, e.g. 2026-11-22."))
    return found


def instant(text: str) -> datetime:
    try:
        found = parse_datetime(text) or datetime.combine(day(text), datetime.min.time())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, ValidationError):
        raise ValidationError(_("Write a time, e.g. 2026-11-22T14:05:00Z.")) from None


_READ = {
    "number": number, "integer": integer, "date": day, "datetime": instant, "uuid": uuid, "flag": flag,
    "text": str, "choice": str,
}  # fmt: skip


def narrowed(queryset, conditions, fields: Mapping[str, Field]):
    """``queryset`` with the conditions on declared fields; others are left to whoever knows them."""
    distinct = False
    for condition in conditions:
        field = fields.get(condition.name)
        if field is None:
            continue
        distinct = distinct or field.multiple
        if field.kind == "flag" and field.flag:
            wanted = dict(field.flag)
            queryset = queryset.filter(**wanted) if condition.value else queryset.exclude(**wanted)
        else:
            queryset = queryset.filter(**{_lookup(field.path, condition.lookup): condition.value})
    return queryset.distinct() if distinct else queryset


def _lookup(path: str, lookup: str) -> str:
    return f"{path}__{_DJANGO.get(lookup, lookup)}"


def orders_of(text: str, fields: Mapping[str, Field], further: Callable[[str], str | None] = lambda name: None):
    """``-made_on,code`` as orders; raises ValidationError naming what cannot be ordered by.

    ``further`` gives the path of a name that is not declared, or None.
    """
    check_plain(text)
    found = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        name = word.removeprefix("-")
        field = fields.get(name)
        path = field.path if field and field.order and not field.multiple else None if field else further(name)
        if path is None:
            known = ", ".join(name for name, field in fields.items() if field.order and not field.multiple)
            raise ValidationError({"ordering": _("Order by one of: {known}.").format(known=known)})
        found.append(Order(path, word.startswith("-")))
    if len(found) > 5:
        raise ValidationError({"ordering": _("Order by up to five fields.")})
    return found


def ordered(queryset, orders, tie_break: str = "pk"):
    """``queryset`` in that order: rows without a value last, ``tie_break`` decides between equals."""
    expressions = [
        F(order.path).desc(nulls_last=True) if order.descending else F(order.path).asc(nulls_last=True)
        for order in orders
    ]
    return queryset.order_by(*expressions, tie_break)
