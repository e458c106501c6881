"""From groups of columns to items: spectra, series and decays."""

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.decays import Curve, bin_from_axis, decay_items, finite_counts
from spectra.readers.decoding import not_recognised
from spectra.readers.number_block import NumberBlock
from spectra.readers.over_range import blank_over_range, over_range_level
from spectra.readers.reading import Item, UnreadableFile
from spectra.readers.table_header import TableHeader
from spectra.readers.table_meaning import (
    Group,
    coordinates,
    not_a_spectrum,
    quantity_by_technique,
    refuse_stacked,
    table_conditions,
    technique_by_rule,
)
from spectra.readers.terms import TIME_NS, Column, split_label
from spectra.spectrum import Channel, Series, Spectrum

DECAY_UNITS = ("ps", "ns", "us")
MAX_ITEMS = 200


def items_of(block: NumberBlock, header: TableHeader, groups: list[Group], stem: str) -> tuple[list[Item], list[Note]]:
    """Make the items of all groups."""
    items, warnings = [], []
    if not any(group.ys for group in groups):
        raise UnreadableFile(not_recognised())
    for group in groups:
        if not group.ys:
            continue
        refuse_stacked(block.rows[:, group.x])
        if group.axis.quantity == "time":
            made, notes = _timed(block, header, group, stem)
        else:
            made, notes = _spectra(block, header, group, stem)
        items += made
        warnings += notes
    if len(items) > MAX_ITEMS:
        text = gettext_noop("This table would make {n} measurements; up to {limit} are read from one file. Split it.")
        raise UnreadableFile(Note("too_many_items", text, {"n": len(items), "limit": MAX_ITEMS}))
    return items, warnings


def bare_decays(
    block: NumberBlock, header: TableHeader, bin_ns: float, stem: str, columns: tuple[int, ...] | None = None
) -> tuple[list[Item], list[Note]]:
    """Decays from columns of counts without a time axis."""
    columns = range(block.n_columns) if columns is None else columns
    curves = [
        _curve(block.rows[:, i], bin_ns, 0.0, header.labels[i], stem, header, k if len(columns) > 1 else None)
        for k, i in enumerate(columns, 1)
    ]
    return decay_items(curves, table_conditions(header, stem), header.preamble, "rule")


def _curve(counts, bin_ns, first_ns, label, stem, header: TableHeader, number: int | None = None) -> Curve:
    """A curve; the file's own name tells the role of an only curve (``number`` None) where no label does."""
    name = split_label(label)[0]
    plain = not name or name.casefold() in ("counts", "count", "data", "intensity")
    of_file = (stem, header.preamble.get("Item name", "")) if number is None else ()
    role = facts.role_from(*(of_file if plain else (label,)))
    title = name if not plain else stem if number is None else f"{stem} {number}"
    return Curve(finite_counts(counts), bin_ns, first_ns, title, "IRF" if role == "IRF" else None)


def _timed(block: NumberBlock, header: TableHeader, group: Group, stem: str) -> tuple[list[Item], list[Note]]:
    if group.axis.unit not in DECAY_UNITS:
        if any(column.quantity == "unknown" for column in group.columns) or group.axis.unit not in (
            "s",
            "min",
            "h",
            "ms",
        ):
            raise not_a_spectrum(", ".join(label for label in header.labels if label))
        return _spectra(block, header, group, stem)
    if any(column.quantity not in ("counts", "intensity", "unknown") for column in group.columns):
        return _spectra(block, header, group, stem)
    time_ns = block.rows[:, group.x] * TIME_NS[group.axis.unit]
    filled = np.isfinite(time_ns)
    bin_ns = bin_from_axis(time_ns[filled])
    if bin_ns is None:
        return _spectra(block, header, group, stem)
    curves = [
        _curve(
            _trimmed(block.rows[filled, i]),
            bin_ns,
            float(time_ns[filled][0]),
            header.labels[i],
            stem,
            header,
            k if len(group.ys) > 1 else None,
        )
        for k, i in enumerate(group.ys, 1)
    ]
    return decay_items(curves, table_conditions(header, stem, group.title), header.preamble, "rule")


def _trimmed(counts: np.ndarray) -> np.ndarray:
    """Without the empty cells at the end of a column that is shorter than the others."""
    filled = np.flatnonzero(np.isfinite(counts))
    return counts[: filled[-1] + 1] if filled.size else counts


def _spectra(block: NumberBlock, header: TableHeader, group: Group, stem: str) -> tuple[list[Item], list[Note]]:
    labels = [header.labels[i] for i in group.ys]
    series = coordinates(labels)
    if series is not None:
        return _series(block, header, group, stem, series)
    signals = [column for column in group.columns if column.role == "signal"]
    named = {column.quantity for column in signals} - {"unknown"}
    if len(signals) <= 1 or (len(named) == len(signals)):
        parts, alone = _by_technique(block, header, group, stem), True
    else:
        parts, alone = [[k] for k in range(len(group.ys))], False
    items, warnings = [], []
    for which in parts:
        made, notes = _one(block, header, group, which, stem, alone=alone)
        items += made
        warnings += notes
    return items, warnings


