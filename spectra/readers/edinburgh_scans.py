"""The scans of an Edinburgh export: what the header says of each column, and which columns belong together."""

import re
from dataclasses import dataclass, replace

import numpy as np

from spectra.readers.number_block import NumberBlock, printed_number
from spectra.readers.reading import UnreadableFile
from spectra.readers.terms import TIME_NS, Axis, normal, x_axis, y_column
from spectra.readers.vendor_rows import check_values, filled, wrong_columns

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


def scans_of(table: dict[str, list[str]], block: NumberBlock) -> list[Scan]:
    """One scan per column of ``block``; ``table`` is the header, key → one cell per scan."""
    columns = _columns(table, block.n_columns - 1)
    return [_scan(said, block, i + 1) for i, said in enumerate(columns)]


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
        n_said = round(min(abs(stop - start) / step, 1e9)) + 1  # a step of nearly nothing is none
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


def groups_of(scans: list[Scan]) -> list[list[Scan]]:
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
