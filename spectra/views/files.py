"""The inbox and the page of a file."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from qdlab.access import roles
from qdlab.records import store
from qdlab.records.audit import history_of
from spectra import figures, selectors, services
from spectra.forms.mapping import MappingForm
from spectra.forms.measurements import IMAGING, AssignForm, BecauseForm
from spectra.models import Upload
from spectra.pictures import picture_of, video_type
from spectra.readers.generic_table import preview
from spectra.readers.reading import UnreadableFile
from spectra.views.common import first_problem, may_write, require_write, say_problem, visible
from synthesis.models import Sample

PER_PAGE = 50
MOST_PREVIEW_BYTES = 1024 * 1024  # tables are shown for choosing columns by hand; longer ones are read by their readers


@require_safe
def inbox(request):
    """Files that wait for a sample, and a place to drop more."""
    projects = list(roles.projects_to_write(request.user))
    context = {
        "projects": projects,
        "may_write": bool(projects),
        "earlier": selectors.per_project(selectors.read_by_earlier(request.user), projects),
    }
    return render(request, "spectra/inbox.html", _inbox(request) | context)


@require_safe
def inbox_rows(request):
    """The rows alone, asked again while something is still being read; what was ticked stays ticked."""
    return render(request, "spectra/_inbox_rows.html", _inbox(request))


def _inbox(request) -> dict:
    page = Paginator(selectors.with_progress(selectors.inbox(request.user)), PER_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    measured = {}
    for measurement in selectors.with_ranges(selectors.upload_measurements(found)):
        measured.setdefault(measurement.reading.upload_id, []).append(measurement)
    ticked = set(request.GET.getlist("upload"))
    writable = set(roles.projects_to_write(request.user).values_list("pk", flat=True))
    rows = [
        {
            "upload": upload,
            "measurements": measured.get(upload.pk, []),
            "ticked": str(upload.pk) in ticked,
            "may_write": upload.project_id in writable,
        }
        for upload in found
    ]
    return {
        "page": page,
        "rows": rows,
        "busy": any(upload.status in selectors.UNREAD or upload.n_open for upload in found),
        "several_projects": len({upload.project_id for upload in found}) > 1,
        "sample_codes": sample_codes(request.user),
        "form_id": "assign",
    }


def sample_codes(user, project=None) -> list[str]:
    """The newest samples (of a project), to choose from while typing."""
    samples = Sample.objects.visible_to(user).filter(archived_at=None)
    samples = samples.filter(project=project) if project else samples
    return list(samples.order_by("-pk").values_list("code", flat=True)[:300])


@require_POST
def assign(request):
    """Put ticked files on a sample: each on its suggestion, or all on the one that was typed."""
    found = list(selectors.uploads(request.user).filter(pk__in=_ids(request.POST.getlist("upload"))))
    suggested = "suggested" in request.POST
    form = AssignForm({} if suggested else request.POST, user=request.user)
    if not found:
        messages.error(request, _("Tick at least one file first."))
    elif not form.is_valid():
        messages.error(request, first_problem(form))
    elif not suggested and form.cleaned_data["sample"] is None:
        messages.error(request, _("Type the sample or batch that the files belong to."))
    else:
        _assign_each(request, found, form.cleaned_data["sample"])
    return redirect("spectra:inbox")


def _ids(texts: list[str]) -> list[UUID]:
    ids = []
    for text in texts:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


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
    found = visible(selectors.uploads(request.user, withdrawn=True), pk)
    measurements = list(selectors.with_curves(selectors.measurements_of(found)))
    reading = selectors.latest_reading(found)
    writable = may_write(request, found.project) and not found.withdrawn_at
    context = {
        "upload": found,
        "reading": reading,
        "earlier": found.readings.exclude(pk=reading.pk).prefetch_related("measurements").order_by("-pk")
        if reading
        else [],
        "measurements": measurements,
        "figures": [(m, figures.of_measurement(m)) for m in measurements[:6] if m.technique not in IMAGING],
        "picture": picture_of(found, next((m for m in measurements if m.technique == "image"), None)),
        "video": next((m for m in measurements if m.technique == "video"), None),
        "video_type": next((video_type(m) for m in measurements if m.technique == "video"), ""),
        "busy": found.status in selectors.UNREAD,
        "found_as": selectors.found_as(found),
        "may_write": writable,
        "assign_form": AssignForm(
            user=request.user, project=found.project, initial={"sample": found.sample.code if found.sample else ""}
        ),
        "because_form": BecauseForm(),
        "sample_codes": sample_codes(request.user, found.project),
        "withdrawal": history_of(found).filter(action="upload.withdrawn").last() if found.withdrawn_at else None,
        "raw_url": reverse("uploads-raw", args=[found.pk]),
    }
    return render(request, "spectra/upload.html", context)


@require_safe
def upload_state(request, pk):
    """Where a file stands, asked again until it was read; then the page reloads itself once."""
    found = visible(selectors.uploads(request.user), pk)
    response = render(request, "spectra/_upload_state.html", {"upload": found})
    if found.status not in selectors.UNREAD:
        response["HX-Refresh"] = "true"
    return response


@require_safe
def columns(request, pk):
    """The first rows of a table, to say what its columns are."""
    found = visible(selectors.uploads(request.user), pk)
    require_write(request, found.project)
    table, problem = _table_of(found)
    form = MappingForm(n_columns=len(table.labels)) if table else None
    context = {"upload": found, "table": table, "problem": problem, "form": form}
    if table:
        context["heads"] = [
            {"number": n, "label": label, "x": n == 1, "y": n > 1} for n, label in enumerate(table.labels, 1)
        ]
    return render(request, "spectra/_columns.html", context)


def _table_of(found: Upload):
    """The preview of a table of numbers, or the sentence why there is none."""
    if found.blob.size > MOST_PREVIEW_BYTES:
        return None, _("The file is too long to be shown here. Export a shorter part of it.")
    try:
        return preview(store.read(found.blob_id, limit=MOST_PREVIEW_BYTES)), ""
    except UnreadableFile as unreadable:
        return None, unreadable.note.as_json()
    except (store.Damaged, FileNotFoundError):
        return None, _("The stored bytes of this file are no longer what was uploaded. A backup has them.")


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
        messages.error(request, first_problem(form))
    return redirect("spectra:upload", pk)


@require_POST
def read_again(request, pk):
    """Read once more, with the columns as the person describes them: on trial first, where something was read before."""
    found = visible(selectors.uploads(request.user), pk)
    require_write(request, found.project)
    form = MappingForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_problem(form))
        return redirect("spectra:upload", pk)
    mapping = form.mapping()
    try:
        if found.status == Upload.Status.READ:
            started = services.preview_reading(
                by=request.user, project=found.project, uploads=[found], mapping=mapping or None
            )
            return redirect("spectra:rereading", started.pk)
        services.read_again(by=request.user, upload=found, mapping=mapping)
    except ValidationError as problem:
        say_problem(request, problem)
    return redirect("spectra:upload", pk)


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
