"""Sweeps: one or two parameters varied, and their batches planned at once."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qdlab.records.audit import record
from synthesis.models import RecipeRevision, Sweep
from synthesis.models.parameters import STEP_PARAMETERS
from synthesis.services.batches import make_batch
from synthesis.services.common import keep, read_typed, require_write, stored
from synthesis.units import Typed, parse_amount

MOST_BATCHES = 200


@dataclass(frozen=True)
class SweptParameter:
    """What is varied: ``ingredient:<key>`` (its amount) or ``step:<position>:<parameter>``; values as typed."""

    target: str
    values: tuple[str, ...]
    unit: str = "{equiv}"


@transaction.atomic
def plan_sweep(
    *,
    by,
    revision: RecipeRevision,
    name: str,
    parameters: Sequence[SweptParameter],
    replicates: int = 1,
    randomised: bool = False,
    seed: int | None = None,
    note: str = "",
    operator=None,
) -> Sweep:
    """Plan every batch of a sweep at once: all combinations of the values, each ``replicates`` times.

    ``randomised`` shuffles the order in which they are made, by a seed that is kept.
    """
    project = revision.recipe.project
    require_write(by, project)
    values = [_values(i, parameter, revision) for i, parameter in enumerate(parameters)]
    _check_size(parameters, values, replicates)
    if randomised and seed is None:
        seed = random.SystemRandom().getrandbits(48)
    sweep = Sweep(
        project=project, revision=revision, name=name.strip(), replicates=replicates, note=note, made_by=by,
        order_seed=seed if randomised else None,
        parameters=[{"target": p.target, "unit": p.unit, "values": list(p.values)} for p in parameters],
    )  # fmt: skip
    keep(sweep)
    record(
        by=by, action="sweep.planned", subject=sweep, project_id=project.pk,
        after={"name": sweep.name, "parameters": sweep.parameters, "replicates": replicates},
    )  # fmt: skip
    points = [(point, n) for point in product(*values) for n in range(1, replicates + 1)]
    order = list(range(1, len(points) + 1))
    if randomised:
        random.Random(seed).shuffle(order)
    for (point, replicate), place in zip(points, order, strict=True):
        _plan_point(by, sweep, [p.target for p in parameters], point, replicate, place, operator)
    return sweep


def _values(i: int, parameter: SweptParameter, revision: RecipeRevision) -> list[Typed]:
    field = f"parameters-{i}-values"
    kind, _colon, rest = parameter.target.partition(":")
    if kind == "ingredient" and revision.ingredients.filter(key=rest).exists():
        if revision.ingredients.filter(key=rest, is_reference=True).exists() and parameter.unit == "{equiv}":
            raise ValidationError({field: _("The reference cannot be varied in equivalents of itself.")})
        read = [read_typed(field, text, parameter.unit, parse_amount) for text in parameter.values]
    elif kind == "step" and (dimensions := _step_dimensions(rest, revision)):
        read = [read_typed(field, text, parameter.unit, dimensions=dimensions) for text in parameter.values]
    else:
        raise ValidationError(
            {f"parameters-{i}-target": _("Choose what is varied: an ingredient or a step of this recipe.")}
        )
    values = [value for value in read if value is not None]
    if not values:
        raise ValidationError({field: _("Enter the values, for example 0.1, 0.25, 0.5.")})
    if len({value.si for value in values}) != len(values):
        raise ValidationError({field: _("One value is there twice. Use replicates to make a point more than once.")})
    return values


def _step_dimensions(rest: str, revision: RecipeRevision) -> tuple[str, ...]:
    match = re.fullmatch(r"(\d{1,4}):(\w+)", rest)
    known = STEP_PARAMETERS.get(match[2]) if match else None
    exists = known and revision.steps.filter(position=int(match[1])).exists()
    return known.dimensions if exists else ()


def _check_size(parameters, values, replicates: int) -> None:
    if not 1 <= len(parameters) <= 2 or len({p.target for p in parameters}) != len(parameters):
        raise ValidationError({"parameters": _("A sweep varies one or two different parameters.")})
    if not 1 <= replicates <= 20:
        raise ValidationError({"replicates": _("Choose between 1 and 20 replicates.")})
    n = replicates
    for column in values:
        n *= len(column)
    if n > MOST_BATCHES:
        sentence = _("This would be {n} batches; at most {most} are planned at once.")
        raise ValidationError({"parameters": sentence.format(n=n, most=MOST_BATCHES)})


def _plan_point(by, sweep: Sweep, targets, point, replicate: int, place: int, operator) -> None:
    planned = {
        t.removeprefix("ingredient:"): v for t, v in zip(targets, point, strict=True) if t.startswith("ingredient:")
    }
    make_batch(
        by=by,
        revision=sweep.revision,
        sweep=sweep,
        planned=planned,
        operator=operator,
        replicate=replicate,
        order=place,
        sweep_point={target: stored(value) for target, value in zip(targets, point, strict=True)},
    )
