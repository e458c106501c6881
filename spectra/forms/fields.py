"""Form fields that several pages of files and spectra use."""

from django import forms
from django.utils.translation import gettext_lazy as _

from synthesis.models import Batch, Sample


class SampleCode(forms.CharField):
    """A sample, given by its code or by its batch's code, among those that the person may see in a project."""

    def __init__(self, *, user, project=None, **options):
        options.setdefault("label", _("sample"))
        options.setdefault("required", False)
        super().__init__(**options)
        self.user, self.project = user, project
        self.widget.attrs |= {"list": "sample-codes", "autocomplete": "off", "spellcheck": "false"}

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
