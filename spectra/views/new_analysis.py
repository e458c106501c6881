"""Asking for an analysis that QDLab does not start by itself: first the method, then its inputs and settings."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from spectra import candidates, services
from spectra.analysis import METHODS
from spectra.explained import explained
from spectra.forms.measurements import chosen_parameters, parameter_form
from spectra.forms.new_analysis import InputsForm
from spectra.purposes import PURPOSES
from spectra.views.common import place_errors, require_write, visible
from synthesis.models import Sample


@require_safe
def choose_method(request, pk):
    """Every method that QDLab has, by what one wants to know; in a group, those whose inputs are there come first."""
    found = visible(Sample.objects.visible_to(request.user).select_related("batch", "project"), pk)
    ready = {method.name: (method, is_ready) for method, is_ready in candidates.methods_for(request.user, found)}
    groups = [
        (heading, sorted(((*ready[name], line) for name, line in lines.items()), key=lambda row: not row[1]))
        for heading, lines in PURPOSES.items()
    ]
    return render(request, "spectra/choose_method.html", {"sample": found, "groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
def new_analysis(request, pk, method):
    found = visible(Sample.objects.visible_to(request.user).select_related("batch", "project"), pk)
    require_write(request, found.project)
    if method not in METHODS:
        raise Http404
    definition = METHODS[method]
    data = request.POST if request.method == "POST" else None
    offered = candidates.candidates_for(request.user, definition, found)
    form = InputsForm(data, method=definition, candidates=offered)
    settings = parameter_form(definition, data, prefix="setting")
    if data is not None and form.is_valid() and settings.is_valid():
        try:
            analysis = services.analyse(
                by=request.user, method=method, inputs=form.inputs(), parameters=chosen_parameters(definition, settings),
                because=settings.cleaned_data.get("override_because", ""),
            )  # fmt: skip
            return redirect("spectra:analysis", analysis.pk)
        except ValidationError as problem:
            place_errors(form, problem)
        except ValueError as problem:
            form.add_error(None, str(problem))
    page = {
        "sample": found,
        "method": definition,
        "form": form,
        "settings": settings,
        "lacking": _lacking(definition, offered),
        "how": explained(definition),
    }
    return render(request, "spectra/new_analysis.html", page, status=422 if data is not None else 200)


def _lacking(method, offered) -> list:
    """Required roles that nothing can take yet."""
    return [
        role
        for role in method.roles
        if role.minimum and not (offered[role.name]["own"] or offered[role.name]["others"])
    ]
