"""What is true of the portions that go to other instruments: growing, aged, on a grid, in a device, in a sphere, in a CD cell.

The numbers are the article's where it states them (doi:10.21203/rs.3.rs-1464874/v1, Fig. 3g, 4 and 5a): 120 min of induction
with malate and none with oleate; sizes and their shares; half-lives on the shelf and under UV; electroluminescence of the
devices; atoms per particle. Everything else is made up.
"""

from dataclasses import dataclass

import numpy as np

from qdlab.demo.physics import Band

LAYER_NM = 0.59  # one lattice constant between dots of four and of five unit cells
LAMP_MW_CM2 = 10.0
SHELF_H = tuple(24.0 * day for day in (0, 7, 14, 21, 30, 40, 50))
UV_H = (0.0, 0.5, 1.0, 2.0, 4.0, 10.0)


@dataclass(frozen=True)
class Growth:
    """Emission while the dots form: a logistic rise after an induction, or, without one, at once."""

    peak: Band
    induction_min: float | None
    tau_min: float

    @property
    def midpoint_min(self) -> float:
        """Where the tangent at the midpoint of a logistic curve meets zero, two time constants lie before it."""
        return self.induction_min + 2 * self.tau_min

    def at(self, time_min: np.ndarray) -> np.ndarray:
        if self.induction_min is None:
            return -np.expm1(-time_min / self.tau_min)
        return 1 / (1 + np.exp(-(time_min - self.midpoint_min) / self.tau_min))


@dataclass(frozen=True)
class Sizes:
    """Diameters of a main population, and of one that is a layer larger."""

    center_nm: float
    share: float
    spread_nm: float = 0.12
    n: int = 300

    @property
    def mean_nm(self) -> float:
        return self.center_nm + (1 - self.share) * LAYER_NM


@dataclass(frozen=True)
class Particle:
    """Atoms per particle of 64 Pb, and its ligands with their oxygens."""

    bromine: float
    ligands: float
    oxygens: int
    cesium: float = 0.0
    charge: int = -1
    edge_nm: float = 2.45
    lead: int = 64

    @property
    def atoms(self) -> dict[str, float]:
        """Element → atoms per particle that EDX sees, carbon left out."""
        found = {"Br": self.bromine, "Pb": self.lead, "Cs": self.cesium, "O": self.ligands * self.oxygens}
        return {element: count for element, count in found.items() if count}

    @property
    def counter_ions(self) -> float:
        return self.bromine - self.charge * self.ligands - 2 * self.lead - self.cesium


@dataclass(frozen=True)
class Course:
    """A first-order loss, of a band that moves towards ``end_nm`` where it does."""

    band: Band
    half_life_h: float
    ages_h: tuple[float, ...]
    end_nm: float | None = None

    @property
    def rate_per_h(self) -> float:
        return float(np.log(2) / self.half_life_h)

    def left(self, age_h: float) -> float:
        return float(np.exp(-self.rate_per_h * age_h))

    def band_at(self, age_h: float) -> Band:
        if self.end_nm is None:
            return self.band
        moved = 1 - np.exp(-age_h / 3.0)
        return Band(
            self.band.peak_nm + moved * (self.end_nm - self.band.peak_nm), self.band.fwhm_nm * (1 + 0.5 * moved)
        )


@dataclass(frozen=True)
class Device:
    """Light that grows exponentially with the voltage, in one band that stays where it is."""

    band: Band
    turn_on_v: float  # where it reaches 1 % of what it gives at the highest voltage
    voltages: tuple[float, ...] = (4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0)

    def light(self, voltage_v: float) -> float:
        """Relative to the highest voltage."""
        return float(10 ** (-2 * (self.voltages[-1] - voltage_v) / (self.voltages[-1] - self.turn_on_v)))


@dataclass(frozen=True)
class Sphere:
    """A solution in an integrating sphere."""

    band: Band
    phi: float
    absorptance: float = 0.45
    from_the_wall: float = 0.08  # part of the excitation that the sample takes up beside the beam


@dataclass(frozen=True)
class Chirality:
    """Two Cotton effects of opposite sign at the excitonic peaks, for D; L is its mirror image."""

    exciton_nm: float = 443.0
    height_mdeg: float = 1.0
    fwhm_nm: float = 26.0
    second: float = -0.7  # of the first, 42 nm to the blue
    absorbance: float = 0.5  # at the exciton, relative to 1 at 372 nm of physics.dot_absorbance

    def theta(self, wavelength_nm: np.ndarray) -> np.ndarray:
        """[mdeg] of the D sample."""
        first = Band(self.exciton_nm, self.fwhm_nm, self.height_mdeg)(wavelength_nm)
        return first + Band(self.exciton_nm - 42, 30, self.second * self.height_mdeg)(wavelength_nm)


@dataclass(frozen=True)
class Further:
    """What else is done with the first batch of a recipe."""

    growth: Growth | None
    sizes: Sizes
    particle: Particle
    sphere: Sphere
    shelf: Course | None = None
    uv: Course | None = None
    device: Device | None = None


_BLUE, _CESIUM, _OLEATE = Band(453.0, 14.9), Band(463.0, 14.7), Band(454.0, 15.0)
FURTHER = {
    "1": Further(
        Growth(_BLUE, 120.0, 25.0), Sizes(2.46, 0.95), Particle(211, 9.0, 5), Sphere(_BLUE, 0.956),
        shelf=Course(_BLUE, 24.0 * 680, SHELF_H), uv=Course(Band(455.0, 15.0), 135.0, UV_H), device=Device(Band(456.0, 16.5), 6.2),
    ),
    "2": Further(
        None, Sizes(2.41, 0.91), Particle(237, 9.6, 5, cesium=58), Sphere(_CESIUM, 0.97),
        shelf=Course(_CESIUM, 24.0 * 40, SHELF_H), device=Device(Band(464.0, 15.0), 5.8),
    ),
    "3": Further(
        Growth(_OLEATE, None, 90.0), Sizes(2.42, 0.71), Particle(192, 8.0, 2), Sphere(_OLEATE, 0.24),
        uv=Course(_OLEATE, 2.0, UV_H, end_nm=530.0),
    ),
}  # fmt: skip
CHIRALITY = Chirality()
