"""Log entries, samples and washes of a batch."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from qdlab.records.versions import StaleVersion
from synthesis import selectors, services
from synthesis.forms.batches import LogForm, SampleForm, WashForm
from synthesis.forms.fields import place_errors
from synthesis.models import Sample, SampleState
from synthesis.views.batches import as_typed, edit_address, page, saved, visible_batch
from synthesis.views.common import CONFLICT, batch_address, conflict_of, require_write, seen_version, with_version


@require_POST
def log_step(request, pk):
    batch = visible_batch(request, pk)
    require_write(request, batch.project)
    steps = selectors.step_lines(batch.revision) if batch.revision else []
    form = LogForm(request.POST, steps=steps)
    if form.is_valid():
        kind, _colon, value = form.cleaned_data["step"].partition(":")
        step = next((x["step"] for x in steps if kind == "step" and str(x["step"].pk) == value), None)
        try:
            services.log_step(
                by=request.user, batch=batch, step=step, kind=value if kind == "kind" else "",
                seen=form.cleaned_data["seen"], at=form.cleaned_data["at"],
            )  # fmt: skip
        except ValidationError as problem:
            place_errors(problem, {}, form)
        else:
            return saved(request, batch, "log")
    return page(request, batch, section="log_form", status=422, log_form=form)


def _sample_fields(given: dict) -> dict:
    values = {k: v for k, v in given.items() if k not in ("version", "concentration", "additive_concentration")}
    values["wash_count"] = values["wash_count"] if values["wash_count"] is not None else _washes_of(values["state"])
    values["concentration"] = (given["concentration"], "mg/mL")
    values["additive_concentration"] = (given["additive_concentration"], "mg/mL")
    return values


def _washes_of(state: str) -> int:
    return 1 if state == SampleState.WASHED else 0


@require_POST
def add_sample(request, pk):
    batch = visible_batch(request, pk)
    require_write(request, batch.project)
    samples = selectors.samples_of_batch(request.user, batch)
    form = SampleForm(request.POST, samples=samples, chemicals=selectors.chemicals_visible_to(request.user))
    if form.is_valid():
        try:
            sample = services.add_sample(by=request.user, batch=batch, **_sample_fields(form.cleaned_data))
        except ValidationError as problem:
            place_errors(problem, {}, form)
        else:
            messages.success(request, _("{code} is added.").format(code=sample.code))
            return redirect(f"{edit_address(batch)}#samples")
    return page(request, batch, section="sample_form", status=422, sample_form=form)


@require_http_methods(["GET", "POST"])
def edit_sample(request, pk):
    sample = _visible_sample(request, pk)
    require_write(request, sample.project)
    form = _form(request, sample, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = _sample_fields(form.cleaned_data)
        values["code"] = values["code"] or sample.code
        try:
            services.change_sample(by=request.user, sample=sample, version=form.cleaned_data["version"], **values)
        except ValidationError as problem:
            place_errors(problem, {}, form)
        except StaleVersion as stale:
            return _conflict(request, form, stale)
        else:
            messages.success(request, _("Saved."))
            return redirect(batch_address(sample.batch))
    return _page(request, sample, form, status=422 if form.errors else 200)


def _visible_sample(request, pk) -> Sample:
    samples = Sample.objects.visible_to(request.user).select_related("batch__project", "project", "solvent", "additive")
    return get_object_or_404(samples, pk=pk)


def _form(request, sample, data=None) -> SampleForm:
    names = (
        "code", "state", "wash_count", "parent", "solvent", "concentration_found_by", "additive", "storage",
        "storage_temperature_c", "note", "version",
    )  # fmt: skip
    initial = {name: getattr(sample, name) for name in names}
    initial |= {"concentration": as_typed(sample.concentration)}
    initial |= {"additive_concentration": as_typed(sample.additive_concentration)}
    samples = selectors.samples_of_batch(request.user, sample.batch).exclude(pk=sample.pk)
    form = SampleForm(data, initial=initial, samples=samples, chemicals=selectors.chemicals_visible_to(request.user))
    form.fields["version"].required = True
    return form


def _page(request, sample, form, *, conflict=None, status=200):
    context = {"sample": sample, "form": form, "conflict": conflict, "batch_address": batch_address(sample.batch)}
    return render(request, "synthesis/edit_sample.html", context, status=status)


def _conflict(request, mine: SampleForm, stale: StaleVersion):
    current = _visible_sample(request, stale.current.pk)
    theirs = _form(request, current)
    rows = [(field.label, _shown(mine, field.name), _shown(theirs, field.name)) for field in theirs.visible_fields()]
    again = _form(request, current, with_version(request.POST, current.version))
    again.is_valid()
    return _page(request, current, again, conflict=conflict_of(stale, rows), status=CONFLICT)


def _shown(form, name: str) -> str:
    """What was chosen or typed, in words."""
    value = form.cleaned_data.get(name) if form.is_bound else form.initial.get(name)
    choices = dict(getattr(form.fields[name], "_choices", ()) or ())
    return "" if value is None else str(choices.get(value, value))


@require_POST
def choose_representative(request, pk):
    """This sample speaks for its batch, or (``none=1``) the rule decides again."""
    sample = _visible_sample(request, pk)
    require_write(request, sample.project)
    chosen = None if request.POST.get("none") == "1" else sample
    try:
        version = seen_version(request)
        services.choose_representative(by=request.user, batch=sample.batch, sample=chosen, version=version)
    except StaleVersion:
        messages.warning(request, _("Somebody changed this while you looked at it. Look again, then repeat it."))
    else:
        messages.success(request, _("Saved."))
    return redirect(batch_address(sample.batch))


@require_POST
def log_wash(request, pk):
    batch = visible_batch(request, pk)
    require_write(request, batch.project)
    samples = selectors.samples_of_batch(request.user, batch)
    form = WashForm(request.POST, samples=samples, chemicals=selectors.chemicals_visible_to(request.user))
    if form.is_valid():
        given = dict(form.cleaned_data)
        typed = {name: request.POST.get(name, "") for name in ("volume_equivalents", "rotation", "time")}
        units = {"volume_equivalents": "1", "rotation": "{rpm}", "time": "min"}
        for name in typed:
            given.pop(name)
        isolated = (given.pop("isolated"), "mg")
        parameters = {name: (text, units[name]) for name, text in typed.items() if text.strip()}
        try:
            services.log_wash(by=request.user, batch=batch, parameters=parameters, isolated=isolated, **given)
        except ValidationError as problem:
            place_errors(problem, {}, form)
        else:
            return saved(request, batch, "samples")
    return page(request, batch, section="wash_form", status=422, wash_form=form)
