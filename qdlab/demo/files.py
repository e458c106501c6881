"""The raw files of a simulated lab: what would lie on the instrument PCs after the measurements."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from qdlab.demo import instruments, physics
from qdlab.demo.truth import STANDARD_DILUTIONS, BatchTruth

BRIGHTNESS = 4.0e5  # photons that the detector reads per unit of absorptance, before the refractive index
N_TOLUENE, N_CYCLOHEXANE = 1.4969, 1.4265


@dataclass(frozen=True)
class RawFile:
    name: str
    content: bytes


def of_standard(bench: instruments.Bench, when: datetime) -> list[RawFile]:
    """The dilution series of 9,10-diphenylanthracene in cyclohexane: emission and absorbance of each dilution."""
    phi = 0.97 + bench.standard_phi_error
    offset = bench.absorbance_offset()
    files = []
    for number, scale in enumerate(STANDARD_DILUTIONS, start=1):
        title, at = f"DPA d{number}", when + timedelta(minutes=4 * number)
        photons = BRIGHTNESS * phi * bench.absorbed(physics.dpa_absorbance, scale) / N_CYCLOHEXANE**2
        emission = bench.emission(physics.DPA_EMISSION, photons)
        absorbance = bench.absorbance(physics.dpa_absorbance, scale, offset)
        files.append(
            RawFile(f"DPA_d{number}_PL.txt", instruments.jasco_emission(title, emission, at, solvent="cyclohexane"))
        )
        files.append(RawFile(f"DPA_d{number}_UV.txt", instruments.jasco_uvvis(title, absorbance, at)))
    return files


def of_sample(
    bench: instruments.Bench, truth: BatchTruth, code: str, when: datetime, japanese: bool = False
) -> list[RawFile]:
    """All files of one sample: the overview pair, the dilution series, and the decay."""
    if not truth.bands:
        return [_turbid(bench, code, when)]
    shape = _shape(truth)
    files = _pair(bench, truth, shape, code, "", 0.31, bench.absorbance_offset(), when, japanese)
    offset = bench.absorbance_offset()
    for number, scale in enumerate(truth.dilutions, start=1):
        at = when + timedelta(minutes=6 * number)
        files += _pair(bench, truth, shape, code, f"d{number}", scale, offset, at, japanese)
    counts, response = bench.decay(truth.lifetimes_ns, truth.shares)
    files.append(
        RawFile(f"{code}_decay.dat", instruments.picoharp(code, counts, response, when, truth.bands[0].peak_nm))
    )
    return files


def _shape(truth: BatchTruth):
    return lambda wavelength_nm: physics.dot_absorbance(wavelength_nm, truth.exciton_nm)


def _pair(bench, truth, shape, code, label, scale, offset, when, japanese) -> list[RawFile]:
    title = f"{code} {label}".strip()
    stem = f"{code}_{label}".strip("_")
    factor = N_TOLUENE**2 * (1 + bench.refractive_error)
    photons = BRIGHTNESS * truth.phi * bench.absorbed(shape, scale) / factor
    emission = bench.emission(truth.bands, photons, bench.correction_error)
    absorbance = bench.absorbance(shape, scale, offset)
    return [
        RawFile(f"{stem}_PL.txt", instruments.jasco_emission(title, emission, when, japanese, "toluene")),
        RawFile(f"{stem}_UV.txt", instruments.jasco_uvvis(title, absorbance, when, japanese)),
    ]


def _turbid(bench, code: str, when: datetime) -> RawFile:
    """The absorbance of a failed batch: nothing but scattered light."""
    wavelength_nm = instruments.ABSORPTION_NM
    scattered = 0.6 * (372.0 / wavelength_nm) ** 4 + 0.25 + bench.rng.normal(0, 5e-4, wavelength_nm.size)
    return RawFile(f"{code}_UV.txt", instruments.jasco_uvvis(code, np.asarray(scattered), when))
