"""JASCO binary spectra (.jws, .jrs): two containers under the same extensions, told apart by their first bytes.

Flat (``4C 7E 53 20``, "L~S "; written by Spectra Manager as SPECMAN and by instruments as SPECIRM), little-endian::

    0x08 text16 program      0x20 text16 version
    0x82 u16 channels        0x84 u32 points      0x88 3 × f64 first x, last x, step (negative: descending)
    0xA0 u32 code of x, then a code per channel   0xC8 u64 bytes of data = 4 × channels × points
    0x140 text32 model  0x160 text32 serial  0x180 text64 sample  0x1C0 text128 comment  0x240 text32 operator
    0x2C0 i32 moment of measuring (Unix, UTC)     … f32 values, channel by channel, up to the end of the file

OLE2 (``D0 CF 11 E0``; SPCMAN2), streams::

    DataInfo    6 × u32 (version 3, blocks, –, channels, –, points), 3 × f64 first x, last x, step, u32 code of x,
                a code per channel, then per channel what the program shows of it
    Y-Data      f32 values, channel by channel
    X-Data      f32 axis, only where the steps differ (step 0: Raman). A straight line between the ends is off by up
                to 28 1/cm in real files
    SampleInfo  u32, sample, comment              UserInfo  u32, 15 texts: 0 operator, 11 company
    ModuleInfo  u32, name, u16, u16 kind, model, serial number
    MeasParam   3 × u32 (…, count), records of u32 tag, u16 type (as in COM), value; tags differ by kind of instrument
    BaseInfo    u32, GUID, u8, path, f64 saved, f64 measured (days since 30 December 1899, UTC)

Texts of streams are a length in bytes and UTF-16. Codes of x: low byte 0 1/cm, 1 Raman shift, 3 nm; of channels: 0 %T,
2 %R, 3 absorbance, 8–10 single beam, 14 intensity, 0x1001 CD, 0x2001 HT. A code not met yet leaves its unit open and says so.
Refused with the way out, because what is known of them does not suffice: interval measurements (more than one block), and files
of several measurements (.jwb: the streams above in a storage for each).
The last x is what was set, not what was measured: an interrupted scan ends earlier (a warning). Dates are UTC.
Values are 32-bit: what the program exports as text is the same number with six digits.
"""

from pathlib import PurePath

from spectra.notes import Note, gettext_noop
from spectra.readers import facts, jasco_flat, ole
from spectra.readers.about import About
from spectra.readers.jasco_codes import JascoSpectrum, axis_of, channel_of, technique_of
from spectra.readers.jasco_flat import read_flat
from spectra.readers.jasco_ole import read_ole
from spectra.readers.over_range import blank_over_range
from spectra.readers.reading import Item, Reading
from spectra.spectrum import Spectrum

NAME, VERSION = "jasco_jws", 3
ABOUT = About(
    "JASCO binary (.jws, .jrs)",
    "V, FP, J, FT/IR and NRS series",
    (".jws", ".jrs"),
    ("uvvis", "pl_emission", "pl_excitation", "cd", "ir", "raman"),
    gettext_noop("Both kinds of container, several channels, axes stored point by point, settings and comments"),
    gettext_noop("Interval and temperature data (.jwb): export them as text."),
)


def sniff(head: bytes, tail: bytes, name: str) -> int:
    if head.startswith(jasco_flat.MAGIC):
        return 98
    if head.startswith(ole.MAGIC) and ole.has_names(head + tail, "DataInfo", "Y-Data"):
        return 98
    return 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a JASCO binary spectrum; the module's docstring is its specification."""
    found = read_flat(data) if data.startswith(jasco_flat.MAGIC) else read_ole(data)
    x_quantity, x_unit, warnings = axis_of(found.x_code)
    channels, warnings = [], [*found.warnings, *warnings]
    for code, values in found.channels:
        channel, notes = channel_of(code, values)
        channel, more = blank_over_range(channel)
        channels.append(channel)
        warnings += notes + more
    technique, source = technique_of(found, x_quantity, channels)
    if technique is None:
        text = gettext_noop("The file does not tell what was measured. Choose the technique by hand.")
        warnings.append(Note("technique_unknown", text))
    title = found.sample or PurePath(name).stem
    item = Item(
        Spectrum(found.x, channels, x_unit, x_quantity, title),
        technique,
        source,
        title,
        facts.role_from(found.sample, found.comment),
        _conditions(found, technique, title),
        found.facts,
    )
    return _assemble(found, item, warnings)


def _conditions(found: JascoSpectrum, technique: str | None, title: str):
    pairs = dict(found.facts)
    fixed = pairs.pop("Fixed wavelength", "")
    if fixed and technique in ("pl_emission", "pl_excitation"):
        pairs["Ex wavelength" if technique == "pl_emission" else "Em wavelength"] = fixed
    return facts.make_conditions(pairs, title)


def _assemble(found: JascoSpectrum, item: Item, warnings: list[Note]) -> Reading:
    return Reading(
        NAME,
        VERSION,
        (item,),
        instrument=f"JASCO {found.model}" if found.model else "JASCO",
        serial=found.serial,
        operator=found.operator,
        title=found.sample,
        comment=found.comment,
        measured_at=found.measured_at,
        measured_at_text=f"{found.measured_at:%Y-%m-%d %H:%M:%S} UTC" if found.measured_at else "",
        simulated=facts.is_simulated(found.sample, found.comment),
        warnings=tuple(warnings),
        decided={"container": found.container},
    )
