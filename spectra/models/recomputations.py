from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified
from spectra.models.rereadings import Decision
from spectra.models.uploads import Job


class WhyAgain(models.TextChoices):
    """Why results are computed again."""

    STALE = "stale", _("what they rest on has changed")
    SETTINGS = "settings", _("other settings")


class Halted(models.TextChoices):
    """Whether a person holds a recomputation back."""

    NO = "", _("under way")
    PAUSED = "paused", _("paused")
    CANCELLED = "cancelled", _("cancelled")


class Recomputation(Identified):
    """Many results computed again: first on trial, then, for those that a person chooses, for good.

    ``selection`` says which results were meant; ``parameters`` are set over each result's own. ``level`` is how deep in the
    chain of upstream results the trial stands: a lifetime is tried before the rate that rests on it.
    """

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="recomputations")
    requested_by = models.ForeignKey("access.User", models.PROTECT, related_name="+")
    why = models.CharField(_("why"), max_length=12, choices=WhyAgain.choices, default=WhyAgain.STALE)
    selection = models.JSONField(default=dict, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    halted = models.CharField(_("held back"), max_length=12, choices=Halted.choices, blank=True)
    level = models.PositiveSmallIntegerField(default=0)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"{self.get_why_display()}, {self.created_at:%Y-%m-%d %H:%M}"


class Found(models.TextChoices):
    """What today's inputs, settings and method make of a result."""

    SAME = "same", _("the same numbers")
    CHANGED = "changed", _("other numbers")
    NEW = "new", _("a number where there was none")
    LOST = "lost", _("no number any more")


class Repeat(Identified, Job):
    """One result of a Recomputation, as a job of its own. The trial writes no result.

    ``why`` holds codes of reasons, ``numbers`` old and new of each quantity, ``largest_u`` the largest difference in
    standard uncertainties of the old number; ``result`` is the analysis that was queued when a person said so.
    """

    project_path = "recomputation__project"

    recomputation = models.ForeignKey(Recomputation, models.CASCADE, related_name="repeats")
    analysis = models.ForeignKey("spectra.Analysis", models.PROTECT, related_name="repeats")
    method = models.CharField(_("method"), max_length=40)
    level = models.PositiveSmallIntegerField(default=0)
    why = models.JSONField(default=list, blank=True)
    found = models.CharField(_("found"), max_length=12, choices=Found.choices, blank=True)
    numbers = models.JSONField(default=list, blank=True)
    told = models.JSONField(null=True, blank=True)  # a Note: why there would be no number
    largest_u = models.FloatField(null=True)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices, blank=True)
    result = models.ForeignKey("spectra.Analysis", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="repeat_queue"),
            models.Index(fields=["recomputation", "decision", "level"], name="repeat_to_apply"),
        ]

    def __str__(self):
        return f"{self.method} again"


class Tried(models.Model):
    """What a trial computed, kept until somebody decides: what is taken over as it stands need not be computed twice.

    ``input_digest`` says what it rests on; where today's differs, the result is computed again. ``outcome`` is packed.
    """

    project_path = "repeat__recomputation__project"

    repeat = models.OneToOneField(Repeat, models.CASCADE, primary_key=True, related_name="tried")
    input_digest = models.CharField(max_length=64)
    outcome = models.BinaryField()

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tried results"

    def __str__(self):
        return f"outcome of {self.repeat_id}"
