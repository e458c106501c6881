"""The page of a file, and what can be done there."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qdlab.records.audit import history_of
from spectra import figures, selectors, services
from spectra.forms.measurements import IMAGING, AssignForm, BecauseForm
from spectra.pictures import picture_of, video_type
from spectra.views.common import may_write, require_write, visible
from spectra.views.moving import moved
from spectra.views.undo import can_take_back
from synthesis.models import Sample


def sample_codes(user, project=None) -> list[str]:
    """The newest samples (of a project), to choose from while typing."""
    samples = Sample.objects.visible_to(user).filter(archived_at=None)
    samples = samples.filter(project=project) if project else samples
    return list(samples.order_by("-pk").values_list("code", flat=True)[:300])


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
        "alike": selectors.files_alike(request.user, reading.layout)
        if writable and reading and reading.layout_id
        else [],
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
        "can_take_back": can_take_back(request, found),
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


@require_POST
def assign_upload(request, pk):
    found = visible(selectors.uploads(request.user), pk)

    def move(sample, sure):
        return services.correct(by=request.user, upload=found, sample=sample, sure=sure)

    return moved(request, found, reverse("spectra:upload", args=[pk]), move)


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
