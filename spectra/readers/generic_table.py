"""Tables of numbers as text: csv, tsv, dat, txt of any program.

A rectangular block of numbers under optional label rows and a preamble. Separator (tab, comma, semicolon, spaces) and
decimal mark are decided together; encodings are those of ``decoding``. Label rows say what the columns are
(``Wavelength (nm),Abs``; ``波長/nm``; names over a row of units; pandas dumps with an index column; pairs of x and y per
sample). From the labels follow quantities, units and, where a rule is honest, the technique:

* wavelength, energy or wavenumber with absorbance, %T or %R: ``uvvis`` (``ir`` in 1/cm up to 8000);
* absorbance and luminescence over one axis are two measurements;
* with an intensity: emission or excitation only when a label, the preamble or the file's name says so; else open;
* time in ps, ns or µs with counts: a decay; time in s, min, h with a known quantity: kinetics;
* channel numbers: a decay when ``… ns/ch`` is written above, else the bin width is asked for.

An axis with a label that is not known, a temperature or a voltage is refused: such tables are logs, current–voltage
curves and lists, never a curve of ours. Without any label, x is the first column that rises or falls like a scan, its
unit stays unknown, and a person has to confirm. ``mapping`` (``x``, ``y``, ``x_unit``, ``y_quantity``, ``y_unit``,
``y_technique``, ``technique``, ``bin_ns`` … see ``table_mapping``) overrides every rule, and also reads tables that are no curves.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.dates import dated
from spectra.readers.decays import MIN_CHANNELS, given_bin_ns, needs_bin_width
from spectra.readers.decoding import looks_binary, not_recognised, peek_lines
from spectra.readers.number_block import NumberBlock, bad_row
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import TableHeader, split_row, table_header
from spectra.readers.table_items import bare_decays, items_of
from spectra.readers.table_mapping import mapped_items, names_columns
from spectra.readers.table_matrix import matrix_items
from spectra.readers.table_meaning import NOT_A_SPECTRUM, beside, groups_of, not_a_spectrum
from spectra.readers.table_thousands import refuse_thousands
from spectra.readers.tables import FoundTable, chosen_table
from spectra.readers.text import TextFile, find_blocks, open_end, open_text
from spectra.readers.vendor_reading import first_of

NAME, VERSION = "generic_table", 5
TAKES_COLUMNS = True
ABOUT = About(
    "Table of numbers",
    "Any program",
    (".csv", ".tsv", ".txt", ".dat", ".asc"),
    ("pl_emission", "pl_excitation", "uvvis", "cd", "decay", "kinetics", "raman", "ir", "generic"),
    gettext_noop(
        "Any rectangular block of numbers with its label rows; separator, decimal mark and encoding are found, columns can be chosen by hand and are remembered"
    ),
    gettext_noop(
        "Logs, current–voltage curves and lists are no spectra and are refused. A table without labels waits until somebody says what its columns are."
    ),
)
MIN_ROWS, MAX_PREAMBLE = 5, 60
NEAR_THE_TOP = 4000  # characters in which another format names itself, whatever somebody wrote above
DATE = (
    "Date", "Date/Time", "Date Time", "Timestamp", "Measurement date", "Acquisition date", "Measured at", "Datum", "Messdatum",
    "Fecha", "測定日時", "測定日", "日付",
)  # fmt: skip
CLOCK = ("Time", "Uhrzeit", "Zeit", "Heure", "Hora", "測定時刻", "時刻")
INSTRUMENT = (
    "Instrument", "Instrument name", "Instrument model", "InstrModel", "Model", "Model name", "Spectrometer", "Device",
    "機種名", "装置名",
)  # fmt: skip
SERIAL = ("Serial number", "Serial no.", "Serial", "InstrSerialNum", "Instrument serial number", "シリアル番号")
OPERATOR = ("Operator", "User", "Analyst", "Measured by", "Benutzer", "Bediener", "Opérateur", "測定者", "オペレーター")
ANOTHER_KEY = re.compile(r",(?=[\w ]{2,30}:)")  # "User: me,Path: C:": the next key on the same line
LEADING_ZERO = re.compile(r"(?<![\d.,:])0\d")
NUMBERS_LINE = re.compile(r"^[\s\"]*[-+.]?\d[-+.,;\deE\s\"]*$")

# Formats whose rows are not what they seem: only their own readers may read them.
FOREIGN = (
    (re.compile(r"^[ \t\"]*##[ \t]*TITLE[ \t]*=", re.I | re.M), "JCAMP-DX"),
    (re.compile(r"^[ \t\"]*#FORMAT[ \t]*:[ \t]*EMSA", re.I | re.M), "EMSA/MAS"),
    (re.compile(r"^[ \t\"]*ProDataCSV", re.M), "Chirascan Pro-Data"),
    (re.compile(r"^[ \t\"]*#(?:ns/bin|channels per curve)", re.M), "PicoQuant histogram"),
    (re.compile(r"\A\s*(?:<\?xml|<!DOCTYPE|<html|\{\s*\")", re.I), "XML, HTML or JSON"),
)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    if looks_binary(head):
        return 0
    lines = (line for piece in (head, tail) for line in peek_lines(piece).split("\n") if line.strip())
    return 30 if any(NUMBERS_LINE.match(line) for line in lines) else 10


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a table of numbers; the module's docstring is its specification."""
    file, mapping, stem = open_text(data), mapping or {}, PurePath(name).stem
    if names_columns(mapping):
        table = _table_by_hand(file, mapping)
        items, warnings = mapped_items(table, mapping, stem)
        return _assemble(file, table, items, [*warnings, *_open_end(file)], stem)
    _refuse_foreign(file)
    block = _only_block(file)
    _refuse_uneven_rows(file, block)
    header = table_header(file, block)
    _refuse_doubtful_comma(file, block, header)
    refuse_thousands(file, block)
    items, warnings = matrix_items(file, block, header, stem) or _items(block, header, mapping, stem)
    return _assemble(file, _found(header, block), items, [*warnings, *_open_end(file)], stem)


