"""What a person may correct of a measurement."""

from django import forms
from django.utils.translation import gettext_lazy as _

from qdlab.records.formatting import unit_symbol
from spectra.forms.fields import SampleCode
from spectra.models import Measurement, Role, Technique

KNOWN = [("", _("not known")), ("true", _("yes")), ("false", _("no"))]
NUMBERS = (
    ("excitation_nm", _("excitation (nm)")),
    ("excitation_bandwidth_nm", _("excitation bandwidth (nm)")),
    ("emission_nm", _("emission (nm)")),
    ("emission_bandwidth_nm", _("emission bandwidth (nm)")),
    ("path_length_cm", _("path length (cm)")),
    ("temperature_c", _("temperature (°C)")),
    ("repetition_rate_mhz", _("repetition rate (MHz)")),
    ("saturation_level", _("detector saturates at")),
)


class MeasurementForm(forms.Form):
    """The facts of a measurement; an empty field means "not known"."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    technique = forms.ChoiceField(
        label=_("technique"), required=False, choices=[("", _("not known")), *Technique.choices]
    )
    role = forms.ChoiceField(label=_("of what"), choices=Role.choices)
    dilution_label = forms.CharField(
        label=_("dilution"), required=False, max_length=40, help_text=_("d1, d2 … pairs emission with absorbance")
    )
    spectrally_corrected = forms.ChoiceField(label=_("spectrally corrected"), required=False, choices=KNOWN)
    intensity_unit = forms.ChoiceField(
        label=_("intensity counts"),
        required=False,
        choices=[("", _("not known")), ("photon", _("photons")), ("energy", _("energy"))],
    )
    solvent = forms.CharField(label=_("solvent"), required=False, max_length=80)
    gas = forms.CharField(label=_("gas"), required=False, max_length=20, help_text=_("air, Ar, N2 or degassed"))

    def __init__(self, *args, measurement: Measurement, **kwargs):
        super().__init__(*args, initial=self.facts_of(measurement) | {"version": measurement.version}, **kwargs)
        for name, label in NUMBERS:
            self.fields[name] = forms.CharField(
                label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
            )
            self.initial.setdefault(name, "")

    @staticmethod
    def facts_of(measurement: Measurement) -> dict:
        facts = dict(measurement.conditions)
        for name in ("technique", "role", "dilution_label", "excitation_nm", "emission_nm"):
            facts[name] = getattr(measurement, name)
        if "spectrally_corrected" in facts:
            facts["spectrally_corrected"] = str(facts["spectrally_corrected"]).lower()
        return {
            name: f"{value:g}" if isinstance(value, float) else value
            for name, value in facts.items()
            if value is not None
        }

    def changed_facts(self) -> dict:
        """Only what the person changed, so that two people who change different facts do not meet."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}


class AssignForm(forms.Form):
    """Put files or measurements on a sample."""

    def __init__(self, *args, user, project=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sample"] = SampleCode(user=user, project=project)


class BecauseForm(forms.Form):
    because = forms.CharField(label=_("why"), max_length=500)


def parameter_form(method, data=None, chosen: dict | None = None):
    """A form with one field per parameter of ``method``; empty means the method's own default."""
    form = forms.Form(data)
    for parameter in method.parameters:
        label = f"{_(parameter.label)} ({unit_symbol(parameter.unit)})" if parameter.unit else _(parameter.label)
        form.fields[parameter.name] = _parameter_field(parameter, label)
        if chosen and parameter.name in chosen:
            form.initial[parameter.name] = _as_text(chosen[parameter.name])
    return form


def _as_text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else value


def _parameter_field(parameter, label):
    default = _("automatic") if parameter.default in (None, "") else str(parameter.default)
    help_text = " ".join(
        filter(None, [_(parameter.help) if parameter.help else "", _("Default: {default}").format(default=default)])
    )
    options = {"label": label, "required": False, "help_text": help_text}
    if parameter.kind == "choice":
        return forms.ChoiceField(choices=[("", default), *((c, c) for c in parameter.choices)], **options)
    if parameter.kind == "flag":
        return forms.ChoiceField(choices=[("", default), ("true", _("yes")), ("false", _("no"))], **options)
    return forms.CharField(
        widget=forms.TextInput(attrs={"inputmode": "decimal" if parameter.kind != "text" else "text"}), **options
    )


def chosen_parameters(method, form) -> dict:
    """What was typed, as the method takes it; raises ValueError that names the parameter."""
    chosen = {}
    for parameter in method.parameters:
        text = (form.cleaned_data.get(parameter.name) or "").strip()
        if text:
            chosen[parameter.name] = _typed(parameter, text)
    return chosen


def _typed(parameter, text: str):
    if parameter.kind == "flag":
        return text == "true"
    if parameter.kind in ("number", "integer"):
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            raise ValueError(f"{parameter.name}: write a number, e.g. 430 or 0,5.") from None
        return number
    return text
