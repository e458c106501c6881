"""What computing results again would change, and the choice to do so; settings for many results at once."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from qdlab.access import roles
from spectra import selectors, services
from spectra.analysis import METHODS
from spectra.forms.measurements import chosen_parameters, parameter_form
from spectra.models import Halted, WhyAgain
from spectra.views.common import may_write, require_write, say_problem, visible
from spectra.why_stale import REASONS

PER_PAGE = 50
LATEST = 20
HOLD = {"pause": Halted.PAUSED, "resume": Halted.NO, "cancel": Halted.CANCELLED}


@require_safe
def recomputations(request):
    """What is stale in which project, and what was computed again."""
    context = {
        "stale": selectors.stale_per_project(request.user),
        "runs": selectors.recomputations(request.user)[:LATEST],
    }
    return render(request, "spectra/recomputations.html", context)


@require_POST
def start(request):
    """Look what the stale results of a project (or of one of its methods) would become."""
    project = visible(roles.projects_to_write(request.user), _id(request.POST.get("project")))
    try:
        run = services.preview_recomputation(
            by=request.user, project=project, method=request.POST.get("method", "")[:40]
        )
    except ValidationError as problem:
        say_problem(request, problem)
        return redirect("spectra:recomputations")
    return redirect("spectra:recomputation", run.pk)


def _id(text) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


@require_POST
def settings_for_many(request, pk):
    """See what the settings typed for one result would make of others of its method."""
    found = visible(selectors.analyses(request.user), pk)
    require_write(request, found.project)
    method = METHODS.get(found.method)
    form = parameter_form(method, request.POST) if method else None
    try:
        if form is None or not form.is_valid():
            raise ValidationError(_("These settings cannot be used."))
        run = services.preview_recomputation(
            by=request.user, project=found.project, why=WhyAgain.SETTINGS, method=found.method,
            parameters=chosen_parameters(method, form), **_where(found, request.POST.get("where")),
        )  # fmt: skip
    except (ValidationError, ValueError) as problem:
        say_problem(request, problem if isinstance(problem, ValidationError) else ValidationError(str(problem)))
        return redirect("spectra:analysis", pk)
    return redirect("spectra:recomputation", run.pk)


def _where(analysis, where: str | None) -> dict:
    batch = analysis.sample.batch if analysis.sample_id else None
    if where == "project":
        return {}
    if where == "batch" and batch:
        return {"batch": batch}
    if where == "sweep" and batch and batch.sweep_id:
        return {"sweep": batch.sweep}
    if where == "instrument" and analysis.measurement_id and analysis.measurement.instrument_id:
        return {"instrument": analysis.measurement.instrument}
    raise ValidationError(_("Say for which results the settings are."))


@require_safe
def recomputation(request, pk):
    return render(request, "spectra/recomputation.html", _context(request, pk))


@require_safe
def recomputation_rows(request, pk):
    """How it stands and the rows alone, asked again while something is under way."""
    return render(request, "spectra/_recomputation_rows.html", _context(request, pk))


def _context(request, pk) -> dict:
    run = visible(selectors.recomputations(request.user), pk)
    stands = selectors.how_it_stands(run)
    method = METHODS.get(run.selection.get("method"))
    return {
        "run": run,
        "stands": stands,
        "busy": not run.halted and bool(stands["to_try"] or stands["to_compute"]),
        "held": run.halted != Halted.CANCELLED and bool(stands["to_try"] or stands["to_compute"]),
        "methods": selectors.repeats_by_method(run),
        "reasons": REASONS,
        "reviewed": selectors.reviewed_batches(run),
        "settings": [(p, run.parameters[p.name]) for p in method.parameters if p.name in run.parameters]
        if method
        else [],
        "page": Paginator(selectors.repeats_that_differ(run), PER_PAGE).get_page(request.GET.get("page")),
        "may_write": may_write(request, run.project),
    }


@require_POST
def decide(request, pk):
    """Compute for good or leave: all, a method, or the ticked results."""
    run = visible(selectors.recomputations(request.user), pk)
    require_write(request, run.project)
    what, _sign, method = request.POST.get("do", "").partition(":")
    repeats = None
    if what.endswith("_ticked"):
        repeats = [one for one in map(_id, request.POST.getlist("repeat")) if one]
        if not repeats:
            messages.error(request, _("Tick at least one result first."))
            return redirect("spectra:recomputation", pk)
    given = {"by": request.user, "recomputation": run, "repeats": repeats, "method": method[:40]}
    try:
        if what.startswith("apply"):
            n = services.apply_recomputation(**given)
            text = ngettext("{n} result is being computed again.", "{n} results are being computed again.", n)
        elif what.startswith("keep"):
            n = services.keep_results(**given)
            text = ngettext("{n} result stays as it was.", "{n} results stay as they were.", n)
        else:
            raise ValidationError(_("Choose what to do."))
        messages.success(request, text.format(n=n))
    except ValidationError as problem:
        say_problem(request, problem)
    return redirect("spectra:recomputation", pk)


@require_POST
def hold(request, pk):
    """Pause, resume, cancel, or try again what failed."""
    run = visible(selectors.recomputations(request.user), pk)
    require_write(request, run.project)
    what = request.POST.get("do", "")
    try:
        if what == "retry":
            n = services.retry_recomputation(by=request.user, recomputation=run)
            messages.success(request, ngettext("{n} is tried again.", "{n} are tried again.", n).format(n=n))
        elif what in HOLD:
            services.hold_recomputation(by=request.user, recomputation=run, halted=HOLD[what])
        else:
            raise ValidationError(_("Choose what to do."))
    except ValidationError as problem:
        say_problem(request, problem)
    return redirect("spectra:recomputation", pk)
