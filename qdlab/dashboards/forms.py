"""Forms of the dashboards: filters of the table, saved views, reviews."""

from django import forms
from django.utils.translation import gettext_lazy as _

from qdlab.access import roles
from qdlab.access.models import Project
from qdlab.dashboards import selectors
from qdlab.dashboards.models import Review
from synthesis.models import Outcome, Status
from synthesis.selectors import recipes_visible_to


def grouped(columns) -> list:
    """Choices of columns under their groups."""
    groups: dict[str, list] = {}
    for column in columns:
        groups.setdefault(column.group, []).append((column.name, column.title))
    return list(groups.items())


class TableForm(forms.Form):
    """The filters of the batches table. Its fields are named as the API names its parameters."""

    q = forms.CharField(label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    recipe = forms.ChoiceField(label=_("Recipe"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    operator = forms.ChoiceField(label=_("Operator"), required=False)
    made_on__gte = forms.CharField(
        label=_("Made since"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    made_on__lte = forms.CharField(
        label=_("Made until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    what = forms.ChoiceField(label=_("Ratio or quantity"), required=False)
    columns = forms.MultipleChoiceField(label=_("Columns"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *, user, view, known, shown):
        super().__init__(initial=view.filters | {"columns": [c.name for c in shown]}, auto_id="filter_%s")
        anything = [("", _("any"))]
        self.fields["recipe"].choices = anything + [(str(r.pk), r.name) for r in recipes_visible_to(user)]
        self.fields["status"].choices = anything + list(Status.choices)
        self.fields["outcome"].choices = anything + list(Outcome.choices)
        self.fields["operator"].choices = anything + [(u.username, str(u)) for u in selectors.operators(user)]
        self.fields["what"].choices = [("", _("choose …")), *grouped(c for c in known.values() if c.kind == "number")]
        self.fields["columns"].choices = grouped(known.values())

    @property
    def filters(self):
        return [self[name] for name in ("q", "recipe", "status", "outcome", "operator", "made_on__gte", "made_on__lte")]


class SaveViewForm(forms.Form):
    name = forms.CharField(label=_("Name of this view"), max_length=120)
    project = forms.ModelChoiceField(Project.objects.none(), label=_("Project"), empty_label=None)
    shared = forms.BooleanField(label=_("Share it with the project"), required=False, initial=True)
    query = forms.CharField(required=False, max_length=8000, widget=forms.HiddenInput)
    page = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def __init__(self, data=None, *, user, **kwargs):
        super().__init__(data, auto_id="save_%s", **kwargs)
        self.fields["project"].queryset = roles.projects_to_write(user)


class ReviewForm(forms.Form):
    """What a reviewer (or whoever asks for a review) says."""

    meaning = forms.ChoiceField(label=_("meaning"), choices=Review.Meaning.choices)
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)


class FreezeForm(forms.Form):
    name = forms.CharField(label=_("Name of the comparison"), max_length=120)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    query = forms.CharField(required=False, max_length=40000, widget=forms.HiddenInput)
