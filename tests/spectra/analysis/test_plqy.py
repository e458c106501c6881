"""The relative yield against a known truth: recovery, and the size of each documented bias."""

import json
from dataclasses import replace

import numpy as np
import pytest

from spectra.analysis import plqy
from spectra.analysis.method import Case, Input
from spectra.analysis.plqy import METHOD
from spectra.conditions import Conditions
from spectra.spectrum import Channel, Spectrum
from tests.spectra.analysis.plqy_simulation import (
    ABSORBANCE_NM,
    BRIGHTNESS,
    EXCITATION_NM,
    N_SAMPLE,
    N_STANDARD,
    PHI_REF,
    SAMPLE_NM,
    STANDARD_NM,
    World,
    absorbance_input,
    answer,
    codes,
    emission_input,
    gaussian,
    peaked_absorption,
    sample_band,
    standard_band,
    unit_area,
)

TRUTH = 0.956
# Equal weights, as in an ordinary straight line through the origin
ORDINARY = {"emission_u_relative": 0.0, "absorbance_u": 0.001}
WIDE = {"sample_a": (0.06, 0.12, 0.18, 0.24, 0.3), "standard_a": (0.02, 0.04, 0.06, 0.08, 0.1)}


def phi(world, **parameters):
    return answer(world.case(**parameters)).estimates[0].value


@pytest.mark.parametrize("truth", [0.956, 0.97, 0.24, 0.01])
def test_against_absorptance_the_truth_is_recovered_exactly(truth):
    assert phi(World(phi=truth)) == pytest.approx(truth, rel=1e-6)
    assert phi(World(phi=truth, **WIDE)) == pytest.approx(truth, rel=1e-6)


def test_a_perfect_day_gives_no_warning():
    assert codes(answer(World().case())) == []


def test_the_classical_absorbance_is_biased_as_documented():
    # science.md: 0.913 for A up to 0.1 against 0.05, and 0.80 for 0.3 against 0.1, by ordinary lines
    assert phi(World(), abscissa="absorbance", **ORDINARY) == pytest.approx(0.913, abs=0.002)
    assert phi(World(**WIDE), abscissa="absorbance", **ORDINARY) == pytest.approx(
        0.80, abs=0.01
    )  # its digits depend on the weights


def test_both_abscissae_are_always_shown():
    for abscissa in ("absorptance", "absorbance"):
        outcome = answer(World().case(abscissa=abscissa, **ORDINARY))
        both = outcome.details["by_abscissa"]
        assert both["absorptance"] == pytest.approx(TRUTH, rel=1e-6)
        assert both["absorbance"] == pytest.approx(0.913, abs=0.002)
        assert outcome.estimates[0].value == pytest.approx(both[abscissa], rel=1e-12)


def test_an_offset_of_the_absorbance_costs_four_percent_and_shows_as_an_intercept():
    outcome = answer(World(sample_offset=0.003).case())
    assert outcome.estimates[0].value / TRUTH - 1 == pytest.approx(-0.04, abs=0.005)
    (note,) = [n for n in outcome.warnings if n.code == "intercept_sample"]
    assert note.values["offset"] == pytest.approx(0.003, abs=0.001)  # a straight line through a bent one
    assert "intercept_standard" not in codes(outcome)


@pytest.mark.parametrize(("slope_ratio", "expected"), [(0.8950, 0.956), (0.9362, 1.0)])
def test_the_papers_slope_ratios_give_its_yields(slope_ratio, expected):
    truth = slope_ratio * PHI_REF * (N_SAMPLE / N_STANDARD) ** 2
    outcome = answer(World(phi=truth).case())
    assert outcome.details["slope_ratio"] == pytest.approx(slope_ratio, rel=1e-6)
    assert outcome.estimates[0].value == pytest.approx(expected, abs=1e-4)  # the paper's digits


def test_a_yield_above_one_is_given_with_a_warning():
    outcome = answer(World(phi=1.02).case())
    assert outcome.estimates[0].value == pytest.approx(1.02, rel=1e-6)
    assert "above_one" in codes(outcome)


