"""Form fields that several pages of files and spectra use."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from synthesis.models import Batch, Sample

_NUMBER = re.compile(r"[-+]?(\d{1,12}([.,]\d{0,12})?|[.,]\d{1,12})([eE][-+]?\d{1,2})?", re.ASCII)


class DecimalText(forms.CharField):
    """A number that may be typed with a comma; empty is None."""

    def __init__(self, **options):
        super().__init__(**({"required": False} | options))
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value) -> float | None:
        text = super().clean(value)
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise forms.ValidationError(_("Write a number, e.g. 0.97 or 0,97."))
        return float(text.replace(",", "."))


class FactsForm(forms.Form):
    """A form over a versioned record. What a person saw is sent back beside what they wrote (``hidden_initial``), so that

    only their own changes count as theirs, and after a conflict only these stand against what somebody else saved.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, record, **kwargs):
        super().__init__(*args, initial=self.facts_of(record) | {"version": record.version}, **kwargs)

    @staticmethod
    def facts_of(record) -> dict:
        """The record's facts as the fields show them; what is not known is left out."""
        raise NotImplementedError

    def show_what_was_seen(self) -> None:
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "version"

    def changed_facts(self) -> dict:
        """Only what the person changed, so that two people who change different facts do not meet."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}

    def after_conflict(self, current) -> "FactsForm":
        """The form over what is there now, with what this person changed still in it."""
        now = self.facts_of(current)
        data = self.data.copy()
        for name in self.fields:
            if name not in self.changed_data:
                data[name] = now.get(name, "")
            data[f"initial-{name}"] = now.get(name, "")
        data["version"] = str(current.version)
        return type(self)(data, record=current)

    def beside(self, current) -> list[dict]:
        """Yours and theirs, where they differ."""
        now = self.facts_of(current)
        return [
            {"label": field.label, "yours": self.data.get(name) or "–", "theirs": now.get(name) or "–"}
            for name, field in self.fields.items()
            if name != "version" and (self.data.get(name) or "") != (now.get(name) or "")
        ]


class SampleCode(forms.CharField):
    """A sample, given by its code or by its batch's code, among those that the person may see in a project."""

    def __init__(self, *, user, project=None, **options):
        options.setdefault("label", _("sample"))
        options.setdefault("required", False)
        super().__init__(**options)
        self.user, self.project = user, project
        self.widget.attrs |= {
            "class": "form-control",
            "list": "sample-codes",
            "autocomplete": "off",
            "spellcheck": "false",
        }

    def clean(self, value) -> Sample | None:
        code = super().clean(value)
        if not code:
            return None
        samples = Sample.objects.visible_to(self.user).select_related("batch", "project")
        if self.project is not None:
            samples = samples.filter(project=self.project)
        found = list(samples.filter(code=code)[:2]) or self._of_batch(samples, code)
        if not found:
            raise forms.ValidationError(_("No sample or batch is called “%(code)s”."), params={"code": code})
        if len(found) > 1:
            raise forms.ValidationError(
                _("“%(code)s” stands in more than one project. Choose a project first."), params={"code": code}
            )
        return found[0]

    def _of_batch(self, samples, code: str) -> list[Sample]:
        batches = Batch.objects.visible_to(self.user).filter(codes__code=code)
        if self.project is not None:
            batches = batches.filter(project=self.project)
        found = [
            batch.representative or samples.filter(batch=batch).order_by("pk").first()
            for batch in batches.distinct()[:2]
        ]
        if found == [None]:
            raise forms.ValidationError(
                _("Batch “%(code)s” has no sample yet. Add one on its page first."), params={"code": code}
            )
        return [sample for sample in found if sample]
