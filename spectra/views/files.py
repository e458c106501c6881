"""The inbox and the page of a file."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from qdlab.access import roles
from spectra import figures, selectors, services
from spectra.forms.measurements import AssignForm, BecauseForm
from spectra.models import Technique, Upload
from spectra.views.common import may_write, require_write, say_problem, visible
from synthesis.models import Sample

PER_PAGE = 50
X_UNITS = ("nm", "eV", "1/cm", "ns", "s", "min", "Cel", "keV", "V")


@require_safe
def inbox(request):
    """Files that wait for a sample, and a place to drop more."""
    return render(request, "spectra/inbox.html", _inbox(request) | {"upload_data": _upload_data(request)})


@require_safe
def inbox_rows(request):
    """The rows alone, asked again while something is still being read."""
    return render(request, "spectra/_inbox_rows.html", _inbox(request))


def _inbox(request) -> dict:
    page = Paginator(selectors.with_progress(selectors.inbox(request.user)), PER_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    measured = {}
    for measurement in selectors.upload_measurements(found):
        measured.setdefault(measurement.reading.upload_id, []).append(measurement)
    rows = [{"upload": upload, "measurements": measured.get(upload.pk, [])} for upload in found]
    busy = any(upload.status in (Upload.Status.RECEIVED, Upload.Status.READING) or upload.n_open for upload in found)
    return {"page": page, "rows": rows, "busy": busy, "sample_codes": sample_codes(request.user)}


def sample_codes(user) -> list[str]:
    """The newest samples, to choose from while typing."""
    return list(
        Sample.objects.visible_to(user).filter(archived_at=None).order_by("-pk").values_list("code", flat=True)[:300]
    )


def _upload_data(request) -> dict:
    projects = list(roles.projects_to_write(request.user))
    return {"project": str(projects[0].pk)} if len(projects) == 1 else {}


@require_POST
def assign(request):
    """Put ticked files on a sample: each on its suggestion, or all on the one that was typed."""
    found = list(selectors.uploads(request.user).filter(pk__in=request.POST.getlist("upload")))
    form = AssignForm(request.POST, user=request.user)
    if not found:
        messages.error(request, _("Tick at least one file first."))
    elif not form.is_valid():
        say_problem(request, ValidationError(form.errors["sample"].as_data()))
    else:
        _assign_each(request, found, form.cleaned_data["sample"])
    return redirect("spectra:inbox")


def _assign_each(request, found: list[Upload], sample: Sample | None) -> None:
    assigned = 0
    for upload in found:
        target = sample or _suggested(request.user, upload)
        if target is None:
            messages.warning(request, _("{name}: QDLab has no suggestion. Type its sample.").format(name=upload.name))
            continue
        try:
            services.assign_upload(by=request.user, upload=upload, sample=target)
            assigned += 1
        except ValidationError as problem:
            say_problem(request, problem)
    if assigned:
        messages.success(
            request,
            ngettext("{n} file is on its sample.", "{n} files are on their samples.", assigned).format(n=assigned),
        )


def _suggested(user, upload: Upload) -> Sample | None:
    return (
        Sample.objects.visible_to(user).filter(pk=upload.suggestion.get("sample")).first()
        if upload.suggestion.get("sample")
        else None
    )


@require_safe
def upload(request, pk):
    """A file: who handed it in, what was found in it, its bytes, and what to do when it was not understood."""
    found = visible(selectors.uploads(request.user), pk)
    measurements = list(selectors.with_curves(selectors.measurements_of(found)))
    reading = selectors.latest_reading(found)
    return render(
        request,
        "spectra/upload.html",
        {
            "upload": found,
            "reading": reading,
            "measurements": measurements,
            "figures": [(m, figures.of_measurement(m)) for m in measurements[:6]],
            "busy": not reading or not reading.has_ended,
            "may_write": may_write(request, found.project),
            "techniques": Technique.choices,
            "x_units": X_UNITS,
            "assign_form": AssignForm(
                user=request.user, project=found.project, initial={"sample": found.sample.code if found.sample else ""}
            ),
            "because_form": BecauseForm(),
            "sample_codes": sample_codes(request.user),
            "raw_url": reverse("uploads-raw", args=[found.pk]),
        },
    )


@require_POST
def assign_upload(request, pk):
    found = visible(selectors.uploads(request.user), pk)
    require_write(request, found.project)
    form = AssignForm(request.POST, user=request.user, project=found.project)
    if form.is_valid():
        services.assign_upload(by=request.user, upload=found, sample=form.cleaned_data["sample"])
        where = form.cleaned_data["sample"]
        messages.success(
            request,
            _("The file is on sample {code}.").format(code=where) if where else _("The file is back in the inbox."),
        )
    else:
        say_problem(request, ValidationError(form.errors["sample"].as_data()))
    return redirect("spectra:upload", pk)


@require_POST
def read_again(request, pk):
    """Read once more, with the columns as the person describes them."""
    found = visible(selectors.uploads(request.user), pk)
    require_write(request, found.project)
    try:
        services.read_again(by=request.user, upload=found, mapping=_mapping(request.POST))
    except ValidationError as problem:
        say_problem(request, problem)
    return redirect("spectra:upload", pk)


def _mapping(posted) -> dict:
    """The column mapping of the form: columns are counted from 1 by people and from 0 by readers."""
    mapping = {}
    if posted.get("x_column", "").isdecimal():
        mapping["x"] = int(posted["x_column"]) - 1
    columns = [part for part in posted.get("y_columns", "").replace(";", ",").split(",") if part.strip().isdecimal()]
    if columns:
        mapping["y"] = [int(part) - 1 for part in columns]
    for name in ("x_unit", "technique", "y_quantity"):
        if posted.get(name):
            mapping[name] = posted[name]
    if posted.get("bin_ns", "").replace(",", ".").replace(".", "", 1).isdecimal():
        mapping["bin_ns"] = float(posted["bin_ns"].replace(",", "."))
    if min([0, *(v for v in [mapping.get("x", 0), *mapping.get("y", [])])]) < 0:
        raise ValidationError(_("Columns are counted from 1."))
    return mapping


@require_POST
def withdraw_upload(request, pk):
    found = visible(selectors.uploads(request.user), pk)
    require_write(request, found.project)
    form = BecauseForm(request.POST)
    if form.is_valid():
        services.withdraw_upload(by=request.user, upload=found, because=form.cleaned_data["because"])
        messages.success(request, _("{name} is out of use. Its bytes are kept.").format(name=found.name))
        return redirect("spectra:inbox")
    messages.error(request, _("Say why the file goes out of use, so that others understand."))
    return redirect("spectra:upload", pk)
