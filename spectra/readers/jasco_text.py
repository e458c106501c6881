"""JASCO text export (Spectra Manager: V, FP, J, NRS and FT/IR series).

Layout::

    TITLE <sep> …            header of KEY <sep> value lines, ASCII
    DATA TYPE <sep> …        may be blank: the technique then follows from YUNITS and the model
    ORIGIN <sep> JASCO
    DATE <sep> 26/06/04      year, month, day, whatever the LOCALE; TIME 16:08:00
    SPECTROMETER/DATA SYSTEM <sep> JASCO Corp., V-730, Rev. 1.00
    XUNITS <sep> NANOMETERS  or 1/CM, SEC, MIN, Temperature [C]
    YUNITS <sep> CD [mdeg]   Y2UNITS, Y3UNITS … for further channels (HT, absorbance)
    FIRSTX, LASTX, DELTAX, NPOINTS, FIRSTY, MAXY, MINY
    XYDATA
    x <sep> y1 <sep> y2 …    one row per point, in the order of the scan (often descending)
                             (blank line)
    ##### Extended Information      may be missing
    [Comments] …             footer of sections with key <sep> value lines, English or Japanese (Shift-JIS)

Traps met in real files: the separator is a tab or a comma whatever the extension; a decimal comma appears without any
relation to LOCALE; the footer is Shift-JIS far below an ASCII header; ``CD[mdeg]`` and ``CD [mdeg]``; NPOINTS is wrong
(a warning), while FIRSTX, LASTX, MAXY or MINY that contradict the rows mean that the rows were misread or cut (an error).

Interval data (two-dimensional): after XYDATA come ``Channel n``, a row with an empty first field and the times (in
minutes, without unit, as they really were), then rows x, y1 … yn; the next channel follows the same way.
"""

import re
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.decoding import peek
from spectra.readers.jasco_checks import check_against_header
from spectra.readers.jasco_technique import channels_of, technique_of, x_of
from spectra.readers.number_block import bad_row
from spectra.readers.over_range import blank_over_range
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.text import TextFile, block_from, clean, cut_in_row, find_block, open_text, refuse_open_end
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "jasco_text", 1
XYDATA = re.compile(r"^XYDATA[\t,; ]*$", re.M)
HEADER_LINE = re.compile(r"^(TITLE|DATA TYPE|ORIGIN|XUNITS|YUNITS|NPOINTS|DELTAX)[\t,;]", re.M)
SECTION = re.compile(r"^\[(.+)\]$")
CHANNEL = re.compile(r"^\s*Channel\s*\d+\s*$", re.I)

SAMPLE_NAME = ("Sample name", "Sample Name", "試料名", "サンプル名")
OPERATOR = ("User", "Operator", "測定者", "オペレーター")
COMMENT = ("Comment", "コメント")
MODEL = ("Model Name", "Model name", "Instrument name", "Instrument Name", "機種名")
SERIAL = ("Serial Number", "Serial No.", "Serial number", "シリアル番号")
MEASURED = ("Measurement Date", "Measurement date", "測定日時")


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek(head).replace("\r\n", "\n").replace("\r", "\n")
    keys = set(HEADER_LINE.findall(text))
    if "TITLE" not in keys or not text.lstrip().startswith("TITLE"):
        return 0
    if re.search(r"^ORIGIN[\t,;] *\"?JASCO", text, re.M | re.I):
        return 98
    return 85 if len(keys) >= 2 and XYDATA.search(text) else 40 if len(keys) >= 3 else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a JASCO text file; the module's docstring is its specification.

    Raises
    ------
    UnreadableFile
        When there are no rows, or the rows contradict FIRSTX, LASTX, MAXY or MINY of the header.
    """
    file = open_text(data)
    start = XYDATA.search(file.text)
    if not start:
        raise UnreadableFile(
            Note("jasco_without_data", gettext_noop("This JASCO file ends before its data. Export it again."))
        )
    first = file.line_of(start.start()) + 1
    header = _pairs(file.lines(0, first - 1))
    value, end, decided, warnings = _read_rows(file, first, header)
    footer = _pairs(file.lines(end))
    return _assemble(file, header, footer, value, decided, warnings, PurePath(name).stem)


def _pairs(lines: list[str]) -> dict[str, str]:
    """Key and value of each line; a key seen before gets its section's name in front."""
    pairs, section = {}, ""
    for line in lines:
        if found := SECTION.match(line.strip()):
            section = found[1]
            continue
        key, _, value = _split(line)
        if not key or key.startswith("#####"):
            continue
        key = f"{section} / {key}" if key in pairs else key
        pairs[key] = value
    return pairs


