"""From columns to channels, and from items to a Reading: what the readers of vendors' text exports share."""

import re
from collections.abc import Mapping

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.dates import dated
from spectra.readers.decoding import not_recognised
from spectra.readers.over_range import blank_over_range
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_meaning import EXCITATION_AT, PL_WORDS, PLE_WORDS
from spectra.readers.terms import Column, normal, y_column
from spectra.readers.text import TextFile, clean
from spectra.spectrum import Channel

MAX_ITEMS = 200
MAX_VALUE = 500


def channel_of(values: np.ndarray, label: str, column: Column | None = None) -> tuple[Channel, list[Note]]:
    """One channel: quantity and unit from ``column`` or from its label, over-range numbers blanked, gaps told."""
    column = column or y_column(label) or Column("unknown", "")
    channel, notes = blank_over_range(Channel(values, column.quantity, column.unit, column.role, label))
    missing = int(np.isnan(values).sum())
    if missing:
        text = gettext_noop("{n} cells of “{label}” hold no number and count as points without a value.")
        notes = [*notes, Note("empty_cells", text, {"n": missing, "label": label or "y"})]
    return channel, notes


def fluorescence_by_words(*texts: str) -> str | None:
    """Emission or excitation, where a title or the file's name says so in words, or at which wavelength it was excited."""
    text = " ".join(map(normal, texts))
    if re.search(PLE_WORDS, text):
        return "pl_excitation"
    return "pl_emission" if re.search(PL_WORDS, text) or EXCITATION_AT.search(text) else None


def pairs_of(lines: list[str], separator: str | re.Pattern) -> dict[str, str]:
    """``key <separator> value`` of each line, cleaned; the first of equal keys, later ones with a number."""
    pairs: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(separator) if isinstance(separator, str) else _split(line, separator)
        key = clean(key)[:80]
        if not key:
            continue
        name, again = key, 2
        while name in pairs and again < 100:
            name, again = f"{key} ({again})", again + 1
        pairs[name] = clean(value.rstrip("\t,; "))[:MAX_VALUE]
    return pairs


def _split(line: str, separator: re.Pattern) -> tuple[str, str, str]:
    key, *rest = separator.split(line, maxsplit=1)
    return key, "", rest[0] if rest else ""


def first_of(pairs: Mapping[str, str], *keys: str) -> str:
    """The first value that is there under one of ``keys``, compared without case."""
    folded = {normal(key).rstrip(" :="): value for key, value in pairs.items() if value}
    return next((folded[key] for key in map(normal, keys) if key in folded), "")


def told(pairs: Mapping[str, str]) -> dict[str, str]:
    """Only what has a value."""
    return {key: value for key, value in pairs.items() if value}


def vendor_reading(
    name: str,
    version: int,
    file: TextFile,
    items: list[Item],
    warnings: list[Note],
    decided: Mapping[str, str],
    *,
    date: str = "",
    **facts_said,
) -> Reading:
    """A Reading with its date understood, a note for a technique that stays open, and one note of a kind only."""
    if len(items) > MAX_ITEMS:
        text = gettext_noop("This file would make {n} measurements; up to {limit} are read from one file. Split it.")
        raise UnreadableFile(Note("too_many_items", text, {"n": len(items), "limit": MAX_ITEMS}))
    if not items:  # cut off before the first number
        raise UnreadableFile(not_recognised())
    measured_at, notes = dated(date)
    if any(item.technique is None for item in items):
        notes.append(technique_unknown())
    texts = [facts_said.get(key, "") for key in ("title", "comment")] + [item.title for item in items]
    return Reading(
        name,
        version,
        items,
        measured_at=measured_at,
        measured_at_text=date,
        simulated=facts.is_simulated(*texts),
        warnings=tuple(_once([*warnings, *notes])),
        decided={"encoding": file.encoding, **decided},
        **facts_said,
    )


def technique_unknown() -> Note:
    return Note(
        "technique_unknown",
        gettext_noop("The file does not tell what was measured. Choose the technique by hand."),
    )


def _once(notes: list[Note]) -> list[Note]:
    kept: dict[str, Note] = {}
    for note in notes:
        kept.setdefault(str(note), note)
    return list(kept.values())


def marks(block) -> dict[str, str]:
    """Separator and decimal mark, as ``decided`` lists them."""
    return {"separator": block.separator, "decimal_mark": block.decimal_mark}
