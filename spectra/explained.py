"""How each method computes its numbers, as users are told: the pages and ``docs/methods.md`` are made from METHODS alone."""

import inspect
import re

from django.utils.translation import gettext as _

from qdlab.records.formatting import unit_symbol
from spectra.analysis import METHODS
from spectra.analysis.method import Method

_SECTION = re.compile(r"^(Parameters|Returns|Raises|Notes|References|Examples)\n-+\n", re.M)


def explained(method: Method) -> dict:
    """What stands in the docstrings of a method's module and of its ``run``, and in its table of roles, settings and numbers."""
    module = inspect.getdoc(inspect.getmodule(method.run)) or ""
    about = _SECTION.split(module)[0].strip().split("\n\n")
    sections = _sections(module) | _sections(inspect.getdoc(method.run) or "")
    return {
        "name": method.name,
        "title": _(method.title),
        "version": method.version,
        # The first line of a module names the method; what follows says why.
        "about": [_plain(text) for text in about[1:]],
        "notes": [_plain(text) for text in sections.get("Notes", "").split("\n\n") if text.strip()],
        "references": [_plain(line) for line in _references(sections.get("References", ""))],
        "roles": [(_(role.label), _times(role)) for role in method.roles],
        "settings": [
            (_(p.label), unit_symbol(p.unit), _default(p), _(p.help) if p.help else "") for p in method.parameters
        ],
        "quantities": [(_(q.label), q.symbol, unit_symbol(q.unit), q.name) for q in method.quantities],
    }


def _sections(doc: str) -> dict[str, str]:
    parts = _SECTION.split(doc)
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


def _plain(text: str) -> str:
    """One paragraph on one line; names of the program lose their marks."""
    return re.sub(r":\w+:`([^`]+)`", r"\1", " ".join(text.split())).replace("``", "")


def _references(text: str) -> list[str]:
    joined = re.sub(r"\.\. \[\d+\] ", "\n", text)
    return [one for one in re.split(r"\n(?=\S)|;\s", joined) if one.strip()]


def _times(role) -> str:
    if role.maximum == 1:
        return _("one") if role.minimum else _("one, or none")
    return _("{n} or more").format(n=role.minimum)


def _default(parameter) -> str:
    if parameter.default is None or parameter.default == "":
        return "–" if parameter.kind == "text" else _("automatic")
    if isinstance(parameter.default, bool):
        return _("yes") if parameter.default else _("no")
    return f"{parameter.default:g}" if isinstance(parameter.default, int | float) else _(parameter.default)


def as_markdown() -> str:
    """The page ``docs/methods.md``; call it in English."""
    parts = [INTRODUCTION.format(n=len(METHODS)), *(_section(explained(method)) for method in METHODS.values())]
    return "\n".join(parts)


INTRODUCTION = """\
# How QDLab computes

Made by `make docs` from the methods themselves; do not edit. {n} methods; each is a plain function on arrays in
`spectra/analysis/`, usable in a notebook. Every number comes with a standard uncertainty (k = 1) and the parts it is made of;
where a number would mislead there is none, and the reason is said.
"""


def _section(one: dict) -> str:
    lines = [f"## {one['title']} (`{one['name']}`, version {one['version']})", ""]
    lines += [paragraph + "\n" for paragraph in [*one["about"], *one["notes"]]]
    lines += ["Takes: " + "; ".join(f"{label} ({times})" for label, times in one["roles"]) + ".", ""]
    lines += ["| number | symbol | unit | name |", "| --- | --- | --- | --- |"]
    lines += [f"| {label} | {symbol} | {unit} | `{name}` |" for label, symbol, unit, name in one["quantities"]]
    if one["settings"]:
        lines += ["", "| setting | unit | default | |", "| --- | --- | --- | --- |"]
        lines += [f"| {label} | {unit} | {default} | {help} |" for label, unit, default, help in one["settings"]]
    if one["references"]:
        lines += ["", *(f"- {reference}" for reference in one["references"])]
    return "\n".join(lines) + "\n"
