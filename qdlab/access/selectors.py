"""The questions about people and projects that pages and API both ask."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import Project


def projects(user):
    return Project.objects.visible_to(user).filter(archived_at=None)


def project_named(user, wanted) -> Project:
    """The visible project with this id or name; raises ValidationError at ``project``."""
    seen = Project.objects.visible_to(user)
    try:
        found = seen.filter(pk=UUID(str(wanted)))
    except ValueError:
        found = seen.filter(name=str(wanted))
    project = found.first()
    if project is None:
        raise ValidationError({"project": _("There is no project “{name}”.").format(name=str(wanted)[:80])})
    return project


def only_project_to_write(user) -> Project:
    """The project that is meant when none is named: the only one in which the person may write."""
    writable = list(roles.projects_to_write(user)[:2])
    if len(writable) == 1:
        return writable[0]
    if not writable:
        raise ValidationError({"project": _("You may not write in any project. Ask the lab's owner for a role.")})
    names = ", ".join(f"“{project}”" for project in roles.projects_to_write(user)[:20])
    raise ValidationError({"project": _("Say in which project, one of: {names}.").format(names=names)})
