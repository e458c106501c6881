"""The paper's three precursors as pure values (numbers: the article's Methods section, molar masses of its reagents)."""

from synthesis.stoichiometry import Ingredient, Substance
from synthesis.units import parse_amount

PBBR2 = Substance("PbBr₂", 367.008, species={"Pb": 1, "Br": 2})
MABR = Substance("MABr", 111.970, species={"MA": 1, "Br": 1})
CSBR = Substance("CsBr", 212.809, species={"Cs": 1, "Br": 1})
MALIC = Substance("malic acid", 134.087, species={"MLA": 1})
OLEYLAMINE = Substance("oleylamine", 267.501, 0.813, phase="liquid", species={"OAM": 1})
OLEIC = Substance("oleic acid", 282.468, 0.895, phase="liquid", species={"OA": 1})
DMF = Substance("DMF", 73.095, 0.944, phase="liquid")


def line(key, substance, amount, role="", **more):
    return Ingredient(key, substance, parse_amount(amount), role, **more)


def recipe_1():
    return [
        line("lead", PBBR2, "29.4 mg", "lead"),
        line("a-site", MABR, "9.0 mg", "a-site"),
        line("acid", MALIC, "43.0 mg", "acid"),
        line("amine", OLEYLAMINE, "39.6 µL", "amine"),
        line("solvent", DMF, "2 mL", "solvent"),
    ]


def recipe_2():
    return [
        line("lead", PBBR2, "15 mg", "lead"),
        line("a-site", CSBR, "8.7 mg", "a-site"),
        line("acid", MALIC, "5.4 mg", "acid"),
        line("amine", OLEYLAMINE, "30 µL", "amine"),
        line("solvent", DMF, "1 mL", "solvent"),
    ]


def recipe_3():
    return [
        line("lead", PBBR2, "29.4 mg", "lead"),
        line("a-site", MABR, "9.0 mg", "a-site"),
        line("acid", OLEIC, "379 µL", "acid"),
        line("amine", OLEYLAMINE, "53 µL", "amine"),
        line("solvent", DMF, "2 mL", "solvent"),
    ]
