"""Asking for any analysis: which records take which role, and the settings."""

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from spectra.analysis.method import Method, Role


class InputsForm(forms.Form):
    """One field per role of a method; ``candidates``: role → what may take it, as selectors.candidates_for gives it."""

    def __init__(self, data=None, *, method: Method, candidates: dict, **kwargs):
        super().__init__(data, **kwargs)
        self.method = method
        for role in method.roles:
            self.fields[role.name] = _field(role, candidates[role.name])
            if data is None and role.minimum and candidates[role.name]["own"]:
                own = [value for value, _label in candidates[role.name]["own"]]
                self.initial[role.name] = own if role.maximum != 1 else own[0]

    def inputs(self) -> list[dict]:
        """What was chosen, as ``services.analyse`` takes it; several of one role are numbered in the order shown."""
        rows = []
        for role in self.method.roles:
            chosen = self.cleaned_data[role.name]
            for index, text in enumerate(chosen if isinstance(chosen, list) else [chosen] if chosen else []):
                kind, _sign, pk = text.partition(":")
                rows.append({"role": role.name, "index": index, kind: pk})
        return rows


def _field(role: Role, candidates: dict) -> forms.Field:
    groups = [(_("of this sample"), candidates["own"]), (_("of other samples, or on none"), candidates["others"])]
    choices = [(label, rows) for label, rows in groups if rows]
    required = role.minimum > 0
    options = {"label": gettext(role.label), "required": required, "help_text": _help(role)}
    if role.maximum == 1:
        empty = [] if required and candidates["own"] else [("", _("none"))]
        return forms.ChoiceField(choices=[*empty, *choices], **options)
    # Many boxes of a whole project would hide the few that are meant.
    if candidates["others"] and not candidates["own"]:
        none = gettext("This sample has none; these are of others, or on no sample.")
        options["help_text"] = f"{options['help_text']} {none}"
    own = candidates["own"] or candidates["others"]
    return forms.MultipleChoiceField(choices=own, widget=forms.CheckboxSelectMultiple, **options)


def _help(role: Role) -> str:
    if role.maximum == 1:
        return "" if role.minimum else gettext("May stay empty.")
    if not role.minimum:
        return (
            gettext("One to each, in the same order; may stay empty.")
            if role.paired_with
            else gettext("May stay empty.")
        )
    return ngettext("At least {n}.", "At least {n}.", role.minimum).format(n=role.minimum)
