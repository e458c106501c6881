"""A first guess of what the columns of a table are, for a person to correct. Never used to read a file by itself."""

import re

from spectra.readers.table_lists import SIZES, element_of
from spectra.readers.table_meaning import coordinates
from spectra.readers.tables import FoundTable
from spectra.readers.terms import normal, split_label, unit_code, x_axis, y_column

ATOMIC = re.compile(r"\bat(?:omic|oms?)?\b|原子", re.I)
ERROR = re.compile(r"error|σ|sigma|std|uncert|±|誤差", re.I)
UNCERTAINTY = re.compile(r"^(?:u|σ|sigma|error|err\.?|std(?:ev)?|sd|uncertainty|±)\b", re.I)
SIZE = re.compile(r"diameter|radius|\bsize\b|\blength\b|\bwidth\b|feret|直径|粒径", re.I)
UNIT_OF_SIZE = {"nm": "nm", "um": "um", "µm": "um", "å": "Ao", "angstrom": "Ao"}
TIMES = ("ps", "ns", "us")


def guessed(table: FoundTable) -> dict:
    """A mapping to begin with; its columns exist."""
    labels = table.header.labels
    if (composition := _composition(table, labels)) is not None:
        return composition
    size = next((k for k, label in enumerate(labels) if SIZE.search(normal(label))), None)
    if size is not None and not any(x_axis(label) for label in labels if label and not SIZE.search(normal(label))):
        unit = UNIT_OF_SIZE.get(normal(split_label(labels[size])[1]), "nm")
        what = next((word for word in SIZES if word in normal(labels[size])), "diameter")
        return {"kind": "sizes", "size": size, "size_is": what, "size_unit": unit}
    if table.block is None:
        return {"kind": "sizes", "size": _first_of_numbers(table), "size_is": "diameter", "size_unit": "nm"}
    return _curves(table, labels)


def _composition(table: FoundTable, labels) -> dict | None:
    cells = list(table.cells(0, 30))
    element = next(
        (
            k
            for k in range(table.n_columns)
            if sum(isinstance(row[k], str) and element_of(row[k]) is not None for row in cells) * 2 > len(cells)
        ),
        None,
    )
    if element is None or table.block is not None:
        return None
    rest = [k for k in range(table.n_columns) if k != element]
    error = next((k for k in rest if ERROR.search(normal(labels[k]))), None)
    percent = next((k for k in rest if k != error and ATOMIC.search(normal(labels[k]))), None)
    mapping = {"kind": "composition", "element": element}
    mapping |= {"percent": percent if percent is not None else next((k for k in rest if k != error), element)}
    if error is None:
        return mapping
    relative = bool(re.search(r"error ?\(?%|rel", normal(labels[error])))  # EDAX: “Error %” is relative to the value
    return mapping | {"percent_u": error, "percent_u_is": "relative" if relative else "absolute"}


def _first_of_numbers(table: FoundTable) -> int:
    row = next(table.cells(0, 1), ())
    return next((k for k, cell in enumerate(row) if isinstance(cell, float)), 0)


def _curves(table: FoundTable, labels) -> dict:
    axes = [x_axis(label) if label else None for label in labels]
    if table.n_columns == 1:
        return {"kind": "curves", "x": None, "y": [0]}
    known = [k for k, axis in enumerate(axes) if axis]
    x = next((k for k in known if axes[k].unit), known[0] if known else 0)  # a time goes before a channel number
    ys = [k for k in range(table.n_columns) if k != x and not axes[k]] or [k for k in range(table.n_columns) if k != x]
    mapping: dict = {"kind": "curves", "x": x}
    if axes[x] and axes[x].unit:
        mapping["x_unit"] = axes[x].unit
    if (found := coordinates([labels[k] for k in ys])) is not None:
        return mapping | {"kind": "series", "z_quantity": found[1], "z_unit": found[2], "z_from": "labels"}
    columns = [y_column(labels[k]) for k in ys]
    roles = [
        "u" if UNCERTAINTY.match(normal(labels[k])) else known.role if known else "signal"
        for k, known in zip(ys, columns, strict=True)
    ]
    mapping |= {"y": ys, "roles": roles}
    mapping["y_quantity"] = [known.quantity if known else None for known in columns]
    mapping["y_unit"] = [
        known.unit if known else unit_code(split_label(labels[k])[1]) or None
        for k, known in zip(ys, columns, strict=True)
    ]
    if (
        axes[x]
        and axes[x].unit in TIMES
        and all(known is None or known.quantity in ("counts", "intensity") for known in columns)
    ):
        mapping["technique"] = "decay"
    return mapping
