"""From atomic percents to atoms per particle: the ideal cube, the charge of the ligand, and what EDX cannot see."""

import pytest

from spectra.analysis.method import Case, Component, Estimate, Input
from spectra.analysis.particle_composition import METHOD, ideal_counts
from spectra.atomic_fractions import AtomicFraction, AtomicFractions


def composition(atoms, u=None, energy=15.0, spots=20):
    """Atomic percents of a particle of these atoms; ``u`` in atoms."""
    total = sum(atoms.values())
    fractions = [
        AtomicFraction(e, 100 * count / total, 100 * u[e] / total if u and e in u else None)
        for e, count in atoms.items()
    ]
    return AtomicFractions(tuple(fractions), beam_energy_kev=energy, n_spots=spots)


def analysed(value, facts=None, **parameters):
    case = Case((Input("composition", 0, "composition:1", value, facts=facts or {}),), METHOD.complete(parameters))
    outcome = METHOD.run([case])[0]
    return outcome, {e.name: e for e in outcome.estimates}


def codes(outcome):
    return [note.code for note in outcome.warnings]


def test_the_ideal_cube_of_four_cells_has_the_paper_s_atoms():
    assert ideal_counts(4) == {
        "metal": 64, "halide": 240, "cation_neutral": 112, "cation_lattice": 27, "halide_terminal": 96
    }  # fmt: skip


def test_recipe_2_has_31_cesium_at_the_surface_and_54_counter_ions():
    _, found = analysed(composition({"Cs": 58, "Pb": 64, "Br": 240}), n=4, ligand_charge=0, edge_nm=2.45)
    assert found["cation_surface"].value == pytest.approx(31, rel=1e-12)
    assert found["halide_lost"].value == pytest.approx(0, abs=1e-9)
    assert found["counter_ions"].value == pytest.approx(54, rel=1e-12)
    assert found["counter_ions_per_nm2"].value == pytest.approx(54 / 36.015, rel=1e-12)


@pytest.mark.parametrize(("charge", "expected", "expected_u"), [(-1, 60.6, 6.3), (-2, 70.2, 7.2)])
def test_the_charge_of_the_ligand_decides_how_many_counter_ions_are_needed(charge, expected, expected_u):
    # The paper's counts: 3 ± 6 bromides lost, 9.6 ± 2 malates, 58 Cs without an uncertainty of its own.
    value = composition({"Cs": 58, "Pb": 64, "Br": 237}, u={"Br": 6, "Cs": 0, "Pb": 0})
    _, found = analysed(value, n=4, ligand_charge=charge, ligand_count=9.6, ligand_count_u=2.0)
    assert found["counter_ions"].value == pytest.approx(expected, abs=1e-9)
    assert found["counter_ions"].u == pytest.approx(expected_u, abs=0.05)  # as printed


def test_without_the_charge_of_a_ligand_no_counter_ions_are_given():
    _, found = analysed(composition({"Cs": 58, "Pb": 64, "Br": 240}), n=4)
    assert "counter_ions" not in found


def test_without_the_size_only_ratios_are_given():
    _, found = analysed(composition({"Cs": 58, "Pb": 64, "Br": 240}))
    assert set(found) == {"halide_per_metal", "cation_per_metal"}
    assert found["halide_per_metal"].value == pytest.approx(3.75)


def test_malates_are_counted_by_their_five_oxygens_with_a_caveat():
    outcome, found = analysed(composition({"Cs": 58, "Pb": 64, "Br": 237, "O": 48}), n=4, ligand_oxygens=5)
    assert found["ligand_count"].value == pytest.approx(9.6)
    assert "oxygen_of_others" in codes(outcome)


def test_the_error_of_lead_enters_every_count_with_one_sign():
    value = composition({"Cs": 58, "Pb": 64, "Br": 240}, u={"Cs": 1, "Pb": 2, "Br": 4})
    _, found = analysed(value, n=4)
    lead = [
        next(c.u for c in found[name].budget if c.source.endswith(":Pb")) for name in ("halide_atoms", "cation_atoms")
    ]
    assert lead == pytest.approx([-240 * 2 / 64, -58 * 2 / 64])
    assert found["halide_lost"].u == pytest.approx(found["halide_atoms"].u)


def test_cesium_cannot_be_excited_at_3_kv_and_lead_hardly():
    outcome, _ = analysed(composition({"Cs": 58, "Pb": 64, "Br": 240}, energy=3.0))
    notes = {note.code: note.values for note in outcome.warnings}
    assert notes["not_excited"]["element"] == "Cs"
    assert notes["low_overvoltage"] == {"element": "Pb", "line": "M5", "edge": 2.484, "ratio": 1.21}


def test_nothing_is_said_about_edges_at_15_kv():
    outcome, _ = analysed(composition({"Cs": 58, "Pb": 64, "Br": 240}, u={"Cs": 1, "Pb": 1, "Br": 1}))
    assert codes(outcome) == []


def test_feed_and_particle_are_compared_with_both_uncertainties():
    value = composition({"Cs": 58, "Pb": 64, "Br": 240}, u={"Cs": 0, "Pb": 0, "Br": 6.4})
    feed = {"Br": Estimate("Br", 3.0, "1", (Component("balance", 0.02, "balance:1"),))}
    _, found = analysed(value, {"feed": feed})
    excess = found["halide_excess_over_feed"]
    assert excess.value == pytest.approx(0.75)
    assert excess.u == pytest.approx((0.1**2 + 0.02**2) ** 0.5)


def test_percents_that_do_not_add_up_are_doubted():
    value = AtomicFractions((AtomicFraction("Pb", 20.0, 1.0), AtomicFraction("Br", 60.0, 1.0)), 15.0, 20)
    assert "sum_is_not_100" in codes(analysed(value)[0])


def test_without_lead_nothing_can_be_said():
    outcome, _ = analysed(composition({"C": 90, "O": 10}))
    assert outcome.refusal.code == "no_metal"


def test_an_element_that_is_not_there_is_refused_by_name():
    outcome, _ = analysed(composition({"Pb": 64, "Br": 240}), cation="Cs")
    assert outcome.refusal.values == {"element": "Cs"}


def test_other_perovskites_work_the_same_way():
    _, found = analysed(composition({"Sn": 1, "I": 2, "Cl": 1, "Rb": 1}), n=1)
    assert found["halide_atoms"].value == pytest.approx(3)
