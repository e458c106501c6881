"""What goes wrong with files, measurements, jobs and disks: a clear sentence each time, and everything kept."""

import gzip
import os
import threading

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from qdlab.demo.instruments import Bench
from qdlab.demo.truth import BatchTruth
from qdlab.records import store
from qdlab.records.models import AuditEvent
from qdlab.records.versions import StaleVersion
from spectra import ingest, intake, pipeline, provenance, queue, selectors, services, tasks
from spectra.analysis import METHODS
from spectra.models import Analysis, Measurement, Quantity, Reading, State, Trace, Upload
from synthesis import services as synthesis
from tests import factories
from tests.lab import wait_until
from tests.spectra.walk import BLUE, drop, drop_sample_files, drop_standard_session, emission_file, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project("Blue")


@pytest.fixture
def chemist(project):
    return factories.make_member(project)


@pytest.fixture
def sample(project, chemist):
    return synthesis.add_sample(by=chemist, batch=factories.make_batch(project), state="washed")


def damage(sha256: str) -> None:
    path = store.path_of(sha256)
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


# --- Files ---------------------------------------------------------------------------------------------------------

WHOLE = emission_file("Batch 7")
HOSTILE = {
    "empty": b"",
    "only blanks": b" \r\n" * 500,
    "prose": b"Dear all,\nplease find attached what I measured yesterday.\n",
    "binary named .txt": bytes(range(256)) * 40,
    "picture named .txt": b"\x89PNG\r\n\x1a\n" + bytes(2000),
    "gzip named .txt": gzip.compress(WHOLE),
    "spreadsheet named .txt": b"PK\x03\x04" + bytes(3000),
    "cut in the header": WHOLE[:120],
    "NUL in the numbers": WHOLE[:3000].replace(b"4", b"\0"),
    "numbers that are none": WHOLE.replace(b".", b"\xff"),
    "one long line": b"1" * 200_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_is_no_spectrum_is_kept_with_a_sentence_and_waits_in_the_inbox(project, chemist, content):
    upload = drop(chemist, project, content, "PL.txt")
    work()
    upload.refresh_from_db()
    assert upload.status in (Upload.Status.UNREADABLE, Upload.Status.KEPT)
    assert len(upload.reason["text"]) > 20 and upload.reason["code"] not in ("reader_broke", "reader_failed")
    assert store.read(upload.blob_id) == content
    assert list(selectors.inbox(chemist)) == [upload]
    assert not Measurement.objects.exists()


def test_a_file_cut_in_the_middle_gives_what_is_there_or_a_sentence_but_never_silence(project, chemist):
    upload = drop(chemist, project, WHOLE[: len(WHOLE) // 2], "PL.txt")
    work()
    upload.refresh_from_db()
    assert upload.status in (Upload.Status.READ, Upload.Status.UNREADABLE)
    said = upload.warnings or upload.reason
    assert said, "half of the announced points are missing, and nothing says so"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp932", "latin-1"])
def test_a_table_in_any_usual_encoding_is_read(project, chemist, encoding):
    head = "Wavelength (nm),Absorbance (Küvette)\n" if encoding == "latin-1" else "波長 (nm),吸光度\n"
    table = head + "".join(f"{x},{0.1 + 0.001 * x:.3f}\n" for x in range(400, 460))
    upload = drop(chemist, project, table.encode(encoding), "UV.csv")
    work()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.READ, upload.reason
    assert Measurement.objects.get().traces.get().n_points == 60


def test_bytes_that_fit_no_encoding_do_not_stop_the_numbers(project, chemist):
    table = b"Wavelength (nm)\tAbs\n# K\xfcvette \xe3\x82\xb5 \x94g\n" + b"".join(
        b"%d\t0.%03d\n" % (x, x) for x in range(400, 460)
    )
    upload = drop(chemist, project, table, "UV.txt")
    work()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.READ, upload.reason
    assert store.read(upload.blob_id) == table


def test_a_file_too_large_to_be_read_is_kept_and_says_so(project, chemist):
    content = b"400 1.0\n" * 6_600_000
    upload = drop(chemist, project, content, "movie.txt")
    work()
    upload.refresh_from_db()
    assert (upload.status, upload.reason["code"]) == (Upload.Status.UNREADABLE, "too_big")
    assert upload.blob.size == len(content)


def test_a_file_over_the_limit_of_the_lab_is_refused_and_leaves_no_record(project, chemist, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    with pytest.raises(store.TooLarge):
        drop(chemist, project, bytes(1001))
    assert not Upload.objects.exists() and not Reading.objects.exists()


def test_a_full_disk_refuses_the_file_and_leaves_no_record(project, chemist, settings):
    settings.FREE_SPACE_FLOOR_BYTES = 2**62
    with pytest.raises(store.NoSpace):
        drop(chemist, project, WHOLE)
    assert not Upload.objects.exists() and not Reading.objects.exists()
    assert not AuditEvent.objects.filter(action__startswith="upload").exists()


@pytest.mark.django_db(transaction=True)
def test_one_file_dropped_by_several_people_at_once_is_one_upload(project, chemist):
    people = [chemist, *(factories.make_member(project) for _ in range(3))]
    start, made, problems = threading.Barrier(len(people)), [], []

    def send(person):
        try:
            start.wait(60)
            made.append(services.upload(by=person, project=project, name="PL.txt", chunks=[WHOLE]))
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(received.new for received in made) == [False, False, False, True]
    assert Upload.objects.count() == Reading.objects.count() == 1


def test_a_file_damaged_on_disk_is_not_read_and_not_given_out(project, chemist, client):
    upload = drop(chemist, project, WHOLE)
    damage(upload.blob_id)
    work()
    upload.refresh_from_db()
    assert (upload.status, upload.reason["code"]) == (Upload.Status.UNREADABLE, "damaged")
    assert "backup" in upload.reason["text"]
    client.force_login(chemist)
    answer = client.get(f"/api/v1/uploads/{upload.pk}/raw/")
    assert answer.status_code >= 500 and WHOLE[:100] not in b"".join(answer)
    with pytest.raises(CommandError, match="1 problem"):
        call_command("check_files")


def test_restored_bytes_are_read_again_at_once(project, chemist):
    upload = drop(chemist, project, WHOLE)
    damage(upload.blob_id)
    work()
    services.upload(by=chemist, project=project, name="PL.txt", chunks=[WHOLE])
    upload.refresh_from_db()
    if upload.status == Upload.Status.UNREADABLE:
        services.read_again(by=chemist, upload=upload)
    work()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.READ
    assert store.read(upload.blob_id) == WHOLE


# --- Measurements ---------------------------------------------------------------------------------------------------


def test_a_spectrum_without_its_excitation_gets_no_plqy_but_the_sentence_what_to_do(project, chemist, sample):
    bench = Bench(7)
    drop_standard_session(chemist, project, bench)
    for raw in _raw_files(bench, sample.code):
        content = b"\r\n".join(line for line in raw.content.split(b"\r\n") if not line.startswith(b"Ex wavelength"))
        drop(chemist, project, content, raw.name)
    work()
    plqy = Analysis.objects.get(method="plqy")
    assert plqy.state == State.REFUSED and not plqy.quantities.exists()
    assert "excitation" in plqy.reason["text"].lower() and "Please" in plqy.reason["text"]
    for measurement in Measurement.objects.filter(technique="pl_emission", role="sample"):
        services.change_measurement(by=chemist, measurement=measurement, excitation_nm=372.0)
    work()
    current = Analysis.objects.get(method="plqy", superseded_by=None, withdrawn_at=None)
    assert current.state == State.DONE
    assert current.quantities.get().value == pytest.approx(0.956, abs=3 * current.quantities.get().u)


def _raw_files(bench, code: str, truth: BatchTruth = BLUE):
    from qdlab.demo import files
    from tests.spectra.walk import WHEN

    return files.of_sample(bench, truth, code, WHEN)


def test_a_dilution_series_with_one_point_is_a_single_point_and_says_so(project, chemist, sample):
    bench = Bench(7)
    drop_standard_session(chemist, project, bench)
    drop_sample_files(
        chemist, project, bench, sample.code, BatchTruth("1", {}, BLUE.bands, 0.956, (9.02,), dilutions=(0.05,))
    )
    work()
    plqy = Analysis.objects.get(method="plqy")
    assert plqy.state == State.DONE
    assert "single_point_sample" in {warning["code"] for warning in plqy.warnings}
    assert plqy.quantities.get().u > 0


def test_a_standard_without_its_yield_is_refused_where_it_is_used(project, chemist):
    standard = services.make_standard(by=chemist, compound="coumarin 153", solvent="ethanol")
    with pytest.raises(ValidationError, match="no quantum yield"):
        services.make_session(by=chemist, project=project, standard=standard, name="C153", measured_at=timezone.now())


def test_a_standard_whose_yield_was_lost_refuses_the_plqy_with_a_sentence(project, chemist, sample):
    bench = Bench(7)
    session = drop_standard_session(chemist, project, bench)
    type(session.standard).objects.filter(pk=session.standard_id).update(phi=None)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    plqy = Analysis.objects.get(method="plqy")
    assert (plqy.state, plqy.reason["code"]) == (State.REFUSED, "standard_without_phi")
    assert "Please enter its quantum yield" in plqy.reason["text"]


def test_two_people_correcting_one_measurement_do_not_overwrite_each_other(project, chemist):
    drop(chemist, project, emission_file())
    work()
    mine, hers = Measurement.objects.get(), Measurement.objects.get()
    seen = mine.version
    services.change_measurement(by=chemist, measurement=mine, expected=seen, excitation_nm=370.0)
    with pytest.raises(StaleVersion) as stale:
        services.change_measurement(by=chemist, measurement=hers, expected=seen, excitation_nm=365.0)
    assert stale.value.current.excitation_nm == 370.0
    assert Measurement.objects.get().excitation_nm == 370.0


def test_two_people_saving_one_batch_do_not_overwrite_each_other(project, chemist):
    mine = factories.make_batch(project)
    hers, seen = type(mine).objects.get(pk=mine.pk), mine.version
    synthesis.change_batch(by=chemist, batch=mine, version=seen, title="mine")
    with pytest.raises(StaleVersion) as stale:
        synthesis.change_batch(by=chemist, batch=hers, version=seen, title="hers")
    assert stale.value.current.title == "mine"
    assert type(mine).objects.get(pk=mine.pk).title == "mine"


# --- Jobs -----------------------------------------------------------------------------------------------------------


def expire(jobs) -> None:
    jobs.update(lease_until=timezone.now() - timezone.timedelta(seconds=1))


def claimed_analysis(project, chemist) -> Analysis:
    drop(chemist, project, emission_file())
    assert ingest.read_waiting() == 1
    return queue.claim(Analysis.objects.filter(method="emission_band"), 1)[0]


def test_a_job_that_lost_its_lease_cannot_commit(project, chemist):
    slow = claimed_analysis(project, chemist)
    expire(Analysis.objects.filter(pk=slow.pk))
    quick = queue.claim(Analysis.objects.filter(method="emission_band"), 1)[0]
    assert (quick.pk, quick.fence) == (slow.pk, slow.fence + 1)
    outcome = METHODS["emission_band"].run([pipeline.case_of(quick)])[0]
    assert pipeline.commit(quick, outcome)
    numbers = list(Quantity.objects.filter(analysis=quick).values_list("pk", flat=True))
    assert not pipeline.commit(slow, outcome)
    assert list(Quantity.objects.filter(analysis=quick).values_list("pk", flat=True)) == numbers
    assert AuditEvent.objects.filter(action="analysis.ended", subject_id=str(quick.pk)).count() == 1


def test_a_reading_that_lost_its_lease_writes_no_second_measurement(project, chemist, monkeypatch):
    drop(chemist, project, WHOLE)
    slow = queue.claim(Reading.objects.select_related("upload__project"), 1)[0]
    expire(Reading.objects.all())
    assert ingest.read_waiting() == 1
    monkeypatch.setattr(queue, "claim", lambda _jobs, _limit: [slow])
    assert ingest.read_waiting() == 1
    assert Measurement.objects.count() == 1
    assert AuditEvent.objects.filter(action="upload.read").count() == 1


@pytest.mark.parametrize("model", [Reading, Analysis], ids=["file", "analysis"])
def test_a_job_that_ends_its_worker_every_time_is_given_up_with_a_sentence_and_can_be_tried_again(
    project, chemist, settings, model
):
    upload = drop(chemist, project, WHOLE)
    if model is Analysis:
        ingest.read_waiting()
    jobs = model.objects.filter(pk=model.objects.order_by("pk").first().pk)
    for _ in range(settings.JOB_ATTEMPTS):
        assert len(queue.claim(jobs, 1)) == 1  # and then the worker is killed
        expire(jobs)
    assert queue.claim(jobs, 1) == []
    work()
    job = jobs.get()
    assert (job.state, job.reason["code"]) == (State.FAILED, "gave_up")
    assert "3 times" in str(job.reason["text"]).format(**job.reason.get("values", job.reason))
    if model is Analysis:
        services.retry_analysis(by=chemist, analysis=job)
    else:
        upload.refresh_from_db()
        assert (upload.status, upload.reason["code"]) == (Upload.Status.UNREADABLE, "gave_up")
        services.read_again(by=chemist, upload=upload)
    work()
    assert Analysis.objects.filter(state=State.DONE).count() == 2
    upload.refresh_from_db()
    assert upload.status == Upload.Status.READ


def test_a_given_up_job_does_not_keep_the_others_waiting(project, chemist, settings):
    drop(chemist, project, WHOLE, "poison.txt")
    Reading.objects.update(state=State.RUNNING, attempt=settings.JOB_ATTEMPTS, lease_until=timezone.now())
    drop(chemist, project, emission_file("other", seed=2), "good.txt")
    assert len(queue.claim(Reading.objects.all(), 1)) == 1


def test_a_job_that_ends_its_worker_does_not_take_along_those_that_were_claimed_with_it(project, chemist, settings):
    for seed in (1, 2, 3):
        drop(chemist, project, emission_file(f"n{seed}", seed=seed), f"{seed}.txt")
    for _ in range(settings.JOB_ATTEMPTS - 1):
        assert len(queue.claim(Reading.objects.all(), 8)) == 3
        expire(Reading.objects.all())
    alone = [queue.claim(Reading.objects.all(), 8) for _ in range(3)]
    assert sorted(len({job.pk for job in jobs}) for jobs in alone) == [1, 1, 1]


def test_wake_ups_for_the_same_come_apart_and_the_last_one_is_sent(monkeypatch):
    sent = []
    monkeypatch.setattr(queue, "APART_S", 0.05)
    monkeypatch.setattr(queue, "_send", lambda task, message: sent.append((task, message)))
    for _ in range(5):
        queue._publish("wake", {"method": "a method of this test"})
    queue._publish("wake", {"method": "another one of this test"})
    assert len(sent) == 2
    wait_until(lambda: len(sent) == 3, "the wake-up that speaks for the other four", 5)
    assert queue._to_come == set() and sent[2] == sent[0]


@pytest.mark.parametrize("model", [Reading, Analysis], ids=["file", "analysis"])
def test_a_result_that_the_disk_does_not_take_is_put_off_and_costs_no_attempt(project, chemist, monkeypatch, model):
    drop(chemist, project, WHOLE)
    module, name = (intake, "write") if model is Reading else (pipeline, "_end")
    if model is Analysis:
        ingest.read_waiting()

    def full(*arguments):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(module, name, full)
        work()
    waiting = model.objects.filter(state=State.QUEUED)
    assert waiting.count() == model.objects.count() > 0
    assert set(waiting.values_list("attempt", flat=True)) == {0}
    assert all("tries again by itself" in job.reason["text"] for job in waiting)
    assert not queue.waiting(model.objects.all()).exists()  # not at once
    waiting.update(queued_at=timezone.now())
    work()
    assert Measurement.objects.count() == 1
    assert not Analysis.objects.exclude(state=State.DONE).exists()


def test_a_computation_that_breaks_is_tried_three_times_and_stops_no_other(project, chemist, monkeypatch):
    for seed in (1, 2):
        drop(chemist, project, emission_file(f"n{seed}", seed=seed), f"{seed}.txt")
    while ingest.read_waiting():
        pass
    guilty = Analysis.objects.filter(method="emission_band").order_by("pk").first()
    broken = f"measurement:{guilty.inputs.get().measurement_id}"
    real = METHODS["emission_band"].run

    def run(cases):
        if any(given.source == broken for case in cases for given in case.inputs):
            raise ZeroDivisionError
        return real(cases)

    monkeypatch.setitem(METHODS, "emission_band", _with(METHODS["emission_band"], run=run))
    work()
    guilty.refresh_from_db()
    assert (guilty.state, guilty.attempt, guilty.reason["code"]) == (State.FAILED, 3, "method_broke")
    assert Analysis.objects.exclude(pk=guilty.pk).exclude(state=State.DONE).count() == 0


def _with(method, **changes):
    from dataclasses import replace

    return replace(method, **changes)


def test_wake_ups_that_nobody_hears_are_repeated_by_the_dispatcher(project, chemist, monkeypatch):
    drop(chemist, project, WHOLE)
    ingest.read_waiting()
    heard = []
    monkeypatch.setattr(queue, "_publish", lambda task, message: heard.append((task, message)))
    monkeypatch.setattr(queue, "wake", lambda task, **message: queue._publish(task, message))
    tasks.dispatch()
    assert sorted(message["method"] for _task, message in heard) == ["colour", "emission_band"]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_refuses_nobodys_file(project, chemist, settings, monkeypatch):
    from celery import current_app

    def away(*arguments, **options):
        raise ConnectionRefusedError("no broker")

    monkeypatch.setattr(current_app, "send_task", away)
    upload = drop(chemist, project, WHOLE)
    assert Reading.objects.get(upload=upload).state == State.QUEUED


# --- Numbers that are no longer current ---------------------------------------------------------------------------------


def test_a_new_version_of_a_method_makes_its_results_stale_and_a_recompute_replaces_them(project, chemist, monkeypatch):
    drop(chemist, project, WHOLE)
    work()
    old = Analysis.objects.get(method="emission_band")
    newer = _with(METHODS["emission_band"], version=METHODS["emission_band"].version + 1)
    monkeypatch.setitem(METHODS, "emission_band", newer)
    assert provenance.refresh_after_upgrade() == 1
    old.refresh_from_db()
    assert old.stale_since is not None
    assert Analysis.objects.get(method="colour").stale_since is None
    run = services.preview_recomputation(by=chemist, project=project)
    work()
    services.apply_recomputation(by=chemist, recomputation=run)
    work()
    old.refresh_from_db()
    assert old.superseded_by.method_version == newer.version
    assert old.superseded_by.stale_since is None and old.quantities.exists()


def test_a_file_read_again_that_reads_the_same_keeps_its_measurement_and_numbers(project, chemist):
    upload = drop(chemist, project, WHOLE)
    work()
    first, results = Measurement.objects.get(), set(Analysis.objects.values_list("pk", "input_digest"))
    services.read_again(by=chemist, upload=upload)
    with pytest.raises(ValidationError, match="being read right now"):
        services.read_again(by=chemist, upload=upload)
    work()
    assert Measurement.objects.get() == first and Measurement.objects.get().withdrawn_at is None
    assert set(Analysis.objects.values_list("pk", "input_digest")) == results
    assert upload.readings.count() == 2


def test_a_file_read_again_that_reads_otherwise_keeps_the_old_numbers_and_gives_new_ones(project, chemist):
    upload = drop(chemist, project, WHOLE)
    work()
    first = Measurement.objects.get()
    curve = np.array(first.traces.get().y_values())
    Trace.objects.update(y=(2 * curve).tobytes())
    services.read_again(by=chemist, upload=upload)
    work()
    first.refresh_from_db()
    second = Measurement.objects.get(withdrawn_at=None)
    assert first.withdrawn_at is not None and second.pk != first.pk
    assert np.array_equal(second.traces.get().y_values(), curve)
    assert Analysis.objects.filter(measurement=first).exists()
    assert Analysis.objects.filter(measurement=second, state=State.DONE).count() == 2


def test_a_child_process_does_not_wait_for_the_timers_of_its_parent(monkeypatch):
    monkeypatch.setattr(queue, "_to_come", {("a task that only the parent sends",)})
    ends, begins = os.pipe()
    with queue._lock:  # as another thread may hold it in this moment
        child = os.fork()
        if not child:
            os.write(begins, b"free" if not queue._to_come and queue._lock.acquire(blocking=False) else b"stuck")
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(ends, 5) == b"free"
    assert queue._to_come
