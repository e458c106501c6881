"""Instruments: what their files leave open, said once."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qdlab.access import roles
from qdlab.records.versions import StaleVersion
from spectra import selectors, services
from spectra.analysis import METHODS
from spectra.forms.instruments import InstrumentForm
from spectra.templatetags.results import setting_text
from spectra.views.common import conflict_of, may_write, may_write_shelf, place_errors, visible


@require_safe
def instruments(request):
    return render(request, "spectra/instruments.html", {"instruments": selectors.counted_instruments(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
def instrument(request, pk):
    """An instrument and its defaults; a POST changes them."""
    found = visible(selectors.instruments(request.user), pk)
    form = InstrumentForm(request.POST or None, record=found)
    if request.method != "POST":
        return _show(request, found, form)
    roles.require_shelf(request.user)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    try:
        services.change_instrument(
            by=request.user, instrument=found, expected=form.cleaned_data["version"], **form.facts()
        )
    except ValidationError as problem:
        place_errors(form, problem)
        return _show(request, found, form, status=422)
    except StaleVersion as stale:
        renewed, conflict = form.after_conflict(stale.current), conflict_of(form, stale)
        return _show(request, stale.current, renewed, status=409, conflict=conflict)
    messages.success(request, _("Saved. Numbers that rested on the old facts will be marked as stale."))
    return redirect("spectra:instrument", pk)


def _show(request, found, form, *, status=200, conflict=None):
    context = {
        "instrument": found,
        "form": form,
        "conflict": conflict,
        "may_write": may_write_shelf(request),
        "settings": [
            (one, _settings_text(one), may_write(request, one.project))
            for one in selectors.instrument_settings(request.user, ended=True).filter(instrument=found)[:50]
        ],
        "n_measurements": selectors.measurements(request.user).filter(instrument=found).count(),
    }
    return render(request, "spectra/instrument.html", context, status=status)


def _settings_text(settings) -> str:
    """The settings in words, as the method's page names them."""
    labels = {p.name: p.label for p in METHODS[settings.method].parameters} if settings.method in METHODS else {}
    return "; ".join(
        f"{_(labels.get(name, name))}: {setting_text(value)}" for name, value in settings.parameters.items()
    )


@require_POST
def end_settings(request, pk):
    """Go back to the method's own defaults for new measurements."""
    found = visible(selectors.instrument_settings(request.user, ended=True), pk)
    services.end_settings(by=request.user, settings=found)
    messages.success(request, _("New measurements are computed with the method's own defaults again."))
    return redirect("spectra:instrument", found.instrument_id)
