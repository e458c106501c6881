"""What the column mapper shows of a file: its sheets and tables, the columns with their first cells, and a first guess."""

from spectra.notes import Note, gettext_noop
from spectra.readers.decoding import not_recognised
from spectra.readers.layouts import sheets_of
from spectra.readers.reading import UnreadableFile
from spectra.readers.table_guess import guessed
from spectra.readers.tables import FoundTable, number_of_table, separators_of, tables_of
from spectra.readers.text import open_text

SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_TABLES = 4, 60, 20
MAX_CELL = 60


def table_preview(data: bytes, name: str, mapping: dict) -> dict:
    """Sheets, tables and columns of a file as plain JSON.

    ``mapping`` may name the ``sheet``, the ``table``, ``separator`` and ``decimal_mark`` to look with; what it does not
    name is decided here: the largest table of the first sheet that has one.

    Raises
    ------
    UnreadableFile
        When there is no table, or not the one that was named.

    Examples
    --------
    >>> shown = table_preview(b"nm,Abs\\n400,0.1\\n401,0.2\\n402,0.3\\n", "dots.csv", {})
    >>> [column["label"] for column in shown["columns"]], shown["n_rows"], shown["guess"]["x"]
    (['nm', 'Abs'], 3, 0)
    """
    sheets = sheets_of(data)
    sheet, found = _sheet(sheets, mapping)
    number = number_of_table(found, mapping.get("table"))
    table = found[number]
    n = min(table.n_columns, SHOWN_COLUMNS)
    first = list(table.cells(0, SHOWN_ROWS))
    return {
        "sheets": [name for name in sheets if name is not None],
        "sheet": sheet,
        "tables": [_summary(one) for one in found[:SHOWN_TABLES]],
        "table": number,
        "columns": [{"label": table.header.labels[k], "cells": [_shown(row[k]) for row in first]} for k in range(n)],
        "labels": list(table.header.labels[:SHOWN_COLUMNS]),
        "n_columns": table.n_columns,
        "n_rows": table.n_rows,
        "words": table.block is None,
        "separator": table.separator,
        "decimal_mark": table.decimal_mark,
        "doubtful": table.block is not None and table.block.comma_is_doubtful,
        "fingerprint": table.fingerprint,
        "marks": list(table.header.marks()),
        "guess": guessed(table),
    }


def _sheet(sheets: dict, mapping: dict) -> tuple[str | None, list[FoundTable]]:
    wanted = mapping.get("sheet")
    if wanted is not None and wanted not in sheets:
        text = gettext_noop("There is no sheet called “{name}” in this workbook.")
        raise UnreadableFile(Note("no_such_sheet", text, {"name": str(wanted)[:80]}))
    for sheet in sheets if wanted is None else [wanted]:
        if found := tables_of(open_text(sheets[sheet]), *separators_of(mapping)):
            return sheet, found
    if wanted is not None and len(sheets) > 1:
        text = gettext_noop("The sheet “{name}” holds no table. Choose another sheet.")
        raise UnreadableFile(Note("empty_sheet", text, {"name": str(wanted)[:80]}))
    raise UnreadableFile(not_recognised())


def _summary(table: FoundTable) -> dict:
    return {"line": table.first_line + 1, "n_rows": table.n_rows, "n_columns": table.n_columns}


def _shown(cell: float | str) -> str:
    return f"{cell:.8g}" if isinstance(cell, float) else cell[:MAX_CELL]
