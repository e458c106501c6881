"""Every refusal as a problem document (RFC 9457): a sentence, and what was wrong field by field.

The answer is a finished response, not data for a renderer: it is the same whatever format was asked for.
"""

import logging
import re
from http import HTTPStatus

from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from qdlab.access.api.renderers import to_json
from qdlab.records.store import Damaged, NoSpace, TooLarge
from qdlab.records.versions import StaleVersion

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Problem(exceptions.APIException):
    """A refusal with its own status and kind; ``extra`` goes into the document, ``headers`` onto the answer."""

    def __init__(self, status: int, kind: str, detail: str, headers: dict | None = None, **extra):
        super().__init__(detail, kind)
        self.status_code, self.kind, self.text, self.headers, self.extra = status, kind, detail, headers or {}, extra


def problem_response(status: int, kind: str, detail: str, headers: dict | None = None, **extra) -> HttpResponse:
    return HttpResponse(
        to_json(document(status, kind, detail, **extra)), status=status, content_type=MEDIA_TYPE, headers=headers
    )


def document(status: int, kind: str, detail: str, **extra) -> dict:
    title = HTTPStatus(status).phrase
    return {"type": f"urn:qdlab:problem:{kind}", "title": title, "status": status, "detail": str(detail), **extra}


def handler(exception, context) -> HttpResponse:
    """DRF's exception handler: whatever went wrong, as a problem document."""
    problem = problem_of(exception)
    if problem.status_code >= 500:
        log.error("%s", exception, exc_info=exception)
    return problem_response(problem.status_code, problem.kind, problem.text, problem.headers, **problem.extra)


def problem_of(exception: Exception) -> Problem:
    """The problem that an exception is told as."""
    for kinds, told in _TOLD:
        if isinstance(exception, kinds):
            return told(exception)
    return Problem(
        500, "internal", _("Something went wrong on the server. It was written to the log; please try again.")
    )


def _validation(exception: ValidationError) -> Problem:
    if hasattr(exception, "error_dict"):
        errors = {_path(name): [str(text) for text in texts] for name, texts in exception.message_dict.items()}
        return _invalid(errors)
    return _invalid({"": [str(text) for text in exception.messages]})


def _path(field: str) -> str:
    """A field of a form set, ``ingredients-0-weighed``, as a path into the body: ``ingredients.0.weighed``."""
    return re.sub(r"^(\w+)-(\d+)-(\w+)$", r"\1.\2.\3", field)


def _drf_validation(exception: exceptions.ValidationError) -> Problem:
    detail = exception.detail
    return _invalid(_flat(detail) if isinstance(detail, dict) else {"": _sentences(detail)})


def _invalid(errors: dict) -> Problem:
    """``errors`` by field; what belongs to no field stands in ``detail`` alone."""
    general = errors.pop("", []) + errors.pop("__all__", []) + errors.pop("non_field_errors", [])
    if errors:
        told = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in errors.items())
        return Problem(400, "invalid", " ".join([*general, told]), errors=errors)
    return Problem(400, "invalid", " ".join(general) or _("This cannot be stored."))


def _flat(detail, prefix="") -> dict:
    """Nested errors with dotted names: ``inputs.0.role``."""
    found = {}
    for name, inner in detail.items() if isinstance(detail, dict) else enumerate(detail):
        path = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(inner, dict) or (isinstance(inner, list) and any(isinstance(x, dict) for x in inner)):
            found.update(_flat(inner, path))
        elif inner:
            found[path] = _sentences(inner)
    return found


def _sentences(detail) -> list[str]:
    return [str(text) for text in detail] if isinstance(detail, list | tuple) else [str(detail)]


def _api(exception: exceptions.APIException) -> Problem:
    headers = {}
    if getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = exception.auth_header
    if getattr(exception, "wait", None):
        headers["Retry-After"] = f"{exception.wait:.0f}"
    codes = exception.get_codes()
    kind = codes if isinstance(codes, str) else exception.default_code
    return Problem(exception.status_code, kind.replace("_", "-"), " ".join(_sentences(exception.detail)), headers)


def _stale(exception: StaleVersion) -> Problem:
    text = _("Somebody else changed this since you read it. Read it again, then decide what to keep.")
    version = exception.current.version
    return Problem(412, "stale-version", text, {"ETag": etag(version)}, version=version)


def etag(version: int) -> str:
    return f'"{version}"'


def _not_found(_exception) -> Problem:
    return Problem(404, "not-found", _("There is nothing here, or you may not see it."))


def _forbidden(exception: PermissionDenied) -> Problem:
    return Problem(403, "permission-denied", str(exception) or _("You may not do this."))


def _no_space(_exception) -> Problem:
    text = _("The server's disk is full: nothing was stored. Tell the person who runs QDLab, then try again.")
    return Problem(507, "no-space", text)


def _too_large(_exception) -> Problem:
    return Problem(413, "too-large", _("This is larger than this lab takes."))


def _damaged(_exception) -> Problem:
    text = _("The stored bytes are no longer what was uploaded. Tell the person who runs QDLab: a backup has them.")
    return Problem(500, "damaged", text)


def _database_away(_exception) -> Problem:
    text = _("The database does not answer. Nothing was stored; please try again in a moment.")
    return Problem(503, "database-away", text, {"Retry-After": "5"})


def _suspicious(exception: SuspiciousOperation) -> Problem:
    return Problem(400, "bad-request", str(exception) or _("This request cannot be understood."))


_TOLD = (
    (Problem, lambda exception: exception),
    (ValidationError, _validation),
    (exceptions.ValidationError, _drf_validation),
    (exceptions.NotFound, _not_found),
    (exceptions.APIException, _api),
    (Http404, _not_found),
    (PermissionDenied, _forbidden),
    (StaleVersion, _stale),
    (NoSpace, _no_space),
    (TooLarge, _too_large),
    (Damaged, _damaged),
    ((OperationalError, InterfaceError), _database_away),
    (SuspiciousOperation, _suspicious),
)
