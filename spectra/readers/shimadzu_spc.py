"""Shimadzu UVProbe spectra (.spc): an OLE2 container that shares its extension with Galactic's files.

Below ``DataStorage1/DataSetGroup`` each ``DataSet…`` holds::

    DataSpectrumStorage/Data/Data Header.1   u32 number of points
    DataSpectrumStorage/Data/X Data.1        f64 wavelengths [nm], in the order of the scan (mostly descending)
    DataSpectrumStorage/Data/Y Data.1        f64 ordinates (a text export rounds them to three digits)
    DataSpectrumStorage/DataHeader/Header Info   3 × f64: first x, last x, step
    DataSetHeaderInfo       texts (a length byte each): name, f64 date (days since 30 December 1899), operator, comment,
                            … company, program, version, model, series, … serial number
    MethodStorage/PageTexts…   8 bytes, then texts: a title in brackets, u32, keys (ending in a colon) with values

The measuring mode of the instrument page says whether y is absorbance, transmittance or reflectance.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts, ole
from spectra.readers.about import About
from spectra.readers.binary import Bytes, damaged, finite, ole_date
from spectra.readers.number_block import printed_number
from spectra.readers.over_range import blank_over_range
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.text import clean
from spectra.spectrum import Channel, Spectrum

NAME, VERSION = "shimadzu_spc", 2
ABOUT = About(
    "Shimadzu UVProbe (.spc)",
    "UV-1800 to UV-3600",
    (".spc",),
    ("uvvis",),
    gettext_noop("Spectra at full precision, several data sets, method and instrument"),
    gettext_noop("Other containers of UVProbe: export them as text."),
)
X_DATA = re.compile(r"(DataStorage\d+/.*?/?DataSet\d+)/DataSpectrumStorage/Data/X Data\.(\d+)$")
MODES = {
    "absorbance": ("absorbance", "1", "uvvis"),
    "transmittance": ("transmittance", "%", "uvvis"),
    "reflectance": ("reflectance", "%", "uvvis"),
    "energy": ("intensity", "[a.u.]", None),
}
KEYS = {"Slit Width": "Band width", "Path Length": "Path length"}
MAX_SETS = 500


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 98 if head.startswith(ole.MAGIC) and ole.has_names(head + tail, "DataStorage1", "DataSetGroup") else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a UVProbe file; the module's docstring is its specification."""
    container = ole.OleFile(data)
    places = [found for stream in container.names if (found := X_DATA.match(stream))]
    if not places:
        raise UnreadableFile(
            Note(
                "shimadzu_without_spectrum",
                gettext_noop("This UVProbe file holds no spectrum. Export the data as text."),
            )
        )
    items, warnings, first = [], [], None
    for found in places[:MAX_SETS]:
        item, header, notes = _item(container, found[1], found[2], PurePath(name).stem)
        items.append(item)
        warnings += notes
        first = first or header
    return Reading(
        NAME,
        VERSION,
        tuple(items),
        instrument=f"Shimadzu {first['model']}" if first["model"] else "Shimadzu",
        serial=first["serial"],
        operator=first["operator"],
        title=items[0].title,
        comment=first["comment"],
        measured_at=ole_date(first["days"]),
        measured_at_text=f"{moment:%Y-%m-%d %H:%M:%S}" if (moment := ole_date(first["days"])) else "",
        simulated=facts.is_simulated(items[0].title, first["comment"]),
        warnings=tuple(warnings),
        decided={"container": "UVProbe"},
    )


def _item(container: ole.OleFile, folder: str, number: str, stem: str) -> tuple[Item, dict, list[Note]]:
    x, y = _numbers(container, folder, number)
    said, header = _pages(container, folder), _header(container, folder)
    mode = said.get("Measuring Mode", "").lower().rstrip("%").strip()
    quantity, unit, technique = MODES.get(mode, ("unknown", said.get("Measuring Mode", ""), None))
    channel, warnings = blank_over_range(Channel(y, quantity, unit, name=said.get("Measuring Mode", "")))
    if technique is None:
        text = gettext_noop("The file does not tell what was measured. Choose the technique by hand.")
        warnings.append(Note("technique_unknown", text))
    title = _title(container, folder) or stem
    pairs = {KEYS[key]: _with_unit(value) for key, value in said.items() if key in KEYS}
    conditions = facts.make_conditions(pairs, title)
    role = facts.role_from(title, header["comment"])
    return (
        Item(Spectrum(x, [channel], "nm", "wavelength", title), technique, "file", title, role, conditions, said),
        header,
        warnings,
    )


