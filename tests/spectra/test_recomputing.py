"""Computing many results again: the trial writes nothing, the choice is a person's, and it can be held back at any time."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from qdlab.demo.instruments import Bench
from qdlab.records import audit
from spectra import pipeline, provenance, recomputing, services, taking_over, why_stale
from spectra.analysis import METHODS
from spectra.models import Analysis, Decision, Found, Halted, Measurement, Quantity, Repeat, State, Tried
from spectra.templatetags import results
from synthesis.models import Batch, Status
from tests import factories
from tests.spectra.walk import drop, drop_sample_files, drop_standard_session, emission_file, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db):
    return factories.make_project()


@pytest.fixture
def chemist(project):
    return factories.chemist_in(project)


@pytest.fixture
def sample(project):
    return factories.make_sample(factories.make_batch(project), state="washed")


@pytest.fixture
def spectra(project, chemist, sample):
    """Three emission spectra of a sample with their results."""
    for seed in range(3):
        drop(chemist, project, emission_file(seed=seed), f"PL-{seed}.txt", sample=sample)
    work()


@pytest.fixture
def yields(project, chemist, sample):
    """A PLQY and the rates that rest on it."""
    bench = Bench(3)
    drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()


def set_window(chemist, project, start=440.0, **more):
    given = {"why": "settings", "method": "emission_band", "parameters": {"window_min_nm": start}} | more
    return services.preview_recomputation(by=chemist, project=project, **given)


def everything():
    return list(Analysis.objects.order_by("pk").values()), list(Quantity.objects.order_by("pk").values())


def test_the_trial_changes_no_result_and_tells_old_and_new_in_units_of_u(project, chemist, spectra):
    before = everything()
    run = set_window(chemist, project)
    work()
    assert everything() == before
    repeats = list(run.repeats.all())
    assert [r.state for r in repeats] == [State.DONE] * 3
    assert {r.found for r in repeats} == {Found.CHANGED}
    number = repeats[0].numbers[0]
    change = abs(number["new"]["value"] - number["old"]["value"])
    assert number["in_u"] == pytest.approx(change / number["old"]["u"], rel=1e-12)
    assert repeats[0].largest_u == max(n["in_u"] for n in repeats[0].numbers if n["in_u"] is not None)


def test_what_is_applied_gives_the_numbers_that_the_trial_told(project, chemist, spectra):
    run = set_window(chemist, project)
    work()
    assert services.apply_recomputation(by=chemist, recomputation=run) == 3
    work()
    for repeat in run.repeats.select_related("analysis", "result"):
        assert repeat.analysis.superseded_by == repeat.result
        assert repeat.result.parameters == {"window_min_nm": 440.0} and repeat.result.requested_by == chemist
        told = {n["name"]: n["new"]["value"] for n in repeat.numbers}
        assert told == {q.name: q.value for q in repeat.result.quantities.all()}
    assert audit.broken_links(str(project.pk)) == []


def test_results_of_an_unchanged_method_have_the_same_numbers(project, chemist, spectra):
    Analysis.objects.filter(method="emission_band").update(stale_since="2026-03-02T10:00Z")
    run = services.preview_recomputation(by=chemist, project=project)
    work()
    assert {r.found for r in run.repeats.all()} == {Found.SAME}
    assert {r.largest_u for r in run.repeats.all()} == {0.0}


def test_rates_are_tried_with_the_yield_that_the_same_trial_found(project, chemist, yields):
    for measurement in Measurement.objects.filter(technique="pl_emission", role="sample").exclude(dilution_label=""):
        measurement.conditions["refractive_index"] = 1.45  # behind the services' back: nothing follows by itself
        measurement.save()
    provenance.refresh_staleness(Analysis.objects.all())
    stale = Analysis.objects.exclude(stale_since=None)
    assert set(stale.values_list("method", flat=True)) >= {"plqy", "rates"}
    run = services.preview_recomputation(by=chemist, project=project, method="rates")
    plqy, rates = run.repeats.get(method="plqy"), run.repeats.get(method="rates")
    assert (plqy.level, rates.level) == (0, 1)
    assert plqy.why == ["conditions"] and rates.why == ["upstream"]
    work()
    services.apply_recomputation(by=chemist, recomputation=run)
    work()
    rates.refresh_from_db()
    told = {n["name"]: n["new"]["value"] for n in rates.numbers}
    current = Analysis.objects.get(method="rates", superseded_by=None)
    assert current == rates.result and current.stale_since is None
    assert told == pytest.approx({q.name: q.value for q in current.quantities.all()}, rel=1e-12, nan_ok=True)
    assert (
        Analysis.objects.filter(method="rates").count() == 2
    )  # the one that follows by itself is the one that was chosen


def test_a_new_version_of_the_method_is_the_reason_and_only_the_ticked_ones_are_computed(
    project, chemist, spectra, monkeypatch
):
    from dataclasses import replace

    newer = replace(METHODS["emission_band"], version=METHODS["emission_band"].version + 1)
    monkeypatch.setitem(METHODS, "emission_band", newer)
    provenance.refresh_after_upgrade()
    run = services.preview_recomputation(by=chemist, project=project)
    work()
    first = run.repeats.filter(method="emission_band").first()
    assert first.why == ["method"]
    assert services.apply_recomputation(by=chemist, recomputation=run, repeats=[first.pk]) == 1
    assert services.keep_results(by=chemist, recomputation=run) == run.repeats.count() - 1
    work()
    current = Analysis.objects.filter(method="emission_band", superseded_by=None)
    assert sorted(current.values_list("method_version", flat=True)) == [
        newer.version - 1,
        newer.version - 1,
        newer.version,
    ]


def test_a_pause_stops_the_trial_and_the_computing_and_resuming_takes_them_up(project, chemist, spectra):
    run = set_window(chemist, project)
    services.hold_recomputation(by=chemist, recomputation=run, halted=Halted.PAUSED)
    assert recomputing.try_waiting() == 0
    services.hold_recomputation(by=chemist, recomputation=run, halted=Halted.NO)
    assert recomputing.try_waiting() == 3
    services.apply_recomputation(by=chemist, recomputation=run)
    services.hold_recomputation(by=chemist, recomputation=run, halted=Halted.PAUSED)
    assert taking_over.advance_all() == 0 and not Analysis.objects.filter(state=State.QUEUED).exists()
    services.hold_recomputation(by=chemist, recomputation=run, halted=Halted.NO)
    work()
    assert Analysis.objects.filter(method="emission_band", superseded_by=None, parameters={}).count() == 0


def test_cancelling_leaves_the_old_results_in_use_and_is_final(project, chemist, spectra):
    run = set_window(chemist, project)
    work()
    Tried.objects.all().delete()  # so that they are queued, and cancelled there
    services.apply_recomputation(by=chemist, recomputation=run)
    taking_over.advance_all()
    services.hold_recomputation(by=chemist, recomputation=run, halted=Halted.CANCELLED)
    work()
    assert (
        Analysis.objects.filter(method="emission_band", superseded_by=None, state=State.DONE, parameters={}).count()
        == 3
    )
    assert Analysis.objects.filter(state=State.CANCELLED).count() == 3
    with pytest.raises(ValidationError, match="cancelled"):
        services.hold_recomputation(by=chemist, recomputation=run, halted=Halted.NO)
    with pytest.raises(ValidationError, match="cancelled"):
        services.apply_recomputation(by=chemist, recomputation=run)


def test_what_the_trial_computed_is_taken_over_and_not_computed_twice(project, chemist, spectra, monkeypatch):
    run = set_window(chemist, project)
    work()
    services.apply_recomputation(by=chemist, recomputation=run)
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "outcomes_of", None)
        work()
    taken = {repeat.analysis: repeat.result for repeat in run.repeats.select_related("analysis", "result")}
    assert {new.state for new in taken.values()} == {State.DONE} and not Tried.objects.exists()
    for old, new in taken.items():
        assert new.quantities.count() == old.quantities.count()
        assert [event.action for event in audit.history_of(new)] == ["analysis.requested", "analysis.ended"]
    again = services.analyse_again(by=chemist, analysis=new)
    work()
    again.refresh_from_db()
    for name in ("warnings", "packages", "input_digest", "method_version", "overridable", "state", "reason"):
        assert getattr(new, name) == getattr(again, name), name
    assert (new.details.keys(), new.curves.keys()) == (again.details.keys(), again.curves.keys())
    for name, curve in new.curves.items():  # alone, a spectrum's sums are added in another order than in a batch
        assert curve == pytest.approx(again.curves[name], rel=1e-6, abs=1e-6), name
    for one, other in zip(new.quantities.order_by("name"), again.quantities.order_by("name"), strict=True):
        assert (one.name, one.unit, one.reason) == (other.name, other.unit, other.reason)
        assert [part["source"] for part in one.budget] == [part["source"] for part in other.budget]
        assert (one.value, one.u) == pytest.approx((other.value, other.u), rel=1e-6)


def test_what_was_tried_on_other_inputs_is_computed_again(project, chemist, spectra):
    run = set_window(chemist, project)
    work()
    changed = Measurement.objects.filter(technique="pl_emission").first()
    changed.conditions["refractive_index"] = 1.45  # after the trial
    changed.save()
    services.apply_recomputation(by=chemist, recomputation=run)
    assert taking_over.advance_all() == 3
    queued = Analysis.objects.get(state=State.QUEUED)
    assert queued.measurement == changed
    work()
    assert provenance.refresh_staleness(Analysis.objects.filter(method="emission_band", superseded_by=None)) == 0


def test_what_is_not_wanted_is_not_kept(project, chemist, spectra):
    run = set_window(chemist, project)
    work()
    first = run.repeats.first()
    assert Tried.objects.count() == 3
    services.keep_results(by=chemist, recomputation=run, repeats=[first.pk])
    assert Tried.objects.count() == 2
    services.hold_recomputation(by=chemist, recomputation=run, halted=Halted.CANCELLED)
    assert Tried.objects.count() == 0


def test_a_result_that_somebody_replaced_meanwhile_is_left_alone(project, chemist, spectra):
    run = set_window(chemist, project)
    work()
    overtaken = Analysis.objects.filter(method="emission_band").first()
    services.analyse_again(by=chemist, analysis=overtaken, parameters={"window_min_nm": 430.0})
    work()
    services.apply_recomputation(by=chemist, recomputation=run)
    work()
    repeat = run.repeats.get(analysis=overtaken)
    assert (repeat.decision, repeat.result, repeat.told["code"]) == (Decision.KEEP, None, "overtaken")
    assert Analysis.objects.get(pk=overtaken.pk).superseded_by.parameters == {"window_min_nm": 430.0}


def test_a_trial_that_breaks_is_listed_and_tried_again(project, chemist, spectra, monkeypatch):
    from dataclasses import replace

    def broken(cases):
        raise RuntimeError("no")

    run = set_window(chemist, project)
    monkeypatch.setitem(METHODS, "emission_band", whole := replace(METHODS["emission_band"], run=broken))
    work()
    assert {r.state for r in run.repeats.all()} == {State.FAILED}
    monkeypatch.setitem(METHODS, "emission_band", replace(whole, run=pipeline.METHODS["emission_band"].run))
    monkeypatch.undo()
    assert services.retry_recomputation(by=chemist, recomputation=run) == 3
    work()
    assert {r.state for r in run.repeats.all()} == {State.DONE}


def test_a_trial_that_cannot_be_written_is_told_and_holds_no_other_back(project, chemist, spectra, monkeypatch):
    run = set_window(chemist, project)
    guilty = run.repeats.first()
    whole = recomputing.compared

    def refusing(old, new):
        numbers = whole(old, new)
        if old == pipeline.estimates_of(guilty.analysis):
            numbers[0]["new"] = b"no JSON"
        return numbers

    monkeypatch.setattr(recomputing, "compared", refusing)
    work()
    states = dict(run.repeats.values_list("pk", "state"))
    assert states.pop(guilty.pk) == State.FAILED and set(states.values()) == {State.DONE}
    assert run.repeats.get(pk=guilty.pk).reason["code"] == "method_broke"
    assert Tried.objects.count() == 2


def test_the_selection_is_narrowed_to_a_batch_and_wrong_wishes_are_told(project, chemist, spectra, sample):
    other = factories.make_batch(project)
    with pytest.raises(ValidationError, match="no such result"):
        set_window(chemist, project, batch=other)
    assert set_window(chemist, project, batch=sample.batch).repeats.count() == 3
    for wrong in (
        {"method": "magic"}, {"method": ""}, {"parameters": {}}, {"parameters": {"colour": 3}}, {"why": "fun"},
        {"why": "stale"},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            set_window(chemist, project, **wrong)
    with pytest.raises(PermissionDenied):
        set_window(factories.make_member(project, "viewer"), project)


def test_reviewed_batches_are_named_and_every_reason_has_words(project, chemist, spectra, sample):
    from spectra import selectors

    Batch.objects.filter(pk=sample.batch_id).update(status=Status.REVIEWED)
    run = set_window(chemist, project)
    work()
    assert list(selectors.reviewed_batches(run)) == [sample.batch]
    assert all(why_stale.REASONS.values())
    assert Repeat.objects.first().why == []


def test_what_stays_within_a_hundredth_of_u_is_not_shown_as_a_difference():
    had, lost = {"value": 453.0}, {"value": None}
    for number, shown in (
        ({"in_u": 0.004, "old": had, "new": had}, False),
        ({"in_u": 0.02, "old": had, "new": had}, True),
        ({"in_u": None, "old": had, "new": lost}, True),
        ({"in_u": None, "old": lost, "new": lost}, False),
        ({"in_u": None, "old": None, "new": had}, True),
    ):
        assert results.differs(number) is shown
    assert [results.in_u(value) for value in (0.004, 0.0333, 9.1371, 1234.5)] == [
        "< 0.01 u",
        "0.033 u",
        "9.1 u",
        "1234 u",
    ]
