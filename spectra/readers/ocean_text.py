"""Ocean Optics (Ocean Insight) text: SpectraSuite, OceanView, OOIBase32, Jaz.

Layout; the keys and the markers are translated, so a spectrum is found by the angle brackets alone::

    SpectraSuite Data File
    ++++++++++++++++++++++++++++++++++++
    Date: Fri Oct 21 11:57:53 BST 2016
    User: …
    Spectrometers: USB2+H04851                                or Spectrometer: …
    Integration Time (usec): 2500000 (USB2+H04851)
    XAxis mode: Wavelengths                                   OceanView; else nm is understood
    Number of Pixels in Processed Spectrum: 2048
    the marker >>>>>Begin Processed Spectral Data<<<<<        or >>>>> Comienza Data<<<<< Espectral Procesado …
    W <tab> D <tab> R <tab> S <tab> P                         Jaz only: dark, reference, sample, processed
    340.07 <tab> 732.18                                       or with decimal commas
    the marker >>>>>End Processed Spectral Data<<<<<          missing in OceanView

OceanView also logs series: a row of wavelengths behind two empty cells, then a time stamp, the milliseconds since 1970 and
the values of each spectrum. What y is stands nowhere: the file's name or extension (``.Absorbance``, ``.Transmission``)
tells it, otherwise it stays open. Line ends may be mixed and fields padded with NUL.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.dates import written_date
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import bad_row, parse_number, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import Column, normal
from spectra.readers.text import TextFile, open_text, refuse_open_end
from spectra.readers.vendor_reading import (
    channel_of,
    first_of,
    fluorescence_by_words,
    marks,
    pairs_of,
    told,
    vendor_reading,
)
from spectra.readers.vendor_rows import BLANKS, check_values, cut_short, no_rows, rows_below, skip_blank, wrong_columns
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "ocean_text", 2
ABOUT = About(
    "Ocean Optics text",
    "SpectraSuite, OceanView, OOIBase32, Jaz",
    (".txt", ".csv"),
    ("uvvis", "pl_emission", "raman"),
    gettext_noop("All languages, dark, reference and sample as channels, OceanView's logs as series"),
    gettext_noop("The file seldom tells what y is: name it so (.Absorbance) or choose the technique by hand."),
)
MARKER = re.compile(r"^>{3,}.*$", re.M)
END = re.compile(r">{3,}")
COUNT = re.compile(
    r"(?:number of pixels|n[uú]mero de p[ií]xels|nombre de pixels|pixelanzahl|anzahl|.*ピクセル数).*", re.I
)
MODES = (
    (r"absorb", Column("absorbance", "1"), "uvvis"),
    (r"transmi", Column("transmittance", "%"), "uvvis"),
    (r"reflect", Column("reflectance", "%"), "uvvis"),
    (r"irrad", Column("intensity", "uW/cm2/nm"), None),
    (r"raman", Column("intensity", "{counts}"), "raman"),
    (r"scope|counts", Column("intensity", "{counts}"), None),
)
JAZ = {
    "P": Column("unknown", ""),
    "S": Column("intensity", "{counts}"),
    "D": Column("intensity", "{counts}", "dark"),
    "R": Column("intensity", "{counts}", "reference"),
}
AXES = (("wavenumber", "wavenumber", "1/cm"), ("raman", "raman shift", "1/cm"), ("pixel", "channel", ""))
MAX_SERIES = 5000


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head.replace(b"\x00", b"") if head.count(b"\x00") < len(head) // 4 else head)
    marker = MARKER.search(text) if ">>>" in text else None
    if marker is None:
        return 0
    if re.search(r"spectral|espectral|spectral?e|spektr|データ|光谱", marker.group(), re.I):
        return 96
    return 90 if re.search(r"SpectraSuite|OOIBase|OceanView|Jaz|\+{10}", text) else 40


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read an Ocean text; the module's docstring is its specification."""
    file, path = open_text(data), PurePath(name)
    marker = MARKER.search(file.text)
    if marker is None:
        raise UnreadableFile(no_rows())
    start = file.line_of(marker.start())
    said = pairs_of(file.lines(0, min(start, 300)), re.compile(r":\s*"))
    closing = MARKER.search(file.text, marker.end())
    end = file.line_of(closing.start()) if closing else file.n_lines
    first = skip_blank(file, start + 1, end)
    axis = next(((q, u) for word, q, u in AXES if word in normal(first_of(said, "XAxis mode"))), ("wavelength", "nm"))
    mode = _mode(path)
    if first < end and re.match(r"[\t ]", file.line(first)) and file.line(first).count("\t") > 20:
        value, notes, decided = _series(file, first, end, axis, mode, path.stem)
    else:
        value, notes, decided = _spectrum(file, first, end, axis, mode, said, closing is not None, path.stem)
    technique = mode[1] if mode else None
    if technique is None and (mode is None or mode[0].unit == "{counts}"):
        technique = "raman" if axis[0] == "raman shift" else fluorescence_by_words(path.stem)
    conditions = facts.make_conditions({}, path.stem)
    item = Item(value, technique, "rule", path.stem, facts.role_from(path.stem), conditions, told(said))
    return vendor_reading(
        NAME,
        VERSION,
        file,
        [item],
        notes,
        decided,
        date=first_of(said, "Date", "Fecha", "Datum", "日時", "日付"),
        instrument=f"Ocean {_spectrometer(said)}".strip(),
        serial=_spectrometer(said),
        operator=first_of(said, "User", "Usuario", "Utilisateur", "Benutzer", "ﾕｰｻﾞ", "ユーザ"),
        title=path.stem,
    )


