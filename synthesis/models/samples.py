"""What is measured: a portion of a batch in a certain state, and the layers of a device made from it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified, Versioned
from synthesis.models.amounts import si_column, text_column, typed_of, unit_column


class SampleState(models.TextChoices):
    CRUDE = "crude", _("crude")
    WASHED = "washed", _("washed")
    WITH_ADDITIVE = "with_additive", _("with additive")
    AGED = "aged", _("aged")
    FILM = "film", _("film")
    GRID = "grid", _("grid")
    DEVICE = "device", _("device")


class Sample(Identified, Versioned):
    """A vial, film, grid or device, from a batch or from a parent sample of it."""

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="samples")
    batch = models.ForeignKey("synthesis.Batch", models.PROTECT, related_name="samples")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    code = models.CharField(_("code"), max_length=96)
    state = models.CharField(_("state"), max_length=16, choices=SampleState.choices, default=SampleState.CRUDE)
    wash_count = models.PositiveIntegerField(_("times washed"), default=0)
    additive = models.ForeignKey("synthesis.Chemical", models.PROTECT, null=True, blank=True, related_name="+")
    additive_text = text_column(_("concentration of the additive"))
    additive_unit = unit_column()
    additive_si = si_column()
    solvent = models.ForeignKey("synthesis.Chemical", models.PROTECT, null=True, blank=True, related_name="+")
    concentration_text = text_column(_("concentration"))
    concentration_unit = unit_column()
    concentration_si = si_column()
    concentration_found_by = models.CharField(_("how the concentration was found"), max_length=160, blank=True)
    storage = models.CharField(_("storage place"), max_length=120, blank=True)
    storage_temperature_c = models.FloatField(_("storage temperature (°C)"), null=True, blank=True)
    made_at = models.DateTimeField(_("made"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    archived_at = models.DateTimeField(_("used up or discarded"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["batch_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"],
                name="one_sample_per_code",
                violation_error_message=_("This project already has a sample with this code."),
            )
        ]

    def __str__(self):
        return self.code

    @property
    def concentration(self):
        return typed_of(self, "concentration")

    @property
    def additive_concentration(self):
        return typed_of(self, "additive")

    @property
    def state_text(self) -> str:
        """The state in words, with the number of washes."""
        if self.state == SampleState.WASHED and self.wash_count > 1:
            return _("washed {n}×").format(n=self.wash_count)
        return self.get_state_display()


class DeviceLayer(models.Model):
    """One layer of a device, from the substrate up: ITO / PEDOT:PSS / poly-TPD / QD / TPBi / Ag."""

    project_path = "sample__project"

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="layers")
    position = models.PositiveIntegerField(default=0)
    material = models.CharField(_("material"), max_length=120)
    chemical = models.ForeignKey("synthesis.Chemical", models.PROTECT, null=True, blank=True, related_name="+")
    from_sample = models.ForeignKey(Sample, models.PROTECT, null=True, blank=True, related_name="layer_of")
    method = models.CharField(_("method"), max_length=40, blank=True)
    parameters = models.JSONField(default=dict, blank=True)  # rotation, time, annealing, thickness, solvent
    note = models.TextField(_("note"), blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["sample_id", "position"]
        constraints = [models.UniqueConstraint(fields=["sample", "position"], name="one_layer_per_position")]

    def __str__(self):
        return self.material
