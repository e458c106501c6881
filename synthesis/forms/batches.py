"""The bench's page of a batch: weighing, conditions and outcome, the log, samples."""

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from synthesis.forms.fields import BenchNumber, Version, number_input, unit_choices
from synthesis.models import Chemical, Lot, Outcome, Sample, SampleState, Status, StepKind, WashStep
from synthesis.services import Weighing

INSTANT = "%Y-%m-%dT%H:%M"


class VersionForm(forms.Form):
    version = Version()


class WeighForm(forms.Form):
    """One ingredient on the balance. The uncertainty takes its unit in the field: ``0.1 mg`` or ``1 %``."""

    key = forms.SlugField(max_length=40, widget=forms.HiddenInput)
    weighed = forms.CharField(label=_("Weighed"), required=False, max_length=80, widget=number_input())
    unit = forms.ChoiceField(label=_("Unit"), required=False, choices=unit_choices("mass", "volume", "substance"))
    uncertainty = forms.CharField(label=_("±"), required=False, max_length=80, widget=number_input())
    device = forms.CharField(label=_("Balance or pipette"), required=False, max_length=80)
    lot = forms.ModelChoiceField(Lot.objects.none(), label=_("Lot"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args, lots=(), **kwargs):
        super().__init__(*args, **kwargs)
        key = self["key"].value()
        found = [lot for lot in lots if lot[0] == key]
        self.fields["lot"].queryset = Lot.objects.filter(pk__in=[lot.pk for _key, lot in found])
        self.fields["lot"].widget.choices = [("", "–"), *((lot.pk, str(lot)) for _key, lot in found)]

    def weighing(self) -> Weighing:
        given = self.cleaned_data
        uncertainty = given.get("uncertainty", "")
        return Weighing(
            key=given["key"], amount=given.get("weighed", ""), unit=given.get("unit", ""), uncertainty=uncertainty,
            uncertainty_unit=given.get("unit", ""), device=given.get("device", ""), lot=given.get("lot"),
            note=given.get("note", ""),
        )  # fmt: skip


WeighFormSet = formset_factory(WeighForm, extra=0, max_num=100, absolute_max=100)


class AboutForm(VersionForm):
    """Title, conditions and times; the aliquot takes its unit in the field."""

    title = forms.CharField(label=_("Title"), required=False, max_length=160)
    made_on = forms.DateField(
        label=_("Made on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    temperature_c = BenchNumber(label=_("Temperature (°C)"))
    relative_humidity_percent = BenchNumber(label=_("Relative humidity (%)"))
    atmosphere = forms.CharField(
        label=_("Atmosphere"), required=False, max_length=40, widget=forms.TextInput(attrs={"list": "atmospheres"})
    )
    aliquot = forms.CharField(
        label=_("Precursor taken into the antisolvent"), required=False, max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "250 µL", "autocomplete": "off"}),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))


class OutcomeForm(VersionForm):
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[("", _("not said yet")), *Outcome.choices])
    outcome_note = forms.CharField(label=_("What was seen"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    status = forms.ChoiceField(label=_("Status"))
    because = forms.CharField(label=_("Why it is abandoned"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, may_review=False, current="", **kwargs):
        super().__init__(*args, **kwargs)
        offered = [c for c in Status.choices if c[0] != Status.REVIEWED or may_review or current == Status.REVIEWED]
        self.fields["status"].choices = offered


class RenameForm(VersionForm):
    code = forms.CharField(label=_("Code"), max_length=80, help_text=_("The old code stays findable."))


class LogForm(forms.Form):
    step = forms.ChoiceField(label=_("Step"), required=False)
    seen = forms.CharField(label=_("What was done or seen"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    at = forms.DateTimeField(
        label=_("When (UTC)"), required=False, input_formats=[INSTANT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=INSTANT), help_text=_("Empty: now."),
    )  # fmt: skip

    def __init__(self, *args, steps=(), **kwargs):
        super().__init__(*args, **kwargs)
        planned = [(f"step:{line['step'].pk}", f"{line['number']}. {line['text']}") for line in steps]
        self.fields["step"].choices = [("", "–"), *planned, *((f"kind:{k}", v) for k, v in StepKind.choices)]


class SampleForm(forms.Form):
    """A new sample, or the change of one (then with ``version``)."""

    code = forms.CharField(
        label=_("Code"), required=False, max_length=96, help_text=_("Empty: the batch's code and a letter.")
    )
    state = forms.ChoiceField(label=_("State"), choices=SampleState.choices)
    wash_count = forms.IntegerField(label=_("Times washed"), required=False, min_value=0, max_value=99)
    parent = forms.ModelChoiceField(Sample.objects.none(), label=_("Made from"), required=False)
    solvent = forms.ModelChoiceField(Chemical.objects.none(), label=_("Solvent"), required=False)
    concentration = forms.CharField(
        label=_("Concentration"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "3.0 mg/mL"}),
    )
    concentration_found_by = forms.CharField(label=_("How it was found"), required=False, max_length=160)
    additive = forms.ModelChoiceField(Chemical.objects.none(), label=_("Additive"), required=False)
    additive_concentration = forms.CharField(
        label=_("Concentration of the additive"), required=False, max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "4 mg/mL"}),
    )  # fmt: skip
    storage = forms.CharField(label=_("Storage place"), required=False, max_length=120)
    storage_temperature_c = BenchNumber(label=_("Storage temperature (°C)"))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    version = Version(required=False)

    def __init__(self, *args, samples, chemicals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = samples
        self.fields["solvent"].queryset = self.fields["additive"].queryset = chemicals


class WashForm(forms.Form):
    kept = forms.ChoiceField(label=_("Kept"), choices=WashStep.Kept.choices)
    taken_from = forms.ModelChoiceField(Sample.objects.none(), label=_("Sample"), required=False)
    gave = forms.ModelChoiceField(Sample.objects.none(), label=_("gave"), required=False)
    solvent = forms.ModelChoiceField(Chemical.objects.none(), label=_("Washing solvent"), required=False)
    volume_equivalents = BenchNumber(label=_("Volume equivalents"))
    rotation = BenchNumber(label=_("Rotation (rpm)"))
    time = forms.CharField(
        label=_("Time"), required=False, max_length=40, widget=forms.TextInput(attrs={"placeholder": "12 min"})
    )
    isolated = forms.CharField(
        label=_("Isolated mass"), required=False, max_length=80, widget=forms.TextInput(attrs={"placeholder": "3.1 mg"})
    )

    def __init__(self, *args, samples, chemicals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["taken_from"].queryset = self.fields["gave"].queryset = samples
        self.fields["solvent"].queryset = chemicals
