"""What a scene is, and the shapes that several of them need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from spectra.analysis import METHODS
from spectra.analysis.emission_report import SCALE_LENGTH_NM
from spectra.analysis.method import Case, Component, Estimate, Input
from spectra.conditions import Conditions
from spectra.spectrum import Channel, Spectrum

Truths = Mapping[str, float]
SCALE_NM = 0.3  # u of a wavelength, as the methods state it by default


@dataclass(frozen=True)
class Scene:
    """``draw(rng, i)`` gives the i-th case and the truth of each quantity that is counted."""

    method: str
    sample: str
    settings: str
    draw: Callable[[np.random.Generator, int], tuple[Case, Truths]]
    most: int | None = None  # cases at most, where a thousand would take hours


def gaussian(x, center, fwhm):
    """A Gaussian of height 1."""
    return np.exp(-4.0 * np.log(2.0) * ((x - center) / fwhm) ** 2)


def noisy(rng, expected, detector=4.0, gain=1.0):
    """Detector noise of variance ``detector``, and photon noise of ``gain`` counts per photon."""
    return rng.normal(expected, np.sqrt(detector + gain * np.maximum(expected, 0.0)))


def axis(rng, x, around_nm):
    """Wavelengths as a spectrometer states them: moved, and stretched around a place, by what its scale is good for."""
    return x + rng.normal(0, SCALE_NM) + rng.normal(0, SCALE_NM) * (x - around_nm) / SCALE_LENGTH_NM


def spectrum(x, y, quantity="intensity", unit="[a.u.]") -> Spectrum:
    return Spectrum(x, (Channel(y, quantity, unit),))


def complete(method: str, *inputs: Input, **parameters) -> Case:
    return Case(tuple(inputs), METHODS[method].complete(parameters))


def upstream(role: str, name: str, unit: str, value: float, u: float) -> Input:
    """An analysis before this one that gave ``value`` ± ``u``."""
    budget = (Component("noise", u, f"fit:{role}"),)
    return Input(role, 0, f"analysis:{role}", estimates={name: Estimate(name, value, unit, budget)})


def measured(role: str, value, index: int = 0, facts=None, **conditions) -> Input:
    return Input(role, index, f"measurement:{role}{index}", value, Conditions(**conditions), facts=facts or {})
