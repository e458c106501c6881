from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache


class SignIn(LoginView):
    """Public by Django's own mark (``login_not_required``); guessing is stopped by django-axes."""

    template_name = "access/sign_in.html"
    redirect_authenticated_user = True

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.error_messages["invalid_login"] = _(
            "User name and password do not belong together. Both are sensitive to capitals."
        )
        return form

    def form_valid(self, form):
        response = super().form_valid(form)
        remember_language(response, form.get_user().language)
        return response


@method_decorator(never_cache, name="dispatch")
class SignOut(LogoutView):
    http_method_names = ["post", "options"]
    next_page = reverse_lazy("access:sign_in")


def remember_language(response, language: str) -> None:
    """LocaleMiddleware reads this cookie; the account keeps the choice for other browsers."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
