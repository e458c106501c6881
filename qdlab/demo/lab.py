"""The demo lab, built through the services that people use: nothing is written past them."""

import secrets
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from qdlab.access import services as access
from qdlab.access.models import Project, Role, User
from qdlab.demo import files
from qdlab.demo.instruments import Bench
from qdlab.demo.recipes import make_recipes
from qdlab.demo.truth import OAM_SERIES, REPLICATES, BatchTruth
from spectra import services as spectra
from spectra.models import StandardSession
from synthesis import services as synthesis
from synthesis.models import Batch, Chemical, Recipe, Sample
from synthesis.services.starter import starter_shelf

PROJECT = "Deep blue quantum dots (simulated)"
OTHER_PROJECT = "Visitors' project"
SEED = 20220328
PEOPLE = (("chemist", "Demo Chemist", "chemist"), ("pi", "Demo Reviewer", "PI"), ("visitor", "Demo Visitor", "visitor"))


def is_built() -> bool:
    return User.objects.filter(username="chemist").exists()


@transaction.atomic  # half a demo would be kept as it is by the next start
def build(seed: int = SEED, say=lambda text: None) -> dict:
    """Build the lab and return its sign-ins and the chemist's token. The worker reads and analyses the files."""
    access_facts, chemist, project = _people()
    say("shelf and recipes")
    shelf = starter_shelf(by=chemist)
    recipes = make_recipes(chemist, project, shelf)
    bench = Bench(seed)
    first_day = _first_day()
    say("standard session")
    _standard_session(chemist, project, bench, first_day)
    for number, truth in enumerate(REPLICATES):
        say(f"recipe {truth.recipe}, batch {number % 3 + 1}")
        batch = synthesis.make_batch(by=chemist, revision=revision_of(recipes[truth.recipe]))
        _carry_out(
            chemist, batch, truth, bench, first_day + timedelta(hours=number / 2), shelf, japanese=number % 3 == 1
        )
    say("oleylamine series")
    _oleylamine_series(chemist, recipes["1"], bench, first_day + timedelta(hours=5), shelf)
    return access_facts


def _people() -> tuple[dict, User, Project]:
    secret = access.make_owner_link()
    owner = access.become_owner(
        secret=secret, username="owner", password=secrets.token_urlsafe(24), full_name="Demo Owner"
    )
    project = access.make_project(
        by=owner, name=PROJECT, description="Recipes 1, 2 and 3 of doi:10.21203/rs.3.rs-1464874/v1."
    )
    other = access.make_project(by=owner, name=OTHER_PROJECT)
    people, made = [], {}
    for username, full_name, role in PEOPLE:
        password = "-".join(secrets.choice(_WORDS) for _ in range(4))
        made[username] = access.make_person(by=owner, username=username, password=password, full_name=full_name)
        people.append({"username": username, "password": password, "role": role})
    access.set_role(by=owner, project=project, user=made["chemist"], role=Role.CHEMIST)
    access.set_role(by=owner, project=project, user=made["pi"], role=Role.REVIEWER)
    access.set_role(by=owner, project=other, user=made["visitor"], role=Role.CHEMIST)
    _token, text = access.make_token(by=made["chemist"], name="demo", scopes=["read", "write"])
    return {"people": people, "token": text}, made["chemist"], project


_WORDS = (
    "amber azure basil birch cedar cobalt copper coral crimson dune ember fern flint garnet ginger hazel indigo iris ivory jade "
    "lapis laurel lilac linen maple marble meadow mint moss navy oak ochre olive onyx opal pearl pine plum quartz raven reed "
    "river rose ruby saffron sage sienna silver slate spruce stone teal thyme topaz umber velvet violet walnut willow"
).split()


def _first_day() -> datetime:
    """Ten in the morning, sixty days ago: long enough for a course of ageing."""
    return (timezone.now() - timedelta(days=60)).astimezone(UTC).replace(hour=10, minute=0, second=0, microsecond=0)


def revision_of(recipe: Recipe):
    return recipe.revisions.order_by("-number").first()


