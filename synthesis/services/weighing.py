"""What the balance and the pipette said, beside the plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.records.audit import record
from qdlab.records.outbox import changed
from qdlab.records.versions import change
from synthesis.models import Batch, BatchIngredient, Lot
from synthesis.models.amounts import columns_of
from synthesis.services.common import check_nothing_newer, read_typed, require_write, shown
from synthesis.units import parse_amount, parse_typed


@dataclass(frozen=True)
class Weighing:
    """What the balance or pipette said for one ingredient; an empty ``amount`` takes an entry back."""

    key: str
    amount: str = ""
    unit: str = ""
    uncertainty: str = ""
    uncertainty_unit: str = ""
    device: str = ""
    lot: Lot | None = None
    note: str = ""


@transaction.atomic
def weigh(*, by, batch: Batch, weighings: Sequence[Weighing], version: int | None = None) -> Batch:
    """Enter weighed amounts and lots. Ingredients that are not named stay as they are.

    Where nothing differs from what is written down, nothing happened: no new version, no event in the history.
    """
    require_write(by, batch.project)
    lines = {line.key: line for line in batch.ingredients.select_related("chemical", "stock", "lot")}
    problems, moved = {}, []
    for i, weighing in enumerate(weighings):
        try:
            moved.append((lines[weighing.key], _weighed_columns(i, weighing, lines[weighing.key])))
        except KeyError:
            problems[f"ingredients-{i}-weighed"] = _("This ingredient is not part of the batch.")
        except ValidationError as problem:
            problems.update(problem.message_dict)
    if problems:
        raise ValidationError(problems)
    moved = [(line, new) for line, new in moved if any(getattr(line, k) != v for k, v in new.items())]
    if not moved:
        check_nothing_newer(batch, version)
        return batch
    before = {line.key: _said_of(line) for line, _new in moved}
    change(batch, expected=version)
    for line, new in moved:
        _write_line(by, line, new)
    record(
        by=by, action="batch.weighed", subject=batch, project_id=batch.project_id,
        before=before, after={line.key: _said_of(line) for line, _new in moved},
    )  # fmt: skip
    changed("batch", batch.pk)
    return batch


def _write_line(by, line: BatchIngredient, new: dict) -> None:
    weighed_anew = any(getattr(line, name) != new[name] for name in ("weighed_text", "weighed_unit"))
    for name, value in new.items():
        setattr(line, name, value)
    if weighed_anew:
        line.weighed_at, line.weighed_by = (timezone.now(), by) if line.weighed_si is not None else (None, None)
    line.save()


def _weighed_columns(i: int, weighing: Weighing, line: BatchIngredient) -> dict:
    amount = read_typed(f"ingredients-{i}-weighed", weighing.amount, weighing.unit, parse_amount)
    if amount and amount.dimension == "equivalents":
        sentence = _("A balance gives a mass or a volume, not equivalents. Enter it in mg or µL.")
        raise ValidationError({f"ingredients-{i}-weighed": sentence})
    field = f"ingredients-{i}-uncertainty"
    unit = weighing.uncertainty_unit or (amount.unit if amount else "")
    dimensions = ("fraction", amount.dimension) if amount else ("fraction", "mass", "volume", "substance")
    uncertainty = read_typed(field, weighing.uncertainty, unit, parse_typed, dimensions=dimensions)
    if uncertainty and uncertainty.si < 0:
        raise ValidationError({field: _("An uncertainty cannot be negative.")})
    if weighing.lot and weighing.lot.chemical_id != line.chemical_id:
        raise ValidationError({f"ingredients-{i}-lot": _("This lot is of another chemical.")})
    return {
        **columns_of("weighed", amount),
        **columns_of("uncertainty", uncertainty),
        "device": weighing.device.strip(),
        "lot": weighing.lot,
        "note": weighing.note.strip(),
    }


def _said_of(line: BatchIngredient) -> dict:
    said = {"weighed": shown(line.weighed), "uncertainty": shown(line.uncertainty), "device": line.device}
    return said | {"lot": str(line.lot or ""), "note": line.note}
