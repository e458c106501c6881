"""JASCO's OLE2 container (Spectra Manager 1 and 2, ``SPCMAN2``): streams of numbers and of tagged facts."""

import struct
from datetime import UTC

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.binary import Bytes, damaged, finite, ole_date
from spectra.readers.jasco_codes import MAX_CHANNELS, JascoSpectrum, channel_values, even_axis
from spectra.readers.ole import OleFile
from spectra.readers.reading import UnreadableFile
from spectra.readers.text import clean

NO_DATE = 36494.0  # 30 November 1999 stands for "no date"
USER, COMPANY = 0, 11  # slots of UserInfo
VALUES = {2: "<H", 3: "<I", 4: "<f", 5: "<d", 7: "<d", 11: "<H"}  # as in COM: I2, I4, R4, R8, DATE, BOOL
STRING = 8
FTIR, FP, J = 0x0009, 0x3005, 0x4003
# Tag → name, by the kind of instrument: the tags of one mean something else on another.
TAGS = {
    FTIR: {1: "Accumulation", 2: "Resolution", 3: "Aperture", 4: "Scan speed", 6: "Gain", 47: "Light source", 48: "Detector"},
    FP: {2: "Ex bandwidth", 4: "Em bandwidth", 6: "Scan speed", 7: "Response", 9: "Fixed wavelength"},
    J: {21: "D.I.T.", 24: "Band width", 28: "Scan speed"},
}  # fmt: skip


def read_ole(data: bytes) -> JascoSpectrum:
    """Read the OLE2 container; its streams are listed in ``jasco_jws``."""
    ole = OleFile(data)
    if "DataInfo" not in ole and any(name.endswith("/DataInfo") for name in ole.names):
        raise UnreadableFile(_several())
    info = ole.stream("DataInfo")
    version, blocks, _, n_channels, _, n_points = info.many("<6I", 0)
    if version != 3 or not 1 <= n_channels <= MAX_CHANNELS or n_points < 1:
        raise damaged("DataInfo")
    if blocks != 1:
        raise UnreadableFile(
            Note(
                "jasco_interval_binary",
                gettext_noop("This JASCO file holds an interval measurement. Export it as text and upload that file."),
            )
        )
    first, last, step = info.many("<3d", 0x18)
    codes = info.many(f"<{1 + n_channels}I", 0x30)
    y = ole.stream("Y-Data")
    if len(y) != 4 * n_channels * n_points:
        raise damaged("Y-Data")
    x, warnings = _axis(ole, first, last, step, n_points)
    spectrum = JascoSpectrum(x, codes[0], list(zip(codes[1:], channel_values(y, 0, n_channels, n_points), strict=True)))
    spectrum.warnings, spectrum.container = warnings, "SPCMAN2"
    _add_facts(spectrum, ole)
    return spectrum


def _several() -> Note:
    text = gettext_noop(
        "This JASCO file holds several measurements (.jwb). Save each in a file of its own, or export it as text."
    )
    return Note("jasco_several_binary", text)


def _axis(ole: OleFile, first: float, last: float, step: float, n_points: int) -> tuple[np.ndarray, list[Note]]:
    """From X-Data where the steps differ (Raman: a straight line between its ends is off by many 1/cm)."""
    if "X-Data" not in ole:
        return even_axis(first, last, step, n_points)
    stream = ole.stream("X-Data")
    if len(stream) != 4 * n_points:
        raise damaged("X-Data")
    x = finite(stream.array("<f4", 0, n_points), "X-Data")
    if np.abs(x[[0, -1]] - (first, last)).max() > 1e-4 * max(abs(first), abs(last), 1.0):
        raise damaged("X-Data")
    return x, []


def _add_facts(spectrum: JascoSpectrum, ole: OleFile) -> None:
    """Facts are read as far as they are understood; the curve does not depend on them."""
    for name, understand in (
        ("SampleInfo", _sample),
        ("UserInfo", _user),
        ("ModuleInfo", _module),
        ("BaseInfo", _base),
    ):
        if name in ole:
            try:
                understand(spectrum, ole.stream(name), ole)
            except (UnreadableFile, UnicodeDecodeError):
                text = gettext_noop("Part of what the file says about the measurement ({part}) could not be read.")
                spectrum.warnings.append(Note("facts_unread", text, {"part": name}))


def _sample(spectrum: JascoSpectrum, stream: Bytes, ole: OleFile) -> None:
    spectrum.sample, offset = _string(stream, 4)
    spectrum.comment, _ = _string(stream, offset)


def _user(spectrum: JascoSpectrum, stream: Bytes, ole: OleFile) -> None:
    slots, offset = [], 4
    while offset + 4 <= len(stream) and len(slots) <= COMPANY:
        text, offset = _string(stream, offset)
        slots.append(text)
    spectrum.operator = slots[USER] if slots else ""
    if len(slots) > COMPANY and slots[COMPANY]:
        spectrum.facts["Company"] = slots[COMPANY]


def _module(spectrum: JascoSpectrum, stream: Bytes, ole: OleFile) -> None:
    """Main unit: name of the module, its kind, model, serial number; then how it was set (MeasParam)."""
    _, offset = _string(stream, 4)
    kind = stream.one("<H", offset + 2)
    spectrum.model, offset = _string(stream, offset + 4)
    spectrum.serial, _ = _string(stream, offset)
    names = TAGS.get(kind, {})
    if "MeasParam" in ole and names:
        for tag, value in _tagged(ole.stream("MeasParam")):
            if tag in names and value not in ("", 0):
                spectrum.facts[names[tag]] = f"{value:.6g}" if isinstance(value, float) else str(value)
    if spectrum.facts.get("Fixed wavelength"):
        spectrum.facts["Fixed wavelength"] += " nm"


def _base(spectrum: JascoSpectrum, stream: Bytes, ole: OleFile) -> None:
    """Version, GUID, a byte, the path, the dates of saving and of measuring (UTC)."""
    _, offset = _string(stream, 21)
    saved, measured = stream.many("<2d", offset)
    moments = [ole_date(days) for days in (measured, saved) if days != NO_DATE]
    spectrum.measured_at = next((moment.replace(tzinfo=UTC) for moment in moments if moment), None)


def _tagged(stream: Bytes) -> list[tuple[int, float | int | str]]:
    """Records of tag, type and value; those after a type not met yet are left unread."""
    (count,), offset, records = stream.many("<I", 8), 12, []
    for _ in range(min(count, len(stream) // 8)):
        tag, kind = stream.many("<IH", offset)
        offset += 6
        if kind == STRING:
            value, offset = _string(stream, offset)
        elif kind in VALUES:
            value = stream.one(VALUES[kind], offset)
            offset += struct.calcsize(VALUES[kind])
        else:
            break
        records.append((tag, value))
    return records


def _string(stream: Bytes, offset: int) -> tuple[str, int]:
    """A length in bytes, then UTF-16 with its NUL: the text, and where it ends."""
    length = stream.one("<I", offset)
    return clean(stream.piece(offset + 4, length).decode("utf-16-le").rstrip("\x00")), offset + 4 + length