def as_energy(case, unit):
    """The same photons, written by an instrument that gives energy per nm."""

    def turned(one):
        if not one.role.endswith("emission"):
            return one
        x, y = one.value.x, one.value.signal.values
        value = Spectrum(x, (Channel(y * 450 / x, "intensity", "[a.u.]"),))
        return replace(one, value=value, conditions=replace(one.conditions, intensity_unit=unit))

    return replace(case, inputs=tuple(turned(i) for i in case.inputs))


def test_energy_units_are_converted_to_photons():
    assert answer(as_energy(World().case(), "energy")).estimates[0].value == pytest.approx(TRUTH, rel=1e-6)


def test_an_unknown_unit_counts_as_photons_and_says_what_that_is_worth():
    outcome = answer(as_energy(World().case(), None))
    (note,) = [n for n in outcome.warnings if n.code == "intensity_unit_unknown"]
    assert "as photons" in str(note)
    # about 5 % between 430 and 453 nm
    assert TRUTH / outcome.estimates[0].value - 1 == pytest.approx(0.05, abs=0.01)
    assert note.values["percent"] == pytest.approx(100 * (TRUTH / outcome.estimates[0].value - 1), abs=0.3)
    assert note.values["direction"] == "higher"


@pytest.mark.parametrize("bandwidth_nm", [2.5, 5.0])
def test_a_known_bandpass_on_a_peaked_absorption_is_averaged_over(bandwidth_nm):
    world = World(standard_absorption=peaked_absorption, true_bandwidth_nm=bandwidth_nm)
    assert phi(world) == pytest.approx(TRUTH, rel=1e-4)  # a spline through points 1 nm apart


def test_an_unknown_bandpass_on_a_peaked_absorption_is_warned_about_with_its_size():
    unknown = {"excitation_bandwidth_nm": None}
    world = World(
        standard_absorption=peaked_absorption,
        true_bandwidth_nm=5.0,
        sample_conditions=unknown,
        standard_conditions=unknown,
    )
    outcome = answer(world.case())
    error = TRUTH / outcome.estimates[0].value - 1
    assert 0.03 < abs(error) < 0.12  # 3–12 % at 2.5–5 nm on a peak of the standard
    (note,) = [n for n in outcome.warnings if n.code == "bandpass_unknown"]
    assert note.values["wide"] == pytest.approx(100 * error, abs=0.5)
    assert any(c.name == "excitation bandpass" for c in outcome.estimates[0].budget)


def test_an_unknown_bandpass_does_not_matter_where_the_absorption_is_flat():
    unknown = {"excitation_bandwidth_nm": None}
    outcome = answer(World(sample_conditions=unknown, standard_conditions=unknown).case())
    assert "bandpass_unknown" not in codes(outcome)


def self_absorbing(case):
    """The sample's edge reaches into the blue half of its band; what it eats grows with concentration."""
    inputs = []
    for one in case.inputs:
        if one.role == "sample_emission":
            a = World().sample_a[one.index]
            x, y = one.value.x, one.value.signal.values
            eaten = 10 ** (-0.4 * a * np.clip((456 - x) / 25, 0, None))
            one = replace(one, value=Spectrum(x, (Channel(y * eaten, "intensity", "[a.u.]"),)))
        inputs.append(one)
    return replace(case, inputs=tuple(inputs))


def test_red_tail_matching_undoes_self_absorption_but_for_the_most_dilute():
    kept = answer(self_absorbing(World().case())).estimates[0].value
    matched = answer(self_absorbing(World().case(match_red_tail=True)))
    assert kept / TRUTH - 1 < -0.008
    # what the most dilute solution (A = 0.02) eats itself stays: a fifth of the effect at A = 0.1
    assert abs(matched.estimates[0].value / TRUTH - 1) < 0.3 * abs(kept / TRUTH - 1)
    assert matched.details["red_tail"]["phi_as_measured"] == pytest.approx(kept, rel=1e-9)


