"""Absorption: the first exciton, the edge, concentration and size, the Stokes shift."""

import numpy as np

from spectra.analysis.confinement import MATERIALS, edge_nm
from spectra.spectrum import HC_EV_NM
from tests.accuracy.scenes.scene import Scene, complete, gaussian, grid, log_uniform, measured, spectrum, upstream

EXCITON_SCALE_NM = 0.2


def absorbance_noise(rng, a, size):
    """Of a photometer: the same everywhere, or growing as less light arrives."""
    return rng.normal(0, size, a.size) * (10 ** (0.5 * a) if rng.random() < 0.5 else 1.0)


def exciton(rng, i):
    center, height, fwhm = rng.uniform(400, 600), log_uniform(rng, 0.03, 0.6), log_uniform(rng, 14, 35)
    x = grid(rng, center - rng.uniform(100, 140), center + rng.uniform(100, 200), (0.5, 1.0, 2.0))
    begins = center - rng.uniform(0.8, 1.5) * fwhm
    continuum = rng.uniform(0.5, 2.5) * np.exp((begins - x) / 80) / (1 + np.exp((x - begins) / (0.3 * fwhm)))
    scattered = rng.uniform(0, 0.03) * (400 / x) ** 4
    y = height * (gaussian(x, center, fwhm) + continuum) + scattered + rng.uniform(0, 0.02)
    y = y + absorbance_noise(rng, y, log_uniform(rng, 1e-4, 1e-3))
    given = measured("absorbance", spectrum(x + rng.normal(0, EXCITON_SCALE_NM), y, "absorbance", "1"))
    return complete("first_exciton", given), {"absorption_peak_nm": center}


def stokes(rng, i):
    absorbed, u = rng.uniform(400, 620), (rng.uniform(0.1, 1.0), rng.uniform(0.1, 1.0))
    emitted = absorbed + rng.uniform(3, 40)
    inputs = (
        upstream("absorption", "absorption_peak_nm", "nm", absorbed + rng.normal(0, u[0]), u[0]),
        upstream("emission", "emission_peak_nm", "nm", emitted + rng.normal(0, u[1]), u[1]),
    )
    return complete("stokes_shift", *inputs), {"stokes_shift_mev": 1e3 * HC_EV_NM * (1 / absorbed - 1 / emitted)}


def size(rng, i):
    peak, u = rng.uniform(430, 515), log_uniform(rng, 0.1, 1.5)
    given = upstream("peak", "absorption_peak_nm", "nm", peak + rng.normal(0, u), u)
    true = float(edge_nm(HC_EV_NM / peak, MATERIALS["MAPbBr3"], "cube edge"))
    return complete("confinement", given, geometry="cube edge"), {"confinement_edge_nm": true}


def edge(rng, i):
    """A direct or an indirect edge that goes over into an exponential tail with equal value and slope."""
    power, transition = ((0.5, "direct"), (2.0, "indirect"))[i % 2]
    gap, urbach, scale = rng.uniform(1.7, 3.0), rng.uniform(0.015, 0.07), log_uniform(rng, 0.3, 1.5)
    x = grid(rng, HC_EV_NM / (gap + rng.uniform(0.6, 0.9)), HC_EV_NM / (gap - rng.uniform(0.5, 0.8)), (0.25, 0.5, 1.0))
    ev, join = HC_EV_NM / x, gap + power * urbach
    above = np.maximum(ev - gap, 0.0) ** power * gap / ev
    at = (power * urbach) ** power * gap / join
    y = scale * np.where(ev > join, above, at * np.exp((ev - join) / urbach))
    y = y + absorbance_noise(rng, y, log_uniform(rng, 1e-4, 1e-3))
    given = measured("absorbance", spectrum(x, y, "absorbance", "1"))
    truths = {"tauc_intercept_ev": gap, "urbach_energy_mev": 1e3 * urbach}
    return complete("tauc", given, transition=transition), truths


def concentration(rng, i):
    """A coefficient with its stated uncertainty, read from a paper and not from this spectrum."""
    height, at, fwhm = log_uniform(rng, 0.05, 1.2), rng.uniform(420, 620), rng.uniform(20, 60)
    x = grid(rng, 320, rng.uniform(720, 800), (0.5, 1.0, 2.0))
    y = height * gaussian(x, at, fwhm)
    y = y + absorbance_noise(rng, y, log_uniform(rng, 1e-4, 2e-3))
    cuvette, true, percent = rng.choice([0.2, 0.4, 1.0]), log_uniform(rng, 2e4, 5e6), rng.uniform(3, 15)
    given = measured("absorbance", spectrum(x, y, "absorbance", "1"), path_length_cm=float(cuvette))
    case = complete(
        "nanocrystal_concentration", given, epsilon=true * (1 + rng.normal(0, percent / 100)), epsilon_at_nm=at,
        epsilon_u_percent=percent, epsilon_citation="doi:10.0000/own",
    )  # fmt: skip
    return case, {"absorbance_read": height, "dot_concentration_mol_l": height / (true * cuvette)}


SCENES = (
    Scene("first_exciton", "peak before a continuum", "400–600 nm, FWHM 14–35 nm, A 0.03–0.6, continuum 0.5–2.5 times as high, noise 0.1–1 mA", exciton),
    Scene("stokes_shift", "two peaks", "3–40 nm apart, u 0.1–1 nm each", stokes),
    Scene("confinement", "cube edge", "430–515 nm, u 0.1–1.5 nm", size),
    Scene("tauc", "edge with a tail", "direct and indirect, 1.7–3 eV, tail 15–70 meV, A 0.3–1.5, noise 0.1–1 mA", edge),
    Scene("nanocrystal_concentration", "stated coefficient", "A 0.05–1.2, FWHM 20–60 nm, noise 0.1–2 mA, ε ± 3–15 %", concentration),
)  # fmt: skip
