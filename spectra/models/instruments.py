from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import SharedQuerySet
from qdlab.records.models import Blob, Identified, Versioned


class Instrument(Identified, Versioned):
    """A spectrometer of the lab. ``defaults`` fills in conditions that its files do not state."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    maker = models.CharField(_("maker"), max_length=80, blank=True)
    model = models.CharField(_("model"), max_length=80, blank=True)
    serial = models.CharField(_("serial number"), max_length=80, blank=True)
    defaults = models.JSONField(_("defaults"), default=dict, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class CorrectionFile(models.Model):
    """A spectral correction curve of an instrument, with the date from which it holds."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="correction_files")
    kind = models.CharField(
        _("kind"), max_length=16, choices=[("emission", _("emission")), ("excitation", _("excitation"))]
    )
    name = models.CharField(_("name"), max_length=120)
    measured_on = models.DateField(_("measured on"))
    relative_u = models.FloatField(_("relative uncertainty"), null=True, blank=True)
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="+")

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["-measured_on"]

    def __str__(self):
        return f"{self.name} ({self.measured_on})"
