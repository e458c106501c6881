"""Problem pages: what happened, what became of one's work, what to do next."""

import sys

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token


def problem(request, status: int, sentence: str = ""):
    """The page for an HTTP ``status``; ``sentence`` says more exactly what happened than the usual one."""
    heading, usual = _words(status)
    context = {"status": status, "heading": heading, "sentence": sentence or usual}
    return render(request, "problem.html", context, status=status)


def _words(status: int) -> tuple[str, str]:
    return {
        400: (_("This request was not understood"), _("Go back, check what you entered, and try again.")),
        403: (_("You may not do this"), _("Ask the owner of your lab for the role that may.")),
        404: (
            _("There is nothing here"),
            _("The address is wrong, it was removed, or it belongs to a project that you are not in."),
        ),
        409: (_("Somebody was faster"), _("This was changed while you looked at it. Go back, reload, and try again.")),
        413: (_("Too large"), _("This file is larger than this lab takes. Nothing was stored.")),
        507: (
            _("The disk is full"),
            _("Nothing was stored, and nothing is lost. Tell the person who runs QDLab, then try again."),
        ),
    }[status]


@requires_csrf_token
def bad_request(request, exception):
    return problem(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


@requires_csrf_token
def forbidden(request, exception):
    # A PermissionDenied of our services carries a sentence; the text of any other exception is not for people.
    sentence = str(exception) if isinstance(exception, PermissionDenied) else ""
    return problem(request, 403, sentence)


@requires_csrf_token
def not_found(request, exception):
    return problem(request, 404)


@requires_csrf_token
def csrf_failed(request, reason=""):
    return problem(
        request, 403,
        _("This page was open for too long, or cookies are switched off. Go back, reload the page and try again."),
    )  # fmt: skip


def server_error(request):
    """The last resort. It asks neither the database nor the session, because these may be what is broken."""
    away = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    status = 503 if away else 500
    return HttpResponse(
        render_to_string(f"{status}.html"), status=status, headers={"Retry-After": "30"} if away else {}
    )
