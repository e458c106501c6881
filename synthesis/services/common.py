"""What every service of the bench needs: who may, how typed numbers become columns, how a change leaves its trace."""

from collections.abc import Mapping
from contextlib import contextmanager
from datetime import date, datetime

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from qdlab.access import roles
from qdlab.records.audit import record
from qdlab.records.outbox import changed
from qdlab.records.versions import StaleVersion, change
from synthesis.notes import InputError
from synthesis.selectors import said
from synthesis.units import Typed, parse_typed


def require_write(by, project) -> None:
    """Only chemists and reviewers of the project write; None is the program itself (the starter shelf)."""
    if by is not None:
        roles.require(by, roles.WRITE, project)


def require_shelf(by) -> None:
    if by is not None:
        roles.require_shelf(by)


def read_typed(field: str, text: str, unit: str, reader=parse_typed, **kwargs) -> Typed | None:
    """The typed number, or None when nothing was typed; what cannot be read is a ValidationError at ``field``."""
    if not str(text or "").strip():
        return None
    try:
        return reader(str(text), unit, **kwargs)
    except InputError as problem:
        raise ValidationError({field: said(problem.note)}) from problem


def stored(typed: Typed | None) -> dict:
    """A typed number inside JSON."""
    return {} if typed is None else {"text": typed.text, "unit": typed.unit, "si": typed.si}


def shown(typed: Typed | None) -> str:
    """A typed number in an audit event."""
    return "" if typed is None else str(typed)


def plain(value):
    """A field's value as an audit event keeps it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return getattr(value, "pk", value) if hasattr(value, "_meta") else value


UNIQUE_FIELD = {
    "recipe": "name",
    "sweep": "name",
    "chemical": "name",
    "lot": "number",
    "batch": "code",
    "sample": "code",
}


def check(instance) -> None:
    """The model's own rules, with their sentences; a name that is taken already is said at the name."""
    with _at_its_field(instance):
        instance.full_clean()


def keep(instance) -> None:
    """Check and save a new record. Of two people who take one name at once, the second is told so like anybody else."""
    check(instance)
    try:
        with transaction.atomic():
            instance.save(force_insert=True)
    except IntegrityError:
        check(instance)
        raise


@contextmanager
def _at_its_field(instance):
    """Constraints over several columns complain about the whole record; the form shows them where one can act."""
    try:
        yield
    except ValidationError as problem:
        problems = problem.update_error_dict({})
        whole = problems.pop(NON_FIELD_ERRORS, None)
        if whole:
            problems.setdefault(UNIQUE_FIELD.get(instance._meta.model_name, NON_FIELD_ERRORS), []).extend(whole)
        raise ValidationError(problems) from problem


def changed_fields(instance, fields: Mapping[str, object], allowed: tuple[str, ...]) -> dict:
    """The fields that really change; a name that is not ``allowed`` is a programming error."""
    unknown = set(fields) - set(allowed)
    if unknown:
        raise TypeError(f"{type(instance).__name__} cannot change {', '.join(sorted(unknown))} here")
    return {name: value for name, value in fields.items() if getattr(instance, name) != value}


def check_nothing_newer(instance, version: int | None) -> None:
    """Before a save that changes nothing is left out: raises StaleVersion when somebody saved since ``version``."""
    current, expected = type(instance)._base_manager.get(pk=instance.pk), version or instance.version
    if current.version != expected:
        raise StaleVersion(current, expected)


def write_change(*, by, instance, version: int | None, action: str, changes: Mapping[str, object], project_id=None):
    """Validate, write under the version check and leave the audit event. The record is re-read before it is judged.

    Raises StaleVersion when somebody else was faster: then nothing was written.
    """
    fresh = type(instance)._base_manager.get(pk=instance.pk)
    for name, value in changes.items():
        setattr(fresh, name, value)
    if changes and (version is None or fresh.version == version):
        with _at_its_field(fresh):
            fresh.clean_fields(exclude=[f.name for f in fresh._meta.fields if f.name not in changes])
            fresh.validate_constraints()
    before = change(instance, expected=version, **changes)
    record(
        by=by,
        action=action,
        subject=instance,
        project_id=project_id,
        before={name: plain(value) for name, value in before.items()},
        after={name: plain(value) for name, value in changes.items()},
    )
    return instance


@transaction.atomic
def archive(*, by, record_to_archive, version: int | None = None, back: bool = False):
    """Put a recipe, batch, sample, sweep, chemical, lot or stock solution aside, or take it ``back``. Nothing is deleted."""
    subject = record_to_archive
    project = getattr(subject, "project", None)
    require_write(by, project) if project else require_shelf(by)
    kind = subject._meta.model_name
    write_change(
        by=by,
        instance=subject,
        version=version,
        action=f"{kind}.{'taken_back' if back else 'archived'}",
        changes={"archived_at": None if back else timezone.now()},
        project_id=project.pk if project else None,
    )
    note_batch(subject)
    return subject


def note_batch(subject) -> None:
    """Tell whoever keeps something derived from a batch that it changed."""
    if subject._meta.model_name == "batch":
        changed("batch", subject.pk)
    elif subject._meta.model_name == "sample":
        changed("batch", subject.batch_id)
