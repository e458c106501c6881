"""Forms about people. They check what was typed; whether it is allowed is decided by the services."""

from datetime import timedelta

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qdlab.access.models import ApiToken, Membership, Project, Role, User


def tell(form: forms.Form, problem: ValidationError) -> None:
    """Put what a service refused onto the fields it is about."""
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem)
        return
    for name, errors in problem.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def _new_password(label):
    return forms.CharField(
        label=label,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validation.password_validators_help_text_html(),
    )


class OwnerForm(forms.Form):
    username = forms.CharField(
        label=_("User name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    full_name = forms.CharField(label=_("Your name"), max_length=300, required=False)
    password = _new_password(_("Password"))
    project_name = forms.CharField(
        label=_("First project"),
        max_length=120,
        required=False,
        help_text=_("Recipes, batches and files belong to a project. You can open more of them later."),
    )


class PersonForm(forms.Form):
    username = forms.CharField(
        label=_("User name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    full_name = forms.CharField(label=_("Name"), max_length=300, required=False)
    password = _new_password(_("Initial password"))
    project = forms.ModelChoiceField(Project.objects.none(), label=_("Project"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.CHEMIST)

    def __init__(self, *args, projects, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = projects


class ProjectForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    code_pattern = forms.CharField(
        label=_("Code pattern"),
        max_length=80,
        initial=Project._meta.get_field("code_pattern").default,
        help_text=Project._meta.get_field("code_pattern").help_text,
    )


class RoleForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.filter(is_active=True), label=_("Person"))
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[*Role.choices, ("", _("no role"))])


class ActiveForm(forms.Form):
    active = forms.TypedChoiceField(label=_("State"), choices=[("1", "1"), ("0", "0")], coerce=lambda text: text == "1")


class TokenForm(forms.Form):
    EXPIRES = [("30", _("in 30 days")), ("90", _("in 90 days")), ("365", _("in a year")), ("", _("never"))]
    SCOPES = [
        ("read", _("read: everything that I see")),
        ("write", _("write: log batches, upload files")),
        ("review", _("review: sign off")),
    ]

    name = forms.CharField(
        label=_("What it is for"), max_length=80, help_text=_("For example: nightly table on the group server")
    )
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=SCOPES, initial=["read"], widget=forms.CheckboxSelectMultiple
    )
    expires = forms.ChoiceField(label=_("Expires"), choices=EXPIRES, initial="365", required=False)

    assert {scope for scope, _label in SCOPES} == set(ApiToken.SCOPES)

    def expires_at(self):
        days = self.cleaned_data["expires"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class AccountForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["first_name", "last_name", "email"]


def roles_of(projects):
    """``[(project, memberships)]`` for the people page, in two queries."""
    memberships = Membership.objects.filter(project__in=projects).select_related("user").order_by("user__username")
    by_project = {}
    for membership in memberships:
        by_project.setdefault(membership.project_id, []).append(membership)
    return [(project, by_project.get(project.pk, [])) for project in projects]
