"""The analyses of the demo that a person asks for: what joins several files, or needs a choice that no file can make."""

from collections.abc import Callable, Iterable

from qdlab.access.models import Project
from qdlab.demo import further
from qdlab.demo.further import COURSES, EMPTY_SPHERE, REFERENCE, Lab
from qdlab.demo.portions import FURTHER, Further
from spectra import services as spectra
from spectra.followups import best
from spectra.models import Analysis, Composition, Measurement
from synthesis.models import Batch, Sample

EPSILON, EPSILON_AT_NM, EPSILON_U_PERCENT = 6.0e5, 443.0, 10.0  # made up, as its citation says
CITATION = "simulated: no published value"
SPHERE_U_PERCENT = 3.0


def request(lab: Lab, say: Callable[[str], None] = lambda text: None) -> None:
    """Ask for everything that is not there yet. The files must have been read."""
    first = further.first_batches(lab.project)
    for recipe, batch in first.items():
        say(f"by hand: recipe {recipe}")
        truth = FURTHER[recipe]
        _particle(lab, further.portion_of(batch, "grid"), truth)
        _sphere(lab, further.portion_of(batch, "sphere"))
        for name in COURSES:
            sample = further.portion_of(batch, name)
            if sample:
                _ageing(lab, sample, name)
    if "1" in first:
        _absorption(lab, first["1"])
        _pair_of_enantiomers(lab)


def _ask(lab: Lab, method: str, sample: Sample, inputs: Iterable[dict], **parameters) -> None:
    """Once: the same question of the same sample is not asked again."""
    asked = Analysis.objects.filter(method=method, sample=sample, requested_by=lab.chemist, automatic=False)
    if not asked.exists():
        spectra.analyse(by=lab.chemist, method=method, inputs=list(inputs), parameters=parameters)


def _as(role: str, measurement: Measurement, index: int = 0) -> dict:
    return {"role": role, "measurement": measurement, "index": index}


def _particle(lab: Lab, grid: Sample, truth: Further) -> None:
    composition = Composition.objects.filter(sample=grid, withdrawn_at=None).first()
    given, atoms = [{"role": "composition", "composition": composition}], truth.particle
    _ask(
        lab,
        "particle_composition",
        grid,
        given,
        n=4,
        ligand_charge=atoms.charge,
        ligand_oxygens=atoms.oxygens,
        edge_nm=atoms.edge_nm,
    )


def _sphere(lab: Lab, cell: Sample) -> None:
    empty = Measurement.objects.get(project=lab.project, reading__upload__name=EMPTY_SPHERE, withdrawn_at=None)
    inputs = [_as("empty", empty)]
    for role in ("direct", "indirect"):
        inputs.append(_as(role, Measurement.objects.get(sample=cell, reading__upload__name__contains=f"_{role}_")))
    _ask(lab, "plqy_absolute", cell, inputs, sphere_u_percent=SPHERE_U_PERCENT)


def _ageing(lab: Lab, sample: Sample, course: str) -> None:
    """Each age with the reference of its day."""
    sealed = Measurement.objects.filter(standard_session__name=REFERENCE, project=lab.project, withdrawn_at=None)
    references = {m.conditions["ageing_h"]: m for m in sealed.filter(reading__upload__name__contains=f"_{course}_")}
    inputs = []
    spectra_of = Measurement.objects.filter(sample=sample, technique="pl_emission", withdrawn_at=None)
    for index, emission in enumerate(sorted(spectra_of, key=lambda m: m.conditions["ageing_h"])):
        inputs += [
            _as("emission", emission, index),
            _as("reference", references[emission.conditions["ageing_h"]], index),
        ]
    _ask(lab, "ageing", sample, inputs, stress=course)


def _absorption(lab: Lab, batch: Batch) -> None:
    """What an undiluted absorption spectrum can tell with a choice of the person."""
    washed = batch.representative
    absorbance = Measurement.objects.filter(
        sample=washed, technique="uvvis", dilution_label="", withdrawn_at=None
    ).first()
    _ask(lab, "tauc", washed, [_as("absorbance", absorbance)])
    _ask(
        lab, "nanocrystal_concentration", washed, [_as("absorbance", absorbance)], epsilon=EPSILON, epsilon_at_nm=EPSILON_AT_NM,
        epsilon_u_percent=EPSILON_U_PERCENT, epsilon_citation=CITATION, subtract_red_end=True,
    )  # fmt: skip
    exciton = [{"role": "peak", "analysis": best(washed, "first_exciton")}]
    _ask(lab, "confinement", washed, exciton, geometry="cube edge")


def _pair_of_enantiomers(lab: Lab) -> None:
    samples = [further.enantiomer(lab.project, hand).representative for hand in "DL"]
    d, l_ = (Measurement.objects.get(sample=sample, technique="cd", withdrawn_at=None) for sample in samples)
    _ask(lab, "circular_dichroism", samples[0], [_as("cd", d), _as("mirror", l_)])


def are_made(project: Project) -> bool:
    """Whether the last of the requests was made."""
    return Analysis.objects.filter(project=project, method="circular_dichroism", automatic=False).exists()
