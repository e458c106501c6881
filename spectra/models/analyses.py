from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified, Versioned
from spectra.models.uploads import Job, State


class Analysis(Identified, Versioned, Job):
    """One run of one method on exactly known inputs. Never edited: re-analysis adds another and supersedes this one.

    ``input_digest`` binds inputs, parameters and the method's version; ``stale_since`` is set when today's digest differs.
    ``subject`` is what the result is of: the sample, and the measurement when it is of a single one.
    """

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="analyses")
    method = models.CharField(_("method"), max_length=40)
    method_version = models.PositiveIntegerField(default=0)
    parameters = models.JSONField(
        _("parameters"), default=dict, blank=True
    )  # only what was chosen; defaults are the method's
    packages = models.JSONField(default=dict, blank=True)
    input_digest = models.CharField(max_length=64, blank=True)
    stale_since = models.DateTimeField(_("stale since"), null=True, blank=True)
    sample = models.ForeignKey("synthesis.Sample", models.PROTECT, null=True, blank=True, related_name="analyses")
    measurement = models.ForeignKey(
        "spectra.Measurement", models.PROTECT, null=True, blank=True, related_name="analyses"
    )
    automatic = models.BooleanField(default=True)  # queued by the program rather than asked for by a person
    settings_from = models.ForeignKey(
        "spectra.InstrumentSettings", models.PROTECT, null=True, blank=True, related_name="analyses"
    )  # the instrument's settings in the project that it was computed with
    requested_by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="+")
    superseded_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="supersedes")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_because = models.TextField(blank=True)
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    overridable = models.BooleanField(default=False)
    override_because = models.TextField(_("why a refusal is overridden"), blank=True)
    details = models.JSONField(default=dict, blank=True)
    curves = models.JSONField(default=dict, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "analyses"
        indexes = [
            models.Index(fields=["state", "method", "lease_until"], name="analysis_queue"),
            models.Index(fields=["sample", "method"], name="analysis_of_sample"),
            models.Index(fields=["input_digest"], name="analysis_digest"),
        ]

    def __str__(self):
        return f"{self.method} {self.pk}"

    @property
    def is_current(self) -> bool:
        return self.state == State.DONE and self.superseded_by_id is None and self.withdrawn_at is None


class AnalysisInput(models.Model):
    """One input of an analysis with its role and index: a measurement, a composition, or an upstream analysis."""

    project_path = "analysis__project"

    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="inputs")
    role = models.CharField(_("role"), max_length=24)
    index = models.PositiveIntegerField(default=0)
    measurement = models.ForeignKey(
        "spectra.Measurement", models.PROTECT, null=True, blank=True, related_name="used_in"
    )
    composition = models.ForeignKey(
        "spectra.Composition", models.PROTECT, null=True, blank=True, related_name="used_in"
    )
    upstream = models.ForeignKey(Analysis, models.PROTECT, null=True, blank=True, related_name="used_in")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["analysis_id", "role", "index"]
        constraints = [
            models.CheckConstraint(
                name="input_points_to_one_thing",
                condition=(
                    models.Q(measurement__isnull=False, composition__isnull=True, upstream__isnull=True)
                    | models.Q(measurement__isnull=True, composition__isnull=False, upstream__isnull=True)
                    | models.Q(measurement__isnull=True, composition__isnull=True, upstream__isnull=False)
                ),
            )
        ]

    def __str__(self):
        return f"{self.role} {self.index}"


class Quantity(models.Model):
    """A number with its standard uncertainty, unit and budget; or no value and the reason why."""

    project_path = "analysis__project"

    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="quantities")
    name = models.CharField(_("name"), max_length=40)
    value = models.FloatField(_("value"), null=True)
    u = models.FloatField(_("standard uncertainty"), null=True)
    unit = models.CharField(_("unit"), max_length=24, blank=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    budget = models.JSONField(default=list, blank=True)
    reason = models.JSONField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["analysis_id", "id"]
        verbose_name_plural = "quantities"
        constraints = [models.UniqueConstraint(fields=["analysis", "name"], name="one_quantity_per_name")]
        indexes = [models.Index(fields=["name", "value"], name="quantity_by_value")]

    def __str__(self):
        return f"{self.name} = {self.value}"


class Agreed(models.Model):
    """A person's choice of the analysis that speaks for a batch; without one the newest accepted analysis does."""

    project_path = "batch__project"

    batch = models.ForeignKey("synthesis.Batch", models.CASCADE, related_name="agreed")
    method = models.CharField(max_length=40)
    analysis = models.ForeignKey(Analysis, models.PROTECT, related_name="+")
    chosen_by = models.ForeignKey("access.User", models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(auto_now=True)
    because = models.TextField(_("because"), blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "method"], name="one_agreed_analysis_per_method")]
        verbose_name_plural = "agreed values"

    def __str__(self):
        return f"{self.method} of {self.batch}"
