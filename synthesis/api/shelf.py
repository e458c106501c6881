"""``/chemicals/`` and ``/lots/``: the reference shelf, shared by the lab."""

from rest_framework import serializers

from qdlab.access.api.fields import Input, Number, Output, Text, TypedAmount, Visible
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from synthesis import selectors, services
from synthesis.models import Chemical, Lot, Phase

CHEMICAL_TEXTS = ("abbreviation", "formula", "cas", "inchikey", "role", "hazards", "note")
CHEMICAL_NUMBERS = ("molar_mass_g_mol", "density_g_ml", "density_u_g_ml", "refractive_index")


class ChemicalOut(Output):
    delivers = serializers.SerializerMethodField(help_text="species → how many per formula unit")

    class Meta:
        model = Chemical
        fields = [
            "id",
            "name",
            *CHEMICAL_TEXTS,
            *CHEMICAL_NUMBERS,
            "phase",
            "delivers",
            "revises",
            "created_at",
            "version",
        ]

    def get_delivers(self, chemical) -> dict[str, float]:
        return {d.species.symbol: d.count for d in chemical.delivers.all()}


class ChemicalIn(Input):
    name = Text(allow_blank=False, required=False)
    abbreviation = Text(required=False)
    formula = Text(required=False)
    cas = Text(required=False)
    inchikey = Text(required=False)
    role = Text(required=False)
    hazards = Text(required=False)
    note = Text(required=False)
    molar_mass_g_mol = Number(required=False, allow_null=True)
    density_g_ml = Number(required=False, allow_null=True)
    density_u_g_ml = Number(required=False, allow_null=True)
    refractive_index = Number(required=False, allow_null=True)
    phase = serializers.ChoiceField(Phase.choices, required=False)
    delivers = serializers.DictField(child=Number(), required=False)


class NewChemical(ChemicalIn):
    name = Text(allow_blank=False)


class Chemicals(Resource):
    serializer_class = ChemicalOut
    default_order = "name"
    newest_first = False
    inputs = {"create": NewChemical, "partial_update": ChemicalIn}
    filters = {
        "name": Field("name"),
        "abbreviation": Field("abbreviation"),
        "formula": Field("formula"),
        "cas": Field("cas"),
        "phase": Field("phase", "choice"),
        "molar_mass_g_mol": Field("molar_mass_g_mol", "number"),
        "species": Field("delivers__species__symbol", "choice", multiple=True),
    }

    def seen(self):
        return selectors.chemicals_visible_to(self.request.user)

    def create(self, request):
        chemical = services.add_chemical(by=request.user, **self.checked())
        return self.fresh(chemical, 201)

    def partial_update(self, request, pk):
        chemical, expected = self.get_object(), self.expected()
        services.change_chemical(by=request.user, chemical=chemical, version=expected, **self.checked())
        return self.fresh(chemical)


class LotOut(Output):
    received = TypedAmount(read_only=True)

    class Meta:
        model = Lot
        fields = [
            "id", "chemical", "supplier", "number", "purity", "purity_u", "opened_on", "drying", "water_ppm", "received",
            "storage", "note", "created_at", "version",
        ]  # fmt: skip


class LotIn(Input):
    number = Text(allow_blank=False, required=False)
    supplier = Text(required=False)
    purity = Number(required=False, allow_null=True, help_text="mass fraction")
    purity_u = Number(required=False, allow_null=True)
    opened_on = serializers.DateField(required=False, allow_null=True)
    drying = Text(required=False)
    water_ppm = Number(required=False, allow_null=True)
    storage = Text(required=False)
    note = Text(required=False)


class NewLot(LotIn):
    chemical = Visible(Chemical)
    number = Text(allow_blank=False)
    received = TypedAmount(required=False)


class Lots(Resource):
    serializer_class = LotOut
    inputs = {"create": NewLot, "partial_update": LotIn}
    filters = {
        "chemical": Field("chemical", "uuid"),
        "supplier": Field("supplier"),
        "number": Field("number"),
        "opened_on": Field("opened_on", "date"),
        "purity": Field("purity", "number"),
    }

    def seen(self):
        return selectors.lots_visible_to(self.request.user)

    def create(self, request):
        given = self.checked()
        received, unit = given.pop("received", ("", ""))
        return self.fresh(services.add_lot(by=request.user, received=received, received_unit=unit, **given), 201)

    def partial_update(self, request, pk):
        lot, expected = self.get_object(), self.expected()
        services.change_lot(by=request.user, lot=lot, version=expected, **self.checked())
        return self.fresh(lot)
