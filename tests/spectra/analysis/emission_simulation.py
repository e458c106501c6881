"""Simulated emission spectra for the tests: bands, detector and photon noise, cases."""

import numpy as np

from spectra.analysis import METHODS
from spectra.analysis.method import Case, Input, Outcome
from spectra.conditions import Conditions
from spectra.spectrum import Channel, Spectrum

NM = np.arange(380.0, 701.0)


def band(center_nm, fwhm_nm, x=NM):
    """A Gaussian of height 1."""
    return np.exp(-4.0 * np.log(2.0) * ((x - center_nm) / fwhm_nm) ** 2)


def noisy(expected, seed, detector=4.0, gain=1.0):
    """Detector noise of variance ``detector`` and photon noise of ``gain`` counts per photon."""
    return np.random.default_rng(seed).normal(expected, np.sqrt(detector + gain * np.maximum(expected, 0.0)))


def case(y, x=NM, method="emission_band", x_unit="nm", facts=None, source="m1", conditions=None, **parameters) -> Case:
    spectrum = Spectrum(x, (Channel(y, "intensity"),), x_unit)
    conditions = Conditions(**(conditions or {}))
    given = Input("emission", 0, source, spectrum, conditions, facts=facts or {})
    return Case((given,), METHODS[method].complete(parameters))


def outcome(y, x=NM, method="emission_band", **settings) -> Outcome:
    return METHODS[method].run([case(y, x, method, **settings)])[0]


def numbers(found: Outcome) -> dict:
    return {e.name: e.value for e in found.estimates}


def codes(found: Outcome) -> set[str]:
    """Codes of all notes of an outcome: warnings, refusal, and reasons of absent values."""
    notes = [
        *found.warnings,
        *([found.refusal] if found.refusal else []),
        *(e.reason for e in found.estimates if e.reason),
    ]
    for note in notes:
        assert str(note)  # every place of the sentence can be filled in
    return {note.code for note in notes}


def coverage(outcomes, name: str, truth: float) -> tuple[int, int]:
    """How many intervals of ± 1 u hold the truth, of how many."""
    found = [e for o in outcomes for e in o.estimates if e.name == name and e.value is not None]
    return sum(abs(e.value - truth) < e.u for e in found), len(found)
