import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from synthesis.notes import InputError
from synthesis.stoichiometry import Ingredient, Substance, ratios, species_totals, work_out
from synthesis.units import Typed, parse_amount
from tests.synthesis.paper import CSBR, DMF, MABR, MALIC, OLEYLAMINE, PBBR2, line, recipe_1, recipe_2, recipe_3

HALF_OF_THE_LAST_DIGIT = 0.0005


def ratio_values(lines, reference="lead"):
    return {name: ratio.value for name, ratio in ratios(work_out(lines, reference)).items()}


def by_key(lines, reference="lead", equivalents=1.0):
    return {p.key: p for p in work_out(lines, reference, equivalents)}


def test_recipe_1_gives_the_ratio_of_the_paper_from_its_masses():
    expected = {"MA": 1.003, "Pb": 1, "Br": 3.003, "MLA": 4.003, "OAM": 1.502}
    assert ratio_values(recipe_1()) == pytest.approx(expected, abs=HALF_OF_THE_LAST_DIGIT)
    assert by_key(recipe_1())["lead"].amount_mol == pytest.approx(80.11e-6, abs=0.005e-6)


def test_recipe_2_has_2_231_equivalents_of_oleylamine_not_2_3():
    assert ratio_values(recipe_2()) == pytest.approx(
        {"Pb": 1, "Br": 3.000, "Cs": 1.000, "MLA": 0.985, "OAM": 2.231}, abs=HALF_OF_THE_LAST_DIGIT
    )
    assert by_key(recipe_2())["lead"].amount_mol == pytest.approx(40.87e-6, abs=0.005e-6)


def test_recipe_2_reaches_2_279_only_against_the_nominal_40_micromole():
    nominal = replace(recipe_2()[0], amount=parse_amount("40 µmol"))
    portions = by_key([nominal, *recipe_2()[1:]])
    assert portions["amine"].equivalents == pytest.approx(2.279, abs=HALF_OF_THE_LAST_DIGIT)


def test_recipe_3_has_the_15_and_2_equivalents_of_the_paper():
    found = ratio_values(recipe_3())
    assert found["OA"] == pytest.approx(14.99, abs=0.005)
    assert found["OAM"] == pytest.approx(2.011, abs=HALF_OF_THE_LAST_DIGIT)


def test_purity_counts_oleylamine_of_70_per_cent_is_1_05_equivalents():
    impure = replace(recipe_1()[3], substance=replace(OLEYLAMINE, purity=0.70))
    portions = by_key([*recipe_1()[:3], impure])
    assert portions["amine"].equivalents == pytest.approx(1.05, abs=0.005)


def test_bromide_counts_from_every_bromide_salt_and_covalent_bromine_is_another_species():
    benzoyl = Substance("benzoyl bromide", 185.02, 1.57, phase="liquid", species={"PhCOBr": 1})
    totals = species_totals(work_out([*recipe_1(), line("benzoyl", benzoyl, "10 µL")], "lead"))
    lead, methylammonium = 29.4e-3 / 367.008, 9.0e-3 / 111.970
    assert totals["Br"] == pytest.approx(2 * lead + methylammonium, rel=1e-12)
    assert totals["PhCOBr"] == pytest.approx(10e-3 * 1.57 / 185.02, rel=1e-12)


def test_equivalents_count_from_any_ingredient_at_any_equivalent():
    portions = by_key(recipe_1(), reference="acid", equivalents=4)
    assert portions["acid"].equivalents == pytest.approx(4, rel=1e-15)
    assert portions["lead"].equivalents == pytest.approx(4 / 4.0031, rel=1e-4)
    planned = [line("lead", PBBR2, "0.5 equiv"), line("acid", MALIC, "2 mmol")]
    assert by_key(planned, "acid", 2)["lead"].amount_mol == pytest.approx(0.5e-3, rel=1e-12)


amounts = st.floats(min_value=1e-9, max_value=1e3)
substances = st.builds(
    lambda molar_mass, density, purity: Substance(
        "x", molar_mass, density, purity=purity, phase="liquid", species={"X": 1}
    ),
    st.floats(min_value=1, max_value=5000),
    st.floats(min_value=0.1, max_value=20),
    st.floats(min_value=0.01, max_value=1),
)
stocks = st.builds(
    lambda concentration, density: Substance(
        "x", density_g_ml=density, phase="solution", species={"X": 1}, concentration_mol_m3=concentration
    ),
    st.floats(min_value=1e-3, max_value=1e5),
    st.floats(min_value=0.1, max_value=20),
)
SI = {"mass": "kg", "volume": "m3", "substance": "mol", "equivalents": "{equiv}"}


