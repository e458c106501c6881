"""The recipe editor: what stands above, one form per ingredient, one per step."""

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from qdlab.access.models import Project
from synthesis.forms.fields import Version, number_input, unit_choices
from synthesis.models import IngredientRole, StepKind
from synthesis.models.parameters import PARAMETERS_OF, STEP_PARAMETERS
from synthesis.services import IngredientDraft, StepDraft
from synthesis.units import UNITS

AMOUNTS = ("mass", "volume", "substance", "equivalents")
MOST_ROWS = 100


class RecipeForm(forms.Form):
    project = forms.ModelChoiceField(Project.objects.none(), label=_("Project"))
    name = forms.CharField(label=_("Name"), max_length=160)
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    reference_equivalents = forms.CharField(
        label=_("The reference counts as"), required=False, initial="1", max_length=40, widget=number_input(size=6),
        help_text=_("equivalents"),
    )  # fmt: skip
    why = forms.CharField(label=_("What changed, and why"), required=False, max_length=255)
    version = Version(required=False)

    def __init__(self, *args, projects, recipe=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = projects
        if recipe is not None:
            del self.fields["project"]
            self.fields["version"].required = True
        else:
            del self.fields["why"]


class IngredientForm(forms.Form):
    """One row. A row without a substance and without an amount is no row."""

    key = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)
    substance = forms.ChoiceField(label=_("Substance"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=IngredientRole.choices)
    amount = forms.CharField(label=_("Amount"), required=False, max_length=80, widget=number_input())
    unit = forms.ChoiceField(label=_("Unit"), required=False, choices=unit_choices(*AMOUNTS))
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args, shelf, **kwargs):
        super().__init__(*args, **kwargs)
        self.shelf = shelf
        self.fields["substance"].choices = shelf.choices

    @property
    def empty(self) -> bool:
        return not self.cleaned_data.get("substance") and not self.cleaned_data.get("amount")

    def draft(self, is_reference: bool) -> IngredientDraft:
        kind, found = self.shelf.find(self.cleaned_data.get("substance"))
        return IngredientDraft(
            role=self.cleaned_data["role"], amount=self.cleaned_data.get("amount", ""),
            unit=self.cleaned_data.get("unit", ""), is_reference=is_reference, key=self.cleaned_data.get("key", ""),
            note=self.cleaned_data.get("note", ""), **({kind: found} if found else {}),
        )  # fmt: skip


