from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified, Versioned


class Sweep(Identified, Versioned):
    """A series of batches of one revision in which one or two parameters are varied.

    ``parameters``: [{"target": "ingredient:oam", "unit": "{equiv}", "values": ["0.1", "0.25"]}, …]; a target is
    ``ingredient:<key>`` (its amount), ``chemical:<key>`` (which chemical) or ``step:<position>:<parameter>``.
    """

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="sweeps")
    revision = models.ForeignKey("synthesis.RecipeRevision", models.PROTECT, related_name="sweeps")
    name = models.CharField(_("name"), max_length=160)
    parameters = models.JSONField(default=list)
    replicates = models.PositiveIntegerField(_("replicates"), default=1)
    order_seed = models.BigIntegerField(null=True, blank=True)  # null: made in the order of the values
    note = models.TextField(_("note"), blank=True)
    made_by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="+")
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="one_sweep_per_name",
                violation_error_message=_("This project already has a sweep with this name."),
            )
        ]

    def __str__(self):
        return self.name
