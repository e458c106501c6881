from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified
from spectra.models.uploads import Upload

SILENT_AFTER = timedelta(seconds=60)  # a sign of life comes every 10 s at work, and with every round


class SourceFolder(Identified):
    """A folder whose files are taken in, by ``watch_folder`` for ever or by ``import_files`` once; nothing in it is changed.

    ``alive_at`` is the last sign of life of the command that holds the folder (``holder``), ``looked_at`` the end of its last
    whole round; ``problem`` a Note, while there is one.
    """

    class Mode(models.TextChoices):
        WATCH = "watch", _("watched")
        IMPORT = "import", _("imported")

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="source_folders")
    key = models.CharField(max_length=64)  # sha256 of the path's bytes: two commands on one folder share what they know
    path = models.TextField(_("folder"))
    by = models.ForeignKey("access.User", models.PROTECT, related_name="+")
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices)
    instrument = models.CharField(_("instrument"), max_length=120, blank=True)
    interval_s = models.FloatField(default=0)
    holder = models.CharField(max_length=120, blank=True)
    alive_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(_("last looked"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    problem = models.JSONField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)  # a person said that nobody looks any more; files stay

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="one_source_folder_per_project")]

    def __str__(self):
        return self.path

    @property
    def is_silent(self) -> bool:
        """Should somebody be looking, and is nobody?"""
        return not (self.stopped_at or self.forgotten_at or self.is_alive)

    @property
    def is_alive(self) -> bool:
        """Did the command that holds the folder give a sign lately?"""
        patience = SILENT_AFTER + timedelta(seconds=2 * self.interval_s)
        return self.alive_at is not None and timezone.now() - self.alive_at < patience


class FoundFile(Identified):
    """A file that was seen in a source folder: the same path, size and time are never read again.

    ``key`` is the sha256 of the relative path's bytes, ``path`` how it is shown. ``mtime_ns`` is when the file was last
    changed there, as its disk says it; that is no date of measurement. ``earlier`` is what the same path held before.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        STORED = "stored", _("stored")
        DUPLICATE = "duplicate", _("already there")
        ASIDE = "aside", _("left aside")
        FAILED = "failed", _("failed")
        GONE = "gone", _("gone")

    project_path = "folder__project"

    folder = models.ForeignKey(SourceFolder, models.PROTECT, related_name="files")
    key = models.CharField(max_length=64)
    path = models.TextField(_("path"))
    size = models.BigIntegerField(default=0)
    mtime_ns = models.BigIntegerField(default=0)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.WAITING)
    reason = models.JSONField(_("reason"), null=True, blank=True)
    unchanged_since = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    try_again_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, blank=True, related_name="found_files")
    earlier = models.ForeignKey(Upload, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["folder", "key"], name="one_found_file_per_path")]
        indexes = [models.Index(fields=["folder", "state"], name="found_file_state")]

    def __str__(self):
        return self.path

    @property
    def changed_there_at(self) -> datetime | None:
        """When the file was last changed in its folder; None where its disk names an impossible time."""
        try:
            return datetime.fromtimestamp(self.mtime_ns // 10**9, UTC)
        except (OverflowError, ValueError, OSError):
            return None
