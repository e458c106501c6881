"""What reading files again would change, and the choice to take it over."""

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
from spectra.views.common import may_write, require_write, say_problem, visible

PER_PAGE = 50


@require_POST
def start(request):
    """Look again at the project's files that an earlier reader read, or that none could read."""
    project = visible(roles.projects_to_write(request.user), _id(request.POST.get("project")))
    try:
        started = services.preview_reading(by=request.user, project=project, why=request.POST.get("why", ""))
    except ValidationError as problem:
        say_problem(request, problem)
        return redirect("spectra:inbox")
    return redirect("spectra:rereading", started.pk)


def _id(text) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


@require_safe
def rereading(request, pk):
    return render(request, "spectra/rereading.html", _context(request, pk))


@require_safe
def rereading_rows(request, pk):
    """The state and the rows alone, asked again while files are still being tried."""
    return render(request, "spectra/_rereading_rows.html", _context(request, pk))


def _context(request, pk) -> dict:
    found = visible(selectors.rereadings(request.user), pk)
    page = Paginator(selectors.trials_that_differ(found), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "rereading": found,
        "page": page,
        "busy": found.n_open > 0,
        "n_tried": found.n_files - found.n_open,
        "may_write": may_write(request, found.project),
        "undecided": selectors.trials_to_decide(found).exists(),
    }


@require_POST
def decide(request, pk):
    """Take over, or keep as it was: all files, or the ticked ones."""
    found = visible(selectors.rereadings(request.user), pk)
    require_write(request, found.project)
    ticked = [pk for pk in map(_id, request.POST.getlist("trial")) if pk]
    what = request.POST.get("do", "")
    if what.endswith("_ticked") and not ticked:
        messages.error(request, _("Tick at least one file first."))
        return redirect("spectra:rereading", pk)
    trials = ticked if what.endswith("_ticked") else None
    if what.startswith("apply"):
        n = services.apply_rereading(by=request.user, rereading=found, trials=trials)
        text = ngettext("{n} file is being read again.", "{n} files are being read again.", n)
    else:
        n = services.keep_reading(by=request.user, rereading=found, trials=trials)
        text = ngettext("{n} file stays as it was.", "{n} files stay as they were.", n)
    messages.success(request, text.format(n=n))
    return redirect("spectra:rereading", pk)
