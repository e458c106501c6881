"""What a person says of a file goes before what a reader found: technique and conditions."""

from dataclasses import asdict, fields, replace
from math import isfinite

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers.reading import TECHNIQUES, Item, Reading, UnreadableFile

CONDITION_TYPES = {field.name: field.type for field in fields(Conditions)}


def with_overrides(reading: Reading, mapping: dict) -> Reading:
    """Put the technique and the conditions that a person gave in place of those found."""
    conditions = {
        key: _typed(key, value) for key, value in mapping.items() if key in CONDITION_TYPES and value is not None
    }
    technique = mapping.get("technique")
    if technique is not None and technique not in TECHNIQUES:
        raise UnreadableFile(
            Note("no_such_technique", gettext_noop("There is no technique called {name}."), {"name": str(technique)})
        )
    if mapping.get("y_technique"):
        technique = None  # said of each column, where the columns were read
    if not conditions and technique is None:
        return reading
    warnings = tuple(note for note in reading.warnings if technique is None or note.code != "technique_unknown")
    items = tuple(_overridden(item, technique, conditions) for item in reading.items)
    return replace(reading, items=items, warnings=warnings)


def _typed(name: str, value):
    """The value as its field wants it; a number may come as text from a form."""
    kind = str(CONDITION_TYPES[name])
    try:
        if "float" in kind:
            number = float(value)
            if isfinite(number):
                return number
        elif ("bool" in kind and isinstance(value, bool)) or ("str" in kind and isinstance(value, str)):
            return value
    except (TypeError, ValueError):
        pass
    text = gettext_noop("“{value}” is no value for {name}.")
    raise UnreadableFile(Note("bad_condition", text, {"name": name, "value": str(value)[:40]}))


def _overridden(item: Item, technique: str | None, conditions: dict) -> Item:
    merged = Conditions.from_mapping({**asdict(item.conditions), **conditions})
    if technique is None:
        return replace(item, conditions=merged)
    return replace(item, conditions=merged, technique=technique, technique_source="person")
