"""The page of a measurement: its plot, what is known of it, what was computed from it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from qdlab.records.audit import history_of
from qdlab.records.versions import StaleVersion
from spectra import figures, selectors, services
from spectra.forms.measurements import AssignForm, BecauseForm, MeasurementForm
from spectra.views.common import may_write, place_errors, require_write, say_problem, visible
from spectra.views.files import sample_codes


@require_http_methods(["GET", "HEAD", "POST"])
def measurement(request, pk):
    """Show a measurement; a POST corrects what is known of it."""
    found = visible(selectors.with_curves(selectors.measurements(request.user)), pk)
    form = MeasurementForm(request.POST or None, measurement=found)
    conflict = None
    if request.method == "POST":
        require_write(request, found.project)
        if form.is_valid():
            try:
                services.change_measurement(
                    by=request.user, measurement=found, expected=form.cleaned_data["version"], **form.changed_facts()
                )
                messages.success(request, _("Saved. Numbers that rested on the old facts are marked as stale."))
                return redirect("spectra:measurement", pk)
            except ValidationError as problem:
                place_errors(form, problem)
            except StaleVersion as stale:
                conflict = _conflict(form, stale)
                form.data = _renewed(form, stale)
    status = 409 if conflict else 422 if form.is_bound else 200
    return render(request, "spectra/measurement.html", _page(request, found, form, conflict), status=status)


def _renewed(form, stale: StaleVersion):
    data = form.data.copy()
    data["version"] = str(stale.current.version)
    return data


def _conflict(form, stale: StaleVersion) -> dict:
    theirs = MeasurementForm.facts_of(stale.current)
    last = history_of(stale.current).last()
    rows = [
        {"label": form.fields[name].label, "yours": yours or "–", "theirs": theirs.get(name) or "–"}
        for name, yours in form.changed_facts().items()
        if str(yours or "") != str(theirs.get(name) or "")
    ]
    return {"who": last.actor if last else "", "when": last.at if last else stale.current.changed_at, "fields": rows}


def _page(request, found, form, conflict) -> dict:
    analyses = list(selectors.analyses_of(found))
    return {
        "measurement": found,
        "form": form,
        "conflict": conflict,
        "figures": figures.of_measurement(found),
        "fits": [f for a in analyses if a.is_current for f in figures.of_analysis(a)][:4],
        "analyses": analyses,
        "busy": any(not a.has_ended for a in analyses),
        "traces": found.traces.all(),
        "may_write": may_write(request, found.project),
        "assign_form": AssignForm(
            user=request.user, project=found.project, initial={"sample": found.sample.code if found.sample else ""}
        ),
        "because_form": BecauseForm(),
        "sample_codes": sample_codes(request.user),
        "raw_url": reverse("uploads-raw", args=[found.reading.upload_id]),
    }


@require_POST
def assign(request, pk):
    found = visible(selectors.measurements(request.user), pk)
    require_write(request, found.project)
    form = AssignForm(request.POST, user=request.user, project=found.project)
    if form.is_valid():
        services.assign(by=request.user, measurements=[found], sample=form.cleaned_data["sample"])
    else:
        say_problem(request, ValidationError(form.errors["sample"].as_data()))
    return redirect("spectra:measurement", pk)


@require_POST
def withdraw(request, pk):
    found = visible(selectors.measurements(request.user), pk)
    require_write(request, found.project)
    form = BecauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the measurement goes out of use, so that others understand."))
        return redirect("spectra:measurement", pk)
    services.withdraw_measurement(by=request.user, measurement=found, because=form.cleaned_data["because"])
    messages.success(request, _("The measurement is out of use. Nothing was deleted."))
    return redirect("spectra:upload", found.reading.upload_id)