def _table_by_hand(file: TextFile, mapping: dict) -> FoundTable:
    if any(mapping.get(name) is not None for name in ("table", "separator", "decimal_mark", "kind")):
        return chosen_table(file, mapping)
    block = _main_block(file, at_least=2)
    return _found(table_header(file, block), block)


def _found(header: TableHeader, block: NumberBlock) -> FoundTable:
    return FoundTable(header, block.first_line, block.end_line, block.separator, block.decimal_mark, block)


def _items(block: NumberBlock, header: TableHeader, mapping: dict, stem: str) -> tuple[list[Item], list[Note]]:
    if _is_bare_histogram(block, header):
        return bare_decays(block, header, _bin_ns(header, mapping), stem)
    groups = groups_of(block, header)
    if groups[0].axis.quantity == "channel":
        return bare_decays(block, header, _bin_ns(header, mapping), stem, groups[0].ys)
    items, warnings = items_of(block, header, groups, stem)
    return items, warnings + _left_out(header)


def _left_out(header: TableHeader) -> list[Note]:
    names = [header.labels[i] for i in sorted(beside(header))]
    text = gettext_noop("These columns are no measurement and were left out: {names}.")
    return [Note("columns_left_out", text, {"names": ", ".join(names)[:200]})] if names else []


def _only_block(file: TextFile) -> NumberBlock:
    """The table of a file that nobody looked at: a log with remarks between its rows is not called damaged."""
    try:
        return _main_block(file, at_least=MIN_ROWS)
    except UnreadableFile as refused:
        found = NOT_A_SPECTRUM.search("\n".join(file.lines(0, MAX_PREAMBLE)))
        raise not_a_spectrum(found.group()) if found else refused from None


def _main_block(file: TextFile, at_least: int) -> NumberBlock:
    blocks = find_blocks(file, at_least=at_least)
    if not blocks:
        raise UnreadableFile(not_recognised())
    main = max(blocks, key=lambda block: (block.n_columns > 1, block.rows.size))
    for other in blocks:
        if other is main or other.n_columns < 2 or other.rows.size * 10 < main.rows.size:
            continue
        if other.n_columns == main.n_columns and other.first_line == main.end_line + 1:
            raise UnreadableFile(bad_row(other.first_line, file.line(main.end_line)))
        if other.n_columns == main.n_columns and main.first_line == other.end_line + 1:
            raise UnreadableFile(bad_row(main.first_line, file.line(other.end_line)))
        raise UnreadableFile(
            Note(
                "several_tables",
                gettext_noop("This file holds several tables. Save each of them in a file of its own."),
            )
        )
    return main


def _refuse_uneven_rows(file: TextFile, block: NumberBlock) -> None:
    """A row of numbers with a cell more or less than the others divides a table, and half of it would be missing."""
    after, before = block.end_line, block.first_line - 1
    if after < file.n_lines - 1 and NUMBERS_LINE.match(file.line(after)):
        raise UnreadableFile(bad_row(after + 1, file.line(after)))
    if before > 0 and NUMBERS_LINE.match(file.line(before)) and _is_row_of(block, file.line(before - 1)):
        raise UnreadableFile(bad_row(before + 1, file.line(before)))


