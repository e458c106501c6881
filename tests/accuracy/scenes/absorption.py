"""Absorption: the first exciton, the edge, concentration and size, the Stokes shift, and circular dichroism."""

import numpy as np

from spectra.analysis.confinement import MATERIALS, edge_nm
from spectra.spectrum import HC_EV_NM, Channel, Spectrum
from tests.accuracy.scenes.scene import Scene, complete, gaussian, measured, spectrum, upstream

NM = np.arange(300.0, 701.0)
FINE = np.arange(350.0, 700.5, 0.5)
CD_NM = np.arange(400.0, 520.5, 0.5)
EXCITON_SCALE_NM = 0.2
MDEG = 32982.1


def exciton(rng, i):
    center, height = rng.uniform(420, 520), rng.uniform(0.05, 0.3)
    continuum = 5.0 * height * np.exp(-(NM - 350.0) / 35.0) / (1.0 + np.exp((NM - center + 5.0) / 6.0))
    y = height * gaussian(NM, center, rng.uniform(15, 22)) + continuum + 0.01 + 0.02 * (400.0 / NM) ** 4
    y = y + rng.normal(0, 10 ** rng.uniform(-4, -3), NM.size)
    given = measured("absorbance", spectrum(NM + rng.normal(0, EXCITON_SCALE_NM), y, "absorbance", "1"))
    return complete("first_exciton", given), {"absorption_peak_nm": center}


def stokes(rng, i):
    absorbed, emitted = rng.uniform(430, 500), rng.uniform(505, 530)
    inputs = (
        upstream("absorption", "absorption_peak_nm", "nm", absorbed + rng.normal(0, 0.4), 0.4),
        upstream("emission", "emission_peak_nm", "nm", emitted + rng.normal(0, 0.3), 0.3),
    )
    return complete("stokes_shift", *inputs), {"stokes_shift_mev": 1e3 * HC_EV_NM * (1 / absorbed - 1 / emitted)}


def size(rng, i):
    peak = rng.uniform(440, 510)
    given = upstream("peak", "absorption_peak_nm", "nm", peak + rng.normal(0, 0.5), 0.5)
    true = float(edge_nm(HC_EV_NM / peak, MATERIALS["MAPbBr3"], "cube edge"))
    return complete("confinement", given, geometry="cube edge"), {"confinement_edge_nm": true}


def edge(rng, i):
    """A direct edge that goes over into an exponential tail with equal value and slope."""
    gap, urbach = rng.uniform(2.2, 2.6), rng.uniform(0.02, 0.06)
    ev, join = HC_EV_NM / FINE, gap + 0.5 * urbach
    at = 0.8 * np.sqrt(0.5 * urbach) / join
    y = np.where(ev > join, 0.8 * np.sqrt(np.maximum(ev - gap, 0)) / ev, at * np.exp((ev - join) / urbach))
    y = y + rng.normal(0, 10 ** rng.uniform(-4, -3.3), FINE.size)
    given = measured("absorbance", spectrum(FINE, y, "absorbance", "1"))
    return complete("tauc", given), {"tauc_intercept_ev": gap, "urbach_energy_mev": 1e3 * urbach}


def concentration(rng, i):
    """A stated coefficient with 10 % of uncertainty."""
    height, at, fwhm = rng.uniform(0.1, 0.9), rng.uniform(480, 540), rng.uniform(25, 45)
    y = height * gaussian(NM, at, fwhm) + rng.normal(0, 10 ** rng.uniform(-3.7, -2.7), NM.size)
    given = measured("absorbance", spectrum(NM, y, "absorbance", "1"), path_length_cm=1.0)
    stated = 1.0e5 * (1 + rng.normal(0, 0.1))
    # The coefficient is read from a paper; where it belongs is the peak here.
    case = complete(
        "nanocrystal_concentration", given, epsilon=stated, epsilon_at_nm=at, epsilon_u_percent=10.0,
        epsilon_citation="doi:10.0000/own",
    )  # fmt: skip
    return case, {"absorbance_read": height, "dot_concentration_mol_l": height / 1.0e5}


