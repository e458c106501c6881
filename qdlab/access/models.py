from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet, VisibleQuerySet
from qdlab.records.models import Identified, Versioned


class User(AbstractUser):
    """A person who signs in. The owner of the lab is a superuser; everybody else gets roles in projects."""

    language = models.CharField(_("language"), max_length=8, default="en")

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"

    def __str__(self):
        return self.get_full_name() or self.username


class Role(models.TextChoices):
    VIEWER = "viewer", _("viewer")
    CHEMIST = "chemist", _("chemist")
    REVIEWER = "reviewer", _("reviewer")


class ProjectsOfPerson(VisibleQuerySet):
    def visible_to(self, user):
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(pk__in=Membership.objects.filter(user=user).values("project"))


class Project(Identified, Versioned):
    """What a group of people shares: recipes, sweeps, batches and uploads belong to exactly one project."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True)
    code_pattern = models.CharField(
        _("code pattern"),
        max_length=80,
        default="QD-{year}-{n:03}",
        help_text=_("How new batches are named: {year}, {month}, {n:03} and {recipe} are filled in."),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = ProjectsOfPerson.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Membership(models.Model):
    """The role of one person in one project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.CHEMIST)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="one_role_per_person_and_project")]

    def __str__(self):
        return f"{self.user}: {self.role} in {self.project}"


class ApiToken(models.Model):
    """A key for analysis scripts. The secret is shown once and kept as a keyed hash."""

    SCOPES = ("read", "write", "review")

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    key_id = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(_("scopes"), default=list)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self):
        return f"{self.name} (qdl_{self.key_id}_…)"


class OwnerLink(models.Model):
    """A one-time link that makes the lab's owner; there is no default account."""

    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"owner link of {self.made_at:%Y-%m-%d %H:%M}"
