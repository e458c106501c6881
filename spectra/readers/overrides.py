"""What a person says of a file goes before what a reader found: technique and conditions."""

from dataclasses import asdict, fields, replace

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers.reading import TECHNIQUES, Item, Reading, UnreadableFile

CONDITION_NAMES = {field.name for field in fields(Conditions)}


def with_overrides(reading: Reading, mapping: dict) -> Reading:
    """Put the technique and the conditions that a person gave in place of those found."""
    conditions = {key: value for key, value in mapping.items() if key in CONDITION_NAMES and value is not None}
    technique = mapping.get("technique")
    if technique is not None and technique not in TECHNIQUES:
        raise UnreadableFile(
            Note("no_such_technique", gettext_noop("There is no technique called {name}."), {"name": str(technique)})
        )
    if not conditions and technique is None:
        return reading
    warnings = tuple(note for note in reading.warnings if technique is None or note.code != "technique_unknown")
    items = tuple(_overridden(item, technique, conditions) for item in reading.items)
    return replace(reading, items=items, warnings=warnings)


def _overridden(item: Item, technique: str | None, conditions: dict) -> Item:
    merged = Conditions.from_mapping({**asdict(item.conditions), **conditions})
    if technique is None:
        return replace(item, conditions=merged)
    return replace(item, conditions=merged, technique=technique, technique_source="person")
