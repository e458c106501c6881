"""The page of a measurement: its plot, what is known of it, what was computed from it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qdlab.records.versions import StaleVersion
from spectra import analysis_figures, figures, selectors, services
from spectra.analysis import METHODS
from spectra.forms.measurements import AssignForm, BecauseForm, MeasurementForm
from spectra.models import State
from spectra.pictures import picture_of, video_type
from spectra.values import conditions_of
from spectra.views.common import conflict_of, may_write, place_errors, require_write, visible
from spectra.views.files import sample_codes
from spectra.views.moving import moved
from spectra.views.undo import can_take_back

MOST_ROWS = 20  # of a list on the page; the file has them all
_ORDER = {name: place for place, name in enumerate(METHODS)}  # numbers of one measurement stand as the methods do


@require_http_methods(["GET", "HEAD", "POST"])
def measurement(request, pk):
    """Show a measurement; a POST corrects what is known of it."""
    found = visible(selectors.with_curves(selectors.measurements(request.user, withdrawn=True)), pk)
    form = MeasurementForm(request.POST or None, record=found)
    if request.method != "POST":
        return _show(request, found, form)
    require_write(request, found.project)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    try:
        services.correct_measurement(
            by=request.user, measurement=found, expected=form.cleaned_data["version"], **form.changed_facts()
        )
    except ValidationError as problem:
        place_errors(form, problem)
        return _show(request, found, form, status=422)
    except StaleVersion as stale:
        renewed = form.after_conflict(stale.current)
        return _show(request, found, renewed, status=409, conflict=conflict_of(form, stale))
    messages.success(request, _("Saved. Numbers that rested on the old facts are computed anew or marked as stale."))
    return redirect("spectra:measurement", pk)


def _show(request, found, form, *, status=200, conflict=None):
    return render(request, "spectra/measurement.html", _page(request, found, form, conflict), status=status)


@require_safe
def measurement_state(request, pk):
    """Whether something is still computed from a measurement; once it has ended the page reloads itself."""
    found = visible(selectors.measurements(request.user, withdrawn=True), pk)
    analyses = list(selectors.analyses_of(found))
    response = render(request, "spectra/_measurement_state.html", {"measurement": found, "analyses": analyses})
    if all(analysis.has_ended for analysis in analyses):
        response["HX-Refresh"] = "true"
    return response


def _stands(analysis, newer) -> bool:
    """Whether a result is in use; of refusals only one that nothing newer of its method on its sample followed."""
    if analysis.superseded_by_id or analysis.withdrawn_at:
        return False
    return analysis.state != State.REFUSED or not any(
        a.method == analysis.method and a.sample_id == analysis.sample_id and not a.withdrawn_at for a in newer
    )


def _fits(analysis, found) -> bool:
    """Whether an analysis has a fit of this measurement's own curve; its colour is shown on its own page."""
    return analysis.measurement_id == found.pk and analysis.method != "colour"


def _page(request, found, form, conflict) -> dict:
    analyses = list(selectors.analyses_of(found))
    standing = [a for n, a in enumerate(analyses) if _stands(a, analyses[:n])]
    current = [a for a in standing if a.measurement_id == found.pk or (a.sample_id and a.sample_id == found.sample_id)]
    # One that is being computed anew takes its place when it is there; until then it has no numbers to show.
    current = [a for a in current if a.has_ended or not any(b.has_ended and b.method == a.method for b in current)]
    current.sort(key=lambda a: (a.measurement_id is None, _ORDER.get(a.method, len(_ORDER))))
    return {
        "measurement": found,
        "form": form,
        "conflict": conflict,
        "figures": figures.of_measurement(found),
        "picture": picture_of(found.reading.upload, found) if found.technique == "image" else None,
        "video_type": video_type(found),
        "compositions": selectors.compositions_of(found) if found.technique == "edx" else [],
        "table": _table(found),
        "fits": [(a, f) for a in current if _fits(a, found) for f in analysis_figures.of_analysis(a)][:4],
        "current": current,
        "used_in": [a for a in standing if a not in current],
        "earlier": [a for a in analyses if a not in standing],
        "analyses": analyses,
        "busy": any(not a.has_ended for a in analyses),
        "conditions": conditions_of(found).known(),
        "may_write": may_write(request, found.project) and not found.withdrawn_at,
        "assign_form": AssignForm(
            user=request.user, project=found.project, initial={"sample": found.sample.code if found.sample else ""}
        ),
        "can_take_back": can_take_back(request, found.reading.upload),
        "because_form": BecauseForm(),
        "sample_codes": sample_codes(request.user, found.project),
        "raw_url": reverse("uploads-raw", args=[found.reading.upload_id]),
    }


def _table(found) -> dict | None:
    """The first rows of a list that a measurement holds, such as diameters."""
    table = found.metadata.get("table")
    if not table:
        return None
    return {"columns": table["columns"], "rows": table["rows"][:MOST_ROWS], "n": len(table["rows"])}


@require_POST
def assign(request, pk):
    found = visible(selectors.measurements(request.user), pk)

    def move(sample, sure):
        return services.put_on_sample(by=request.user, measurement=found, sample=sample, sure=sure)

    return moved(request, found.reading.upload, reverse("spectra:measurement", args=[pk]), move)


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
