"""The outer door: nobody without a sign-in, no token beyond its scopes. What a role may do is asked by the services."""

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission

from qdlab.access.models import ApiToken


class SignedInWithScope(BasePermission):
    """Deny by default: Django's LoginRequiredMiddleware does not cover these views."""

    def has_permission(self, request, view):
        if not request.user.is_authenticated or not request.user.is_active:
            raise NotAuthenticated(_("Send a token as “Authorization: Bearer qdl_…”, or sign in."))
        needed = scope_for(request, view)
        if isinstance(request.auth, ApiToken) and needed not in request.auth.scopes:
            raise PermissionDenied(
                _("This token may not do this: it lacks the scope “{scope}”.").format(scope=needed),
                code="scope_missing",
            )
        return True


def scope_for(request, view) -> str:
    """``read`` for what changes nothing, ``review`` for signatures, ``write`` for the rest."""
    action = getattr(view, "action", None) or ""
    if request.method in SAFE_METHODS or action in getattr(view, "reading_actions", ()):
        return "read"
    return "review" if action in getattr(view, "review_actions", ()) else "write"
