"""Particles: sizes from microscopy and composition from X-rays."""

import numpy as np

from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.sizes import Sizes
from tests.accuracy.scenes.scene import Scene, complete, measured

MAGNIFICATION = 0.01


def two_sizes(rng, i):
    n, share, center, apart = int(rng.integers(150, 500)), rng.uniform(0.65, 0.95), rng.uniform(2.3, 2.6), 0.59
    spread = rng.uniform(0.1, 0.17)
    small = rng.binomial(n, share)
    values = np.concatenate([rng.normal(center, spread, small), rng.normal(center + apart, spread, n - small)])
    sizes = Sizes(values * (1 + rng.normal(0, MAGNIFICATION)), "diameter", "Diameter (nm)")
    return complete("tem_diameters", measured("sizes", sizes)), {
        "tem_mean_nm": center + (1 - share) * apart,
        "tem_spread_nm": float(np.sqrt(spread**2 + share * (1 - share) * apart**2)),
        "population_center_nm": center,
        "population_spread_nm": spread,
        "population_share": share,
        "larger_share": 1 - share,
    }


def one_size(rng, i):
    center, spread = rng.uniform(2.2, 10), rng.uniform(0.05, 0.12)
    values = rng.normal(center, spread * center, int(rng.integers(40, 300))) * (1 + rng.normal(0, MAGNIFICATION))
    sizes = Sizes(values, "diameter", "Diameter (nm)")
    return complete("tem_diameters", measured("sizes", sizes)), {
        "tem_mean_nm": center,
        "tem_spread_nm": spread * center,
        "population_center_nm": center,
        "population_spread_nm": spread * center,
    }


def composition(rng, i):
    """Percents with independent errors of 1–3 %; ligands counted by their oxygens."""
    atoms = np.array([rng.uniform(50, 85), 64.0, rng.uniform(210, 240), 5 * rng.uniform(5, 15)])
    percent = 100 * atoms / atoms.sum()
    u = percent * rng.uniform(0.01, 0.03, 4)
    seen = rng.normal(percent, u)
    fractions = [AtomicFraction(e, p, s) for e, p, s in zip(("Cs", "Pb", "Br", "O"), seen, u, strict=True)]
    value = AtomicFractions(tuple(fractions), beam_energy_kev=15.0, n_spots=20)
    parameters = {"n": 4, "ligand_charge": -1, "ligand_oxygens": 5, "edge_nm": 2.45}
    counter = atoms[2] + atoms[3] / 5 - 128 - atoms[0]
    return complete("particle_composition", measured("composition", value), **parameters), {
        "halide_per_metal": atoms[2] / 64,
        "cation_per_metal": atoms[0] / 64,
        "halide_lost": 240 - atoms[2],
        "cation_surface": atoms[0] - 27,
        "ligand_count": atoms[3] / 5,
        "counter_ions": counter,
        "counter_ions_per_nm2": counter / (6 * 2.45**2),
    }


SCENES = (
    Scene(
        "tem_diameters",
        "two populations",
        "N 150–500, share 0.65–0.95, 0.59 nm apart, σ 0.1–0.17 nm",
        two_sizes,
        most=300,
    ),
    Scene("tem_diameters", "one population", "N 40–300, σ 5–12 %", one_size),
    Scene("particle_composition", "QD₄ with ligands", "atomic percents ± 1–3 %", composition),
)
