"""PicoQuant binary files: unified (.phu histograms, .ptu photons with their time after the pulse) and PicoHarp .phd.

Unified files begin with ``PQHISTO`` or ``PQTTTR``; after 16 bytes come tags of 48 bytes: name (32), i32 index, u32 type, 8 bytes
of value (texts and arrays follow the tag, the value is their length) up to ``Header_End``.

* .phu: per curve ``HistResDscr_DataOffset``, ``…HistogramBins``, ``…MDescResolution`` [s], ``…IntegralCount`` (the sum of its u32 counts).
* .ptu in mode T3: ``TTResult_NumberOfRecords`` records of 32 bits. PicoHarp: 4 bits channel (15: overflow), 12 bits time; all others:
  1 bit special, 6 bits channel, 15 bits time; the time counts ``MeasDesc_Resolution`` [s]. The photons of each channel are counted
  into a histogram, which is what the instrument would have shown. Mode T2 has no time after the pulse and is refused.

.phd (``PicoHarp 300``, format 2.0): 692 bytes of header, 172 per curve: u32 counts at its offset, resolution [ns] **per curve**,
integral count. Counts that do not add up to their integral mean a damaged file.
"""

import struct
from datetime import UTC, datetime

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import Bytes, cut_short, damaged, ole_date, too_many_numbers
from spectra.readers.decays import Curve, decay_items
from spectra.readers.number_block import MAX_NUMBERS
from spectra.readers.photon_list import refusal
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.text import clean

NAME, VERSION = "picoquant_binary", 1
ABOUT = About(
    "PicoQuant binary (.phu, .ptu, .phd)",
    "PicoHarp, HydraHarp, TimeHarp, MultiHarp",
    (".phu", ".ptu", ".phd"),
    ("decay",),
    gettext_noop(
        "Histograms with their own resolution; photons of mode T3 are counted into the histogram of each channel"
    ),
    gettext_noop("Mode T2: save a histogram."),
)
HISTOGRAM, PHOTONS, PICOHARP = b"PQHISTO\x00", b"PQTTTR\x00", b"PicoHarp 300\x00"
TAG = struct.Struct("<32siI8s")
EMPTY, BOOL, INT, BITS, COLOUR, FLOAT, DATE = (
    0xFFFF0008,
    0x8,
    0x10000008,
    0x11000008,
    0x12000008,
    0x20000008,
    0x21000008,
)
FLOATS, ANSI, WIDE, BLOB = 0x2001FFFF, 0x4001FFFF, 0x4002FFFF, 0xFFFFFFFF
MAX_TAGS, MAX_CURVES = 20_000, 1_000
CHUNK = 2_000_000


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 98 if head.startswith((HISTOGRAM, PHOTONS, PICOHARP)) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a PicoQuant binary file; the module's docstring is its specification."""
    file = Bytes(data)
    if data.startswith(PICOHARP):
        return _read_phd(file)
    tags, end = _tags(file)
    curves = _histograms(file, tags) if data.startswith(HISTOGRAM) else _counted_photons(file, tags, end)
    said = {key: str(value) for (key, index), value in tags.items() if index < 0 and value not in ("", None)}
    moment = ole_date(tags.get(("File_CreatingTime", -1), 0.0))
    return _assemble(
        curves,
        said,
        said.get("HW_Type", ""),
        said.get("HW_SerialNo", ""),
        said.get("File_Comment", ""),
        moment,
        {"mode": "histogram" if data.startswith(HISTOGRAM) else "T3, counted here"},
    )


def _tags(file: Bytes) -> tuple[dict, int]:
    """Values by name and index, and where the header ends."""
    tags, place = {}, 16
    for _ in range(MAX_TAGS):
        raw, index, kind, value = TAG.unpack(file.piece(place, TAG.size))
        name, place = raw.split(b"\x00")[0].decode("latin-1"), place + TAG.size
        if name == "Header_End":
            return tags, place
        size = struct.unpack("<q", value)[0]
        if kind in (FLOATS, ANSI, WIDE, BLOB):
            content = file.piece(place, size)
            place += size
            encoding = "utf-16-le" if kind == WIDE else "cp1252"
            found = clean(content.decode(encoding, "replace").split("\x00")[0]) if kind in (ANSI, WIDE) else None
        elif kind in (FLOAT, DATE):
            found = struct.unpack("<d", value)[0]
        elif kind == BOOL:
            found = bool(size)
        elif kind in (INT, BITS, COLOUR, EMPTY):
            found = size
        else:
            raise damaged(name or "tags")
        tags[name, index] = found
    raise damaged("tags")


def _number(tags: dict, name: str, index: int = -1) -> float:
    value = tags.get((name, index))
    if not isinstance(value, (int, float)) or not np.isfinite(value):
        raise damaged(name)
    return value


