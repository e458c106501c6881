"""Hitachi FL Solutions and UV Solutions text (F-2000…F-7100 fluorescence, U-2900…U-4100 absorption spectrometers).

Layout; tab between key and value, English or Japanese keys (Shift-JIS)::

    Sample: <tab> 'dots                      a quote may stand before a text
    File name: <tab> dots.FD3
    Run Date: <tab> 10:22:54, 06/01/2016     day and month in the order of the PC: kept as written unless only one fits
    Operator: <tab> …
    Instrument
    Model: <tab> F-7000 FL Spectrophotometer
    Serial Number: <tab> 1910-003
    Instrument Parameters
    Measurement type: <tab> Wavelength scan | 3-D Scan | Time scan
    Scan mode: <tab> Emission | Excitation | Synchronous      or Data mode: Abs | %T | %R | Fluorescence
    EX WL: <tab> 350.0 nm                    EM WL of an excitation scan
    Peaks …                                  a table of peaks may stand before the data
    Data Points                              in Japanese ﾃﾞｰﾀﾘｽﾄ, mostly in half-width kana
    nm <tab> Data                            the unit of x, then what was measured
    360.0 <tab> 6.573

3-D: below ``Data Points`` a row with an empty first field and the excitation wavelengths, then emission, values…; 9999.9 is
a detector over range (scattered light) and is kept and told.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek_lines
from spectra.readers.eem_matrix import matrix_item, wavelengths_in
from spectra.readers.number_block import printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.table_header import split_row
from spectra.readers.terms import Column, normal, x_axis, y_column
from spectra.readers.text import TextFile, clean, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, first_of, marks, pairs_of, told, vendor_reading
from spectra.readers.vendor_rows import no_rows, rows_below, wrong_columns
from spectra.spectrum import Spectrum

NAME, VERSION = "hitachi", 1
ABOUT = About(
    "Hitachi text",
    "F-2000 to F-7100, U-2900 to U-4100",
    (".txt",),
    ("pl_emission", "pl_excitation", "uvvis", "kinetics"),
    gettext_noop("Scans and 3-D scans, English and Japanese keys"),
    gettext_noop("Binary files (.fds, .fd3, .uds): export them as text."),
)
POINTS = re.compile(r"^(?:Data Points|データポイント|データリスト|ﾃﾞｰﾀﾘｽﾄ|データ)[\t ]*$", re.M | re.I)
MODEL_WORD = re.compile(r"(?<![A-Za-z])[FU]-?\d{4}(?!\d)")
SIGNATURE = re.compile(
    r"^(?:Model|モデル|型名)[^\n\t]*\t *[FU]-?\d{4}[^\n]*$"
    r"|^(?:Measurement type|測定種別|測定タイプ)[:：]?\t", re.M | re.I
)  # fmt: skip
SAMPLE, OPERATOR, COMMENT = ("Sample", "試料名"), ("Operator", "測定者"), ("Comment", "コメント")
MODEL, SERIAL = ("Model", "モデル", "型名"), ("Serial Number", "シリアル番号")
DATE = ("Run Date", "測定日時")
KIND = ("Measurement type", "測定種別", "測定タイプ")
MODE = ("Scan mode", "スキャンモード", "走査モード")
END_OF_SCAN = re.compile(r"\bEnd(?:ing)?\b.*(?:WL|wavelength|time)|終了", re.I)
QUANTITY = ("Data mode", "データモード")


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head).lstrip("\ufeff")
    if POINTS.search(text) and MODEL_WORD.search(text[: POINTS.search(text).start()]) and "\t" in text[:200]:
        return 92
    if not re.match(r"(?:Sample|File name|試料名|ファイル名)[:：]?\t", text, re.I):
        return 0
    return 94 if len(SIGNATURE.findall(text)) >= 2 or (SIGNATURE.search(text) and POINTS.search(text)) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a Hitachi text; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    start = POINTS.search(file.text)
    if start is None:
        raise UnreadableFile(no_rows())
    row = file.line_of(start.start()) + 1
    said = _said(file, row - 1)
    title = first_of(said, *SAMPLE) or stem
    block = rows_below(file, row + 1)
    excitations = wavelengths_in(split_row(file.line(row), "tab")[1:], block.n_columns - 1)
    if excitations is not None:
        item, warnings = matrix_item(block.rows[:, 0], excitations, block.rows[:, 1:], title, told(said))
    else:
        item, warnings = _scan(file, row, block, said, title)
    model = first_of(said, *MODEL)
    return vendor_reading(
        NAME,
        VERSION,
        file,
        [item],
        warnings + _ends_early(block.rows[:, 0], said) + refuse_open_end(file, block),
        marks(block),
        date=_date(first_of(said, *DATE)),
        instrument=f"Hitachi {model}".strip(),
        serial=first_of(said, *SERIAL),
        operator=first_of(said, *OPERATOR),
        title=title,
        comment=first_of(said, *COMMENT),
    )


def _ends_early(x: np.ndarray, said: dict[str, str]) -> list[Note]:
    """The end of the scan as set; the rows of an emission, an excitation or an absorption reach it but for a step."""
    stated = [
        printed_number(value.split()[0]) for key, value in said.items() if END_OF_SCAN.search(key) and value.split()
    ]
    ends = [end for end in stated if end is not None]
    step = abs(float(x[-1] - x[0])) / max(1, x.size - 1)
    if not ends or any(abs(end - x[-1]) <= 1.01 * step for end in ends):
        return []
    text = gettext_noop(
        "The header announces values up to {said}, the rows end at {found}: the file may have been cut off."
    )
    return [Note("ends_early", text, {"said": f"{ends[-1]:g}", "found": f"{x[-1]:g}"})]


def _said(file: TextFile, end: int) -> dict[str, str]:
    pairs = pairs_of(file.lines(0, min(end, 300)), re.compile(r"[:：]?\t"))
    return {key.rstrip(":："): value.lstrip("'").strip() for key, value in pairs.items()}


def _date(written: str) -> str:
    """``10:22:54, 06/01/2016`` with the day in front, as dates are understood."""
    clock, mark, day = written.partition(", ")
    return f"{day} {clock}" if mark and ":" in clock else written


def _scan(file: TextFile, row: int, block, said: dict, title: str) -> tuple[Item, list[Note]]:
    labels = [clean(cell) for cell in split_row(file.line(row), "tab")]
    if len(labels) != block.n_columns or block.n_columns != 2:
        raise UnreadableFile(wrong_columns(len(labels), block.n_columns))
    axis = x_axis(labels[0] if normal(labels[0]) != "s" else "time (s)")
    if axis is None:
        text = gettext_noop("The unit of the axis (“{unit}”) is not known. Choose the columns by hand.")
        raise UnreadableFile(Note("x_unit_unknown", text, {"unit": labels[0][:20]}))
    channel, warnings = channel_of(block.rows[:, 1], labels[1], _column(labels[1], said))
    spectrum = Spectrum(block.rows[:, 0], [channel], axis.unit, axis.quantity, title)
    technique, source = _technique(axis.quantity, channel.quantity, said)
    conditions = facts.make_conditions(said, title)
    return Item(spectrum, technique, source, title, facts.role_from(title), conditions, told(said)), warnings


def _column(label: str, said: dict) -> Column:
    for written in (label, first_of(said, *QUANTITY)):
        if (column := y_column(written)) is not None:
            return column if column.unit or column.quantity != "intensity" else Column("intensity", "[a.u.]")
    return Column("intensity", "[a.u.]") if first_of(said, *MODE) else Column("unknown", "")


def _technique(axis: str, quantity: str, said: dict) -> tuple[str | None, str]:
    if axis == "time":
        return "kinetics", "rule"
    if quantity in ("absorbance", "transmittance", "reflectance"):
        return "uvvis", "rule"
    mode = normal(first_of(said, *MODE))
    if re.match(r"em|蛍光|発光", mode):
        return "pl_emission", "file"
    return ("pl_excitation", "file") if re.match(r"ex|励起", mode) else (None, "rule")
