import numpy as np
from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified, Versioned


class Technique(models.TextChoices):
    PL_EMISSION = "pl_emission", _("PL emission")
    PL_EXCITATION = "pl_excitation", _("PL excitation")
    UVVIS = "uvvis", _("UV-Vis absorbance")
    CD = "cd", _("circular dichroism")
    DECAY = "decay", _("PL decay")
    EL = "el", _("electroluminescence")
    EDX = "edx", _("EDX")
    TEM_SIZES = "tem_sizes", _("TEM diameters")
    KINETICS = "kinetics", _("kinetics")
    RAMAN = "raman", _("Raman")
    IR = "ir", _("IR")
    MASS = "mass", _("mass spectrum")
    XRD = "xrd", _("XRD")
    XPS = "xps", _("XPS")
    NMR = "nmr", _("NMR")
    DLS = "dls", _("DLS")
    IMAGE = "image", _("image")
    VIDEO = "video", _("video")
    GENERIC = "generic", _("other curve")


class Role(models.TextChoices):
    SAMPLE = "sample", _("sample")
    STANDARD = "standard", _("standard")
    BLANK = "blank", _("blank")
    IRF = "IRF", _("instrument response")
    LAMP = "lamp", _("lamp")


class Measurement(Identified, Versioned):
    """One measurement found in a file: of a sample, of a standard's solution, or of nothing (IRF, blank, lamp).

    The columns hold what the methods and filters need; ``conditions`` holds all of ``spectra.conditions.Conditions``
    that is known, and ``metadata`` everything the file said in its own words.
    """

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="measurements")
    reading = models.ForeignKey("spectra.Reading", models.PROTECT, related_name="measurements")
    item = models.PositiveIntegerField(default=0)  # its place in the reading
    sample = models.ForeignKey("synthesis.Sample", models.PROTECT, null=True, blank=True, related_name="measurements")
    standard = models.ForeignKey("spectra.Standard", models.PROTECT, null=True, blank=True, related_name="measurements")
    standard_session = models.ForeignKey(
        "spectra.StandardSession", models.PROTECT, null=True, blank=True, related_name="measurements"
    )
    instrument = models.ForeignKey(
        "spectra.Instrument", models.PROTECT, null=True, blank=True, related_name="measurements"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.SAMPLE)
    technique = models.CharField(_("technique"), max_length=16, choices=Technique.choices, blank=True)
    technique_source = models.CharField(max_length=8, default="file")
    title = models.CharField(_("title"), max_length=255, blank=True)
    measured_at = models.DateTimeField(_("measured"), null=True, blank=True)
    excitation_nm = models.FloatField(_("excitation (nm)"), null=True, blank=True)
    emission_nm = models.FloatField(_("emission (nm)"), null=True, blank=True)
    dilution_label = models.CharField(_("dilution"), max_length=40, blank=True)
    conditions = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    by_person = models.JSONField(
        default=list, blank=True
    )  # names of the facts that a person decided: they outlive a new reading
    simulated = models.BooleanField(_("simulated"), default=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_because = models.TextField(blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["reading", "item"], name="one_measurement_per_item")]
        indexes = [models.Index(fields=["sample", "technique"], name="measurement_of_sample")]

    def __str__(self):
        return self.title or f"{self.get_technique_display()} {self.pk}"


class Grid(models.Model):
    """One x axis, shared by all curves that were measured on it; ``x`` is float64, little-endian."""

    sha256 = models.CharField(max_length=64, unique=True)
    x = models.BinaryField()

    def __str__(self):
        return f"grid of {len(self.x) // 8} points"


class Trace(models.Model):
    """One x–y curve of a measurement in the instrument's own order and units; ``y`` is float64, little-endian."""

    project_path = "measurement__project"

    measurement = models.ForeignKey(Measurement, models.CASCADE, related_name="traces")
    index = models.PositiveIntegerField(default=0)
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="+")
    y = models.BinaryField()
    channel = models.CharField(_("channel"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=12, default="signal")
    x_quantity = models.CharField(max_length=24, default="wavelength")
    x_unit = models.CharField(max_length=24, default="nm", blank=True)
    y_quantity = models.CharField(max_length=24, default="unknown")
    y_unit = models.CharField(max_length=24, blank=True)
    z = models.FloatField(null=True, blank=True)
    z_quantity = models.CharField(max_length=24, blank=True)
    z_unit = models.CharField(max_length=24, blank=True)
    n_points = models.PositiveIntegerField()
    x_min = models.FloatField()
    x_max = models.FloatField()
    y_min = models.FloatField(null=True)
    y_max = models.FloatField(null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["measurement_id", "index"]
        constraints = [models.UniqueConstraint(fields=["measurement", "index"], name="one_trace_per_index")]

    def __str__(self):
        return f"{self.y_quantity} against {self.x_quantity}, {self.n_points} points"

    def x_values(self) -> np.ndarray:
        return np.frombuffer(self.grid.x, dtype="<f8")

    def y_values(self) -> np.ndarray:
        return np.frombuffer(self.y, dtype="<f8")


class Composition(Identified, Versioned):
    """An elemental composition (EDX), typed in or read from a file."""

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="compositions")
    sample = models.ForeignKey("synthesis.Sample", models.PROTECT, null=True, blank=True, related_name="compositions")
    measurement = models.ForeignKey(Measurement, models.PROTECT, null=True, blank=True, related_name="compositions")
    title = models.CharField(_("title"), max_length=255, blank=True)
    beam_energy_kev = models.FloatField(_("beam energy (keV)"), null=True, blank=True)
    n_spots = models.PositiveIntegerField(_("number of spots"), null=True, blank=True)
    measured_at = models.DateTimeField(_("measured"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return self.title or str(self.pk)


class ElementFraction(models.Model):
    """The atomic percent of one element in a composition, with its standard uncertainty."""

    project_path = "composition__project"

    composition = models.ForeignKey(Composition, models.CASCADE, related_name="fractions")
    element = models.CharField(_("element"), max_length=3)
    percent = models.FloatField(_("atomic %"))
    percent_u = models.FloatField(_("standard uncertainty"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["composition_id", "element"]
        constraints = [models.UniqueConstraint(fields=["composition", "element"], name="one_fraction_per_element")]

    def __str__(self):
        return f"{self.element} {self.percent} %"
