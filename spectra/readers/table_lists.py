"""Tables that are no curves, by the columns that a person chose: atomic percents of elements, and sizes of particles."""

import re
from math import isfinite

from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers.bruker_spx import SYMBOLS
from spectra.readers.reading import Item, Table, UnreadableFile
from spectra.readers.tables import FoundTable, bad_mapping, skipped_rows
from spectra.readers.terms import split_label

ELEMENT = re.compile(r"([A-Z][a-z]?)(?:[ \-_]?[KLMN](?:[αβab]\d?|ser\.?|-?series)?)?", re.I)
MAX_ROWS = 100_000
SIZES = ("diameter", "radius", "edge", "length")
UNITS_OF_SIZE = {"nm": "nm", "um": "µm", "Ao": "Å"}


def element_of(cell: str) -> str | None:
    """The symbol in ``Cs``, ``CsL``, ``Br K`` or ``Pb-M``; None when there is none.

    Examples
    --------
    >>> [element_of(cell) for cell in ("Cs", "CsL", "Br K", "CK", "Total", "Xx")]
    ['Cs', 'Cs', 'Br', 'C', None, None]
    """
    found = ELEMENT.fullmatch(cell.strip())
    symbol = found[1].capitalize() if found else None
    if symbol not in SYMBOLS and found and len(cell.strip()) > 1:
        symbol = cell.strip()[0].upper() if cell.strip()[1:] in ("K", "L", "M", "N") else None
    return symbol if symbol in SYMBOLS else None


def composition_items(table: FoundTable, mapping: dict, stem: str) -> tuple[list[Item], list[Note]]:
    """Atomic percents with their standard uncertainties (k = 1), as the table states them."""
    element, percent = _column(table, mapping, "element"), _column(table, mapping, "percent")
    column_u = _column(table, mapping, "percent_u", required=False)
    fractions, passed_over = {}, []
    for row in table.cells(skipped_rows(mapping, table.n_rows)):
        symbol = element_of(str(row[element]))
        if symbol is None:
            passed_over.append(str(row[element])[:30])
            continue
        if symbol in fractions:
            text = gettext_noop("The element {element} is listed twice. Choose the table of one spot, or its average.")
            raise UnreadableFile(Note("element_twice", text, {"element": symbol}))
        u = None if column_u is None else row[column_u]
        fractions[symbol] = _fraction(symbol, row[percent], u, mapping.get("percent_u_is") == "relative")
    if not fractions:
        text = gettext_noop(
            "No cell of this column is the symbol of an element. Choose the column that names the elements."
        )
        raise UnreadableFile(Note("no_elements", text))
    value = AtomicFractions(tuple(fractions.values()), title=stem)
    item = Item(value, "edx", "person", stem, None, Conditions(), table.header.preamble)
    return [item], [*_sum_note(value), *_passed_note(passed_over)]


def _fraction(symbol: str, percent, u, relative: bool) -> AtomicFraction:
    if not isinstance(percent, float) or not 0 <= percent <= 100:
        text = gettext_noop("“{value}” of {element} is no atomic percent. Choose the column with the atomic percents.")
        raise UnreadableFile(Note("no_percent", text, {"value": str(percent)[:30], "element": symbol}))
    if not isinstance(u, float):
        return AtomicFraction(symbol, percent)
    u = percent * u / 100 if relative else u
    if not (isfinite(u) and u >= 0):
        text = gettext_noop("“{value}” of {element} is no uncertainty. Choose another column, or none.")
        raise UnreadableFile(Note("no_uncertainty", text, {"value": str(u)[:30], "element": symbol}))
    return AtomicFraction(symbol, percent, u)


def _sum_note(value: AtomicFractions) -> list[Note]:
    total = sum(fraction.percent for fraction in value.fractions)
    if abs(total - 100) <= 1:
        return []
    text = gettext_noop(
        "The percents add up to {total} instead of 100: look whether this is the column of atomic percents."
    )
    return [Note("percents_do_not_add_up", text, {"total": f"{total:.4g}"})]


def _passed_note(cells: list[str]) -> list[Note]:
    named = [cell for cell in cells if cell and cell.casefold() not in ("total", "totals", "sum", "合計")]
    if not named:
        return []
    text = gettext_noop("Rows that name no element were passed over: {names}.")
    return [Note("rows_passed_over", text, {"names": ", ".join(f"“{cell}”" for cell in named[:5])})]


def size_items(table: FoundTable, mapping: dict, stem: str) -> tuple[list[Item], list[Note]]:
    """The chosen column, called a diameter, radius, edge or length with its unit; beside it the names of the particles."""
    size, unit = _column(table, mapping, "size"), mapping.get("size_unit") or "nm"
    what = mapping.get("size_is") or "diameter"
    if unit not in UNITS_OF_SIZE or what not in SIZES:
        text = gettext_noop("Sizes are diameters, radii, edges or lengths in nm, µm or Å. Choose one of them.")
        raise UnreadableFile(Note("no_unit_of_size", text))
    rows = list(table.cells(skipped_rows(mapping, table.n_rows), None))[:MAX_ROWS]
    n_sizes = sum(isinstance(row[size], float) and row[size] > 0 for row in rows)
    if n_sizes * 5 < len(rows) * 4:
        text = gettext_noop("Only {n} of {rows} cells of this column are sizes. Choose the column with the sizes.")
        raise UnreadableFile(Note("few_sizes", text, {"n": n_sizes, "rows": len(rows)}))
    label = split_label(table.header.labels[size])[0]
    name = label if what in label.casefold() else f"{what} {label}".strip()
    words = next((k for k in range(table.n_columns) if all(isinstance(row[k], str) and row[k] for row in rows)), None)
    kept = ([] if words is None else [words]) + [size]
    names = [table.header.labels[k] or "name" for k in kept[:-1]] + [f"{name} ({UNITS_OF_SIZE[unit]})"]
    value = Table(tuple(names), tuple(tuple(row[k] for k in kept) for row in rows), stem)
    item = Item(value, "tem_sizes", "person", stem, None, Conditions(), table.header.preamble)
    return [item], []


def _column(table: FoundTable, mapping: dict, name: str, required: bool = True) -> int | None:
    chosen = mapping.get(name)
    if chosen is None and not required:
        return None
    if isinstance(chosen, bool) or not isinstance(chosen, int) or not 0 <= chosen < table.n_columns:
        raise bad_mapping()
    return chosen
