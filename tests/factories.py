"""Records for tests, made through the services that people use. Plain functions; each app adds its own below."""

from itertools import count

from qdlab.access.models import Membership, Project, Role, User
from synthesis import services
from synthesis.models import Chemical, ChemicalSpecies, Species
from synthesis.services import IngredientDraft, StepDraft, Weighing, starter

_numbers = count(1)


# --- People and projects --------------------------------------------------------------------------------------------


def make_user(username: str = "", **fields) -> User:
    username = username or f"person{next(_numbers)}"
    user = User(username=username, **fields)
    user.set_password("cobalt-spoon-rainy-lantern")
    user.save()
    return user


def make_project(name: str = "", **fields) -> Project:
    return Project.objects.create(name=name or f"Project {next(_numbers)}", **fields)


def make_member(project: Project, role: str = Role.CHEMIST, user: User | None = None) -> User:
    user = user or make_user()
    Membership.objects.create(project=project, user=user, role=role)
    return user


def chemist_in(project: Project) -> User:
    """A chemist of the project, the same at every call."""
    found = Membership.objects.filter(project=project, role=Role.CHEMIST).select_related("user").first()
    return found.user if found else make_member(project)


# --- The bench ------------------------------------------------------------------------------------------------------


def shelf() -> dict[str, Chemical]:
    """The starter shelf by short name (by name where there is none)."""
    if not Species.objects.exists() and not Chemical.objects.exists():
        lay_out_shelf()
    return {chemical.short: chemical for chemical in services.starter_shelf().values()}


def lay_out_shelf() -> None:
    """The rows that ``starter_shelf`` makes, in three statements and without audit events: a thousand tests want them."""
    species = [
        Species(symbol=row[0], name=row[1], formula=row[2], charge=row[3], role=row[4]) for row in starter.SPECIES
    ]
    symbols = {one.symbol: one for one in Species.objects.bulk_create(species)}
    chemicals = [Chemical(**dict(zip(starter.FIELDS, row[:-1], strict=True))) for row in starter.CHEMICALS]
    Chemical.objects.bulk_create(chemicals)
    ChemicalSpecies.objects.bulk_create(
        ChemicalSpecies(chemical=chemical, species=symbols[symbol], count=n)
        for chemical, row in zip(chemicals, starter.CHEMICALS, strict=True)
        for symbol, n in row[-1].items()
    )


def paper_ingredients(recipe: int = 1) -> list[IngredientDraft]:
    """The ingredients of the paper's recipes 1, 2, 3, as they were weighed."""
    on = shelf()
    lead = IngredientDraft("lead", "29.4", "mg", on["PbBr₂"], is_reference=True, key="pbbr2")
    a_site = IngredientDraft("a-site", "9.0", "mg", on["MABr"], key="mabr")
    acid = IngredientDraft("acid", "43.0", "mg", on["MLA"], key="mla")
    amine = IngredientDraft("amine", "39.6", "uL", on["OAM"], key="oam")
    solvent, toluene = ("2", "mL"), ("8", "mL")
    if recipe == 2:
        lead = IngredientDraft("lead", "15", "mg", on["PbBr₂"], is_reference=True, key="pbbr2")
        a_site = IngredientDraft("a-site", "8.7", "mg", on["CsBr"], key="csbr")
        acid = IngredientDraft("acid", "5.4", "mg", on["MLA"], key="mla")
        amine = IngredientDraft("amine", "30", "uL", on["OAM"], key="oam")
        solvent = ("1", "mL")
    if recipe == 3:
        acid = IngredientDraft("acid", "379", "uL", on["OA"], key="oa")
        amine = IngredientDraft("amine", "53", "uL", on["OAM"], key="oam")
        toluene = ("5", "mL")
    return [
        lead,
        a_site,
        acid,
        amine,
        IngredientDraft("solvent", *solvent, on["DMF"], key="dmf"),
        IngredientDraft("antisolvent", *toluene, on["Toluene"], key="toluene"),
    ]


def paper_steps(recipe: int = 1) -> list[StepDraft]:
    acid = "oa" if recipe == 3 else "mla"
    salt = "csbr" if recipe == 2 else "mabr"
    volume = "100" if recipe == 3 else "250"
    return [
        StepDraft("dissolve", {"time": ("10", "min")}, ("pbbr2", salt, acid, "dmf")),
        StepDraft("add", {}, ("oam",)),
        StepDraft("sonicate", {"time": ("5", "min")}),
        StepDraft("add_dropwise", {"volume": (volume, "uL"), "drop_interval": ("6", "s")}, into="toluene"),
        StepDraft("stir", {"time": ("3", "h"), "temperature": ("20", "Cel"), "relative_humidity": ("30", "%")}),
        StepDraft("centrifuge", {"rotation": ("10000", "{rpm}"), "time": ("10", "min"), "kept": "supernatant"}),
    ]


def make_recipe(project: Project | None = None, *, recipe: int = 1, by: User | None = None, **fields):
    project = project or make_project()
    values = {
        "name": f"Recipe {next(_numbers)}",
        "ingredients": paper_ingredients(recipe),
        "steps": paper_steps(recipe),
    }
    return services.create_recipe(by=by or chemist_in(project), project=project, **(values | fields))


def make_batch(project: Project | None = None, *, recipe: int = 1, revision=None, by: User | None = None, **fields):
    """A planned batch of one of the paper's recipes, or of ``revision``."""
    revision = revision or make_recipe(project, recipe=recipe, by=by).revisions.get()
    return services.make_batch(by=by or chemist_in(revision.recipe.project), revision=revision, **fields)


def weigh_as_planned(batch, *, by: User | None = None, uncertainty: str = "", unit: str = ""):
    """Weigh exactly what was planned."""
    weighings = [
        Weighing(line.key, line.planned.text, line.planned.unit, uncertainty, unit) for line in batch.ingredients.all()
    ]
    return services.weigh(by=by or chemist_in(batch.project), batch=batch, weighings=weighings)


def make_sample(batch=None, *, by: User | None = None, **fields):
    batch = batch or make_batch()
    return services.add_sample(by=by or chemist_in(batch.project), batch=batch, **fields)
