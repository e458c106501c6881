"""Files in use and what was read of them."""

from collections.abc import Iterable

from django.db.models import Count, Q

from spectra.models import Measurement, Reading, Upload
from synthesis.models import Batch

UNREAD = (Upload.Status.RECEIVED, Upload.Status.READING)
# A document waits as long as nobody said where it belongs; one that was dropped on a batch has its place.
LOOSE = Q(status=Upload.Status.KEPT, sample=None, batch=None)


def uploads(user, *, withdrawn: bool = False):
    """Files in use (with ``withdrawn``: all), newest first, with what a list shows of them."""
    files = Upload.objects.visible_to(user)
    files = files if withdrawn else files.filter(withdrawn_at=None)
    return files.select_related("blob", "uploaded_by", "batch", "sample__batch", "project").order_by("-pk")


def homeless():
    """Files with a measurement that belongs to nothing yet, asked for once and not for each file: most lie in their place.

    A blank without its series, and a standard without its session, count for nothing; an instrument response needs no home.
    """
    loose = Measurement.objects.filter(sample=None, standard_session=None, withdrawn_at=None)
    return loose.exclude(role__in=["IRF", "lamp"]).values("reading__upload")


def not_read(user, batch: Batch):
    """Files that were dropped on a batch or its samples and gave nothing yet: unread or unreadable."""
    dropped = Q(batch=batch) | Q(sample__batch=batch)
    return uploads(user).filter(dropped, status__in=[*UNREAD, Upload.Status.UNREADABLE])


def pictures_and_documents(user, batch: Batch) -> tuple[list[Upload], list[Upload]]:
    """Files of a batch or its samples that have a drawn preview, and those that are only kept."""
    shown = Q(preview__width__isnull=False) | Q(status=Upload.Status.KEPT)
    found = uploads(user).filter(Q(batch=batch) | Q(sample__batch=batch)).filter(shown)
    kept = [upload for upload in found if upload.status == Upload.Status.KEPT]
    return [upload for upload in found if upload not in kept], kept


def measurements_of(upload: Upload):
    """What was found in a file at its latest reading."""
    return upload_measurements([upload])


def upload_measurements(files: Iterable[Upload]):
    return (
        Measurement.objects.filter(reading__upload__in=files, withdrawn_at=None)
        .select_related("sample__batch", "reading", "instrument")
        .order_by("reading_id", "item")
    )


def upload_has_ended(upload: Upload) -> bool:
    """Whether a file was read (or found unreadable) by now."""
    waiting = [Upload.Status.RECEIVED, Upload.Status.READING]
    return not Upload.objects.filter(pk=upload.pk, status__in=waiting).exists()


def unreadable(user):
    return uploads(user).filter(status=Upload.Status.UNREADABLE)


def per_project(files, projects) -> list[dict]:
    """How many of these files each of the projects has, where it has any."""
    rows = files.filter(project__in=projects).order_by("project__name").values("project", "project__name")
    return [
        {"project": row["project"], "name": row["project__name"], "n": row["n"]} for row in rows.annotate(n=Count("pk"))
    ]


def latest_reading(upload: Upload) -> Reading | None:
    return upload.readings.order_by("-pk").first()
