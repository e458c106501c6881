"""Versions against lost updates: whoever saves says which version was seen, and only the first one wins."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone


class StaleVersion(Exception):
    """Somebody else changed the record since it was read; ``current`` is how it stands now."""

    def __init__(self, current: models.Model, expected: int):
        super().__init__(
            f"{current} was changed by somebody else: version {expected} was seen, {current.version} is there."
        )
        self.current = current
        self.expected = expected


@contextmanager
def undone_together(records: Iterable[models.Model]) -> Iterator[None]:
    """A transaction: where it is undone, ``records`` in memory stand again as before it, too, so that one may try once more."""
    stood = [(record, _as_it_stands(record)) for record in records]
    try:
        with transaction.atomic():
            yield
    except BaseException:
        for record, values in stood:
            vars(record).clear()
            vars(record).update(values)
        raise


def _as_it_stands(record: models.Model) -> dict:
    state = copy(record._state)
    state.fields_cache = dict(state.fields_cache)
    return vars(record) | {"_state": state}


def change(record: models.Model, *, expected: int | None, **changes) -> dict:
    """Write ``changes`` to ``record`` if it still has the version its author saw; return the values before.

    ``expected`` None means: the version that ``record`` was loaded with. Raises StaleVersion, and then nothing was written.
    """
    expected = record.version if expected is None else expected
    before = {name: getattr(record, name) for name in changes}
    written = dict(changes, version=expected + 1)
    if any(f.name == "changed_at" for f in record._meta.concrete_fields):
        written["changed_at"] = timezone.now()
    manager = type(record)._base_manager
    if not manager.filter(pk=record.pk, version=expected).update(**written):
        raise StaleVersion(manager.get(pk=record.pk), expected)
    for name, value in written.items():
        setattr(record, name, value)
    return before


def change_all(changes: Sequence[tuple[models.Model, dict]]) -> list[dict]:
    """``change`` for many records of one kind, as they were loaded; return the values before of each.

    One question locks them all, and one is asked for each different set of values. Call it in a transaction: where somebody
    else changed one of them meanwhile, StaleVersion is raised and nothing may stay written.
    """
    if not changes:
        return []
    manager = type(changes[0][0])._base_manager
    rows = manager.filter(pk__in=[record.pk for record, _values in changes]).order_by("pk")
    versions = dict(rows.select_for_update(no_key=True).values_list("pk", "version"))
    for record, _values in changes:
        if versions.get(record.pk) != record.version:
            raise StaleVersion(manager.get(pk=record.pk), record.version)
    alike: dict[str, list] = {}
    for record, values in changes:
        alike.setdefault(repr(sorted((name, _plain(value)) for name, value in values.items())), []).append(
            (record, values)
        )
    before = [{name: getattr(record, name) for name in values} for record, values in changes]
    for some in alike.values():
        _write_alike(manager, [record for record, _values in some], some[0][1])
    return before


def _plain(value):
    return str(value.pk) if isinstance(value, models.Model) else repr(value)


def _write_alike(manager, records: Sequence[models.Model], values: dict) -> None:
    written = dict(values)
    if any(f.name == "changed_at" for f in records[0]._meta.concrete_fields):
        written["changed_at"] = timezone.now()
    manager.filter(pk__in=[record.pk for record in records]).update(**written, version=F("version") + 1)
    for record in records:
        record.version += 1
        for name, value in written.items():
            setattr(record, name, value)
