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
