"""What a person says about the columns of a table."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from qdlab.records.formatting import unit_symbol
from spectra.forms.fields import DecimalText
from spectra.models import Technique

X_UNITS = ("nm", "eV", "1/cm", "ps", "ns", "us", "s", "min", "h", "Cel", "keV", "V")
QUANTITIES = (
    ("intensity", _("intensity")),
    ("counts", _("counts")),
    ("absorbance", _("absorbance")),
    ("transmittance", _("transmittance")),
    ("reflectance", _("reflectance")),
    ("ellipticity", _("ellipticity")),
    ("voltage", _("voltage")),
)
ON_CURVES = [choice for choice in Technique.choices if choice[0] not in ("edx", "tem_sizes", "image")]


class MappingForm(forms.Form):
    """Columns are counted from 1 by people and from 0 by readers."""

    x_column = forms.IntegerField(label=_("Column of x"), required=False, min_value=1, max_value=10_000)
    x_unit = forms.ChoiceField(
        label=_("unit of x"),
        required=False,
        choices=[("", _("as the file says")), *((unit, unit_symbol(unit)) for unit in X_UNITS)],
    )
    technique = forms.ChoiceField(
        label=_("technique"), required=False, choices=[("", _("as the file says")), *ON_CURVES]
    )
    y_quantity = forms.ChoiceField(label=_("y is"), required=False, choices=[("", _("as the file says")), *QUANTITIES])
    bin_ns = DecimalText(label=_("bin width (ns)"), help_text=_("for decays that list counts without their times"))

    def __init__(self, data=None, *, n_columns: int = 0, **kwargs):
        super().__init__(data, **kwargs)
        self.n_columns = n_columns

    def clean(self):
        chosen = self.data.getlist("y_column") if hasattr(self.data, "getlist") else []
        if any(not text.isdecimal() or not 1 <= int(text) <= 10_000 for text in chosen):
            raise ValidationError(_("Columns are counted from 1."))
        self.y_columns = [int(text) for text in dict.fromkeys(chosen)]
        if self.cleaned_data.get("x_column") in self.y_columns:
            raise ValidationError(_("One column cannot be x and y. Choose another one for y."))
        if self.cleaned_data.get("x_column") and not self.y_columns:
            raise ValidationError(_("Tick at least one column as y."))
        return self.cleaned_data

    def mapping(self) -> dict:
        """The mapping as the readers take it; empty when nothing was chosen."""
        given = {name: self.cleaned_data[name] for name in ("x_unit", "technique", "y_quantity", "bin_ns")}
        mapping = {name: value for name, value in given.items() if value}
        if self.cleaned_data.get("x_column"):
            mapping["x"] = self.cleaned_data["x_column"] - 1
        if self.y_columns:
            mapping["y"] = [number - 1 for number in self.y_columns]
        return mapping
