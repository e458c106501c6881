"""How a project names its files: patterns, words that were told, and what was learnt."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import Project, User
from qdlab.records import audit
from qdlab.records.sentences import sentence
from qdlab.records.versions import change
from spectra.matching.clues import plain
from spectra.matching.patterns import PatternProblem, compiled
from spectra.models import Habit, NamingPattern, Role, Standard, Technique
from synthesis.models import Sample

MOST_PATTERNS = 50


@transaction.atomic
def add_pattern(*, by: User, project: Project, text: str) -> NamingPattern:
    """Add a naming pattern behind the project's others. Raises ValidationError with what is wrong with it."""
    roles.require(by, roles.WRITE, project)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    there = NamingPattern.objects.filter(project=project, archived_at=None)
    if there.count() >= MOST_PATTERNS:
        raise ValidationError({"text": _("A project has at most {n} patterns.").format(n=MOST_PATTERNS)})
    last = there.order_by("position").last()
    pattern = NamingPattern(project=project, text=_checked(project, text), position=last.position + 1 if last else 0)
    pattern.save()
    audit.record(by=by, action="pattern.added", subject=pattern, project_id=project.pk, after={"text": pattern.text})
    return pattern


def _checked(project: Project, text: str, besides: NamingPattern | None = None) -> str:
    try:
        text = compiled(text).text
    except PatternProblem as problem:
        raise ValidationError({"text": sentence(problem.note.text, problem.note.values)}) from problem
    twins = NamingPattern.objects.filter(project=project, text=text, archived_at=None)
    if twins.exclude(pk=besides.pk if besides else None).exists():
        raise ValidationError({"text": _("This project already has this pattern.")})
    return text


@transaction.atomic
def change_pattern(*, by: User, pattern: NamingPattern, text: str, expected: int | None = None) -> NamingPattern:
    roles.require(by, roles.WRITE, pattern.project)
    text = _checked(pattern.project, text, besides=pattern)
    before = change(pattern, expected=expected, text=text)
    audit.record(
        by=by, action="pattern.changed", subject=pattern, project_id=pattern.project_id, before=before, after={"text": text}
    )  # fmt: skip
    return pattern


@transaction.atomic
def move_pattern(*, by: User, pattern: NamingPattern, up: bool) -> None:
    """Try a pattern one place earlier (or later)."""
    roles.require(by, roles.WRITE, pattern.project)
    order = list(NamingPattern.objects.select_for_update().filter(project=pattern.project, archived_at=None))
    here = order.index(pattern)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for position, one in enumerate(order):
        if one.position != position:
            NamingPattern.objects.filter(pk=one.pk).update(position=position)
    audit.record(
        by=by, action="pattern.moved", subject=pattern, project_id=pattern.project_id,
        before={"position": here}, after={"position": there},
    )  # fmt: skip


@transaction.atomic
def archive_pattern(*, by: User, pattern: NamingPattern) -> None:
    """Take a pattern out of use; files that it placed stay where they are."""
    roles.require(by, roles.WRITE, pattern.project)
    change(pattern, expected=None, archived_at=timezone.now())
    audit.record(by=by, action="pattern.archived", subject=pattern, project_id=pattern.project_id)


@transaction.atomic
def tell_word(*, by: User, project: Project, word: str, says: str, value: str) -> Habit:
    """Say what a word in names and titles means in a project: a technique, a role, a standard (its id) or a sample (its code)."""
    roles.require(by, roles.WRITE, project)
    word = plain(word).casefold()
    if not 1 <= len(word) <= 40:
        raise ValidationError({"word": _("Write the word, with at most 40 characters.")})
    value = _meaning(project, says, value)
    Habit.objects.filter(project=project, clue=Habit.Clue.WORD, key=word, says=says, told=True).delete()
    habit, _new = Habit.objects.update_or_create(
        project=project, instrument=None, clue=Habit.Clue.WORD, key=word, says=says, value=value,
        defaults={"shown": word, "told": True, "learnt_by": by},
    )  # fmt: skip
    audit.record(
        by=by, action="word.told", subject=habit, project_id=project.pk, after={"word": word, "says": says, "value": value}
    )  # fmt: skip
    return habit


def _meaning(project: Project, says: str, value: str) -> str:
    value = str(value).strip()
    if says == Habit.Says.TECHNIQUE and value in Technique.values:
        return value
    if says == Habit.Says.ROLE and value in Role.values:
        return value
    if says == Habit.Says.STANDARD:
        found = next(
            (s for s in Standard.objects.filter(archived_at=None) if value in (str(s.pk), s.compound, str(s))), None
        )
    else:
        found = Sample.objects.filter(project=project, code=value).first() if says == Habit.Says.SAMPLE else None
    if found is None:
        raise ValidationError(
            {"value": _("Choose what the word means: a technique, a role, a standard or a sample’s code.")}
        )
    return str(found.pk)


@transaction.atomic
def forget(*, by: User, habits: Sequence[Habit]) -> None:
    """Forget what was told or learnt. Files stay where they are."""
    for habit in habits:
        roles.require(by, roles.WRITE, habit.project)
        audit.record(
            by=by, action="habit.forgotten", subject=habit, project_id=habit.project_id,
            before={"clue": habit.shown, "says": habit.says, "value": habit.value, "times": habit.times},
        )  # fmt: skip
        habit.delete()