def _by_technique(block, header, group: Group, stem: str) -> list[list[int]]:
    """The columns of each measurement: absorbance and luminescence beside each other are two, all else is one.

    A column that is no signal belongs to the signal before it.
    """
    parts, technique = {}, None
    for k, column in enumerate(group.columns):
        if column.role == "signal":
            said = (header.labels[group.ys[k]], group.title or stem)
            x_max, x_label = float(np.nanmax(block.rows[:, group.x])), header.labels[group.x]
            technique = technique_by_rule(group.axis, column, x_max, *said, x_label=x_label)
        parts.setdefault(technique, []).append(k)
    apart = parts.keys() & {"uvvis", "pl_emission", "pl_excitation"}
    if len(apart) < 2 or len(apart) < len(parts):
        return [list(range(len(group.ys)))]
    return list(parts.values())


def _one(block, header, group: Group, which, stem: str, alone: bool = True) -> tuple[list[Item], list[Note]]:
    """One spectrum with the columns ``which`` of the group as its channels."""
    first = next((k for k in which if group.columns[k].role == "signal"), next(iter(which)))
    label = header.labels[group.ys[first]]
    title = group.title or (stem if alone else split_label(label)[0] or f"column {group.ys[first] + 1}")
    spectrum, technique, warnings, level = _spectrum(block, header, group, which, title, stem)
    if spectrum is None:
        return [], []
    conditions = table_conditions(header, title, label, stem)
    if level is not None and conditions.saturation_level is None:
        conditions = type(conditions).from_mapping({**conditions.known(), "saturation_level": level})
    item = Item(spectrum, technique, "rule", title, facts.role_from(title), conditions, header.preamble)
    return [item], warnings


def _spectrum(block, header, group: Group, which, title, stem):
    x = block.rows[:, group.x]
    keep = np.isfinite(x)
    if _is_paired(header, group):
        keep &= np.isfinite(block.rows[:, [group.ys[k] for k in which]]).any(axis=1)
    if not keep.any():
        return None, None, [], None
    labels = [header.labels[group.ys[k]] for k in which]
    hints = (*labels, title, stem, header.preamble.get("Type", ""), header.preamble.get("Title", ""))
    main = next((group.columns[k] for k in which if group.columns[k].role == "signal"), group.columns[which[0]])
    technique = technique_by_rule(group.axis, main, float(x[keep].max()), *hints, x_label=header.labels[group.x])
    channels, warnings, level = [], [], None
    for k in which:
        column = quantity_by_technique(group.columns[k], technique)
        channel, notes = _channel(block.rows[keep, group.ys[k]], column, header.labels[group.ys[k]])
        channels.append(channel)
        warnings += notes
        level = over_range_level(channel) if level is None and channel.role == "signal" else level
    spectrum = Spectrum(x[keep], channels, group.axis.unit, group.axis.quantity, title)
    return spectrum, technique, warnings, level


def _is_paired(header: TableHeader, group: Group) -> bool:
    """In tables of several x columns a short pair ends in empty cells, which are no points."""
    return any(header.labels[i] == header.labels[group.x] for i in range(len(header.labels)) if i != group.x)


def _channel(values: np.ndarray, column: Column, label: str) -> tuple[Channel, list[Note]]:
    channel, notes = blank_over_range(Channel(values, column.quantity, column.unit, column.role, label))
    missing = int(np.isnan(values).sum())
    if missing:
        text = gettext_noop("{n} cells of “{label}” hold no number and count as points without a value.")
        notes = [*notes, Note("empty_cells", text, {"n": missing, "label": label or "y"})]
    return channel, notes


def _series(block, header, group: Group, stem: str, series) -> tuple[list[Item], list[Note]]:
    z, quantity, unit = series
    spectra, warnings, technique = [], [], None
    for k in range(len(group.ys)):
        title = header.labels[group.ys[k]]
        spectrum, technique, notes, _ = _spectrum(block, header, group, [k], title, stem)
        if spectrum is None:
            raise not_a_spectrum(title)
        spectra.append(spectrum)
        warnings += notes
    value = Series(spectra, z, quantity, unit, stem)
    if technique is None and quantity == "voltage" and spectra[0].signal.quantity in ("intensity", "counts", "unknown"):
        technique = "el"  # light over the voltage of a device; other spectra at voltages say what they are
    item = Item(value, technique, "rule", stem, facts.role_from(stem), table_conditions(header, stem), header.preamble)
    return [item], warnings
