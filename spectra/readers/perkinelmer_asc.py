"""PerkinElmer PEDS text (UV WinLab, FL WinLab, Spectrum): ``.asc``, often with another or no extension.

Layout: lines with a meaning by position::

    PE UV       SUBTECH     SPECTRUM    ASCII       PEDS        4.00     or PE FL, PE IR
       -1
    name of the file
    24/02/27            created: year, month, day        line 4; in FL WinLab the order follows the PC: not known
    16:45:12.00                                          line 5
    … changed …                                          lines 6, 7
    operator, comment                                    lines 8, 9
    500.000000          last x                           line 10
    Lambda 1050         the model                        line 12 (UV), the first word below it (FL: LS50-B, LS55)
    1050L1611222        the serial number                (UV)
    328.00              FL: the wavelength that stood still, then the two slits [nm]
    …
    #HDR, -1, -1
    #GR
    nm                  unit of x
    %T                  unit of y: A, %T, %R; blank: intensity
    1.0, 0.0            factor and offset of the binary form: the rows below are final
    1900.000000         first x
    -5.000000           step
    281                 points
    8
    100.180677          highest and lowest y
    99.867107
    #DATA
    1900.000000 <tab> 99.999792

First and last x, step, count, highest and lowest y are compared with the rows.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek
from spectra.readers.number_block import NumberBlock, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import Column, normal, unit_code
from spectra.readers.text import clean, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, marks, vendor_reading
from spectra.readers.vendor_rows import check_values, no_rows, rows_below
from spectra.spectrum import Spectrum

NAME, VERSION = "perkinelmer_asc", 1
ABOUT = About(
    "PerkinElmer PEDS (.asc)",
    "Lambda, LS 50 and LS 55, Spectrum",
    (".asc", ".txt"),
    ("uvvis", "pl_emission", "pl_excitation", "ir"),
    gettext_noop("Spectra with the model, slits and the wavelength that stood still"),
)
FIRST = re.compile(r"PE (UV|FL|IR)\b.*\bPEDS\b")
QUANTITIES = {
    "a": Column("absorbance", "1"),
    "abs": Column("absorbance", "1"),
    "%t": Column("transmittance", "%"),
    "%r": Column("reflectance", "%"),
    "int": Column("intensity", "[a.u.]"),
}
MODEL = re.compile(r"(?:lambda|ls ?-?\d|spectrum|frontier|fl ?\d)", re.I)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 98 if FIRST.match(peek(head).lstrip("\ufeff \r\n")) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a PEDS text; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    marker = re.compile(r"^#DATA[ \t]*$", re.M).search(file.text)
    if marker is None:
        raise UnreadableFile(no_rows())
    start = file.line_of(marker.start())
    head = [clean(line) for line in file.lines(0, min(start, 400))]
    kind = FIRST.match(head[0])
    graph = _graph(head)
    block = rows_below(file, start + 1, columns=2)
    warnings = _checked(graph, head[9], block) + refuse_open_end(file, block)
    kind = kind[1] if kind else ""
    x_unit = {"nm": "nm", "cm-1": "1/cm", "1/cm": "1/cm"}.get(normal(graph[0]), unit_code(graph[0]))
    x_quantity = "wavenumber" if x_unit == "1/cm" else "wavelength" if x_unit == "nm" else "unknown"
    column = QUANTITIES.get(normal(graph[1])) or Column(
        "intensity" if kind == "FL" else "unknown", _unit(graph[1], kind)
    )
    channel, notes = channel_of(block.rows[:, 1], graph[1] or "Intensity", column)
    spectrum = Spectrum(block.rows[:, 0], [channel], x_unit, x_quantity, stem)
    technique, source, conditions = _technique(kind, head, block.rows[:, 0], column, stem)
    model = next((k for k, line in enumerate(head[9:60], 9) if MODEL.match(line)), None)
    item = Item(spectrum, technique, source, _title(head) or stem, facts.role_from(stem), conditions, _metadata(head))
    return vendor_reading(
        NAME,
        VERSION,
        file,
        [item],
        warnings + notes,
        marks(block),
        date=" ".join(head[3:5] if kind == "FL" else _year_first(head[3:5])),
        instrument=f"PerkinElmer {head[model]}" if model else "PerkinElmer",
        serial=head[model + 1] if model and kind == "UV" else "",
        operator=head[7] if len(head) > 7 else "",
        title=_title(head) or stem,
        comment=head[8] if len(head) > 8 else "",
    )


def _graph(head: list[str]) -> list[str]:
    """The ten lines below ``#GR``."""
    place = next((k for k, line in enumerate(head) if line == "#GR"), None)
    if place is None or len(head) - place < 11:
        text = gettext_noop("The header of this PerkinElmer file is incomplete. Export it again.")
        raise UnreadableFile(Note("header_incomplete", text))
    return head[place + 1 : place + 11]


