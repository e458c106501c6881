"""Samples: portions of a batch in a certain state, their washes, and the layers of a device."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.records.audit import record
from qdlab.records.outbox import changed
from synthesis.models import Batch, DeviceLayer, Sample, SampleState, WashStep
from synthesis.models.amounts import columns_of
from synthesis.services.common import changed_fields, keep, plain, read_typed, require_write, shown, write_change
from synthesis.services.steps import read_parameters
from synthesis.units import parse_typed

CHANGEABLE = (
    "code", "parent", "state", "wash_count", "additive", "solvent", "concentration_found_by", "storage",
    "storage_temperature_c", "made_at", "note",
)  # fmt: skip
CONCENTRATIONS = ("concentration", "mass concentration")


@transaction.atomic
def add_sample(
    *,
    by,
    batch: Batch,
    state: str = SampleState.CRUDE,
    code: str = "",
    parent: Sample | None = None,
    concentration: tuple[str, str] = ("", ""),
    additive_concentration: tuple[str, str] = ("", ""),
    **fields,
) -> Sample:
    """Add a sample of a batch, or of another sample of it. Without a code it becomes ``<batch>-a``, ``-b`` …"""
    require_write(by, batch.project)
    sample = Sample(
        project=batch.project, batch=batch, state=state, parent=parent, code=code.strip() or _next_code(batch),
        **columns_of("concentration", _concentration("concentration", concentration)),
        **columns_of("additive", _concentration("additive_concentration", additive_concentration)),
        **({"made_at": timezone.now()} | fields),
    )  # fmt: skip
    _check_parent(sample, parent)
    keep(sample)
    after = {"code": sample.code, "state": state, "parent": plain(parent), "concentration": shown(sample.concentration)}
    record(by=by, action="sample.added", subject=sample, project_id=batch.project_id, after=after)
    changed("batch", batch.pk)
    return sample


def _next_code(batch: Batch) -> str:
    """``-a`` … ``-z``, then ``-27``: short enough for a vial."""
    taken = set(
        Sample.objects.filter(project_id=batch.project_id, code__startswith=batch.code).values_list("code", flat=True)
    )
    letters = (f"{batch.code}-{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    numbers = (f"{batch.code}-{n}" for n in range(27, 100_000))
    return next(code for source in (letters, numbers) for code in source if code not in taken)


def _concentration(field: str, typed: tuple[str, str]):
    found = read_typed(field, *typed, parse_typed, dimensions=CONCENTRATIONS)
    if found is not None and not found.si > 0:
        raise ValidationError({field: _("Enter a concentration above zero, or leave it empty.")})
    return found


def _check_parent(sample: Sample, parent: Sample | None) -> None:
    seen = {sample.pk}
    while parent is not None:
        if parent.pk in seen:
            raise ValidationError({"parent": _("A sample cannot come from itself.")})
        if parent.batch_id != sample.batch_id:
            raise ValidationError({"parent": _("The parent sample belongs to another batch.")})
        seen.add(parent.pk)
        parent = parent.parent


@transaction.atomic
def change_sample(
    *,
    by,
    sample: Sample,
    version: int | None = None,
    concentration: tuple[str, str] | None = None,
    additive_concentration: tuple[str, str] | None = None,
    **fields,
) -> Sample:
    require_write(by, sample.project)
    changes = changed_fields(sample, fields, CHANGEABLE)
    if "parent" in changes:
        _check_parent(sample, changes["parent"])
    for name, column, typed in (
        ("concentration", "concentration", concentration),
        ("additive_concentration", "additive", additive_concentration),
    ):
        if typed is not None:
            columns = columns_of(column, _concentration(name, typed))
            changes |= {key: value for key, value in columns.items() if getattr(sample, key) != value}
    return _changed(by, sample, version, "sample.changed", changes)


@transaction.atomic
def change_sample_state(
    *, by, sample: Sample, state: str, wash_count: int | None = None, version: int | None = None
) -> Sample:
    """Say in which state a sample is now. What was measured before keeps pointing to the sample, not to the state."""
    require_write(by, sample.project)
    if state not in SampleState.values:
        raise ValidationError({"state": _("Choose one of the states.")})
    if wash_count is None:
        wash_count = max(sample.wash_count, 1) if state == SampleState.WASHED else sample.wash_count
    return _changed(by, sample, version, "sample.state", {"state": state, "wash_count": wash_count})


def _changed(by, sample: Sample, version: int | None, action: str, changes: dict) -> Sample:
    write_change(by=by, instance=sample, version=version, action=action, changes=changes, project_id=sample.project_id)
    changed("batch", sample.batch_id)
    return sample


@transaction.atomic
def choose_representative(*, by, batch: Batch, sample: Sample | None, version: int | None = None) -> Batch:
    """Say which sample speaks for the batch; None leaves it to the rule (washed and fresh)."""
    require_write(by, batch.project)
    if sample is not None and sample.batch_id != batch.pk:
        raise ValidationError({"sample": _("This sample belongs to another batch.")})
    write_change(
        by=by, instance=batch, version=version, action="batch.representative",
        changes={"representative": sample}, project_id=batch.project_id,
    )  # fmt: skip
    changed("batch", batch.pk)
    return batch


def _next_place(parent, rows) -> int:
    """The next position among a record's rows; its row is locked, so that two people get two places."""
    type(parent)._base_manager.select_for_update(no_key=True).get(pk=parent.pk)
    last = rows.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


@transaction.atomic
def log_wash(
    *,
    by,
    batch: Batch,
    kept: str,
    taken_from: Sample | None = None,
    gave: Sample | None = None,
    solvent=None,
    parameters=None,
    isolated: tuple[str, str] = ("", ""),
    at: datetime | None = None,
    note: str = "",
) -> WashStep:
    """Log a wash or an isolation: what was kept, and the isolated mass where it was weighed."""
    require_write(by, batch.project)
    for name, sample in (("taken_from", taken_from), ("gave", gave)):
        if sample is not None and sample.batch_id != batch.pk:
            raise ValidationError({name: _("This sample belongs to another batch.")})
    mass = read_typed("isolated", *isolated, parse_typed, dimensions=("mass",))
    if mass is not None and not mass.si > 0:
        raise ValidationError({"isolated": _("Enter a mass above zero, or leave it empty.")})
    wash = WashStep(
        batch=batch, position=_next_place(batch, batch.washes), kept=kept, taken_from=taken_from, gave=gave, solvent=solvent,
        parameters=read_parameters(parameters or {}), at=at or timezone.now(), by=by, note=note.strip(),
        **columns_of("isolated", mass),
    )  # fmt: skip
    keep(wash)
    after = {"kept": kept, "solvent": str(solvent or ""), "isolated": shown(mass)}
    record(by=by, action="batch.washed", subject=batch, project_id=batch.project_id, after=after)
    return wash


@transaction.atomic
def add_layer(*, by, sample: Sample, material: str, method: str = "", parameters=None, **fields) -> DeviceLayer:
    """Add the next layer of a device, from the substrate up."""
    require_write(by, sample.project)
    layer = DeviceLayer(
        sample=sample, position=_next_place(sample, sample.layers), material=material.strip(), method=method,
        parameters=read_parameters(parameters or {}), **fields,
    )  # fmt: skip
    keep(layer)
    after = {"material": layer.material, "position": layer.position}
    record(by=by, action="sample.layer_added", subject=sample, project_id=sample.project_id, after=after)
    return layer
