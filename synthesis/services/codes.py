"""Codes of batches: made by the project's pattern, editable, and never forgotten."""

import re

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access.models import Project
from synthesis.models import BatchCode

PLACE = re.compile(r"\{(year|month|day|recipe|n)(?::0?(\d))?\}")


def next_code(project: Project, recipe_name: str = "") -> str:
    """The next free code by the project's pattern: ``OC-{year}-{n:03}`` → ``OC-2026-007``.

    Locks the project's row, so that two people who plan at once get two codes. Call it inside a transaction.
    """
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    today = timezone.localdate()
    words = {"year": today.year, "month": f"{today.month:02}", "day": f"{today.day:02}", "recipe": recipe_name}
    if not re.search(r"\{n(:|\})", project.code_pattern):
        return _without_number(project, _filled(project.code_pattern, words))
    head, tail = _filled(project.code_pattern, words | {"n": None}).split("\0", 1)
    width = next((int(m[2] or 1) for m in PLACE.finditer(project.code_pattern) if m[1] == "n"), 1)
    taken = BatchCode.objects.filter(project=project, code__startswith=head).values_list("code", flat=True)
    numbers = (c[len(head) : len(c) - len(tail) if tail else None] for c in taken if c.endswith(tail))
    highest = max((int(n) for n in numbers if re.fullmatch(r"\d{1,9}", n, re.ASCII)), default=0)
    return f"{head}{highest + 1:0{width}}{tail}"


def _filled(pattern: str, words: dict) -> str:
    def fill(match: re.Match) -> str:
        word = words.get(match[1], "")
        return "\0" if word is None else str(word)

    return PLACE.sub(fill, pattern)


def _without_number(project: Project, stem: str) -> str:
    code, n = stem, 2
    while BatchCode.objects.filter(project=project, code=code).exists():
        code, n = f"{stem}-{n}", n + 1
    return code


def give_code(batch, code: str) -> None:
    """Register the code of a batch; one that another batch has or had is refused."""
    holder = BatchCode.objects.filter(project_id=batch.project_id, code=code).first()
    if holder is None:
        BatchCode.objects.create(project_id=batch.project_id, batch=batch, code=code)
    elif holder.batch_id != batch.pk:
        raise ValidationError(
            {"code": _("Another batch has or had this code. Choose a new one: old labels must stay true.")}
        )


def clean_code(code: str) -> str:
    cleaned = " ".join(code.split())
    if not cleaned:
        raise ValidationError({"code": _("Enter a code, for example QD-2026-001.")})
    if len(cleaned) > 80:
        raise ValidationError({"code": _("A code has at most 80 characters.")})
    return cleaned
