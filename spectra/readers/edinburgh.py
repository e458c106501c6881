"""Edinburgh Instruments F980 and Fluoracle text exports (txt with tabs, csv with commas).

Layout::

    M0                              a title line and a blank line may come first
    Labels <sep> Em 1 <sep> Em 2 <sep>      one cell per scan; every line ends in a separator
    Type <sep> Emission Scan <sep> …        the technique
    Comment, Start, Stop, Step
    Fixed/Offset <sep> 460.00               the wavelength that stood still; −100, 0 or blank: not known;
                                            of a synchronous scan the distance of the monochromators
    Xaxis <sep> Wavelength                  in nm; or ``Time(ns)`` (XAxis), ``Time(s)``
    Yaxis <sep> Counts                      or Absorbance, Transmittance
    Scan Slit, Fixed/Offset Slit [nm], Repeats, Dwell Time [s], Lamp, Temp (unit not told), Detector …
                                            older versions stop after YAxis
    (blank line)
    x <sep> y1 <sep> y2 <sep>

Start and Stop must be the first and the last x of each scan, Step must lead from one to the other. Columns that differ
in nothing but their label are repeated scans: a series over the number of the scan; columns that differ in
Fixed/Offset alone are a series over that wavelength (a map). A scan that is shorter than others has empty cells.
Time scans on equal steps are decays, one per column.
"""

import re
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decays import Curve, bin_from_axis, decay_items, finite_counts
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import NumberBlock, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import TIME_NS, Axis, normal, x_axis, y_column
from spectra.readers.text import TextFile, clean, open_text, refuse_open_end
from spectra.readers.vendor_reading import channel_of, marks, told, vendor_reading
from spectra.readers.vendor_rows import check_values, filled, rows_below, wrong_columns
from spectra.spectrum import Series, Spectrum

NAME, VERSION = "edinburgh", 1
ABOUT = About(
    "Edinburgh F980 and Fluoracle",
    "FLS980, FLS1000, FS5, LifeSpec",
    (".txt", ".csv"),
    ("pl_emission", "pl_excitation", "uvvis", "decay", "kinetics", "raman"),
    gettext_noop(
        "Several scans in a file, repeats and maps as series, decays and instrument responses, excitation, slits and dwell time"
    ),
    gettext_noop("The binary .FS and .FL: export them as text."),
)
LABELS = re.compile(r"^\"?Labels\"?[\t,;]", re.M)
TYPE = re.compile(r"^\"?Type\"?[\t,;]", re.M)
MAX_HEADER = 80
TECHNIQUES = (
    (r"synchronous", None),
    (r"excitation", "pl_excitation"),
    (r"emission", "pl_emission"),
    (r"kinetic", "kinetics"),
    (r"absor|transm|reflect", "uvvis"),
    (r"raman", "raman"),
)
BOUNDED = ("absorbance", "transmittance", "reflectance")


@dataclass(frozen=True)
class Scan:
    """One column: what the header says of it, and its curve."""

    said: dict[str, str]
    x: np.ndarray
    y: np.ndarray
    axis: Axis
    technique: str | None

    @property
    def label(self) -> str:
        return self.said.get("labels", "")

    def fixed_nm(self) -> float | None:
        value = printed_number(self.said.get("fixed/offset", ""))
        return value if value is not None and 100 < value < 5000 else None


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    found = LABELS.search(text) if "Labels" in text else None
    if not found or text.count("\n", 0, found.start()) > 5:
        return 0
    return 95 if TYPE.search(text, found.start()) else 50


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read an Edinburgh export; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    start = LABELS.search(file.text)
    first = file.line_of(start.start()) if start else 0
    table, below = _header(file, first)
    block = rows_below(file, below)
    columns = _columns(table, block.n_columns - 1)
    scans = [_scan(said, block, i + 1) for i, said in enumerate(columns)]
    warnings = refuse_open_end(file, block)
    items = []
    for group in _groups(scans):
        made, notes = _items(group, stem)
        items += made
        warnings += notes
    title = clean(" ".join(line for line in file.lines(0, first) if line.strip()))
    return vendor_reading(
        NAME,
        VERSION,
        file,
        items,
        warnings,
        marks(block),
        instrument="Edinburgh Instruments",
        title=title or scans[0].label or stem,
        comment=scans[0].said.get("comment", ""),
    )