def _is_row_of(block: NumberBlock, line: str) -> bool:
    return NUMBERS_LINE.match(line) is not None and len(split_row(line, block.separator)) == block.n_columns


def _open_end(file: TextFile) -> list[Note]:
    """A table of any program may be ragged or end without a line end: an odd last row is told, not refused."""
    return [open_end()] if NUMBERS_LINE.match(file.line(file.n_lines - 1)) else []


def _refuse_foreign(file: TextFile) -> None:
    for pattern, label in FOREIGN:
        if pattern.search(file.text[:NEAR_THE_TOP]):
            raise UnreadableFile(
                Note(
                    "no_reader_yet",
                    gettext_noop("This is a {format} file, which cannot be read yet. Export it as columns of numbers."),
                    {"format": label},
                )
            )


def _refuse_doubtful_comma(file: TextFile, block: NumberBlock, header: TableHeader) -> None:
    """``700,0,0,123``: whole numbers between commas, and no label row that says how many columns there are.

    ``700;00;0;123`` is the same, saved again by a spreadsheet: digits that begin with 0 once stood behind a comma.
    """
    if (block.comma_is_doubtful and not header.labelled) or _has_split_numbers(file, block):
        raise UnreadableFile(
            Note(
                "comma_twice",
                gettext_noop(
                    "The comma may stand both between the columns and in the numbers of this file. "
                    "Export it again with tabs or semicolons between the columns."
                ),
            )
        )


def _has_split_numbers(file: TextFile, block: NumberBlock) -> bool:
    if block.n_columns < 3 or not np.array_equal(np.nan_to_num(block.rows), np.round(np.nan_to_num(block.rows))):
        return False
    lines = file.lines(block.first_line, block.end_line)
    if block.separator == "comma":
        lines = [line.replace(",", "\t") for line in lines]
    return "." not in "".join(lines) and sum(map(bool, map(LEADING_ZERO.search, lines))) > 0.2 * len(lines)


def _is_bare_histogram(block: NumberBlock, header: TableHeader) -> bool:
    """Columns of whole counts, nothing that rises or falls, no label of an axis."""
    rows = block.rows
    if header.labelled or len(rows) < MIN_CHANNELS or not np.isfinite(rows).all():
        return False
    steps = np.diff(rows, axis=0)
    is_axis = ((steps >= 0) & (rows[-1] > rows[0])).all(axis=0) | (steps < 0).all(axis=0)
    return bool((rows >= 0).all() and (rows == np.round(rows)).all() and not is_axis.any())


def _bin_ns(header: TableHeader, mapping: dict) -> float:
    """Bin width from the person, or from ``… ns/ch`` in the preamble."""
    if (given := given_bin_ns(mapping)) is not None:
        return given
    for value in header.preamble.values():
        found = re.fullmatch(r"([\d.]+(?:E[-+]?\d+)?) ?(ns|ps) ?/ ?(?:ch|channel|bin)\.?", value, re.I | re.ASCII)
        if found and float(found[1]) > 0:
            return float(found[1]) * (1e-3 if found[2].lower() == "ps" else 1.0)
    raise needs_bin_width()


def _first_value(said: dict[str, str], keys: tuple[str, ...]) -> str:
    return ANOTHER_KEY.split(first_of(said, *keys))[0].replace("\t", " ").strip(" ,;")


def _date(said: dict[str, str]) -> str:
    """The date as written, with the clock where it stands in a line of its own."""
    date = _first_value(said, DATE)
    return date if not date or ":" in date else f"{date} {_first_value(said, CLOCK)}".strip()


def _assemble(file: TextFile, table: FoundTable, items, warnings, stem) -> Reading:
    header = table.header
    said = header.preamble
    title = first_of(said, "Title")
    texts = (title, stem, *header.labels, *header.groups, *said, *said.values())
    date = _date(said)
    measured_at, notes = dated(date)
    warnings = [*warnings, *notes]
    if any(item.technique is None for item in items):
        text = gettext_noop("The file does not tell what was measured. Choose the technique by hand.")
        warnings = [*warnings, Note("technique_unknown", text)]
    return Reading(
        NAME,
        VERSION,
        items,
        instrument=_first_value(said, INSTRUMENT),
        serial=_first_value(said, SERIAL),
        operator=_first_value(said, OPERATOR),
        title=title or stem,
        comment=first_of(said, "Comment", "コメント"),
        measured_at=measured_at,
        measured_at_text=date,
        simulated=facts.is_simulated(*texts),
        warnings=tuple(warnings),
        decided={
            "encoding": file.encoding,
            "separator": table.separator,
            "decimal_mark": table.decimal_mark,
            "first_row": str(table.first_line + 1),
            "fingerprint": table.fingerprint,
        },
    )
