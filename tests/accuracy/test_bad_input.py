"""Bad input × methods: a number with a warning, a refusal in words, or the truth; never an exception, never confidently wrong."""

import os

import numpy as np
import pytest

from spectra.analysis import METHODS
from spectra.analysis.method import Case, Input
from spectra.conditions import Conditions
from spectra.decay import Decay
from spectra.sizes import Sizes
from spectra.spectrum import HC_EV_NM, Channel, Series, Spectrum
from tests.accuracy.scenes.scene import gaussian
from tests.spectra.analysis.decay_simulation import expected_counts, gaussian_response
from tests.spectra.analysis.plqy_simulation import World

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")  # an overflow on the way is no answer in words

X = np.arange(380.0, 601.0)
TRUE_NM = 453.0
RNG = np.random.default_rng(5)
GOOD = RNG.normal(1000.0 * gaussian(X, TRUE_NM, 15.0) + 20.0, 5.0)
RAMP = 0.3 * gaussian(X, TRUE_NM, 18.0) + 0.5 / (1 + np.exp((X - 435.0) / 8.0)) + RNG.normal(0, 3e-4, X.size)

# (x, y, unit of x) made of a good curve
DAMAGE = {
    "clipped": lambda x, y: (x, np.minimum(y, 0.6 * y.max()), "nm"),
    "flat": lambda x, y: (x, np.full(x.size, 5.0), "nm"),
    "zero": lambda x, y: (x, np.zeros(x.size), "nm"),
    "negative": lambda x, y: (x, -np.abs(y) - 1.0, "nm"),
    "all missing": lambda x, y: (x, np.full(x.size, np.nan), "nm"),
    "half missing": lambda x, y: (x, np.where(np.arange(x.size) % 2, np.nan, y), "nm"),
    "two points": lambda x, y: (x[:2], y[:2], "nm"),
    "one point": lambda x, y: (x[:1], y[:1], "nm"),
    "signal twice the noise": lambda x, y: (x, y + np.random.default_rng(8).normal(0, 0.5 * np.ptp(y), x.size), "nm"),
    "cut at half maximum": lambda x, y: (x[x > 446], y[x > 446], "nm"),
    "cut at the top": lambda x, y: (x[x > 455], y[x > 455], "nm"),
    "reversed axis": lambda x, y: (x[::-1], y[::-1], "nm"),
    "electronvolts": lambda x, y: (HC_EV_NM / x[::-1], y[::-1], "eV"),
    "x twice": lambda x, y: (np.repeat(x, 2), np.repeat(y, 2), "nm"),
    "seconds": lambda x, y: (x, y, "s"),
    "large": lambda x, y: (x, y * 1e35, "nm"),
    "huge": lambda x, y: (x, y * 1e200, "nm"),
    "one point huge": lambda x, y: (x, np.where(x == 520, 1e300, y), "nm"),
    "infinite": lambda x, y: (x, np.where(x == 520, np.inf, y), "nm"),
    "tiny": lambda x, y: (x, y * 1e-35, "nm"),
    "denormal": lambda x, y: (x, y * 1e-310, "nm"),
    "spike": lambda x, y: (x, np.where(x == 520, 50 * y.max(), y), "nm"),
    "noise only": lambda x, y: (x, np.random.default_rng(9).normal(0, 1, x.size), "nm"),
}
KINDS = {"intensity": ("intensity", "[a.u.]", GOOD), "absorbance": ("absorbance", "1", RAMP),
         "ellipticity": ("ellipticity", "mdeg", GOOD / 300)}  # fmt: skip
SINGLE = {  # method → role, kind, parameters, the quantity whose truth is known
    "emission_band": ("emission", "intensity", {}, "emission_peak_nm"),
    "colour": ("emission", "intensity", {}, None),
    "first_exciton": ("absorbance", "absorbance", {}, "absorption_peak_nm"),
    "tauc": ("absorbance", "absorbance", {}, None),
    "nanocrystal_concentration": ("absorbance", "absorbance", {"epsilon": 1e5, "epsilon_at_nm": 453.0}, None),
    "circular_dichroism": ("cd", "ellipticity", {}, "cd_positive_nm"),
    "growth": ("series", "intensity", {}, None),
    "el_voltage": ("series", "intensity", {}, None),
}


