"""The inbox: what waits, what it was recognised as, and how it finds its sample."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from spectra.models import Measurement
from tests import factories
from tests.spectra import records
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db
INBOX = "/inbox/"


def test_an_empty_inbox_says_what_to_do_next(client, chemist, text_of):
    page = client.get(INBOX)
    assert page.status_code == 200
    assert "Nothing waits." in text_of(page)
    assert reverse("uploads-list") in page.content.decode()


def test_a_file_is_shown_with_what_it_was_recognised_as_and_marked_as_simulated(client, project, chemist, text_of):
    drop(chemist, project, emission_file("unknown"), "PL 1.txt")
    work()
    page = client.get(INBOX)
    text = text_of(page) + page.content.decode()
    for part in ("PL 1.txt", "simulated", "PL emission", "471 points, 385–620 nm", "No suggestion", "<polyline"):
        assert part in text


def test_rows_are_asked_again_while_something_is_being_read_and_no_longer_afterwards(client, project, chemist):
    drop(chemist, project, emission_file("unknown"))
    assert "every 2s" in client.get(reverse("spectra:inbox_rows")).content.decode()
    work()
    rows = client.get(reverse("spectra:inbox_rows")).content.decode()
    assert "every 2s" not in rows and "<html" not in rows


def test_an_inbox_in_which_nothing_has_changed_is_not_sent_again(client, project, chemist):
    drop(chemist, project, emission_file("unknown"))
    state = client.get(INBOX).context["state"]
    assert client.get(reverse("spectra:inbox_rows"), {"state": state}).status_code == 204
    work()
    assert client.get(reverse("spectra:inbox_rows"), {"state": state}).status_code == 200


def test_an_unreadable_file_says_why_and_leads_to_its_columns(client, project, chemist, text_of):
    upload = drop(chemist, project, b"This is prose, not a spectrum.", "prose.txt")
    work()
    page = client.get(INBOX)
    assert "not recognised as a measurement" in text_of(page)
    assert f"/files/{upload.pk}/#columns" in page.content.decode()


def test_a_file_names_the_batch_that_it_was_dropped_on(client, project, sample, text_of):
    records.make_upload(project, batch=sample.batch, status="unreadable")
    page = client.get(INBOX)
    assert f"dropped on {sample.batch.code}" in text_of(page)
    assert reverse("dashboards:batch", args=[sample.batch_id]) in page.content.decode()


def test_ticked_files_go_to_the_sample_that_was_typed(client, project, chemist, sample, text_of):
    uploads = [drop(chemist, project, emission_file("x", seed=n), f"{n}.txt") for n in (1, 2)]
    work()
    page = client.post(
        reverse("spectra:assign"), {"upload": [str(u.pk) for u in uploads], "sample": sample.code}, follow=True
    )
    assert f"2 files are on {sample}." in text_of(page)
    assert {m.sample for m in Measurement.objects.all()} == {sample}


def test_ticked_files_go_each_to_its_suggestion(client, project, chemist, sample, text_of):
    other = factories.make_sample(factories.make_batch(project))
    with_codes = drop(chemist, project, emission_file(f"{sample.code} or {other.code}"), "a.txt")
    without = drop(chemist, project, emission_file("x", seed=2), "b.txt")
    work()
    data = {"upload": [str(with_codes.pk), str(without.pk)], "suggested": "1", "sample": ""}
    page = client.post(reverse("spectra:assign"), data, follow=True)
    assert "1 file is in its place." in text_of(page)
    assert "b.txt: QDLab has no suggestion for it. Type its sample." in text_of(page)
    assert Measurement.objects.get(reading__upload=with_codes).sample in (sample, other)
    assert Measurement.objects.get(reading__upload=without).sample is None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"sample": "QD-1"}, "Tick at least one file first."),
        ({"upload": "TICKED", "sample": ""}, "Type the sample or batch"),
        ({"upload": "TICKED", "sample": "no such thing"}, "No sample or batch is called “no such thing”."),
        ({"upload": "not an id", "sample": "QD-1"}, "Tick at least one file first."),
    ],
)
def test_a_wrong_assignment_gets_a_sentence_and_changes_nothing(client, project, chemist, text_of, data, sentence):
    upload = records.make_upload(project)
    measurement = records.make_measurement(project=project, upload=upload)
    data = {name: str(upload.pk) if value == "TICKED" else value for name, value in data.items()}
    page = client.post(reverse("spectra:assign"), data, follow=True)
    assert sentence in text_of(page)
    measurement.refresh_from_db()
    assert measurement.sample is None


def test_files_of_other_projects_are_neither_shown_nor_assigned(client, project, chemist, outsider, text_of):
    sample = factories.make_sample(factories.make_batch(project))
    other = outsider.memberships.get().project
    foreign = records.make_upload(other, by=outsider, name="secret.txt")
    measurement = records.make_measurement(project=other, upload=foreign)
    assert "secret.txt" not in text_of(client.get(INBOX))
    client.post(reverse("spectra:assign"), {"upload": str(foreign.pk), "sample": sample.code})
    measurement.refresh_from_db()
    assert measurement.sample is None


def test_a_viewer_sees_the_files_and_no_drop_zone(client, project, viewer, text_of):
    records.make_measurement(project=project, upload=records.make_upload(project, by=viewer, name="there.txt"))
    client.force_login(viewer)
    page = client.get(INBOX)
    assert "there.txt" in text_of(page)
    assert "data-drop" not in page.content.decode() and "data-pick" not in page.content.decode()


def test_who_writes_in_several_projects_chooses_one_for_the_files(client, project, chemist):
    assert 'name="project"' not in client.get(INBOX).content.decode()
    factories.make_member(factories.make_project("Green"), user=chemist)
    page = client.get(INBOX).content.decode()
    assert 'name="project" data-upload-field' in page and "data-project=" not in page


def test_the_number_of_waiting_files_stands_in_the_frame_of_every_page(client, project, chemist):
    records.make_measurement(project=project)
    assert '<span class="count">1<' in client.get(reverse("spectra:standards")).content.decode()


def test_the_inbox_asks_as_many_questions_for_thirty_files_as_for_three(client, project, chemist):
    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(INBOX).status_code == 200
        return len(asked)

    for _file in range(3):
        records.make_result(records.make_measurement(project=project), {"emission_peak_nm": (453.0, 0.3, "nm")})
    few = questions()
    for _file in range(27):
        records.make_result(records.make_measurement(project=project), {"emission_peak_nm": (453.0, 0.3, "nm")})
    assert questions() == few
