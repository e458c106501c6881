"""The numbers that a perfect analysis of perfect files would give for a simulated batch.

Computed from ``truth`` and ``physics`` alone, by other ways than the methods': maxima and half heights of the noise-free
curve by root finding, colours by integration in steps of 0.1 nm, amounts from molar masses. They are what the demo's
computed numbers are held against.
"""

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from qdlab.demo import physics
from qdlab.demo.truth import BatchTruth, k_nr, k_r
from spectra.analysis.chromaticity import matching_functions

TWO_BANDS_FROM = 1 / 3  # of the main band's height: from there on one width means nothing (0.4 equiv of oleylamine)
MOLAR_MASS = {"pbbr2": 367.008, "mabr": 111.970, "csbr": 212.809, "mla": 134.087, "oa": 282.468, "oam": 267.501}
DENSITY = {"oa": 0.895, "oam": 0.813}  # g/mL; the other ingredients are weighed
SPECIES = {
    "pbbr2": {"Pb": 1, "Br": 2},
    "mabr": {"MA": 1, "Br": 1},
    "csbr": {"Cs": 1, "Br": 1},
    "mla": {"MLA": 1},
    "oa": {"OA": 1},
    "oam": {"OAM": 1},
}


def quantities(truth: BatchTruth) -> dict[str, float]:
    """True value of every number that the methods give for a batch, by name; empty when it does not emit."""
    if not truth.bands:
        return {}
    found = {"absorption_peak_nm": truth.exciton_nm, "plqy": truth.phi, "lifetime_ns": truth.lifetimes_ns[0]}
    found |= {"k_r_per_s": k_r(truth), "k_nr_per_s": k_nr(truth)}
    return found | _emission(truth) | colour(truth.bands)


def _emission(truth: BatchTruth) -> dict[str, float]:
    main, *others = sorted(truth.bands, key=lambda band: -band.height)
    peak = _maximum(truth, main.peak_nm, main.fwhm_nm)
    found = {"emission_peak_nm": peak}
    if any(band.height > TWO_BANDS_FROM * main.height for band in others):
        return found | _each(truth)
    half = 0.5 * _curve(truth, peak)
    sides = [brentq(lambda x: _curve(truth, x) - half, peak, peak + s * 1.2 * main.fwhm_nm) for s in (-1, 1)]
    found |= {"emission_fwhm_nm": sides[1] - sides[0]}
    return found | {"gaussian_center_nm": main.peak_nm, "gaussian_fwhm_nm": main.fwhm_nm}


def _each(truth: BatchTruth) -> dict[str, float]:
    bands, total = sorted(truth.bands, key=lambda band: band.peak_nm), sum(band.area for band in truth.bands)
    found = {}
    for n, band in enumerate(bands, start=1):
        found |= {f"band_{n}_peak_nm": band.peak_nm, f"band_{n}_fwhm_nm": band.fwhm_nm}
        found[f"band_{n}_share"] = band.area / total
    return found


def _curve(truth: BatchTruth, wavelength_nm: float) -> float:
    return float(physics.total(truth.bands, np.array([wavelength_nm]))[0])


def _maximum(truth: BatchTruth, near_nm: float, fwhm_nm: float) -> float:
    around = (near_nm - fwhm_nm / 2, near_nm + fwhm_nm / 2)
    answer = minimize_scalar(
        lambda x: -_curve(truth, x), bounds=around, method="bounded", options={"xatol": 1e-9, "maxiter": 500}
    )
    return float(answer.x)


def colour(bands: tuple[physics.Band, ...]) -> dict[str, float]:
    """x and y by summing power (photons over wavelength) times the matching functions, every 0.1 nm."""
    table_nm, functions = matching_functions()
    fine = np.arange(360.0, 830.0, 0.1)
    power = physics.total(bands, fine) / fine
    x, y, z = (float((power * np.interp(fine, table_nm, column)).sum()) for column in functions.T)
    return {"cie_x": x / (x + y + z), "cie_y": y / (x + y + z)}


def ratios(weighed: dict[str, float]) -> dict[str, float]:
    """Moles per mole of Pb of every species, from mg of solids and µL of liquids."""
    totals: dict[str, float] = {}
    for key, amount in weighed.items():
        micromoles = amount * DENSITY.get(key, 1.0) / MOLAR_MASS[key] * 1e3
        for species, count in SPECIES[key].items():
            totals[species] = totals.get(species, 0.0) + count * micromoles
    return {species: total / totals["Pb"] for species, total in totals.items()}
