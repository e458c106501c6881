"""Layouts: choices of columns that people made once, found again by the fingerprint of a table's header.

A layout *fits* a table when both have the same labels and separator (``TableHeader.fingerprint``; a table without labels has
none and is never recognised), when what was written above the columns looks as if the same program had written it (half of
the preamble's keys, where both files have three or more), and when every column that it names is where it was. Of several
that fit, the first of the list is used: whoever calls puts the newest first. The reading names the others.

``known`` layouts are plain dicts, so that they can travel to the reader host as JSON: ``id``, ``name``, ``version``,
``fingerprint``, ``marks``, ``n_columns``, ``reader``, ``mapping``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spectra.notes import Note, gettext_noop
from spectra.readers import generic_table, ole, workbook
from spectra.readers.overrides import with_overrides
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.tables import FoundTable, separators_of, tables_of
from spectra.readers.text import open_text

FEW_MARKS = 3
SHARE_OF_MARKS = 0.5
GENERIC = ("generic_table", "workbook")


@dataclass(frozen=True)
class Place:
    """A table in a file, by its sheet (None in a text) and number, with the layouts that fit it."""

    sheet: str | None
    number: int
    fitting: tuple[dict, ...]


def sheets_of(data: bytes) -> dict[str | None, bytes]:
    """The sheets of a workbook as texts; any other file as it is, under None."""
    return dict(workbook.as_tables(data)) if data.startswith((workbook.ZIP, ole.MAGIC)) else {None: data}


def fits(layout: dict, table: FoundTable) -> bool:
    if not table.fingerprint or layout["fingerprint"] != table.fingerprint:
        return False
    one, other = set(layout["marks"]), set(table.header.marks())
    if min(len(one), len(other)) >= FEW_MARKS and len(one & other) < SHARE_OF_MARKS * min(len(one), len(other)):
        return False
    mapping = layout["mapping"]
    takes_all = mapping.get("y") is None and mapping.get("kind", "curves") in ("curves", "series")
    return takes_all or layout["n_columns"] == table.n_columns


def fingerprints_of(data: bytes) -> str:
    """The fingerprints of all tables of a file, with blanks between; for finding files that look the same."""
    found = [table.fingerprint for text in sheets_of(data).values() for table in tables_of(open_text(text))]
    return " ".join(dict.fromkeys(one for one in found if one))


def concerned(reader: str, layouts: Sequence[dict]) -> list[dict]:
    """The layouts that may read a file which ``reader`` recognised: a vendor's reader yields only to its own."""
    return [layout for layout in layouts if reader in GENERIC or layout["reader"] == reader]


def read_with_layout(data: bytes, name: str, mapping: dict, layouts: Sequence[dict]) -> Reading | None:
    """Read a file with the first of ``layouts`` that fits; None when none fits or what it says cannot be read.

    What a person said of the file (``mapping``: technique, conditions) goes before the layout.
    """
    sheets = sheets_of(data)
    places = _places(sheets, layouts)
    if not places:
        return None
    ids = {layout["id"] for place in places for layout in place.fitting}
    layout = next(layout for layout in layouts if layout["id"] in ids)
    used = layout["mapping"] | mapping
    readings, chosen = [], {}
    for place in places:
        if layout not in place.fitting:
            continue
        chosen = used | {"table": place.number} | ({} if place.sheet is None else {"sheet": place.sheet})
        try:
            readings.append((place, generic_table.read(sheets[place.sheet], name, chosen)))
        except UnreadableFile:
            continue
    if not readings:
        return None
    others = [other["name"] for other in layouts if other["id"] in ids and other is not layout]
    return with_overrides(_together(readings, layout, chosen, others), used)


def _places(sheets: dict[str | None, bytes], layouts: Sequence[dict]) -> list[Place]:
    """The tables that some layout fits; each layout looks with its own separators."""
    by_separators: dict[tuple, list[dict]] = {}
    for layout in layouts:
        by_separators.setdefault(separators_of(layout["mapping"]), []).append(layout)
    places = []
    for sheet, text in sheets.items():
        try:
            file = open_text(text)
            for separators, alike in by_separators.items():
                for number, table in enumerate(tables_of(file, *separators)):
                    if fitting := tuple(layout for layout in alike if fits(layout, table)):
                        places.append(Place(sheet, number, fitting))
        except UnreadableFile:
            continue  # a sheet without anything readable is none that a layout was made for
    return places


def _together(readings: list[tuple[Place, Reading]], layout: dict, mapping: dict, others: list[str]) -> Reading:
    (place, first) = readings[0]
    items = list(first.items)
    if len(readings) > 1:
        items = [
            replace(item, title=f"{place.sheet or place.number + 1}: {item.title}")
            for place, reading in readings
            for item in reading.items
        ]
    notes = []
    for note in (note for _place, reading in readings for note in reading.warnings):
        if note not in notes:
            notes.append(note)
    if others:
        text = gettext_noop(
            "This file fits other layouts too ({names}); the one that was changed last was used. Look whether it is right."
        )
        notes.append(Note("layouts_clash", text, {"names": ", ".join(f"“{name}”" for name in others[:5])}))
    decided = dict(first.decided) | {"confidence": "layout"}
    reader = first.reader
    if place.sheet is not None:
        reader = workbook.NAME
        decided |= {
            "sheets": ", ".join(place.sheet for place, _ in readings),
            "separator": "cells",
            "encoding": "workbook",
        }
    told = {"id": layout["id"], "version": layout["version"], "mapping": mapping}
    return replace(first, reader=reader, items=tuple(items), warnings=tuple(notes), decided=decided, layout=told)
