"""The values of an elemental composition: atomic percents with their standard uncertainties."""

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True)
class AtomicFraction:
    element: str
    percent: float
    percent_u: float | None = None

    def __post_init__(self):
        if not (isfinite(self.percent) and 0 <= self.percent <= 100):
            raise ValueError(f"{self.element}: {self.percent} is not an atomic percent")
        if self.percent_u is not None and not isfinite(self.percent_u):
            raise ValueError(f"{self.element}: {self.percent_u} is not an uncertainty")


@dataclass(frozen=True)
class AtomicFractions:
    fractions: tuple[AtomicFraction, ...]
    beam_energy_kev: float | None = None
    n_spots: int | None = None
    title: str = ""

    def __post_init__(self):
        object.__setattr__(self, "fractions", tuple(self.fractions))
        if len({f.element for f in self.fractions}) != len(self.fractions):
            raise ValueError("an element is listed twice")
