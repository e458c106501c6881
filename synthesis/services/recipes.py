"""Recipes: a new one, and its next revision. Revisions are never changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from qdlab.records.audit import record
from synthesis.models import Chemical, Recipe, RecipeIngredient, RecipeRevision, RecipeStep, StockSolution
from synthesis.models.amounts import columns_of
from synthesis.selectors import draft_sheet, said
from synthesis.services.common import check, keep, read_typed, require_write, write_change
from synthesis.services.steps import StepDraft, step_record
from synthesis.units import parse_amount, parse_typed

KEY_LENGTH = 40


@dataclass(frozen=True)
class IngredientDraft:
    """One line as typed. ``key`` may be empty: the service finds one from the chemical's short name."""

    role: str
    amount: str = ""
    unit: str = ""
    chemical: Chemical | None = None
    stock: StockSolution | None = None
    is_reference: bool = False
    key: str = ""
    note: str = ""


@transaction.atomic
def create_recipe(
    *,
    by,
    project,
    name: str,
    ingredients: Sequence[IngredientDraft],
    steps: Sequence[StepDraft] = (),
    reference_equivalents: str = "1",
    description: str = "",
    why: str = "",
) -> Recipe:
    """Make a recipe with its first revision. Raises ValidationError whose keys name the fields of the editor."""
    require_write(by, project)
    recipe = Recipe(project=project, name=name.strip(), description=description, made_by=by)
    keep(recipe)
    revision = _new_revision(by, recipe, 1, ingredients, steps, reference_equivalents, why)
    after = {"name": recipe.name, "ingredients": [str(line) for line in revision.ingredients.all()]}
    record(by=by, action="recipe.created", subject=recipe, project_id=project.pk, after=after)
    return recipe


@transaction.atomic
def revise_recipe(
    *,
    by,
    recipe: Recipe,
    version: int | None = None,
    ingredients: Sequence[IngredientDraft],
    steps: Sequence[StepDraft] = (),
    reference_equivalents: str = "1",
    why: str = "",
    **fields,
) -> RecipeRevision:
    """Add the next revision; ``fields`` may hold a new name or description. Batches keep the revision they were made from."""
    require_write(by, recipe.project)
    changes = {name: fields[name] for name in ("name", "description") if name in fields}
    newest = recipe.revisions.order_by("-number").first()
    number = newest.number + 1 if newest else 1
    write_change(
        by=by,
        instance=recipe,
        version=version,
        action="recipe.revised",
        changes={name: value for name, value in changes.items() if getattr(recipe, name) != value},
        project_id=recipe.project_id,
    )
    revision = _new_revision(by, recipe, number, ingredients, steps, reference_equivalents, why)
    listed = [str(line) for line in revision.ingredients.all()]
    after = {"number": number, "why": why, "ingredients": listed}
    record(by=by, action="recipe.revision_added", subject=revision, project_id=recipe.project_id, after=after)
    return revision


def _new_revision(by, recipe, number, ingredients, steps, reference_equivalents, why) -> RecipeRevision:
    equivalents = read_reference_equivalents(reference_equivalents)
    revision = RecipeRevision(
        recipe=recipe, number=number, made_by=by, why=why.strip(),
        reference_equivalents=equivalents.si, reference_equivalents_text=equivalents.text,
    )  # fmt: skip
    check(revision)
    lines = ingredient_records(ingredients)
    check_plan(lines, equivalents.si)
    revision.save()
    for line in lines:
        line.revision = revision
    RecipeIngredient.objects.bulk_create(lines)
    keys = {line.key for line in lines}
    RecipeStep.objects.bulk_create(step_record(revision, i, draft, keys) for i, draft in enumerate(steps))
    return revision


def read_reference_equivalents(text: str):
    """The reference's equivalents as typed; empty means 1."""
    typed = read_typed("reference_equivalents", text or "1", "{equiv}", parse_typed, dimensions=("equivalents",))
    if not typed.si > 0:
        raise ValidationError(
            {"reference_equivalents": _("The reference must stand for more than 0 equivalents, for example 1.")}
        )
    return typed


def ingredient_records(drafts: Sequence[IngredientDraft]) -> list[RecipeIngredient]:
    """Unsaved ingredients from what was typed; every problem is found at once, each at its own field."""
    problems: dict[str, str] = {}
    lines: list[RecipeIngredient] = []
    used = {draft.key for draft in drafts if draft.key}
    for i, draft in enumerate(drafts):
        try:
            lines.append(_ingredient(i, draft, used))
        except ValidationError as problem:
            problems.update({name: messages[0] for name, messages in problem.message_dict.items()})
    if not drafts:
        problems["ingredients"] = _("A recipe needs at least one ingredient.")
    keys = [line.key for line in lines]
    if len(set(keys)) != len(keys):
        problems["ingredients"] = _("Two ingredients have the same key.")
    if sum(line.is_reference for line in lines) > 1:
        problems["reference"] = _("Only one ingredient can be the reference.")
    if problems:
        raise ValidationError(problems)
    return lines


def _ingredient(i: int, draft: IngredientDraft, used: set[str]) -> RecipeIngredient:
    if bool(draft.chemical) == bool(draft.stock):
        raise ValidationError({f"ingredients-{i}-chemical": _("Choose a chemical or a stock solution from the shelf.")})
    amount = read_typed(f"ingredients-{i}-amount", draft.amount, draft.unit, parse_amount)
    line = RecipeIngredient(
        position=i, role=draft.role, chemical=draft.chemical, stock=draft.stock, is_reference=draft.is_reference,
        key=draft.key or _free_key(draft, used), note=draft.note, **columns_of("amount", amount),
    )  # fmt: skip
    try:
        line.clean_fields(exclude=["revision"])
    except ValidationError as problem:
        raise ValidationError(
            {f"ingredients-{i}-{name}": messages for name, messages in problem.message_dict.items()}
        ) from problem
    return line


def _free_key(draft: IngredientDraft, used: set[str]) -> str:
    name = draft.chemical.short if draft.chemical else draft.stock.name
    stem = slugify(name)[: KEY_LENGTH - 4] or draft.role
    key, n = stem, 2
    while key in used:
        key, n = f"{stem}-{n}", n + 1
    used.add(key)
    return key


def check_plan(lines: Sequence[RecipeIngredient], reference_equivalents: float) -> None:
    """Refuse a plan whose equivalents count from nothing; a missing density is only told, not refused."""
    sheet = draft_sheet(lines, reference_equivalents)
    problems = {}
    for i, row in enumerate(sheet.lines):
        for note in row.planned.notes:
            if note.about == "reference":
                problems[f"ingredients-{i}-amount"] = said(note)
    if problems:
        raise ValidationError(problems)
