"""What QDLab can read."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from qdlab.access import roles
from spectra import selectors
from spectra.formats import formats as all_formats


@require_safe
def formats(request):
    unreadable = selectors.per_project(selectors.unreadable(request.user), roles.projects_to_write(request.user))
    return render(request, "spectra/formats.html", {"formats": all_formats(), "unreadable": unreadable})