def _split(line: str) -> tuple[str, str, str]:
    mark = next((mark for mark in ("\t", ",", ";") if mark in line), "\t")
    key, _, value = line.partition(mark)
    return clean(key), mark, clean(value.rstrip("\t,; "))


def _read_rows(file: TextFile, first: int, header: dict) -> tuple[Spectrum | Series, int, dict, list[Note]]:
    while first < file.n_lines and not file.line(first).strip():
        first += 1
    if first < file.n_lines and CHANNEL.match(file.line(first).strip("\t,; ")):
        return _read_interval(file, first, header)
    block = block_from(file, first, _end_of_rows(file, first))
    if block is None:
        line = file.line(first) if first < file.n_lines else ""
        raise UnreadableFile(bad_row(first + 1, line) if line.strip() else _no_rows())
    _refuse_broken_end(file, block.end_line)
    _refuse_wrong_columns(block, header)
    warnings = check_against_header(header, block.rows[:, 0], block.rows[:, 1]) + refuse_open_end(file, block)
    spectrum, more = _spectrum(header, block.rows)
    decided = {"separator": block.separator, "decimal_mark": block.decimal_mark}
    return spectrum, block.end_line, decided, warnings + more


def _end_of_rows(file: TextFile, first: int) -> int:
    """The line after the rows: the first blank one or the mark of the footer."""
    found = re.compile(r"\n[\t,; ]*(?=\n)|\n(?=#####|\[)").search(file.text, int(file.starts[first]))
    return file.line_of(found.start()) + 1 if found else file.n_lines


def _no_rows() -> Note:
    return Note("no_rows", gettext_noop("This file has a header but no rows of numbers. Export it again."))


def _refuse_broken_end(file: TextFile, end: int) -> None:
    following = file.line(end) if end < file.n_lines else ""
    if following.strip() and not following.startswith(("#", "[")):
        cut = end == file.n_lines - 1  # a last line without line end
        raise UnreadableFile(cut_in_row() if cut else bad_row(end + 1, following))


def _refuse_wrong_columns(block, header: dict) -> None:
    expected = 1 + _n_channels(header)
    if block.n_columns == expected:
        return
    if block.comma_is_doubtful:
        raise UnreadableFile(
            Note(
                "comma_twice",
                gettext_noop(
                    "The comma stands both between the columns and in the numbers of this file. "
                    "Export it again with tabs between the columns."
                ),
            )
        )
    raise UnreadableFile(
        Note(
            "wrong_columns",
            gettext_noop("The header names {expected} columns, but the rows have {found}. Export the file again."),
            {"expected": expected, "found": block.n_columns},
        )
    )


def _n_channels(header: dict) -> int:
    return max(1, sum(bool(re.fullmatch(r"Y\d*UNITS", key)) for key in header))


def _spectrum(header: dict, rows: np.ndarray, title: str = "") -> tuple[Spectrum, list[Note]]:
    x_quantity, x_unit = x_of(header)
    channels, warnings = [], []
    for channel in channels_of(header, rows[:, 1:]):
        kept, notes = blank_over_range(channel)
        channels.append(kept)
        warnings += notes
    return Spectrum(rows[:, 0], channels, x_unit, x_quantity, title), warnings


