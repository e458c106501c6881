"""Batches: made from a revision, weighed, observed, finished or abandoned. Failures are kept like successes."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.records.audit import record
from qdlab.records.outbox import changed
from synthesis.models import Batch, BatchIngredient, Outcome, RecipeRevision, Status, StepLog
from synthesis.models.amounts import columns_of
from synthesis.selectors import transferred_volume
from synthesis.services.codes import clean_code, give_code, next_code
from synthesis.services.common import (
    changed_fields,
    check_nothing_newer,
    keep,
    plain,
    read_typed,
    require_write,
    shown,
    write_change,
)
from synthesis.services.steps import read_parameters
from synthesis.units import Typed, parse_amount, parse_number, parse_typed

CHANGEABLE = (
    "title", "operator", "planned_for", "started_at", "finished_at", "made_on", "temperature_c",
    "relative_humidity_percent", "atmosphere", "conditions", "note",
)  # fmt: skip


@transaction.atomic
def make_batch(
    *,
    by,
    revision: RecipeRevision,
    code: str = "",
    scale: str = "1",
    operator=None,
    planned: Mapping[str, Typed] | None = None,
    sweep=None,
    **fields,
) -> Batch:
    """Plan a batch of a recipe's revision.

    ``scale`` multiplies masses, volumes and amounts (equivalents stay); ``planned`` replaces amounts by ingredient key,
    as a sweep does. ``fields`` may hold any of CHANGEABLE, and ``sweep_point``, ``replicate`` and ``order`` of a sweep.
    """
    recipe = revision.recipe
    require_write(by, recipe.project)
    if recipe.archived_at:
        raise ValidationError(_("This recipe is archived. Take it back before you make a batch from it."))
    factor = _scale(scale)
    batch = Batch(
        project=recipe.project, revision=revision, sweep=sweep, operator=operator or by,
        code=clean_code(code or next_code(recipe.project, recipe.name)),
        reference_equivalents=revision.reference_equivalents,
        reference_equivalents_text=revision.reference_equivalents_text,
        **columns_of("aliquot", _scaled(_aliquot(revision), factor)), **fields,
    )  # fmt: skip
    keep(batch)
    give_code(batch, batch.code)
    lines = [_planned_line(batch, line, factor, (planned or {}).get(line.key)) for line in revision.ingredients.all()]
    BatchIngredient.objects.bulk_create(lines)
    after = {"code": batch.code, "revision": str(revision.pk), "planned": {x.key: shown(x.planned) for x in lines}}
    record(by=by, action="batch.planned", subject=batch, project_id=batch.project_id, after=after)
    changed("batch", batch.pk)
    return batch


def _scale(text: str) -> Decimal:
    typed = read_typed("scale", text or "1", "1", parse_typed, dimensions=("fraction",))
    if typed.unit != "1" or not 0 < typed.si <= 1e6:
        raise ValidationError({"scale": _("Scale by a number above zero, for example 2 for twice the amount.")})
    return parse_number(typed.text)


def _aliquot(revision: RecipeRevision) -> Typed | None:
    found = transferred_volume(revision)
    return Typed(found["text"], found["unit"], found["si"]) if found else None


def _planned_line(batch: Batch, line, factor: Decimal, other: Typed | None) -> BatchIngredient:
    return BatchIngredient(
        batch=batch, position=line.position, key=line.key, role=line.role, chemical=line.chemical, stock=line.stock,
        is_reference=line.is_reference, **columns_of("planned", other or _scaled(line.amount, factor)),
    )  # fmt: skip


def _scaled(typed: Typed | None, factor: Decimal) -> Typed | None:
    """Twice the recipe is exactly twice the typed number; equivalents do not scale."""
    if typed is None or factor == 1 or typed.dimension == "equivalents":
        return typed
    product = parse_number(typed.text) * factor
    return parse_amount(f"{product.normalize():f}"[:40], typed.unit)


@transaction.atomic
def change_batch(
    *, by, batch: Batch, version: int | None = None, aliquot: tuple[str, str] | None = None, **fields
) -> Batch:
    """Change title, times, conditions, operator, note; ``aliquot`` is the precursor taken, as (text, unit)."""
    require_write(by, batch.project)
    changes = changed_fields(batch, fields, CHANGEABLE)
    _check_conditions(changes)
    if aliquot is not None:
        typed = read_typed("aliquot", *aliquot, parse_amount)
        if typed and typed.dimension != "volume":
            raise ValidationError({"aliquot": _("An aliquot is a volume, for example 250 µL.")})
        changes |= {k: v for k, v in columns_of("aliquot", typed).items() if getattr(batch, k) != v}
    return _changed(by, batch, version, "batch.changed", changes)


def _check_conditions(changes: Mapping[str, object]) -> None:
    humidity = changes.get("relative_humidity_percent")
    if humidity is not None and not 0 <= humidity <= 100:
        raise ValidationError({"relative_humidity_percent": _("Relative humidity lies between 0 and 100 %.")})
    temperature = changes.get("temperature_c")
    if temperature is not None and not -273.15 <= temperature <= 3000:
        raise ValidationError({"temperature_c": _("Enter the temperature in °C, for example 20.")})


def _changed(by, batch: Batch, version: int | None, action: str, changes: dict) -> Batch:
    """Write what differs; where nothing does, nothing happened: no new version, no event in the history."""
    changes = {name: value for name, value in changes.items() if getattr(batch, name) != value}
    if not changes:
        check_nothing_newer(batch, version)
        return batch
    write_change(by=by, instance=batch, version=version, action=action, changes=changes, project_id=batch.project_id)
    changed("batch", batch.pk)
    return batch


@transaction.atomic
def set_outcome(*, by, batch: Batch, outcome: str, note: str = "", version: int | None = None) -> Batch:
    """Say what came out; apart from the status, so that a green or turbid batch stays in the sweep's plots."""
    require_write(by, batch.project)
    if outcome and outcome not in Outcome.values:
        raise ValidationError({"outcome": _("Choose one of the outcomes.")})
    return _changed(by, batch, version, "batch.outcome", {"outcome": outcome, "outcome_note": note})


