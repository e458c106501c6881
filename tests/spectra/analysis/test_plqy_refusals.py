"""What the relative yield refuses, what it warns about, and what can be overridden."""

from dataclasses import replace

import numpy as np
import pytest

from spectra.analysis.method import Case
from spectra.analysis.plqy import METHOD
from spectra.spectrum import Channel, Spectrum
from tests.spectra.analysis.plqy_simulation import World, absorbance_input, answer, codes, sample_absorption

TRUTH = 0.956


def changed(case, role, change, index=None):
    """The case with ``change`` applied to the inputs of a role (to one index, or to all)."""
    inputs = tuple(change(i) if i.role == role and index in (None, i.index) else i for i in case.inputs)
    return replace(case, inputs=inputs)


def with_y(function):
    def change(one):
        channel = replace(one.value.signal, values=function(one.value.x, one.value.signal.values))
        return replace(one, value=Spectrum(one.value.x, (channel,), x_unit=one.value.x_unit))

    return change


def with_conditions(**conditions):
    return lambda one: replace(one, conditions=replace(one.conditions, **conditions))


def without(*roles):
    case = World().case()
    return replace(case, inputs=tuple(i for i in case.inputs if i.role not in roles))


def short_absorbance(one):
    inside = one.value.x >= 380.0
    return absorbance_input("sample", one.index, one.value.x[inside], one.value.signal.values[inside])


