"""Versions against lost updates: whoever saves says which version was seen, and only the first one wins."""

from django.db import models
from django.utils import timezone


class StaleVersion(Exception):
    """Somebody else changed the record since it was read; ``current`` is how it stands now."""

    def __init__(self, current: models.Model, expected: int):
        super().__init__(
            f"{current} was changed by somebody else: version {expected} was seen, {current.version} is there."
        )
        self.current = current
        self.expected = expected


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
