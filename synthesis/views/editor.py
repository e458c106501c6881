"""The recipe editor: a new recipe, or the next revision of one, with live sums."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from qdlab.access import roles
from qdlab.records.versions import StaleVersion
from synthesis import selectors, services
from synthesis.forms.fields import place_errors, row_count
from synthesis.forms.recipes import IngredientFormSet, RecipeForm, StepFormSet, value_of
from synthesis.models import IngredientRole, RecipeIngredient, RecipeStep
from synthesis.models.amounts import columns_of
from synthesis.notes import InputError
from synthesis.services.common import read_typed
from synthesis.services.recipes import read_parameters, read_reference_equivalents
from synthesis.units import UNITS, parse_amount
from synthesis.views.common import CONFLICT, conflict_of, require_write, shelf_of, with_version
from synthesis.views.recipes import revision_of, visible_recipe
from synthesis.views.sheets import first_sentence, ratios_json, row_json

R = IngredientRole
BLANK_ROWS = [
    {"key": f"i{n + 1}", "role": role, "unit": unit}
    for n, (role, unit) in enumerate(
        [(R.LEAD, "mg"), (R.A_SITE, "mg"), (R.ACID, "mg"), (R.AMINE, "uL"), (R.SOLVENT, "mL"), (R.ANTISOLVENT, "mL")]
    )
]


class Editor:
    """The forms of the editor together: above, ingredients, steps."""

    def __init__(self, request, recipe=None, revision=None, data=None):
        self.recipe, self.revision = recipe, revision
        shelf = shelf_of(request)
        lines = list(revision.ingredients.all()) if revision else []
        shelf.keep(lines)
        projects = roles.projects_to_write(request.user)
        self.form = RecipeForm(data, projects=projects, recipe=recipe, initial=self._initial(request, projects))
        self.ingredients = IngredientFormSet(
            data, prefix="ingredients", form_kwargs={"shelf": shelf}, initial=None if data else self._rows(lines)
        )
        self.keys = self._keys(shelf, lines, data)
        self.steps = StepFormSet(
            data, prefix="steps", form_kwargs={"keys": self.keys}, initial=None if data else self._steps()
        )
        self.reference = data.get("reference", "") if data else next((x.key for x in lines if x.is_reference), "i1")
        if data is None and lines and not any(x.is_reference for x in lines):
            self.reference = ""

    def _initial(self, request, projects) -> dict:
        if self.recipe is None:
            asked = request.GET.get("project", "")
            chosen = next((p.pk for p in projects if str(p.pk) == asked), None)
            return {"project": chosen or (projects[0].pk if len(projects) == 1 else None)}
        return {
            "name": self.recipe.name, "description": self.recipe.description, "version": self.recipe.version,
            "reference_equivalents": self.revision.reference_equivalents_text or "1",
        }  # fmt: skip

    def _rows(self, lines) -> list[dict]:
        rows = [
            {"key": x.key, "substance": value_of(x), "role": x.role, "amount": x.amount_text,
             "unit": x.amount_unit or "mg", "note": x.note} for x in lines
        ]  # fmt: skip
        return rows or BLANK_ROWS

    def _steps(self) -> list[dict]:
        steps = self.revision.steps.all() if self.revision else []
        rows = [
            {"kind": s.kind, "ingredients": s.ingredients, "into": s.into, "note": s.note}
            | {name: _as_typed(value) for name, value in s.parameters.items()}
            for s in steps
        ]
        return rows or [{}]

    def _keys(self, shelf, lines, data) -> list[tuple[str, str]]:
        """Key and name of every row, for the steps that use it."""
        if data is None:
            return [(x.key, (x.chemical or x.stock).name if x.stock_id else x.chemical.short) for x in lines]
        found = []
        for form in self.ingredients.forms:
            _kind, record = shelf.find(data.get(form.add_prefix("substance")))
            key = data.get(form.add_prefix("key"), "")
            if record is not None and key:
                found.append((key, getattr(record, "short", record.name)))
        return found

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.ingredients.is_valid(), self.steps.is_valid()])

    def kept_rows(self):
        return [form for form in self.ingredients.forms if not form.empty]

    def kept_steps(self):
        return [form for form in self.steps.forms if not form.empty]

    def drafts(self) -> dict:
        rows = [form.draft(form.cleaned_data.get("key", "") == self.reference != "") for form in self.kept_rows()]
        return {
            "ingredients": rows, "steps": [form.draft() for form in self.kept_steps()],
            "reference_equivalents": self.form.cleaned_data["reference_equivalents"],
        }  # fmt: skip

    def tell(self, problem: ValidationError) -> None:
        """Sentences of the service at their fields. The service counts the rows that are filled in, the page all of them."""
        places = {f"ingredients-{i}": form for i, form in enumerate(self.kept_rows())}
        places |= {f"steps-{i}": form for i, form in enumerate(self.kept_steps())}
        for name in ("chemical", "stock"):
            problem = _renamed(problem, name, "substance")
        place_errors(problem, places, self.form)

    def context(self) -> dict:
        return {
            "editor": self, "recipe": self.recipe, "revision": self.revision, "form": self.form,
            "ingredients": self.ingredients, "steps": self.steps, "reference": self.reference,
        }  # fmt: skip


def _as_typed(value: dict) -> str:
    symbol = UNITS[value["unit"]].symbol if value.get("unit") in UNITS else ""
    return f"{value.get('text', '')} {symbol}".strip()


def _renamed(problem: ValidationError, old: str, new: str) -> ValidationError:
    if not hasattr(problem, "error_dict"):
        return problem
    suffix = f"-{old}"
    return ValidationError(
        {(k.removesuffix(suffix) + f"-{new}" if k.endswith(suffix) else k): v for k, v in problem.error_dict.items()}
    )


@require_http_methods(["GET", "POST"])
def new_recipe(request):
    editor = Editor(request, data=request.POST or None)
    if request.method == "POST" and editor.is_valid():
        given = editor.form.cleaned_data
        try:
            recipe = services.create_recipe(
                by=request.user, project=given["project"], name=given["name"], description=given["description"],
                **editor.drafts(),
            )  # fmt: skip
        except ValidationError as problem:
            editor.tell(problem)
        else:
            messages.success(request, _("{recipe} is saved.").format(recipe=recipe.name))
            return redirect("synthesis:recipe", recipe.pk)
    return _page(request, editor)


@require_http_methods(["GET", "POST"])
def edit_recipe(request, pk):
    """Saving makes the next revision; two people who save at once are shown each other's text."""
    recipe = visible_recipe(request, pk)
    require_write(request, recipe.project)
    revision = revision_of(request, recipe)
    editor = Editor(request, recipe, revision, request.POST or None)
    if request.method == "POST" and editor.is_valid():
        given = editor.form.cleaned_data
        try:
            services.revise_recipe(
                by=request.user, recipe=recipe, version=given["version"], name=given["name"],
                description=given["description"], why=given["why"], **editor.drafts(),
            )  # fmt: skip
        except ValidationError as problem:
            editor.tell(problem)
        except StaleVersion as stale:
            return _conflict(request, editor, stale)
        else:
            messages.success(request, _("Revision {number} is saved.").format(number=revision.number + 1))
            return redirect("synthesis:recipe", recipe.pk)
    return _page(request, editor)


