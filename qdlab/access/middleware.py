"""The Content-Security-Policy, who acts through which door, and pages for what may go wrong below."""

import secrets
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from qdlab.access.views.problems import problem
from qdlab.records.audit import acting_through
from qdlab.records.store import NoSpace, TooLarge
from qdlab.records.versions import StaleVersion


class ContentSecurityPolicy:
    """Only our own files run, and only inline elements that carry this answer's nonce.

    Adds ``request.csp_nonce`` and the header. Plotly needs a nonced style element and ``blob:``/``data:`` images.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = SimpleLazyObject(lambda: nonce)
        response = self.get_response(request)
        if "Content-Security-Policy" not in response:
            response["Content-Security-Policy"] = policy(nonce)
        response.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
        return response


def policy(nonce: str) -> str:
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


class SignInForParts:
    """A part of a page that is asked for after signing out elsewhere: the whole page goes to the sign-in, not the part."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        sign_in = reverse(settings.LOGIN_URL)
        asked_by_part = request.headers.get("HX-Request") == "true"
        if asked_by_part and response.status_code == 302 and response["Location"].startswith(sign_in):
            page = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
            response = HttpResponse(status=204, headers={"HX-Redirect": f"{sign_in}?{urlencode({'next': page})}"})
        return response


class Door:
    """Audit events say whether a person acted through a page or a script through the API."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # A page's own requests (the drop zone) go through the API with the session's cookie; a script brings its token.
        by_token = request.path.startswith("/api/") and "Authorization" in request.headers
        with acting_through("API" if by_token else "page"):
            return self.get_response(request)


class ProblemPages:
    """A full disk, a file too large, two people at once: each has its page and its status (see also views/problems.py)."""

    PROBLEMS = ((NoSpace, 507), (TooLarge, 413), (RequestDataTooBig, 413), (StaleVersion, 409))

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        for kind, status in self.PROBLEMS:
            if isinstance(exception, kind):
                return problem(request, status)
        return None
