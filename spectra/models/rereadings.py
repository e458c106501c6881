from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified
from spectra.models.uploads import Job


class Why(models.TextChoices):
    """Why files are looked at again."""

    EARLIER = "earlier", _("read by an earlier version of their reader")
    UNREADABLE = "unreadable", _("could not be read so far")
    CHOSEN = "chosen", _("chosen by hand")


class Rereading(Identified):
    """Files looked at again on trial: what a new reading would change is listed before anything changes."""

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="rereadings")
    requested_by = models.ForeignKey("access.User", models.PROTECT, related_name="+")
    why = models.CharField(_("why"), max_length=12, choices=Why.choices, default=Why.CHOSEN)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"{self.get_why_display()}, {self.created_at:%Y-%m-%d %H:%M}"


class Outcome(models.TextChoices):
    """What a new reading of a file would give, compared with what is in use."""

    SAME = "same", _("the same")
    CHANGED = "changed", _("something else")
    NEW = "new", _("readable now")
    UNREADABLE = "unreadable", _("unreadable")


class Decision(models.TextChoices):
    """What a person made of it."""

    OPEN = "", _("open")
    APPLY = "apply", _("taken over")
    KEEP = "keep", _("kept as it was")


class Trial(Identified, Job):
    """One file of a Rereading, as a job of its own. It writes no measurement.

    ``changes`` holds items (what differs, as Notes) and what rests on them; ``decision`` is a person's.
    """

    project_path = "rereading__project"

    rereading = models.ForeignKey(Rereading, models.PROTECT, related_name="trials")
    upload = models.ForeignKey("spectra.Upload", models.PROTECT, related_name="trials")
    mapping = models.JSONField(default=dict, blank=True)
    reader = models.CharField(_("reader"), max_length=40, blank=True)
    reader_version = models.PositiveIntegerField(default=0)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, blank=True)
    changes = models.JSONField(default=dict, blank=True)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "lease_until"], name="trial_queue")]

    def __str__(self):
        return f"trial of {self.upload}"