# Of several spectra each takes its time: all damages with QDLAB_LONG=1, daily those that end in different ways
SEVERAL = (
    DAMAGE
    if os.environ.get("QDLAB_LONG")
    else ("clipped", "flat", "all missing", "two points", "one point huge", "noise only")
)


def spectrum(kind, damage):
    quantity, unit, y = KINDS[kind]
    with np.errstate(all="ignore"):
        x, y, x_unit = DAMAGE[damage](X, y)
    return Spectrum(x, (Channel(y, quantity, unit),), x_unit)


def answered(method, *inputs, **parameters):
    """One outcome in words: whatever came in, there is a refusal, a reason or a finite number."""
    found = METHODS[method].run([Case(tuple(inputs), METHODS[method].complete(parameters))])
    assert len(found) == 1
    outcome = found[0]
    for note in (
        *outcome.warnings,
        *filter(None, [outcome.refusal]),
        *(e.reason for e in outcome.estimates if e.reason),
    ):
        assert str(note)
    assert outcome.refusal or outcome.estimates or outcome.warnings
    return outcome


def confidently_wrong(outcome, name, truth, off=0.0):
    if outcome.refusal or outcome.warnings:
        return False
    found = next((e for e in outcome.estimates if e.name == name and e.value is not None), None)
    return found is not None and abs(found.value - truth) > 3 * found.u + off


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("method", SINGLE)
def test_a_damaged_spectrum_ends_in_words_or_in_the_truth(method, damage):
    role, kind, parameters, name = SINGLE[method]
    try:
        value = spectrum(kind, damage)
    except ValueError as refused:  # no such spectrum can be made: refused before any method sees it
        assert str(refused)
        return
    outcome = answered(method, Input(role, 0, "m1", value), **parameters)
    if name:
        assert not confidently_wrong(outcome, name, TRUE_NM), (outcome.estimates, damage)


@pytest.mark.parametrize("damage", SEVERAL)
@pytest.mark.parametrize("method", ["growth", "el_voltage", "ageing"])
def test_a_damaged_series_ends_in_words(method, damage):
    try:
        spectra = [spectrum("intensity", damage)] * 9
    except ValueError as refused:
        assert str(refused)
        return
    z, unit = np.arange(9.0), "V" if method == "el_voltage" else "min"
    if method == "ageing":
        answered(method, *(Input("emission", i, f"m{i}", s, Conditions(ageing_h=z[i])) for i, s in enumerate(spectra)))
    else:
        answered(method, Input("series", 0, "m1", Series(tuple(spectra), z, "z", unit)))
        answered(method, Input("series", 0, "m1", Series(tuple(spectra[:1]), z[:1], "z", unit)))


LINE = 1e5 * gaussian(X, 390.0, 4.0)
CORRECTED = {"excitation_nm": 390.0, "spectrally_corrected": True, "intensity_unit": "photon"}


@pytest.mark.parametrize("damage", SEVERAL)
@pytest.mark.parametrize("which", ["empty", "indirect", "direct"])
def test_a_sphere_with_one_damaged_spectrum_ends_in_words_or_in_the_truth(which, damage):
    light = {"empty": (1.0, 0.0), "indirect": (0.95, 0.03), "direct": (0.4, 0.45)}
    inputs = []
    for role, (excitation, emission) in light.items():
        x, y, unit = X, excitation * LINE + emission * 1e5 * 4 / 15 * gaussian(X, TRUE_NM, 15.0), "nm"
        if role == which:
            with np.errstate(all="ignore"):
                x, y, unit = DAMAGE[damage](x, y)
        value = Spectrum(x, (Channel(y, "intensity", "[a.u.]"),), unit)
        inputs.append(Input(role, 0, role, value, Conditions(**CORRECTED)))
    assert not confidently_wrong(answered("plqy_absolute", *inputs), "plqy_absolute", 0.75, off=0.1)


