"""Folders whose files are taken in."""

from collections.abc import Iterable

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from spectra.models import FoundFile, SourceFolder, Upload
from spectra.selectors.files import UNREAD


def source_folders(user, *, forgotten: bool = False):
    """Folders with how many of their files wait and how many failed; with ``forgotten`` also those nobody looks into."""
    folders = SourceFolder.objects.visible_to(user)
    folders = folders if forgotten else folders.filter(forgotten_at=None)
    counts = {
        "n_waiting": _counted_files(FoundFile.State.WAITING),
        "n_failed": _counted_files(FoundFile.State.FAILED),
        "n_taken": _counted_files(FoundFile.State.STORED),
    }
    return folders.select_related("project", "by").annotate(**counts)


def _counted_files(state: str):
    same = FoundFile.objects.filter(folder=OuterRef("pk"), state=state).order_by()
    return Coalesce(Subquery(same.values("folder").annotate(n=Count("pk")).values("n")), 0)


def found_files(user):
    """What was seen in source folders, as it was found."""
    return FoundFile.objects.visible_to(user).select_related("folder__project", "upload__sample", "earlier")


def unread_in(folders: Iterable[SourceFolder]) -> int:
    """How many files that were taken from these folders are still to be read."""
    return Upload.objects.filter(found_files__folder__in=folders, status__in=UNREAD).distinct().count()


def found_as(upload: Upload):
    """Where a file was found: its paths in the folders that it came from."""
    return FoundFile.objects.filter(upload=upload).select_related("folder").order_by("pk")


def not_taken(folder: SourceFolder):
    """Files of a folder that somebody may have to look after: failed, gone, or waiting for a reason, the newest first."""
    wanted = Q(state__in=[FoundFile.State.FAILED, FoundFile.State.GONE])
    wanted |= Q(state=FoundFile.State.WAITING, reason__isnull=False)
    return FoundFile.objects.filter(wanted, folder=folder).order_by("-changed_at")
