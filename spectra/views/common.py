"""What the pages of files, measurements and analyses share."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from qdlab.access import roles
from qdlab.records.audit import history_of
from qdlab.records.versions import StaleVersion


def visible(found, pk):
    """The record, or a 404 for whoever may not see it; ``found`` comes from a selector and is already visible."""
    return get_object_or_404(found, pk=pk)


def may_write(request: HttpRequest, project) -> bool:
    return roles.may(request.user, roles.WRITE, project)


def require_write(request: HttpRequest, project) -> None:
    roles.require(request.user, roles.WRITE, project)


def say_problem(request: HttpRequest, problem: ValidationError) -> None:
    """Show a service's refusal at the top of the next page."""
    for sentence in problem.messages:
        messages.error(request, sentence)


def place_errors(form, problem: ValidationError) -> None:
    """Put a service's refusal at the fields that it names, the rest above the form."""
    by_field = problem.message_dict if hasattr(problem, "error_dict") else {None: problem.messages}
    for name, sentences in by_field.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def first_problem(form) -> str:
    """The first sentence of a form that was refused, for a message at the top of the next page."""
    return next(str(sentence) for errors in form.errors.values() for sentence in errors)


def may_write_shelf(request: HttpRequest) -> bool:
    try:
        roles.require_shelf(request.user)
    except PermissionDenied:
        return False
    return True


def conflict_of(form, stale: StaleVersion) -> dict:
    """Who was faster, and yours beside theirs."""
    last = history_of(stale.current).last()
    return {
        "who": last.actor if last else "",
        "when": last.at if last else stale.current.changed_at,
        "fields": form.beside(stale.current),
    }
