"""Two projects that must not know of each other, each with one of everything, and people of every role.

All of a world's texts hold its canary, a word that stands nowhere else: where it shows up, something leaked.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils import timezone

from qdlab.access import services as access
from qdlab.access.models import Role
from qdlab.dashboards.models import Comparison, SavedView
from spectra import services as spectra
from spectra.models import FoundFile, SourceFolder
from synthesis import services
from synthesis.services import SweptParameter
from tests import factories
from tests.spectra import records

WHEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@dataclass
class World:
    """``records``: kind → record; ``people``: role → user."""

    canary: str
    project: object
    people: dict
    records: dict = field(default_factory=dict)

    def ids(self) -> set[str]:
        return {str(record.pk) for record in self.records.values() if len(str(record.pk)) > 20}


def people_of(project, name: str) -> dict:
    return {
        role.value: factories.make_member(project, role, factories.make_user(f"{name}-{role.value}"))
        for role in (Role.VIEWER, Role.CHEMIST, Role.REVIEWER)
    }


def make_world(canary: str, shared: dict) -> World:
    project = factories.make_project(f"{canary} project", description=canary)
    people = people_of(project, canary.lower())
    world = World(canary, project, people)
    by, made = people["chemist"], world.records
    made["project"] = project
    made["recipe"] = factories.make_recipe(project, by=by, name=f"{canary} recipe", description=canary, why=canary)
    made["revision"] = made["recipe"].revisions.get()
    made["batch"] = factories.make_batch(
        revision=made["revision"], by=by, code=f"{canary}-1", title=canary, note=canary
    )
    made["sample"] = factories.make_sample(made["batch"], by=by, code=f"{canary}-1-a", note=canary)
    made["sweep"] = services.plan_sweep(
        by=by,
        revision=made["revision"],
        name=f"{canary} sweep",
        parameters=[SweptParameter("ingredient:oam", ("1", "2"))],
    )
    made["swept"] = made["sweep"].batches.order_by("order").first()
    made["upload"] = records.make_upload(
        project, by=by, name=f"{canary}.txt", sample=made["sample"], batch=made["batch"]
    )
    made["measurement"] = records.make_measurement(
        made["sample"], upload=made["upload"], title=f"{canary} spectrum", metadata={"comment": canary}
    )
    made["image"] = records.make_picture(project, by=by, name=f"{canary}.png", sample=made["sample"])
    made["video"] = records.make_video(project, by=by, name=f"{canary}.mp4", sample=made["sample"])
    made["folder"] = SourceFolder.objects.create(
        project=project, key=canary, path=f"/{canary}", by=by, mode="watch", alive_at=timezone.now()
    )
    made["found_file"] = FoundFile.objects.create(
        folder=made["folder"], key=canary, path=f"{canary}.txt", upload=made["upload"], unchanged_since=timezone.now()
    )
    made["rereading"] = spectra.preview_reading(by=by, project=project, uploads=[made["upload"]])
    made["reading"] = made["measurement"].reading
    numbers = {"emission_peak_nm": (453.0, 0.3, "nm"), "emission_fwhm_nm": (14.9, 0.2, "nm")}
    made["analysis"] = records.make_result(made["measurement"], numbers)
    made["recomputation"] = spectra.preview_recomputation(
        by=by, project=project, why="settings", method="emission_band", parameters={"baseline": "none"}
    )
    made["settings"] = spectra.save_settings(
        by=by, project=project, instrument=shared["instrument"], method="emission_band", parameters={"baseline": "none"}
    )
    made["quantity"] = made["analysis"].quantities.first()
    made["composition"] = spectra.make_composition(
        by=by, project=project, sample=made["sample"], title=canary, fractions={"Pb": (50.0, 1.0), "Br": (50.0, 1.0)}
    )
    made["session"] = spectra.make_session(
        by=by, project=project, standard=shared["standard"], name=f"{canary} session", measured_at=WHEN
    )
    made["pattern"] = spectra.add_pattern(by=by, project=project, text=f"{canary}_{{batch}}")
    made["habit"] = spectra.tell_word(by=by, project=project, word=canary, says="technique", value="uvvis")
    made["comparison"] = Comparison.objects.create(
        project=project, made_by=by, name=f"{canary} comparison", note=canary
    )
    made["comparison"].batches.add(made["batch"])
    made["view"] = SavedView.objects.create(project=project, made_by=by, name=f"{canary} view")
    return world


def make_shared() -> dict:
    """The reference shelf: everybody who signs in sees it."""
    from spectra.models import Instrument

    factories.shelf()
    chemist = factories.chemist_in(factories.make_project("Keeper of the shelf"))
    standard = spectra.make_standard(by=chemist, compound="9,10-diphenylanthracene", solvent="cyclohexane", phi=0.97)
    chemical = services.add_chemical(by=chemist, name="Caesium acetate")
    return {
        "standard": standard,
        "chemical": chemical,
        "lot": services.add_lot(by=chemist, chemical=chemical, number="17"),
        "instrument": Instrument.objects.create(name="FP-8500"),
        "layout": spectra.make_layout(
            by=chemist,
            name="Plate reader",
            fingerprint="fedcba9876543210",
            labels=["X", "Y"],
            n_columns=2,
            mapping={"x": 0, "y": [1], "technique": "uvvis"},
        ),
    }


@dataclass
class Cast:
    """Who asks: ``ours`` belong to the first world, the outsider to the second, the owner to the lab."""

    ours: World
    theirs: World
    shared: dict
    owner: object

    @property
    def outsider(self):
        return self.theirs.people["chemist"]

    def person(self, role: str):
        if role == "owner":
            return self.owner
        return self.outsider if role == "outsider" else self.ours.people[role]


def make_cast() -> Cast:
    shared = make_shared()
    owner = factories.make_user("owner", is_superuser=True, is_staff=True)
    return Cast(make_world("Aurum", shared), make_world("Bismut", shared), shared, owner)


def token_of(person, *scopes: str, **fields) -> str:
    _token, text = access.make_token(
        by=person, name="matrix", scopes=list(scopes) or ["read", "write", "review"], **fields
    )
    return text


def revoked_token_of(person) -> str:
    token, text = access.make_token(by=person, name="revoked", scopes=["read", "write"])
    access.revoke_token(by=person, token=token)
    return text
