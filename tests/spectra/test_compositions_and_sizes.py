"""From a size list or an EDX table to numbers, through upload, reading and analysis."""

import numpy as np
import pytest

from qdlab.dashboards import index
from spectra import services
from spectra.models import Analysis, Composition, Measurement, State
from synthesis import services as bench
from synthesis.selectors import batch_sheet
from tests import factories
from tests.spectra import walk

pytestmark = pytest.mark.django_db


def numbers(analysis):
    return {q.name: q for q in analysis.quantities.all()}


def size_list(seed=1, n=200) -> bytes:
    sizes = np.random.default_rng(seed).normal(2.46, 0.15, n)
    return ("Diameter (nm)\n" + "".join(f"{size:.3f}\n" for size in sizes)).encode()


def test_a_list_of_diameters_becomes_a_mean_size_with_its_number_of_particles():
    batch = factories.make_batch()
    sample = factories.make_sample(batch)
    chemist = factories.chemist_in(batch.project)
    walk.drop(chemist, batch.project, size_list(), "sizes.csv", sample=sample)
    walk.work()
    found = numbers(Analysis.objects.get(method="tem_diameters", sample=sample))
    assert found["n_particles"].value == 200
    assert abs(found["tem_mean_nm"].value - 2.46) < 3 * 0.15 / np.sqrt(200)  # 3 standard errors of the mean


def test_typed_percents_become_ratios_and_a_second_sample_gets_its_own():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    percents = {"Cs": (16.0, 0.4), "Pb": (17.7, 0.4), "Br": (66.3, 0.9)}
    for sample in (factories.make_sample(batch), factories.make_sample(batch)):
        services.make_composition(
            by=chemist, project=batch.project, sample=sample, fractions=percents, beam_energy_kev=15
        )
    walk.work()
    analyses = list(Analysis.objects.filter(method="particle_composition"))
    assert len(analyses) == 2
    for analysis in analyses:
        assert numbers(analysis)["halide_per_metal"].value == pytest.approx(66.3 / 17.7)


def test_other_settings_supersede_the_first_result_of_a_composition():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    sample = factories.make_sample(batch)
    services.make_composition(
        by=chemist,
        project=batch.project,
        sample=sample,
        fractions={"Cs": (16, 0.4), "Pb": (17.7, 0.4), "Br": (66.3, 0.9)},
    )
    walk.work()
    first = Analysis.objects.get(method="particle_composition")
    services.analyse_again(by=chemist, analysis=first, parameters={"n": 4})
    walk.work()
    first.refresh_from_db()
    assert first.superseded_by.state == State.DONE
    assert numbers(first.superseded_by)["cation_surface"].value == pytest.approx(64 * 16 / 17.7 - 27)


def test_the_same_file_in_two_projects_is_analysed_in_both():
    for _ in range(2):
        project = factories.make_project()
        walk.drop(factories.chemist_in(project), project, walk.emission_file())
    walk.work()
    found = Analysis.objects.filter(method="emission_band", state=State.DONE)
    assert found.values("project").distinct().count() == 2


def test_a_composition_follows_its_file_to_another_sample_and_out_of_use():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    one, other = factories.make_sample(batch), factories.make_sample(batch)
    project = batch.project
    upload = walk.drop(chemist, project, b"a file that is none of ours", "edx.bin", sample=one)
    walk.work()
    reading = upload.readings.get()
    measurement = Measurement.objects.create(project=project, reading=reading, sample=one, technique="edx", title="EDX")
    composition = Composition.objects.create(project=project, sample=one, measurement=measurement)
    services.assign(by=chemist, measurements=[measurement], sample=other)
    composition.refresh_from_db()
    assert composition.sample == other
    measurement.refresh_from_db()
    services.withdraw_measurement(by=chemist, measurement=measurement, because="wrong grid")
    composition.refresh_from_db()
    assert composition.withdrawn_at


def test_percents_are_compared_with_what_was_weighed_and_become_stale_when_that_changes():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    sample = bench.add_sample(by=chemist, batch=batch, state="washed")
    fed = batch_sheet(batch).ratio_values["Br"]
    services.make_composition(
        by=chemist,
        project=batch.project,
        sample=sample,
        fractions={"Pb": (20.0, 0.2), "Br": (80.0, 0.4)},
        beam_energy_kev=15,
    )
    walk.work()
    analysis = Analysis.objects.get(method="particle_composition")
    assert numbers(analysis)["halide_excess_over_feed"].value == pytest.approx(4.0 - fed.value)
    bench.weigh(
        by=chemist,
        batch=batch,
        weighings=[bench.Weighing(key=i.key, amount="50", unit="mg") for i in batch.ingredients.all()],
    )
    index.refresh_changed()
    analysis.refresh_from_db()
    assert analysis.stale_since
