"""Who asks: a script with a token, or the browser of somebody who signed in."""

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed

from qdlab.access import services


class BearerToken(BaseAuthentication):
    """``Authorization: Bearer qdl_<key id>_<secret>``; ``request.auth`` is then the ApiToken."""

    def authenticate(self, request):
        scheme, _space, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = services.token_of(text.strip())
        if token is None:
            raise AuthenticationFailed(
                _("This token is not valid: it is unknown, expired or revoked. Make a new one on your account page.")
            )
        return token.user, token

    def authenticate_header(self, request):
        return 'Bearer realm="QDLab"'


class BrowserSession(SessionAuthentication):
    """The session cookie of the pages; writing needs the CSRF token as well."""


class BearerTokenScheme(OpenApiAuthenticationExtension):
    target_class = BearerToken
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "description": "qdl_<key id>_<secret>, made on the account page"}


class BrowserSessionScheme(OpenApiAuthenticationExtension):
    target_class = BrowserSession
    name = "session"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
