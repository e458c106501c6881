"""Columns chosen by a person: what they say goes before every label and rule."""

from dataclasses import dataclass

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.decays import Curve, bin_from_axis, decay_items, finite_counts, given_bin_ns, needs_bin_width
from spectra.readers.number_block import NumberBlock
from spectra.readers.over_range import blank_over_range
from spectra.readers.reading import Item, UnreadableFile
from spectra.readers.table_header import TableHeader
from spectra.readers.table_meaning import OPTICAL, table_conditions
from spectra.readers.terms import TIME_NS, X_OF_UNIT, split_label, unit_code, x_axis, y_column
from spectra.spectrum import CHANNEL_ROLES, Channel, Spectrum


@dataclass(frozen=True)
class Mapping:
    """``x`` and ``y`` as column numbers from 0; ``x`` None for counts without a time axis."""

    x: int | None
    y: tuple[int, ...]
    x_unit: str | None
    y_quantity: str | None
    y_unit: str | None
    roles: tuple[str, ...]


def mapped_items(block: NumberBlock, header: TableHeader, mapping: dict, stem: str) -> tuple[list[Item], list[Note]]:
    """Make the items that ``mapping`` asks for."""
    chosen = _checked(mapping, block.n_columns)
    if mapping.get("technique") == "decay" or chosen.x is None:
        return _decays(block, header, chosen, mapping, stem)
    axis = x_axis(header.labels[chosen.x])
    x_unit = chosen.x_unit if chosen.x_unit is not None else axis.unit if axis else ""
    quantity = axis.quantity if axis and axis.unit == x_unit else X_OF_UNIT.get(x_unit, "unknown")
    keep = np.isfinite(block.rows[:, chosen.x])
    if not keep.any():
        raise UnreadableFile(_bad_mapping())
    channels, warnings = [], []
    for i, role in zip(chosen.y, chosen.roles, strict=True):
        known = y_column(header.labels[i])
        channel = Channel(
            block.rows[keep, i],
            chosen.y_quantity or (known.quantity if known else "unknown"),
            chosen.y_unit if chosen.y_unit is not None else known.unit if known else "",
            role,
            header.labels[i],
        )
        channel, notes = blank_over_range(channel)
        channels.append(channel)
        warnings += notes
    spectrum = Spectrum(block.rows[keep, chosen.x], channels, x_unit, quantity, stem)
    technique = mapping.get("technique") or ("generic" if quantity not in OPTICAL else None)
    return [Item(spectrum, technique, "person", stem, None, table_conditions(header, stem), header.preamble)], warnings


def _decays(block, header, chosen: Mapping, mapping: dict, stem: str) -> tuple[list[Item], list[Note]]:
    bin_ns, first_ns = given_bin_ns(mapping), 0.0
    if chosen.x is not None and bin_ns is None:
        axis = x_axis(header.labels[chosen.x])
        unit = chosen.x_unit or (axis.unit if axis else "")
        time = block.rows[:, chosen.x] * TIME_NS.get(unit, np.nan)
        bin_ns = bin_from_axis(time) if np.isfinite(time).all() else None
        first_ns = float(time[0]) if bin_ns else 0.0
    if bin_ns is None:
        raise needs_bin_width()
    curves = [
        Curve(
            finite_counts(block.rows[:, i]),
            bin_ns,
            first_ns,
            split_label(header.labels[i])[0] or stem,
            "IRF" if role == "IRF" else "decay",
        )
        for i, role in zip(chosen.y, chosen.roles, strict=True)
    ]
    return decay_items(curves, table_conditions(header, stem), header.preamble, "person")


def _checked(mapping: dict, n_columns: int) -> Mapping:
    x, y = mapping.get("x"), mapping.get("y")
    y = [y] if isinstance(y, int) else y
    if y is None:
        y = [i for i in range(n_columns) if x is None or i > x]
    columns = [*([] if x is None else [x]), *y]
    roles = list(mapping.get("roles") or ["signal"] * len(y))
    good = all(isinstance(i, int) and 0 <= i < n_columns for i in columns) and len(set(columns)) == len(columns)
    if not good or not y or len(roles) != len(y) or any(role not in CHANNEL_ROLES for role in roles):
        raise UnreadableFile(_bad_mapping())
    unit = mapping.get("x_unit")
    return Mapping(
        x,
        tuple(y),
        unit_code(unit) if unit is not None else None,
        mapping.get("y_quantity"),
        mapping.get("y_unit"),
        tuple(roles),
    )


def _bad_mapping() -> Note:
    return Note("bad_mapping", gettext_noop("The chosen columns do not fit this table. Choose them again."))