def _mode(path: PurePath) -> tuple[Column, str | None] | None:
    """Quantity and technique that the name tells, its extension first."""
    for text in (path.suffix, path.stem):
        for word, column, technique in MODES:
            if re.search(word, text, re.I):
                return column, technique
    return None


def _spectrometer(said: dict) -> str:
    keys = ("Spectrometer", "Spectrometers", "Spectrometer Serial Number", "Espectrómetros", "Spektrometer", "分光器")
    return re.sub(r"\s*\(.*", "", first_of(said, *keys)).strip()


def _spectrum(file: TextFile, first: int, end: int, axis, mode, said, closed: bool, stem: str):
    labels = [cell.strip() for cell in file.line(first).split("\t")] if first < end else []
    labelled = bool(labels) and labels[0].upper() in ("W", "WAVELENGTH", "X") and printed_number(labels[0]) is None
    block = rows_below(file, first + 1 if labelled else first, end, END, len(labels) if labelled else 2)
    labels = labels if labelled else ["W", "P"]
    order = sorted(range(1, len(labels)), key=lambda i: "PSDR".find(labels[i].upper()) % 9)
    channels, notes = [], [] if closed else refuse_open_end(file, block)
    for i in order:
        column = JAZ.get(labels[i].upper(), Column("unknown", ""))
        if column.quantity == "unknown":
            column = mode[0] if mode else Column("intensity", "{counts}") if _is_raw(said) else Column("unknown", "")
        channel, more = channel_of(block.rows[:, i], labels[i] if labelled else "", column)
        channels.append(channel)
        notes += more
    notes += _counted(said, len(block.rows), closed)
    return Spectrum(block.rows[:, 0], channels, axis[1], axis[0], stem), notes, marks(block)


def _is_raw(said: dict) -> bool:
    """Without a dark and a reference spectrum nothing but counts can be shown."""
    present = [first_of(said, f"{which} Spectrum Present") for which in ("Dark", "Reference")]
    return [normal(text) for text in present] == ["no", "no"]


def _counted(said: dict, found: int, closed: bool) -> list[Note]:
    """The announced number of pixels; without the closing marker a smaller number of rows means a cut."""
    texts = [value for key, value in said.items() if COUNT.fullmatch(normal(key))]
    n_said = next((number for text in texts if (number := printed_number(text.split(" ")[0])) is not None), None)
    if n_said is None or n_said == found:
        return []
    if found < n_said and not closed:
        raise UnreadableFile(cut_short(int(min(n_said, 1e15)), found))
    return check_values({}, n_said, found)


def _series(file: TextFile, first: int, end: int, axis, mode, stem: str):
    mark = "," if "." not in file.line(first) and "," in file.line(first) else "."
    x = _numbers(file, first, file.line(first).rstrip("\t").split("\t"), mark)
    n_stamps = int(np.isnan(x).argmin())  # empty cells over the time stamps
    x = x[n_stamps:]
    if np.isnan(x).any():
        raise UnreadableFile(bad_row(first + 1, file.line(first)))
    column = mode[0] if mode else Column("unknown", "")
    spectra, seconds, notes, line = [], [], [], first + 1
    while line < end and file.line(line).strip(BLANKS):
        cells = file.line(line).rstrip("\t").split("\t")
        if len(cells) != n_stamps + x.size or len(spectra) >= MAX_SERIES:
            raise UnreadableFile(bad_row(line + 1, file.line(line)))
        values = _numbers(file, line, cells[n_stamps:], mark)
        seconds.append(_second(file, line, cells[:n_stamps]))
        channel, more = channel_of(values, "", column)
        spectra.append(Spectrum(x, [channel], axis[1], axis[0], cells[0].strip()))
        notes += more
        line += 1
    rest = skip_blank(file, line, end)
    if not spectra or rest < end:
        raise UnreadableFile(bad_row(rest + 1, file.line(rest)) if rest < end else wrong_columns(x.size, 0))
    series = Series(spectra, np.array(seconds) - seconds[0], "time", "s", stem)
    return series, notes, {"separator": "tab", "decimal_mark": mark}


def _numbers(file: TextFile, line: int, cells: list[str], mark: str) -> np.ndarray:
    values = [parse_number(cell, mark) if cell.strip() else np.nan for cell in cells]
    if None in values:
        raise UnreadableFile(bad_row(line + 1, file.line(line)))
    return np.array(values)


def _second(file: TextFile, line: int, cells: list[str]) -> float:
    """The time of a row [s]: milliseconds since 1970, or else its time stamp."""
    for cell in reversed(cells):
        if re.fullmatch(r"\d{12,14}", cell.strip(), re.ASCII):
            return int(cell) / 1000
    moment = written_date(" ".join(cells))
    if moment is None:
        raise UnreadableFile(bad_row(line + 1, file.line(line)))
    return (moment - moment.min).total_seconds()
