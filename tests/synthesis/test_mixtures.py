import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.mixtures import aliquot, concentration_mol_m3, precursor, stock_solution
from synthesis.stoichiometry import Substance, ratios, work_out
from tests.synthesis.paper import DMF, MABR, OLEYLAMINE, PBBR2, line, recipe_1, recipe_2, recipe_3


def mixture(lines):
    return precursor(work_out(lines, "lead"))


def test_the_precursor_of_recipe_1_is_40_millimolar_per_solvent_volume():
    found = mixture(recipe_1())
    assert found.per_solvent_mol_m3("Pb") == pytest.approx(40.05, abs=0.005)
    assert found.total_m3 == pytest.approx(2.0396e-6, rel=1e-9)
    assert found.per_total_mol_m3("Pb") == pytest.approx(40.05 / 1.0198, rel=1e-4)


def test_250_microlitres_of_recipe_1_in_8_ml_toluene():
    found = aliquot(mixture(recipe_1()), taken_m3=250e-9, antisolvent_m3=8e-6, antisolvent="toluene")
    assert found.species_mol["Pb"] == pytest.approx(9.82e-6, abs=0.005e-6)
    assert found.concentration_mol_m3("Pb") == pytest.approx(1.19, abs=0.005)
    assert 100 * found.solvent_fractions["DMF"] == pytest.approx(3.0, abs=0.05)
    assert found.volume_m3(0.5) == pytest.approx(4.1e-6, abs=0.05e-6)


def test_without_the_ligand_the_same_aliquot_would_hold_10_01_micromole():
    found = aliquot(
        mixture([*recipe_1()[:3], recipe_1()[4]]), taken_m3=250e-9, antisolvent_m3=8e-6, antisolvent="toluene"
    )
    assert found.species_mol["Pb"] == pytest.approx(10.01e-6, abs=0.005e-6)


def test_100_microlitres_of_recipe_3_in_5_ml_toluene():
    found = aliquot(mixture(recipe_3()), taken_m3=100e-9, antisolvent_m3=5e-6, antisolvent="toluene")
    assert found.species_mol["Pb"] == pytest.approx(3.29e-6, abs=0.005e-6)
    assert found.concentration_mol_m3("Pb") == pytest.approx(0.65, abs=0.005)


def test_antisolvent_and_wash_are_no_part_of_the_precursor():
    toluene = Substance("toluene", 92.14, 0.867, phase="liquid")
    more = [*recipe_2(), line("anti", toluene, "8 mL", "antisolvent"), line("wash", toluene, "4 mL", "wash")]
    assert mixture(more).total_m3 == pytest.approx(1.03e-6, rel=1e-9)


def test_a_stock_solution_delivers_all_its_solutes_in_their_proportion():
    stock = stock_solution("PbBr₂ and MABr", [(PBBR2, 40.0), (MABR, 42.0)])
    found = ratios(work_out([line("stock", stock, "2 mL")], "stock"))
    assert found["MA"].value == pytest.approx(1.05, rel=1e-12)
    assert found["Br"].value == pytest.approx(3.05, rel=1e-12)


def test_a_stock_solution_made_by_mass_per_volume_becomes_molar():
    assert concentration_mol_m3(MABR, 55.985) == pytest.approx(500, rel=1e-12)
    assert concentration_mol_m3(Substance("unknown"), 10) is None


def test_the_concentration_error_of_a_stock_moves_all_its_species_together():
    stock = stock_solution("PbBr₂ and MABr", [(PBBR2, 40.0), (MABR, 42.0)], relative_u=0.02, source="stock-1")
    found = ratios(work_out([line("stock", stock, "2 mL"), line("amine", OLEYLAMINE, "39.6 µL")], "stock"))
    assert found["MA"].u is None or found["MA"].u < 1e-12
    assert found["OAM"].u == pytest.approx(0.02 * found["OAM"].value, rel=1e-9)


def test_an_unknown_ligand_volume_leaves_the_total_volume_unknown():
    unknown = Substance("amine", 267.5, phase="liquid", species={"OAM": 1})
    found = mixture([*recipe_1()[:3], line("amine", unknown, "32 mg"), recipe_1()[4]])
    assert found.total_m3 is None
    assert found.per_solvent_mol_m3("Pb") == pytest.approx(40.05, abs=0.005)
    with pytest.raises(ValueError, match="not known"):
        aliquot(found, taken_m3=1e-7, antisolvent_m3=1e-6, antisolvent="toluene")


def test_more_than_there_is_cannot_be_taken():
    with pytest.raises(ValueError, match="more is taken"):
        aliquot(mixture(recipe_1()), taken_m3=3e-6, antisolvent_m3=1e-6, antisolvent="toluene")


@given(st.floats(min_value=1e-9, max_value=2e-6), st.floats(min_value=0, max_value=1e-3))
def test_an_aliquot_keeps_the_ratio_and_no_mole_is_lost(taken, antisolvent):
    whole = mixture(recipe_1())
    part = aliquot(whole, taken_m3=taken, antisolvent_m3=antisolvent, antisolvent="toluene")
    for species, amount in whole.species_mol.items():
        assert part.species_mol[species] / part.species_mol["Pb"] == pytest.approx(
            amount / whole.species_mol["Pb"], rel=1e-12
        )
    assert part.concentration_mol_m3("Pb") * part.total_m3 == pytest.approx(part.species_mol["Pb"], rel=1e-12)
    assert sum(part.solvent_fractions.values()) <= 1 + 1e-12


def test_an_antisolvent_that_is_the_solvent_counts_once():
    found = aliquot(mixture(recipe_1()), taken_m3=1e-6, antisolvent_m3=1e-6, antisolvent=DMF.name)
    assert list(found.solvent_fractions) == ["DMF"]
