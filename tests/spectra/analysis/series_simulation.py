"""Emission bands with noise, for methods on several spectra."""

import numpy as np

from spectra.analysis.method import Input
from spectra.conditions import Conditions
from spectra.spectrum import Channel, Spectrum

X = np.arange(400.0, 561.0)


def band(height, peak_nm=453.0, fwhm_nm=15.0, noise=1.0, rng=None):
    y = height * np.exp(-4 * np.log(2) * ((X - peak_nm) / fwhm_nm) ** 2)
    return Spectrum(X, (Channel(y + (rng.normal(0, noise, X.size) if rng else 0.0), "intensity", "[a.u.]"),))


def given(role, index, spectrum, technique="pl_emission", **conditions):
    return Input(
        role, index, f"measurement:{role}{index}", spectrum, Conditions(**conditions), facts={"technique": technique}
    )
