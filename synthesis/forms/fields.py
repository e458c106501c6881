"""Fields for what is typed at a bench: numbers with a comma or a point, units as people write them."""

from django import forms
from django.core.exceptions import ValidationError

from synthesis.notes import InputError
from synthesis.selectors import said
from synthesis.units import UNITS, exact_text, parse_number


class BenchNumber(forms.CharField):
    """A plain number; ``29,4`` and ``29.4`` are the same. Its widget opens a numeric keyboard."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return exact_text(value) if isinstance(value, float) else value

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        try:
            return float(parse_number(text))
        except InputError as problem:
            raise ValidationError(said(problem.note)) from problem


class Version(forms.IntegerField):
    """The version that the page showed, in a hidden field."""

    def __init__(self, **kwargs):
        super().__init__(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput, **kwargs)


def row_count(data, prefix: str, most: int = 100) -> int:
    """How many rows a formset says it has; nonsense is none."""
    text = str(data.get(f"{prefix}-TOTAL_FORMS", ""))[:6]
    return min(int(text), most) if text.isascii() and text.isdecimal() else 0


def number_input(**attrs):
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", **attrs})


def unit_choices(*dimensions: str) -> list[tuple[str, str]]:
    """Units to choose from, in the order of the bench: what is used most comes first."""
    first = ("mg", "uL", "mL", "{equiv}", "umol", "mmol", "mmol/L", "mg/mL")
    known = [unit for unit in UNITS.values() if unit.dimension in dimensions]
    known.sort(key=lambda unit: first.index(unit.code) if unit.code in first else len(first))
    return [(unit.code, unit.symbol or unit.code) for unit in known if unit.code not in ("m3", "m")]


def place_errors(problem: ValidationError, forms_by_prefix: dict, whole: forms.Form) -> None:
    """Put each sentence of a service at the field it is about.

    ``forms_by_prefix`` maps ``ingredients-0`` to its form; what belongs to no field stands at the top of ``whole``.
    """
    if not hasattr(problem, "error_dict"):
        whole.add_error(None, problem)
        return
    for name, errors in problem.error_dict.items():
        form, field = whole, name
        for prefix, candidate in forms_by_prefix.items():
            if name.startswith(f"{prefix}-"):
                form, field = candidate, name.removeprefix(f"{prefix}-")
        form.add_error(field if field in form.fields else None, errors)
