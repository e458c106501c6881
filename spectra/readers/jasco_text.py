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
minutes, without unit, as they really were), then rows x, y1 … yn; the next channel follows the same way. With one channel the
line ``Channel 1`` may be missing; a 3-D measurement of the FP series has excitation wavelengths in place of the times. A line ``ZUNITS`` that names a temperature is believed.

A titration (ATS accessory) has ``XUNITS Concentration [umol/L]``; ``XUNITS TEMPERATURE`` may come without a unit.
"""

import re
from dataclasses import replace
from pathlib import PurePath

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.jasco_rows import read_rows
from spectra.readers.jasco_technique import technique_of
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.text import clean, open_text
from spectra.spectrum import Series

NAME, VERSION = "jasco_text", 4
ABOUT = About(
    "JASCO text",
    "V, FP, J, FT/IR and NRS series",
    (".txt", ".csv"),
    ("uvvis", "pl_emission", "pl_excitation", "cd", "kinetics", "ir", "raman"),
    gettext_noop(
        "English and Japanese exports, several channels (CD, HT, absorbance), interval data as series; checked against the file's own first, last and extreme values"
    ),
)
XYDATA = re.compile(r"^XYDATA[\t,; ]*$", re.M)
HEADER_LINE = re.compile(r"^(TITLE|DATA TYPE|ORIGIN|XUNITS|YUNITS|NPOINTS|DELTAX)[\t,;]", re.M)
SECTION = re.compile(r"^\[(.+)\]$")

SAMPLE_NAME = ("Sample name", "Sample Name", "試料名", "サンプル名")
OPERATOR = ("User", "Operator", "測定者", "オペレーター")
COMMENT = ("Comment", "コメント")
MODEL = ("Model Name", "Model name", "Instrument name", "Instrument Name", "機種名")
SERIAL = ("Serial Number", "Serial No.", "Serial number", "シリアル番号")
MEASURED = ("Measurement Date", "Measurement date", "測定日時")


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    if not text.lstrip().startswith("TITLE"):
        return 0
    keys = set(HEADER_LINE.findall(text))
    if "TITLE" not in keys:
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
    value, end, decided, warnings = read_rows(file, first, header)
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
    line = line.rstrip("\t,; ")  # other programs fill up rows with separators
    mark = next((mark for mark in ("\t", ",", ";") if mark in line), "\t")
    key, _, value = line.partition(mark)
    return clean(key), mark, clean(value.rstrip("\t,; "))


def _assemble(file, header, footer, value, decided, warnings, stem: str) -> Reading:
    said = {**header, **{key: text for key, text in footer.items() if text and key not in header}}
    title, sample = header.get("TITLE", ""), _first(footer, SAMPLE_NAME)
    comment, model = _first(footer, COMMENT), _model(header, footer)
    technique, source = technique_of(header, footer, model, title)
    if isinstance(value, Series) and value.z_quantity == "excitation":
        technique, source = "pl_emission", "rule"
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
    if model := _first(footer, MODEL) or _first(header, MODEL):
        return re.sub(r"^JASCO[ ,]+", "", model)
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
