"""The bench's page of a batch: weigh, conditions, outcome. One form per concern; each checks the version it saw."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from qdlab.access import roles
from qdlab.records.versions import StaleVersion
from synthesis import selectors, services
from synthesis.forms.batches import (
    AboutForm,
    LogForm,
    OutcomeForm,
    RenameForm,
    SampleForm,
    VersionForm,
    WashForm,
    WeighFormSet,
)
from synthesis.forms.fields import place_errors
from synthesis.models import Batch, Status
from synthesis.units import UNITS, bench_unit
from synthesis.views.common import CONFLICT, archive_as_seen, batch_address, conflict_of, require_write, with_version


def visible_batch(request, pk) -> Batch:
    batches = Batch.objects.visible_to(request.user).select_related("project", "operator", "revision__recipe", "sweep")
    return get_object_or_404(selectors.batches_with_ingredients(batches), pk=pk)


def as_typed(typed) -> str:
    return "" if typed is None else str(typed)


# --- The forms as they stand ------------------------------------------------------------------------------------------


def lots_for(request, batch) -> list[tuple[str, object]]:
    """Key of the ingredient with each lot that it may come from."""
    lines = list(batch.ingredients.all())
    lots = list(selectors.lots_of(request.user, [x.chemical_id for x in lines if x.chemical_id]))
    used = [x.lot for x in lines if x.lot_id]
    everything = {lot.pk: lot for lot in [*lots, *used]}.values()
    return [(x.key, lot) for x in lines for lot in everything if lot.chemical_id == x.chemical_id]


def weigh_forms(request, batch, data=None):
    sheet = selectors.batch_sheet(batch)
    rows = []
    for row in sheet.lines:
        x, taken = row.record, row.to_weigh
        unit = bench_unit(taken[1], taken[0]) if taken and taken[1] else "mg"
        rows.append(
            {"key": x.key, "weighed": x.weighed_text, "unit": x.weighed_unit or unit, "device": x.device,
             "uncertainty": as_typed(x.uncertainty), "lot": x.lot_id, "note": x.note}
        )  # fmt: skip
    kwargs = {"form_kwargs": {"lots": lots_for(request, batch)}, "prefix": "ingredients"}
    formset = WeighFormSet(data, **kwargs) if data is not None else WeighFormSet(initial=rows, **kwargs)
    by_key = {row.planned.key: row for row in sheet.lines}
    pairs = [(form, by_key[form["key"].value()]) for form in formset.forms if form["key"].value() in by_key]
    return formset, pairs, sheet


def about_form(batch, data=None) -> AboutForm:
    names = ("title", "made_on", "temperature_c", "relative_humidity_percent", "atmosphere", "note", "version")
    initial = {name: getattr(batch, name) for name in names} | {"aliquot": as_typed(batch.aliquot)}
    return AboutForm(data, prefix=None, initial=initial)


def outcome_form(request, batch, data=None) -> OutcomeForm:
    initial = {
        "outcome": batch.outcome, "outcome_note": batch.outcome_note, "status": batch.status,
        "because": batch.abandoned_because, "version": batch.version,
    }  # fmt: skip
    may_review = roles.may(request.user, roles.REVIEW, batch.project)
    return OutcomeForm(data, initial=initial, may_review=may_review, current=batch.status)


def page(request, batch, *, weigh=None, conflict=None, section="", status=200, **forms):
    formset, pairs, sheet = weigh or weigh_forms(request, batch)
    samples = selectors.samples_of_batch(request.user, batch)
    chemicals = selectors.chemicals_visible_to(request.user)
    steps = selectors.step_lines(batch.revision) if batch.revision else []
    context = {
        "batch": batch, "sheet": sheet, "weigh": formset, "weigh_rows": pairs, "steps": steps, "samples": samples,
        "log": batch.log.select_related("step", "by"), "washes": batch.washes.select_related("solvent", "gave", "taken_from"),
        "conflict": conflict, "section": section, "batch_address": batch_address(batch), "may_write": True,
        "about": about_form(batch), "outcome": outcome_form(request, batch),
        "rename": RenameForm(initial={"code": batch.code, "version": batch.version}),
        "log_form": LogForm(steps=steps), "sample_form": SampleForm(samples=samples, chemicals=chemicals),
        "wash_form": WashForm(samples=samples, chemicals=chemicals),
    }  # fmt: skip
    return render(request, "synthesis/edit_batch.html", context | forms, status=status)


# --- Saving -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET"])
def edit_batch(request, pk):
    batch = visible_batch(request, pk)
    require_write(request, batch.project)
    return page(request, batch)


def saved(request, batch, anchor: str, seen: int | None = None):
    """Back to the page; a save that changed nothing says so. ``seen`` is the version that the form showed."""
    if batch.version == seen:
        messages.info(request, _("Nothing has changed, so there was nothing to save."))
    else:
        messages.success(request, _("Saved."))
        if batch.status == Status.REVIEWED:
            sentence = _("This batch was reviewed; the signature covers what was there before. Ask for a new review.")
            messages.warning(request, sentence)
    return redirect(f"{edit_address(batch)}#{anchor}")


def edit_address(batch) -> str:
    return reverse("synthesis:edit_batch", args=[batch.pk])


@require_POST
def weigh_batch(request, pk):
    batch = visible_batch(request, pk)
    require_write(request, batch.project)
    formset, pairs, sheet = weigh_forms(request, batch, request.POST)
    seen = VersionForm(request.POST)
    if formset.is_valid() and seen.is_valid():
        try:
            weighings = [form.weighing() for form in formset.forms]
            version = seen.cleaned_data["version"]
            services.weigh(by=request.user, batch=batch, version=version, weighings=weighings)
        except ValidationError as problem:
            place_errors(problem, {f"ingredients-{i}": form for i, form in enumerate(formset.forms)}, formset.forms[0])
        except StaleVersion as stale:
            return _weigh_conflict(request, pk, formset, stale)
        else:
            return saved(request, batch, "weigh", version)
    return page(request, batch, weigh=(formset, pairs, sheet), section="weigh", status=422)


def _weigh_conflict(request, pk, mine, stale: StaleVersion):
    """Yours and theirs for every amount that differs; the form keeps yours, with the version that is there now."""
    batch = visible_batch(request, pk)
    lines = {line.key: line for line in batch.ingredients.all()}
    rows = []
    for form in mine.forms:
        given, theirs = form.cleaned_data, lines[form.cleaned_data["key"]]
        unit = UNITS[given["unit"]].symbol if given.get("unit") in UNITS else ""
        name = theirs.stock.name if theirs.stock_id else theirs.chemical.short
        rows.append((name, f"{given['weighed']} {unit}" if given["weighed"] else "", as_typed(theirs.weighed)))
        rows.append((_("{name}: lot").format(name=name), str(given.get("lot") or ""), str(theirs.lot or "")))
    data = with_version(request.POST, batch.version)
    again = weigh_forms(request, batch, data)
    again[0].is_valid()
    conflict = conflict_of(stale, rows)
    return page(request, batch, weigh=again, conflict=conflict, section="weigh", status=CONFLICT)


def _save(request, pk, form_of, section: str, write):
    """Validate one form of the page, write, and show the page again where something is in the way."""
    batch = visible_batch(request, pk)
    require_write(request, batch.project)
    form = form_of(batch, request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                write(batch, dict(form.cleaned_data))
        except ValidationError as problem:
            batch = visible_batch(request, pk)  # as it stands: what was rolled back must not show
            place_errors(problem, {}, form)
        except StaleVersion as stale:
            batch = visible_batch(request, pk)
            stored = form_of(batch, None)
            rows = [(f.label, _words(form, f.name), _words(stored, f.name)) for f in stored.visible_fields()]
            mine = form_of(batch, with_version(request.POST, batch.version))
            mine.is_valid()
            return page(
                request, batch, conflict=conflict_of(stale, rows), section=section, status=CONFLICT, **{section: mine}
            )
        else:
            return saved(request, batch, section, form.cleaned_data["version"])
    return page(request, batch, section=section, status=422, **{section: form})


def _words(form, name: str) -> str:
    """A field's value as people read it: the label of a choice, the text of anything else."""
    value = form[name].value()
    choices = dict(getattr(form.fields[name], "choices", ()) or ())
    if value in choices:
        return str(choices[value])
    return "" if value is None else str(value)


