"""Two analyses of one thing beside each other: numbers with their difference, and what of settings and inputs differs."""

from dataclasses import dataclass

from spectra import pipeline
from spectra.analysis import METHODS
from spectra.analysis.method import Estimate
from spectra.analysis.uncertainty import difference
from spectra.models import Analysis

CLEAR = 2.0  # standard uncertainties of the difference, from which two numbers are called different


@dataclass(frozen=True)
class Row:
    """One quantity of both; ``change`` is first − second with its ``u`` from independent errors alone."""

    name: str
    first: Estimate | None
    second: Estimate | None
    change: float | None = None
    u: float | None = None

    @property
    def unit(self) -> str:
        return (self.first or self.second).unit

    @property
    def in_u(self) -> float | None:
        return abs(self.change) / self.u if self.change is not None and self.u else None

    @property
    def verdict(self) -> str:
        """``same``, ``agree``, ``differ``, ``shared`` (all errors are shared: the difference is one of method) or empty."""
        if self.change is None:
            return ""
        if self.change == 0:
            return "same"
        if self.u is None:
            return ""
        if self.u == 0:
            return "shared"
        return "differ" if self.in_u > CLEAR else "agree"


def rows_of(first: Analysis, second: Analysis) -> list[Row]:
    a, b = pipeline.estimates_of(first), pipeline.estimates_of(second)
    return [_row(name, a.get(name), b.get(name)) for name in {**a, **b}]


def _row(name: str, a: Estimate | None, b: Estimate | None) -> Row:
    if a is None or b is None or a.value is None or b.value is None or a.unit != b.unit:
        return Row(name, a, b)
    change, u = difference(a, b)
    return Row(name, a, b, change, u)


def settings_of(first: Analysis, second: Analysis) -> list[tuple]:
    """``(label, of first, of second, whether they differ)`` of each setting, the version and the packages."""
    rows = [("version", first.method_version, second.method_version)]
    rows += [
        (name, first.packages.get(name), second.packages.get(name)) for name in {**first.packages, **second.packages}
    ]
    a, b = _complete(first), _complete(second)
    rows += [(name, a.get(name), b.get(name)) for name in {**a, **b}]
    return [(*row, row[1] != row[2]) for row in rows]


def _complete(analysis: Analysis) -> dict:
    method = METHODS.get(analysis.method)
    try:
        return method.complete(analysis.parameters) if method else analysis.parameters
    except ValueError:  # settings of another version
        return analysis.parameters


def inputs_of(first: Analysis, second: Analysis) -> list[tuple]:
    """``(given of first or None, given of second or None)`` by role and index."""
    a, b = ({(g.role, g.index): g for g in one.inputs.all()} for one in (first, second))
    return [(a.get(key), b.get(key)) for key in sorted({**a, **b})]


def differs(a, b) -> bool:
    names = ("measurement_id", "composition_id", "upstream_id")
    return a is None or b is None or any(getattr(a, name) != getattr(b, name) for name in names)
