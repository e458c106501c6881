"""What changed from one revision of a recipe to another, line by line, as a chemist would say it."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from synthesis.models import RecipeRevision
from synthesis.selectors.steps import step_text


@dataclass(frozen=True)
class Difference:
    """``kind`` is ``added``, ``removed`` or ``changed``; ``what`` names the line; before and after are its texts."""

    kind: str
    what: str
    before: str = ""
    after: str = ""


def revision_differences(old: RecipeRevision, new: RecipeRevision) -> list[Difference]:
    """Ingredients by their key, then steps in order."""
    return _ingredients(old, new) + _steps(old, new)


def _ingredients(old: RecipeRevision, new: RecipeRevision) -> list[Difference]:
    before = {line.key: line for line in old.ingredients.all()}
    after = {line.key: line for line in new.ingredients.all()}
    found = []
    for key in [*before, *(key for key in after if key not in before)]:
        was, now = before.get(key), after.get(key)
        texts = _line_text(was, old) if was else "", _line_text(now, new) if now else ""
        if texts[0] != texts[1]:
            kind = "removed" if now is None else "added" if was is None else "changed"
            found.append(Difference(kind, _name(now or was), *texts))
    return found


def _name(line) -> str:
    return line.chemical.short if line.chemical_id else line.stock.name


def _line_text(line, revision: RecipeRevision) -> str:
    parts = [_name(line), str(line.amount or "–"), str(line.get_role_display())]
    if line.is_reference:
        parts.append(f"= {revision.reference_equivalents_text or revision.reference_equivalents:} equiv")
    return " · ".join(filter(None, [*parts, line.note]))


def _steps(old: RecipeRevision, new: RecipeRevision) -> list[Difference]:
    before, after = _step_texts(old), _step_texts(new)
    found = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        kind = {"replace": "changed", "delete": "removed", "insert": "added"}.get(tag)
        if kind:
            found.append(Difference(kind, "", "\n".join(before[a1:a2]), "\n".join(after[b1:b2])))
    return found


def _step_texts(revision: RecipeRevision) -> list[str]:
    names = {line.key: _name(line) for line in revision.ingredients.all()}
    return [f"{step_text(step, names)} {step.note}".strip() for step in revision.steps.all()]
