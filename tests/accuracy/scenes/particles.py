"""Particles: sizes from microscopy and composition from X-rays."""

import numpy as np

from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.sizes import Sizes
from tests.accuracy.scenes.scene import Scene, complete, log_uniform, measured

MAGNIFICATION = 0.01


def two_sizes(rng, i):
    n, share, center = int(log_uniform(rng, 120, 800)), rng.uniform(0.6, 0.95), rng.uniform(2.2, 8)
    spread = rng.uniform(0.03, 0.07) * center
    apart = spread * rng.uniform(3.5, 6)
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
    center, spread = rng.uniform(2.2, 15), rng.uniform(0.04, 0.15)
    values = rng.normal(center, spread * center, int(log_uniform(rng, 30, 600))) * (1 + rng.normal(0, MAGNIFICATION))
    sizes = Sizes(values, "diameter", "Diameter (nm)")
    return complete("tem_diameters", measured("sizes", sizes)), {
        "tem_mean_nm": center,
        "tem_spread_nm": spread * center,
        "population_center_nm": center,
        "population_spread_nm": spread * center,
    }


def composition(rng, i):
    """Percents with independent errors; ligands counted by their oxygens."""
    n = int(rng.integers(3, 8))
    metal, ideal = n**3, 3 * n**2 * (n + 1)
    cation, halide = (
        (n - 1) ** 3 + rng.uniform(0.2, 0.7) * (n**2 * (n + 3) - (n - 1) ** 3),
        ideal * rng.uniform(0.8, 1.0),
    )
    atoms = np.array([cation, metal, halide, 5 * rng.uniform(0.05, 0.2) * metal])
    percent = 100 * atoms / atoms.sum()
    u = percent * rng.uniform(0.005, 0.03, 4)
    seen = rng.normal(percent, u)
    fractions = [AtomicFraction(e, p, s) for e, p, s in zip(("Cs", "Pb", "Br", "O"), seen, u, strict=True)]
    value = AtomicFractions(tuple(fractions), beam_energy_kev=15.0, n_spots=20)
    edge_nm = 0.593 * n
    parameters = {"n": n, "ligand_charge": -1, "ligand_oxygens": 5, "edge_nm": edge_nm}
    counter = halide + atoms[3] / 5 - 2 * metal - cation
    return complete("particle_composition", measured("composition", value), **parameters), {
        "halide_per_metal": halide / metal,
        "cation_per_metal": cation / metal,
        "halide_lost": ideal - halide,
        "cation_surface": cation - (n - 1) ** 3,
        "ligand_count": atoms[3] / 5,
        "counter_ions": counter,
        "counter_ions_per_nm2": counter / (6 * edge_nm**2),
    }


SCENES = (
    Scene(
        "tem_diameters",
        "two populations",
        "N 120–800, 2.2–8 nm, σ 3–7 %, 3.5–6 σ apart, share 0.6–0.95",
        two_sizes,
        slow=True,
    ),
    Scene("tem_diameters", "one population", "N 30–600, 2.2–15 nm, σ 4–15 %", one_size),
    Scene("particle_composition", "QD₃ to QD₇ with ligands", "atomic percents ± 0.5–3 %", composition),
)