def _header(file: TextFile, first: int) -> tuple[dict[str, list[str]], int]:
    """Key → one cell per scan, and the line where the header ends."""
    sign = next((sign for sign in "\t;," if sign in file.line(first)), "\t")
    table, line = {}, first
    while line < min(file.n_lines, first + MAX_HEADER):
        key, *cells = file.line(line).split(sign)
        if not key.strip(' "') or printed_number(key) is not None:
            break
        table.setdefault(normal(clean(key)), [clean(cell) for cell in cells])
        line += 1
    return table, line


def _columns(table: dict[str, list[str]], n: int) -> list[dict[str, str]]:
    """What the header says of each of the ``n`` scans."""
    types = table.get("type", [])
    n_types = len(types) - (len(types) > 0 and not types[-1])
    if n < 1 or (n_types and n_types != n):
        raise UnreadableFile(wrong_columns(n_types + 1, n + 1))
    columns = [{} for _ in range(n)]
    for key, cells in table.items():
        if n == 1:
            cells = [", ".join(cell for cell in cells if cell)]  # a label may hold the separator itself
        elif len(cells) < n or any(cells[n:]):
            cells = [""] * n
        for said, cell in zip(columns, cells, strict=False):
            said[key] = cell
    return columns


def _scan(said: dict[str, str], block: NumberBlock, column: int) -> Scan:
    axis = x_axis(said.get("xaxis", "")) or Axis("unknown", "")
    if axis.quantity == "wavelength" and not axis.unit:
        axis = replace(axis, unit="nm")
    part = filled(block.rows[:, column])
    x, y = block.rows[part, 0], block.rows[part, column]
    n_said = None
    start, stop, step = (printed_number(said.get(key, "")) for key in ("start", "stop", "step"))
    if None not in (start, stop, step) and step > 0:
        n_said = round(abs(stop - start) / step) + 1
    stated = {"Start": (said.get("start", ""), float(x[0])), "Stop": (said.get("stop", ""), float(x[-1]))}
    notes = check_values(stated, n_said, x.size)
    if notes and x.size > 1:
        check_values({"Step": (said["step"], abs(float(x[-1] - x[0])) / (x.size - 1))})
    return Scan(said, x, y, axis, _technique(said, axis))


def _technique(said: dict[str, str], axis: Axis) -> str | None:
    kind, column = normal(said.get("type", "")), y_column(said.get("yaxis", ""))
    if axis.quantity == "time":
        return "kinetics" if "kinetic" in kind or axis.unit not in TIME_NS else "decay"
    if column is not None and column.quantity in BOUNDED and axis.quantity == "wavelength":
        return "uvvis"
    if axis.quantity not in ("wavelength", "wavenumber", "energy"):
        return "generic" if kind else None
    return next((technique for word, technique in TECHNIQUES if re.search(word, kind)), None)


def _groups(scans: list[Scan]) -> list[list[Scan]]:
    """Scans that belong together: all decays; repeated scans; a map over the fixed wavelength."""
    groups: list[list[Scan]] = []
    for scan in scans:
        last = groups[-1] if groups else None
        if last and _belongs(scan, last):
            last.append(scan)
        else:
            groups.append([scan])
    return groups


def _belongs(scan: Scan, group: list[Scan]) -> bool:
    first = group[0]
    if scan.technique == "decay":
        return first.technique == "decay" and scan.axis == first.axis
    differing = _differing(first, scan)
    if differing - {"fixed/offset"} or scan.x.shape != first.x.shape or not np.array_equal(scan.x, first.x):
        return False
    repeated = [_differing(first, other) for other in group[1:]]
    return all(other == differing for other in repeated) and (differing or _same_name(first.label, scan.label))


def _differing(one: Scan, other: Scan) -> set[str]:
    return {key for key in one.said if key not in ("labels", "comment") and one.said[key] != other.said.get(key)}


def _same_name(one: str, other: str) -> bool:
    """``Em 1`` and ``Em 2`` are repeats; ``sample A`` and ``sample B`` are not."""
    return re.sub(r"[\s_\-(]*\d+\)?$", "", one) == re.sub(r"[\s_\-(]*\d+\)?$", "", other)


