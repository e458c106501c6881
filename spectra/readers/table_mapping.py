"""Columns chosen by a person: what they say goes before every label and rule.

A mapping is plain JSON. ``kind`` says what the table holds; columns are counted from 0.

* ``curves`` (when nothing is said): ``x`` (null for counts without a time axis), ``y`` (a list; left out: all columns right
  of x), ``roles`` beside ``y`` (signal, u, IRF, HT, reference, dark), ``x_unit``, ``y_quantity``, ``y_unit`` and ``y_technique``
  (one for all, or a list beside ``y``), ``bin_ns`` for decays. Signals of different techniques become measurements of their own;
  a column without a technique takes ``technique``, and where that is not said either, what the labels tell;
* ``series``: the same, and the third axis ``z_quantity``, ``z_unit``, with ``z_from`` ``labels`` or ``first_row``;
* ``composition``: ``element``, ``percent``, ``percent_u`` with ``percent_u_is`` ``absolute`` or ``relative``;
* ``sizes``: ``size``, ``size_is`` (diameter, radius, edge, length) and ``size_unit``.

For all: ``sheet``, ``table`` (the number of the table in the file, from 0), ``separator``, ``decimal_mark``, ``skip_rows`` (first
rows that are left out), ``technique``, and any field of Conditions.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.decays import Curve, bin_from_axis, decay_items, finite_counts, given_bin_ns, needs_bin_width
from spectra.readers.over_range import blank_over_range
from spectra.readers.reading import TECHNIQUES, Item, UnreadableFile
from spectra.readers.table_items import MAX_ITEMS
from spectra.readers.table_lists import composition_items, size_items
from spectra.readers.table_meaning import OPTICAL, quantity_by_technique, table_conditions, technique_by_rule
from spectra.readers.tables import FoundTable, bad_mapping, skipped_rows
from spectra.readers.terms import TIME_NS, X_OF_UNIT, Axis, Column, split_label, unit_code, x_axis, y_column
from spectra.spectrum import CHANNEL_ROLES, Channel, Series, Spectrum

KINDS = ("curves", "series", "composition", "sizes")
CHOSEN = ("x", "y", "kind")  # a mapping with one of these says what the columns are
DECAY_BESIDE = gettext_noop(
    "Decays and spectra cannot share one x column. Read the decays alone: set the other columns to “not used”."
)
NUMBER_IN_LABEL = re.compile(r"(?<![A-Za-z])[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Mapping:
    """The columns of curves: ``x`` None for counts without a time axis; the tuples stand beside each other."""

    x: int | None
    y: tuple[int, ...]
    x_unit: str | None
    quantities: tuple[str | None, ...]
    units: tuple[str | None, ...]
    roles: tuple[str, ...]
    techniques: tuple[str | None, ...]

    @property
    def signal_techniques(self) -> set[str | None]:
        return {t for t, role in zip(self.techniques, self.roles, strict=True) if role == "signal"}


def names_columns(mapping: dict | None) -> bool:
    return any(name in (mapping or {}) for name in CHOSEN)


def mapped_items(table: FoundTable, mapping: dict, stem: str) -> tuple[list[Item], list[Note]]:
    """Make the items that ``mapping`` asks for.

    Raises
    ------
    UnreadableFile
        When the choice does not fit the table, with a sentence that says why.
    """
    kind = mapping.get("kind") or "curves"
    if kind == "composition":
        return composition_items(table, mapping, stem)
    if kind == "sizes":
        return size_items(table, mapping, stem)
    if kind not in KINDS:
        raise bad_mapping()
    chosen, skipped = _checked(mapping, table.n_columns), skipped_rows(mapping, table.n_rows)
    rows = table.numbers[skipped:]
    if kind == "series":
        return _series(table, rows, chosen, mapping, stem)
    if chosen.x is None or "decay" in chosen.signal_techniques:
        if len(chosen.signal_techniques) > 1:
            raise UnreadableFile(Note("decay_beside", DECAY_BESIDE))
        return _decays(table, rows, chosen, mapping, stem)
    return _curves(table, rows, chosen, mapping, stem)


def _curves(table: FoundTable, rows, chosen: Mapping, mapping: dict, stem: str) -> tuple[list[Item], list[Note]]:
    """One spectrum; signals of another technique or of the same quantity are measurements of their own."""
    x, x_unit, quantity, keep = _axis(table, rows, chosen)
    columns, warnings = [], []
    for k in range(len(chosen.y)):
        column, notes = _column(table, rows[keep], chosen, k, Axis(quantity, x_unit), float(x.max()), stem)
        columns.append(column)
        warnings += notes
    groups = _measurements(columns)
    if len(groups) > MAX_ITEMS:
        text = gettext_noop("This table would make {n} measurements; up to {limit} are read from one file. Split it.")
        raise UnreadableFile(Note("too_many_items", text, {"n": len(groups), "limit": MAX_ITEMS}))
    items = []
    for group in groups:
        signal = next((one for one in group if one.is_signal), group[0])
        label = split_label(signal.channel.name)[0] or f"{stem} {len(items) + 1}"
        title = stem if len(groups) == 1 else label
        spectrum = Spectrum(x, [one.channel for one in group], x_unit, quantity, title)
        conditions = table_conditions(table.header, signal.channel.name, title, stem)
        source = "person" if signal.is_told else "rule"
        items.append(Item(spectrum, signal.technique, source, title, None, conditions, table.header.preamble))
    return items, warnings


@dataclass(frozen=True, eq=False)
class _Column:
    """A channel with its technique; ``is_told``: a person said it."""

    channel: Channel
    technique: str | None
    is_told: bool

    @property
    def is_signal(self) -> bool:
        return self.channel.role == "signal"


def _column(table: FoundTable, rows, chosen: Mapping, k: int, axis: Axis, x_max: float, stem: str):
    channel, notes = _channel(table, rows, chosen, k)
    if told := chosen.techniques[k]:
        technique = told
    elif axis.quantity not in OPTICAL:
        technique = "generic"
    else:
        column = Column(channel.quantity, channel.unit, channel.role)
        said = [table.header.preamble.get(name, "") for name in ("Type", "Title")]
        x_label = table.header.labels[chosen.x]
        technique = technique_by_rule(axis, column, x_max, channel.name, stem, *said, x_label=x_label)
    known = quantity_by_technique(Column(channel.quantity, channel.unit), technique)
    channel = replace(channel, quantity=known.quantity, unit=known.unit)
    return _Column(channel, technique, bool(told) or technique == "generic"), notes


def _measurements(columns: list[_Column]) -> list[list[_Column]]:
    """The columns of each measurement: those that are no signal belong to the signal before them (or to the first)."""
    first = next((column for column in columns if column.is_signal), columns[0])
    by_technique, technique = {first.technique: []}, first.technique
    for column in columns:
        technique = column.technique if column.is_signal else technique
        by_technique.setdefault(technique, []).append(column)
    return [group for own in by_technique.values() for group in _of_one_technique(own)]


def _of_one_technique(columns: list[_Column]) -> list[list[_Column]]:
    """All together where each signal is another quantity; else as many measurements as signals."""
    signals = [column for column in columns if column.is_signal]
    if len({column.channel.quantity for column in signals}) == len(signals):
        return [columns]
    groups, before = [], []
    for column in columns:
        if column.is_signal:
            groups.append([column, *before])
            before = []
        elif groups:
            groups[-1].append(column)
        else:
            before.append(column)
    return groups


def _axis(table: FoundTable, rows, chosen: Mapping):
    axis = x_axis(table.header.labels[chosen.x])
    x_unit = chosen.x_unit if chosen.x_unit is not None else axis.unit if axis else ""
    quantity = axis.quantity if axis and axis.unit == x_unit else X_OF_UNIT.get(x_unit, "unknown")
    keep = np.isfinite(rows[:, chosen.x])
    if not keep.any():
        raise UnreadableFile(Note("empty_x", gettext_noop("The column of x holds no numbers. Choose another one.")))
    return rows[keep, chosen.x], x_unit, quantity, keep


def _channel(table: FoundTable, rows, chosen: Mapping, k: int) -> tuple[Channel, list[Note]]:
    i, label = chosen.y[k], table.header.labels[chosen.y[k]]
    if not np.isfinite(rows[:, i]).any():
        text = gettext_noop("Column {n} holds no numbers. Choose another one for y.")
        raise UnreadableFile(Note("empty_y", text, {"n": i + 1}))
    known = y_column(label)
    quantity = chosen.quantities[k] or (known.quantity if known else "unknown")
    unit = chosen.units[k] if chosen.units[k] is not None else known.unit if known else ""
    return blank_over_range(Channel(rows[:, i], quantity, unit, chosen.roles[k], label))


def _series(table: FoundTable, rows, chosen: Mapping, mapping: dict, stem: str) -> tuple[list[Item], list[Note]]:
    if chosen.x is None:
        raise bad_mapping()
    labels = [table.header.labels[i] for i in chosen.y]
    if mapping.get("z_from") == "first_row":
        z, rows = rows[0, list(chosen.y)], rows[1:]
    else:
        numbers = [NUMBER_IN_LABEL.search(label) for label in labels]
        z = np.array([float(found.group().replace(",", ".")) if found else np.nan for found in numbers])
    if len(z) < 2 or not np.isfinite(z).all() or not len(rows):
        text = gettext_noop(
            "Each curve of a series needs its number (time, temperature …) in its label or in the first row."
        )
        raise UnreadableFile(Note("no_third_axis", text))
    x, x_unit, quantity, keep = _axis(table, rows, chosen)
    spectra, warnings = [], []
    for k, label in enumerate(labels):
        channel, notes = _channel(table, rows[keep], chosen, k)
        spectra.append(Spectrum(x, [channel], x_unit, quantity, label or f"{z[k]:g}"))
        warnings += notes
    z_quantity = str(mapping.get("z_quantity") or "time")[:24]
    value = Series(spectra, z, z_quantity, unit_code(str(mapping.get("z_unit") or ""))[:24], stem)
    conditions = table_conditions(table.header, stem)
    item = Item(value, mapping.get("technique"), "person", stem, None, conditions, table.header.preamble)
    return [item], warnings


def _decays(table: FoundTable, rows, chosen: Mapping, mapping: dict, stem: str) -> tuple[list[Item], list[Note]]:
    bin_ns, first_ns = given_bin_ns(mapping), 0.0
    if chosen.x is not None and bin_ns is None:
        axis = x_axis(table.header.labels[chosen.x])
        unit = chosen.x_unit or (axis.unit if axis else "")
        time = rows[:, chosen.x] * TIME_NS.get(unit, np.nan)
        bin_ns = bin_from_axis(time) if np.isfinite(time).all() else None
        first_ns = float(time[0]) if bin_ns else 0.0
    if bin_ns is None:
        raise needs_bin_width()
    curves = [
        Curve(
            finite_counts(rows[:, i]),
            bin_ns,
            first_ns,
            split_label(table.header.labels[i])[0] or stem,
            "IRF" if role == "IRF" else "decay",
        )
        for i, role in zip(chosen.y, chosen.roles, strict=True)
        if role in ("signal", "IRF")
    ]
    if not curves:
        raise bad_mapping()
    return decay_items(curves, table_conditions(table.header, stem), table.header.preamble, "person")


def _checked(mapping: dict, n_columns: int) -> Mapping:
    x, y = mapping.get("x"), mapping.get("y")
    y = [y] if isinstance(y, int) else y
    if y is None:
        y = [i for i in range(n_columns) if x is None or (isinstance(x, int) and i > x)]
    columns = [*([] if x is None else [x]), *y]
    roles = list(mapping.get("roles") or ["signal"] * len(y))
    good = all(isinstance(i, int) and 0 <= i < n_columns for i in columns) and len(set(columns)) == len(columns)
    if not good or not y or len(roles) != len(y) or any(role not in CHANNEL_ROLES for role in roles):
        raise bad_mapping()
    unit = mapping.get("x_unit")
    return Mapping(
        x,
        tuple(y),
        unit_code(unit) if unit is not None else None,
        _each(mapping.get("y_quantity"), len(y)),
        tuple(None if one is None else unit_code(one) for one in _each(mapping.get("y_unit"), len(y))),
        tuple(roles),
        _techniques(mapping, len(y)),
    )


def _techniques(mapping: dict, n: int) -> tuple[str | None, ...]:
    """What a person said each column is of; None where nobody said it."""
    own = _each(mapping.get("y_technique"), n)
    if not set(own) <= {None, "", *TECHNIQUES}:
        raise bad_mapping()
    return tuple(one or mapping.get("technique") or None for one in own)


def _each(given, n: int) -> tuple[str | None, ...]:
    """One word for all columns, or one for each."""
    words = given if isinstance(given, list) else [given] * n
    if len(words) != n or any(not isinstance(word, str | None) for word in words):
        raise bad_mapping()
    return tuple(words)


WHOLE = ("x", "element", "percent", "percent_u", "size", "table", "skip_rows")
WORDS = (
    "kind", "x_unit", "z_quantity", "z_unit", "z_from", "percent_u_is", "size_is", "size_unit", "sheet", "separator", "decimal_mark",
)  # fmt: skip
PER_COLUMN = ("y_quantity", "y_unit", "y_technique")
MAX_COLUMNS, MAX_WORD = 10_000, 80


def check_structure(mapping: dict) -> str | None:
    """The first name in ``mapping`` whose value no reader can take, or None; other names than ours are not looked at.

    Examples
    --------
    >>> check_structure({"x": 0, "y": [1, 2], "roles": ["signal", "IRF"]}), check_structure({"x": "nm"})
    (None, 'x')
    """
    for name, value in mapping.items():
        if name in WHOLE:
            good = (value is None and name == "x") or _is_column(value)
        elif name in WORDS:
            good = _is_word(value)
        elif name == "y":
            good = isinstance(value, list) and all(map(_is_column, value))
        elif name == "roles":
            good = isinstance(value, list) and all(role in CHANNEL_ROLES for role in value)
        elif name in PER_COLUMN:
            words = value if isinstance(value, list) else [value]
            good = all(word is None or _is_word(word) for word in words)
            good = good and (name != "y_technique" or set(words) <= {None, "", *TECHNIQUES})
        else:
            continue
        if not good or (isinstance(value, list) and len(value) > MAX_COLUMNS):
            return name
    if mapping.get("kind", "curves") not in KINDS:
        return "kind"
    return None


def _is_column(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_COLUMNS


def _is_word(value) -> bool:
    return isinstance(value, str) and len(value) <= MAX_WORD
