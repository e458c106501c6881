"""What a person says of waiting files: where they belong and what they are."""

from django import forms
from django.utils.translation import gettext_lazy as _

from spectra import selectors
from spectra.forms.fields import SampleCode
from spectra.models import Role, Technique

LEFT = [("", _("as it is"))]


class PlaceForm(forms.Form):
    """All fields may stay empty; what is filled in counts."""

    role = forms.ChoiceField(label=_("of what"), required=False, choices=LEFT + Role.choices)
    technique = forms.ChoiceField(label=_("technique"), required=False, choices=LEFT + Technique.choices)
    dilution_label = forms.CharField(label=_("dilution"), required=False, max_length=40)

    def __init__(self, *args, user, project=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sample"] = SampleCode(user=user, project=project)
        self.fields["standard"] = forms.ModelChoiceField(
            selectors.standards(user), required=False, label=_("standard"), empty_label=_("no standard")
        )

    def facts(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if value}

    @staticmethod
    def differs_from(data) -> bool:
        """Has the person written something else than the row suggested (``was-…`` beside each field)?"""
        names = ("sample", "role", "technique", "dilution_label")
        return any(data.get(name, "") not in ("", data.get(f"was-{name}", "")) for name in names)


class BatchForm(forms.Form):
    """A batch that the files name and nobody made yet."""

    code = forms.CharField(label=_("code"), max_length=80, widget=forms.HiddenInput)
    recipe = forms.ModelChoiceField(None, label=_("by recipe"), empty_label=None)

    def __init__(self, *args, recipes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["recipe"].queryset = recipes
