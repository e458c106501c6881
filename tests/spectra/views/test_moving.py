"""Moving files: which agreed numbers change by it is said, asked where they were reviewed or chosen, and can be taken back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qdlab.records.audit import history_of
from spectra import selectors, services
from spectra.models import Habit, Measurement, Upload
from synthesis.models import Batch
from tests import factories, world
from tests.api.script import Script
from tests.spectra import records
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def with_peak(nm: float, **more) -> Measurement:
    measurement = records.make_measurement(**more)
    records.make_result(measurement, {"emission_peak_nm": (nm, 0.3, "nm")})
    return measurement


def agreed(batch) -> float | None:
    found = selectors.agreed_quantities([batch])[batch.pk].get("emission_peak_nm")
    return found and found.value


@pytest.fixture
def script(chemist):
    return Script(world.token_of(chemist))


@pytest.fixture
def standing(sample):
    """A batch whose emission lies at 453 nm, and a file on no sample whose emission lies at 520 nm."""
    return with_peak(453.0, sample=sample)


@pytest.fixture
def stray(project, standing):
    return with_peak(520.0, project=project)


def put(client, measurement, sample, **more):
    data = {"sample": sample.code if sample else ""} | more
    return client.post(reverse("spectra:assign_measurement", args=[measurement.pk]), data, follow=True)


def test_moving_says_what_speaks_for_the_batch_now_and_taking_it_back_restores_it(client, sample, stray, text_of):
    page = put(client, stray, sample)
    assert f"It is on sample {sample} now." in text_of(page)
    text = f"This changed what speaks for {sample.batch.code}: Emission maximum 453.00 ± 0.30 nm → 520.00 ± 0.30 nm"
    assert text in text_of(page)
    assert agreed(sample.batch) == 520.0
    back = client.post(reverse("spectra:assign"), {"undo": "1", "next": f"/measurements/{stray.pk}/"}, follow=True)
    assert (
        "1 file is back in the inbox." in text_of(back) and back.redirect_chain[-1][0] == f"/measurements/{stray.pk}/"
    )
    assert agreed(sample.batch) == 453.0


@pytest.mark.parametrize("page", ["measurement", "upload"])
def test_a_number_that_was_reviewed_changes_only_when_somebody_says_that_it_is_meant(
    client, sample, stray, text_of, page
):
    Batch.objects.update(status="reviewed")
    record = stray if page == "measurement" else stray.reading.upload
    address = reverse(
        "spectra:assign_measurement" if page == "measurement" else "spectra:assign_upload", args=[record.pk]
    )
    asked = client.post(address, {"sample": sample.code})
    assert asked.status_code == 409 and "Emission maximum 453.00 ± 0.30 nm → 520.00 ± 0.30 nm" in text_of(asked)
    assert "Leave it where it is" in text_of(asked)
    stray.refresh_from_db()
    assert stray.sample is None and agreed(sample.batch) == 453.0 and not Habit.objects.exists()
    client.post(address, {"sample": sample.code, "sure": "1"})
    assert agreed(sample.batch) == 520.0


def test_a_number_that_a_person_chose_is_not_taken_away_unasked_and_is_chosen_again_when_it_comes_back(
    client, chemist, project, sample, standing, stray, text_of
):
    services.assign(by=chemist, measurements=[stray], sample=sample)
    services.agree_on(by=chemist, batch=sample.batch, analysis=standing.analyses.get(), because="the fresh one")
    other = factories.make_sample(factories.make_batch(project))
    assert put(client, standing, other).status_code == 409
    assert agreed(sample.batch) == 453.0
    put(client, standing, other, sure="1")
    assert (agreed(sample.batch), agreed(other.batch)) == (520.0, 453.0)
    back = client.post(reverse("spectra:assign"), {"undo": "1"}, follow=True)
    assert "1 file is back where it was." in text_of(back)
    assert (agreed(sample.batch), agreed(other.batch)) == (453.0, None)


def test_over_the_api_the_same_is_asked_and_confirmed(script, sample, stray):
    Batch.objects.update(status="reviewed")
    correction = {"uploads": [str(stray.reading.upload_id)], "sample": str(sample.pk)}
    refused = script.post("/inbox/correct/", correction)
    assert refused.status_code == 400 and "453.00 ± 0.30 nm → 520.00" in refused.content.decode()
    changed = script.post("/inbox/correct/", correction | {"sure": True}).json()["changed"]
    assert changed == [f"{sample.batch.code}: Emission maximum 453.00 ± 0.30 nm → 520.00 ± 0.30 nm"]


# --- In the inbox -----------------------------------------------------------------------------------------------------


@pytest.fixture
def named(project, chemist, sample):
    """A file that names two samples, so that it waits with a guess; its own emission is analysed."""
    factories.make_sample(factories.make_batch(project), code="ZZ-99")
    upload = drop(chemist, project, emission_file(f"{sample.code} ZZ-99", peak_nm=470.0), "PL.txt")
    work()
    return upload


def test_accepting_a_file_asks_at_its_row_before_a_reviewed_number_changes(client, standing, named, text_of):
    Batch.objects.update(status="reviewed")
    page = client.post(
        reverse("spectra:assign"),
        {"accept_likely": "1", "upload": str(named.pk), "accept": str(named.pk)},
        headers=HTMX,
    )
    html = page.content.decode()
    assert f'id="told-{named.pk}" role="alert"' in html and "Put it there all the same" in html
    assert Measurement.objects.get(reading__upload=named).sample is None
    again = {"upload": str(named.pk), "suggested": "1", "sure": "1"}
    page = client.post(reverse("spectra:assign"), again, headers=HTMX)
    assert "1 file is in its place." in text_of(page) and "This changed what speaks for:" in text_of(page)


def test_an_error_of_a_row_stands_at_the_row_however_far_down_it_is(client, project, chemist):
    uploads = [records.make_upload(project) for _file in range(70)]
    for upload in uploads:
        records.make_measurement(project=project, upload=upload)
    wrong = uploads[-1]
    page = client.post(
        reverse("spectra:assign"), {"accept": str(wrong.pk), "sample": "nobody", "was-sample": ""}, headers=HTMX
    ).content.decode()
    row = page[page.index(f'id="file-{wrong.pk}"') :].partition("</li>")[0]
    assert "No sample or batch is called “nobody”." in row and 'role="alert"' in row
    assert "nobody" not in page[: page.index("inbox-group")]


def test_what_somebody_had_before_the_eyes_stays_there(client, project, chemist):
    for _file in range(70):
        records.make_measurement(project=project)
    group = client.get("/inbox/", {"open": f"unknown-{project.pk}"}).context["groups"][0]
    assert len(group["members"]) == 50 and group["left"] == 20
    seen = {"open": f"unknown-{project.pk}", "rows": [f"unknown-{project.pk}:70", "nonsense", "x:-1"]}
    group = client.get(reverse("spectra:inbox_rows"), seen).context["groups"][0]
    assert len(group["members"]) == 70 and group["next"] is None


def test_files_without_a_suggestion_are_counted_with_the_reason(client, project, named, chemist, text_of):
    others = [drop(chemist, project, emission_file("x", seed=n), f"{n}.txt") for n in (2, 3)]
    work()
    data = {"upload": [str(one.pk) for one in (named, *others)], "suggested": "1"}
    page = client.post(reverse("spectra:assign"), data, headers=HTMX)
    assert "1 file is in its place." in text_of(page)
    assert "2 files were left: QDLab has no suggestion for them. Type their sample." in text_of(page)


# --- Many at once -----------------------------------------------------------------------------------------------------


def waiting_files(project, chemist, sample, n: int) -> list[Upload]:
    """Files that wait with a suggestion, each with a result: their emission was learnt to be of the sample."""
    uploads = [records.make_upload(project, name=f"cup7 {k}.txt") for k in range(n)]
    for k, upload in enumerate(uploads):
        with_peak(450.0 + k, project=project, upload=upload, title=f"cup7 run {k}")
    return uploads


def test_accepting_asks_as_many_questions_for_twenty_files_as_for_three(project, chemist, sample):
    first = waiting_files(project, chemist, sample, 1)[0]
    services.correct(by=chemist, upload=first, sample=sample)  # teaches "cup7"

    def questions(n: int) -> int:
        uploads = waiting_files(project, chemist, sample, n)
        with CaptureQueriesContext(connection) as asked:
            accepted = services.accept(by=chemist, uploads=uploads)
        assert len(accepted.placed) == n and not accepted.left
        assert all([e.action for e in history_of(upload)][-1] == "upload.assigned" for upload in uploads)
        return len(asked)

    questions(3)
    assert questions(20) <= questions(3)


def test_of_many_only_the_one_that_somebody_else_changed_stays(project, chemist, sample, monkeypatch):
    first = waiting_files(project, chemist, sample, 1)[0]
    services.correct(by=chemist, upload=first, sample=sample)
    uploads = waiting_files(project, chemist, sample, 4)
    from spectra.services import placing

    groups = placing.groups_of_inbox(chemist)
    Upload.objects.filter(pk=uploads[2].pk).update(version=7)  # in this moment
    monkeypatch.setattr(placing, "groups_of_inbox", lambda by: groups)
    accepted = services.accept(by=chemist, uploads=uploads)
    assert [upload for upload, note in accepted.left if note.code == "suggestion_changed"] == [uploads[2]]
    assert {upload.pk for upload in accepted.placed} == {one.pk for one in uploads} - {uploads[2].pk}


def of_two_batches(project, chemist, sample, n: int = 3) -> tuple[list[Upload], Upload]:
    """Files that wait with a suggestion; the last one is suggested for a reviewed batch whose number it would change."""
    reviewed = factories.make_sample(factories.make_batch(project))
    with_peak(453.0, sample=reviewed)
    lessons = [(sample, "cup7"), (reviewed, "jar9")]
    for of, word in lessons:
        services.correct(by=chemist, upload=with_peak(450.0, project=project, upload=records.make_upload(
            project, name=f"{word} 0.txt"), title=f"{word} run 0").reading.upload, sample=of)  # fmt: skip
    Batch.objects.filter(pk=reviewed.batch_id).update(status="reviewed")
    files = waiting_files(project, chemist, sample, n)
    guarded = records.make_upload(project, name="jar9 1.txt")
    with_peak(520.0, project=project, upload=guarded, title="jar9 run 1")
    return files, guarded


def test_accepting_all_leaves_only_the_file_by_which_a_reviewed_number_would_change(project, chemist, sample):
    files, guarded = of_two_batches(project, chemist, sample)
    accepted = services.accept(by=chemist, uploads=[guarded, *files])
    assert [(upload, note.code) for upload, note in accepted.left] == [(guarded, "would_change")]
    assert {upload.pk for upload in accepted.placed} == {upload.pk for upload in files}
    assert set(Upload.objects.filter(name__startswith="cup7").values_list("sample", flat=True)) == {sample.pk}


def test_a_sample_of_a_reviewed_batch_typed_in_the_inbox_gets_the_question_with_its_button(
    client, sample, stray, text_of
):
    Batch.objects.update(status="reviewed")
    upload = stray.reading.upload
    typed = {"accept": str(upload.pk), "sample": sample.code, "was-sample": ""}
    page = client.post(reverse("spectra:assign"), typed, headers=HTMX)
    assert page.status_code == 200 and "Put it there all the same" in text_of(page)
    client.post(reverse("spectra:assign"), typed | {"sure": "1"}, headers=HTMX)
    stray.refresh_from_db()
    assert stray.sample == sample


def test_a_file_that_somebody_else_changes_in_this_moment_stays_and_the_others_are_placed(
    client, project, chemist, sample, text_of, monkeypatch
):
    files = [with_peak(450.0, project=project).reading.upload for _file in range(2)]
    from spectra.views import inbox_decisions

    loaded = list(Upload.objects.filter(pk__in=[one.pk for one in files]).order_by("pk"))
    Upload.objects.filter(pk=loaded[0].pk).update(version=7)
    monkeypatch.setattr(inbox_decisions, "_files", lambda request, ids: loaded)
    data = {"upload": [str(one.pk) for one in files], "sample": sample.code}
    page = client.post(reverse("spectra:assign"), data, headers=HTMX)
    assert page.status_code == 200 and "Somebody else has changed this file" in text_of(page)
    placed = Upload.objects.filter(sample=sample)
    assert list(placed) == [loaded[1]]


def test_a_confirmation_counts_for_the_place_that_was_shown_and_for_no_other(client, standing, named, text_of):
    Batch.objects.update(status="reviewed")
    asked = client.post(reverse("spectra:assign"), {"accept_likely": "1", "accept": str(named.pk)}, headers=HTMX)
    (told,) = asked.context["row_said"][named.pk]
    again = dict(told.again)
    services.refuse_suggestion(by=named.uploaded_by, upload=Upload.objects.get(pk=named.pk), sample=standing.sample)
    page = client.post(reverse("spectra:assign"), again, headers=HTMX)
    assert "has changed meanwhile" in text_of(page)
    assert Measurement.objects.get(reading__upload=named).sample is None


def test_putting_files_back_over_the_api_is_asked_where_a_number_was_reviewed(script, standing):
    Batch.objects.update(status="reviewed")
    body = {"uploads": [str(standing.reading.upload_id)] * 2}
    refused = script.post("/inbox/put-back/", body)
    assert refused.status_code == 400 and "453.00 ± 0.30 nm → no number" in refused.content.decode()
    standing.refresh_from_db()
    assert standing.sample is not None
    assert script.post("/inbox/put-back/", body | {"sure": True}).status_code == 204
    standing.refresh_from_db()
    assert standing.sample is None
    assert [e.action for e in history_of(standing.reading.upload)].count(
        "upload.assigned"
    ) == 1  # named twice, meant once


# --- Taking back ------------------------------------------------------------------------------------------------------


def test_what_somebody_corrected_after_a_step_stays_when_the_step_is_taken_back(
    client, project, chemist, sample, text_of
):
    mine, hers = (with_peak(450.0, project=project) for _file in range(2))
    uploads = [m.reading.upload for m in (mine, hers)]
    data = {"upload": [str(upload.pk) for upload in uploads], "sample": sample.code}
    client.post(reverse("spectra:assign"), data, headers=HTMX)
    hers.refresh_from_db()
    services.change_measurement(by=chemist, measurement=hers, role="blank")
    page = text_of(client.post(reverse("spectra:assign"), {"undo": "1"}, headers=HTMX))
    assert "1 file is back in the inbox." in page
    assert f"1 file was changed since and stays as it is: {uploads[1].name}" in page
    mine.refresh_from_db()
    hers.refresh_from_db()
    assert (mine.sample, hers.sample, hers.role) == (None, sample, "blank")


def test_a_response_that_was_read_after_the_step_stays_one_when_it_is_taken_back(client, project, sample):
    upload = records.make_upload(project)
    client.post(reverse("spectra:assign"), {"upload": str(upload.pk), "sample": sample.code}, headers=HTMX)
    response = records.make_measurement(project=project, upload=upload, role="IRF", technique="trpl")
    client.post(reverse("spectra:assign"), {"undo": "1"}, headers=HTMX)
    response.refresh_from_db()
    assert response.role == "IRF" and Upload.objects.get(pk=upload.pk).sample is None


def test_a_step_that_cannot_be_taken_back_now_can_be_later(client, sample, stray, text_of, monkeypatch):
    from django.core.exceptions import ValidationError

    from spectra.views import undo

    put(client, stray, sample)

    def fails(**_given):
        raise ValidationError("not now")

    with monkeypatch.context() as broken:
        broken.setattr(undo.services, "put_back", fails)
        page = client.post(reverse("spectra:assign"), {"undo": "1"}, headers=HTMX)
        assert "could not be taken back now" in text_of(page)
    page = client.post(reverse("spectra:assign"), {"undo": "1"}, headers=HTMX)
    assert "1 file is back in the inbox." in text_of(page)


# --- What is learnt ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["scan3", "Spectrum 1", "Data1", "Untitled"])
def test_the_telling_word_is_learnt_and_not_what_a_program_writes_by_itself(client, project, sample, title):
    upload = records.make_upload(project, name="vial7.txt")
    measurement = records.make_measurement(project=project, upload=upload, title=title)
    put(client, measurement, sample)  # on the page of the measurement: that teaches, too
    assert list(Habit.objects.values_list("key", "says", "value")) == [("vial7", "sample", str(sample.pk))]


def test_a_technique_that_is_corrected_on_the_page_of_a_measurement_is_learnt(project, chemist):
    measurement = records.make_measurement(project=project, technique="", title="scan3")
    services.correct_measurement(by=chemist, measurement=measurement, technique="el")
    assert Habit.objects.get().says == "technique" and Habit.objects.get().value == "el"
