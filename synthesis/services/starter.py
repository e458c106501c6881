"""The starter shelf: every reagent and solvent of the first recipes, so that a new lab can begin at once.

Molar masses from the IUPAC standard atomic weights (abridged, 2021), as the article's reagents are given; densities and
refractive indices at 20 °C (sodium D line) as suppliers state them. All of it can be revised by the lab.
"""

from django.db import transaction

from synthesis.models import Chemical, Species
from synthesis.services.shelf import add_chemical, add_species

# symbol, name, formula, charge, role
SPECIES = [
    ("MA", "methylammonium", "CH3NH3+", 1, "a-site"),
    ("FA", "formamidinium", "CH(NH2)2+", 1, "a-site"),
    ("Cs", "cesium", "Cs+", 1, "a-site"),
    ("Pb", "lead", "Pb2+", 2, "metal"),
    ("Zn", "zinc", "Zn2+", 2, "metal"),
    ("Cl", "chloride", "Cl-", -1, "halide"),
    ("Br", "bromide", "Br-", -1, "halide"),
    ("I", "iodide", "I-", -1, "halide"),
    ("MLA", "malic acid / malate", "C4H6O5", 0, "acid"),
    ("OA", "oleic acid / oleate", "C18H34O2", 0, "acid"),
    ("LA", "lactic acid / lactate", "C3H6O3", 0, "acid"),
    ("SA", "succinic acid / succinate", "C4H6O4", 0, "acid"),
    ("OAM", "oleylamine / oleylammonium", "C18H37N", 0, "amine"),
]

# name, short name, formula, CAS, M [g/mol], density [g/mL], n, phase, role, species
CHEMICALS = [
    ("Lead(II) bromide", "PbBr₂", "PbBr2", "10031-22-8", 367.008, None, None, "solid", "lead", {"Pb": 1, "Br": 2}),
    (
        "Methylammonium bromide",
        "MABr",
        "CH6BrN",
        "6876-37-5",
        111.970,
        None,
        None,
        "solid",
        "a-site",
        {"MA": 1, "Br": 1},
    ),
    ("Cesium bromide", "CsBr", "CsBr", "7787-69-1", 212.809, None, None, "solid", "a-site", {"Cs": 1, "Br": 1}),
    ("DL-Malic acid", "MLA", "C4H6O5", "617-48-1", 134.087, None, None, "solid", "acid", {"MLA": 1}),
    ("D-Malic acid", "D-MLA", "C4H6O5", "636-61-3", 134.087, None, None, "solid", "acid", {"MLA": 1}),
    ("L-Malic acid", "L-MLA", "C4H6O5", "97-67-6", 134.087, None, None, "solid", "acid", {"MLA": 1}),
    ("Succinic acid", "SA", "C4H6O4", "110-15-6", 118.088, None, None, "solid", "acid", {"SA": 1}),
    ("DL-Lactic acid", "LA", "C3H6O3", "50-21-5", 90.078, 1.209, None, "liquid", "acid", {"LA": 1}),
    ("Oleic acid", "OA", "C18H34O2", "112-80-1", 282.468, 0.895, 1.4582, "liquid", "acid", {"OA": 1}),
    ("Oleylamine", "OAM", "C18H37N", "112-90-3", 267.501, 0.813, 1.460, "liquid", "amine", {"OAM": 1}),
    ("N,N-Dimethylformamide", "DMF", "C3H7NO", "68-12-2", 73.095, 0.944, 1.4305, "liquid", "solvent", {}),
    ("Toluene", "", "C7H8", "108-88-3", 92.141, 0.867, 1.4969, "liquid", "antisolvent", {}),
    ("Dimethyl carbonate", "DMC", "C3H6O3", "616-38-6", 90.078, 1.069, 1.3687, "liquid", "wash", {}),
    ("Cyclohexane", "", "C6H12", "110-82-7", 84.162, 0.779, 1.4265, "liquid", "solvent", {}),
    ("Heptane", "", "C7H16", "142-82-5", 100.205, 0.684, 1.3878, "liquid", "solvent", {}),
    ("Chlorobenzene", "CB", "C6H5Cl", "108-90-7", 112.556, 1.106, 1.5241, "liquid", "solvent", {}),
    ("1,2-Dichlorobenzene", "DCB", "C6H4Cl2", "95-50-1", 146.998, 1.306, 1.5515, "liquid", "antisolvent", {}),
    ("Ethyl acetate", "EtOAc", "C4H8O2", "141-78-6", 88.106, 0.902, 1.3723, "liquid", "solvent", {}),
    ("9,10-Diphenylanthracene", "DPA", "C26H18", "1499-10-1", 330.430, None, None, "solid", "additive", {}),
]
FIELDS = (
    "name",
    "abbreviation",
    "formula",
    "cas",
    "molar_mass_g_mol",
    "density_g_ml",
    "refractive_index",
    "phase",
    "role",
)


@transaction.atomic
def starter_shelf(*, by=None) -> dict[str, Chemical]:
    """Add what is missing of the starter shelf, and return its chemicals by name. What the lab changed stays as it is."""
    there = set(Species.objects.values_list("symbol", flat=True))
    for symbol, name, formula, charge, role in SPECIES:
        if symbol not in there:
            add_species(by=by, symbol=symbol, name=name, formula=formula, charge=charge, role=role)
    names = [row[0] for row in CHEMICALS]
    known = {c.name: c for c in Chemical.objects.filter(name__in=names).order_by("archived_at")}
    for *values, delivers in CHEMICALS:
        if values[0] not in known:
            known[values[0]] = add_chemical(by=by, delivers=delivers, **dict(zip(FIELDS, values, strict=True)))
    return known
