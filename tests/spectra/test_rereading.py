"""Files read again: first what would change is listed, then changed, and what persons decided outlives it."""

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from qdlab.records import audit
from spectra import selectors, services
from spectra.models import Agreed, Analysis, Measurement, Reading, State, Trace, Trial, Upload
from spectra.rereading import VERSIONS
from synthesis.models import Batch, Status
from tests import factories
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db
TABLE = "Wavelength (nm),Abs\n" + "\n".join(f"{x},{0.001 * (x - 390)}" for x in range(400, 440))


@pytest.fixture
def project():
    return factories.make_project("Blue emitters")


@pytest.fixture
def chemist(project):
    return factories.chemist_in(project)


@pytest.fixture
def sample(project):
    return factories.make_sample(factories.make_batch(project))


@pytest.fixture
def upload(project, chemist, sample):
    """A spectrum on a sample, with its numbers, read by an earlier version of its reader."""
    found = drop(chemist, project, emission_file(), sample=sample, hints={"excitation_nm": "372"})
    work()
    read_long_ago(found)
    return found


def read_long_ago(upload) -> None:
    Reading.objects.filter(upload=upload).update(reader_version=0, checked_version=0)


def stored_otherwise(upload) -> Measurement:
    """As if the earlier reader had been wrong by a factor, and had not known the technique's wavelength."""
    trace = Trace.objects.get(measurement__reading__upload=upload)
    Trace.objects.filter(pk=trace.pk).update(y=(np.array(trace.y_values()) * 1.25).astype("<f8").tobytes())
    return Measurement.objects.get(reading__upload=upload)


def previewed(chemist, project, **more):
    started = services.preview_reading(by=chemist, project=project, **{"why": "earlier"} | more)
    work()
    return selectors.rereadings(chemist).get(pk=started.pk)


def test_a_file_that_reads_the_same_is_noted_as_checked_and_nothing_else_changes(project, chemist, upload):
    measurement, analyses = Measurement.objects.get(), list(Analysis.objects.order_by("pk").values())
    assert list(selectors.read_by_earlier(chemist)) == [upload]
    found = previewed(chemist, project)
    assert (found.n_files, found.n_same, found.n_undecided, found.n_open) == (1, 1, 0, 0)
    assert not selectors.read_by_earlier(chemist).exists()
    assert Measurement.objects.get().version == measurement.version
    assert list(Analysis.objects.order_by("pk").values()) == analyses
    reading = Reading.objects.get()
    assert (reading.reader_version, reading.checked_version) == (
        0,
        VERSIONS[reading.reader],
    )  # who read it stays visible
    assert audit.history_of(upload).last().action == "upload.checked"


def test_what_would_change_is_listed_before_anything_changes(project, chemist, upload, sample):
    stored_otherwise(upload)
    Batch.objects.update(status=Status.REVIEWED)
    found = previewed(chemist, project)
    (trial,) = selectors.trials_that_differ(found)
    (item,) = trial.changes["items"]
    assert (trial.outcome, item["outcome"]) == ("changed", "changed")
    (note,) = item["notes"]
    assert note["code"] == "y_values"
    assert float(note["values"]["percent"]) == pytest.approx(20, abs=0.01)  # 1 of 1.25
    effects = trial.changes["effects"]
    assert {entry["method"] for entry in effects["analyses"]} == {"emission_band", "colour"}
    assert "emission_peak_nm" in effects["analyses"][0]["quantities"] + effects["analyses"][1]["quantities"]
    assert effects["batches"] == [{"id": str(sample.batch_id), "code": sample.batch.code, "reviewed": True}]
    assert Measurement.objects.get().withdrawn_at is None and Reading.objects.count() == 1


def test_an_applied_change_keeps_what_persons_decided(project, chemist, upload, sample):
    old = stored_otherwise(upload)
    other = factories.make_sample(sample.batch)
    services.change_measurement(by=chemist, measurement=old, solvent="toluene", dilution_label="d2", gas="Ar")
    services.assign(by=chemist, measurements=[Measurement.objects.get()], sample=other)
    services.change_measurement(by=chemist, measurement=Measurement.objects.get(), gas=None)
    work()
    found = previewed(chemist, project)
    assert services.apply_rereading(by=chemist, rereading=found) == 1
    assert Measurement.objects.get().withdrawn_at is None  # the old one stands until the new one is there
    work()
    old.refresh_from_db()
    new = Measurement.objects.get(withdrawn_at=None)
    assert old.withdrawn_because == "the file was read again" and old.reading.reader_version == 0
    assert (new.sample, new.dilution_label, new.excitation_nm) == (other, "d2", 372.0)
    assert new.conditions["solvent"] == "toluene" and "gas" not in new.conditions
    assert set(new.by_person) == {"sample", "solvent", "dilution_label", "gas"}
    assert Analysis.objects.filter(measurement=new, state=State.DONE, withdrawn_at=None).count() == 2
    assert not Analysis.objects.filter(measurement=old, withdrawn_at=None).exists()
    assert Trial.objects.get().decision == "apply" and not selectors.read_by_earlier(chemist).exists()
    assert services.apply_rereading(by=chemist, rereading=found) == 0  # once is enough
    assert audit.broken_links(str(project.pk)) == []


