"""People and roles can be changed here, through the same services as on the people page; the rest is to be looked at."""

from django.contrib import admin
from django.contrib.auth import admin as _registers_group  # noqa: F401 (must be there before it can be taken away)
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.db import transaction

from qdlab.access import services
from qdlab.access.models import ApiToken, Membership, Project, User
from qdlab.records.admin import ReadOnlyAdmin
from qdlab.records.audit import record

admin.site.unregister(Group)  # roles are memberships; groups would suggest rights that nothing asks for


class NewUserForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Names and whether somebody may sign in. Passwords are set on the people page, owners are made by the one-time link."""

    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_superuser", "last_login")
    search_fields = ("username", "first_name", "last_name", "email")
    fields = ("username", "first_name", "last_name", "email", "language", "is_active")
    actions = None

    def has_delete_permission(self, request, obj=None):
        return False  # what somebody made stays theirs; the account is closed instead

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs |= {"form": NewUserForm, "fields": None}
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request, obj=None):
        return self.fields if obj else ("username", "usable_password", "password1", "password2")

    def save_model(self, request, obj, form, change):
        with transaction.atomic():
            obj.save()
            after = {name: getattr(obj, name) for name in form.changed_data if "password" not in name}
            before = {name: form.initial.get(name) for name in after} if change else {}
            record(
                by=request.user, action="person.changed" if change else "person.made", subject=obj,
                before=before, after=after,
            )  # fmt: skip


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("user", "project", "role")
    list_filter = ("project", "role")
    actions = None

    def get_readonly_fields(self, request, obj=None):
        return ("project", "user") if obj else ()

    def save_model(self, request, obj, form, change):
        services.set_role(by=request.user, project=obj.project, user=obj.user, role=obj.role)
        obj.pk = Membership.objects.get(project=obj.project, user=obj.user).pk

    def delete_model(self, request, obj):
        services.set_role(by=request.user, project=obj.project, user=obj.user, role=None)


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ("name", "code_pattern", "archived_at")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "key_id", "scopes", "expires_at", "last_used_at", "revoked_at")
    exclude = ("secret_hash",)