def _page(request, editor: Editor, conflict=None):
    refused = editor.form.is_bound and conflict is None
    context = editor.context() | {"conflict": conflict, "refused": editor.form.is_bound}
    return render(
        request, "synthesis/edit_recipe.html", context, status=CONFLICT if conflict else 422 if refused else 200
    )


def _conflict(request, mine: Editor, stale: StaleVersion):
    theirs = revision_of(request, stale.current)
    rows = [
        (_("Name"), mine.form.cleaned_data["name"], stale.current.name),
        (_("Description"), mine.form.cleaned_data["description"], stale.current.description),
        *_line_rows(mine, theirs),
        (_("Steps"), "\n".join(_my_steps(mine)), "\n".join(line["text"] for line in selectors.step_lines(theirs))),
    ]
    conflict = conflict_of(stale, rows)
    again = Editor(request, stale.current, theirs, with_version(request.POST, stale.current.version))
    again.is_valid()
    return _page(request, again, conflict)


def _line_rows(mine: Editor, theirs):
    """Yours beside theirs for every ingredient of either side."""
    names, my_texts = dict(mine.keys), {}
    for form in mine.kept_rows():
        given = form.cleaned_data
        unit = dict(form.fields["unit"].choices).get(given.get("unit"), "")
        my_texts[given["key"]] = f"{names.get(given['key'], '')} {given.get('amount', '')} {unit}".strip()
    their_texts = {
        x.key: f"{(x.stock.name if x.stock_id else x.chemical.short)} {x.amount or ''}".strip()
        for x in theirs.ingredients.all()
    }
    for key in dict.fromkeys([*their_texts, *my_texts]):
        yield names.get(key) or their_texts.get(key, key).split(" ")[0], my_texts.get(key, ""), their_texts.get(key, "")


def _my_steps(mine: Editor) -> list[str]:
    found = []
    for form in mine.kept_steps():
        draft = form.draft()
        try:
            stored = read_parameters(draft.parameters)
        except ValidationError:
            stored = {name: {"text": typed[0]} for name, typed in draft.parameters.items()}
        step = RecipeStep(kind=draft.kind, parameters=stored, ingredients=list(draft.ingredients), into=draft.into)
        found.append(selectors.step_text(step, dict(mine.keys)))
    return found


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
    except (ValidationError, InputError) as problem:
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
