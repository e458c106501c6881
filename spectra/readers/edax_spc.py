"""EDAX spectra (.spc of Genesis and TEAM), little-endian.

The file begins with its version as a 32-bit float (0.60, 0.61 or 0.70)::

    0x00 f32 version          0x10 i16 year, i8 day, month, minute, hour, 1/100 s, second
    0x1C i32 start of data    0x20 i16 channels          0x40 text256 label
    0x180 i32 eV per channel  0x1C0 f32 energy of the first channel [keV], last [keV], live time [s], tilt, take-off [°]
    0x214 f32 beam voltage [kV]   0x27E i16 elements, 0x280 48 × u16 their atomic numbers (labels of peaks, no amounts)
    … i32 counts, one per channel, at the start of data (3840 in files met)

The layout is known from open readers, not from EDAX; what contradicts itself (a step no analyser has, data outside the file, negative
counts, energies that do not rise) is refused, with the way out: EDAX programs save the same spectrum as EMSA/MAS (.msa).
Galactic, Shimadzu and Becker & Hickl files have the same extension and other first bytes.
"""

import struct
from datetime import datetime
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import Bytes, grid
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.spectrum import Channel, Spectrum

NAME, VERSION = "edax_spc", 2
ABOUT = About(
    "EDAX (.spc)",
    "EDAX EDX systems (Genesis, TEAM)",
    (".spc",),
    ("edx",),
    gettext_noop("Counts over energy; a map, a line scan (.spd) or a layout not met yet is refused"),
    gettext_noop("Save the spectrum as EMSA/MAS (.msa), which is read."),
)
VERSIONS = tuple(struct.pack("<f", version) for version in (0.60, 0.61, 0.70))
FIRST_DATA, MAX_CHANNELS = 0x2E0, 16_384
STEPS_EV = (1, 40)  # eV per channel that analysers have
MEASURED = (("Live time / s", 0x1C8), ("Tilt / °", 0x1CC), ("Take-off angle / °", 0x1D0), ("Beam voltage / kV", 0x214))


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 90 if head.startswith(VERSIONS) and name.lower().endswith(".spc") else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read an EDAX spectrum; the module's docstring is its specification."""
    file, stem = Bytes(data), PurePath(name).stem
    start, n_channels = file.one("<i", 0x1C), file.one("<h", 0x20)
    step_ev, first_kev = file.one("<i", 0x180), file.one("<f", 0x1C0)
    if not (start >= FIRST_DATA and 1 <= n_channels <= MAX_CHANNELS and STEPS_EV[0] <= step_ev <= STEPS_EV[1]):
        raise _contradictory()
    counts = file.array("<i4", start, n_channels)
    if (counts < 0).any() or not -5.0 <= first_kev <= 50.0:
        raise _contradictory()
    title = file.text(0x40, 256) or stem
    energies = grid(float(np.float32(first_kev)), step_ev / 1000, n_channels)
    spectrum = Spectrum(energies, [Channel(counts, "counts", "{counts}")], "keV", "energy", title)
    said = _said(file)
    item = Item(spectrum, "edx", "file", title, facts.role_from(title), facts.make_conditions({}, title), said)
    moment = _moment(file)
    return Reading(
        NAME,
        VERSION,
        (item,),
        instrument="EDAX",
        title=title,
        measured_at=moment,
        measured_at_text=f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "",
        simulated=facts.is_simulated(title),
        decided={"version": f"{file.one('<f', 0):.2f}"},
    )


def _said(file: Bytes) -> dict[str, str]:
    said = {}
    for key, offset in MEASURED:
        value = file.one("<f", offset)
        if np.isfinite(value) and 0 < value < 1e7:
            said[key] = f"{value:g}"
    return said


def _moment(file: Bytes) -> datetime | None:
    year, day, month, minute, hour, _, second = file.many("<h6b", 0x10)
    try:
        return datetime(year, month, day, hour, minute, second) if 1980 <= year < 2100 else None
    except ValueError:
        return None


def _contradictory() -> UnreadableFile:
    text = gettext_noop(
        "This EDAX .spc file is of a kind not met yet. Save the spectrum as EMSA (.msa) and upload that."
    )
    return UnreadableFile(Note("edax_spc", text))