def scattering(share, **parameters):
    """Part of the sample's absorbance is scattered light, growing with concentration."""
    case = World().case(**parameters)
    inputs = []
    for one in case.inputs:
        if one.role == "sample_absorbance":
            a = World().sample_a[one.index]
            curve = one.value.signal.values + a * share * (ABSORBANCE_NM / EXCITATION_NM) ** -4.0
            one = absorbance_input("sample", one.index, ABSORBANCE_NM, curve)
        inputs.append(one)
    return replace(case, inputs=tuple(inputs))


def test_scatter_does_not_bend_the_line_but_is_found_in_the_tail_and_subtracted_on_request():
    kept = answer(scattering(0.08))
    assert kept.estimates[0].value / TRUTH - 1 == pytest.approx(-0.07, abs=0.01)
    assert "intercept_sample" not in codes(kept)
    assert "scatter" in codes(kept)
    subtracted = answer(scattering(0.08, subtract_scatter=True))
    assert subtracted.estimates[0].value == pytest.approx(TRUTH, rel=1e-4)
    for outcome in (kept, subtracted):
        assert outcome.details["scatter"]["phi_subtracted"] == pytest.approx(TRUTH, rel=1e-4)
        assert outcome.details["scatter"]["phi_kept"] == pytest.approx(kept.estimates[0].value, rel=1e-9)


def test_asking_for_subtraction_where_there_is_no_scatter_changes_nothing_and_says_so():
    outcome = answer(World().case(subtract_scatter=True))
    assert outcome.estimates[0].value == pytest.approx(TRUTH, rel=1e-6)
    assert "no_scatter_found" in codes(outcome)


def blank_inputs(which, conditions, **facts):
    x = SAMPLE_NM if which == "sample" else STANDARD_NM
    y = 2e-3 * BRIGHTNESS * unit_area(x, gaussian(x, 418.0, 12.0)) + 2.0
    return Input(
        "blank", 7, f"blank-{which}", Spectrum(x, (Channel(y, "intensity", "[a.u.]"),)), conditions, facts=facts
    )


def with_solvent_light(*blanks, **parameters):
    unsubtracted = {"blank_subtracted": False}
    world = World(sample_conditions=unsubtracted, standard_conditions=unsubtracted)
    inputs = []
    for one in world.case().inputs:
        if one.role.endswith("emission"):
            x, y = one.value.x, one.value.signal.values
            light = blank_inputs(one.role.split("_")[0], Conditions()).value.signal.values
            one = replace(one, value=Spectrum(x, (Channel(y + light, "intensity", "[a.u.]"),)))
        inputs.append(one)
    return Case((*inputs, *blanks), METHOD.complete(parameters))


def test_blanks_are_subtracted_where_solvent_and_excitation_fit():
    by_solvent = blank_inputs("sample", Conditions(excitation_nm=372.0, solvent="Toluene"))
    by_name = blank_inputs("standard", Conditions(excitation_nm=372.2), **{"for": "standard"})
    outcome = answer(with_solvent_light(by_solvent, by_name))
    assert outcome.estimates[0].value == pytest.approx(TRUTH, rel=1e-6)
    assert outcome.details["series"]["sample"]["blanks"] == ["blank-sample"]
    assert codes(outcome) == []


@pytest.mark.parametrize(
    ("conditions", "facts", "code"),
    [
        ({"excitation_nm": 372.0, "solvent": "hexane"}, {"for": "sample"}, "blank_unfit_sample"),
        ({"excitation_nm": 380.0, "solvent": "toluene"}, {}, "blank_unfit_sample"),
        ({"solvent": "toluene"}, {}, "blank_unfit_sample"),
        ({"excitation_nm": 372.0, "solvent": "toluene", "excitation_bandwidth_nm": 9.0}, {}, "blank_unfit_sample"),
        ({"excitation_nm": 372.0}, {}, "blank_unassigned"),
        ({"excitation_nm": 372.0, "solvent": "ethanol"}, {}, "blank_unassigned"),
    ],
)
def test_a_blank_that_does_not_fit_is_not_subtracted_and_says_why(conditions, facts, code):
    without = answer(with_solvent_light())
    outcome = answer(with_solvent_light(blank_inputs("sample", Conditions(**conditions), **facts)))
    assert outcome.estimates[0].value == without.estimates[0].value
    assert code in codes(outcome)
    assert "no_blank_sample" in codes(without)


