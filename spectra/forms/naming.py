"""Naming patterns, and words and what they mean."""

from django import forms
from django.utils.translation import gettext_lazy as _

from spectra.models import Habit, Role, Standard, Technique


class PatternForm(forms.Form):
    text = forms.CharField(
        label=_("pattern"), max_length=400, widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        help_text=_("e.g. {batch}_{technique}_d{dilution}"),
    )  # fmt: skip


class WordForm(forms.Form):
    """``meaning`` holds what is said and its value, e.g. ``technique:uvvis``."""

    word = forms.CharField(label=_("word"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    meaning = forms.ChoiceField(label=_("means"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        standards = Standard.objects.visible_to(user).filter(archived_at=None)
        roles = [(value, label) for value, label in Role.choices if value in ("blank", "IRF", "lamp")]
        self.fields["meaning"].choices = [
            (_("technique"), [(f"{Habit.Says.TECHNIQUE}:{value}", label) for value, label in Technique.choices]),
            (_("of what"), [(f"{Habit.Says.ROLE}:{value}", label) for value, label in roles]),
            (_("standard"), [(f"{Habit.Says.STANDARD}:{one.pk}", str(one)) for one in standards]),
        ]


class TrialForm(forms.Form):
    names = forms.CharField(
        label=_("file names, one per line"), required=False, max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "placeholder": "OC-7_PL_d3.txt"}),
    )  # fmt: skip
    draft = forms.CharField(
        label=_("a pattern to try, before you add it"), required=False, max_length=400,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
