"""The dilution series of a sample: looking it over, correcting its labels, computing a yield from it."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from spectra import followups, selectors, services
from spectra.models import Measurement, StandardSession
from spectra.views.common import may_write, require_write, say_problem, visible
from spectra.views.dilutions import pairs_of, problems_of, save_labels
from synthesis.models import Sample


def _sample(request, pk) -> Sample:
    return visible(Sample.objects.visible_to(request.user).select_related("batch", "project", "solvent"), pk)


@require_http_methods(["GET", "HEAD", "POST"])
def plqy(request, pk):
    """Show a series with what it lacks; a POST computes the yield from the ticked dilutions."""
    sample = _sample(request, pk)
    pairs = pairs_of(selectors.dilutions_of(sample))
    if request.method == "POST":
        require_write(request, sample.project)
        try:
            inputs = _chosen_inputs(request, sample, pairs)
            analysis = services.analyse(by=request.user, method="plqy", inputs=inputs)
        except ValidationError as problem:
            say_problem(request, problem)
            return redirect("spectra:plqy", pk)
        return redirect("spectra:analysis", analysis.pk)
    return render(request, "spectra/plqy.html", _page(request, sample, pairs))


def _page(request, sample: Sample, pairs: list[dict]) -> dict:
    measurements = list(selectors.dilutions_of(sample))
    complete = [pair for pair in pairs if pair["complete"]]
    sessions = _offers(_sessions(request.user, sample), complete)
    best = followups.session_for(sample.project_id, complete[0]["emission"]) if complete else None
    problems = problems_of(pairs, measurements)
    if not any(offer["complete"] for offer in sessions):
        problems.append(
            _("No standard session of this project has a complete series. Open one and drop its files on it.")
        )
    return {
        "sample": sample,
        "pairs": pairs,
        "measurements": measurements,
        "simulated": any(m.simulated for m in measurements),
        "problems": problems,
        "sessions": sessions,
        "best": best,
        "blanks": _blanks(request.user, sample),
        "ready": bool(complete) and any(offer["complete"] for offer in sessions),
        "results": selectors.recent_results(request.user, "plqy").filter(sample=sample),
        "may_write": may_write(request, sample.project),
    }


def _sessions(user, sample: Sample):
    return selectors.standard_sessions(user).filter(project=sample.project).order_by("-measured_at")[:50]


def _offers(sessions, complete: list[dict]) -> list[dict]:
    """Each session with whether its series can be used, and whether it was over when the sample was measured."""
    sessions = list(sessions)
    series = followups.series_of_sessions(sessions)
    when = complete[0]["emission"].measured_at if complete else None
    return [
        {
            "session": session,
            "complete": followups.is_complete(series[session.pk]),
            "expired": bool(when and session.valid_until and when > session.valid_until),
        }
        for session in sessions
    ]


def _blanks(user, sample: Sample) -> list[Measurement]:
    seen = Measurement.objects.visible_to(user)
    blanks = seen.filter(project=sample.project, role="blank", technique="pl_emission", withdrawn_at=None)
    own, of_sessions = blanks.filter(sample=sample), blanks.exclude(standard_session=None)
    return list((own | of_sessions).select_related("standard_session").order_by("-pk")[:50])


def _chosen_inputs(request, sample: Sample, pairs: list[dict]) -> list[dict]:
    """The inputs of the method as they were ticked; raises ValidationError that says what is missing."""
    ticked = set(request.POST.getlist("label"))
    chosen = [pair for pair in pairs if pair["label"] in ticked and pair["complete"]]
    if not chosen:
        raise ValidationError(_("Tick at least one dilution that has both its emission and its absorbance."))
    of_standards = [followups.session_series(session) for session in _sessions_named(request, sample)]
    if not all(followups.is_complete(series) for series in of_standards):
        raise ValidationError(_("The series of this standard session is not complete yet."))
    of_sample = {pair["label"]: {"pl_emission": pair["emission"], "uvvis": pair["absorbance"]} for pair in chosen}
    blanks = [blank for blank in _blanks(request.user, sample) if str(blank.pk) in request.POST.getlist("blank")]
    inputs = followups.plqy_inputs(of_sample, of_standards, blanks)
    return [{"role": given.role, "index": given.index, "measurement": given.measurement} for given in inputs]


def _sessions_named(request, sample: Sample) -> list[StandardSession]:
    wanted = {given for given in map(_uuid, request.POST.getlist("session")) if given}
    found = list(selectors.standard_sessions(request.user).filter(project=sample.project, pk__in=wanted))
    if not found or len(found) < len(wanted):
        raise ValidationError(_("Choose the standard session that the sample was measured against."))
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
def labels(request, pk):
    """Correct the labels that pair emission with absorbance."""
    sample = _sample(request, pk)
    require_write(request, sample.project)
    save_labels(request, selectors.dilutions_of(sample))
    return redirect("spectra:plqy", pk)
