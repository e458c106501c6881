"""What is true of an instrument wherever its files are silent."""

from django import forms
from django.utils.translation import gettext_lazy as _

from spectra.forms.fields import FactsForm
from spectra.forms.measurements import INTENSITY_UNITS, KNOWN
from spectra.models import Instrument

NUMBERS = (
    ("excitation_bandwidth_nm", _("excitation bandwidth (nm)")),
    ("emission_bandwidth_nm", _("emission bandwidth (nm)")),
    ("bandwidth_nm", _("bandwidth of an absorption spectrometer (nm)")),
    ("path_length_cm", _("path length (cm)")),
    ("repetition_rate_mhz", _("repetition rate (MHz)")),
    ("saturation_level", _("detector saturates at")),
)


class InstrumentForm(FactsForm):
    maker = forms.CharField(label=_("maker"), required=False, max_length=80)
    model = forms.CharField(label=_("model"), required=False, max_length=80)
    serial = forms.CharField(label=_("serial number"), required=False, max_length=80)
    spectrally_corrected = forms.ChoiceField(
        label=_("its emission spectra are spectrally corrected"), required=False, choices=KNOWN
    )
    intensity_unit = forms.ChoiceField(label=_("intensity counts"), required=False, choices=INTENSITY_UNITS)
    correction_file = forms.CharField(
        label=_("correction curve"), required=False, max_length=120,
        help_text=_("its name and date: results corrected with one curve share its error"),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in NUMBERS:
            self.fields[name] = forms.CharField(
                label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
            )
        self.show_what_was_seen()

    @staticmethod
    def facts_of(record: Instrument) -> dict:
        facts = {"maker": record.maker, "model": record.model, "serial": record.serial} | record.defaults
        if "spectrally_corrected" in facts:
            facts["spectrally_corrected"] = str(facts["spectrally_corrected"]).lower()
        return {name: f"{value:.10g}" if isinstance(value, float) else value for name, value in facts.items()}

    def facts(self) -> dict:
        """The arguments of ``services.change_instrument``."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        own = {name: given.pop(name) for name in ("maker", "model", "serial")}
        return own | {"defaults": given}
