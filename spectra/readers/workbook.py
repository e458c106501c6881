"""Excel workbooks (.xlsx, .xlsm, .xls): each sheet is a table of numbers, read by the rules of ``generic_table``.

A sheet becomes a text of tabs with the cells as they are stored: numbers with a decimal point whatever the country, dates as
ISO 8601, merged and empty cells empty. Sheets without a table (notes, charts) are passed over; several tables become several
items with the sheet's name in front. Chosen columns (mapping ``x``, ``y``) concern the first sheet, or the one named ``sheet``.

Before python-calamine sees the file, the archive is unpacked within limits (``archives``) and the places of its cells are looked at:
a single cell in row 1,048,576 would otherwise ask for a table of gigabytes. Old workbooks (.xls) are OLE2 containers and are
checked as such.
"""

import io
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from spectra.notes import Note, gettext_noop
from spectra.readers import edx_table, generic_table, ole, size_list
from spectra.readers.about import About
from spectra.readers.archives import unpack
from spectra.readers.binary import damaged
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.table_mapping import names_columns

NAME, VERSION = "workbook", 4
TAKES_COLUMNS = True
ABOUT = About(
    "Excel workbook",
    "Any program",
    (".xlsx", ".xlsm", ".xls"),
    ("pl_emission", "pl_excitation", "uvvis", "cd", "decay", "kinetics", "raman", "ir", "generic"),
    gettext_noop("Each sheet as a table of numbers; sheets of notes and charts are passed over"),
    gettext_noop("Locked workbooks, and tables that stand side by side on one sheet: save them one by one."),
)
ZIP = b"PK\x03\x04"
CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
ROW = re.compile(rb'<row\b[^>]*?\br="(\d{1,7})"')
BIFF_CELLS = (0x0006, 0x00BD, 0x00BE, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E)
MAX_CELLS = 4_000_000
MAX_SHEETS = 100


def sniff(head: bytes, tail: bytes, name: str) -> int:
    if head.startswith(ZIP):
        return 30 if b"xl/workbook" in head + tail or b"xl/worksheets/" in head + tail else 0
    if head.startswith(ole.MAGIC):
        return 30 if ole.has_names(head + tail, "Workbook") or ole.has_names(head + tail, "Book\0") else 0
    return 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a workbook; the module's docstring is its specification."""
    mapping = mapping or {}
    tables = as_tables(data)
    chosen = mapping.get("sheet")
    if chosen is not None and chosen not in tables:
        text = gettext_noop("There is no sheet called “{name}” in this workbook.")
        raise UnreadableFile(Note("no_such_sheet", text, {"name": str(chosen)[:80]}))
    names = [chosen] if chosen is not None else list(tables)
    if names_columns(mapping):
        names = names[:1]
    readings, refusals = {}, []
    for sheet in names:
        try:
            readings[sheet] = _reader_of(tables[sheet], mapping).read(tables[sheet], name, mapping)
        except UnreadableFile as refusal:
            refusals.append(refusal)
    if not readings:
        raise refusals[0]
    return _together(readings)


def _reader_of(table: bytes, mapping: dict):
    """Compositions and lists of sizes are told by their labels, everything else is a table of curves."""
    if "x" in mapping or "y" in mapping:
        return generic_table
    own = (reader for reader in (edx_table, size_list) if reader.sniff(table[:8192], b"", ""))
    return next(own, generic_table)


def as_tables(data: bytes) -> dict[str, bytes]:
    """The sheets that hold anything, as texts of tabs in UTF-8.

    Raises
    ------
    UnreadableFile
        When the workbook is damaged, protected, empty or larger than allowed.
    """
    _check(data)
    from python_calamine import CalamineWorkbook  # only here: the host stays small

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names[:MAX_SHEETS]}
    except (MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:  # calamine's panics are no Exception
        raise damaged("workbook") from error
    tables = {name: _text(rows) for name, rows in sheets.items() if rows}
    if not tables:
        raise UnreadableFile(Note("is_empty", gettext_noop("This file is empty. Export it again from the instrument.")))
    return tables


def _check(data: bytes) -> None:
    if data.startswith(ZIP):
        for body in unpack(data, lambda name: name.startswith("xl/worksheets/")).values():
            _check_cells(body)
    else:
        _check_biff(data)


def _check_cells(sheet: bytes) -> None:
    """The rectangle that the cells span, by what they say of their place."""
    rows = max((int(row) for row in ROW.findall(sheet)), default=0)
    columns = 1
    for letters, row in CELL.findall(sheet):
        rows = max(rows, int(row))
        columns = max(columns, _column(letters))
    if not CELL.search(sheet):  # some programs leave the places out: then cells and rows follow one another
        rows = max(rows, sheet.count(b"<row"))
        columns = max(row.count(b"<c") for row in sheet.split(b"<row"))
    if rows * columns > MAX_CELLS:
        raise _too_large()


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _check_biff(data: bytes) -> None:
    """The rectangle of an old workbook, by the records of its cells: u16 kind, u16 length, u16 row, u16 column."""
    container = ole.OleFile(data)
    stream = next((container.stream(name) for name in ("Workbook", "Book") if name in container), None)
    if stream is None:
        raise damaged("workbook")
    place, rows, columns = 0, 0, 0
    while place + 8 <= len(stream):
        kind, length = stream.many("<HH", place)
        if kind in BIFF_CELLS and length >= 4:
            row, column = stream.many("<HH", place + 4)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        if rows * columns > MAX_CELLS:
            raise _too_large()
        place += 4 + length


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        Note(
            "too_many_cells",
            gettext_noop("A sheet of this workbook spans more than {limit} cells. Save the table alone as CSV."),
            {"limit": MAX_CELLS},
        )
    )


def _text(rows: list) -> bytes:
    return ("\n".join("\t".join(map(_cell, row)) for row in rows) + "\n").encode("utf-8", "replace")


def _cell(value) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (datetime, date, time, timedelta)):
        return value.isoformat() if not isinstance(value, timedelta) else str(value)
    return re.sub(r"[\t\r\n]+", " ", str(value))


def _together(readings: dict[str, Reading]) -> Reading:
    first = next(iter(readings.values()))
    if len(readings) == 1:
        items, warnings = first.items, first.warnings
    else:
        items, warnings = [], []
        for sheet, reading in readings.items():
            items += [
                replace(item, title=f"{sheet}: {item.title}", metadata={**item.metadata, "Sheet": sheet})
                for item in reading.items
            ]
            warnings += [note for note in reading.warnings if note not in warnings]
    decided = {**first.decided, "sheets": ", ".join(readings), "separator": "cells", "encoding": "workbook"}
    return replace(
        first, reader=NAME, reader_version=VERSION, items=tuple(items), warnings=tuple(warnings), decided=decided
    )
