"""What a person may change of a layout by itself; its columns are changed over a file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from spectra.forms.fields import FactsForm
from spectra.models import Layout


class LayoutForm(FactsForm):
    name = forms.CharField(label=_("name"), max_length=120)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.show_what_was_seen()

    @staticmethod
    def facts_of(record: Layout) -> dict:
        return {"name": record.name}
