"""The demo lab's second part: the portions that go to other instruments, and the analyses that people ask for by hand.

It comes after the first part is read and analysed, so that the first numbers are there early. Every step can be taken
again: files are the same bytes, samples are found by their codes, and what was asked for is not asked for twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from qdlab.access.models import Project, User
from qdlab.demo import further_files as files
from qdlab.demo.files import RawFile
from qdlab.demo.instruments import Bench
from qdlab.demo.lab import PROJECT, SEED, revision_of, weigh
from qdlab.demo.portions import CHIRALITY, FURTHER, SHELF_H, UV_H, Course, Further
from qdlab.demo.recipes import make_chiral_recipe
from qdlab.demo.truth import REPLICATES
from spectra import services as spectra
from spectra.models import Analysis, StandardSession, State, Upload
from synthesis import services as synthesis
from synthesis.models import Batch, Sample
from synthesis.services.starter import starter_shelf

REFERENCE = "Polymer block beside the aged samples (simulated)"
EMPTY_SPHERE = "sphere_empty_PL.txt"
COURSES = {"shelf": SHELF_H, "uv": UV_H}
ADDITIVE = {"1": ("4", "mg/mL")}  # the batches that are stored with malic acid
STACK = (
    ("ITO", "", {}),
    ("PEDOT:PSS", "spin coating", {"rotation": ("4000", "{rpm}"), "time": ("60", "s"), "temperature": ("150", "Cel")}),
    ("poly-TPD", "spin coating", {"rotation": ("3000", "{rpm}"), "time": ("45", "s"), "temperature": ("120", "Cel")}),
    ("quantum dots", "spin coating", {"rotation": ("2000", "{rpm}"), "time": ("45", "s")}),
    ("TPBi", "evaporation", {"thickness": ("40", "nm")}),
    ("Ag", "evaporation", {"thickness": ("100", "nm")}),
)  # speeds, times and thicknesses are made up


@dataclass
class Lab:
    """What every step needs: who, where, with which instruments."""

    chemist: User
    project: Project
    errors: files.Errors

    def drop(self, raw: RawFile, sample: Sample | None = None, **hints) -> None:
        """Into the inbox, where a file finds its sample by the code in it; ``sample`` for one that carries none."""
        spectra.upload(
            by=self.chemist, project=self.project, name=raw.name, chunks=[raw.content], sample=sample, hints=hints
        )


def open_lab(seed: int = SEED) -> Lab | None:
    """The demo lab of this database; None where there is none."""
    project = Project.objects.filter(name=PROJECT).first()
    if project is None:
        return None
    return Lab(User.objects.get(username="chemist"), project, files.Errors(Bench(seed)))


def is_settled() -> bool:
    """Whether every file is read and every analysis has ended."""
    reading = Upload.objects.filter(status__in=[Upload.Status.RECEIVED, Upload.Status.READING])
    return not (reading.exists() or Analysis.objects.filter(state__in=[State.QUEUED, State.RUNNING]).exists())


def wait_until_settled(sleep: Callable[[float], None] = time.sleep) -> None:
    """Until the worker has had nothing to do for two seconds."""
    quiet = 0
    while quiet < 2:
        sleep(1.0)
        quiet = quiet + 1 if is_settled() else 0


# --- Portions and their files -----------------------------------------------------------------------------------------


def deliver(lab: Lab, say: Callable[[str], None] = lambda text: None) -> None:
    """Take the portions and drop their files into the inbox."""
    first = first_batches(lab.project)
    say("empty sphere and references")
    when = _washed(first["1"]).made_at
    empty = files.of_empty_sphere(lab.errors, _local(when))
    lab.drop(empty, sample=_cuvette(lab, first["1"]), role="blank")
    _references(lab, when)
    for recipe, batch in first.items():
        say(f"further instruments: recipe {recipe}")
        with transaction.atomic():
            _batch(lab, recipe, batch, FURTHER[recipe])
    say("D- and L-malic acid")
    for hand, sign in (("D", 1), ("L", -1)):
        with transaction.atomic():
            _enantiomer(lab, hand, sign, when)


def first_batches(project: Project) -> dict[str, Batch]:
    """The first batch of each recipe, by the recipe's number."""
    found = {}
    for number in FURTHER:
        batches = Batch.objects.filter(project=project, revision__recipe__name__startswith=f"{number} · ", sweep=None)
        batch = batches.order_by("pk").first()
        found |= {number: batch} if batch else {}
    return found


def portion_of(batch: Batch, name: str) -> Sample | None:
    """The sample of a batch by the name of the portion, ``crude`` for what all others come from."""
    if name == "crude":
        return batch.samples.filter(state="crude").first()
    return batch.samples.filter(code=f"{batch.code}-{name}").first()


def _washed(batch: Batch) -> Sample:
    return batch.representative


def _local(when: datetime) -> datetime:
    return timezone.localtime(when)  # instruments show the time of the lab


