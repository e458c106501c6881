"""The numbers that a perfect analysis of perfect files would give of the portions.

As in ``expected``, from the true values alone: by formulas and by root finding on noise-free curves. A Tauc
intercept has no truth beyond the choice of its window, so none is given.
"""

import numpy as np
from scipy.optimize import brentq

from qdlab.demo.expected import colour
from qdlab.demo.further_files import cd_absorbance
from qdlab.demo.portions import CHIRALITY, Chirality, Course, Device, Further, Growth, Particle, Sizes, Sphere
from qdlab.demo.truth import BatchTruth

FULL_CELLS, MDEG = 4, 32982.1
STEEP = 0.12  # half height of the part of the rise on which the tangent lies, by definition of the method
EV_NM, KINETIC, COULOMB = 1239.841984, 0.37603016, 1.43996455  # hc, π²ħ²/2m and e²/4πε₀ in eV and nm
GAP_EV, MASS, PERMITTIVITY, CELL_NM = 2.292, 0.117, 7.5, 0.593  # of MAPbBr3, doi:10.1039/C5EE03435C
CUBE = 3.0478  # the Coulomb energy of two particles in the lowest state of a cube, in units of its edge


def of_portions(truth: Further) -> dict[tuple[str, str], dict[str, float]]:
    """(portion, method) → name → true value; the portions are those of ``further.portion_of``."""
    found = {
        ("grid", "tem_diameters"): sizes(truth.sizes),
        ("grid", "particle_composition"): particle(truth.particle),
        ("sphere", "plqy_absolute"): sphere(truth.sphere),
    }
    if truth.growth:
        found["crude", "growth"] = growth(truth.growth)
    for name in ("shelf", "uv"):
        if getattr(truth, name):
            found[name, "ageing"] = course(getattr(truth, name), name)
    if truth.device:
        found |= {("led", method): values for method, values in device(truth.device).items()}
    return found


def absorption(truth: BatchTruth) -> dict[str, dict[str, float]]:
    """Method → name → true value of what is asked of the absorbance of the washed sample."""
    excess = EV_NM / truth.exciton_nm - GAP_EV
    edge = brentq(lambda x: 3 * KINETIC / (MASS * x**2) - CUBE * COULOMB / (PERMITTIVITY * x) - excess, 0.5, 50.0)
    return {"confinement": {"confinement_edge_nm": edge, "cells_per_edge": edge / CELL_NM}}


def growth(truth: Growth) -> dict[str, float]:
    found = {"final_peak_nm": truth.peak.peak_nm}
    if truth.induction_min is None:
        return found
    middle, tau = truth.midpoint_min, truth.tau_min
    part = np.linspace(0.5 - STEEP, 0.5 + STEEP, 200_001)
    time = middle + tau * np.log(part / (1 - part))
    even = np.linspace(time[0], time[-1], 20_001)
    slope, offset = np.polyfit(even, np.interp(even, time, part), 1)
    return found | {
        "induction_tangent_min": -offset / slope,
        "induction_threshold_min": middle - tau * np.log(19),
        "half_time_min": middle,
        "logistic_midpoint_min": middle,
        "logistic_tau_min": tau,
    }


def sizes(truth: Sizes) -> dict[str, float]:
    return {"tem_mean_nm": truth.mean_nm, "population_center_nm": truth.center_nm, "population_share": truth.share,
            "population_spread_nm": truth.spread_nm}  # fmt: skip


def particle(truth: Particle) -> dict[str, float]:
    ideal = 3 * FULL_CELLS**2 * (FULL_CELLS + 1)
    found = {
        "halide_per_metal": truth.bromine / truth.lead,
        "halide_lost": ideal - truth.bromine,
        "ligand_count": truth.ligands,
        "counter_ions": truth.counter_ions,
        "counter_ions_per_nm2": truth.counter_ions / (6 * truth.edge_nm**2),
    }
    if truth.cesium:
        found |= {"cation_atoms": truth.cesium, "cation_surface": truth.cesium - (FULL_CELLS - 1) ** 3}
    return found


def sphere(truth: Sphere) -> dict[str, float]:
    return {"plqy_absolute_uncorrected": truth.phi, "absorptance": truth.absorptance}


def course(truth: Course, stress: str) -> dict[str, float]:
    last = truth.ages_h[-1]
    moved = truth.band_at(last).peak_nm - truth.band.peak_nm
    found = {"fraction_left": truth.left(last), "loss_rate_per_h": truth.rate_per_h, "ageing_shift_nm": moved}
    return found | ({f"{stress}_half_life_h": truth.half_life_h} if truth.half_life_h < last else {})


def device(truth: Device) -> dict[str, dict[str, float]]:
    band = {"el_peak_nm": truth.band.peak_nm, "el_fwhm_nm": truth.band.fwhm_nm}
    seen = {f"el_{name}": value for name, value in colour((truth.band,)).items()}
    return {
        "emission_band": band,
        "colour": seen,
        "el_voltage": band | {"turn_on_v": truth.turn_on_v, "el_shift_nm_per_v": 0.0},
    }


def enantiomers(truth: Chirality = CHIRALITY) -> dict[str, float]:
    """Of the D sample with the L sample as its mirror image."""
    fine = np.arange(380.0, 480.0, 0.001)
    theta = truth.theta(fine)
    high, low = int(theta.argmax()), int(theta.argmin())
    crossover = brentq(lambda x: float(truth.theta(np.array([x]))[0]), fine[low], fine[high])
    return {
        "cd_positive_mdeg": float(theta[high]), "cd_positive_nm": float(fine[high]), "cd_negative_mdeg": float(theta[low]),
        "cd_negative_nm": float(fine[low]), "cd_crossover_nm": crossover,
        "g_extremum": float(theta[high] / MDEG / cd_absorbance(truth, fine[high : high + 1])[0]),
    }  # fmt: skip