def _with_unit(value: str) -> str:
    return f"{value} nm" if printed_number(value) is not None else value


def _numbers(container: ole.OleFile, folder: str, number: str) -> tuple[np.ndarray, np.ndarray]:
    data = f"{folder}/DataSpectrumStorage/Data"
    xs, ys = container.stream(f"{data}/X Data.{number}"), container.stream(f"{data}/Y Data.{number}")
    if f"{data}/Data Header.{number}" in container:
        n = container.stream(f"{data}/Data Header.{number}").one("<I", 0)
    else:
        n = len(xs) // 8
    if n < 1 or not len(xs) == len(ys) == 8 * n:
        raise damaged("X Data, Y Data")
    x, y = finite(xs.array("<f8", 0, n), "X Data"), finite(ys.array("<f8", 0, n), "Y Data")
    info = f"{folder}/DataSpectrumStorage/DataHeader/Header Info"
    if info in container:
        first, last = container.stream(info).many("<2d", 0)
        if sorted((first, last)) != sorted((float(x[0]), float(x[-1]))) and abs(first - x[0]) > 1e-6 * abs(first):
            raise damaged("Header Info")
    return x, y


def _header(container: ole.OleFile, folder: str) -> dict:
    """Texts with a length byte each; the order is that of the files met so far."""
    found = {"days": 0.0, "operator": "", "comment": "", "model": "", "serial": ""}
    name = f"{folder}/DataSetHeaderInfo"
    if name not in container:
        return found
    stream = container.stream(name)
    try:
        _, place = _text(stream, 0)
        found["days"] = stream.one("<d", place + 4 if stream.piece(place, 4) == bytes(4) else place)
        place += 12 if stream.piece(place, 4) == bytes(4) else 8
        found["operator"], place = _text(stream, place)
        found["comment"], place = _text(stream, place)
        rest = _texts_after(stream, place)
        _, *after = rest[rest.index("UVProbe") :] if "UVProbe" in rest else [""]
        if len(after) > 1:
            found["model"] = after[1]
            found["serial"] = after[-1] if len(after) > 3 and len(after[-1]) > 3 else ""
    except UnreadableFile:
        pass  # the curve does not depend on it
    return found


def _text(stream: Bytes, place: int) -> tuple[str, int]:
    size = stream.one("B", place)
    return clean(stream.piece(place + 1, size).decode("cp1252", "replace")), place + 1 + size


def _texts_after(stream: Bytes, place: int) -> list[str]:
    """Every text that stands behind its length, passing over what is none."""
    found = []
    while place < len(stream):
        size = stream.one("B", place)
        raw = stream.data[place + 1 : place + 1 + size]
        if size and len(raw) == size and all(byte >= 32 for byte in raw):
            found.append(clean(raw.decode("cp1252", "replace")))
            place += 1 + size
        else:
            place += 1
    return found


def _pages(container: ole.OleFile, folder: str) -> dict[str, str]:
    """Keys end in a colon; their values may be empty."""
    said = {}
    for name in container.names:
        if not name.startswith(f"{folder}/MethodStorage/PageTexts") or len(said) > 500:
            continue
        stream, place = container.stream(name), 8
        try:
            _, place = _text(stream, place)
            place += 4
            while place < len(stream):
                key, place = _text(stream, place)
                value, place = _text(stream, place)
                if key.endswith(":") and value:
                    said[key.rstrip(":")] = value
        except UnreadableFile:
            continue  # facts as far as they are understood
    return said


def _title(container: ole.OleFile, folder: str) -> str:
    name = f"{folder.split('/')[0]}/DataStorageName"
    if name not in container:
        return ""
    try:
        return _text(container.stream(name), 0)[0]
    except UnreadableFile:
        return ""
