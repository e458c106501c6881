"""The demo's second part through the walk: portions, their files, and what is asked for by hand."""

from dataclasses import replace
from datetime import datetime

import pytest
from django.core.management import call_command

from qdlab.demo import further, further_files, lab, report, requests
from qdlab.demo.further_expected import enantiomers, growth, of_portions
from qdlab.demo.instruments import Bench
from qdlab.demo.portions import FURTHER
from qdlab.demo.truth import REPLICATES
from qdlab.records.audit import acting_through
from spectra import followups, readers, selectors
from spectra.models import Analysis, State, Upload
from tests.spectra.walk import work

WHEN = datetime(2026, 3, 2, 10)


@pytest.fixture
def completed(db, monkeypatch):
    """A demo of the first batch of recipe 1 alone, without its quantum yield, and the whole second part of it."""
    monkeypatch.setattr(lab, "REPLICATES", (replace(REPLICATES[0], dilutions=()),))
    monkeypatch.setattr(lab, "OAM_SERIES", ())
    monkeypatch.setattr(lab, "_standard_session", lambda *given: None)
    monkeypatch.setattr(lab, "_oleylamine_series", lambda *given: None)
    with acting_through("command"):
        lab.build()
    finish()
    here = further.open_lab()
    with acting_through("command"):
        further.deliver(here)
    finish()
    with acting_through("command"):
        requests.request(here)
    finish()
    return here


def finish():
    with acting_through("worker"):
        while work():
            followups.settle_all()


def test_the_second_part_is_read_analysed_and_true_and_is_never_made_twice(completed, capsys):
    assert not Upload.objects.exclude(status=Upload.Status.READ).exists()
    assert not Analysis.objects.exclude(state=State.DONE).exists()
    assert selectors.inbox_count(completed.chemist) == 0  # every file found its sample or its session
    assert further.is_settled() and requests.are_made(completed.project)

    found = report.further_lines(completed.project)
    assert [line for line in found if line.value is None] == []
    assert {"induction_tangent_min", "population_share", "counter_ions", "plqy_absolute_uncorrected", "turn_on_v"} <= {
        line.name for line in found
    }
    # About 95 % lie within 2 u; the seed is fixed. Beyond 4 u something is wrong.
    assert sum(line.agrees for line in found) >= 0.9 * len(found)
    assert [(line.name, line.deviation) for line in found if abs(line.deviation) > 4] == []

    cell = further.portion_of(further.first_batches(completed.project)["1"], "sphere")
    assert set(Analysis.objects.filter(sample=cell).values_list("method", flat=True)) == {"plqy_absolute"}
    asked = set(Analysis.objects.filter(automatic=False).values_list("method", flat=True))
    assert {"ageing", "tauc", "nanocrystal_concentration", "confinement", "particle_composition"} <= asked

    before = (Upload.objects.count(), Analysis.objects.count())
    with acting_through("command"):
        further.deliver(further.open_lab())
        requests.request(completed)
    call_command("continue_demo")  # says nothing: it is complete
    assert (Upload.objects.count(), Analysis.objects.count()) == before
    assert capsys.readouterr().out == ""


def test_without_a_demo_there_is_nothing_to_continue(db, capsys):
    call_command("continue_demo")
    assert capsys.readouterr().out == ""


def test_the_waiting_ends_after_two_quiet_looks(db, monkeypatch):
    looks = iter([False, True, False, True, True])
    monkeypatch.setattr(further, "is_settled", lambda: next(looks))
    further.wait_until_settled(sleep=lambda seconds: None)
    assert list(looks) == []


# --- What is true, and the files --------------------------------------------------------------------------------------


def test_the_truths_are_those_of_the_article():
    one, two, three = (FURTHER[number] for number in "123")
    assert two.particle.counter_ions == pytest.approx(60.6)
    assert of_portions(two)["grid", "particle_composition"]["cation_surface"] == 31
    assert of_portions(two)["grid", "particle_composition"]["halide_lost"] == 3
    # By the tangent at the midpoint itself 120 min; on the stretch that the method takes the slope is a little less.
    assert growth(one.growth)["induction_tangent_min"] == pytest.approx(120, abs=1)
    assert "induction_tangent_min" not in growth(three.growth)
    assert two.shelf.half_life_h == 24 * 40 and three.uv.left(2.0) == pytest.approx(0.5)
    assert one.uv.left(10.0) == pytest.approx(0.95, abs=0.001)
    # 1 mdeg at an absorbance of 0.5
    assert enantiomers()["g_extremum"] == pytest.approx(6.06e-5, rel=0.01)


@pytest.mark.parametrize("recipe", FURTHER)
def test_every_file_is_read_as_what_it_is_and_says_that_it_is_simulated(recipe):
    truth, errors = FURTHER[recipe], further_files.Errors(Bench(5))
    raw = {"tem_sizes": further_files.of_sizes(errors, truth.sizes, "QD-1-grid")}
    raw["edx"] = further_files.of_particle(errors, truth.particle, "QD-1-grid")
    raw["pl_emission"] = further_files.of_sphere(errors, truth.sphere, "QD-1-sphere", WHEN)["direct"]
    raw["cd"] = further_files.of_chirality(errors, further.CHIRALITY, 1, "QD-2-a", WHEN)
    for technique, file in raw.items():
        reading = readers.read(file.content, file.name)
        assert [item.technique for item in reading.items] == [technique]
        assert reading.simulated and len(file.content) < 40_000
