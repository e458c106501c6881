"""What was told and learnt in a project, as people read it."""

from dataclasses import dataclass

from qdlab.access.models import Project, User
from spectra.models import Habit, NamingPattern, Role, Standard, Technique
from synthesis.models import Sample


def patterns(user: User):
    """Naming patterns in use, in the order in which they are tried."""
    return NamingPattern.objects.visible_to(user).filter(archived_at=None).select_related("project")


def habits(user: User):
    return Habit.objects.visible_to(user).select_related("instrument", "learnt_by", "project")


@dataclass(frozen=True)
class Shown:
    """A habit with its meaning in words."""

    habit: Habit
    meaning: str


def shown_habits(user: User, project: Project) -> list[Shown]:
    """The habits of a project, told ones first; samples and standards by their names."""
    found = list(habits(user).filter(project=project))
    values = {habit.value for habit in found if habit.says in (Habit.Says.SAMPLE, Habit.Says.STANDARD)}
    samples = Sample.objects.visible_to(user).filter(pk__in=values)
    standards = Standard.objects.visible_to(user).filter(pk__in=values)
    named = {str(one.pk): str(one) for queryset in (samples, standards) for one in queryset}
    words = {**dict(Technique.choices), **dict(Role.choices)}
    return [Shown(habit, named.get(habit.value) or str(words.get(habit.value, "?"))) for habit in found]