class StepForm(forms.Form):
    """One step; its parameters take the unit in the field (``3 h``), the usual one is understood without it."""

    kind = forms.ChoiceField(label=_("Step"), required=False, choices=[("", "–"), *StepKind.choices])
    ingredients = forms.CharField(required=False, widget=forms.MultipleHiddenInput)
    into = forms.SlugField(label=_("into"), required=False, widget=forms.Select)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 1}))

    def __init__(self, *args, keys=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.keys = list(keys)
        self.fields["into"].widget.choices = [("", "–"), *self.keys]
        for name, known in STEP_PARAMETERS.items():
            shown = UNITS[known.unit].symbol if known.unit else ""
            attrs = {"autocomplete": "off", "placeholder": shown}
            self.fields[name] = forms.CharField(
                label=known.label, required=False, max_length=80, widget=forms.TextInput(attrs=attrs)
            )

    def chosen(self) -> list[str]:
        if self.is_bound:
            return self.data.getlist(self.add_prefix("ingredients"))
        return list(self.initial.get("ingredients", ()))

    def adds(self) -> list[tuple[str, str, bool]]:
        """Key, name and tick of every ingredient that the step could add."""
        chosen = self.chosen()
        return [(key, name, key in chosen) for key, name in self.keys]

    def parameter_fields(self):
        """Each parameter's field with the kinds of step that ask for it; the page hides the others while they are empty."""
        return [
            (self[name], " ".join(kind for kind, asks in PARAMETERS_OF.items() if name in asks))
            for name in STEP_PARAMETERS
        ]

    @property
    def empty(self) -> bool:
        return not self.cleaned_data.get("kind") and not any(self.cleaned_data.get(name) for name in STEP_PARAMETERS)

    def draft(self) -> StepDraft:
        given = {name: self.cleaned_data.get(name, "") for name in STEP_PARAMETERS}
        return StepDraft(
            kind=self.cleaned_data.get("kind", ""),
            parameters={name: (text, STEP_PARAMETERS[name].unit) for name, text in given.items() if text},
            ingredients=tuple(self.chosen()), into=self.cleaned_data.get("into", ""),
            note=self.cleaned_data.get("note", ""),
        )  # fmt: skip


_LIMITS = {"extra": 0, "max_num": MOST_ROWS, "absolute_max": MOST_ROWS, "validate_max": True}
IngredientFormSet = formset_factory(IngredientForm, **_LIMITS)
StepFormSet = formset_factory(StepForm, **_LIMITS)


class Shelf:
    """What the shelf offers to a form: chemicals and stock solutions, by the value of their option."""

    def __init__(self, chemicals, stocks):
        self.chemicals = {f"chemical:{c.pk}": c for c in chemicals}
        self.stocks = {f"stock:{s.pk}": s for s in stocks}

    @property
    def choices(self) -> list:
        found = [("", "–"), (_("Chemicals"), [(key, _label(c)) for key, c in self.chemicals.items()])]
        if self.stocks:
            found.append((_("Stock solutions"), [(key, s.name) for key, s in self.stocks.items()]))
        return found

    def find(self, value: str | None):
        """``("chemical", record)`` or ``("stock", record)``; (None, None) when it is not on the shelf."""
        if value in self.chemicals:
            return "chemical", self.chemicals[value]
        if value in self.stocks:
            return "stock", self.stocks[value]
        return None, None

    def keep(self, lines) -> None:
        """Offer what a recipe uses already, even when it was archived since."""
        for line in lines:
            kind, record = ("stock", line.stock) if line.stock_id else ("chemical", line.chemical)
            getattr(self, f"{kind}s").setdefault(f"{kind}:{record.pk}", record)


def _label(chemical) -> str:
    return f"{chemical.short} ({chemical.name})" if chemical.abbreviation else chemical.name


def value_of(line) -> str:
    """The option that stands for a line's substance."""
    return f"stock:{line.stock_id}" if line.stock_id else f"chemical:{line.chemical_id}"


class MakeBatchForm(forms.Form):
    code = forms.CharField(
        label=_("Code"), required=False, max_length=80, help_text=_("Empty: the next one by the project's pattern.")
    )
    scale = forms.CharField(
        label=_("Scale"), required=False, initial="1", max_length=40, widget=number_input(size=6),
        help_text=_("2 doubles every mass and volume."),
    )  # fmt: skip
    planned_for = forms.DateField(
        label=_("Planned for"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class SweepForm(forms.Form):
    """One or two parameters, their values in a line each."""

    name = forms.CharField(label=_("Name"), max_length=160)
    target = forms.ChoiceField(label=_("Vary"))
    values = forms.CharField(
        label=_("Values"), max_length=2000, help_text=_("For example: 0.1 0.25 0.4 0.5 0.75 1 1.5 2 3")
    )
    unit = forms.ChoiceField(label=_("Unit"))
    second_target = forms.ChoiceField(label=_("and also"), required=False)
    second_values = forms.CharField(label=_("Values"), required=False, max_length=2000)
    second_unit = forms.ChoiceField(label=_("Unit"), required=False)
    replicates = forms.IntegerField(label=_("Replicates"), initial=1, min_value=1, max_value=20)
    randomised = forms.BooleanField(label=_("Make them in random order"), required=False)

    def __init__(self, *args, targets, **kwargs):
        super().__init__(*args, **kwargs)
        dimensions = (
            *AMOUNTS,
            "time",
            "temperature",
            "rotation",
            "fraction",
            "flow",
            "concentration",
            "mass concentration",
        )
        units = sorted(unit_choices(*dimensions), key=lambda choice: choice[0] != "{equiv}")
        for name in ("unit", "second_unit"):
            self.fields[name].choices = units
        self.fields["target"].choices = targets
        self.fields["second_target"].choices = [("", "–"), *targets]
