"""What QDLab can read, as users are told: the page and ``docs/formats.md`` are made from READERS alone."""

from django.utils.translation import gettext as _

from spectra.models import Technique
from spectra.readers import READERS
from spectra.readers.generic_table import NAME as GENERIC


def formats() -> list[dict]:
    """One entry per reader by label: first what is read, then the tables of any program, then what is refused."""
    shown = [_entry(reader) for reader in READERS if reader.about]
    return sorted(shown, key=lambda entry: (not entry["techniques"], entry["name"] == GENERIC, entry["label"].lower()))


def _entry(reader) -> dict:
    about, names = reader.about, dict(Technique.choices)
    return {
        "name": reader.name,
        "label": about.label,
        "version": reader.version,
        "instruments": about.instruments,
        "endings": list(about.endings),
        "techniques": [str(names[technique]) for technique in about.techniques],
        "reads": _(about.reads),
        "limits": _(about.limits) if about.limits else "",
    }


def as_markdown() -> str:
    """The page ``docs/formats.md``; call it in English."""
    entries = formats()
    parts = [INTRODUCTION.format(n=sum(bool(entry["techniques"]) for entry in entries))]
    parts += [_section(entry) for entry in entries]
    return "\n".join(parts)


INTRODUCTION = """\
# What QDLab can read

Made by `make docs` from the readers themselves; do not edit. {n} formats are read.

Files are recognised by their content; the endings are those usually met. A table of any program is read as well, and
its columns can be chosen by hand. What cannot be read right is refused with a sentence, and kept. `make corpus DIR=…`
tells of a folder of your own which files are read, and as what.
"""


def _section(entry: dict) -> str:
    lines = [
        f"## {entry['label']}\n",
        f"- From: {entry['instruments']}",
        f"- Endings: {', '.join(f'`{ending}`' for ending in entry['endings'])}",
        f"- Techniques: {', '.join(entry['techniques']) or 'none, refused'}",
        f"- Read: {entry['reads']}" if entry["techniques"] else f"- {entry['reads']}",
    ]
    if entry["limits"]:
        lines.append(f"- Not read, and what to do: {entry['limits']}")
    return "\n".join(lines) + "\n"
