"""Standards and their sessions."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qdlab.access import roles
from spectra.forms.fields import DecimalText
from spectra.models import Instrument, Standard

FACTS = (
    "phi", "phi_u", "gas", "temperature_c", "refractive_index", "excitation_min_nm", "excitation_max_nm", "citation",
)  # fmt: skip


class StandardForm(forms.Form):
    compound = forms.CharField(label=_("compound"), max_length=120)
    solvent = forms.CharField(label=_("solvent"), max_length=80)
    phi = DecimalText(
        label=_("quantum yield Φ"), help_text=_("between 0 and 1; without it the standard cannot be used")
    )
    phi_u = DecimalText(label=_("its standard uncertainty"), help_text=_("k = 1, e.g. 0.03"))
    gas = forms.CharField(label=_("gas"), required=False, max_length=20, help_text=_("air, Ar, N2 or degassed"))
    temperature_c = DecimalText(label=_("temperature (°C)"))
    refractive_index = DecimalText(label=_("refractive index of the solvent"))
    excitation_min_nm = DecimalText(label=_("excitation from (nm)"))
    excitation_max_nm = DecimalText(label=_("excitation to (nm)"))
    citation = forms.CharField(
        label=_("citation"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("where the yield is from, with its DOI"),
    )

    def __init__(self, *args, revises: Standard | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if revises:  # a revision is of the same compound in the same solvent; another one is another standard
            del self.fields["compound"], self.fields["solvent"]


class SessionForm(forms.Form):
    name = forms.CharField(label=_("name"), max_length=120)
    measured_at = forms.DateTimeField(
        label=_("measured"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    valid_hours = DecimalText(
        label=_("valid for (hours)"), initial="12", help_text=_("after that, lamp and detector may have drifted")
    )

    def __init__(self, *args, user, standard: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        standards = Standard.objects.visible_to(user).filter(archived_at=None)
        projects = roles.projects_to_write(user)
        instruments = Instrument.objects.visible_to(user).filter(archived_at=None)
        self.fields["standard"] = forms.ModelChoiceField(standards, label=_("standard"))
        self.fields["project"] = forms.ModelChoiceField(projects, label=_("project"), initial=projects.first())
        self.fields["instrument"] = forms.ModelChoiceField(instruments, label=_("instrument"), required=False)
        self.order_fields(["standard", "project", "name", "measured_at", "valid_hours", "instrument"])
        self.initial["standard"] = standard
        self.initial.setdefault("measured_at", timezone.localtime().replace(second=0, microsecond=0))

    def as_facts(self) -> dict:
        """The arguments of ``services.make_session``."""
        facts = {key: self.cleaned_data[key] for key in ("standard", "project", "name", "measured_at", "instrument")}
        hours = self.cleaned_data["valid_hours"]
        return facts | {"valid_until": facts["measured_at"] + timedelta(hours=hours) if hours else None}
