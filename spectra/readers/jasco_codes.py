"""What the numbers in JASCO's binary files stand for: axes, channels, and what follows for the technique."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.binary import Bytes, damaged, finite, grid
from spectra.spectrum import Channel

SPECTRAL, TIME = 0x100001, 0x20  # upper 24 bits of an axis code; upper 8 bits of one of time
X_CODES = {0x00: ("wavenumber", "1/cm"), 0x01: ("raman shift", "1/cm"), 0x03: ("wavelength", "nm")}
Y_CODES = {
    0x00: ("transmittance", "%", "signal", "TRANSMITTANCE"),
    0x02: ("reflectance", "%", "signal", "REFLECTANCE"),
    0x03: ("absorbance", "1", "signal", "ABSORBANCE"),
    0x08: ("intensity", "[a.u.]", "signal", "INTENSITY"),  # single beam of an FT/IR
    0x09: ("intensity", "[a.u.]", "reference", "INTENSITY"),  # single beam, reference side
    0x0A: ("intensity", "[a.u.]", "signal", "INTENSITY"),  # single beam, sample side
    0x0E: ("intensity", "[a.u.]", "signal", "INTENSITY"),
    0x1001: ("ellipticity", "mdeg", "signal", "CD [mdeg]"),
    0x2001: ("voltage", "V", "HT", "HT [V]"),
}
INVALID = 1e-37  # JASCO writes −1.17549e−38 where it could not compute a value, and exports it like that
MAX_CHANNELS = 64


@dataclass(eq=False)
class JascoSpectrum:
    """What one binary file says, whichever its container."""

    x: np.ndarray
    x_code: int
    channels: list[tuple[int, np.ndarray]]
    model: str = ""
    serial: str = ""
    sample: str = ""
    comment: str = ""
    operator: str = ""
    measured_at: datetime | None = None
    container: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    warnings: list[Note] = field(default_factory=list)


def even_axis(first: float, last: float, step: float, count: int) -> tuple[np.ndarray, list[Note]]:
    """The axis of equal steps, with a warning when the scan ended before the last x that was set.

    Raises
    ------
    UnreadableFile
        When the last x cannot be reached with this step: the header is damaged.
    """
    x = grid(first, step, count)
    off = (last - x[-1]) / step if np.isfinite(last) else np.nan
    if abs(off) <= 1:
        return x, []
    if not off > 0:
        raise damaged("axis")
    text = gettext_noop("The scan was set to end at {last}, the file holds {found} points up to {end}.")
    return x, [Note("scan_ended_early", text, {"last": f"{last:g}", "found": count, "end": f"{x[-1]:g}"})]


def channel_values(piece: Bytes, offset: int, n_channels: int, n_points: int) -> list[np.ndarray]:
    """Channels one after the other, as 32-bit numbers."""
    all_values = finite(piece.array("<f4", offset, n_channels * n_points), "Y-Data")
    return np.split(all_values, n_channels)


def axis_of(code: int) -> tuple[str, str, list[Note]]:
    """Quantity and unit of an axis code; a code not met yet leaves the unit open and says so."""
    if code >> 8 == SPECTRAL and code & 0xFF in X_CODES:
        return *X_CODES[code & 0xFF], []
    text = gettext_noop("The unit of the x axis (code {code}) is not known. Enter it by hand.")
    return "time" if code >> 24 == TIME else "unknown", "", [Note("x_unit_unknown", text, {"code": f"{code:#x}"})]


def channel_of(code: int, values: np.ndarray) -> tuple[Channel, list[Note]]:
    quantity, unit, role, name = Y_CODES.get(code, ("unknown", "", "signal", f"code {code:#x}"))
    notes = []
    if code not in Y_CODES:
        text = gettext_noop("The quantity of a column (code {code}) is not known. Enter it by hand.")
        notes.append(Note("y_unit_unknown", text, {"code": f"{code:#x}"}))
    n_invalid = int(np.count_nonzero((values < 0) & (values > -INVALID)))
    if n_invalid:
        text = gettext_noop("{n} points of “{channel}” are marked by JASCO as not valid; they stand near zero.")
        notes.append(Note("invalid_points", text, {"n": n_invalid, "channel": name}))
    return Channel(values, quantity, unit, role, name), notes


def technique_of(spectrum: JascoSpectrum, x_quantity: str, channels: list[Channel]) -> tuple[str | None, str]:
    """Technique from quantities and model; emission or excitation by where the fixed wavelength lies."""
    quantities, model = {channel.quantity for channel in channels}, spectrum.model.upper()
    if x_quantity == "time":
        return "kinetics", "rule"
    if "ellipticity" in quantities:
        return "cd", "file"
    if x_quantity == "raman shift":
        return "raman", "file"
    if x_quantity == "wavenumber" and not model.startswith("V-"):
        return "ir", "rule"
    if quantities & {"absorbance", "transmittance", "reflectance"}:
        return "uvvis", "rule"
    fixed = spectrum.facts.get("Fixed wavelength", "").removesuffix(" nm")
    if model.startswith("FP") and fixed:
        low, high = spectrum.x.min(), spectrum.x.max()
        return "pl_emission" if float(fixed) < low else "pl_excitation" if float(fixed) > high else None, "rule"
    return None, "rule"