@given(substances | stocks, amounts, st.floats(min_value=1e-6, max_value=1e3), st.sampled_from(list(SI)))
def test_mass_volume_amount_and_equivalents_lead_back_to_each_other(substance, reference_mol, si, dimension):
    reference = Ingredient("ref", PBBR2, Typed("", "mol", reference_mol))
    first = work_out([reference, Ingredient("x", substance, Typed("", SI[dimension], si))], "ref", 0.75)[1]
    for other in SI:
        again = work_out([reference, Ingredient("x", substance, Typed("", SI[other], first.si(other)))], "ref", 0.75)[1]
        for name in SI:
            assert again.si(name) == pytest.approx(first.si(name), rel=1e-12)


@given(st.floats(min_value=1e-3, max_value=1e3))
def test_scaling_a_recipe_leaves_equivalents_and_ratios(factor):
    scaled = [replace(i, amount=replace(i.amount, si=i.amount.si * factor)) for i in recipe_1()]
    assert ratio_values(scaled) == pytest.approx(ratio_values(recipe_1()), rel=1e-12)
    for key, portion in by_key(scaled).items():
        assert portion.equivalents == pytest.approx(by_key(recipe_1())[key].equivalents, rel=1e-12)


@given(st.permutations(recipe_1()))
def test_the_order_of_ingredients_does_not_matter(lines):
    assert ratio_values(lines) == pytest.approx(ratio_values(recipe_1()), rel=1e-14)


def test_what_was_typed_is_given_back_unchanged():
    typed = parse_amount("39,60", "µL")
    portion = by_key([*recipe_1()[:3], Ingredient("amine", OLEYLAMINE, typed)])["amine"]
    assert portion.ingredient.amount is typed
    assert (portion.typed, portion.volume_m3) == ("volume", typed.si)


def test_a_volume_without_a_density_says_so_and_leaves_the_other_ratios_known():
    unknown = replace(OLEYLAMINE, density_g_ml=None)
    portions = work_out([*recipe_1()[:3], line("amine", unknown, "39.6 µL")], "lead")
    assert [n.code for n in portions[3].notes] == ["density_missing"]
    found = ratios(portions)
    assert found["OAM"].value is None and found["OAM"].reason.code == "species_unknown"
    assert found["MLA"].value == pytest.approx(4.003, abs=HALF_OF_THE_LAST_DIGIT)


def test_a_missing_molar_mass_says_so_where_it_is_missed():
    nameless = Substance("acid from the shelf", species={"acid": 1})
    assert [n.code for n in work_out([line("a", nameless, "3 mg")], "a")[0].notes] == ["molar_mass_missing"]
    assert work_out([line("s", Substance("mystery solvent"), "3 mL", "solvent")])[0].notes == ()


def test_equivalents_without_a_reference_ask_for_one():
    portion = work_out([line("acid", MALIC, "4 equiv")])[0]
    assert [n.code for n in portion.notes] == ["reference_missing"]
    assert portion.mass_kg is None


def test_equivalents_against_an_empty_reference_ask_for_its_amount():
    portions = work_out([Ingredient("lead", PBBR2), line("acid", MALIC, "4 equiv")], "lead")
    assert [n.code for n in portions[1].notes] == ["reference_unknown"]


def test_a_reference_cannot_be_given_in_equivalents_of_itself():
    portion = work_out([line("lead", PBBR2, "1 equiv")], "lead")[0]
    assert [n.code for n in portion.notes] == ["reference_in_equivalents"]
    assert portion.equivalents is None


@pytest.mark.parametrize("equivalents", [0, -1, float("nan"), float("inf")])
def test_a_reference_stands_for_a_positive_number_of_equivalents(equivalents):
    with pytest.raises(InputError, match="more than 0"):
        work_out(recipe_1(), "lead", equivalents)


def test_a_ratio_without_the_reference_species_has_a_reason():
    found = ratios(work_out([line("a-site", CSBR, "8.7 mg")], "a-site"))
    assert found["Cs"].value is None
    assert "Pb" in str(found["Cs"].reason)


