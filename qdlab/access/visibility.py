"""What a person may see: one question, asked of every queryset before it reaches anybody."""

from django.db import models


class VisibleQuerySet(models.QuerySet):
    """A queryset that must answer ``visible_to(user)``."""

    def visible_to(self, user):
        raise NotImplementedError(f"{self.model.__name__} does not say who may see it")


class ProjectQuerySet(VisibleQuerySet):
    """Records that belong to a project, reached over the model's ``project_path`` (default ``project``)."""

    def visible_to(self, user):
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        path = getattr(self.model, "project_path", "project")
        return self.filter(**{f"{path}__in": _projects_of(user)})


class SharedQuerySet(VisibleQuerySet):
    """Records of the reference shelf: everybody who is signed in sees them."""

    def visible_to(self, user):
        return self.all() if user.is_authenticated and user.is_active else self.none()


def _projects_of(user):
    return user.memberships.values("project")
