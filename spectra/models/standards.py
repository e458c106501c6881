from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet, SharedQuerySet
from qdlab.records.models import Identified, Versioned


class Standard(Identified, Versioned):
    """A fluorescence standard and its yield. Once used it is never changed, only revised: ``revises`` names the one before."""

    compound = models.CharField(_("compound"), max_length=120)
    solvent = models.CharField(_("solvent"), max_length=80)
    phi = models.FloatField(_("quantum yield Φ"), null=True, blank=True)
    phi_u = models.FloatField(_("standard uncertainty of Φ"), null=True, blank=True)
    gas = models.CharField(_("gas"), max_length=20, blank=True, help_text=_("air, Ar, N2, degassed"))
    temperature_c = models.FloatField(_("temperature (°C)"), null=True, blank=True)
    refractive_index = models.FloatField(_("refractive index of the solvent"), null=True, blank=True)
    excitation_min_nm = models.FloatField(_("excitation from (nm)"), null=True, blank=True)
    excitation_max_nm = models.FloatField(_("excitation to (nm)"), null=True, blank=True)
    citation = models.TextField(_("citation"), blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    revises = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="revised_by")
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["compound", "solvent", "-revision"]

    def __str__(self):
        return _("{compound} in {solvent}").format(compound=self.compound, solvent=self.solvent)


class StandardSession(Identified, Versioned):
    """The dilution series of a standard, measured once and used by many samples until it expires.

    Its measurements point to it (``Measurement.standard_session``) with their dilution labels.
    """

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="standard_sessions")
    standard = models.ForeignKey(Standard, models.PROTECT, related_name="sessions")
    instrument = models.ForeignKey(
        "spectra.Instrument", models.PROTECT, null=True, blank=True, related_name="standard_sessions"
    )
    name = models.CharField(_("name"), max_length=120)
    measured_at = models.DateTimeField(_("measured"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    made_by = models.ForeignKey("access.User", models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-measured_at"]

    def __str__(self):
        return self.name
