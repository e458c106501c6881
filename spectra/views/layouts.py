"""The layouts of the lab: what they match, what was read with them, and their way to other labs."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qdlab.access import roles
from qdlab.access.api.parsers import Unusable, strict_json
from qdlab.records.versions import StaleVersion
from spectra import selectors, services
from spectra.forms.layouts import LayoutForm
from spectra.services.layouts import document_of, layout_of_document
from spectra.views.common import conflict_of, may_write_shelf, place_errors, say_problem, visible

MOST_BYTES = 256 * 1024


@require_safe
def layouts(request):
    """All layouts; those out of use behind ``?archived=1``."""
    archived = request.GET.get("archived") == "1"
    found = selectors.layouts(request.user, archived=True)
    context = {
        "layouts": found.exclude(archived_at=None) if archived else found.filter(archived_at=None),
        "archived": archived,
        "may_write": may_write_shelf(request),
    }
    return render(request, "spectra/layouts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def layout(request, pk):
    """A layout; a POST renames it."""
    found = visible(selectors.layouts(request.user, archived=True), pk)
    form = LayoutForm(request.POST or None, record=found)
    if request.method != "POST":
        return _show(request, found, form)
    roles.require_shelf(request.user)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    try:
        services.change_layout(
            by=request.user, layout=found, expected=form.cleaned_data["version"], name=form.cleaned_data["name"]
        )
    except ValidationError as problem:
        place_errors(form, problem)
        return _show(request, found, form, status=422)
    except StaleVersion as stale:
        renewed, conflict = form.after_conflict(stale.current), conflict_of(form, stale)
        return _show(
            request, visible(selectors.layouts(request.user, archived=True), pk), renewed, status=409, conflict=conflict
        )
    messages.success(request, _("Saved."))
    return redirect("spectra:layout", pk)


def _show(request, found, form, *, status=200, conflict=None):
    writable = may_write_shelf(request)
    context = {
        "layout": found,
        "form": form,
        "conflict": conflict,
        "may_write": writable,
        "n_alike": len(selectors.files_alike(request.user, found)) if writable and not found.archived_at else 0,
    }
    return render(request, "spectra/layout.html", context, status=status)


@require_POST
def archive_layout(request, pk):
    """Out of use, or with ``back`` into it again."""
    found = visible(selectors.layouts(request.user, archived=True), pk)
    try:
        services.archive_layout(by=request.user, layout=found, archived="back" not in request.POST)
    except ValidationError as problem:
        say_problem(request, problem)
    except StaleVersion:
        messages.error(request, _("Somebody else changed this layout just now. Look at it again."))
    return redirect("spectra:layout", pk)


@require_safe
def export_layout(request, pk):
    found = visible(selectors.layouts(request.user, archived=True), pk)
    text = json.dumps(document_of(found), ensure_ascii=False, indent=1)
    answer = HttpResponse(text + "\n", content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="qdlab-layout-{slugify(found.name)[:60] or "layout"}.json"'
    return answer


@require_POST
def import_layout(request):
    """Take in a layout that another lab exported."""
    roles.require_shelf(request.user)
    try:
        made = services.make_layout(by=request.user, **layout_of_document(_document(request)))
    except ValidationError as problem:
        say_problem(request, problem)
        return redirect("spectra:layouts")
    messages.success(
        request, _("The layout “{name}” is there. The next file of its kind is read with it.").format(name=made)
    )
    return redirect("spectra:layout", made.pk)


def _document(request):
    file = request.FILES.get("file")
    if file is None or not 0 < file.size <= MOST_BYTES:
        raise ValidationError(_("Choose the JSON file of a layout (up to 256 kB)."))
    try:
        return strict_json(file.read())
    except Unusable as problem:
        raise ValidationError(str(problem)) from None


@require_POST
def read_alike(request, pk):
    """Read the waiting files that look the same with this layout too."""
    found = visible(selectors.layouts(request.user), pk)
    roles.require_shelf(request.user)
    n = services.read_alike(by=request.user, layout=found)
    messages.success(
        request, ngettext("{n} file is being read again.", "{n} files are being read again.", n).format(n=n)
    )
    return redirect("spectra:inbox")
