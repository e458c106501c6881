"""The page of an analysis: its numbers with their budgets, the fit behind them, and the way back to the raw files."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qdlab.records.sentences import sentence
from spectra import analysis_figures, repeating, selectors, services
from spectra.analysis import METHODS
from spectra.analysis.plqy_paragraph import methods_paragraph
from spectra.explained import explained
from spectra.forms.measurements import BecauseForm, chosen_parameters, parameter_form
from spectra.models import State
from spectra.views.common import may_write, require_write, say_problem, visible
from spectra.views.sources import Sources


@require_safe
def analysis(request, pk):
    found = visible(selectors.with_chain(selectors.analyses(request.user)), pk)
    return render(request, "spectra/analysis.html", _page(request, found))


@require_safe
def analysis_state(request, pk):
    """The state alone, asked again until the analysis has ended; then the page reloads itself once."""
    found = visible(selectors.analyses(request.user), pk)
    response = render(request, "spectra/_analysis_state.html", {"analysis": found})
    if found.has_ended:
        response["HX-Refresh"] = "true"
    return response


def _page(request, found, form=None) -> dict:
    method = METHODS.get(found.method)
    if form is None and method:
        form = parameter_form(method, chosen=found.parameters)
    quantities = list(found.quantities.all())
    sources = Sources(request.user, [c["source"] for q in quantities for c in q.budget])
    inputs = sorted(found.inputs.all(), key=lambda i: (i.role, i.index))
    return {
        "analysis": found,
        "method": method,
        "how": explained(method) if method else None,
        "quantities": quantities,
        "budgets": [(q, _budget(q, sources)) for q in quantities if q.budget],
        "figures": analysis_figures.of_analysis(found),
        "choose": analysis_figures.CHOOSING.get(found.method) if form and may_write(request, found.project) else None,
        "inputs": inputs,
        "files": _files(inputs),
        "simulated": any(m.simulated for m in _measurements(inputs)),
        "settings": _settings(method, found) if method else [],
        "paragraph": methods_paragraph(found.details) if found.method == "plqy" and found.state == State.DONE else "",
        "form": form,
        "instrument": selectors.instrument_of(found) if services.for_every_result(found.parameters) else None,
        "places": _places(found),
        "because_form": BecauseForm(),
        "may_write": may_write(request, found.project),
        "speaks": selectors.speaks_for_batch(found),
    }


def _settings(method, found) -> list[tuple]:
    """Each setting with its value, and whether a person chose it."""
    try:
        complete = method.complete(found.parameters)
    except ValueError:  # chosen for an earlier version of the method
        complete = found.parameters
    return [(p, complete[p.name], p.name in found.parameters) for p in method.parameters if p.name in complete]


def _places(found) -> list[tuple]:
    """For which results the same settings may be tried."""
    batch = found.sample.batch if found.sample_id else None
    instrument = found.measurement.instrument if found.measurement_id else None
    places = [("batch", _("of batch {code}").format(code=batch))] if batch else []
    if batch and batch.sweep_id:
        places.append(("sweep", _("of the sweep {name}").format(name=batch.sweep)))
    if instrument:
        places.append(("instrument", _("of the instrument {name} in this project").format(name=instrument)))
    return [*places, ("project", _("of the project {name}").format(name=found.project))]


def _budget(quantity, sources: Sources) -> list[dict]:
    """The components, the largest first, with their share of the variance."""
    total = sum(c["u"] ** 2 for c in quantity.budget)
    rows = [
        c | {"share": 100 * c["u"] ** 2 / total if total else 0.0, "words": sources.words(c["source"])}
        for c in quantity.budget
    ]
    return sorted(rows, key=lambda row: -abs(row["u"]))


def _measurements(inputs) -> list:
    """The measurements behind the inputs, through one step of upstream analyses."""
    direct = [i.measurement for i in inputs if i.measurement_id]
    direct += [i.composition.measurement for i in inputs if i.composition_id and i.composition.measurement_id]
    return direct + [
        g.measurement for i in inputs if i.upstream_id for g in i.upstream.inputs.all() if g.measurement_id
    ]


def _files(inputs) -> list:
    """Every raw file that the numbers rest on, once."""
    uploads = (measurement.reading.upload for measurement in _measurements(inputs))
    return list({upload.pk: upload for upload in uploads}.values())


@require_safe
def replay(request, pk):
    """The analysis as a file that repeats it without QDLab's database."""
    found = visible(selectors.analyses(request.user), pk)
    try:
        document = repeating.document_of(found.pk)
    except repeating.NotRepeatable as problem:
        messages.error(request, sentence(problem.note.text, problem.note.values))
        return redirect("spectra:analysis", pk)
    answer = JsonResponse(document, json_dumps_params={"indent": 1, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="{found.method}-{found.pk}.json"'
    return answer


@require_POST
def again(request, pk):
    """Repeat an analysis with other settings; the old result stays."""
    found = visible(selectors.with_chain(selectors.analyses(request.user)), pk)
    require_write(request, found.project)
    method = METHODS.get(found.method)
    form = parameter_form(method, request.POST) if method else None
    try:
        if form is None or not form.is_valid():
            raise ValidationError(_("These settings cannot be used."))
        new = services.analyse_again(
            by=request.user, analysis=found, parameters=chosen_parameters(method, form),
            because=form.cleaned_data.get("override_because", ""),
        )  # fmt: skip
    except (ValidationError, ValueError) as problem:
        say_problem(request, problem if isinstance(problem, ValidationError) else ValidationError(str(problem)))
        return render(request, "spectra/analysis.html", _page(request, found, form), status=422)
    return redirect("spectra:analysis", new.pk)


@require_POST
def recompute(request, pk):
    """Repeat a stale analysis as it was."""
    found = visible(selectors.analyses(request.user), pk)
    new = services.analyse_again(by=request.user, analysis=found)
    return redirect("spectra:analysis", new.pk)


@require_POST
def override(request, pk):
    """Compute although the method refuses; the person's decision is stored with the result."""
    found = visible(selectors.analyses(request.user), pk)
    if not found.overridable or not found.reason:
        raise PermissionDenied(_("This refusal cannot be overridden."))
    codes = [*found.parameters.get("override", "").split(","), found.reason["code"]]
    try:
        new = services.analyse_again(
            by=request.user,
            analysis=found,
            parameters=found.parameters | {"override": ",".join(dict.fromkeys(filter(None, codes)))},
            because=request.POST.get("because", "")[:500],
        )
    except ValidationError as problem:
        say_problem(request, problem)
        return redirect("spectra:analysis", pk)
    return redirect("spectra:analysis", new.pk)


@require_POST
def save_as_default(request, pk):
    """Let the settings of this result hold for all new measurements of its instrument in the project."""
    found = visible(selectors.with_chain(selectors.analyses(request.user)), pk)
    instrument = selectors.instrument_of(found)
    if instrument is None:
        messages.error(request, _("No instrument is known for this result, so no settings can hold for it."))
        return redirect("spectra:analysis", pk)
    try:
        services.save_settings(
            by=request.user, project=found.project, instrument=instrument, method=found.method,
            parameters=services.for_every_result(found.parameters),
        )  # fmt: skip
    except ValidationError as problem:
        say_problem(request, problem)
        return redirect("spectra:analysis", pk)
    messages.success(request, _("New measurements of {name} are computed like this.").format(name=instrument.name))
    return redirect("spectra:instrument", instrument.pk)


@require_POST
def retry(request, pk):
    found = visible(selectors.analyses(request.user), pk)
    try:
        services.retry_analysis(by=request.user, analysis=found)
    except ValidationError as problem:
        say_problem(request, problem)
    return redirect("spectra:analysis", pk)


@require_POST
def withdraw(request, pk):
    found = visible(selectors.analyses(request.user), pk)
    form = BecauseForm(request.POST)
    if form.is_valid():
        services.withdraw_analysis(by=request.user, analysis=found, because=form.cleaned_data["because"])
        messages.success(request, _("The result is out of use. It stays readable."))
    else:
        messages.error(request, _("Say why the result goes out of use, so that others understand."))
    return redirect("spectra:analysis", pk)


@require_POST
def agree(request, pk):
    """Let this result speak for its batch."""
    found = visible(selectors.analyses(request.user), pk)
    if found.sample is None:
        messages.error(request, _("Put the measurement on a sample first."))
        return redirect("spectra:analysis", pk)
    try:
        services.agree_on(
            by=request.user, batch=found.sample.batch, analysis=found, because=request.POST.get("because", "")[:500]
        )
        messages.success(request, _("This result now speaks for batch {code}.").format(code=found.sample.batch))
    except ValidationError as problem:
        say_problem(request, problem)
    return redirect("spectra:analysis", pk)