def test_absorbance_from_another_cuvette_is_converted_and_warned_about():
    case = World().case()
    inputs = tuple(
        absorbance_input("sample", i.index, i.value.x, 0.4 * i.value.signal.values, path_length_cm=0.4)
        if i.role == "sample_absorbance"
        else i
        for i in case.inputs
    )
    outcome = answer(replace(case, inputs=inputs))
    assert outcome.estimates[0].value == pytest.approx(TRUTH, rel=1e-6)
    assert "path_length_sample" in codes(outcome)


def test_percent_transmittance_gives_the_same_yield():
    case = World().case()
    inputs = []
    for one in case.inputs:
        if one.role.endswith("absorbance"):
            light = Channel(100 * 10**-one.value.signal.values, "transmittance", "%")
            one = replace(one, value=Spectrum(one.value.x, (light,)))
        inputs.append(one)
    assert answer(replace(case, inputs=tuple(inputs))).estimates[0].value == pytest.approx(TRUTH, rel=1e-6)


def test_index_numbers_need_not_be_contiguous_and_lonely_spectra_are_left_out():
    case = World().case()
    inputs = [i for i in case.inputs if not (i.role == "sample_absorbance" and i.index in (1, 3))]
    outcome = answer(replace(case, inputs=tuple(inputs)))
    assert outcome.estimates[0].value == pytest.approx(TRUTH, rel=1e-6)
    assert outcome.details["lines"]["sample"]["n"] == 3
    assert {"left_out_sample_1", "left_out_sample_3"} <= set(codes(outcome))


def test_scale_direction_and_order_of_the_files_do_not_matter():
    case = World().case()
    inputs = []
    for one in reversed(case.inputs):
        factor = 37.0 if one.role.endswith("emission") else 1.0
        channel = replace(one.value.signal, values=one.value.signal.values[::-1] * factor)
        inputs.append(replace(one, value=Spectrum(one.value.x[::-1], (channel,))))
    assert answer(replace(case, inputs=tuple(inputs))).estimates[0].value == pytest.approx(TRUTH, rel=1e-9)


def test_wavenumbers_read_like_wavelengths():
    case = World().case()
    inputs = tuple(replace(i, value=Spectrum(1e7 / i.value.x, i.value.channels, x_unit="1/cm")) for i in case.inputs)
    outcome = answer(replace(case, inputs=inputs))
    assert outcome.estimates[0].value == pytest.approx(TRUTH, rel=1e-9)
    assert "not_per_nm_sample" in codes(outcome)


def test_a_second_order_of_the_excitation_is_left_out_of_the_automatic_window():
    x = np.arange(365.0, 760.5, 0.5)
    world = World()
    inputs = [i for i in world.case().inputs if i.role != "sample_emission"]
    for index, a in enumerate(world.sample_a):
        y = TRUTH / N_SAMPLE**2 * BRIGHTNESS * (1 - 10**-a) * unit_area(x, sample_band(x))
        y = y + 1e5 * gaussian(x, 372.0, 3.0) + 1e4 * gaussian(x, 744.0, 3.0)
        inputs.append(emission_input("sample", index, x, y, world.conditions("sample")))
    outcome = answer(Case(tuple(inputs), METHOD.complete({})))
    assert outcome.estimates[0].value == pytest.approx(TRUTH, rel=1e-6)
    assert outcome.details["series"]["sample"]["window_nm"] == [380.0, 736.0]