def _unit(written: str, kind: str) -> str:
    return written or ("[a.u.]" if kind == "FL" else "")


def _checked(graph: list[str], last_x: str, block: NumberBlock) -> list[Note]:
    x, y = block.rows[:, 0], block.rows[:, 1]
    n_said, step = printed_number(graph[6]), printed_number(graph[5])
    stated = {"first x": (graph[4], float(x[0])), "last x": (last_x, float(x[-1]))}
    if x.size > 1 and step is not None:
        stated["step"] = (graph[5], float(x[-1] - x[0]) / (x.size - 1))
    if np.isfinite(y).any():
        stated |= {"highest y": (graph[8], float(np.nanmax(y))), "lowest y": (graph[9], float(np.nanmin(y)))}
    return check_values(stated, n_said, x.size)


def _technique(kind: str, head: list[str], x: np.ndarray, column: Column, stem: str):
    known: dict = {}
    if kind == "UV" or (kind != "IR" and column.quantity in ("absorbance", "transmittance", "reflectance")):
        return "uvvis", "file", facts.make_conditions({}, stem)
    if kind == "IR":
        return "ir", "file", facts.make_conditions({}, stem)
    fixed, slits = _fixed(head)
    technique = None
    if fixed is not None and fixed < x.min():
        technique, known["excitation_nm"] = "pl_emission", fixed
    elif fixed is not None and fixed > x.max():
        technique, known["emission_nm"] = "pl_excitation", fixed
    if len(slits) == 2:
        known |= {"excitation_bandwidth_nm": slits[0], "emission_bandwidth_nm": slits[1]}
    return technique, "rule", facts.make_conditions({}, stem, **known)


def _fixed(head: list[str]) -> tuple[float | None, list[float]]:
    """The wavelength and the slits below the model of a fluorescence spectrometer."""
    model = next((k for k, line in enumerate(head[9:60], 9) if MODEL.match(line)), None)
    if model is None:
        return None, []
    values = [printed_number(line) for line in head[model + 1 : model + 4]]
    fixed = values[0] if values and values[0] is not None and 100 < values[0] < 5000 else None
    slits = [value for value in values[1:] if value is not None and 0 < value < 100]
    return fixed, slits if len(slits) == 2 else []


def _year_first(day_and_time: list[str]) -> list[str]:
    """``24/02/27`` with the year written out, which nobody can read in two ways."""
    found = re.fullmatch(r"(\d{2})/(\d{2})/(\d{2})", day_and_time[0]) if day_and_time else None
    if not found:
        return day_and_time
    century = "20" if int(found[1]) < 80 else "19"
    return [f"{century}{found[1]}-{found[2]}-{found[3]}", *day_and_time[1:]]


def _title(head: list[str]) -> str:
    return re.sub(r"\.(?:asc|txt|sp)$", "", head[2], flags=re.I) if len(head) > 2 else ""


def _metadata(head: list[str]) -> dict[str, str]:
    return {f"line {k}": line for k, line in enumerate(head, 1) if line and k > 1}