def _items(group: list[Scan], stem: str) -> tuple[list[Item], list[Note]]:
    if group[0].technique == "decay":
        return _decays(group, stem)
    spectra, warnings = [], []
    for scan in group:
        spectrum, notes = _spectrum(scan)
        spectra.append(spectrum)
        warnings += notes
    title = group[0].label or stem
    if len(group) == 1:
        value = spectra[0]
    else:
        z, quantity, unit = _third_axis(group)
        title = re.sub(r"[\s_\-(]*\d+\)?$", "", title) or title
        value = Series(spectra, z, quantity, unit, title)
    conditions = _conditions(group, stem)
    item = Item(value, group[0].technique, "file", title, facts.role_from(title, stem), conditions, told(group[0].said))
    return [item], warnings


def _third_axis(group: list[Scan]) -> tuple[np.ndarray, str, str]:
    fixed = [scan.fixed_nm() for scan in group]
    if None not in fixed and len(set(fixed)) == len(fixed):
        quantity = "emission" if group[0].technique == "pl_excitation" else "excitation"
        return np.array(fixed), quantity, "nm"
    return np.arange(1.0, len(group) + 1), "repeat", "1"


def _spectrum(scan: Scan) -> tuple[Spectrum, list[Note]]:
    channel, notes = channel_of(scan.y, scan.said.get("yaxis", ""))
    return Spectrum(scan.x, [channel], scan.axis.unit, scan.axis.quantity, scan.label), notes


def _conditions(group: list[Scan], stem: str) -> Conditions:
    scan = group[0]
    known: dict = {}
    names = {"pl_emission": ("excitation", "emission"), "pl_excitation": ("emission", "excitation")}
    if scan.technique in names:
        fixed, scanned = names[scan.technique]
        if len({other.fixed_nm() for other in group}) == 1 and scan.fixed_nm() is not None:
            known[f"{fixed}_nm"] = scan.fixed_nm()
        for key, name in (("fixed/offset slit", fixed), ("scan slit", scanned)):
            width = printed_number(scan.said.get(key, ""))
            if width is not None and 0 < width < 500:
                known[f"{name}_bandwidth_nm"] = width
        flag = {"true": True, "false": False}.get(normal(scan.said.get("scan corr. by file", "")))
        if flag is not None and scan.technique == "pl_emission":
            known["spectrally_corrected"] = flag
    return facts.make_conditions({}, scan.label, stem, **known)


def _decays(group: list[Scan], stem: str) -> tuple[list[Item], list[Note]]:
    curves = []
    for number, scan in enumerate(group, 1):
        per_ns = TIME_NS[scan.axis.unit]
        bin_ns = bin_from_axis(scan.x * per_ns)
        if bin_ns is None:
            return _uneven(group, stem)
        bin_ns = _as_printed(scan.said.get("step", ""), per_ns, bin_ns)
        names = (scan.label, stem) if len(group) == 1 else (scan.label,)
        role = "IRF" if facts.role_from(*names) == "IRF" else None
        title = scan.label or f"{stem} {number}"
        curves.append(Curve(finite_counts(scan.y), bin_ns, float(scan.x[0]) * per_ns, title, role))
    items, warnings = decay_items(curves, Conditions(), {})
    conditions = [facts.make_conditions({}, scan.label, stem) for scan in group]
    return [
        replace(item, conditions=known, metadata=told(scan.said))
        for item, known, scan in zip(items, conditions, group, strict=True)
    ], warnings


def _as_printed(step: str, per_ns: float, bin_ns: float) -> float:
    """The step as the header prints it, which is rounded less than the times are."""
    said = printed_number(step)
    return said * per_ns if said is not None and abs(said * per_ns - bin_ns) <= 1e-5 * bin_ns else bin_ns


def _uneven(group: list[Scan], stem: str) -> tuple[list[Item], list[Note]]:
    """Times at unequal steps are no histogram."""
    items, warnings = [], []
    for scan in group:
        made, notes = _items([replace(scan, technique="kinetics")], stem)
        items += made
        warnings += notes
    return items, warnings