def test_ratios_can_count_against_another_species():
    found = ratios(work_out(recipe_1(), "lead"), reference="MLA")
    assert found["Pb"].value == pytest.approx(1 / 4.0031, rel=1e-4)


def test_an_error_of_weighing_lead_moves_bromide_less_than_methylammonium():
    lines = [line("lead", PBBR2, "29.4 mg", amount_u_si=0.294e-6), *recipe_1()[1:]]
    found = ratios(work_out(lines, "lead"))
    # 1 % of lead: r = N_s / N_Pb moves by −1 % · r, but 2 of the 3 bromides come along with the lead.
    assert found["MA"].u == pytest.approx(0.01 * 1.003, rel=1e-3)
    assert found["Br"].u == pytest.approx(0.01 * 1.003, rel=2e-3)
    assert found["Br"].u / found["Br"].value < 0.4 * found["MA"].u / found["MA"].value
    assert found["Pb"].u is None


def test_the_budget_agrees_with_numerical_derivatives():
    u = {"lead": 0.1e-6, "a-site": 0.1e-6, "acid": 0.1e-6, "amine": 0.3e-9}
    lines = [replace(i, amount_u_si=u.get(i.key, 0)) for i in recipe_1()]
    value = ratio_values(lines)
    for species, ratio in ratios(work_out(lines, "lead")).items():
        total = 0.0
        for moved, shift in u.items():
            other = [replace(i, amount=replace(i.amount, si=i.amount.si + shift * (i.key == moved))) for i in lines]
            total += (ratio_values(other)[species] - value[species]) ** 2
        if species != "Pb":
            # Finite differences of 0.1–1 % are linear to that part of themselves.
            assert ratio.u == pytest.approx(total**0.5, rel=0.02)


def test_what_is_planned_in_equivalents_shares_the_error_of_its_reference():
    lines = [line("lead", PBBR2, "29.4 mg", amount_u_si=0.3e-6), line("acid", MALIC, "4 equiv")]
    found = ratios(work_out(lines, "lead"))
    assert found["MLA"].value == pytest.approx(4, rel=1e-12)
    assert found["MLA"].u is None or found["MLA"].u < 1e-12


def test_one_lot_used_twice_is_one_error():
    lot = replace(MABR, purity=0.98, purity_u=0.01, source="lot-7")
    lines = [recipe_1()[0], line("a", lot, "4 mg"), line("b", lot, "5 mg")]
    ma = ratios(work_out(lines, "lead"))["MA"]
    assert [c.source for c in ma.budget] == ["purity:lot-7"]
    assert ma.u == pytest.approx(ma.value * 0.01 / 0.98, rel=1e-12)


def test_the_density_of_a_pipetted_ligand_is_part_of_the_budget():
    amine = replace(OLEYLAMINE, density_u_g_ml=0.005, purity=0.9, purity_u=0.02)
    lines = [recipe_1()[0], line("amine", amine, "39.6 µL", amount_u_si=0.4e-9)]
    budget = ratios(work_out(lines, "lead"))["OAM"].budget
    assert sorted(c.source.split(":")[0] for c in budget) == ["density", "purity", "weighing"]


@given(st.lists(st.tuples(st.sampled_from([PBBR2, MABR, CSBR, MALIC]), amounts), min_size=1, max_size=8))
def test_species_balance_every_mole_of_a_salt_is_found_again(taken):
    lines = [Ingredient(str(i), s, Typed("", "mol", n)) for i, (s, n) in enumerate(taken)]
    totals = species_totals(work_out(lines))
    delivered = sum(n * sum(s.species.values()) for s, n in taken)
    assert sum(totals.values()) == pytest.approx(delivered, rel=1e-12)
    assume("Pb" in totals)
    assert ratios(work_out(lines))["Pb"].value == 1


def test_impossible_substances_are_refused():
    for wrong in ({"molar_mass_g_mol": 0}, {"density_g_ml": -1}, {"purity": 0}, {"purity": 1.2}):
        with pytest.raises(ValueError, match="must"):
            Substance("x", **wrong)


def test_the_stoichiometry_can_be_imported_without_django():
    code = "import sys, synthesis.mixtures, synthesis.units; sys.exit(any(m.split('.')[0] in ('django', 'celery', 'spectra') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_solvent_needs_no_species_to_have_its_mass_worked_out():
    assert work_out([line("s", DMF, "2 mL", "solvent")])[0].mass_kg == pytest.approx(1.888e-3, rel=1e-12)
