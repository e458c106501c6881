"""The batch index: never a source, always as new as the question that needs it."""

import pytest
from django.core.management import call_command

from qdlab.dashboards import index, selectors, tasks
from qdlab.dashboards.models import BatchIndex
from qdlab.records.models import Change
from tests import factories
from tests.spectra import records

pytestmark = pytest.mark.django_db
PEAK = "emission_peak_nm"


@pytest.fixture
def batch():
    return factories.make_batch(factories.make_project())


def measured(batch, peak_nm: float, **sample):
    sample = factories.make_sample(batch, **sample)
    return records.make_result(records.make_measurement(sample), {PEAK: (peak_nm, 0.2, "nm")})


def peak_of(batch) -> float | None:
    return BatchIndex.objects.filter(batch=batch, name=PEAK).values_list("value", flat=True).first()


def test_a_question_takes_up_what_changed_just_now(batch):
    measured(batch, 453.0)
    chemist = factories.chemist_in(batch.project)
    assert list(selectors.batches_table(chemist, {f"{PEAK}__lte": "453.5"})) == [batch]
    measured(batch, 463.0)
    assert list(selectors.batches_table(chemist, {f"{PEAK}__lte": "453.5"})) == []
    assert not Change.objects.filter(kind="batch").exists()


def test_ratios_are_those_of_the_plan_until_everything_is_weighed(batch):
    index.refresh_changed()
    assert set(BatchIndex.objects.values_list("name", flat=True)) == {
        "ratio_MA",
        "ratio_Pb",
        "ratio_Br",
        "ratio_MLA",
        "ratio_OAM",
    }
    assert BatchIndex.objects.get(name="ratio_OAM").flags == ["planned"]
    factories.weigh_as_planned(batch)
    index.refresh_changed()
    assert BatchIndex.objects.get(name="ratio_OAM").flags == []


def test_an_aged_sample_does_not_speak_for_its_batch(batch):
    measured(batch, 453.0)
    measured(batch, 470.0, state="aged")
    index.refresh_changed()
    assert peak_of(batch) == 453.0


def test_the_worker_and_the_command_make_the_same_index(batch):
    measured(batch, 453.0)
    assert tasks.refresh_index() == 3  # notes: batch, sample, result
    first = list(BatchIndex.objects.order_by("name").values("name", "value", "u", "unit", "flags"))
    BatchIndex.objects.update(value=1.0)
    call_command("rebuild_index")
    assert list(BatchIndex.objects.order_by("name").values("name", "value", "u", "unit", "flags")) == first


def test_what_nobody_changed_costs_one_query(batch, django_assert_num_queries):
    index.refresh_changed()
    with django_assert_num_queries(1):
        assert index.refresh_changed() == 0


def test_one_question_takes_up_a_bounded_number_of_changes(batch):
    revision = batch.revision
    for _n in range(6):
        factories.make_batch(revision=revision)
    assert index.refresh_changed(most=1) <= index.AT_ONCE
    index.refresh_changed()
    assert BatchIndex.objects.values("batch").distinct().count() == 7


def test_many_batches_cost_as_many_queries_as_one(batch, django_assert_max_num_queries):
    batches = [batch] + [factories.make_batch(revision=batch.revision) for _n in range(9)]
    for made in batches:
        measured(made, 453.0)
    with django_assert_max_num_queries(20):
        assert index.refresh([made.pk for made in batches]) == 10


def test_a_batch_that_cannot_be_worked_out_keeps_the_others(batch, monkeypatch):
    other = factories.make_batch(revision=batch.revision)
    original = index.batch_sheet
    monkeypatch.setattr(index, "batch_sheet", lambda b: 1 / 0 if b.pk == other.pk else original(b))
    index.refresh_changed()
    assert set(BatchIndex.objects.values_list("batch", flat=True)) == {batch.pk}


def test_the_uncertainty_can_be_asked_for_too(batch):
    measured(batch, 453.0)
    chemist = factories.chemist_in(batch.project)
    assert list(selectors.batches_table(chemist, {f"{PEAK}_u__lte": "0.2"}, f"-{PEAK}_u")) == [batch]
    assert list(selectors.batches_table(chemist, {f"{PEAK}_u__lt": "0.2"})) == []
