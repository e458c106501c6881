from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from qdlab.access import services
from qdlab.access.forms import OwnerForm, tell


@method_decorator(login_not_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class OwnerPage(FormView):
    """The one-time link. Looking does not use it up, so that a mail program's preview cannot."""

    template_name = "access/owner.html"
    form_class = OwnerForm
    success_url = reverse_lazy("dashboards:home")

    def dispatch(self, request, *args, **kwargs):
        if not services.owner_link_is_open(kwargs["secret"]):
            raise PermissionDenied(
                _("This link was used already, or a newer one was made. Ask the person who runs QDLab for a new one.")
            )
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        try:
            owner = services.become_owner(secret=self.kwargs["secret"], **form.cleaned_data)
        except ValidationError as problem:
            tell(form, problem)
            return self.form_invalid(form)
        login(self.request, owner, backend="django.contrib.auth.backends.ModelBackend")
        return super().form_valid(form)
