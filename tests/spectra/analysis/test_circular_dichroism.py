"""Cotton effects, dissymmetry and the mirror test, on simulated pairs with known truth."""

import numpy as np
import pytest

from spectra.analysis.circular_dichroism import METHOD, delta_absorbance
from spectra.analysis.method import Case, Input
from spectra.spectrum import Channel, Spectrum

X = np.arange(400.0, 520.5, 0.5)
G = 2.0e-4


def gauss(center, fwhm):
    return np.exp(-4 * np.log(2) * ((X - center) / fwhm) ** 2)


ABSORBANCE = 0.5 * gauss(445, 20) + 0.1
THETA = 32982.1 * G * 0.5 * gauss(445, 20)  # one Cotton effect; at its top A is 0.6
BISIGNATE = 3.0 * (gauss(440, 15) - gauss(458, 15))


def spectrum(theta, rng=None, noise=0.05, absorbance=None, tension=None, unit="mdeg"):
    noisy = theta + (rng.normal(0, noise, X.size) if rng else 0)
    channels = [Channel(noisy, "ellipticity", unit)]
    if tension is not None:
        channels.append(Channel(np.full(X.size, tension), "voltage", "V", "HT"))
    if absorbance is not None:
        channels.append(Channel(absorbance, "absorbance", "1", "reference"))
    return Spectrum(X[::-1], [Channel(c.values[::-1], c.quantity, c.unit, c.role) for c in channels], "nm")


def analysed(value, parameters=None, **others):
    inputs = [Input("cd", 0, "measurement:1", value)]
    inputs += [Input(role, 0, f"measurement:{role}", other) for role, other in others.items()]
    outcome = METHOD.run([Case(tuple(inputs), METHOD.complete(parameters or {}))])[0]
    return outcome, {e.name: e for e in outcome.estimates}


def codes(outcome):
    return {note.code for note in outcome.warnings}


def test_one_millidegree_at_half_an_absorbance_is_a_g_of_6e_5():
    assert delta_absorbance(1.0) / 0.5 == pytest.approx(6.064e-5, rel=1e-3)


def test_the_dissymmetry_of_a_clean_band_comes_out():
    _, found = analysed(spectrum(THETA, absorbance=ABSORBANCE))
    # The parabola over ± 6 nm lowers θ and A of a 20 nm band by the same few per cent; the background in A is not lowered.
    assert found["g_extremum"].value == pytest.approx(G * 0.5 / 0.6, rel=0.02)
    assert found["cd_positive_nm"].value == pytest.approx(445, abs=0.01)


def test_its_uncertainty_holds_the_truth_in_two_thirds_of_the_cases():
    rng, held, total = np.random.default_rng(7), 0, 120
    _, clean = analysed(spectrum(THETA))
    for _ in range(total):
        _, found = analysed(spectrum(THETA, rng, noise=0.3))
        held += abs(found["cd_positive_mdeg"].value - clean["cd_positive_mdeg"].value) < found["cd_positive_mdeg"].u
    assert 0.54 < held / total < 0.81  # binomial(120, 0.683): central 99.7 %


def test_a_bisignate_signal_has_its_crossover_and_splitting():
    _, found = analysed(spectrum(BISIGNATE, np.random.default_rng(1), noise=0.02))
    assert abs(found["cd_crossover_nm"].value - 449.0) < 3 * found["cd_crossover_nm"].u + 0.05
    # The overlap of the two bands pushes their extrema apart: 19.4 nm for 15 nm wide bands 18 nm apart.
    fine = np.linspace(420, 480, 60001)
    shape = np.exp(-4 * np.log(2) * ((fine - 440) / 15) ** 2) - np.exp(-4 * np.log(2) * ((fine - 458) / 15) ** 2)
    true = fine[shape.argmin()] - fine[shape.argmax()]
    assert found["cd_splitting_nm"].value == pytest.approx(true, abs=1.0)  # smoothing over ± 6 nm


def test_noise_alone_is_no_cotton_effect():
    outcome, _ = analysed(spectrum(np.zeros(X.size), np.random.default_rng(3)))
    assert "no_signal" in codes(outcome) or all(row["significance"] < 5 for row in outcome.details["extrema"].values())


def test_d_and_l_that_mirror_each_other_pass_at_equal_absorbance():
    rng = np.random.default_rng(5)
    d = spectrum(THETA, rng, absorbance=ABSORBANCE)
    l_form = spectrum(-1.5 * THETA, rng, absorbance=1.5 * ABSORBANCE)
    outcome, found = analysed(d, mirror=l_form)
    assert "no_mirror" not in codes(outcome)
    assert found["cd_positive_mdeg"].value == pytest.approx(THETA.max(), rel=0.05)
    assert found["mirror_asymmetry"].value < 0.1


def test_a_drifting_baseline_fails_the_mirror_test():
    rng = np.random.default_rng(5)
    outcome, _ = analysed(spectrum(THETA + 0.5, rng), mirror=spectrum(-THETA + 0.5, rng))
    assert {"no_mirror", "not_at_equal_absorbance"} <= codes(outcome)


def test_the_blank_takes_the_baseline_away():
    slope = 0.01 * (X - 400)
    _, found = analysed(spectrum(THETA + slope), blank=spectrum(slope))
    _, clean = analysed(spectrum(THETA))
    assert found["cd_positive_mdeg"].value == pytest.approx(clean["cd_positive_mdeg"].value, abs=1e-9)


def test_a_high_voltage_is_warned_about_with_its_range():
    outcome, _ = analysed(spectrum(THETA, tension=750.0))
    note = next(note for note in outcome.warnings if note.code == "high_tension")
    assert (note.values["low"], note.values["high"]) == (400.0, 520.0)  # four digits are shown


def test_g_is_absent_with_a_reason_without_absorbance_or_with_too_little():
    _, found = analysed(spectrum(THETA))
    assert found["g_extremum"].reason.code == "no_absorbance"
    _, found = analysed(spectrum(THETA, absorbance=0.02 * ABSORBANCE))
    assert found["g_extremum"].reason.code == "little_absorbance"


def test_other_curves_and_too_few_points_are_refused():
    other = Spectrum(X, (Channel(ABSORBANCE, "absorbance", "1"),), "nm")
    assert analysed(other)[0].refusal.code == "not_ellipticity"
    assert analysed(spectrum(THETA), {"window_max_nm": 403.0})[0].refusal.code == "too_few_points"
    assert analysed(spectrum(np.zeros(X.size)))[0].refusal.code == "flat"


def test_degrees_become_millidegrees_and_a_missing_unit_is_told():
    _, found = analysed(spectrum(THETA / 1000, unit="deg"))
    _, clean = analysed(spectrum(THETA))
    assert found["cd_positive_mdeg"].value == pytest.approx(clean["cd_positive_mdeg"].value)
    assert "unit_assumed" in codes(analysed(spectrum(THETA, unit=""))[0])


def test_the_noise_of_one_blank_cancels_in_the_half_difference_and_counts_once_in_the_half_sum():
    rng = np.random.default_rng(1)
    quiet = {"mirror": spectrum(-THETA, rng, noise=0.01)}
    outcome, found = analysed(spectrum(THETA, rng, noise=0.01), blank=spectrum(0 * X, rng, noise=1.0), **quiet)
    assert np.median(outcome.curves["u_mdeg"]) < 0.02
    of_sum = found["mirror_asymmetry"].u * np.sqrt(X.size * np.mean(outcome.curves["theta_mdeg"] ** 2))
    assert of_sum == pytest.approx(1.0, rel=0.2)  # 101 to 241 points tell a noise within 10 to 15 %
