"""Applied Photophysics Chirascan and stopped-flow instruments: Pro-Data csv.

Layout::

    ProDataCSV
    Title:                              the text may stand behind the key or on the next line; Remarks: likewise
    Last Modified: …
    Available Dimensions:,3
    Time,128 time points over 0.00179679s,linear,oversampled       the unit stands in the description
    Repeat,3 repeats in set.
    Wavelength,Wavelength: 534nm
    Available Properties: ,3
    Rel_Absorbance,Rel_Absorbance       CircularDichroism, HV, Absorbance …
    Data:
    Rel_Absorbance                      one block per property, and per value of a dimension that stands still
    Wavelength:,534
    Time,Repeat                         down, across
    ,1,2,3,
    -9.89E-07,-0.000142698,5.22E-05,2.94E-05
    History: …                          User, Version, Time Stamp

Properties on the same axes are channels of one item; two dimensions make a series over the one that stands across. Spectra
written with the wavelengths across are turned, so that x is the wavelength. Counts of points are rounded in the header:
a difference is a warning.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek
from spectra.readers.number_block import NumberBlock, bad_row, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import Column
from spectra.readers.text import TextFile, clean, find_blocks, open_text
from spectra.readers.vendor_reading import channel_of, first_of, marks, pairs_of, told, vendor_reading
from spectra.readers.vendor_rows import BLANKS, check_values, no_rows, refuse_broken_end, wrong_columns
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "chirascan", 2
ABOUT = About(
    "Applied Photophysics Pro-Data csv",
    "Chirascan, SX20 stopped flow",
    (".csv",),
    ("cd", "uvvis", "kinetics"),
    gettext_noop("CD, HT and absorbance as channels; repeats, temperature ramps and kinetics as series"),
    gettext_noop("The binary .dsx: export it as csv."),
)
DATA = re.compile(r"^Data:[,; \t]*$", re.M)
HISTORY = re.compile(r"^History\b|^-{20,}|^DataStore", re.M)
CONSTANT = re.compile(r"(\w[\w ]*):[,;]\s*([^,;]+)")
PROPERTIES = (
    (r"circular ?dichroism|^cd$", Column("ellipticity", "mdeg")),
    (r"^hv$|high ?voltage", Column("voltage", "V", "HT")),
    (r"baseline.*volt|volt.*", Column("voltage", "V", "reference")),
    (r".*volt$", Column("voltage", "V")),
    (r"(?:rel_?)?absorb.*", Column("absorbance", "1")),
    (r"transmit.*", Column("transmittance", "%")),
    (r"fluoresc.*|emission.*", Column("intensity", "[a.u.]")),
    (r"count.*", Column("counts", "{counts}")),
)
DIMENSIONS = {"wavelength": ("wavelength", "nm"), "time": ("time", "s"), "temperature": ("temperature", "Cel")}
MANY_WAVELENGTHS = 5


@dataclass(frozen=True)
class Part:
    """One block of the file: a property over one or two dimensions."""

    name: str
    down: str
    across: str
    fixed: tuple[tuple[str, str], ...]
    x: np.ndarray
    z: np.ndarray | None
    y: np.ndarray

    def key(self) -> tuple:
        z = () if self.z is None else tuple(self.z)
        return self.down, self.across, self.fixed, self.x.tobytes(), z


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 98 if peek(head).lstrip("\ufeff \r\n").startswith("ProDataCSV") else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a Pro-Data csv; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    found = DATA.search(file.text)
    if found is None:
        raise UnreadableFile(no_rows())
    start = file.line_of(found.start())
    history = HISTORY.search(file.text, found.end())
    end = file.line_of(history.start()) if history else file.n_lines
    header = [line.rstrip(BLANKS) for line in file.lines(0, min(start, 2000))]
    dimensions, properties = _listed(header, "Available Dimensions"), _listed(header, "Available Properties")
    parts, blocks = _parts(file, start + 1, end, dimensions, properties)
    missing = [name for name in properties if name not in {part.name for part in parts}]
    if not parts or missing:
        raise UnreadableFile(no_rows() if not parts else wrong_columns(len(properties), len(properties) - len(missing)))
    said = told(pairs_of([line for line in header if ":" in line], re.compile(r":[ ,;]*")))
    log = pairs_of(file.lines(end, end + 200), re.compile(r"\s*:\s*"))
    title = _text_of(header, "Title") or stem
    items, warnings = _items(parts, title, {**said, **told(log)})
    warnings += _counted(dimensions, parts)
    if history is None:
        text = gettext_noop(
            "The history after the numbers is missing: should the file be cut off, its last ones are missing."
        )
        warnings.append(Note("no_end", text))
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings,
        marks(blocks[0]),
        date=first_of(log, "Time Stamp") or first_of(said, "Last Modified"),
        instrument=f"Applied Photophysics {first_of(log, 'Version').partition(' Build')[0]}".strip(" :"),
        operator=first_of(log, "User"),
        title=title,
        comment=_text_of(header, "Remarks"),
    )


def _listed(header: list[str], key: str) -> dict[str, str]:
    """Name → description of the lines below ``Available …:,n``."""
    for k, line in enumerate(header):
        found = re.match(rf"{key}:[ ,;]*(\d+)", line)
        if found:
            rows = [re.split(r"[,;]", row, maxsplit=1) for row in header[k + 1 : k + 1 + min(int(found[1]), 50)]]
            return {clean(row[0]): clean(row[-1]) for row in rows if row[0].strip()}
    return {}


def _text_of(header: list[str], key: str) -> str:
    """The text behind ``Title:`` or on the line below it."""
    for k, line in enumerate(header):
        if line.startswith(f"{key}:"):
            below = header[k + 1] if k + 1 < len(header) else ""
            return clean(line[len(key) + 1 :]) or ("" if ":" in below else clean(below))
    return ""


def _parts(file: TextFile, first: int, end: int, dimensions: dict, properties: dict):
    parts, blocks, above = [], [], first
    for block in find_blocks(file, first, end):
        if block.end_line - block.first_line == 1 and not file.line(block.first_line)[:1].strip(BLANKS):
            continue  # the values across, in other columns than the rows
        refuse_broken_end(file, block, end)
        parts.append(_part(file, above, block, dimensions, properties))
        blocks.append(block)
        above = block.end_line
    return parts, blocks


def _part(file: TextFile, above: int, block: NumberBlock, dimensions: dict, properties: dict) -> Part:
    words = [line.strip(BLANKS) for line in file.lines(above, block.first_line) if line.strip(BLANKS)]
    z, rows = None, block.rows
    if np.isnan(rows[0, 0]):
        z, rows = rows[0, 1:], rows[1:]
    elif words and not file.line(block.first_line - 1)[:1].strip(BLANKS):
        z = _across(file, block.first_line - 1)
        words = words[:-1]
    axes = next((line for line in words if re.split(r"[,;]", line)[0].strip() in dimensions), "")
    cells = [cell.strip() for cell in re.split(r"[,;]", axes) if cell.strip()]
    name = next((line for line in words if line in properties), "")
    fixed = tuple((found[1], found[2].strip()) for line in words if (found := CONSTANT.fullmatch(line)))
    known = len(words) == bool(axes) + bool(name) + len(fixed)
    if not (name and cells and known and len(rows)) or np.isnan(rows[:, 0]).any():
        raise UnreadableFile(bad_row(block.first_line, file.line(max(block.first_line - 1, 0))))
    if z is not None and z.size != rows.shape[1] - 1:
        raise UnreadableFile(wrong_columns(z.size + 1, rows.shape[1]))
    if z is None and rows.shape[1] != 2:
        raise UnreadableFile(wrong_columns(2, rows.shape[1]))
    return Part(name, cells[0], cells[1] if len(cells) > 1 else "", fixed, rows[:, 0], z, rows[:, 1:])


def _across(file: TextFile, line: int) -> np.ndarray:
    cells = [cell for cell in re.split(r"[,;]", file.line(line).strip(BLANKS)) if cell.strip()]
    values = [printed_number(cell) for cell in cells]
    if None in values:
        raise UnreadableFile(bad_row(line + 1, file.line(line)))
    return np.array(values)


def _items(parts: list[Part], title: str, said: dict[str, str]) -> tuple[list[Item], list[Note]]:
    groups: dict[tuple, list[Part]] = {}
    for part in parts:
        groups.setdefault(part.key(), []).append(part)
    items, warnings = [], []
    for group in groups.values():
        group.sort(key=lambda part: _column(part.name).role != "signal" or _column(part.name).quantity == "voltage")
        first = group[0]
        name = title if len(groups) == 1 else f"{title} {', '.join(' '.join(pair) for pair in first.fixed)}".strip()
        value, notes = _value(group, name)
        metadata = {**said, **dict(first.fixed)}
        conditions = facts.make_conditions(dict(first.fixed), name)
        items.append(Item(value, _technique(value), "rule", name, facts.role_from(name), conditions, metadata))
        warnings += notes
    return items, warnings


def _column(name: str) -> Column:
    return next((column for word, column in PROPERTIES if re.search(word, name, re.I)), Column("unknown", ""))


def _value(group: list[Part], title: str) -> tuple[Spectrum | Series, list[Note]]:
    first, warnings, spectra = group[0], [], []
    down, across, x, z = first.down, first.across, first.x, first.z
    tables = [part.y for part in group]
    if (
        across.casefold() == "wavelength"
        and down.casefold() != "wavelength"
        and z is not None
        and z.size >= MANY_WAVELENGTHS
    ):
        down, across, x, z, tables = across, down, z, x, [table.T for table in tables]
    quantity, unit = _dimension(down)
    for k in range(tables[0].shape[1]):
        channels = []
        for part, table in zip(group, tables, strict=True):
            channel, notes = channel_of(table[:, k], part.name, _column(part.name))
            channels.append(channel)
            warnings += notes
        spectra.append(Spectrum(x, channels, unit, quantity, title))
    if z is None:
        return spectra[0], warnings
    return Series(spectra, z, *_dimension(across), title), warnings


def _dimension(name: str) -> tuple[str, str]:
    return DIMENSIONS.get(name.casefold(), (name.casefold()[:24] or "unknown", "1" if name == "Repeat" else ""))


def _technique(value: Spectrum | Series) -> str | None:
    spectrum = value.spectra[0] if isinstance(value, Series) else value
    if spectrum.x_quantity == "time":
        return "kinetics"
    if spectrum.x_quantity != "wavelength":
        return "generic"
    return {"ellipticity": "cd", "absorbance": "uvvis", "transmittance": "uvvis"}.get(spectrum.signal.quantity)


def _counted(dimensions: dict[str, str], parts: list[Part]) -> list[Note]:
    notes = []
    for name, description in dimensions.items():
        found = re.match(r"(\d{1,9}) (?:\w+ )?(?:points|repeats|wavelengths|steps)", description)
        sizes = [part.x.size for part in parts if part.down == name]
        sizes += [part.z.size for part in parts if part.across == name and part.z is not None]
        if found and sizes:
            notes += check_values({}, float(found[1]), sizes[0])
    return notes
