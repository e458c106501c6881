"""Emission bands: one band, a skewed one, two bands, and the colour of one."""

import numpy as np
from scipy.special import erfcx

from spectra.analysis.chromaticity import WHITES, blue_distance, chromaticity, dominant, tristimulus, uniform
from tests.accuracy.scenes.scene import (
    Scene,
    as_detected,
    axis,
    complete,
    gaussian,
    grid,
    log_uniform,
    measured,
    spectrum,
)

KNOWN = {"spectrally_corrected": True, "intensity_unit": "energy"}
COLOURS = ("cie_x", "cie_y", "cie_u", "cie_v", "dominant_nm", "purity", "rec2020_blue_distance")


def _background(rng, x) -> tuple[np.ndarray, str]:
    """A level, or in every third case a slope; and the baseline that a chemist would choose."""
    level = rng.uniform(0.0, 0.2)
    if rng.random() < 1 / 3:
        return level + rng.uniform(-0.1, 0.1) * (x - x.mean()) / np.ptp(x) + 0.05, "linear"
    return np.full(x.size, level), "constant"


def _around(rng, center, fwhm):
    """A scan that leaves 3–8 widths on both sides, in a step of at most a sixth of the width."""
    first, last = center - rng.uniform(3, 8) * fwhm, center + rng.uniform(3, 8) * fwhm
    return grid(rng, first, last, [step for step in (0.25, 0.5, 1.0, 2.0) if step <= fwhm / 6])


def one_band(rng, i):
    center, fwhm = rng.uniform(410, 680), log_uniform(rng, 10, 45)
    x = _around(rng, center, fwhm)
    background, baseline = _background(rng, x)
    y = as_detected(rng, gaussian(x, center, fwhm) + background, log_uniform(rng, 15, 500))
    given = measured("emission", spectrum(axis(rng, x, center), y))
    truths = dict.fromkeys(("emission_peak_nm", "emission_centroid_nm", "gaussian_center_nm"), center)
    truths |= {"emission_fwhm_nm": fwhm, "gaussian_fwhm_nm": fwhm}
    return complete("emission_band", given, baseline=baseline), truths


def _with_tail(x, center, sigma, tail):
    """A Gaussian (σ) whose red side decays exponentially (length ``tail``)."""
    z = (sigma / tail - (x - center) / sigma) / np.sqrt(2)
    return np.exp(-0.5 * ((x - center) / sigma) ** 2) * erfcx(np.maximum(z, -25))


def skewed_band(rng, i):
    """What is read without a shape must be right for any: a tail to the red, or a second band that hides beside the first."""
    center, fwhm = rng.uniform(430, 640), log_uniform(rng, 12, 35)
    x = _around(rng, center, fwhm)
    fine = np.arange(x[0] - 40, x[-1] + 40, 0.005)
    tail, share, beside = rng.uniform(0.2, 0.6) * fwhm / 2.355, rng.uniform(0.1, 0.5), rng.uniform(0.3, 0.5) * fwhm

    def shape(x):
        if i % 2:
            return _with_tail(x, center, fwhm / 2.355, tail)
        return gaussian(x, center, fwhm) + share * gaussian(x, center + beside, 1.4 * fwhm)

    true = shape(fine)
    top = true.max()
    y = as_detected(rng, shape(x) / top + rng.uniform(0, 0.1), log_uniform(rng, 20, 300))
    above = fine[true >= 0.5 * top]
    return complete("emission_band", measured("emission", spectrum(axis(rng, x, center), y))), {
        "emission_peak_nm": float(fine[true.argmax()]),
        "emission_centroid_nm": float((fine * true).sum() / true.sum()),
        "emission_fwhm_nm": float(above[-1] - above[0]),
    }


def two_bands(rng, i):
    widths = np.array([log_uniform(rng, 12, 28), log_uniform(rng, 12, 28)])
    first = rng.uniform(430, 560)
    second = first + rng.uniform(1.8, 3.0) * widths.max()
    heights = rng.permutation([1.0, log_uniform(rng, 0.15, 0.95)])
    x = grid(rng, first - rng.uniform(3, 6) * widths[0], second + rng.uniform(3, 6) * widths[1], (0.25, 0.5, 1.0, 2.0))
    light = heights[0] * gaussian(x, first, widths[0]) + heights[1] * gaussian(x, second, widths[1])
    y = as_detected(rng, light + rng.uniform(0, 0.1), log_uniform(rng, 40, 400))
    given = measured("emission", spectrum(axis(rng, x, 0.5 * (first + second)), y))
    areas = widths * heights
    return complete("emission_band", given), {
        "band_1_peak_nm": first,
        "band_2_peak_nm": second,
        "band_1_fwhm_nm": widths[0],
        "band_2_fwhm_nm": widths[1],
        "band_2_share": areas[1] / areas.sum(),
    }


def colour(rng, i):
    center, fwhm = rng.uniform(440, 630), log_uniform(rng, 12, 40)
    x = grid(rng, rng.uniform(360, 390), rng.uniform(720, 780), (0.5, 1.0, 2.0))
    clean = gaussian(x, center, fwhm)
    y = as_detected(rng, clean + rng.uniform(0, 0.05), log_uniform(rng, 30, 500))
    given = measured("emission", spectrum(axis(rng, x, center), y), **KNOWN)
    xy = chromaticity(tristimulus(x, clean))[:1]
    nm, purity = dominant(xy, WHITES["E"])
    true = (*xy[0], *uniform(xy)[0], nm[0], purity[0], blue_distance(xy)[0])
    return complete("colour", given), dict(zip(COLOURS, map(float, true), strict=True))


SCENES = (
    Scene(
        "emission_band",
        "one band",
        "410–680 nm, FWHM 10–45 nm, steps 0.25–2 nm, S/N 15–500, level or slope below",
        one_band,
    ),
    Scene(
        "emission_band", "skewed band", "430–640 nm, exponential tail or hidden second band, S/N 20–300", skewed_band
    ),
    Scene("emission_band", "two bands", "1.8–3 widths apart, FWHM 12–28 nm, heights 0.15–1, S/N 40–400", two_bands),
    Scene("colour", "one band", "440–630 nm, FWHM 12–40 nm, steps 0.5–2 nm, S/N 30–500, a level below", colour),
)
