"""What a person may correct of a measurement."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qdlab.records.formatting import unit_symbol
from spectra.forms.fields import FactsForm, SampleCode
from spectra.models import Measurement, Role, Technique

KNOWN = [("", _("not known")), ("true", _("yes")), ("false", _("no"))]
INTENSITY_UNITS = [("", _("not known")), ("photon", _("photons")), ("energy", _("energy"))]
IMAGING = ("image", "video")
IMAGING_MODES = [
    ("", _("not known")),
    ("TEM", "TEM"),
    ("HRTEM", "HRTEM"),
    ("STEM", "STEM"),
    ("SEM", "SEM"),
    ("diffraction", _("diffraction")),
    ("optical", _("optical microscope")),
    ("photo_uv", _("photo under UV light")),
    ("photo_daylight", _("photo in daylight")),
]
OF_CURVES = ("dilution_label", "spectrally_corrected", "intensity_unit", "solvent", "gas")
IMAGING_NUMBERS = (
    ("magnification", _("magnification")),
    ("acceleration_kv", _("accelerating voltage (kV)")),
    ("pixel_size_nm", _("pixel size (nm)")),
    ("exposure_s", _("exposure (s)")),
)
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


class MeasurementForm(FactsForm):
    """The facts of a measurement; an empty field means "not known"."""

    technique = forms.ChoiceField(
        label=_("technique"), required=False, choices=[("", _("not known")), *Technique.choices]
    )
    role = forms.ChoiceField(label=_("of what"), choices=Role.choices)
    dilution_label = forms.CharField(
        label=_("dilution"), required=False, max_length=40, help_text=_("d1, d2 … pairs emission with absorbance")
    )
    spectrally_corrected = forms.ChoiceField(label=_("spectrally corrected"), required=False, choices=KNOWN)
    intensity_unit = forms.ChoiceField(label=_("intensity counts"), required=False, choices=INTENSITY_UNITS)
    solvent = forms.CharField(label=_("solvent"), required=False, max_length=80)
    gas = forms.CharField(label=_("gas"), required=False, max_length=20, help_text=_("air, Ar, N2 or degassed"))
    imaging_mode = forms.ChoiceField(label=_("kind of image"), required=False, choices=IMAGING_MODES)
    microscope = forms.CharField(label=_("microscope or camera"), required=False, max_length=120)
    detector = forms.CharField(label=_("detector"), required=False, max_length=120)

    def __init__(self, *args, record, **kwargs):
        super().__init__(*args, record=record, **kwargs)
        of_image = record.technique in IMAGING
        for name in OF_CURVES if of_image else ("imaging_mode", "microscope", "detector"):
            del self.fields[name]
        for name, label in IMAGING_NUMBERS if of_image else NUMBERS:
            self.fields[name] = forms.CharField(
                label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
            )
        self.show_what_was_seen()

    @staticmethod
    def facts_of(record: Measurement) -> dict:
        facts = dict(record.conditions)
        for name in ("technique", "role", "dilution_label", "excitation_nm", "emission_nm"):
            facts[name] = getattr(record, name)
        if "spectrally_corrected" in facts:
            facts["spectrally_corrected"] = str(facts["spectrally_corrected"]).lower()
        return {
            name: f"{value:.10g}" if isinstance(value, float) else value
            for name, value in facts.items()
            if value is not None
        }


class AssignForm(forms.Form):
    """Put files or measurements on a sample."""

    def __init__(self, *args, user, project=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sample"] = SampleCode(user=user, project=project)


class BecauseForm(forms.Form):
    because = forms.CharField(label=_("why"), max_length=500)


def parameter_form(method, data=None, chosen: dict | None = None, prefix: str | None = None):
    """A form with one field per parameter of ``method``; empty means the method's own default."""
    form = forms.Form(data, prefix=prefix)
    for parameter in method.parameters:
        symbol = unit_symbol(parameter.unit)
        label = f"{gettext(parameter.label)} ({symbol})" if symbol else gettext(parameter.label)
        form.fields[parameter.name] = _parameter_field(parameter, label)
        if chosen and parameter.name in chosen:
            form.initial[parameter.name] = _as_text(chosen[parameter.name])
        if parameter.name == "override":
            form.fields["override_because"] = forms.CharField(
                label=_("why in spite of the refusal"), required=False, max_length=500,
                help_text=_("Needed where a refusal is overridden; it stands beside the number."),
            )  # fmt: skip
    return form


def _as_text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:.10g}" if isinstance(value, float) else value


def _default_text(default) -> str:
    if default is None or default == "":
        return gettext("automatic")
    if isinstance(default, bool):
        return gettext("yes") if default else gettext("no")
    return f"{default:.10g}" if isinstance(default, float) else gettext(str(default))


def _parameter_field(parameter, label):
    default = _default_text(parameter.default)
    help_text = " ".join(
        filter(
            None,
            [gettext(parameter.help) if parameter.help else "", gettext("Default: {default}.").format(default=default)],
        )
    )
    options = {"label": label, "required": False, "help_text": help_text}
    if parameter.kind == "choice":
        return forms.ChoiceField(choices=[("", default), *((c, gettext(c)) for c in parameter.choices if c)], **options)
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
            raise ValueError(
                gettext("{name}: write a number, e.g. 430 or 0,5.").format(name=gettext(parameter.label))
            ) from None
        return number
    return text
