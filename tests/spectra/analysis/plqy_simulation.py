"""Exact spectra of a relative yield with a known truth, for the tests of ``plqy``; errors are added where a test asks.

The sample emits one Gaussian at 453 nm (FWHM 14.9 nm), the standard three bands like 9,10-diphenylanthracene, scaled to
Φ_ref = 0.97 against n² as the paper has it. Emission is Φ·(absorptance)·shape·(n_ref/n)²: the definition itself.
"""

from dataclasses import dataclass, field

import numpy as np

from spectra.analysis.method import Case, Input
from spectra.analysis.plqy import METHOD
from spectra.conditions import Conditions
from spectra.spectrum import Channel, Spectrum

ABSORBANCE_NM = np.arange(330.0, 701.0, 1.0)
SAMPLE_NM = np.arange(385.0, 600.5, 0.5)
STANDARD_NM = np.arange(382.0, 640.5, 0.5)
EXCITATION_NM = 372.0
N_SAMPLE, N_STANDARD, PHI_REF = 1.4969, 1.4265, 0.97
BRIGHTNESS = 1e6


def gaussian(x, centre, fwhm):
    return np.exp(-4 * np.log(2) * ((x - centre) / fwhm) ** 2)


def unit_area(x, y):
    return y / np.trapezoid(y, x)


def sample_band(x):
    return gaussian(x, 453.0, 14.9)


def standard_band(x):
    return gaussian(x, 408.0, 16.0) + 0.95 * gaussian(x, 430.0, 20.0) + 0.45 * gaussian(x, 457.0, 34.0)


def sample_absorption(x):
    """Smooth and falling, 1 at 372 nm, nothing beyond 445 nm."""
    return np.where(x < 440, (440 - x) / (440 - EXCITATION_NM), 0.0)


def peaked_absorption(x):
    """Vibronic bands with a maximum at 372 nm, 1 there, and next to nothing where it emits."""
    shape = gaussian(x, 372.0, 11.0) + 0.7 * gaussian(x, 353.0, 13.0)
    return shape / (1 + 0.7 * gaussian(EXCITATION_NM, 353.0, 13.0))


def flat_absorption(x):
    return np.where(x < 380, 1.0, np.where(x < 384, (384 - x) / 4, 0.0))


@dataclass
class World:
    """What is true, and what goes wrong; the defaults are a perfect day."""

    phi: float = 0.956
    sample_a: tuple = (0.02, 0.04, 0.06, 0.08, 0.1)
    standard_a: tuple = (0.01, 0.02, 0.03, 0.04, 0.05)
    sample_absorption: object = staticmethod(sample_absorption)
    standard_absorption: object = staticmethod(flat_absorption)
    sample_offset: float = 0.0
    standard_offset: float = 0.0
    phi_ref: float = PHI_REF
    true_bandwidth_nm: float = 0.0
    emission_factor: float = 1.0  # of the sample: what an error of the correction curve does
    sample_error: np.ndarray | float = 0.0  # relative, of each emission
    standard_error: np.ndarray | float = 0.0
    sample_a_error: np.ndarray | float = 0.0  # of each absorbance
    standard_a_error: np.ndarray | float = 0.0
    noise: float = 0.0  # standard deviation per point of emission, in units of the strongest peak
    rng: object = None
    sample_conditions: dict = field(default_factory=dict)
    standard_conditions: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)

    def conditions(self, which):
        base = {
            "excitation_nm": EXCITATION_NM,
            "excitation_bandwidth_nm": self.true_bandwidth_nm,
            "intensity_unit": "photon",
            "spectrally_corrected": True,
            "blank_subtracted": True,
            "solvent": "toluene" if which == "sample" else "cyclohexane",
            "gas": "Ar",
            "path_length_cm": 1.0,
        }
        return Conditions(**(base | getattr(self, f"{which}_conditions")))

    def standard_facts(self):
        return {
            "compound": "9,10-diphenylanthracene",
            "solvent": "cyclohexane",
            "phi": PHI_REF,
            "phi_u": 0.03,
            "gas": "Ar",
            "standard_id": "dpa-1",
            "session_id": "s1",
        } | self.facts

    def absorptance(self, absorption, a):
        """The true share absorbed, over a triangular bandpass, by fine quadrature."""
        if not self.true_bandwidth_nm:
            return 1 - 10 ** (-a * absorption(np.array([EXCITATION_NM]))[0])
        t = np.linspace(-1, 1, 4001)
        absorbed = 1 - 10 ** (-a * absorption(EXCITATION_NM + t * self.true_bandwidth_nm))
        return np.sum((1 - np.abs(t)) * absorbed) / np.sum(1 - np.abs(t))

    def emission(self, which, a):
        if which == "sample":
            x, shape = SAMPLE_NM, unit_area(SAMPLE_NM, sample_band(SAMPLE_NM))
            factor = self.phi * self.emission_factor / N_SAMPLE**2
            absorbed = self.absorptance(self.sample_absorption, a)
        else:
            x, shape = STANDARD_NM, unit_area(STANDARD_NM, standard_band(STANDARD_NM))
            factor = self.phi_ref / N_STANDARD**2
            absorbed = self.absorptance(self.standard_absorption, a)
        return x, BRIGHTNESS * factor * absorbed * shape

    def inputs(self, which):
        series = np.array(getattr(self, f"{which}_a"))
        errors = np.broadcast_to(getattr(self, f"{which}_error"), series.shape)
        a_errors = np.broadcast_to(getattr(self, f"{which}_a_error"), series.shape)
        facts = self.standard_facts() if which == "standard" else {}
        inputs = []
        for index, (a, error, a_error) in enumerate(zip(series, errors, a_errors, strict=True)):
            x, y = self.emission(which, a)
            y = y * (1 + error)
            if self.noise:
                y = y + self.rng.normal(0, self.noise * BRIGHTNESS * 0.005, y.size)
            absorption = getattr(self, f"{which}_absorption")
            curve = a * absorption(ABSORBANCE_NM) + getattr(self, f"{which}_offset") + a_error
            inputs.append(emission_input(which, index, x, y, self.conditions(which), facts))
            inputs.append(absorbance_input(which, index, ABSORBANCE_NM, curve, facts=facts))
        return inputs

    def case(self, **parameters):
        return Case((*self.inputs("sample"), *self.inputs("standard")), METHOD.complete(parameters))


def emission_input(which, index, x, y, conditions, facts=None):
    spectrum = Spectrum(x, (Channel(y, "intensity", "[a.u.]"),))
    return Input(f"{which}_emission", index, f"{which}-e{index}", spectrum, conditions, facts=facts or {})


def absorbance_input(which, index, x, a, facts=None, path_length_cm=1.0):
    spectrum = Spectrum(x, (Channel(a, "absorbance", "1"),))
    conditions = Conditions(path_length_cm=path_length_cm)
    return Input(f"{which}_absorbance", index, f"{which}-a{index}", spectrum, conditions, facts=facts or {})


def answer(case):
    (outcome,) = METHOD.run([case])
    return outcome


def codes(outcome):
    return [note.code for note in outcome.warnings]
