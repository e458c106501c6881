"""Recipes 1, 2 and 3 of the article (Methods, doi:10.21203/rs.3.rs-1464874/v1), as a chemist would enter them."""

from qdlab.access.models import Project, User
from synthesis import services
from synthesis.models import Chemical, Recipe
from synthesis.services import IngredientDraft, StepDraft

AMBIENT = {"relative_humidity": ("30", "%"), "atmosphere": "air"}


def make_recipes(by: User, project: Project, shelf: dict[str, Chemical]) -> dict[str, Recipe]:
    """The three recipes by their number in the article."""
    return {"1": _one(by, project, shelf), "2": _two(by, project, shelf), "3": _three(by, project, shelf)}


def _lines(shelf, *rows) -> list[IngredientDraft]:
    return [
        IngredientDraft(role=role, chemical=shelf[name], key=key, amount=amount, unit=unit, is_reference=key == "pbbr2")
        for role, name, key, amount, unit in rows
    ]


def _ending(wash_rpm: str, wash_min: str) -> list[StepDraft]:
    return [
        StepDraft(
            "wash",
            {
                "volume_equivalents": ("0.5", "1"),
                "rotation": (wash_rpm, "{rpm}"),
                "time": (wash_min, "min"),
                "kept": "pellet",
            },
            ingredients=("dmc",),
        ),
        StepDraft("redisperse", {"manner": "in toluene for analysis"}, into="toluene"),
    ]


def make_chiral_recipe(by: User, project: Project, shelf: dict[str, Chemical], hand: str) -> Recipe:
    """Recipe 1 with D- or L-malic acid (``hand``) in place of the racemate, for circular dichroism."""
    return _one(by, project, shelf, f"1 · {hand}-MLA·MA·QD₄", f"{hand}-Malic acid")


def _one(by: User, project: Project, shelf, name="1 · MLA·MA·QD₄", acid="DL-Malic acid") -> Recipe:
    return services.create_recipe(
        by=by, project=project, name=name, description="Malate and oleylamine, methylammonium; emits at 453 nm.",
        ingredients=_lines(
            shelf,
            ("lead", "Lead(II) bromide", "pbbr2", "29.4", "mg"),
            ("a-site", "Methylammonium bromide", "mabr", "9.0", "mg"),
            ("acid", acid, "mla", "43.0", "mg"),
            ("solvent", "N,N-Dimethylformamide", "dmf", "2", "mL"),
            ("amine", "Oleylamine", "oam", "39.6", "uL"),
            ("antisolvent", "Toluene", "toluene", "8", "mL"),
            ("wash", "Dimethyl carbonate", "dmc", "4.1", "mL"),
        ),
        steps=[
            StepDraft("dissolve", {"time": ("10", "min"), "manner": "until clear"}, ("pbbr2", "mabr", "mla"), "dmf"),
            StepDraft("add", {"manner": "a white precipitate forms"}, ("oam",)),
            StepDraft("sonicate", {"time": ("5", "min"), "manner": "until homogeneously white"}),
            StepDraft("add_dropwise", {"volume": ("250", "uL"), "drop_interval": ("6", "s"), "manner": "vigorous stirring"}, (), "toluene"),
            StepDraft("stir", {"time": ("3", "h"), "temperature": ("20", "Cel"), **AMBIENT}),
            StepDraft("centrifuge", {"rotation": ("10000", "{rpm}"), "time": ("10", "min"), "kept": "supernatant"}),
            *_ending("12000", "12"),
        ],
    )  # fmt: skip


def _two(by: User, project: Project, shelf) -> Recipe:
    return services.create_recipe(
        by=by, project=project, name="2 · MLA·Cs·QD₄", description="Malate and oleylamine, cesium; emits at 463 nm. The article gives 1 h and 50 min of stirring.",
        ingredients=_lines(
            shelf,
            ("lead", "Lead(II) bromide", "pbbr2", "15.0", "mg"),
            ("a-site", "Cesium bromide", "csbr", "8.7", "mg"),
            ("acid", "DL-Malic acid", "mla", "5.4", "mg"),
            ("solvent", "N,N-Dimethylformamide", "dmf", "1", "mL"),
            ("amine", "Oleylamine", "oam", "30", "uL"),
            ("antisolvent", "Toluene", "toluene", "8", "mL"),
            ("wash", "Dimethyl carbonate", "dmc", "4.1", "mL"),
        ),
        steps=[
            StepDraft("dissolve", {"time": ("45", "min"), "manner": "until clear"}, ("pbbr2", "csbr", "mla"), "dmf"),
            StepDraft("add", {"manner": "a thick white precipitate forms"}, ("oam",)),
            StepDraft("sonicate", {"time": ("18", "min"), "manner": "15 to 20 minutes, until homogeneously white"}),
            StepDraft("add_dropwise", {"volume": ("250", "uL"), "drop_interval": ("6", "s"), "manner": "vigorous stirring"}, (), "toluene"),
            StepDraft("stir", {"time": ("50", "min"), "temperature": ("20", "Cel"), **AMBIENT}),
            StepDraft("centrifuge", {"rotation": ("12000", "{rpm}"), "time": ("15", "min"), "kept": "supernatant"}),
            *_ending("7000", "15"),
        ],
    )  # fmt: skip


def _three(by: User, project: Project, shelf) -> Recipe:
    return services.create_recipe(
        by=by, project=project, name="3 · OA·MA·QD₄", description="Oleic acid instead of malic acid; emits at 454 nm, poorly.",
        ingredients=_lines(
            shelf,
            ("lead", "Lead(II) bromide", "pbbr2", "29.4", "mg"),
            ("a-site", "Methylammonium bromide", "mabr", "9.0", "mg"),
            ("acid", "Oleic acid", "oa", "379", "uL"),
            ("solvent", "N,N-Dimethylformamide", "dmf", "2", "mL"),
            ("amine", "Oleylamine", "oam", "53", "uL"),
            ("antisolvent", "Toluene", "toluene", "5", "mL"),
            ("wash", "Dimethyl carbonate", "dmc", "2.5", "mL"),
        ),
        steps=[
            StepDraft("dissolve", {"time": ("10", "min"), "manner": "until clear"}, ("pbbr2", "mabr"), "dmf"),
            StepDraft("add", {"manner": "the solution stays clear"}, ("oa", "oam")),
            StepDraft("add_dropwise", {"volume": ("100", "uL"), "manner": "vigorous stirring"}, (), "toluene"),
            StepDraft("stir", {"time": ("3", "h"), "temperature": ("20", "Cel"), **AMBIENT}),
            StepDraft("centrifuge", {"rotation": ("10000", "{rpm}"), "time": ("10", "min"), "kept": "supernatant"}),
            *_ending("15000", "20"),
        ],
    )  # fmt: skip
