"""Galactic (GRAMS, Thermo) spectra (.spc): 0x4B (little-endian), 0x4C (big-endian), 0x4D (old form).

New header, 512 bytes: 0 flags, 1 version, 2 experiment, 3 exponent (**signed**), 4 u32 points, 8 f64 first x, 16 f64 last x,
24 u32 subfiles, 28 types of x, y, z, 32 date packed in bits, 36 resolution, 45 source, 88 comment, 218 labels of the axes,
248 u32 place of the log, 264 method. Old header, 256 bytes: exponent i16, points and ends f32, the date in bytes; the last 32
bytes are the first subheader, and there are as many subfiles as fit.

Flags: 0x01 16-bit ordinates, 0x04 several subfiles, 0x20 labels given, 0x40 each subfile has its own x, 0x80 x values stored.
Without stored x the steps are even from first to last x. A subfile is 32 bytes (exponent, z, next z, points, w) and its
ordinates: f32 when the exponent is −128, else whole numbers times 2^(exponent − 32) (− 16 for 16 bits); the halves of the
32-bit numbers of the old form are swapped. Several subfiles on one axis are a series over z (time, temperature …); with a
fourth coordinate w its values are kept beside. Unless flag 0x08 or 0x10 says that z is uneven, it rises by the step of the header
(312), anew in each of the planes (316) of w.

``.spc`` is also what Shimadzu (OLE2), EDAX and Becker & Hickl (photon lists) call other things; the bytes decide.
"""

import struct
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import Bytes, damaged, grid
from spectra.readers.galactic_codes import MAX_X_TYPE, X_TYPES, Y_TYPES, technique_of
from spectra.readers.galactic_parts import (
    NEW_BIG,
    NEW_LITTLE,
    OLD,
    TXYXYS,
    Header,
    Subfile,
    places_of,
    read_header,
    read_log,
    read_subfiles,
)  # fmt: skip
from spectra.readers.reading import Item, Reading
from spectra.spectrum import Channel, Series, Spectrum

NAME, VERSION = "galactic_spc", 2
ABOUT = About(
    "Galactic GRAMS (.spc)",
    "Thermo, Horiba and others that save GRAMS files",
    (".spc",),
    ("uvvis", "ir", "raman", "pl_emission", "mass"),
    gettext_noop("All three versions, 16 and 32 bits, several spectra as series, the log with its settings"),
    gettext_noop("Where the file does not tell the technique, choose it by hand."),
)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    """The version byte alone says little: the header must make sense as a whole."""
    if len(head) < 256 or head[1] not in (NEW_LITTLE, NEW_BIG, OLD):
        return 0
    if head[1] == OLD:
        n, first, last, x_type = struct.unpack_from("<fffB", head, 4)
        plausible = 1 <= n < 2**24 and n == int(n) and 1 <= head[20] <= 12
    else:
        order = "<" if head[1] == NEW_LITTLE else ">"
        n, first, last, n_subfiles, x_type = struct.unpack_from(order + "IddIB", head, 4)
        plausible = (n >= 1 or head[0] & TXYXYS) and n_subfiles >= 1
    y_type = head[17] if head[1] == OLD else head[29]
    if head.startswith(b"PK") or x_type > MAX_X_TYPE + 1 or not (y_type <= 26 or 128 <= y_type <= 131):
        return 0
    if not plausible or not all(x == 0 or 1e-12 < abs(x) < 1e15 for x in (first, last)):
        return 0
    return 95 if name.lower().endswith(".spc") else 80


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a Galactic file; the module's docstring is its specification."""
    file = Bytes(data)
    header = read_header(file)
    x, subfiles = read_subfiles(file, header)
    if x is None and not header.flags & TXYXYS:
        x = _even(header)
    title = header.comment or PurePath(name).stem
    value = _value(header, x, subfiles, title)
    technique, source = technique_of(header.experiment, header.x_type, header.y_type)
    warnings = []
    if technique is None:
        text = gettext_noop("The file does not tell what was measured. Choose the technique by hand.")
        warnings.append(Note("technique_unknown", text))
    said = header.facts | read_log(file, header)
    item = Item(value, technique, source, title, facts.role_from(title), facts.make_conditions(said, title), said)
    return Reading(
        NAME,
        VERSION,
        (item,),
        instrument=header.facts.get("Source", ""),
        operator=next((said[key] for key in ("Operator", "OPERATOR", "User") if said.get(key)), ""),
        title=header.comment,
        measured_at=header.moment,
        measured_at_text=f"{header.moment:%Y-%m-%d %H:%M}" if header.moment else "",
        simulated=facts.is_simulated(header.comment),
        warnings=tuple(warnings),
        decided={"version": f"{header.version:#x}", "subfiles": str(len(subfiles))},
    )


def _even(header: Header) -> np.ndarray:
    if header.n_points == 1:
        return np.array([header.first])
    if header.first == header.last:
        raise damaged("x")
    step = (header.last - header.first) / (header.n_points - 1)
    x = grid(header.first, step, header.n_points)
    x[-1] = header.last
    return x


def _value(header: Header, x: np.ndarray | None, subfiles: list[Subfile], title: str) -> Spectrum | Series:
    quantity, unit = X_TYPES.get(header.x_type, ("unknown", ""))
    y_quantity, y_unit = Y_TYPES.get(header.y_type, ("unknown", ""))
    label = header.labels[1] if len(header.labels) > 1 else ""
    if y_quantity == "unknown" and "intensity" in label.lower():
        y_quantity, y_unit = "intensity", "[a.u.]"
    spectra = []
    for subfile in subfiles:
        own = subfile.x if subfile.x is not None else x
        spectra.append(Spectrum(own, [Channel(subfile.y, y_quantity, y_unit, name=label)], unit, quantity, title))
    if len(spectra) == 1:
        return spectra[0]
    z_quantity, z_unit = X_TYPES.get(header.z_type, ("unknown", ""))
    z, w = places_of(header, subfiles)
    if not np.isfinite(z).all() or not np.isfinite(w).all():
        raise damaged("z")
    return Series(spectra, z, z_quantity, z_unit, title, {"w": w.tolist()} if np.ptp(w) else {})
