"""``/projects/``: the projects one belongs to, and what one may do there."""

from rest_framework import serializers

from qdlab.access import roles, selectors
from qdlab.access.api.fields import Output
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from qdlab.access.models import Project


class ProjectOut(Output):
    role = serializers.SerializerMethodField(help_text="viewer, chemist, reviewer or owner")
    may_write = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = [
            "id",
            "name",
            "description",
            "code_pattern",
            "role",
            "may_write",
            "created_at",
            "changed_at",
            "version",
        ]

    def get_role(self, project) -> str:
        return "owner" if self._user.is_superuser else self._roles.get(project.pk, "")

    def get_may_write(self, project) -> bool:
        return self._user.is_superuser or roles.WRITE in roles.ALLOWED.get(self._roles.get(project.pk), ())

    @property
    def _user(self):
        return self.context["request"].user

    @property
    def _roles(self) -> dict:
        if "roles" not in self.context:
            self.context["roles"] = dict(self._user.memberships.values_list("project_id", "role"))
        return self.context["roles"]


class Projects(Resource):
    serializer_class = ProjectOut
    default_order = "name"
    newest_first = False
    filters = {"name": Field("name"), "created_at": Field("created_at", "datetime")}

    def seen(self):
        return selectors.projects(self.request.user)
