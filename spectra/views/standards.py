"""Standards of the shelf: adding one, revising one; what is used is never changed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from qdlab.access import roles
from spectra import selectors, services
from spectra.forms.standards import FACTS, StandardForm
from spectra.models import StandardSession
from spectra.views.common import may_write_shelf, place_errors, visible

MOST_SESSIONS, MOST_RESULTS = 50, 30


@require_safe
def standards(request):
    """What yields are measured against: standards, sessions, and the newest results."""
    context = {
        "standards": selectors.standards(request.user),
        "sessions": selectors.standard_sessions(request.user).order_by("-measured_at")[:MOST_SESSIONS],
        "results": selectors.recent_results(request.user, "plqy")[:MOST_RESULTS],
        "may_write_shelf": may_write_shelf(request),
        "may_write": roles.projects_to_write(request.user).exists(),
        "now": timezone.now(),
    }
    return render(request, "spectra/standards.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_standard(request):
    roles.require_shelf(request.user)
    form = StandardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_standard(by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            place_errors(form, problem)
        else:
            messages.success(request, _("{name} is on the shelf.").format(name=made))
            return redirect("spectra:standard", made.pk)
    return render(request, "spectra/new_standard.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def standard(request, pk):
    """A standard with its revisions and sessions; a POST makes the next revision."""
    found = visible(selectors.standards(request.user, archived=True), pk)
    form = StandardForm(request.POST or None, initial={name: getattr(found, name) for name in FACTS}, revises=found)
    if request.method == "POST":
        roles.require_shelf(request.user)
        if form.is_valid():
            try:
                revised = services.revise_standard(by=request.user, standard=found, **form.cleaned_data)
            except ValidationError as problem:
                place_errors(form, problem)
            else:
                messages.success(request, _("Revision {n} is on the shelf.").format(n=revised.revision))
                return redirect("spectra:standard", revised.pk)
    context = {
        "standard": found,
        "revisions": selectors.revisions_of(found),
        "newer": selectors.newest_revision(found),
        "sessions": StandardSession.objects.visible_to(request.user).filter(standard=found).order_by("-measured_at"),
        "form": form,
        "may_write": may_write_shelf(request) and found.archived_at is None,
    }
    return render(request, "spectra/standard.html", context, status=422 if form.errors else 200)
