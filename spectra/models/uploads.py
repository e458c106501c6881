from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Blob, Identified, Versioned


class State(models.TextChoices):
    """Where a job stands. A refused analysis has ended: it says why there is no number."""

    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Job(models.Model):
    """A row that is also an entry of the queue (see ``spectra.queue``).

    ``fence`` rises with every claim: only the worker that holds the current fence may commit a result.
    """

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.JSONField(_("reason"), null=True, blank=True)  # a Note: why it was refused or failed

    class Meta:
        abstract = True

    @property
    def has_ended(self) -> bool:
        return self.state not in (State.QUEUED, State.RUNNING)


class Upload(Identified, Versioned):
    """One file as somebody handed it in: who, when, under which name. Its bytes are a Blob and never change."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("received")
        READING = "reading", _("reading")
        READ = "read", _("read")
        UNREADABLE = "unreadable", _("unreadable")
        KEPT = "kept", _("kept, not read")

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="uploads")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="uploads")
    name = models.CharField(_("file name"), max_length=255)
    uploaded_by = models.ForeignKey("access.User", models.PROTECT, related_name="uploads")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.RECEIVED)
    reason = models.JSONField(_("reason"), null=True, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    batch = models.ForeignKey("synthesis.Batch", models.SET_NULL, null=True, blank=True, related_name="uploads")
    sample = models.ForeignKey("synthesis.Sample", models.SET_NULL, null=True, blank=True, related_name="uploads")
    hints = models.JSONField(
        default=dict, blank=True
    )  # what the person said with the file: technique, role, conditions
    suggestion = models.JSONField(default=dict, blank=True)  # {"sample", "batch", "reason", "confidence"}
    simulated = models.BooleanField(_("simulated"), default=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["project", "blob"], name="upload_same_file"),
            models.Index(fields=["status"], name="upload_status"),
        ]

    def __str__(self):
        return self.name


class Reading(Identified, Job):
    """One attempt to understand a file with one reader. Re-reading makes a new Reading; the old one stays."""

    project_path = "upload__project"

    upload = models.ForeignKey(Upload, models.PROTECT, related_name="readings")
    reader = models.CharField(_("reader"), max_length=40, blank=True)
    reader_version = models.PositiveIntegerField(default=0)
    # The newest version of the reader that was found to read the same, or whose changes a person declined
    checked_version = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(default=dict, blank=True)
    decided = models.JSONField(default=dict, blank=True)
    facts = models.JSONField(default=dict, blank=True)  # instrument, serial, operator, title, comment, dates as written
    warnings = models.JSONField(default=list, blank=True)
    layout = models.ForeignKey("spectra.Layout", models.PROTECT, null=True, blank=True, related_name="readings")
    layout_version = models.PositiveIntegerField(null=True, blank=True)
    requested_by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "lease_until"], name="reading_queue")]

    def __str__(self):
        return f"reading of {self.upload}"