@require_POST
def save_about(request, pk):
    def write(batch, given):
        version, aliquot = given.pop("version"), given.pop("aliquot")
        services.change_batch(by=request.user, batch=batch, version=version, aliquot=(aliquot, "uL"), **given)

    return _save(request, pk, about_form, "about", write)


@require_POST
def save_outcome(request, pk):
    def write(batch, given):
        services.set_outcome(
            by=request.user, batch=batch, outcome=given["outcome"], note=given["outcome_note"], version=given["version"]
        )
        if given["status"] == Status.ABANDONED and batch.status != Status.ABANDONED:
            services.abandon(by=request.user, batch=batch, because=given["because"])
        elif given["status"] != batch.status:
            services.set_status(by=request.user, batch=batch, status=given["status"])

    return _save(request, pk, lambda batch, data: outcome_form(request, batch, data), "outcome", write)


@require_POST
def rename_batch(request, pk):
    def write(batch, given):
        services.rename_batch(by=request.user, batch=batch, code=given["code"], version=given["version"])

    def form_of(batch, data):
        return RenameForm(data, initial={"code": batch.code, "version": batch.version})

    return _save(request, pk, form_of, "rename", write)


@require_POST
def archive_batch(request, pk):
    batch = visible_batch(request, pk)
    require_write(request, batch.project)
    archive_as_seen(request, batch, _("Archived: it is still found by its code."))
    return redirect(batch_address(batch))
