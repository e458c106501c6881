from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from qdlab.access import services
from qdlab.access.forms import AccountForm
from qdlab.access.models import Membership, User
from qdlab.access.views.sign_in import remember_language


class AccountPage(FormView):
    template_name = "access/account.html"
    form_class = AccountForm
    success_url = reverse_lazy("access:account")

    def get_form_kwargs(self):
        # A copy: a name that is refused must not show in the masthead.
        person = User.objects.get(pk=self.request.user.pk)
        return super().get_form_kwargs() | {"instance": person}

    def get_context_data(self, **kwargs):
        roles = Membership.objects.filter(user=self.request.user).select_related("project").order_by("project__name")
        return super().get_context_data(roles=roles, **kwargs)

    def form_valid(self, form):
        services.change_account(by=self.request.user, **form.cleaned_data)
        messages.success(self.request, _("Saved."))
        return super().form_valid(form)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordPage(FormView):
    template_name = "access/password.html"
    form_class = PasswordChangeForm
    success_url = reverse_lazy("access:account")

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form):
        services.set_password(by=self.request.user, user=self.request.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, self.request.user)
        messages.success(self.request, _("Your password was changed. Other browsers were signed out."))
        return super().form_valid(form)


@require_POST
def set_language(request):
    """Remember the language in the account and in this browser, and go back to where one was."""
    language = request.POST.get("language", "")
    if language not in services.languages():
        raise Http404
    services.set_language(by=request.user, language=language)
    with override(language):
        response = _back(request)
    remember_language(response, language)
    return response


def _back(request) -> HttpResponseRedirect:
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(address)
    return redirect("access:account")
