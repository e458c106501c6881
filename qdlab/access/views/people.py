"""People, projects and roles: pages of the lab's owner. To everybody else they are not there."""

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from qdlab.access import services
from qdlab.access.forms import ActiveForm, PersonForm, ProjectForm, RoleForm, roles_of, tell
from qdlab.access.models import Project, User


def _owner_only(view):
    def guarded(request, *args, **kwargs):
        if not request.user.is_superuser:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


owner_only = method_decorator(_owner_only, name="dispatch")


@owner_only
@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class PeoplePage(FormView):
    template_name = "access/people.html"
    form_class = PersonForm
    success_url = reverse_lazy("access:people")

    def get_form_kwargs(self):
        projects = Project.objects.visible_to(self.request.user).filter(archived_at=None)
        return super().get_form_kwargs() | {"projects": projects}

    def get_context_data(self, **kwargs):
        projects = list(Project.objects.visible_to(self.request.user))
        people = User.objects.order_by("-is_active", "username").prefetch_related("memberships__project")
        return super().get_context_data(
            people=people,
            everybody=[person for person in people if person.is_active],
            projects=roles_of(projects),
            roles=RoleForm.base_fields["role"].choices,
            **{"project_form": ProjectForm(), **kwargs},
        )

    def form_valid(self, form):
        try:
            person = services.admit_person(by=self.request.user, **form.cleaned_data)
        except ValidationError as problem:
            tell(form, problem)
            return self.form_invalid(form)
        messages.success(self.request, _("{person} can sign in now.").format(person=person))
        return super().form_valid(form)


@owner_only
class ProjectsPage(PeoplePage):
    """Opens a project from the form on the people page."""

    form_class = ProjectForm

    def get(self, request, *args, **kwargs):
        return redirect("access:people")

    def get_form_kwargs(self):
        return FormView.get_form_kwargs(self)

    def get_context_data(self, **kwargs):
        form = kwargs.pop("form", None) or self.get_form()
        everyday = PersonForm(projects=Project.objects.visible_to(self.request.user).filter(archived_at=None))
        return super().get_context_data(form=everyday, project_form=form, **kwargs)

    def form_valid(self, form):
        try:
            project = services.make_project(by=self.request.user, **form.cleaned_data)
        except ValidationError as problem:
            tell(form, problem)
            return self.form_invalid(form)
        messages.success(self.request, _("The project “{project}” is open.").format(project=project))
        return redirect("access:people")


@_owner_only
@require_POST
def set_role(request, pk):
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    services.set_role(
        by=request.user, project=project, user=form.cleaned_data["user"], role=form.cleaned_data["role"] or None
    )
    messages.success(request, _("Saved."))
    return redirect("access:people")


@_owner_only
@require_POST
def set_active(request, pk):
    person, form = get_object_or_404(User, pk=pk), ActiveForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        services.set_active(by=request.user, user=person, active=form.cleaned_data["active"])
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("Saved."))
    return redirect("access:people")


@owner_only
@method_decorator(sensitive_post_parameters(), name="dispatch")
class ResetPassword(FormView):
    """A new initial password for somebody who forgot theirs: there is no mail server in a lab."""

    template_name = "access/reset_password.html"
    form_class = SetPasswordForm
    success_url = reverse_lazy("access:people")

    @cached_property
    def person(self) -> User:
        return get_object_or_404(User, pk=self.kwargs["pk"])

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.person}

    def get_context_data(self, **kwargs):
        return super().get_context_data(person=self.person, **kwargs)

    def form_valid(self, form):
        services.set_password(by=self.request.user, user=self.person, password=form.cleaned_data["new_password1"])
        messages.success(self.request, _("Tell {person} the new password.").format(person=self.person))
        return super().form_valid(form)
