"""The raw files of the portions, in the formats of the instruments that measure them; small, because there are many."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from qdlab.demo import instruments, physics
from qdlab.demo.files import RawFile
from qdlab.demo.portions import (
    LAMP_MW_CM2,
    LAYER_NM,
    Chirality,
    Course,
    Device,
    Growth,
    Particle,
    Sizes,
    Sphere,
)

GROWTH_NM = np.arange(410.0, 520.5, 2.0)
GROWTH_MIN = np.arange(0.0, 601.0, 4.0)
AGEING_NM = np.arange(390.0, 640.5, 1.0)
DEVICE_NM = np.arange(380.0, 780.5, 1.0)
SPHERE_NM = np.arange(350.0, 600.5, 1.0)
CD_NM = np.arange(520.0, 349.5, -1.0)
SPOTS, BEAM_KV = 20, 3
REFERENCE_BAND = physics.Band(515.0, 58.0)
SIMULATED = instruments.SIMULATED


@dataclass
class Errors:
    """What is wrong with the further instruments of one lab, drawn from what their methods declare."""

    bench: instruments.Bench

    def __post_init__(self):
        self.rng = np.random.default_rng([self.bench.seed, 3])
        self.bench = instruments.Bench(self.bench.seed)  # the same errors, and noise of its own
        self.bench.rng = self.rng
        self.magnification = self.rng.normal(0, 0.01)
        self.sphere = self.rng.normal(0, 0.03)
        self.coefficient = self.rng.normal(0, 0.1)  # of the molar absorption coefficient that the lab uses
        self.lamp: dict[tuple, float] = {}

    def lamp_at(self, *session) -> float:
        """The lamp of one day of measuring: the same for the samples and for the reference."""
        return self.lamp.setdefault(session, 1 + self.rng.normal(0, 0.03))


def of_growth(errors: Errors, truth: Growth, code: str, when: datetime) -> RawFile:
    """A spectrum every four minutes of the crude dispersion: one interval file."""
    bench = errors.bench
    seen = physics.total((truth.peak,), GROWTH_NM - bench.wavelength_error_nm(GROWTH_NM))
    ideal = 400 * seen[:, None] * truth.at(GROWTH_MIN)
    content = instruments.jasco_interval(f"{code} growth", GROWTH_NM, GROWTH_MIN, bench.noisy(ideal), when)
    return RawFile(f"{code}_growth.txt", content)


def of_sizes(errors: Errors, truth: Sizes, code: str) -> RawFile:
    """Diameters measured in images, as ImageJ lists them."""
    larger = errors.rng.random(truth.n) >= truth.share
    real_nm = truth.center_nm + LAYER_NM * larger + errors.rng.normal(0, truth.spread_nm, truth.n)
    shown = real_nm * (1 + errors.magnification)
    rows = [f"{k},{code} simulated {1 + k // 50:02d}.tif,{size:.3f}" for k, size in enumerate(shown, 1)]
    return RawFile(
        f"{code}_sizes_simulated.csv", "\n".join(["Particle,Image,Diameter (nm)", *rows, ""]).encode("ascii")
    )


def of_particle(errors: Errors, truth: Particle, code: str) -> RawFile:
    """Atomic percent of twenty spots, each of them 4 % off per element."""
    elements = list(truth.atoms)
    spots = np.array(list(truth.atoms.values())) * (1 + errors.rng.normal(0, 0.04, (SPOTS, len(elements))))
    spots *= 100 / spots.sum(axis=1, keepdims=True)
    rows = ["\t".join([f"Spot {k}", *(f"{p:.2f}" for p in spot), "100.00"]) for k, spot in enumerate(spots, 1)]
    head = [
        f"{code} ({SIMULATED})",
        f"kV: {BEAM_KV}",
        "All results in atomic %",
        "\t".join(["Spot", *elements, "Total"]),
    ]
    return RawFile(f"{code}_EDX_simulated.txt", "\r\n".join([*head, *rows, ""]).encode("ascii"))


def of_age(errors: Errors, truth: Course, session: str, age_h: float, code: str, when: datetime) -> RawFile:
    """The emission of an aged sample; the lamp is that of its day."""
    photons = 6000 * errors.lamp_at(session, age_h) * truth.left(age_h)
    return _aged(errors, truth.band_at(age_h), photons, f"{code} {age_h:g} h", f"{code}_{age_h:g}h_PL.txt", age_h, when)


def of_reference(errors: Errors, session: str, age_h: float, when: datetime) -> RawFile:
    """The stable emitter beside it, a block of dyed polymer."""
    title, photons = f"polymer block, {session} {age_h:g} h", 20_000 * errors.lamp_at(session, age_h)
    return _aged(errors, REFERENCE_BAND, photons, title, f"block_{session}_{age_h:g}h_PL.txt", age_h, when)


def _aged(errors, band, photons, title, name, age_h, when) -> RawFile:
    bench = errors.bench
    ideal = photons * physics.photons_per_nm((band,), AGEING_NM - bench.wavelength_error_nm(AGEING_NM))
    at = when + timedelta(hours=age_h)
    return RawFile(name, instruments.jasco_emission(title, bench.noisy(ideal), at, wavelength_nm=AGEING_NM))


def dose_j_cm2(age_h: float) -> float:
    return age_h * 3.6 * LAMP_MW_CM2


def of_device(errors: Errors, truth: Device, code: str, when: datetime) -> list[RawFile]:
    """Spectral radiance at the highest voltage from a spectroradiometer, and relative spectra over the voltage."""
    bench = errors.bench
    seen = physics.total((truth.band,), DEVICE_NM - bench.wavelength_error_nm(DEVICE_NM)) / DEVICE_NM  # power
    top = bench.noisy(400 * seen / seen.max()) * 1e-6
    labels = ["Data No.", "Date", "Sample name", "Unit", *(f"{nm:g}nm" for nm in DEVICE_NM)]
    row = ["1", when.strftime("%Y/%m/%d %H:%M:%S"), f"{code} ({SIMULATED})", "W/sr/m2/nm", *(f"{y:.6g}" for y in top)]
    single = "\n".join(["Model,CS-2000", ",".join(labels), ",".join(row), ""])
    ideal = 400 * (seen / seen.max())[:, None] * np.array([truth.light(v) for v in truth.voltages])
    part = slice(0, 221)  # up to 600 nm
    rows = [
        f"{x:g}\t" + "\t".join(f"{y:.5g}" for y in line)
        for x, line in zip(DEVICE_NM[part], bench.noisy(ideal)[part], strict=True)
    ]
    head = [
        f"{code} electroluminescence ({SIMULATED})",
        "Wavelength (nm)\t" + "\t".join(f"{v:g} V" for v in truth.voltages),
    ]
    return [
        RawFile(f"{code}_EL.csv", single.encode("ascii")),
        RawFile(f"{code}_EL_voltage_simulated.txt", "\n".join([*head, *rows, ""]).encode("ascii")),
    ]


def of_empty_sphere(errors: Errors, when: datetime) -> RawFile:
    content = _sphere(errors, "sphere empty, toluene", 1.0, (), 0.0, when)
    return RawFile("sphere_empty_PL.txt", content)


def of_sphere(errors: Errors, truth: Sphere, code: str, when: datetime) -> dict[str, RawFile]:
    """The sample in the beam and beside it, after de Mello: role → file."""
    wall, a = truth.from_the_wall, truth.absorptance
    parts = {"direct": ((1 - a) * (1 - wall), a + (1 - a) * wall), "indirect": (1 - wall, wall)}
    return {
        role: RawFile(
            f"{code}_{role}_PL.txt",
            _sphere(errors, f"{code} sphere {role}", left, (truth.band,), truth.phi * absorbed, when),
        )
        for role, (left, absorbed) in parts.items()
    }


def _sphere(errors, title, excitation, bands, emitted, when) -> bytes:
    """``excitation`` and ``emitted`` in photons per photon of the lamp, which drifts by 0.3 % between two spectra."""
    bench, drift = errors.bench, 1 + errors.rng.normal(0, 0.003)
    line = physics.photons_per_nm((physics.Band(instruments.EXCITATION_NM, 4.0),), SPHERE_NM)
    ideal = excitation * line
    if bands:
        ideal = ideal + emitted * (1 + errors.sphere) * physics.photons_per_nm(
            bands, SPHERE_NM - bench.wavelength_error_nm(SPHERE_NM)
        )
    photons = bench.noisy(3e4 * drift * ideal)
    return instruments.jasco_emission(
        title, photons, when, wavelength_nm=SPHERE_NM, accessory="Integrating sphere ILF-835"
    )


def of_chirality(errors: Errors, truth: Chirality, sign: int, code: str, when: datetime) -> RawFile:
    """CD, high tension and absorbance of a D (+1) or an L (−1) sample."""
    rng = errors.rng
    absorbance = cd_absorbance(truth, CD_NM) + rng.normal(0, 3e-4, CD_NM.size)
    theta = sign * truth.theta(CD_NM) + rng.normal(0, 0.04, CD_NM.size)
    content = instruments.jasco_cd(f"{code} CD", CD_NM, theta, 260 + 90 * absorbance, absorbance, when)
    return RawFile(f"{code}_CD.txt", content)


def cd_absorbance(truth: Chirality, wavelength_nm: np.ndarray) -> np.ndarray:
    shape = physics.dot_absorbance(np.append(wavelength_nm, truth.exciton_nm), truth.exciton_nm)
    return truth.absorbance * shape[:-1] / shape[-1]
