"""Steps of a recipe as typed, and how their parameters are stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from synthesis.models import RecipeRevision, RecipeStep, StepKind
from synthesis.models.parameters import STEP_PARAMETERS
from synthesis.services.common import read_typed, stored


@dataclass(frozen=True)
class StepDraft:
    """One step as typed: parameters by name, as (text, unit) or as words; ``ingredients`` and ``into`` are keys."""

    kind: str
    parameters: Mapping[str, tuple[str, str] | str] = field(default_factory=dict)
    ingredients: tuple[str, ...] = ()
    into: str = ""
    note: str = ""


def step_record(revision: RecipeRevision, i: int, draft: StepDraft, keys: set[str]) -> RecipeStep:
    if draft.kind not in StepKind.values:
        raise ValidationError({f"steps-{i}-kind": _("Choose what is done in this step.")})
    unknown = [key for key in (*draft.ingredients, draft.into) if key and key not in keys]
    if unknown:
        sentence = _("Step {number} names an ingredient that is not in the list.")
        raise ValidationError({f"steps-{i}-ingredients": sentence.format(number=i + 1)})
    return RecipeStep(
        revision=revision, position=i, kind=draft.kind, parameters=read_parameters(draft.parameters, f"steps-{i}-"),
        ingredients=list(draft.ingredients), into=draft.into, note=draft.note.strip(),
    )  # fmt: skip


def read_parameters(given: Mapping[str, tuple[str, str] | str], prefix: str = "") -> dict:
    """Step parameters as they are stored: number, unit and SI value, or words; empty ones are left out."""
    found, problems = {}, {}
    for name, value in given.items():
        known = STEP_PARAMETERS.get(name)
        if known is None:
            raise ValidationError({f"{prefix}{name}": _("This parameter is not known.")})
        text, unit = (value, known.unit) if isinstance(value, str) else value
        if not text.strip():
            continue
        try:
            found[name] = _parameter(f"{prefix}{name}", known, text.strip(), unit or known.unit)
        except ValidationError as problem:
            problems.update(problem.message_dict)
    if problems:
        raise ValidationError(problems)
    return found


def _parameter(field_name: str, known, text: str, unit: str) -> dict:
    if not known.dimensions:
        return {"text": text[:80]}
    typed = read_typed(field_name, text, unit, dimensions=known.dimensions)
    if typed.si < 0:
        raise ValidationError({field_name: _("This cannot be negative.")})
    return stored(typed)
