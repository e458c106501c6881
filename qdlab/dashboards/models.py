from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified, Versioned


class BatchIndex(models.Model):
    """One ratio or agreed quantity of a batch, for filtering and sorting. Never a source: ``rebuild_index`` makes it anew."""

    project_path = "batch__project"

    batch = models.ForeignKey("synthesis.Batch", models.CASCADE, related_name="index")
    name = models.CharField(max_length=40)
    value = models.FloatField(null=True)
    u = models.FloatField(null=True)
    unit = models.CharField(max_length=24, blank=True)
    analysis = models.ForeignKey("spectra.Analysis", models.CASCADE, null=True, blank=True, related_name="+")
    flags = models.JSONField(default=list, blank=True)  # "stale", "warned": what the eye must know beside the number

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "name"], name="one_index_row_per_name")]
        indexes = [models.Index(fields=["name", "value", "batch"], name="index_by_value")]
        verbose_name_plural = "batch index"

    def __str__(self):
        return f"{self.batch_id} {self.name} = {self.value}"


class SavedView(Identified, Versioned):
    """A named view of the batches table or of a comparison: its address."""

    project = models.ForeignKey("access.Project", models.CASCADE, related_name="saved_views")
    made_by = models.ForeignKey("access.User", models.PROTECT, related_name="saved_views")
    name = models.CharField(_("name"), max_length=120)
    page = models.CharField(max_length=24, default="batches")
    query = models.TextField(blank=True)
    shared = models.BooleanField(_("shared with the project"), default=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Comparison(Identified, Versioned):
    """A frozen comparison: the batches, the view, and the digests of the analyses it showed."""

    project = models.ForeignKey("access.Project", models.CASCADE, related_name="comparisons")
    made_by = models.ForeignKey("access.User", models.PROTECT, related_name="comparisons")
    name = models.CharField(_("name"), max_length=120)
    note = models.TextField(_("note"), blank=True)
    batches = models.ManyToManyField("synthesis.Batch", related_name="comparisons")
    view = models.JSONField(default=dict)
    digests = models.JSONField(default=dict)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return self.name


class Review(Identified):
    """A signature: who said what of a batch or an analysis, and exactly which state of it (``digest``) they meant."""

    class Meaning(models.TextChoices):
        REQUESTED = "requested", _("review requested")
        APPROVED = "approved", _("approved")
        SENT_BACK = "sent_back", _("sent back")
        COMMENT = "comment", _("comment")

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="reviews")
    batch = models.ForeignKey("synthesis.Batch", models.PROTECT, related_name="reviews")
    analysis = models.ForeignKey("spectra.Analysis", models.PROTECT, null=True, blank=True, related_name="reviews")
    reviewer = models.ForeignKey("access.User", models.PROTECT, related_name="reviews")
    meaning = models.CharField(_("meaning"), max_length=12, choices=Meaning.choices)
    comment = models.TextField(_("comment"), blank=True)
    digest = models.CharField(max_length=64)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"{self.get_meaning_display()} by {self.reviewer}"