def _standard_session(chemist: User, project: Project, bench: Bench, when: datetime) -> StandardSession:
    standard = spectra.make_standard(
        by=chemist, compound="9,10-diphenylanthracene", solvent="cyclohexane", phi=0.97, phi_u=0.03, gas="Ar", temperature_c=25.0,
        refractive_index=1.4265, excitation_min_nm=340.0, excitation_max_nm=395.0,
        citation="Φ 0.97 as used in doi:10.21203/rs.3.rs-1464874/v1",
    )  # fmt: skip
    session = spectra.make_session(
        by=chemist, project=project, standard=standard, name=f"DPA {when:%Y-%m-%d} (simulated)", measured_at=when,
        valid_until=when + timedelta(hours=14),
    )  # fmt: skip
    hints = {"role": "standard", "standard": str(standard.pk), "standard_session": str(session.pk)}
    for raw in files.of_standard(bench, timezone.localtime(when)):  # instruments show the time of the lab
        spectra.upload(by=chemist, project=project, name=raw.name, chunks=[raw.content], hints=hints)
    return session


def _carry_out(
    chemist: User, batch: Batch, truth: BatchTruth, bench: Bench, when: datetime, shelf, japanese=False
) -> None:
    """Weigh, log, wash, and drop the files of one batch into the inbox: they find their sample by its code."""
    weigh(chemist, batch, truth)
    synthesis.change_batch(
        by=chemist, batch=batch, temperature_c=20.0, relative_humidity_percent=30.0, atmosphere="air", made_on=when.date(),
        started_at=when - timedelta(hours=6), finished_at=when - timedelta(hours=2), title="simulated",
    )  # fmt: skip
    seen = truth.seen or "clear, then pale yellow; blue under UV"
    synthesis.log_step(by=chemist, batch=batch, seen=seen, kind="stir", at=when - timedelta(hours=3))
    synthesis.set_outcome(by=chemist, batch=batch, outcome=truth.outcome, note=truth.seen)
    synthesis.set_status(by=chemist, batch=batch, status="made")
    sample = _washed_sample(chemist, batch, shelf, when)
    for raw in files.of_sample(bench, truth, sample.code, timezone.localtime(when), japanese):
        spectra.upload(by=chemist, project=batch.project, name=raw.name, chunks=[raw.content])


def weigh(chemist: User, batch: Batch, truth: BatchTruth) -> None:
    weighings = []
    for line in batch.ingredients.all():
        if line.key in truth.weighed:
            liquid = line.chemical.phase == "liquid"
            weighings.append(
                synthesis.Weighing(
                    key=line.key, amount=truth.weighed[line.key], unit="uL" if liquid else "mg",
                    uncertainty="1" if liquid else "0.1", uncertainty_unit="%" if liquid else "mg",
                    device="pipette P100" if liquid else "balance XS105",
                )
            )  # fmt: skip
    synthesis.weigh(by=chemist, batch=batch, weighings=weighings)


def _washed_sample(chemist: User, batch: Batch, shelf: dict[str, Chemical], when: datetime) -> Sample:
    crude = synthesis.add_sample(by=chemist, batch=batch, state="crude", made_at=when - timedelta(hours=2))
    washed = synthesis.add_sample(
        by=chemist,
        batch=batch,
        state="washed",
        parent=crude,
        wash_count=1,
        solvent=shelf["Toluene"],
        made_at=when - timedelta(hours=1),
    )
    synthesis.log_wash(
        by=chemist,
        batch=batch,
        kept="pellet",
        taken_from=crude,
        gave=washed,
        solvent=shelf["Dimethyl carbonate"],
        at=washed.made_at,
    )
    synthesis.choose_representative(by=chemist, batch=batch, sample=washed)
    return washed


def _oleylamine_series(chemist: User, recipe: Recipe, bench: Bench, when: datetime, shelf) -> None:
    values = tuple(truth.oam_equiv for truth in OAM_SERIES)
    sweep = synthesis.plan_sweep(
        by=chemist, revision=revision_of(recipe), name="Oleylamine 0.1–3 equiv (simulated)",
        parameters=[synthesis.SweptParameter("ingredient:oam", values)],
    )  # fmt: skip
    by_value = {str(point["text"]): batch for batch in sweep.batches.all() for point in batch.sweep_point.values()}
    for number, truth in enumerate(OAM_SERIES):
        _carry_out(chemist, by_value[truth.oam_equiv], truth, bench, when + timedelta(minutes=40 * number), shelf)