def _portion(lab: Lab, batch: Batch, name: str, state: str, note: str, **fields) -> Sample:
    parent = fields.pop("parent", batch.representative)
    return portion_of(batch, name) or synthesis.add_sample(
        by=lab.chemist, batch=batch, state=state, code=f"{batch.code}-{name}", parent=parent, note=f"simulated; {note}",
        made_at=parent.made_at + timedelta(hours=1), **fields,
    )  # fmt: skip


def _batch(lab: Lab, recipe: str, batch: Batch, truth: Further) -> None:
    when = _local(_washed(batch).made_at + timedelta(hours=2))
    if truth.growth:
        crude = portion_of(batch, "crude")
        lab.drop(files.of_growth(lab.errors, truth.growth, crude.code, when - timedelta(hours=4)))
    grid = _portion(lab, batch, "grid", "grid", "on a copper grid with carbon film")
    lab.drop(files.of_sizes(lab.errors, truth.sizes, grid.code))
    lab.drop(files.of_particle(lab.errors, truth.particle, grid.code))
    _sphere(lab, batch, truth, when)
    if truth.shelf:
        extra = _stored(recipe)
        _aged(lab, _portion(lab, batch, "shelf", "aged", "kept in the dark", **extra), truth.shelf, "shelf", when)
    if truth.uv:
        _aged(lab, _portion(lab, batch, "uv", "aged", "under a lamp of 372 nm"), truth.uv, "uv", when)
    if truth.device:
        _device(lab, batch, truth, when)


def _sphere(lab: Lab, batch: Batch, truth: Further, when: datetime) -> None:
    for raw in files.of_sphere(lab.errors, truth.sphere, _cuvette(lab, batch).code, when).values():
        lab.drop(raw)


def _cuvette(lab: Lab, batch: Batch) -> Sample:
    return _portion(lab, batch, "sphere", "washed", "cuvette in the integrating sphere", wash_count=1)


def _stored(recipe: str) -> dict:
    stored = {"storage": "refrigerator", "storage_temperature_c": 5.0}
    if recipe not in ADDITIVE:
        return stored
    return stored | {"additive": starter_shelf()["DL-Malic acid"], "additive_concentration": ADDITIVE[recipe]}


def _aged(lab: Lab, sample: Sample, truth: Course, session: str, when: datetime) -> None:
    for age_h in truth.ages_h:
        dose = {"dose_j_cm2": files.dose_j_cm2(age_h)} if session == "uv" else {}
        lab.drop(files.of_age(lab.errors, truth, session, age_h, sample.code, when), ageing_h=age_h, **dose)


def _references(lab: Lab, when: datetime) -> None:
    session = StandardSession.objects.filter(project=lab.project, name=REFERENCE).first() or _reference_session(
        lab, when
    )
    about = {"role": "standard", "standard": str(session.standard_id), "standard_session": str(session.pk)}
    for name, ages_h in COURSES.items():
        for age_h in ages_h:
            lab.drop(files.of_reference(lab.errors, name, age_h, _local(when)), ageing_h=age_h, **about)


@transaction.atomic
def _reference_session(lab: Lab, when: datetime) -> StandardSession:
    standard = spectra.make_standard(
        by=lab.chemist,
        compound="Dyed polymer block (simulated)",
        solvent="PMMA",
        phi=0.9,
        citation="simulated: only its constancy matters",
    )
    return spectra.make_session(
        by=lab.chemist, project=lab.project, standard=standard, name=REFERENCE, measured_at=when
    )


def _device(lab: Lab, batch: Batch, truth: Further, when: datetime) -> None:
    device = _portion(lab, batch, "led", "device", "light-emitting diode")
    if not device.layers.exists():
        for material, method, parameters in STACK:
            source = {"from_sample": batch.representative} if material == "quantum dots" else {}
            synthesis.add_layer(
                by=lab.chemist, sample=device, material=material, method=method, parameters=parameters, **source
            )
    for raw in files.of_device(lab.errors, truth.device, device.code, when):
        lab.drop(raw, technique="el")


def _enantiomer(lab: Lab, hand: str, sign: int, when: datetime) -> None:
    batch = enantiomer(lab.project, hand)
    if batch is None:
        recipe = make_chiral_recipe(lab.chemist, lab.project, starter_shelf(), hand)
        batch = synthesis.make_batch(by=lab.chemist, revision=revision_of(recipe))
        weigh(lab.chemist, batch, REPLICATES[0])
        synthesis.change_batch(by=lab.chemist, batch=batch, made_on=when.date(), title="simulated")
        synthesis.set_outcome(by=lab.chemist, batch=batch, outcome="blue", note="")
        synthesis.set_status(by=lab.chemist, batch=batch, status="made")
        washed = synthesis.add_sample(by=lab.chemist, batch=batch, state="washed", wash_count=1, made_at=when)
        synthesis.choose_representative(by=lab.chemist, batch=batch, sample=washed)
    lab.drop(files.of_chirality(lab.errors, CHIRALITY, sign, batch.representative.code, _local(when)))


def enantiomer(project: Project, hand: str) -> Batch | None:
    return Batch.objects.filter(project=project, revision__recipe__name__startswith=f"1 · {hand}-").first()