def test_a_window_given_by_a_person_is_used_for_its_series_only():
    outcome = answer(World().case(sample_min_nm=453.0))
    assert outcome.estimates[0].value == pytest.approx(TRUTH / 2, rel=1e-6)  # half of a symmetric band
    assert outcome.details["series"]["standard"]["window_nm"][0] == STANDARD_NM[0]
    assert "window_cuts_sample" in codes(outcome) and "window_cuts_standard" not in codes(outcome)


def test_parameters_override_the_standards_facts():
    assert phi(World(), standard_phi=0.485) == pytest.approx(TRUTH / 2, rel=1e-6)
    assert phi(World(), n_sample=N_STANDARD) == pytest.approx(TRUTH / (N_SAMPLE / N_STANDARD) ** 2, rel=1e-6)


def test_refractive_indices_follow_the_solvents_names():
    ethanol = World(sample_conditions={"solvent": "EtOH"})
    assert phi(ethanol) == pytest.approx(TRUTH * (1.3611 / N_SAMPLE) ** 2, rel=1e-6)
    own = World(sample_conditions={"solvent": "EtOH", "refractive_index": 1.5})
    assert phi(own) == pytest.approx(TRUTH * (1.5 / N_SAMPLE) ** 2, rel=1e-6)


def test_cases_of_one_session_give_what_each_gives_alone():
    cases = [World(phi=p).case() for p in (0.2, 0.5, 0.9)]
    shared = World().inputs("standard")
    together = METHOD.run(
        [Case((*c.of("sample_emission"), *c.of("sample_absorbance"), *shared), c.parameters) for c in cases]
    )
    for outcome, case in zip(together, cases, strict=True):
        alone = answer(case)
        assert outcome.estimates[0].value == pytest.approx(alone.estimates[0].value, rel=1e-12)
        assert outcome.warnings == alone.warnings


def test_a_session_read_twice_from_its_files_is_evaluated_once():
    evaluated = []
    original = plqy.dilution_series

    def counted(case, which, *rest):
        evaluated.append(which)
        return original(case, which, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plqy, "dilution_series", counted)
        METHOD.run([World(phi=p).case() for p in (0.2, 0.5, 0.9)])  # each with its own copies of the standard
        METHOD.run([World().case(), World(standard_offset=0.001).case()])
    assert evaluated.count("standard") == 1 + 2
    assert evaluated.count("sample") == 3 + 2


def test_one_bad_case_does_not_stop_the_others():
    good, bad = World().case(), World(facts={"phi": None}).case()
    outcomes = METHOD.run([good, bad, good])
    assert [o.refusal is None for o in outcomes] == [True, False, True]


def test_details_and_curves_are_plain_json_and_describe_the_plot():
    outcome = answer(World().case())
    json.dumps([outcome.details, outcome.curves], allow_nan=False)
    curves = outcome.curves
    for which in ("sample", "standard"):
        for name in ("x", "y", "u_x", "u_y", "index", "residual"):
            assert len(curves[f"{which}_{name}"]) == 5
        assert (
            len(curves[f"{which}_line_x"]) == len(curves[f"{which}_line_y"]) == len(curves[f"{which}_free_line_y"]) == 2
        )
    assert curves["sample_x"] == pytest.approx([1 - 10**-a for a in World().sample_a], rel=1e-9)
    assert outcome.details["single_dilutions"]["phi"] == pytest.approx([TRUTH] * 5, rel=1e-6)


def test_noise_of_the_detector_leaves_the_yield_unbiased():
    values = [phi(World(noise=0.01, rng=np.random.default_rng(seed))) for seed in range(60)]
    assert np.mean(values) == pytest.approx(TRUTH, abs=4 * np.std(values) / np.sqrt(60))
    assert np.std(values) / TRUTH < 0.02


def test_the_standards_band_is_as_wide_as_the_window_takes_it():
    share = np.trapezoid(standard_band(STANDARD_NM), STANDARD_NM) / np.trapezoid(
        standard_band(np.arange(300.0, 800.0, 0.5)), dx=0.5
    )
    assert answer(World().case()).details["series"]["standard"]["share_cut"] == pytest.approx(1 - share, abs=2e-3)