def test_a_computation_with_a_persons_settings_is_made_again_with_them(project, chemist, upload):
    old = stored_otherwise(upload)
    result = Analysis.objects.get(method="emission_band")
    services.analyse_again(by=chemist, analysis=result, parameters={"n_gaussians": 2})
    work()
    services.apply_rereading(by=chemist, rereading=previewed(chemist, project))
    work()
    new = Measurement.objects.get(withdrawn_at=None)
    assert new.pk != old.pk
    kept = Analysis.objects.get(measurement=new, method="emission_band", superseded_by=None)
    assert (kept.parameters, kept.automatic, kept.requested_by) == ({"n_gaussians": 2}, False, chemist)


def test_an_agreed_value_stands_while_its_measurement_reads_the_same(project, chemist, upload):
    own = Analysis.objects.get(method="emission_band")
    services.agree_on(by=chemist, batch=upload.sample.batch, analysis=own, because="the fresh one")
    agreed = Agreed.objects.get().analysis_id
    services.read_again(by=chemist, upload=upload)
    work()
    assert Agreed.objects.get().analysis_id == agreed
    assert Analysis.objects.get(pk=agreed).withdrawn_at is None
    assert Reading.objects.count() == 2  # the newer version is seen to have read it


def test_a_declined_change_does_not_come_up_again(project, chemist, upload):
    old = stored_otherwise(upload)
    found = previewed(chemist, project)
    assert services.keep_reading(by=chemist, rereading=found) == 1
    assert Trial.objects.get().decision == "keep" and not selectors.read_by_earlier(chemist).exists()
    assert services.apply_rereading(by=chemist, rereading=found) == 0
    work()
    assert Measurement.objects.get() == old


def test_other_columns_are_previewed_too_and_their_choice_is_kept_by_later_readings(project, chemist):
    upload = drop(chemist, project, TABLE.encode(), "table.txt")
    work()
    mapping = {"x": 0, "y": [1], "x_unit": "nm", "y_quantity": "intensity", "technique": "pl_emission"}
    found = previewed(chemist, project, why="chosen", uploads=[upload], mapping=mapping)
    assert Measurement.objects.get().technique == "uvvis"
    (trial,) = selectors.trials_that_differ(found)
    codes = {note["code"] for item in trial.changes["items"] for note in item["notes"]}
    assert {"technique", "units"} <= codes
    services.apply_rereading(by=chemist, rereading=found)
    work()
    assert [m.technique for m in selectors.measurements_of(upload)] == ["pl_emission"]
    read_long_ago(upload)
    again = previewed(chemist, project)
    assert (again.n_same, Trial.objects.latest("pk").mapping) == (1, mapping)


def test_a_file_that_a_new_reading_refuses_keeps_what_was_read_before(project, chemist, upload):
    services.read_again(by=chemist, upload=upload, mapping={"x": 7, "y": [9]})
    work()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.READ
    assert Measurement.objects.get().withdrawn_at is None
    assert Reading.objects.latest("pk").state == State.REFUSED


def test_files_that_could_not_be_read_are_tried_again_together(project, chemist):
    upload = drop(chemist, project, TABLE.encode(), "table.txt")
    drop(chemist, project, b"only a letter\n", "letter.txt")
    work()
    Measurement.objects.update(withdrawn_at=timezone.now())
    Upload.objects.filter(pk=upload.pk).update(status=Upload.Status.UNREADABLE)
    found = previewed(chemist, project, why="unreadable")
    outcomes = {trial.upload.name: trial.outcome for trial in selectors.trials_that_differ(found)}
    assert outcomes == {"table.txt": "new", "letter.txt": "unreadable"}
    assert services.apply_rereading(by=chemist, rereading=found) == 1
    work()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.READ
    assert Measurement.objects.filter(withdrawn_at=None).count() == 1


def test_only_who_may_write_looks_again_and_only_at_files_of_one_project(project, chemist, upload):
    viewer = factories.make_member(project, "viewer")
    with pytest.raises(PermissionDenied):
        services.preview_reading(by=viewer, project=project, why="earlier")
    elsewhere = factories.make_project("Somebody else's")
    stranger = drop(factories.chemist_in(elsewhere), elsewhere, emission_file(seed=2))
    with pytest.raises(ValidationError, match="several projects"):
        services.preview_reading(by=chemist, project=project, uploads=[upload, stranger])
    with pytest.raises(ValidationError, match="no file"):
        services.preview_reading(by=chemist, project=project, why="unreadable")


def test_a_thousand_files_are_queued_for_trial_in_few_questions(
    project, chemist, upload, django_assert_max_num_queries
):
    files = Upload.objects.bulk_create(
        Upload(project=project, blob_id=upload.blob_id, name=f"{n}.txt", uploaded_by=chemist, status="unreadable")
        for n in range(1000)
    )
    with django_assert_max_num_queries(40):  # SQLite takes few values in one question
        services.preview_reading(by=chemist, project=project, why="unreadable")
    assert Trial.objects.filter(state=State.QUEUED).count() == len(files)
