"""The live sums: what was typed so far in, everything that follows out. The same code computes them on save."""

from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.views.decorators.http import require_POST

from synthesis import selectors
from synthesis.forms.fields import row_count
from synthesis.forms.recipes import IngredientFormSet
from synthesis.models import RecipeIngredient
from synthesis.models.amounts import columns_of
from synthesis.selectors import Line, Sheet, portion_text, ratio_line, ratio_text, said
from synthesis.selectors.shown import DIMENSIONS
from synthesis.services.common import read_typed
from synthesis.services.recipes import read_reference_equivalents
from synthesis.units import parse_amount, parse_typed
from synthesis.views.batches import lots_for, visible_batch
from synthesis.views.common import shelf_of

# --- A recipe that is being written ------------------------------------------------------------------------------------


@require_POST
def work_out(request):
    """What follows from what is typed so far: per row the other quantities, and the ratio. Nothing is stored."""
    shelf = shelf_of(request)
    formset = IngredientFormSet(request.POST, prefix="ingredients", form_kwargs={"shelf": shelf})
    problems, lines, prefixes = {}, [], {}
    reference = request.POST.get("reference", "")
    for i, form in enumerate(formset.forms):
        line = _typed_line(i, form, shelf, request.POST, problems)
        if line is not None:
            line.is_reference = line.key == reference != ""
            line.key = prefixes[form.prefix] = f"row{i}"
            lines.append(line)
    equivalents = _equivalents(request.POST.get("reference_equivalents", ""), problems)
    sheet = selectors.draft_sheet(lines, equivalents, _taken(request.POST))
    by_key = {line.planned.key: line for line in sheet.lines}
    rows = {prefix: row_json(by_key[key], by_key[key].planned) for prefix, key in prefixes.items()}
    return JsonResponse({"rows": rows, "problems": problems, **ratios_json(sheet, sheet.planned)})


def _typed_line(i: int, form, shelf, data, problems: dict) -> RecipeIngredient | None:
    kind, record = shelf.find(data.get(form.add_prefix("substance")))
    name = form.add_prefix("amount")
    amount = None
    try:
        amount = read_typed(name, data.get(name, ""), data.get(form.add_prefix("unit"), ""), parse_amount)
    except ValidationError as problem:
        problems[name] = first_sentence(problem)
    if record is None:
        return None
    line = RecipeIngredient(position=i, role=data.get(form.add_prefix("role"), ""), **columns_of("amount", amount))
    setattr(line, kind, record)
    line.key = data.get(form.add_prefix("key"), "")
    return line


def _equivalents(text: str, problems: dict) -> float:
    try:
        return read_reference_equivalents(text).si
    except ValidationError as problem:
        problems["reference_equivalents"] = first_sentence(problem)
        return 1.0


def _taken(data) -> float | None:
    """The volume of the first step that puts precursor into something."""
    for i in range(row_count(data, "steps")):
        if data.get(f"steps-{i}-into") and data.get(f"steps-{i}-volume"):
            try:
                typed = read_typed("volume", data[f"steps-{i}-volume"], "uL", dimensions=("volume",))
            except ValidationError:
                return None
            return typed.si if typed else None
    return None


# --- A batch on the balance --------------------------------------------------------------------------------------------


@require_POST
def work_out_batch(request, pk):
    """What follows from what is on the balance so far. Nothing is stored."""
    batch = visible_batch(request, pk)
    lines = {line.key: line for line in batch.ingredients.all()}
    lots = {str(lot.pk): lot for _key, lot in lots_for(request, batch)}
    problems, prefixes = {}, {}
    for i in range(row_count(request.POST, "ingredients")):
        line = lines.get(request.POST.get(f"ingredients-{i}-key", ""))
        if line is not None:
            prefixes[f"ingredients-{i}"] = line.key
            _type_into(line, i, request.POST, lots, problems)
    sheet = selectors.batch_sheet(batch)
    by_key = {row.planned.key: row for row in sheet.lines}
    rows = {prefix: row_json(by_key[key], by_key[key].weighed) for prefix, key in prefixes.items()}
    return JsonResponse({"rows": rows, "problems": problems, "basis": sheet.basis, **ratios_json(sheet, sheet.weighed)})


def _type_into(line, i: int, data, lots: dict, problems: dict) -> None:
    unit = data.get(f"ingredients-{i}-unit", "")
    weighed = uncertainty = None
    for name, reader in (("weighed", parse_amount), ("uncertainty", parse_typed)):
        field = f"ingredients-{i}-{name}"
        try:
            typed = read_typed(field, data.get(field, ""), unit, reader)
        except ValidationError as problem:
            problems[field] = first_sentence(problem)
            continue
        weighed, uncertainty = (typed, uncertainty) if name == "weighed" else (weighed, typed)
    for name, value in (columns_of("weighed", weighed) | columns_of("uncertainty", uncertainty)).items():
        setattr(line, name, value)
    lot = lots.get(data.get(f"ingredients-{i}-lot", ""))
    line.lot = lot if lot and lot.chemical_id == line.chemical_id else None


# --- The answer --------------------------------------------------------------------------------------------------------


def row_json(line: Line, portion) -> dict:
    return {
        "typed": portion.typed,
        "notes": [said(note) for note in portion.notes],
        "deviation": selectors.deviation_text(line.deviation),
        **{name: portion_text(portion, name) for name in DIMENSIONS},
    }


def ratios_json(sheet: Sheet, side) -> dict:
    known = [r for r in side.ratios if r.value is not None]
    reasons = {said(r.reason) for r in side.ratios if r.value is None and r.reason}
    return {
        "ratios": [{"species": r.species, "text": ratio_text(r, sheet.ratio_reference)} for r in side.ratios],
        "ratio_line": ratio_line(sheet, side) if known else "",
        "facts": selectors.mixture_facts(sheet, side),
        "notes": [said(note) for note in sheet.notes] + sorted(reasons),
    }


def first_sentence(problem: ValidationError) -> str:
    """What a field shows while somebody types."""
    return next(iter(problem.messages), "")
