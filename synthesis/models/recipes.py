"""Recipes and their revisions. A revision never changes: another one follows it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified, Versioned
from synthesis.models.amounts import si_column, text_column, typed_of, unit_column


class IngredientRole(models.TextChoices):
    LEAD = "lead", _("metal salt")
    HALIDE = "halide", _("halide")
    A_SITE = "a-site", _("A-site salt")
    ACID = "acid", _("acid")
    AMINE = "amine", _("amine")
    ADDITIVE = "additive", _("additive")
    SOLVENT = "solvent", _("solvent")
    ANTISOLVENT = "antisolvent", _("antisolvent")
    WASH = "wash", _("washing solvent")


class StepKind(models.TextChoices):
    DISSOLVE = "dissolve", _("dissolve")
    ADD = "add", _("add")
    ADD_DROPWISE = "add_dropwise", _("add dropwise")
    INJECT = "inject", _("inject")
    SONICATE = "sonicate", _("sonicate")
    STIR = "stir", _("stir")
    HEAT = "heat", _("heat")
    COOL = "cool", _("cool")
    WAIT = "wait", _("let stand")
    CENTRIFUGE = "centrifuge", _("centrifuge")
    WASH = "wash", _("wash")
    REDISPERSE = "redisperse", _("redisperse")
    FILTER = "filter", _("filter")
    DRY = "dry", _("dry")
    DEPOSIT = "deposit", _("deposit")
    OTHER = "other", _("other step")


class Recipe(Identified, Versioned):
    project = models.ForeignKey("access.Project", models.PROTECT, related_name="recipes")
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    made_by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="recipes")
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="one_recipe_per_name",
                violation_error_message=_("This project already has a recipe with this name."),
            )
        ]

    def __str__(self):
        return self.name


class RecipeRevision(Identified):
    """One state of a recipe: what is taken, what is done. Immutable from the moment it is saved."""

    project_path = "recipe__project"

    recipe = models.ForeignKey(Recipe, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("revision"))
    reference_equivalents_text = text_column(_("equivalents of the reference"))
    reference_equivalents = models.FloatField(default=1.0)
    why = models.CharField(_("what changed, and why"), max_length=255, blank=True)
    made_by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["recipe_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["recipe", "number"], name="one_revision_per_number")]

    def __str__(self):
        return _("{recipe}, revision {number}").format(recipe=self.recipe, number=self.number)


class RecipeIngredient(models.Model):
    """One line. ``key`` stays the same over revisions: diffs, steps and sweeps point to it."""

    project_path = "revision__recipe__project"

    revision = models.ForeignKey(RecipeRevision, models.CASCADE, related_name="ingredients")
    position = models.PositiveIntegerField(default=0)
    key = models.SlugField(max_length=40)
    role = models.CharField(_("role"), max_length=12, choices=IngredientRole.choices)
    chemical = models.ForeignKey("synthesis.Chemical", models.PROTECT, null=True, blank=True, related_name="in_recipes")
    stock = models.ForeignKey(
        "synthesis.StockSolution", models.PROTECT, null=True, blank=True, related_name="in_recipes"
    )
    amount_text = text_column(_("amount"))
    amount_unit = unit_column()
    amount_si = si_column()
    is_reference = models.BooleanField(_("reference"), default=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["revision_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "key"], name="one_ingredient_per_key"),
            models.UniqueConstraint(
                fields=["revision"], condition=Q(is_reference=True), name="one_reference_per_revision"
            ),
            models.CheckConstraint(
                condition=Q(chemical__isnull=False, stock=None) | Q(chemical=None, stock__isnull=False),
                name="ingredient_is_chemical_or_stock",
            ),
        ]

    def __str__(self):
        return f"{self.chemical or self.stock} {self.amount or ''}".strip()

    @property
    def amount(self):
        return typed_of(self, "amount")


class RecipeStep(models.Model):
    """One operation with typed parameters: name → {"text", "unit", "si"} or {"text"} for words like an atmosphere.

    ``ingredients`` are the keys of what is added; ``into`` is the key of what receives it (the antisolvent), if any.
    """

    project_path = "revision__recipe__project"

    revision = models.ForeignKey(RecipeRevision, models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(_("step"), max_length=16, choices=StepKind.choices)
    parameters = models.JSONField(default=dict, blank=True)
    ingredients = models.JSONField(default=list, blank=True)
    into = models.SlugField(max_length=40, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["revision_id", "position"]
        constraints = [models.UniqueConstraint(fields=["revision", "position"], name="one_step_per_position")]

    def __str__(self):
        return self.get_kind_display()
