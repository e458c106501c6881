"""The reference shelf's forms."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from synthesis.forms.fields import BenchNumber, Version, unit_choices
from synthesis.models import Chemical, IngredientRole, Phase, SpeciesRole
from synthesis.notes import InputError
from synthesis.services import ComponentDraft
from synthesis.units import parse_number


class SpeciesCounts(forms.CharField):
    """What one formula unit delivers, as a chemist writes it: ``Pb 1, Br 2``."""

    def to_python(self, value):
        found = {}
        for part in filter(None, re.split(r"[;\n]|,(?!\d)|,(?=\s)", super().to_python(value))):
            words = part.split()
            if not 1 <= len(words) <= 2:
                sentence = _now("“{text}” is not understood. Write each species with its number: Pb 1, Br 2.")
                raise ValidationError(sentence.format(text=part.strip()))
            try:
                found[words[0]] = float(parse_number(words[1])) if len(words) == 2 else 1.0
            except InputError as problem:
                raise ValidationError(_now("Write each species with its number: Pb 1, Br 2.")) from problem
        return found

    def prepare_value(self, value):
        return ", ".join(f"{symbol} {count:g}" for symbol, count in value.items()) if isinstance(value, dict) else value


class ChemicalForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    abbreviation = forms.CharField(
        label=_("Short name"),
        required=False,
        max_length=24,
        help_text=_("As it stands in ratios and recipes: MABr, OAM."),
    )
    formula = forms.CharField(label=_("Formula"), required=False, max_length=120)
    cas = forms.CharField(label=_("CAS number"), required=False, max_length=16)
    inchikey = forms.CharField(label=_("InChIKey"), required=False, max_length=27)
    phase = forms.ChoiceField(label=_("Phase"), choices=Phase.choices)
    molar_mass_g_mol = BenchNumber(label=_("Molar mass (g/mol)"), help_text=_("With the water of a hydrate."))
    density_g_ml = BenchNumber(label=_("Density (g/mL)"), help_text=_("Needed for what is pipetted."))
    density_u_g_ml = BenchNumber(label=_("Uncertainty of the density (g/mL)"))
    refractive_index = BenchNumber(label=_("Refractive index"))
    delivers = SpeciesCounts(
        label=_("Delivers"),
        required=False,
        help_text=_("The species that one formula unit brings in: Pb 1, Br 2. Solvents: nothing."),
    )
    role = forms.ChoiceField(label=_("Usual role"), required=False, choices=[("", "–"), *IngredientRole.choices])
    hazards = forms.CharField(label=_("Hazards"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    version = Version(required=False)


class LotForm(forms.Form):
    supplier = forms.CharField(label=_("Supplier"), required=False, max_length=120)
    number = forms.CharField(label=_("Lot number"), max_length=80)
    purity_percent = BenchNumber(label=_("Purity (%)"), help_text=_("Mass fraction. Empty counts as 100 %."))
    purity_u_percent = BenchNumber(label=_("Uncertainty of the purity (%)"))
    opened_on = forms.DateField(label=_("Opened"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    drying = forms.CharField(label=_("Drying"), required=False, max_length=200)
    water_ppm = BenchNumber(label=_("Water (ppm)"))
    received = forms.CharField(
        label=_("Amount received"), required=False, max_length=80, widget=forms.TextInput(attrs={"placeholder": "25 g"})
    )
    storage = forms.CharField(label=_("Storage place"), required=False, max_length=120)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def fields_of_lot(self) -> dict:
        values = dict(self.cleaned_data)
        for name in ("purity", "purity_u"):
            percent = values.pop(f"{name}_percent")
            values[name] = None if percent is None else percent / 100
        return values


class SpeciesForm(forms.Form):
    symbol = forms.CharField(label=_("Symbol"), max_length=16)
    name = forms.CharField(label=_("Name"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("Role"), choices=SpeciesRole.choices)
    charge = forms.IntegerField(label=_("Charge"), initial=0, min_value=-9, max_value=9)


class StockForm(forms.Form):
    """A stock solution of up to three solutes."""

    SOLUTES = range(3)

    name = forms.CharField(label=_("Name"), max_length=120)
    solvent = forms.ModelChoiceField(Chemical.objects.none(), label=_("Solvent"), required=False)
    reacted = forms.BooleanField(
        label=_("It is a reacted mixture: what it delivers after the reaction is listed"), required=False
    )
    density_g_ml = BenchNumber(label=_("Density (g/mL)"))
    relative_u_percent = BenchNumber(label=_("Uncertainty of the concentration (%)"))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, shelf, **kwargs):
        super().__init__(*args, **kwargs)
        self.shelf = shelf
        self.fields["solvent"].queryset = Chemical.objects.filter(pk__in=[c.pk for c in shelf.chemicals.values()])
        units = [*unit_choices("concentration", "mass concentration"), ("%", "%")]
        for i in self.SOLUTES:
            self.fields[f"components-{i}-substance"] = forms.ChoiceField(
                label=_("Solute"), required=False, choices=shelf.choices
            )
            self.fields[f"components-{i}-concentration"] = forms.CharField(
                label=_("Concentration"), required=False, max_length=80,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )  # fmt: skip
            self.fields[f"components-{i}-unit"] = forms.ChoiceField(label=_("Unit"), required=False, choices=units)

    def component_rows(self):
        return [
            [self[f"components-{i}-{name}"] for name in ("substance", "concentration", "unit")] for i in self.SOLUTES
        ]

    def components(self) -> list[ComponentDraft]:
        drafts = []
        for i in self.SOLUTES:
            kind, found = self.shelf.find(self.cleaned_data.get(f"components-{i}-substance"))
            if found:
                typed = (self.cleaned_data[f"components-{i}-{name}"] for name in ("concentration", "unit"))
                drafts.append(ComponentDraft(*typed, **{kind: found}))
        return drafts
