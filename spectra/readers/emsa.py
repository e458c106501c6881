"""EMSA/MAS spectra (.msa, .emsa; ISO 22029): EDX and related spectra as text.

``#KEYWORD : value`` lines (blanks around the colon; ``##`` before a vendor's own; ``-unit`` may follow the keyword), then
``#SPECTRUM :`` and the numbers, NCOLUMNS per line, separated by commas or blanks, up to ``#ENDOFDATA``. DATATYPE ``Y``: channel
i stands at OFFSET + XPERCHAN·i (CHOFFSET is *not* added: it numbers the first channel); ``XY``: pairs. NPOINTS may be
written as ``4096.``; fewer values than announced mean a file cut off, more than announced a damaged one.
"""

import re
from datetime import datetime

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import damaged, finite, grid
from spectra.readers.decoding import peek
from spectra.readers.jcamp_numbers import read_pairs
from spectra.readers.number_block import printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import unit_code
from spectra.readers.text import TextFile, clean, open_text
from spectra.spectrum import Channel, Spectrum

NAME, VERSION = "emsa", 1
ABOUT = About(
    "EMSA/MAS (ISO 22029)",
    "EDAX, Oxford, Thermo, JEOL and other EDX and EELS programs",
    (".msa", ".emsa", ".ems"),
    ("edx",),
    gettext_noop("Spectra on their energy axis, beam energy, live time; values in pairs or in order"),
)
SIGNATURE = re.compile(r"\s*#FORMAT[^\n:]*:[^\n]*EMSA", re.I)
LINE = re.compile(r"^(##?)\s*([^:\n]{1,60}?)\s*:(.*)$")
START, END = re.compile(r"^#SPECTRUM\b.*$", re.M | re.I), re.compile(r"^#ENDOFDATA\b", re.M | re.I)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SIGNALS = {"EDS": "edx", "EDX": "edx", "XEDS": "edx", "WDS": "edx"}


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 98 if SIGNATURE.match(peek(head)) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read an EMSA/MAS file; the module's docstring is its specification."""
    file = open_text(data)
    start = START.search(file.text)
    if not start:
        raise UnreadableFile(
            Note("no_rows", gettext_noop("This file has a header but no rows of numbers. Export it again."))
        )
    said = _header(file.text[: start.start()])
    end = END.search(file.text, start.end())
    body = file.text[start.end() : end.start() if end else len(file.text)]
    x, y, warnings = _numbers(file, body, start.end(), said)
    if not end:
        warnings.append(
            Note(
                "emsa_no_end",
                gettext_noop("The file has no #ENDOFDATA: it may have been cut off. Compare its last points."),
            )
        )
    title = said.get("TITLE", "")
    unit = unit_code(said.get("XUNITS", ""))
    channel = _channel(said, y)
    technique, source = _technique(said, unit)
    item = Item(
        Spectrum(x, [channel], unit, "energy" if unit in ("eV", "keV") else "unknown", title),
        technique,
        source,
        title,
        facts.role_from(title),
        facts.make_conditions({}, title),
        {key: value for key, value in said.items() if value},
    )
    return Reading(
        NAME,
        VERSION,
        (item,),
        instrument=said.get("EDSDET", "") and f"EDS detector {said['EDSDET']}",
        operator="" if said.get("OWNER", "").casefold() == "unknown" else said.get("OWNER", ""),
        title=title,
        comment=said.get("COMMENT", ""),
        measured_at=_moment(said.get("DATE", ""), said.get("TIME", "")),
        measured_at_text=f"{said.get('DATE', '')} {said.get('TIME', '')}".strip(),
        simulated=said.get("SIMULATED", "0").strip() not in ("0", "") or facts.is_simulated(title),
        warnings=tuple(warnings),
        decided={"encoding": file.encoding},
    )


def _header(text: str) -> dict[str, str]:
    said = {}
    for line in text.split("\n"):
        if found := LINE.match(line):
            key = re.sub(r"\s*-\s*\S+$", "", found[2]).strip().upper()
            value = clean(found[3])
            said[key] = f"{said[key]} {value}".strip() if key == "COMMENT" and key in said else said.get(key) or value
    return said


def _number(said: dict, key: str) -> float | None:
    words = said.get(key, "").split()
    return printed_number(words[0]) if words else None


def _numbers(file: TextFile, body: str, offset: int, said: dict) -> tuple[np.ndarray, np.ndarray, list[Note]]:
    pairs = said.get("DATATYPE", "Y").upper().startswith("XY")
    rows = read_pairs(body, file.line_of(offset) + 1, 2 if pairs else 1)
    announced = _number(said, "NPOINTS")
    if len(rows) == 0 or (announced is not None and len(rows) != announced):
        raise _wrong_count(len(rows), announced)
    finite(rows, "SPECTRUM")
    if pairs:
        return rows[:, 0], rows[:, 1], []
    step, first = _number(said, "XPERCHAN"), _number(said, "OFFSET")
    if step is None or first is None:
        raise damaged("XPERCHAN, OFFSET")
    return grid(first, step, len(rows)), rows[:, 0], []


def _wrong_count(found: int, announced: float | None) -> UnreadableFile:
    values = {"found": found, "said": "" if announced is None else f"{announced:g}"}
    if announced is not None and found > announced:
        text = gettext_noop(
            "The header announces {said} points, the file holds {found}: it is damaged. Export it again."
        )
        return UnreadableFile(Note("contradicts_header", text, values))
    text = gettext_noop("This file ends after {found} of {said} points: it was cut off. Export or copy it again.")
    return UnreadableFile(Note("file_cut_short", text, values))


def _channel(said: dict, y: np.ndarray) -> Channel:
    written = said.get("YUNITS", "") or said.get("YLABEL", "")
    unit = unit_code(written)
    if unit in ("{counts}", "{counts}/s"):
        return Channel(y, "counts", unit, name=said.get("YLABEL", "") or written)
    return Channel(y, "intensity", unit, name=written)


def _technique(said: dict, unit: str) -> tuple[str | None, str]:
    signal = said.get("SIGNALTYPE", "").upper()
    if signal:
        return SIGNALS.get(signal[:4].strip(), "generic"), "file"
    return ("edx", "rule") if unit in ("eV", "keV") and "BEAMKV" in said else (None, "rule")


def _moment(day: str, time: str) -> datetime | None:
    """``07-MAY-2019`` and ``02:03``; the months are English whatever the computer's language."""
    found = re.fullmatch(r"(\d{1,2})-([A-Za-z]{3})[a-z]*-(\d{4})", day.strip(), re.ASCII)
    if not found or found[2].lower() not in MONTHS:
        return facts.jasco_date(day, time)
    return facts.jasco_date(f"{found[3]}/{MONTHS.index(found[2].lower()) + 1}/{found[1]}", time)
