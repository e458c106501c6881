"""Standard sessions: the dilution series of a standard that many samples are measured against."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from qdlab.access import roles
from spectra import selectors, services
from spectra.forms.measurements import BecauseForm
from spectra.forms.standards import SessionForm
from spectra.views.common import may_write, place_errors, require_write, visible
from spectra.views.dilutions import pairs_of, problems_of, save_labels


@require_http_methods(["GET", "HEAD", "POST"])
def new_session(request):
    if not roles.projects_to_write(request.user).exists():
        roles.require_shelf(request.user)  # says who may, and whom to ask
    form = SessionForm(request.POST or None, user=request.user, standard=request.GET.get("standard", ""))
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_session(by=request.user, **form.as_facts())
        except ValidationError as problem:
            place_errors(form, problem)
        else:
            messages.success(request, _("The session is open. Drop the files of its dilution series on it."))
            return redirect("spectra:standard_session", made.pk)
    return render(request, "spectra/new_session.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def standard_session(request, pk):
    """A session: its series, what is missing, the samples that used it. A POST corrects dilution labels."""
    found = visible(selectors.standard_sessions(request.user, withdrawn=True), pk)
    if request.method == "POST":
        require_write(request, found.project)
        if save_labels(request, selectors.session_measurements(found)):
            return redirect("spectra:standard_session", pk)
    measurements = list(selectors.session_measurements(found))
    pairs = pairs_of(measurements)
    context = {
        "session": found,
        "pairs": pairs,
        "problems": problems_of(pairs, measurements),
        "measurements": measurements,
        "busy": selectors.unread_for(found),
        "results": selectors.results_against(found),
        "expired": bool(found.valid_until and found.valid_until < timezone.now()),
        "fields": {
            "role": "standard",
            "standard": str(found.standard_id),
            "standard_session": str(found.pk),
        },
        "may_write": may_write(request, found.project) and not found.withdrawn_at,
        "because_form": BecauseForm(),
    }
    return render(request, "spectra/session.html", context)


@require_POST
def withdraw(request, pk):
    found = visible(selectors.standard_sessions(request.user), pk)
    require_write(request, found.project)
    form = BecauseForm(request.POST)
    if form.is_valid():
        services.withdraw_session(by=request.user, session=found, because=form.cleaned_data["because"])
        messages.success(request, _("The session is out of use for new results. Results that used it stay."))
    else:
        messages.error(request, _("Say why the session goes out of use, so that others understand."))
    return redirect("spectra:standard_session", pk)