def cotton(rng, i):
    """One Cotton effect on its absorption band; g at its top."""
    center, fwhm, g = rng.uniform(440, 465), rng.uniform(15, 25), rng.choice([-1, 1]) * 10 ** rng.uniform(-4, -3.3)
    band = gaussian(CD_NM, center, fwhm)
    theta = MDEG * g * 0.6 * band + rng.normal(0, rng.uniform(0.05, 0.3), CD_NM.size)
    a = 0.5 * band + 0.1 + rng.normal(0, 5e-4, CD_NM.size)
    cd = Spectrum(CD_NM, (Channel(theta, "ellipticity", "mdeg"), Channel(a, "absorbance", "1", "reference")))
    name = "positive" if g > 0 else "negative"
    truths = {f"cd_{name}_mdeg": MDEG * g * 0.6, f"cd_{name}_nm": center, "g_extremum": g}
    return complete("circular_dichroism", measured("cd", cd)), truths


def bisignate(rng, i):
    middle, apart, fwhm, height = rng.uniform(445, 460), rng.uniform(14, 22), rng.uniform(14, 20), rng.uniform(1.5, 5)

    def shape(x):
        return height * (gaussian(x, middle - 0.5 * apart, fwhm) - gaussian(x, middle + 0.5 * apart, fwhm))

    fine = np.linspace(405, 515, 110001)
    true = shape(fine)
    noise = rng.uniform(0.03, 0.2)
    cd = spectrum(CD_NM, shape(CD_NM) + rng.normal(0, noise, CD_NM.size), "ellipticity", "mdeg")
    return complete("circular_dichroism", measured("cd", cd)), {
        "cd_positive_nm": float(fine[true.argmax()]),
        "cd_positive_mdeg": float(true.max()),
        "cd_crossover_nm": middle,
        "cd_splitting_nm": float(fine[true.argmin()] - fine[true.argmax()]),
    }


def mirror(rng, i):
    """D and L of unequal absorbance; their half difference is the signal of the first."""
    center, fwhm, height, factor = rng.uniform(440, 465), rng.uniform(15, 25), rng.uniform(2, 8), rng.uniform(0.6, 1.6)
    band, noise = gaussian(CD_NM, center, fwhm), rng.uniform(0.05, 0.2)

    def one(sign, scale):
        theta = sign * scale * height * band + rng.normal(0, noise, CD_NM.size)
        a = scale * (0.5 * band + 0.1) + rng.normal(0, 5e-4, CD_NM.size)
        return Spectrum(CD_NM, (Channel(theta, "ellipticity", "mdeg"), Channel(a, "absorbance", "1", "reference")))

    inputs = (measured("cd", one(1, 1.0)), measured("mirror", one(-1, factor)))
    return complete("circular_dichroism", *inputs), {"cd_positive_mdeg": height, "cd_positive_nm": center}


SCENES = (
    Scene("first_exciton", "peak before a continuum", "420–520 nm, A 0.05–0.3, noise 0.1–1 mA, scattered light", exciton),
    Scene("stokes_shift", "two peaks", "u 0.4 and 0.3 nm", stokes),
    Scene("confinement", "cube edge", "440–510 nm, u 0.5 nm", size),
    Scene("tauc", "direct edge with a tail", "2.2–2.6 eV, tail 20–60 meV, noise 0.1–0.5 mA", edge),
    Scene("nanocrystal_concentration", "stated coefficient", "A 0.1–0.9, FWHM 25–45 nm, noise 0.2–2 mA, ε ± 10 %", concentration),
    Scene("circular_dichroism", "one Cotton effect", "g 1–5 × 10⁻⁴, FWHM 15–25 nm, noise 0.05–0.3 mdeg", cotton),
    Scene("circular_dichroism", "bisignate", "1.5–5 mdeg, 14–22 nm apart, noise 0.03–0.2 mdeg", bisignate),
    Scene("circular_dichroism", "D and L", "2–8 mdeg, absorbance ratio 0.6–1.6, noise 0.05–0.2 mdeg", mirror),
)  # fmt: skip
