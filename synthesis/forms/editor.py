"""The recipe editor's forms together: what stands above, ingredients, steps; and their errors at the right row."""

from django.core.exceptions import ValidationError

from synthesis.forms.fields import place_errors
from synthesis.forms.recipes import IngredientFormSet, RecipeForm, Shelf, StepFormSet, value_of
from synthesis.models import IngredientRole
from synthesis.units import UNITS

R = IngredientRole
BLANK_ROWS = [
    {"key": f"i{n + 1}", "role": role, "unit": unit}
    for n, (role, unit) in enumerate(
        [(R.LEAD, "mg"), (R.A_SITE, "mg"), (R.ACID, "mg"), (R.AMINE, "uL"), (R.SOLVENT, "mL"), (R.ANTISOLVENT, "mL")]
    )
]


class Editor:
    """The forms of the editor together: above, ingredients, steps."""

    def __init__(self, shelf: Shelf, projects, recipe=None, revision=None, data=None, project: str = ""):
        self.recipe, self.revision = recipe, revision
        lines = list(revision.ingredients.all()) if revision else []
        shelf.keep(lines)
        self.form = RecipeForm(data, projects=projects, recipe=recipe, initial=self._initial(projects, project))
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

    def _initial(self, projects, asked: str) -> dict:
        if self.recipe is None:
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
