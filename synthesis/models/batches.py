"""What was really made: planned beside weighed, what was seen, and what became of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified, Versioned
from synthesis.models.amounts import si_column, text_column, typed_of, unit_column
from synthesis.models.recipes import IngredientRole, StepKind


class Status(models.TextChoices):
    PLANNED = "planned", _("planned")
    MADE = "made", _("made")
    MEASURED = "measured", _("measured")
    REVIEWED = "reviewed", _("reviewed")
    ABANDONED = "abandoned", _("abandoned")


class Outcome(models.TextChoices):
    """What the eye says; apart from the status, so that failures stay in the plots."""

    BLUE = "blue", _("blue")
    CYAN = "cyan", _("cyan")
    GREEN = "green", _("green")
    MIXED = "mixed", _("two colours")
    OTHER_COLOUR = "other_colour", _("another colour")
    TURBID = "turbid", _("turbid")
    PRECIPITATE = "precipitate", _("precipitate")
    NO_EMISSION = "no_emission", _("no emission")
    LOST = "lost", _("lost")


class Batch(Identified, Versioned):
    project = models.ForeignKey("access.Project", models.PROTECT, related_name="batches")
    code = models.CharField(_("code"), max_length=80)
    title = models.CharField(_("title"), max_length=160, blank=True)
    revision = models.ForeignKey(
        "synthesis.RecipeRevision", models.PROTECT, null=True, blank=True, related_name="batches"
    )
    sweep = models.ForeignKey("synthesis.Sweep", models.PROTECT, null=True, blank=True, related_name="batches")
    sweep_point = models.JSONField(default=dict, blank=True)  # target → {"text", "unit", "si"}
    replicate = models.PositiveIntegerField(_("replicate"), default=1)
    order = models.PositiveIntegerField(_("order"), null=True, blank=True)
    operator = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="batches")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    abandoned_because = models.TextField(_("why it was abandoned"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices, blank=True)
    outcome_note = models.TextField(_("what was seen"), blank=True)
    planned_for = models.DateField(_("planned for"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    made_on = models.DateField(_("made on"), null=True, blank=True)
    temperature_c = models.FloatField(_("temperature (°C)"), null=True, blank=True)
    relative_humidity_percent = models.FloatField(_("relative humidity (%)"), null=True, blank=True)
    atmosphere = models.CharField(_("atmosphere"), max_length=40, blank=True)
    conditions = models.JSONField(default=dict, blank=True)  # further ones: name → {"text", "unit", "si"}
    reference_equivalents_text = text_column(_("equivalents of the reference"))
    reference_equivalents = models.FloatField(default=1.0)
    aliquot_text = text_column(_("precursor taken into the antisolvent"))
    aliquot_unit = unit_column()
    aliquot_si = si_column()
    note = models.TextField(_("note"), blank=True)
    representative = models.ForeignKey(
        "synthesis.Sample",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("representative sample"),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = _("batches")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"],
                name="one_batch_per_code",
                violation_error_message=_("This project already has a batch with this code."),
            )
        ]
        indexes = [
            models.Index(fields=["project", "status"], name="batch_of_status"),
            models.Index(fields=["project", "made_on"], name="batch_of_day"),
        ]

    def __str__(self):
        return self.code

    @property
    def aliquot(self):
        return typed_of(self, "aliquot")


class BatchCode(models.Model):
    """Every code that a batch ever had: an old label on a vial still leads to it, and no code is given twice."""

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="batch_codes")
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="codes")
    code = models.CharField(_("code"), max_length=80)
    given_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["project", "code"], name="one_batch_ever_per_code")]

    def __str__(self):
        return self.code


class BatchIngredient(models.Model):
    """Planned and weighed, kept apart. ``uncertainty`` is of the balance or pipette, k = 1, absolute or in %."""

    project_path = "batch__project"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="ingredients")
    position = models.PositiveIntegerField(default=0)
    key = models.SlugField(max_length=40)
    role = models.CharField(_("role"), max_length=12, choices=IngredientRole.choices)
    chemical = models.ForeignKey("synthesis.Chemical", models.PROTECT, null=True, blank=True, related_name="in_batches")
    stock = models.ForeignKey(
        "synthesis.StockSolution", models.PROTECT, null=True, blank=True, related_name="in_batches"
    )
    lot = models.ForeignKey("synthesis.Lot", models.PROTECT, null=True, blank=True, related_name="in_batches")
    is_reference = models.BooleanField(_("reference"), default=False)
    planned_text = text_column(_("planned"))
    planned_unit = unit_column()
    planned_si = si_column()
    weighed_text = text_column(_("weighed"))
    weighed_unit = unit_column()
    weighed_si = si_column()
    uncertainty_text = text_column(_("uncertainty"))
    uncertainty_unit = unit_column()
    uncertainty_si = si_column()
    device = models.CharField(_("balance or pipette"), max_length=80, blank=True)
    weighed_at = models.DateTimeField(_("weighed at"), null=True, blank=True)
    weighed_by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["batch_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "key"], name="one_batch_ingredient_per_key"),
            models.UniqueConstraint(fields=["batch"], condition=Q(is_reference=True), name="one_reference_per_batch"),
            models.CheckConstraint(
                condition=Q(chemical__isnull=False, stock=None) | Q(chemical=None, stock__isnull=False),
                name="batch_ingredient_is_chemical_or_stock",
            ),
        ]

    def __str__(self):
        return f"{self.chemical or self.stock} {self.weighed or self.planned or ''}".strip()

    @property
    def planned(self):
        return typed_of(self, "planned")

    @property
    def weighed(self):
        return typed_of(self, "weighed")

    @property
    def uncertainty(self):
        return typed_of(self, "uncertainty")


class StepLog(models.Model):
    """What was done and seen, and when. Entries are added, never rewritten."""

    project_path = "batch__project"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="log")
    step = models.ForeignKey("synthesis.RecipeStep", models.PROTECT, null=True, blank=True, related_name="logged")
    kind = models.CharField(_("step"), max_length=16, choices=StepKind.choices, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="+")
    seen = models.TextField(_("what was seen"), blank=True)
    parameters = models.JSONField(default=dict, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()} {self.seen}".strip()


class WashStep(models.Model):
    """One wash or isolation: what was kept of which sample, and how much came out."""

    class Kept(models.TextChoices):
        PELLET = "pellet", _("pellet")
        SUPERNATANT = "supernatant", _("supernatant")

    project_path = "batch__project"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="washes")
    position = models.PositiveIntegerField(default=0)
    taken_from = models.ForeignKey("synthesis.Sample", models.PROTECT, null=True, blank=True, related_name="+")
    gave = models.ForeignKey("synthesis.Sample", models.PROTECT, null=True, blank=True, related_name="made_by_wash")
    kept = models.CharField(_("kept"), max_length=12, choices=Kept.choices)
    solvent = models.ForeignKey("synthesis.Chemical", models.PROTECT, null=True, blank=True, related_name="+")
    parameters = models.JSONField(default=dict, blank=True)  # volume or volume equivalents, rotation, time
    isolated_text = text_column(_("isolated mass"))
    isolated_unit = unit_column()
    isolated_si = si_column()
    yield_fraction = models.FloatField(_("yield"), null=True, blank=True)
    yield_basis = models.CharField(_("yield counted on"), max_length=120, blank=True)
    at = models.DateTimeField(_("when"), null=True, blank=True)
    by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(_("note"), blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["batch_id", "position"]
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="one_wash_per_position")]

    def __str__(self):
        return f"{self.batch} wash {self.position}"

    @property
    def isolated(self):
        return typed_of(self, "isolated")
