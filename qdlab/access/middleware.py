"""The Content-Security-Policy: only our own files run, and only inline elements that carry this answer's nonce."""

import secrets

from django.utils.functional import SimpleLazyObject


class ContentSecurityPolicy:
    """Adds ``request.csp_nonce`` and the header. Plotly needs a nonced style element and ``blob:``/``data:`` images."""

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
