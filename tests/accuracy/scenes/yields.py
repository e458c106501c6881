"""Quantum yields, relative and in a sphere, and the rates that follow from them."""

import numpy as np

from tests.accuracy.scenes.scene import Scene, complete, measured, spectrum, upstream
from tests.spectra.analysis.plqy_simulation import PHI_REF, World

SPHERE_NM = np.arange(350.0, 560.0, 0.5)
LAMP = 0.003  # drift between two spectra, as the method states it by default


def relative(rng, i):
    """Every error that the method's parameters state, drawn with the size they state."""
    series = tuple(np.array([0.2, 0.4, 0.6, 0.8, 1.0]) * rng.uniform(0.06, 0.12))
    n, phi = len(series), rng.uniform(0.2, 0.98)
    world = World(
        phi=phi,
        sample_a=series,
        sample_error=rng.normal(0, 0.01, n),
        sample_a_error=rng.normal(0, 5e-4, n),
        sample_offset=rng.normal(0, 1e-3),
        phi_ref=PHI_REF + rng.normal(0, 0.03),
        emission_factor=(1 + rng.normal(0, 0.02)) * (1 + rng.normal(0, 0.005)),
        standard_a=(0.02, 0.04, 0.06, 0.08, 0.1),
        standard_error=rng.normal(0, 0.01, 5),
        standard_a_error=rng.normal(0, 5e-4, 5),
        standard_offset=rng.normal(0, 1e-3),
    )
    return world.case(), {"plqy": phi}


def sphere(rng, i):
    """Three measurements, photon noise, a lamp that drifts between them."""
    phi, absorbed, beside = rng.uniform(0.1, 0.98), rng.uniform(0.15, 0.85), rng.uniform(0.02, 0.1)
    brightness = 10 ** rng.uniform(6, 7.5)

    def photons(excitation, emission):
        shape = [np.exp(-4 * np.log(2) * ((SPHERE_NM - c) / w) ** 2) / (w * 1.0645) for c, w in ((372, 4), (453, 15))]
        lamp = brightness * (1 + rng.normal(0, LAMP))
        return spectrum(SPHERE_NM, rng.poisson(lamp * (excitation * shape[0] + emission * shape[1]) + 10.0) - 10.0)

    known = {"excitation_nm": 372.0, "spectrally_corrected": True, "intensity_unit": "photon"}
    inputs = (
        measured("empty", photons(1.0, 0.0), **known),
        measured("indirect", photons(1 - beside, beside * phi), **known),
        measured("direct", photons((1 - absorbed) * (1 - beside), phi * (absorbed + (1 - absorbed) * beside)), **known),
    )
    return complete("plqy_absolute", *inputs), {"plqy_absolute": phi, "absorptance": absorbed}


def rates(rng, i):
    phi, tau, u_phi, u_tau = rng.uniform(0.2, 0.85), rng.uniform(3, 20), 0.03, 0.02
    seen = rng.normal([phi, tau], [u_phi * phi, u_tau * tau])
    inputs = (
        upstream("plqy", "plqy", "1", seen[0], u_phi * seen[0]),
        upstream("lifetime", "lifetime_ns", "ns", seen[1], u_tau * seen[1]),
    )
    return complete("rates", *inputs), {"k_r_per_s": 1e9 * phi / tau, "k_nr_per_s": 1e9 * (1 - phi) / tau}


SCENES = (
    Scene("plqy", "five dilutions each", "Φ 0.2–0.98, A to 0.06–0.12, all stated errors drawn", relative),
    Scene("plqy_absolute", "three measurements", "Φ 0.1–0.98, absorptance 0.15–0.85, 10⁶–3×10⁷ photons, lamp ± 0.3 %", sphere),
    Scene("rates", "Φ and τ", "Φ 0.2–0.85 ± 3 %, τ 3–20 ns ± 2 %", rates),
)  # fmt: skip
