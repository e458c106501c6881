"""What a scene is, and what several of them need: shapes, kinds of noise, wavelength scales."""

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
    slow: bool = False  # fewer cases in the daily tests
    limits: Mapping[str, str] | None = None  # quantity → why its share cannot be that of a normal distribution

    @property
    def name(self) -> str:
        return f"{self.method}, {self.sample}"


def log_uniform(rng, low, high):
    """As many draws between 1 and 10 as between 10 and 100."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def gaussian(x, center, fwhm):
    """A Gaussian of height 1."""
    return np.exp(-4.0 * np.log(2.0) * ((x - center) / fwhm) ** 2)


def noisy(rng, expected, detector=4.0, gain=1.0):
    """Detector noise of variance ``detector``, and photon noise of ``gain`` counts per photon."""
    return rng.normal(expected, np.sqrt(detector + gain * np.maximum(expected, 0.0)))


def as_detected(rng, light, signal_to_noise):
    """``light`` (strongest point 1) with noise of 1/``signal_to_noise`` at its top, in a unit of the instrument's own.

    A third each: a detector's noise, the same everywhere; photons in whole numbers; and both with an analogue converter of
    12–16 bits behind.
    """
    kind = rng.integers(3)
    if kind == 0:
        return 10 ** rng.uniform(-3, 6) * (light + rng.normal(0, 1 / signal_to_noise, light.size))
    if kind == 1:
        return rng.poisson(np.maximum(light, 0.0) * signal_to_noise**2).astype(float)
    of_photons = rng.uniform(0.2, 0.9)
    variance = (1 - of_photons + of_photons * np.maximum(light, 0.0)) / signal_to_noise**2
    full = 2 ** rng.integers(12, 17) * rng.uniform(0.2, 0.9)
    return np.round(full * rng.normal(light, np.sqrt(variance)))


def grid(rng, first, last, steps=(0.25, 0.5, 1.0, 2.0)):
    """Wavelengths from ``first`` to ``last`` as some instrument steps through them."""
    return np.arange(round(first), round(last) + 0.01, rng.choice(steps))


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
