"""What a person says about a table: which table of the file, and what its columns are."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from qdlab.records.formatting import unit_symbol
from spectra.forms.fields import DecimalText
from spectra.forms.measurements import INTENSITY_UNITS
from spectra.models import Technique

MOST_COLUMNS = 10_000
PER_COLUMN = ("quantity", "unit", "technique")  # of a y column: quantity_0, unit_0, technique_0
UNSAID = ("", _("as the file says"))
X_UNITS = ("nm", "eV", "1/cm", "ps", "ns", "us", "ms", "s", "min", "h", "Cel", "keV", "V")
Y_UNITS = ("1", "%", "[a.u.]", "{counts}", "{counts}/s", "mdeg", "V", "W/(sr*m2*nm)")
QUANTITIES = (
    ("intensity", _("intensity")),
    ("counts", _("counts")),
    ("absorbance", _("absorbance")),
    ("transmittance", _("transmittance")),
    ("reflectance", _("reflectance")),
    ("ellipticity", _("ellipticity")),
    ("voltage", _("voltage")),
)
KINDS = (
    ("curves", _("curves: x against y")),
    ("series", _("a series: one x, a curve per time, temperature or voltage")),
    ("composition", _("a composition: elements with their percents")),
    ("sizes", _("a list of sizes")),
)
IGNORED = ("", _("not used"))
ROLES = {
    "curves": (
        IGNORED, ("x", "x"), ("signal", "y"), ("u", _("uncertainty of y")), ("IRF", _("instrument response (IRF)")),
        ("HT", _("HT voltage")), ("reference", _("reference")), ("dark", _("dark")),
    ),
    "series": (IGNORED, ("x", "x"), ("signal", "y")),
    "composition": (
        IGNORED, ("element", _("element")), ("percent", _("atomic percent")), ("percent_u", _("its uncertainty")),
    ),
    "sizes": (IGNORED, ("size", _("size"))),
}  # fmt: skip
Z_AXES = (
    ("time", _("time")),
    ("temperature", _("temperature")),
    ("voltage", _("voltage")),
    ("excitation", _("excitation")),
)
Z_UNITS = ("s", "min", "h", "Cel", "K", "V", "nm")
Z_FROM = (("labels", _("the labels of the columns")), ("first_row", _("the first row of numbers")))
U_IS = (("absolute", _("in atomic percent, like the value")), ("relative", _("in percent of the value")))
SIZES = (("diameter", _("diameter")), ("radius", _("radius")), ("edge", _("edge")), ("length", _("length")))
SIZE_UNITS = (("nm", "nm"), ("um", "µm"), ("Ao", "Å"))
SEPARATORS = (
    ("", _("found by QDLab")), ("tab", _("tab")), ("comma", _("comma")), ("semicolon", _("semicolon")), ("space", _("blanks")),
)  # fmt: skip
MARKS = (("", _("found by QDLab")), (".", _("point: 0.5")), (",", _("comma: 0,5")))
ON_CURVES = [choice for choice in Technique.choices if choice[0] not in ("edx", "tem_sizes", "image")]
OF_A_COLUMN = re.compile(r"role_(\d{1,5})", re.ASCII)
TECHNIQUE_OF = re.compile(r"technique_(\d{1,5})", re.ASCII)
SHARED = ("kind", "separator", "decimal_mark")  # of the choice of the table, sent with the columns
OF_KIND = {
    "curves": ("technique", "x_unit", "excitation_nm", "intensity_unit", "bin_ns"),
    "series": ("technique", "x_unit", "excitation_nm", "intensity_unit", "z_quantity", "z_unit", "z_from"),
    "composition": ("percent_u_is",),
    "sizes": ("size_is", "size_unit"),
}


def units(codes) -> list:
    return [UNSAID, *((code, unit_symbol(code)) for code in codes)]


class TableForm(forms.Form):
    """Which table of the file is looked at, and how its cells are told apart."""

    kind = forms.ChoiceField(label=_("the table holds"), required=False, choices=[("", "–"), *KINDS])
    sheet = forms.CharField(label=_("sheet"), required=False, max_length=80, strip=False)
    table = forms.IntegerField(label=_("table"), required=False, min_value=0, max_value=1000)
    separator = forms.ChoiceField(label=_("between the columns"), required=False, choices=SEPARATORS)
    decimal_mark = forms.ChoiceField(label=_("decimal mark"), required=False, choices=MARKS)

    def place(self) -> dict:
        """The part of the mapping that says where the table is; empty when nothing valid was chosen."""
        given = self.cleaned_data if self.is_valid() else {}
        return {name: value for name, value in given.items() if value not in ("", None)}


class MappingForm(TableForm):
    """What the columns are: ``role_0``, ``quantity_0``, ``unit_0`` … for each column, counted from 0 as readers do."""

    kind = forms.ChoiceField(label=_("the table holds"), required=False, choices=KINDS)
    technique = forms.ChoiceField(
        label=_("technique of all columns"), required=False, choices=[UNSAID, *ON_CURVES],
        help_text=_("a column that names its own keeps it"),
    )  # fmt: skip
    x_unit = forms.ChoiceField(label=_("unit of x"), required=False, choices=units(X_UNITS))
    excitation_nm = DecimalText(label=_("excitation (nm)"))
    intensity_unit = forms.ChoiceField(label=_("intensity counts"), required=False, choices=INTENSITY_UNITS)
    bin_ns = DecimalText(label=_("bin width (ns)"), help_text=_("for decays that list counts without their times"))
    z_quantity = forms.ChoiceField(label=_("the curves differ in"), required=False, choices=Z_AXES)
    z_unit = forms.ChoiceField(label=_("its unit"), required=False, choices=units(Z_UNITS))
    z_from = forms.ChoiceField(label=_("its values stand in"), required=False, choices=Z_FROM)
    percent_u_is = forms.ChoiceField(label=_("the uncertainty is given"), required=False, choices=U_IS)
    size_is = forms.ChoiceField(label=_("a size is a"), required=False, choices=SIZES)
    size_unit = forms.ChoiceField(label=_("unit of the sizes"), required=False, choices=SIZE_UNITS)
    first_row = forms.IntegerField(
        label=_("first row of data"), required=False, min_value=1, max_value=1_000_000,
        help_text=_("1 is the first row of numbers"),
    )  # fmt: skip
    n_columns = forms.IntegerField(required=False, min_value=1, max_value=MOST_COLUMNS, widget=forms.HiddenInput)
    further = forms.ChoiceField(
        label=_("the columns that are not shown are"), required=False, choices=[IGNORED, ("signal", "y")]
    )
    remember = forms.BooleanField(label=_("remember these columns for the next files of this kind"), required=False)
    layout_name = forms.CharField(label=_("under the name"), required=False, max_length=120)
    layout_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    also_settings = forms.BooleanField(label=_("excitation and bin width are the same in each of them"), required=False)

    @classmethod
    def showing(cls, mapping: dict, shown: dict, **more) -> "MappingForm":
        """The form with a mapping filled in, over the table that ``table_preview`` shows."""
        kind = mapping.get("kind") or "curves"
        initial = {name: value for name, value in mapping.items() if name in cls.base_fields} | more
        initial |= {"kind": kind, "first_row": (mapping.get("skip_rows") or 0) + 1, "n_columns": shown["n_columns"]}
        form = cls(initial=initial)
        form.columns = _columns(mapping, shown, kind)
        return form

    def fields_of_kind(self):
        kind = self["kind"].value() or "curves"
        return [self[name] for name in OF_KIND.get(kind, ())]

    def clean(self):
        data = self.cleaned_data
        self.kind = data.get("kind") or "curves"
        chosen = {}
        for name, value in self.data.items():
            found = OF_A_COLUMN.fullmatch(name)
            if (own := TECHNIQUE_OF.fullmatch(name)) and value and value not in dict(ON_CURVES):
                raise ValidationError(_("Choose one of the techniques for column {n}.").format(n=int(own[1]) + 1))
            if found and value and int(found[1]) < MOST_COLUMNS:
                if value not in dict(ROLES[self.kind]):
                    raise ValidationError(_("Choose for each column what it is."))
                chosen[int(found[1])] = value
        self.chosen = dict(sorted(chosen.items()))
        getattr(self, f"_check_{'curves' if self.kind == 'series' else self.kind}")()
        return data

    def _check_curves(self):
        roles = list(self.chosen.values())
        if roles.count("x") > 1:
            raise ValidationError(_("Only one column can be x. Use “y” for the others."))
        if not {"signal", "IRF"} & set(roles) and self.cleaned_data.get("further") != "signal":
            raise ValidationError(_("Say of at least one column that it is y."))
        if self.kind == "series" and "x" not in roles:
            raise ValidationError(_("Say which column is x."))
        techniques = {self.cleaned_data.get("technique"), *(self.data.get(f"technique_{k}") for k in self.chosen)}
        if "x" not in roles and techniques - {"decay", "", None}:
            raise ValidationError(_("Say which column is x; only decays can do without one."))

    def _check_composition(self):
        self._require_one("element", _("Say which column names the elements."))
        self._require_one("percent", _("Say which column holds the atomic percents."))
        if list(self.chosen.values()).count("percent_u") > 1:
            raise ValidationError(_("Only one column can be the uncertainty."))

    def _check_sizes(self):
        self._require_one("size", _("Say which one column holds the sizes."))

    def _require_one(self, role: str, sentence) -> None:
        if list(self.chosen.values()).count(role) != 1:
            raise ValidationError(sentence)

    def mapping(self) -> dict:
        """The mapping as the readers take it (``readers.table_mapping``)."""
        names = ("sheet", "table", *SHARED, *OF_KIND[self.kind])
        mapping = {name: value for name in names if (value := self.cleaned_data.get(name)) not in ("", None)}
        mapping["kind"] = self.kind
        if (self.cleaned_data.get("first_row") or 1) > 1:
            mapping["skip_rows"] = self.cleaned_data["first_row"] - 1
        if self.kind in ("composition", "sizes"):
            mapping |= {role: column for column, role in self.chosen.items()}
            return mapping
        return mapping | self._curves()

    def _curves(self) -> dict:
        x = next((column for column, role in self.chosen.items() if role == "x"), None)
        ys = [column for column, role in self.chosen.items() if role != "x"]
        words = {
            name: [self.data.get(f"{name}_{column}", "").strip()[:40] or None for column in ys] for name in PER_COLUMN
        }
        roles = [self.chosen[column] for column in ys]
        n_shown = sum(bool(OF_A_COLUMN.fullmatch(name)) for name in self.data)
        n_columns = self.cleaned_data.get("n_columns") or n_shown
        if self.cleaned_data.get("further") == "signal" and n_columns > n_shown:
            more = range(n_shown, n_columns)
            ys, roles = [*ys, *more], [*roles, *["signal"] * len(more)]
            words = {name: [*given, *[given[-1] if given else None] * len(more)] for name, given in words.items()}
        mapping = {"x": x}
        uniform = all(len(set(given)) <= 1 for given in words.values()) and set(roles) == {"signal"}
        first = 0 if x is None else x + 1
        if uniform and len(ys) > 1 and ys == list(range(first, n_columns)):
            mapping |= {f"y_{name}": given[0] for name, given in words.items() if given[0]}
            return mapping  # all columns right of x, however many the next file has
        mapping |= {"y": ys, "roles": roles, "y_quantity": words["quantity"], "y_unit": words["unit"]}
        return mapping | ({"y_technique": words["technique"]} if any(words["technique"]) else {})


def _columns(mapping: dict, shown: dict, kind: str) -> list[dict]:
    """A row per column for the page: label, first cells, and what it is."""
    roles = _roles_of(mapping, shown["n_columns"], kind)
    return [
        {
            "number": k, "label": column["label"], "cells": column["cells"],
            **dict(zip(("role", *PER_COLUMN), (one or "" for one in roles.get(k, ("",) * 4)), strict=True)),
        }
        for k, column in enumerate(shown["columns"])
    ]  # fmt: skip


def _roles_of(mapping: dict, n_columns: int, kind: str) -> dict[int, tuple]:
    if kind in ("composition", "sizes"):
        return {
            mapping[role]: (role, None, None, None)
            for role, _label in ROLES[kind]
            if role and mapping.get(role) is not None
        }
    x, ys = mapping.get("x"), mapping.get("y")
    ys = [ys] if isinstance(ys, int) else ys
    ys = [k for k in range(n_columns) if x is None or k > x] if ys is None else ys
    roles = mapping.get("roles") or ["signal"] * len(ys)
    found = {} if x is None else {x: ("x", None, None, None)}
    for place, (k, role) in enumerate(zip(ys, roles, strict=False)):
        found[k] = (role, *(_at(mapping.get(f"y_{name}"), place) for name in PER_COLUMN))
    return found


def _at(given, place: int):
    return (
        given[place] if isinstance(given, list) and place < len(given) else None if isinstance(given, list) else given
    )
