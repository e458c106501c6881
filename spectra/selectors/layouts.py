"""Layouts of tables that were described once."""

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from qdlab.access.roles import projects_to_write
from spectra.models import Layout, Reading, State, Upload
from spectra.readers.table_mapping import names_columns
from spectra.selectors.inbox import inbox

MOST_LAYOUTS = 500  # travel with each file to the reader host
MOST_ALIKE = 500


def layouts(user, *, archived: bool = False):
    """Layouts in use (with ``archived``: all) with how many of the files that one may see were read with each."""
    readings = Reading.objects.visible_to(user).filter(
        layout=OuterRef("pk"), state=State.DONE, upload__withdrawn_at=None
    )
    n_files = readings.order_by().values("layout").annotate(n=Count("upload", distinct=True)).values("n")
    found = Layout.objects.visible_to(user).select_related("made_by")
    found = found if archived else found.filter(archived_at=None)
    return found.annotate(n_files=Coalesce(Subquery(n_files), 0)).order_by("name", "pk")


def known_layouts() -> list[dict]:
    """What a worker takes along to read tables (``readers.layouts``), the last changed first."""
    columns = ("id", "name", "version", "fingerprint", "marks", "n_columns", "reader", "mapping")
    found = Layout.objects.filter(archived_at=None).order_by("-changed_at", "-pk").values(*columns)[:MOST_LAYOUTS]
    return [layout | {"id": str(layout["id"])} for layout in found]


def files_alike(user, layout: Layout) -> list[Upload]:
    """Files of the inbox that the person may read again, whose table has the layout's header and that nobody described."""
    latest = Reading.objects.filter(upload=OuterRef("pk")).order_by("-pk")
    waiting = inbox(user).filter(project__in=projects_to_write(user)).annotate(latest=Subquery(latest.values("pk")[:1]))
    readings = {
        reading.pk: reading
        for reading in Reading.objects.filter(
            pk__in=waiting.order_by().values("latest"), layout=None, decided__fingerprint__icontains=layout.fingerprint
        )
    }
    found = waiting.filter(latest__in=list(readings)[:MOST_ALIKE])
    return [upload for upload in found if _is_undescribed(upload, readings[upload.latest])]


def _is_undescribed(upload: Upload, reading: Reading) -> bool:
    """Unreadable, or read by a guess; and nobody has said which columns are what."""
    if names_columns(reading.mapping):
        return False
    doubts = {note["code"] for note in upload.warnings}
    return upload.status == Upload.Status.UNREADABLE or bool(doubts & {"technique_unknown", "please_confirm"})