UNKNOWN = {"excitation_nm": None}
REFUSED = {
    "nothing at all": (lambda: Case((), METHOD.complete({})), "no_sample", False),
    "no sample": (lambda: without("sample_emission", "sample_absorbance"), "no_sample", False),
    "no absorbance of the sample": (lambda: without("sample_absorbance"), "no_sample", False),
    "no standard": (lambda: without("standard_emission", "standard_absorbance"), "no_standard", False),
    "standard without Φ": (lambda: World(facts={"phi": None}).case(), "standard_without_phi", False),
    "standard with Φ of 97": (lambda: World(facts={"phi": 97.0}).case(), "standard_phi_impossible", False),
    "excitation unknown": (lambda: World(sample_conditions=UNKNOWN).case(), "excitation_unknown", False),
    "excitation of the standard unknown": (
        lambda: World(standard_conditions=UNKNOWN).case(),
        "excitation_unknown",
        False,
    ),
    "excitation off the absorbance curve": (
        lambda: changed(World().case(), "sample_absorbance", short_absorbance),
        "excitation_outside_absorbance",
        False,
    ),
    "different excitation": (
        lambda: World(standard_conditions={"excitation_nm": 373.0}).case(),
        "excitation_differs",
        True,
    ),
    "different excitation within": (
        lambda: changed(World().case(), "sample_emission", with_conditions(excitation_nm=374.0), index=2),
        "excitation_differs_within",
        True,
    ),
    "saturated": (lambda: World(sample_conditions={"saturation_level": 1e3}).case(), "saturated", True),
    "over range leaves blank cells": (
        lambda: changed(
            World().case(), "sample_emission", with_y(lambda x, y: np.where(abs(x - 453) < 3, np.nan, y)), index=4
        ),
        "saturated",
        True,
    ),
    "not corrected": (lambda: World(sample_conditions={"spectrally_corrected": False}).case(), "not_corrected", True),
    "gain differs": (
        lambda: changed(
            World(facts={"gain": "High"}).case(), "sample_emission", lambda i: replace(i, facts={"gain": "Low"})
        ),
        "gain_differs",
        True,
    ),
    "photon and energy": (
        lambda: World(standard_conditions={"intensity_unit": "energy"}).case(),
        "intensity_units_mixed",
        False,
    ),
    "solvent without refractive index": (
        lambda: World(sample_conditions={"solvent": "octadecene"}).case(),
        "refractive_index_unknown",
        False,
    ),
    "window beside the band": (lambda: World().case(sample_min_nm=700.0), "window_sample", False),
    "negative emission": (
        lambda: changed(World().case(), "sample_emission", with_y(lambda x, y: -y)),
        "no_emission_sample",
        False,
    ),
    "no emission": (
        lambda: changed(World().case(), "sample_emission", with_y(lambda x, y: 0 * y)),
        "no_emission_sample",
        False,
    ),
    "all values missing": (
        lambda: changed(World().case(), "sample_emission", with_y(lambda x, y: np.nan * y)),
        "no_sample",
        False,
    ),
    "negative absorbance": (
        lambda: changed(World().case(), "sample_absorbance", with_y(lambda x, y: -y)),
        "no_sample",
        False,
    ),
    "absorbance where the emission should be": (
        lambda: changed(
            World().case(),
            "sample_emission",
            lambda i: replace(i, value=Spectrum(i.value.x, (Channel(i.value.signal.values, "absorbance", "1"),))),
        ),
        "no_sample",
        False,
    ),
    "an axis that is no wavelength": (
        lambda: changed(
            World().case(), "sample_emission", lambda i: replace(i, value=Spectrum(i.value.x, i.value.channels, "min"))
        ),
        "no_sample",
        False,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_mislead_is_refused_with_a_reason(name):
    make, code, overridable = REFUSED[name]
    outcome = answer(make())
    assert outcome.refusal is not None and outcome.refusal.code == code
    assert outcome.overridable is overridable
    assert outcome.estimates == ()
    text = str(outcome.refusal)  # all places of the sentence are filled
    assert "{" not in text and text.endswith(".")


@pytest.mark.parametrize("name", [n for n, (_, _, overridable) in REFUSED.items() if overridable])
def test_an_overridden_refusal_gives_a_number_and_stays_as_a_warning(name):
    make, code, _ = REFUSED[name]
    case = make()
    outcome = answer(replace(case, parameters={**case.parameters, "override": f"something, {code}"}))
    assert outcome.refusal is None
    assert outcome.estimates[0].value > 0
    assert f"overridden_{code}" in codes(outcome)
    assert code in outcome.details["override"]


def test_one_override_does_not_open_another_door():
    world = World(sample_conditions={"saturation_level": 1e3, "spectrally_corrected": False})
    assert answer(world.case(override="not_corrected")).refusal.code == "saturated"


def test_a_given_excitation_stands_in_for_an_unknown_one():
    outcome = answer(World(sample_conditions=UNKNOWN, standard_conditions=UNKNOWN).case(excitation_nm=372.0))
    assert outcome.estimates[0].value == pytest.approx(TRUTH, rel=1e-6)


def test_a_given_excitation_that_contradicts_the_file_is_warned_about():
    assert "excitation_overruled" in codes(answer(World().case(excitation_nm=374.0)))


@pytest.mark.parametrize("n", [1, 2])
def test_fewer_than_three_dilutions_are_called_single_point(n):
    outcome = answer(World(sample_a=(0.05, 0.1)[:n]).case())
    assert outcome.estimates[0].value == pytest.approx(TRUTH, rel=1e-6)
    (note,) = [w for w in outcome.warnings if w.code == "single_point_sample"]
    assert "single-point" in str(note)
    assert outcome.estimates[0].u > 0


def missing_value(x, y):
    return np.where((x > 480) & (x < 482), np.nan, y)


WARNED = {
    "no facts of a standard": (
        lambda: changed(
            changed(World().case(), "standard_emission", lambda i: replace(i, facts={})),
            "standard_absorbance",
            lambda i: replace(i, facts={}),
        ),
        "standard_assumed",
    ),
    "solvent of the sample unknown": (
        lambda: World(sample_conditions={"solvent": None}).case(),
        "solvent_assumed_sample",
    ),
    "Φ without uncertainty": (lambda: World(facts={"phi_u": None}).case(), "standard_phi_u_assumed"),
    "gas unknown": (lambda: World(standard_conditions={"gas": None}).case(), "standard_gas"),
    "gas differs": (lambda: World(standard_conditions={"gas": "air"}).case(), "standard_gas"),
    "gas of the literature unknown": (lambda: World(facts={"gas": None}).case(), "standard_gas"),
    "solvent of the standard differs": (
        lambda: World(standard_conditions={"solvent": "toluene"}).case(),
        "standard_solvent_differs",
    ),
    "temperature differs": (
        lambda: World(facts={"temperature_c": 20.0}, standard_conditions={"temperature_c": 35.0}).case(),
        "standard_temperature_differs",
    ),
    "correction unknown": (
        lambda: World(sample_conditions={"spectrally_corrected": None}).case(),
        "correction_unknown_sample",
    ),
    "too concentrated": (lambda: World(sample_a=(0.05, 0.1, 0.15)).case(), "too_concentrated_sample"),
    "too concentrated in a short cuvette": (
        lambda: World(sample_conditions={"path_length_cm": 0.1}, sample_a=(0.2, 0.3, 0.5)).case(),
        "path_length_sample",
    ),
    "excitation slits differ": (
        lambda: World(standard_conditions={"excitation_bandwidth_nm": 3.0}).case(),
        "differs_excitation_bandwidth_nm",
    ),
    "emission slits differ": (
        lambda: World(
            sample_conditions={"emission_bandwidth_nm": 2.5}, standard_conditions={"emission_bandwidth_nm": 5.0}
        ).case(),
        "differs_emission_bandwidth_nm",
    ),
    "correction files differ": (
        lambda: World(sample_conditions={"correction_file": "a"}, standard_conditions={"correction_file": "b"}).case(),
        "differs_correction_file",
    ),
    "response differs": (
        lambda: changed(
            World(facts={"response": "1 s"}).case(),
            "sample_emission",
            lambda i: replace(i, facts={"response": "20 ms"}),
        ),
        "differs_response",
    ),
    "no blank": (lambda: World(sample_conditions={"blank_subtracted": None}).case(), "no_blank_sample"),
    "flat top": (
        lambda: changed(World().case(), "sample_emission", with_y(lambda x, y: np.minimum(y, 0.9 * y.max()))),
        "perhaps_saturated",
    ),
    "points without value beside the band": (
        lambda: changed(World().case(), "sample_emission", with_y(missing_value)),
        "points_without_value",
    ),
    "window that cuts": (lambda: World().case(sample_min_nm=440.0), "window_cuts_sample"),
    "scan that ends in the band": (
        lambda: changed(
            World().case(),
            "sample_emission",
            lambda i: replace(
                i,
                value=Spectrum(
                    i.value.x[i.value.x < 461], (Channel(i.value.signal.values[i.value.x < 461], "intensity"),)
                ),
            ),
        ),
        "window_cuts_sample",
    ),
    "absorbance of unnamed columns": (
        lambda: changed(
            World().case(),
            "sample_absorbance",
            lambda i: replace(i, value=Spectrum(i.value.x, (Channel(i.value.signal.values, "unknown"),))),
        ),
        "absorbance_assumed",
    ),
    "one dilution absorbs nothing": (
        lambda: changed(World().case(), "sample_absorbance", with_y(lambda x, y: 0 * y), index=0),
        "left_out_sample_0",
    ),
    "bandpass leaves the curve": (
        lambda: changed(
            World(sample_conditions={"excitation_bandwidth_nm": 5.0}).case(),
            "sample_absorbance",
            lambda i: absorbance_input(
                "sample", i.index, i.value.x[i.value.x >= 370], i.value.signal.values[i.value.x >= 370]
            ),
        ),
        "bandpass_outside_sample",
    ),
    "absorbance ends before the emission": (
        lambda: changed(
            World().case(),
            "sample_absorbance",
            lambda i: absorbance_input(
                "sample", i.index, i.value.x[i.value.x < 430], i.value.signal.values[i.value.x < 430]
            ),
        ),
        "self_absorption_unknown_sample",
    ),
}


@pytest.mark.parametrize("name", WARNED)
def test_what_is_doubtful_is_a_number_with_a_warning(name):
    make, code = WARNED[name]
    outcome = answer(make())
    assert outcome.refusal is None
    assert code in codes(outcome)
    for note in outcome.warnings:
        assert "{" not in str(note)


def test_a_perfect_case_has_none_of_these_warnings():
    assert codes(answer(World().case())) == []


def test_the_papers_standard_is_used_when_nothing_is_known():
    make, _ = WARNED["no facts of a standard"]
    outcome = answer(make())
    assert outcome.estimates[0].value == pytest.approx(TRUTH, rel=1e-6)
    assert outcome.details["standard"]["compound"] == "9,10-diphenylanthracene"
    assert (outcome.details["standard"]["phi"], outcome.details["standard"]["phi_u"]) == (0.97, 0.03)


def test_the_warning_about_oxygen_estimates_its_effect():
    outcome = answer(World(standard_conditions={"gas": "air"}).case())
    (note,) = [n for n in outcome.warnings if n.code == "standard_gas"]
    assert 15 < note.values["percent"] < 40  # Stern–Volmer with 7.5 ns, air-saturated
    assert "Ar" in str(note) and "air" in str(note)


def test_two_ways_of_taking_oxygen_out_are_one_state():
    assert "standard_gas" not in codes(answer(World(standard_conditions={"gas": "degassed"}).case()))


def test_a_standard_that_oxygen_hardly_quenches_needs_no_gas():
    facts = {"compound": "quinine sulfate", "phi": 0.546, "gas": None}
    assert "standard_gas" not in codes(answer(World(facts=facts, standard_conditions={"gas": None}).case()))


@pytest.mark.parametrize(
    ("measured_at", "expired"), [("2024-05-02T17:00:00+02:00", True), ("2024-05-02T13:00:00Z", False), (None, False)]
)
def test_a_sample_measured_after_its_session_expired_is_warned_about(measured_at, expired):
    case = World(facts={"valid_until": "2024-05-02T14:00:00+00:00"}).case()
    outcome = answer(changed(case, "sample_emission", lambda i: replace(i, facts={"measured_at": measured_at})))
    assert ("session_expired" in codes(outcome)) is expired


def tailing(level):
    """Absorbs ``level`` where it emits, in the most concentrated solution."""
    return lambda x: sample_absorption(x) + 10 * level * (x > 440) * (x < 475)


@pytest.mark.parametrize(("level", "warned"), [(0.01, False), (0.03, True), (0.05, True)])
def test_self_absorption_is_warned_about_with_its_size(level, warned):
    outcome = answer(World(sample_absorption=tailing(level)).case())
    notes = [n for n in outcome.warnings if n.code == "self_absorption_sample"]
    assert bool(notes) is warned
    if warned:
        assert notes[0].values["absorbance"] == pytest.approx(level, rel=0.05)
        # science.md: A of 0.03–0.05 costs 2.7–4.5 %
        assert notes[0].values["percent"] == pytest.approx(90 * level, rel=0.1)


MESSES = {
    "blank cells": lambda rng, x, y: (x, np.where(rng.random(y.size) < 0.02, np.nan, y)),
    "zero": lambda rng, x, y: (x, 0 * y),
    "upside down": lambda rng, x, y: (x, -y),
    "noise only": lambda rng, x, y: (x, rng.normal(0, np.abs(y).max(), y.size)),
    "few points": lambda rng, x, y: (x[:4], y[:4]),
    "one wavelength": lambda rng, x, y: (np.full_like(x, 400.0), y),
    "another scale": lambda rng, x, y: (x, y * 1e9),
    "a spike": lambda rng, x, y: (x, np.where(np.arange(y.size) == 90, 1e12, y)),
    "shuffled": lambda rng, x, y: tuple(np.array([x, y])[:, rng.permutation(x.size)]),
    "every point twice": lambda rng, x, y: (np.repeat(x, 2), np.repeat(y, 2)),
    "two bits": lambda rng, x, y: (x, np.round(3 * y / np.abs(y).max())),
}


@pytest.mark.parametrize("match_red_tail", [False, True])
@pytest.mark.parametrize("role", ["sample_emission", "sample_absorbance", "standard_emission", "standard_absorbance"])
@pytest.mark.parametrize("mess", MESSES)
@pytest.mark.filterwarnings("error")
def test_whatever_a_file_holds_the_answer_is_a_finite_number_or_a_reason(mess, role, match_red_tail):
    def change(one):
        x, y = MESSES[mess](np.random.default_rng(1), one.value.x, one.value.signal.values)
        return replace(one, value=Spectrum(x, (replace(one.value.signal, values=y),)))

    case = World().case(match_red_tail=match_red_tail, subtract_scatter=True)
    for index in (None, 0, 4):
        outcome = answer(changed(case, role, change, index))
        assert (outcome.refusal is None) == bool(outcome.estimates)  # an Estimate is finite by construction


def test_a_dilution_is_called_by_its_label_or_counted_from_one():
    unknown = changed(World().case(), "sample_emission", with_conditions(excitation_nm=None), index=1)
    assert "dilution 2 of the sample" in str(answer(unknown).refusal)
    labelled = changed(unknown, "sample_emission", with_conditions(dilution_label="d7", excitation_nm=None), index=1)
    assert "dilution d7 of the sample" in str(answer(labelled).refusal)
