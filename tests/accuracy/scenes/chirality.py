"""Circular dichroism: one Cotton effect, a bisignate signal, and a pair of enantiomers."""

import numpy as np

from spectra.spectrum import Channel, Spectrum
from tests.accuracy.scenes.scene import Scene, complete, gaussian, grid, log_uniform, measured

MDEG = 32982.1
STEPS = (0.2, 0.5, 1.0)


def _cd(x, theta, absorbance=None) -> Spectrum:
    channels = [Channel(theta, "ellipticity", "mdeg")]
    if absorbance is not None:
        channels.append(Channel(absorbance, "absorbance", "1", "reference"))
    return Spectrum(x, tuple(channels))


def _noise(rng, a, size):
    """θ is noisier where less light arrives."""
    return rng.normal(0, size, a.size) * 10 ** (0.5 * a)


def cotton(rng, i):
    """One Cotton effect on its absorption band; g at its top."""
    center, fwhm, top = rng.uniform(430, 540), log_uniform(rng, 12, 40), rng.uniform(0.2, 1.0)
    x = grid(rng, center - rng.uniform(2, 4) * fwhm, center + rng.uniform(2, 4) * fwhm, STEPS)
    theta, band = log_uniform(rng, 0.5, 20), gaussian(x, center, fwhm)
    a, sign = top * band + rng.uniform(0, 0.2), 1 if i % 2 else -1
    level = a[np.abs(x - center).argmin()] - top * band[np.abs(x - center).argmin()]
    seen = sign * theta * band + _noise(rng, a, theta / log_uniform(rng, 15, 300))
    cd = _cd(x, seen, a + rng.normal(0, 5e-4, x.size))
    name = "positive" if sign > 0 else "negative"
    return complete("circular_dichroism", measured("cd", cd)), {
        f"cd_{name}_mdeg": sign * theta,
        f"cd_{name}_nm": center,
        "g_extremum": sign * theta / MDEG / (top + level),
    }


def bisignate(rng, i):
    middle, fwhm, height = rng.uniform(430, 540), log_uniform(rng, 12, 30), log_uniform(rng, 1, 20)
    apart, other = rng.uniform(0.6, 1.5) * fwhm, rng.uniform(0.6, 1.0)

    def shape(x):
        return height * (gaussian(x, middle - 0.5 * apart, fwhm) - other * gaussian(x, middle + 0.5 * apart, fwhm))

    fine = np.arange(middle - 3 * fwhm, middle + 3 * fwhm, 0.001)
    true = shape(fine)
    high, low = int(true.argmax()), int(true.argmin())
    x = grid(rng, middle - rng.uniform(3, 4) * fwhm, middle + rng.uniform(3, 4) * fwhm, STEPS)
    seen = shape(x) + rng.normal(0, true.max() / log_uniform(rng, 15, 200), x.size)
    between = slice(high, low + 1)
    return complete("circular_dichroism", measured("cd", _cd(x, seen))), {
        "cd_positive_nm": float(fine[high]),
        "cd_positive_mdeg": float(true[high]),
        "cd_negative_nm": float(fine[low]),
        "cd_negative_mdeg": float(true[low]),
        "cd_crossover_nm": float(np.interp(0.0, -true[between], fine[between])),
        "cd_splitting_nm": float(fine[low] - fine[high]),
    }


def mirror(rng, i):
    """D and L of unequal absorbance; their half difference is the signal of the first."""
    center, fwhm, height = rng.uniform(430, 540), log_uniform(rng, 12, 40), log_uniform(rng, 1, 20)
    factor, noise = rng.uniform(0.5, 2.0), height / log_uniform(rng, 15, 200)
    x = grid(rng, center - rng.uniform(2, 4) * fwhm, center + rng.uniform(2, 4) * fwhm, STEPS)
    band = gaussian(x, center, fwhm)

    def one(sign, scale):
        theta = sign * scale * height * band + rng.normal(0, noise, x.size)
        return _cd(x, theta, scale * (0.5 * band + 0.1) + rng.normal(0, 5e-4, x.size))

    inputs = (measured("cd", one(1, 1.0)), measured("mirror", one(-1, factor)))
    return complete("circular_dichroism", *inputs), {"cd_positive_mdeg": height, "cd_positive_nm": center}


SCENES = (
    Scene("circular_dichroism", "one Cotton effect", "430–540 nm, FWHM 12–40 nm, steps 0.2–1 nm, θ 0.5–20 mdeg, S/N 15–300", cotton),
    Scene("circular_dichroism", "bisignate", "0.6–1.5 widths apart, FWHM 12–30 nm, θ 1–20 mdeg, S/N 15–200", bisignate),
    Scene("circular_dichroism", "D and L", "FWHM 12–40 nm, absorbance ratio 0.5–2, S/N 15–200", mirror),
)  # fmt: skip