@transaction.atomic
def set_status(*, by, batch: Batch, status: str, version: int | None = None) -> Batch:
    """Move a batch on (or back). ``reviewed`` is a reviewer's word; ``abandoned`` needs its reason: see ``abandon``."""
    require_write(by, batch.project)
    if status not in Status.values:
        raise ValidationError({"status": _("Choose one of the states.")})
    if status == Status.ABANDONED:
        raise ValidationError({"status": _("Say why it is abandoned.")})
    if status == Status.REVIEWED and by is not None:
        roles.require(by, roles.REVIEW, batch.project)
    changes = {"status": status, "abandoned_because": ""}
    if status == Status.MADE and batch.made_on is None:
        changes |= {"made_on": timezone.localdate()}
    return _changed(by, batch, version, "batch.status", changes)


@transaction.atomic
def abandon(*, by, batch: Batch, because: str, version: int | None = None) -> Batch:
    """Give a batch up, with the reason; it stays in lists and plots."""
    require_write(by, batch.project)
    if not because.strip():
        raise ValidationError({"because": _("Say in a few words why: the next person will want to know.")})
    changes = {"status": Status.ABANDONED, "abandoned_because": because.strip()}
    return _changed(by, batch, version, "batch.abandoned", changes)


@transaction.atomic
def rename_batch(*, by, batch: Batch, code: str, version: int | None = None) -> Batch:
    """Give a batch another code; the old one still leads to it and is never given to another batch."""
    require_write(by, batch.project)
    code = clean_code(code)
    give_code(batch, code)
    return _changed(by, batch, version, "batch.renamed", {"code": code})


@transaction.atomic
def log_step(
    *, by, batch: Batch, seen: str = "", step=None, kind: str = "", at: datetime | None = None, parameters=None
) -> StepLog:
    """Add an entry to the log: what was done or seen, and when. Entries are never rewritten."""
    require_write(by, batch.project)
    if not seen.strip() and step is None and not kind:
        raise ValidationError({"seen": _("Say what was done or seen.")})
    if step is not None and step.revision_id != batch.revision_id:
        raise ValidationError({"step": _("This step belongs to another recipe.")})
    entry = StepLog(
        batch=batch, step=step, kind=kind or (step.kind if step else ""), at=at or timezone.now(), by=by,
        seen=seen.strip(), parameters=read_parameters(parameters or {}),
    )  # fmt: skip
    keep(entry)
    after = {"seen": entry.seen, "kind": entry.kind, "at": plain(entry.at)}
    if Batch.objects.filter(pk=batch.pk, started_at=None).update(started_at=entry.at):
        after["started_at"] = plain(entry.at)  # an observation, no edit: it collides with nobody's version
    record(by=by, action="batch.step_logged", subject=batch, project_id=batch.project_id, after=after)
    changed("batch", batch.pk)
    return entry
