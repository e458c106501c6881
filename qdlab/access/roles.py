"""What each role may do in a project. Services ask ``require`` before they write."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from qdlab.access.models import Membership, Project, Role, User

VIEW, WRITE, REVIEW = "view", "write", "review"

ALLOWED = {
    Role.VIEWER: {VIEW},
    Role.CHEMIST: {VIEW, WRITE},
    Role.REVIEWER: {VIEW, WRITE, REVIEW},
}


def role_in(user: User, project: Project) -> str | None:
    return Membership.objects.filter(user=user, project=project).values_list("role", flat=True).first()


def may(user: User, what: str, project: Project) -> bool:
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or what in ALLOWED.get(role_in(user, project), ())


def require(user: User, what: str, project: Project) -> None:
    """Raise PermissionDenied with a sentence unless ``user`` may do ``what`` in ``project``."""
    if may(user, what, project):
        return
    if what == REVIEW:
        raise PermissionDenied(_("Only a reviewer of “{project}” can do this. Ask your PI.").format(project=project))
    raise PermissionDenied(
        _("You can look at “{project}”, but not change it. Ask the lab's owner for the role of a chemist.").format(
            project=project
        )
    )


def require_shelf(user: User) -> None:
    """The reference shelf is shared by the lab: whoever may write in any project may add to it."""
    writers = [role for role, allowed in ALLOWED.items() if WRITE in allowed]
    if user.is_superuser or Membership.objects.filter(user=user, role__in=writers).exists():
        return
    raise PermissionDenied(
        _("Only chemists can change the reference shelf. Ask the lab's owner for the role of a chemist.")
    )


def projects_to_write(user: User):
    """The projects in which ``user`` may log work, by name."""
    projects = Project.objects.visible_to(user).filter(archived_at=None)
    if user.is_superuser:
        return projects
    writers = [role for role, allowed in ALLOWED.items() if WRITE in allowed]
    return projects.filter(pk__in=Membership.objects.filter(user=user, role__in=writers).values("project"))
