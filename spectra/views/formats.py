"""What QDLab can read."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from spectra.formats import formats as all_formats


@require_safe
def formats(request):
    return render(request, "spectra/formats.html", {"formats": all_formats()})