def _histograms(file: Bytes, tags: dict) -> list[Curve]:
    n = int(_number(tags, "HistoResult_NumberOfCurves"))
    if not 1 <= n <= MAX_CURVES:
        raise damaged("HistoResult_NumberOfCurves")
    curves = []
    for i in range(n):
        offset, bins = (int(_number(tags, f"HistResDscr_{key}", i)) for key in ("DataOffset", "HistogramBins"))
        resolution = _number(tags, "HistResDscr_MDescResolution", i) * 1e9
        counts = _checked(file, offset, bins, tags.get(("HistResDscr_IntegralCount", i)))
        curves.append(_curve(counts, resolution, f"curve {int(tags.get(('HistResDscr_CurveIndex', i), i))}"))
    return curves


def _checked(file: Bytes, offset: int, bins: int, integral: int | None) -> np.ndarray:
    if bins < 1:
        raise damaged("bins")
    counts = file.array("<u4", offset, bins)
    if integral is not None and counts.sum() != integral:
        text = gettext_noop("The header says {key} = {said}, the rows say {found}. Export the file again.")
        values = {"key": "IntegralCount", "said": str(integral), "found": f"{counts.sum():.0f}"}
        raise UnreadableFile(Note("contradicts_header", text, values))
    return counts


def _curve(counts: np.ndarray, bin_ns: float, title: str) -> Curve:
    if not (np.isfinite(bin_ns) and 1e-6 < bin_ns < 1e9):
        raise damaged("resolution")
    return Curve(counts, float(np.round(bin_ns, 9)), title=title)


def _counted_photons(file: Bytes, tags: dict, place: int) -> list[Curve]:
    kind = int(_number(tags, "TTResultFormat_TTTRRecType"))
    if kind >> 8 & 0xFF == 2:
        raise refusal()
    if kind >> 8 & 0xFF != 3 or kind & 0xFF not in (3, 4, 5, 6, 7):
        raise damaged("TTResultFormat_TTTRRecType")
    n = int(_number(tags, "TTResult_NumberOfRecords"))
    if n < 1 or n > (len(file) - place) // 4:
        raise cut_short()
    resolution = _number(tags, "MeasDesc_Resolution") * 1e9
    bits = 12 if kind & 0xFF == 3 else 15
    found: dict[int, np.ndarray] = {}
    for start in range(0, n, CHUNK):
        records = np.frombuffer(file.data, "<u4", min(CHUNK, n - start), place + 4 * start)
        _count(records, bits, found)
    if not found:
        raise UnreadableFile(Note("no_counts", gettext_noop("This file has a header but no counts. Export it again.")))
    # empty time behind the last photon of all channels is cut off: it is the unused range of the clock
    used = max(int(np.flatnonzero(counts)[-1]) for counts in found.values()) + 1
    return [
        _curve(counts[:used].astype(float), resolution, f"channel {channel}")
        for channel, counts in sorted(found.items())
    ]


def _count(records: np.ndarray, bits: int, found: dict[int, np.ndarray]) -> None:
    """Add the photons of ``records`` to the histogram of each channel."""
    if bits == 12:
        channel, time = records >> 28, records >> 16 & 0xFFF
        photon = channel != 15
    else:
        channel, time = records >> 25 & 0x3F, records >> 10 & 0x7FFF
        photon = records >> 31 == 0
    for one in np.unique(channel[photon]):
        counts = np.bincount(time[photon & (channel == one)], minlength=1 << bits)
        found[int(one)] = found[int(one)] + counts if int(one) in found else counts


def _read_phd(file: Bytes) -> Reading:
    file.need(0, 692)
    if file.text(16, 6) != "2.0":
        raise damaged("format version")
    n = file.one("<i", 328)
    if not 1 <= n <= MAX_CURVES:
        raise damaged("curves")
    curves, total = [], 0
    for i in range(n):
        at = 692 + 172 * i
        resolution, bins = file.many("<fi", at + 92)
        integral, _, offset = file.many("<qii", at + 124)
        total += max(bins, 0)
        if total > MAX_NUMBERS:
            raise too_many_numbers()
        curves.append(_curve(_checked(file, offset, bins, integral), resolution, f"curve {file.one('<i', at)}"))
    recorded = file.one("<I", 692 + 4)
    moment = datetime.fromtimestamp(recorded, UTC) if recorded else None
    said = {"Comment": file.text(72, 256), "FileTime": file.text(52, 18), "Creator": file.text(22, 18)}
    said = {key: value for key, value in said.items() if value}
    serial = str(file.one("<i", 560))
    return _assemble(curves, said, file.text(536, 16), serial, said.get("Comment", ""), moment, {"mode": "histogram"})


def _assemble(
    curves: list[Curve], said: dict, instrument: str, serial: str, comment: str, moment, decided: dict
) -> Reading:
    items, warnings = decay_items(curves, facts.make_conditions({}, comment), said)
    return Reading(
        NAME,
        VERSION,
        tuple(items),
        instrument=f"PicoQuant {instrument}".strip(),
        serial=serial,
        title=comment.split("\n")[0][:200],
        comment=comment,
        measured_at=moment,
        measured_at_text=f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "",
        simulated=facts.is_simulated(comment),
        warnings=tuple(warnings),
        decided=decided,
    )
