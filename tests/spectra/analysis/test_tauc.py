"""The edge of an absorption: its intercept by all acceptable windows, and its tail where that is clean."""

import numpy as np
import pytest

from spectra.analysis.method import Case, Input
from spectra.analysis.tauc import METHOD
from spectra.spectrum import HC_EV_NM, Channel, Spectrum

NM = np.arange(350.0, 700.5, 0.5)
EV = HC_EV_NM / NM
GAP = 2.35


def edge(gap=GAP, power=0.5, strength=0.8):
    return strength * np.maximum(EV - gap, 0) ** power / EV


def with_tail(urbach_mev=45.0):
    """A direct edge that goes over into an exponential tail with equal value and slope."""
    join = GAP + 0.5 * urbach_mev / 1000
    top = edge()
    at = 0.8 * (join - GAP) ** 0.5 / join
    return np.where(join < EV, top, at * np.exp((EV - join) / (urbach_mev / 1000)))


def analysed(y, seed=1, noise=2e-4, **parameters):
    noisy = y + np.random.default_rng(seed).normal(0, noise, NM.size)
    given = Input("absorbance", 0, "measurement:1", Spectrum(NM, (Channel(noisy, "absorbance", "1"),), "nm"))
    outcome = METHOD.run([Case((given,), METHOD.complete(parameters))])[0]
    return outcome, {e.name: e for e in outcome.estimates}


def codes(outcome):
    return {note.code for note in outcome.warnings}


def test_a_direct_edge_gives_its_gap():
    outcome, found = analysed(edge())
    assert abs(found["tauc_intercept_ev"].value - GAP) < max(2 * found["tauc_intercept_ev"].u, 0.003)
    assert "excitonic" not in codes(outcome)


def test_an_indirect_edge_gives_its_gap_by_the_other_exponent():
    _, found = analysed(edge(power=2.0, strength=2.0), noise=1e-4, transition="indirect")
    assert abs(found["tauc_intercept_ev"].value - GAP) < max(3 * found["tauc_intercept_ev"].u, 0.01)


def test_a_given_window_is_used_and_its_bend_told():
    outcome, found = analysed(edge(), window_min_ev=2.45, window_max_ev=2.9)
    assert outcome.details["windows_tried"] == 1
    assert found["tauc_intercept_ev"].value == pytest.approx(GAP, abs=0.005)
    outcome, _ = analysed(edge(power=2.0), window_min_ev=2.3, window_max_ev=3.4)
    assert "not_straight" in codes(outcome)


def test_an_exciton_makes_it_an_intercept_and_no_gap():
    exciton = 0.25 * np.exp(-4 * np.log(2) * ((NM - 453) / 15) ** 2)
    outcome, _ = analysed(0.5 * edge(gap=2.95) + exciton)
    assert "excitonic" in codes(outcome)


def test_the_choice_of_the_window_is_part_of_the_uncertainty():
    _, found = analysed(edge(power=0.75))  # straight in neither plot
    parts = {c.source.split(":")[0]: c.u for c in found["tauc_intercept_ev"].budget}
    assert parts["tauc-window"] > parts["tauc"]


def test_a_clean_tail_gives_its_urbach_energy():
    held = 0
    for seed in range(20):
        _, found = analysed(with_tail(), seed=seed, noise=1e-4)
        urbach = found["urbach_energy_mev"]
        assert urbach.value == pytest.approx(45.0, rel=0.05)
        held += abs(urbach.value - 45.0) < 2 * urbach.u
    assert held >= 15  # binomial(20, 0.954): 99.8 %


@pytest.mark.parametrize("level", [0.01, 0.02])
def test_an_offset_or_scattering_in_the_tail_refuses_the_urbach_energy(level):
    _, found = analysed(with_tail() + level * (NM / 500.0) ** -4)
    assert found["urbach_energy_mev"].value is None
    assert found["urbach_energy_mev"].reason.code in ("tail_not_clean", "no_tail")


def test_noise_has_no_edge():
    assert analysed(np.zeros(NM.size), noise=0.01)[0].refusal.code == "no_straight_part"


def test_a_window_without_points_is_refused():
    outcome, _ = analysed(edge(), window_min_ev=2.400, window_max_ev=2.405)
    assert outcome.refusal.code == "few_points_in_window"


def test_of_two_edges_the_lower_one_is_taken_though_the_other_is_steeper():
    outcome, found = analysed(0.15 * edge(gap=2.6) + 1.5 * edge(gap=3.2))
    intercept = found["tauc_intercept_ev"]
    assert abs(intercept.value - 2.6) < max(2 * intercept.u, 0.01)
    assert "absorbs_below" not in codes(outcome)


def test_a_line_that_a_person_puts_on_a_higher_edge_is_told():
    outcome, _ = analysed(0.15 * edge(gap=2.6) + 1.5 * edge(gap=3.2), window_min_ev=3.22, window_max_ev=3.4)
    assert "absorbs_below" in codes(outcome)
    outcome, _ = analysed(edge())
    assert "absorbs_below" not in codes(outcome)
