"""The reference shelf, shared by the whole lab: species, chemicals, lots, stock solutions."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qdlab.access.visibility import SharedQuerySet
from qdlab.records.models import Identified, Versioned
from synthesis.models.amounts import si_column, text_column, typed_of, unit_column

POSITIVE = MinValueValidator(1e-12, _("This must be more than zero."))
FRACTION = (POSITIVE, MaxValueValidator(1, _("A mass fraction is at most 1: write 0.98 for 98 percent.")))


class SpeciesRole(models.TextChoices):
    """In the order in which ratios are written: MA:Pb:Br:MLA:OAM."""

    A_SITE = "a-site", _("A-site cation")
    METAL = "metal", _("metal")
    HALIDE = "halide", _("halide")
    ANION = "anion", _("other anion")
    ACID = "acid", _("acid")
    AMINE = "amine", _("amine")
    LIGAND = "ligand", _("other ligand")
    OTHER = "other", _("other")


class Phase(models.TextChoices):
    SOLID = "solid", _("solid")
    LIQUID = "liquid", _("liquid")
    GAS = "gas", pgettext_lazy("a phase", "gas")


class Species(models.Model):
    """What ratios count: MA, Pb, Br, MLA … Acids and amines are totals, whatever their protonation."""

    symbol = models.CharField(_("symbol"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    formula = models.CharField(_("formula"), max_length=80, blank=True)
    charge = models.SmallIntegerField(_("charge"), default=0)
    role = models.CharField(_("role"), max_length=8, choices=SpeciesRole.choices, default=SpeciesRole.OTHER)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["symbol"]
        verbose_name_plural = _("species")

    def __str__(self):
        return self.symbol

    @property
    def rank(self) -> tuple[int, str]:
        """Its place in a ratio."""
        return SpeciesRole.values.index(self.role), self.symbol


class Chemical(Identified, Versioned):
    """A compound. Once used, what counts in ratios (M, density, phase, species) is only revised, never changed."""

    name = models.CharField(_("name"), max_length=120)
    abbreviation = models.CharField(_("short name"), max_length=24, blank=True)
    formula = models.CharField(_("formula"), max_length=120, blank=True)
    cas = models.CharField(_("CAS number"), max_length=16, blank=True)
    inchikey = models.CharField(_("InChIKey"), max_length=27, blank=True)
    molar_mass_g_mol = models.FloatField(_("molar mass (g/mol)"), null=True, blank=True, validators=[POSITIVE])
    density_g_ml = models.FloatField(_("density (g/mL)"), null=True, blank=True, validators=[POSITIVE])
    density_u_g_ml = models.FloatField(_("uncertainty of the density (g/mL)"), null=True, blank=True)
    refractive_index = models.FloatField(_("refractive index"), null=True, blank=True, validators=[POSITIVE])
    phase = models.CharField(_("phase"), max_length=8, choices=Phase.choices, default=Phase.SOLID)
    role = models.CharField(_("usual role"), max_length=12, blank=True)
    hazards = models.TextField(_("hazards"), blank=True)
    note = models.TextField(_("note"), blank=True)
    revises = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="revised_by")
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(archived_at=None),
                name="one_chemical_per_name",
                violation_error_message=_("A chemical with this name is already on the shelf."),
            )
        ]

    def __str__(self):
        return self.name

    @property
    def short(self) -> str:
        return self.abbreviation or self.name


class ChemicalSpecies(models.Model):
    """What one formula unit delivers: PbBr₂ → 1 Pb and 2 Br."""

    chemical = models.ForeignKey(Chemical, models.CASCADE, related_name="delivers")
    species = models.ForeignKey(Species, models.PROTECT, related_name="delivered_by")
    count = models.FloatField(_("per formula unit"), default=1, validators=[POSITIVE])

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["chemical", "species"], name="one_count_per_species")]
        verbose_name_plural = _("delivered species")

    def __str__(self):
        return f"{self.count:g} {self.species}"


class Lot(Identified, Versioned):
    """One bottle or batch of a chemical, with what its label and the Karl Fischer titration say."""

    chemical = models.ForeignKey(Chemical, models.PROTECT, related_name="lots")
    supplier = models.CharField(_("supplier"), max_length=120, blank=True)
    number = models.CharField(_("lot number"), max_length=80)
    purity = models.FloatField(_("purity (mass fraction)"), null=True, blank=True, validators=FRACTION)
    purity_u = models.FloatField(_("uncertainty of the purity"), null=True, blank=True)
    opened_on = models.DateField(_("opened"), null=True, blank=True)
    drying = models.CharField(_("drying"), max_length=200, blank=True)
    water_ppm = models.FloatField(_("water (ppm)"), null=True, blank=True, validators=[MinValueValidator(0)])
    received_text = text_column(_("amount received"))
    received_unit = unit_column()
    received_si = si_column()
    storage = models.CharField(_("storage place"), max_length=120, blank=True)
    note = models.TextField(_("note"), blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["chemical__name", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["chemical", "supplier", "number"],
                condition=Q(archived_at=None),
                name="one_lot_per_number",
                violation_error_message=_("This lot is already on the shelf."),
            )
        ]

    def __str__(self):
        return " ".join(filter(None, [self.supplier, self.number]))

    @property
    def received(self):
        return typed_of(self, "received")


class StockSolution(Identified, Versioned):
    """A solution that is taken by volume; ``reacted`` ones (cesium oleate) list what they deliver after the reaction."""

    name = models.CharField(_("name"), max_length=120)
    solvent = models.ForeignKey(Chemical, models.PROTECT, null=True, blank=True, related_name="dissolves")
    density_g_ml = models.FloatField(_("density (g/mL)"), null=True, blank=True, validators=[POSITIVE])
    relative_u = models.FloatField(_("relative uncertainty of the concentration"), null=True, blank=True)
    reacted = models.BooleanField(_("reacted mixture"), default=False)
    made_at = models.DateTimeField(_("made"), null=True, blank=True)
    made_by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(_("note"), blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-made_at"]

    def __str__(self):
        return self.name


class StockComponent(models.Model):
    """One solute, by mol/L or mg/mL; or another stock solution, by volume fraction. The first one leads."""

    solution = models.ForeignKey(StockSolution, models.CASCADE, related_name="components")
    position = models.PositiveIntegerField(default=0)
    chemical = models.ForeignKey(Chemical, models.PROTECT, null=True, blank=True, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="stock_components")
    stock = models.ForeignKey(StockSolution, models.PROTECT, null=True, blank=True, related_name="diluted_in")
    concentration_text = text_column(_("concentration"))
    concentration_unit = unit_column()
    concentration_si = si_column()

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["solution_id", "position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(chemical__isnull=False, stock=None) | Q(chemical=None, stock__isnull=False),
                name="component_is_chemical_or_stock",
            )
        ]

    def __str__(self):
        return f"{self.chemical or self.stock} {self.concentration}"

    @property
    def concentration(self):
        return typed_of(self, "concentration")
