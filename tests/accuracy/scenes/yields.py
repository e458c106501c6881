"""Quantum yields, relative and in a sphere, and the rates that follow from them."""

import numpy as np

from tests.accuracy.scenes.scene import Scene, complete, gaussian, log_uniform, measured, spectrum, upstream
from tests.spectra.analysis.plqy_simulation import PHI_REF, World

LAMP = 0.003  # drift between two spectra, as the method states it by default

COARSE = (
    "too wide where the excitation line spans fewer than six points: noise is told from neighbouring points, and the line's "
    "shape counts as noise. With steps of 1 nm 92 % lie within 1 u, with 0.25 nm 74 %."
)


def _dilutions(rng):
    n = int(rng.integers(4, 8))
    return tuple(np.linspace(1 / n, 1, n) * rng.uniform(0.04, 0.12))


def relative(rng, i):
    """Every error that the method's parameters state, drawn with the size they state."""
    sample, standard, phi = _dilutions(rng), _dilutions(rng), rng.uniform(0.03, 0.98)
    world = World(
        phi=phi,
        sample_a=sample,
        sample_error=rng.normal(0, 0.01, len(sample)),
        sample_a_error=rng.normal(0, 5e-4, len(sample)),
        sample_offset=rng.normal(0, 1e-3),
        phi_ref=PHI_REF + rng.normal(0, 0.03),
        emission_factor=(1 + rng.normal(0, 0.02)) * (1 + rng.normal(0, 0.005)),
        standard_a=standard,
        standard_error=rng.normal(0, 0.01, len(standard)),
        standard_a_error=rng.normal(0, 5e-4, len(standard)),
        standard_offset=rng.normal(0, 1e-3),
    )
    return world.case(), {"plqy": phi}


def sphere(rng, i):
    """Three measurements, photon noise, a lamp that drifts between them."""
    phi, absorbed, beside = rng.uniform(0.05, 0.98), rng.uniform(0.1, 0.9), rng.uniform(0.02, 0.1)
    brightness, center, fwhm = log_uniform(rng, 5e5, 5e7), rng.uniform(440, 620), rng.uniform(12, 40)
    x = np.arange(350.0, center + 5 * fwhm, rng.choice([0.25, 0.5, 1.0]))
    lines = [gaussian(x, c, w) / (w * 1.064467) for c, w in ((372.0, rng.uniform(3, 6)), (center, fwhm))]

    def photons(excitation, emission):
        lamp, step = brightness * (1 + rng.normal(0, LAMP)), x[1] - x[0]
        expected = lamp * step * (excitation * lines[0] + emission * lines[1]) + 10.0 * step
        return spectrum(x, rng.poisson(expected) / step - 10.0)

    known = {"excitation_nm": 372.0, "spectrally_corrected": True, "intensity_unit": "photon"}
    inputs = (
        measured("empty", photons(1.0, 0.0), **known),
        measured("indirect", photons(1 - beside, beside * phi), **known),
        measured("direct", photons((1 - absorbed) * (1 - beside), phi * (absorbed + (1 - absorbed) * beside)), **known),
    )
    return complete("plqy_absolute", *inputs), {"plqy_absolute": phi, "absorptance": absorbed}


def rates(rng, i):
    phi, tau = rng.uniform(0.05, 0.85), log_uniform(rng, 0.5, 100)
    u_phi, u_tau = phi * rng.uniform(0.01, 0.05), tau * rng.uniform(0.003, 0.05)
    inputs = (
        upstream("plqy", "plqy", "1", rng.normal(phi, u_phi), u_phi),
        upstream("lifetime", "lifetime_ns", "ns", rng.normal(tau, u_tau), u_tau),
    )
    return complete("rates", *inputs), {"k_r_per_s": 1e9 * phi / tau, "k_nr_per_s": 1e9 * (1 - phi) / tau}


SCENES = (
    Scene("plqy", "dilution series", "Φ 0.03–0.98, 4–7 dilutions to A 0.04–0.12, all stated errors drawn", relative),
    Scene("plqy_absolute", "three measurements", "Φ 0.05–0.98, absorptance 0.1–0.9, 440–620 nm, 5×10⁵–5×10⁷ photons, lamp ± 0.3 %", sphere,
          limits={"plqy_absolute": COARSE}),
    Scene("rates", "Φ and τ", "Φ 0.05–0.85 ± 1–5 %, τ 0.5–100 ns ± 0.3–5 %", rates),
)  # fmt: skip