def _read_interval(file: TextFile, first: int, header: dict) -> tuple[Series, int, dict, list[Note]]:
    tables, end, block = [], first, None
    while end < file.n_lines and CHANNEL.match(file.line(end).strip("\t,; ")):
        times, block = _times(file, end + 1), find_block(file, end + 2, _end_of_channel(file, end + 2))
        if block is None or times is None or block.n_columns != len(times) + 1:
            raise UnreadableFile(bad_row(end + 2, file.line(end + 1) if end + 1 < file.n_lines else ""))
        tables.append(block.rows)
        end = block.end_line
        while end < file.n_lines and not file.line(end).strip("\t,; "):
            end += 1
    if len(tables) < _n_channels(header):
        raise UnreadableFile(
            Note(
                "file_cut_short",
                gettext_noop(
                    "The header names {said} channels, the file holds {found}: it was cut off. Export it again."
                ),
                {"said": _n_channels(header), "found": len(tables)},
            )
        )
    if any(table.shape != tables[0].shape for table in tables):
        raise UnreadableFile(
            Note("unequal_channels", gettext_noop("The channels of this file differ in length. Export it again."))
        )
    warnings = check_against_header(header, tables[0][:, 0], tables[0][:, 1:], interval=True)
    warnings += refuse_open_end(file, block)
    spectra = []
    for k in range(times.size):
        rows = np.column_stack([tables[0][:, 0]] + [table[:, k + 1] for table in tables])
        spectrum, more = _spectrum(header, rows, f"{times[k]:g} min")
        spectra.append(spectrum)
        warnings += [note for note in more if note.code not in {w.code for w in warnings}]
    decided = {"separator": block.separator, "decimal_mark": block.decimal_mark, "z_unit": "min (JASCO interval data)"}
    return Series(spectra, times, "time", "min"), end, decided, warnings


def _times(file: TextFile, line: int) -> np.ndarray | None:
    """The row with an empty first field: one time per spectrum."""
    block = find_block(file, line, line + 1)
    return block.rows[0] if block is not None and file.line(line)[:1] in ("\t", ",", ";", " ") else None


def _end_of_channel(file: TextFile, first: int) -> int:
    found = re.compile(r"^[\t,; ]*$|^Channel\b|^#####|^\[", re.M | re.I).search(file.text, int(file.starts[first]))
    return file.line_of(found.start()) if found else file.n_lines


def _assemble(file, header, footer, value, decided, warnings, stem: str) -> Reading:
    said = {**header, **{key: text for key, text in footer.items() if text and key not in header}}
    title, sample = header.get("TITLE", ""), _first(footer, SAMPLE_NAME)
    comment, model = _first(footer, COMMENT), _model(header, footer)
    technique, source = technique_of(header, footer, model, title)
    item_title = sample or title or stem
    value = replace(value, title=item_title)
    more = {"intensity_unit": "photon"} if re.search("photon", header.get("YUNITS", ""), re.I) else {}
    item = Item(
        value,
        technique,
        source,
        item_title,
        facts.role_from(title, sample),
        facts.make_conditions(footer, sample, title, **more),
        {key: text for key, text in said.items() if text},
    )
    if technique is None:
        warnings = [*warnings, _unknown_technique()]
    written, measured_at = _when(header, footer)
    return Reading(
        NAME,
        VERSION,
        (item,),
        instrument=f"JASCO {model}".strip() if model else "",
        serial=_first(footer, SERIAL),
        operator=_first(footer, OPERATOR) or header.get("OWNER", ""),
        title=title or sample,
        comment=comment,
        measured_at=measured_at,
        measured_at_text=written,
        simulated=facts.is_simulated(title, sample, comment),
        warnings=tuple(warnings),
        decided={"encoding": file.encoding, **decided},
    )


def _unknown_technique() -> Note:
    return Note(
        "technique_unknown",
        gettext_noop("The file does not tell what was measured. Choose the technique by hand."),
    )


def _first(pairs: dict, keys: tuple[str, ...]) -> str:
    return next((pairs[key] for key in keys if pairs.get(key)), "")


def _model(header: dict, footer: dict) -> str:
    if model := _first(footer, MODEL):
        return model
    found = re.match(r"JASCO(?: Corp\.?)?, *([^,]+)", header.get("SPECTROMETER/DATA SYSTEM", ""), re.I)
    return found[1].strip() if found else ""


def _when(header: dict, footer: dict):
    """The header's date with seconds; the footer's date of measurement where it is another minute."""
    written = f"{header.get('DATE', '')} {header.get('TIME', '')}".strip()
    saved = facts.jasco_date(header.get("DATE", ""), header.get("TIME", ""))
    footer_text = _first(footer, MEASURED)
    measured = facts.jasco_date(footer_text)
    if measured and (saved is None or measured != saved.replace(second=0)):
        return footer_text, measured
    return written, saved
