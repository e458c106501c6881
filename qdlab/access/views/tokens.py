from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from qdlab.access import services
from qdlab.access.forms import TokenForm, tell
from qdlab.access.models import ApiToken


@method_decorator(never_cache, name="dispatch")
class TokensPage(FormView):
    """One's own tokens. The secret stands in the answer to the POST alone: never in a session, an address or a cache."""

    template_name = "access/tokens.html"
    form_class = TokenForm

    def get_context_data(self, **kwargs):
        tokens = ApiToken.objects.filter(user=self.request.user)
        return super().get_context_data(tokens=tokens, **kwargs)

    def form_valid(self, form):
        try:
            token, secret = services.make_token(
                by=self.request.user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at(),
            )
        except ValidationError as problem:
            tell(form, problem)
            return self.form_invalid(form)
        fresh = self.get_form_class()()
        return self.render_to_response(self.get_context_data(form=fresh, made=token, secret=secret), status=201)


@require_POST
def revoke(request, pk):
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    services.revoke_token(by=request.user, token=token)
    messages.success(request, _("“{name}” no longer opens anything.").format(name=token.name))
    return redirect("access:tokens")