@pytest.mark.parametrize("damage", SEVERAL)
@pytest.mark.parametrize("role", ["sample_emission", "sample_absorbance", "standard_emission", "standard_absorbance"])
def test_a_relative_yield_with_one_damaged_spectrum_ends_in_words_or_in_the_truth(role, damage):
    case, inputs = World(phi=0.6).case(), []
    for one in case.inputs:
        if (one.role, one.index) == (role, 2):
            with np.errstate(all="ignore"):
                x, y, unit = DAMAGE[damage](one.value.x, one.value.signal.values)
            channel = Channel(y, one.value.signal.quantity, one.value.signal.unit)
            one = Input(one.role, one.index, one.source, Spectrum(x, (channel,), unit), one.conditions, facts=one.facts)
        inputs.append(one)
    assert not confidently_wrong(answered("plqy", *inputs), "plqy", 0.6, off=0.05)


def test_an_excitation_off_the_absorbance_curve_is_refused():
    case = World(
        phi=0.6, sample_conditions={"excitation_nm": 320.0}, standard_conditions={"excitation_nm": 320.0}
    ).case()
    assert answered("plqy", *case.inputs).refusal


@pytest.mark.parametrize("damage", ["huge", "one point huge", "denormal"])
@pytest.mark.parametrize("method", SINGLE)
def test_values_that_no_instrument_gives_are_refused_and_said(method, damage):
    role, kind, parameters, _ = SINGLE[method]
    refusal = answered(method, Input(role, 0, "m1", spectrum(kind, damage)), **parameters).refusal
    assert refusal.code == ("too_small" if damage == "denormal" else "too_large")


@pytest.mark.parametrize("method", METHODS)
def test_nothing_at_all_is_refused(method):
    assert answered(method).refusal


RESPONSE = gaussian_response()
CLEAN = expected_counts(RESPONSE, [180.0], [20_000.0], 0.5)
COUNTS = np.random.default_rng(6).poisson(CLEAN).astype(float)
DECAYS = {
    "zero": (np.zeros(1024), RESPONSE * 1e4),
    "flat": (np.full(1024, 7.0), RESPONSE * 1e4),
    "two channels": (COUNTS[:2], RESPONSE[:2]),
    "clipped": (np.minimum(COUNTS, 0.5 * COUNTS.max()), RESPONSE * 1e4),
    "not whole": (COUNTS * 0.37, RESPONSE * 1e4),
    "response longer than the decay": (COUNTS, gaussian_response(sigma=300.0) * 1e4),
    "empty response": (COUNTS, np.zeros(1024)),
    "response after the decay": (COUNTS, np.roll(RESPONSE, 700) * 1e4),
    "signal twice the noise": (np.random.default_rng(7).poisson(CLEAN / CLEAN.max() * 4 + 4).astype(float), RESPONSE * 1e4),
    "reversed": (COUNTS[::-1].copy(), RESPONSE * 1e4),
    "large": (COUNTS * 1e35, RESPONSE * 1e4),
    "huge": (COUNTS * 1e200, RESPONSE * 1e4),
    "denormal": (COUNTS * 1e-310, RESPONSE * 1e4),
    "negative": (-COUNTS, RESPONSE * 1e4),
    "huge response": (COUNTS, RESPONSE * 1e300),
}  # fmt: skip


@pytest.mark.parametrize("damage", DECAYS)
def test_a_damaged_decay_ends_in_words_or_in_the_truth(damage):
    counts, response = DECAYS[damage]
    try:
        inputs = Input("decay", 0, "m1", Decay(counts, 0.05)), Input("irf", 0, "irf", Decay(response, 0.05))
    except ValueError as refused:
        assert str(refused)
        return
    assert not confidently_wrong(answered("decay", *inputs), "lifetime_ns", 9.0)


@pytest.mark.parametrize(
    "values",
    [
        [2.4],
        [2.4] * 50,
        [2.4, 2.5],
        [1e-30] * 20 + [2e-30] * 20,
        list(np.arange(1, 40) * 1e30),
        list(np.arange(1, 40) * 1e200),
    ],
)
def test_damaged_lists_of_sizes_end_in_words(values):
    try:
        sizes = Sizes(np.array(values), "diameter", "d")
    except ValueError as refused:
        assert str(refused)
        return
    answered("tem_diameters", Input("sizes", 0, "m1", sizes))
