"""Emission bands: one band, two bands, and the colour of one."""

import numpy as np

from spectra.analysis.chromaticity import WHITES, blue_distance, chromaticity, dominant, tristimulus, uniform
from tests.accuracy.scenes.scene import Scene, axis, complete, gaussian, measured, noisy, spectrum

X = np.arange(380.0, 701.0)
KNOWN = {"spectrally_corrected": True, "intensity_unit": "energy"}
COLOURS = ("cie_x", "cie_y", "cie_u", "cie_v", "dominant_nm", "purity", "rec2020_blue_distance")


def one_band(rng, i):
    center, fwhm, height = rng.uniform(445, 530), rng.uniform(13, 25), 10 ** rng.uniform(2.3, 4.0)
    y = noisy(rng, height * gaussian(X, center, fwhm) + rng.uniform(0, 50))
    given = measured("emission", spectrum(axis(rng, X, center), y))
    truths = dict.fromkeys(("emission_peak_nm", "emission_centroid_nm", "gaussian_center_nm"), center)
    return complete("emission_band", given), truths | {"emission_fwhm_nm": fwhm, "gaussian_fwhm_nm": fwhm}


def skewed_band(rng, i):
    """Two Gaussians too near to be told apart by eye: what is read without a shape must still be right."""
    center, fwhm, height = rng.uniform(450, 520), rng.uniform(16, 22), 10 ** rng.uniform(2.7, 3.7)
    fine = np.arange(380.0, 700.0, 0.005)

    def shape(x):
        return gaussian(x, center, fwhm) + 0.35 * gaussian(x, center + 9.0, 1.4 * fwhm)

    true = shape(fine)
    above = fine[true >= 0.5 * true.max()]
    y = noisy(rng, height * shape(X) + 20.0)
    given = measured("emission", spectrum(axis(rng, X, center), y))
    return complete("emission_band", given), {
        "emission_peak_nm": float(fine[true.argmax()]),
        "emission_centroid_nm": float((fine * true).sum() / true.sum()),
        "emission_fwhm_nm": float(above[-1] - above[0]),
    }


def two_bands(rng, i):
    first, second = rng.uniform(448, 458), rng.uniform(505, 520)
    widths, heights = rng.uniform(14, 22, 2), np.array([1.0, rng.uniform(0.25, 0.9)]) * 10 ** rng.uniform(2.7, 3.8)
    y = noisy(rng, heights[0] * gaussian(X, first, widths[0]) + heights[1] * gaussian(X, second, widths[1]) + 20.0)
    given = measured("emission", spectrum(axis(rng, X, 0.5 * (first + second)), y))
    areas = widths * heights
    return complete("emission_band", given), {
        "band_1_peak_nm": first,
        "band_2_peak_nm": second,
        "band_1_fwhm_nm": widths[0],
        "band_2_fwhm_nm": widths[1],
        "band_2_share": areas[1] / areas.sum(),
    }


def colour(rng, i):
    center, fwhm, height = rng.uniform(450, 530), rng.uniform(14, 25), 10 ** rng.uniform(2.7, 4.0)
    clean = height * gaussian(X, center, fwhm)
    given = measured("emission", spectrum(axis(rng, X, center), noisy(rng, clean + 20.0)), **KNOWN)
    xy = chromaticity(tristimulus(X, clean))[:1]
    nm, purity = dominant(xy, WHITES["E"])
    true = (*xy[0], *uniform(xy)[0], nm[0], purity[0], blue_distance(xy)[0])
    return complete("colour", given), dict(zip(COLOURS, map(float, true), strict=True))


SCENES = (
    Scene("emission_band", "one band", "445–530 nm, FWHM 13–25 nm, 200–10,000 counts + background", one_band),
    Scene("emission_band", "skewed band", "shoulder of 35 % at 9 nm; 500–5,000 counts", skewed_band),
    Scene("emission_band", "two bands", "453 and 512 nm, 25–90 % as high, 500–6,000 counts", two_bands),
    Scene("colour", "one band", "450–530 nm, FWHM 14–25 nm, 500–10,000 counts + background", colour),
)
