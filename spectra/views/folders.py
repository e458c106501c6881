"""Folders whose files are taken in: who looks, when, and what was not taken and why."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spectra import found_report, selectors, services
from spectra.models import FoundFile
from spectra.views.common import may_write, require_write, visible

PER_PAGE = 50


@require_safe
def folders(request):
    return render(request, "spectra/folders.html", {"folders": selectors.source_folders(request.user)})


@require_safe
def folders_state(request):
    """The lines of the inbox alone, asked again and again."""
    return render(request, "spectra/_folders.html", {"folders": selectors.source_folders(request.user)})


@require_safe
def folder(request, pk):
    """One folder: how it stands, and which of its files were not taken."""
    found = visible(selectors.source_folders(request.user, forgotten=True), pk)
    counts = found_report.counted(found)
    context = {
        "folder": found,
        "counts": [(state, counts[state.value]) for state in FoundFile.State if counts[state.value]],
        "page": Paginator(selectors.not_taken(found), PER_PAGE).get_page(request.GET.get("page")),
        "may_write": may_write(request, found.project),
    }
    return render(request, "spectra/folder.html", context)


@require_safe
def report(request, pk):
    """What became of each file, as a table."""
    found = visible(selectors.source_folders(request.user, forgotten=True), pk)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="qdlab-folder.csv"'
    found_report.write_csv(answer, [found])
    return answer


@require_POST
def forget(request, pk):
    found = visible(selectors.source_folders(request.user, forgotten=True), pk)
    require_write(request, found.project)
    services.forget_folder(by=request.user, folder=found)
    messages.success(request, _("QDLab speaks of this folder no more. The files that it gave stay."))
    return redirect("spectra:folders")
