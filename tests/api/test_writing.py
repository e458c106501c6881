"""Nobody's change is overwritten, and no request is carried out twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from qdlab.records.models import AuditEvent, IdempotentAnswer
from synthesis.models import Batch, Sample
from tests import factories
from tests.api.test_problems import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample():
    return factories.make_sample(factories.make_batch(factories.make_project()))


@pytest.fixture
def script(ask, sample):
    return ask(factories.chemist_in(sample.project))


# --- Versions ---------------------------------------------------------------------------------------------------------


def test_a_change_says_which_version_its_author_saw(script, sample):
    read = script.get(f"/samples/{sample.pk}/")
    assert read["ETag"] == f'"{sample.version}"'
    saved = script.patch(f"/samples/{sample.pk}/", {"note": "washed"}, If_Match=read["ETag"])
    assert (saved.status_code, saved.json()["note"]) == (200, "washed")
    assert saved["ETag"] == f'"{sample.version + 1}"'


def test_a_change_without_a_version_is_a_428(script, sample):
    problem = told(script.patch(f"/samples/{sample.pk}/", {"note": "x"}), 428)
    assert "If-Match" in problem["detail"]


def test_the_second_of_two_changes_is_a_412_with_the_version_that_is_there(script, sample):
    seen = script.get(f"/samples/{sample.pk}/")["ETag"]
    script.patch(f"/samples/{sample.pk}/", {"note": "first"}, If_Match=seen)
    late = script.patch(f"/samples/{sample.pk}/", {"note": "second"}, If_Match=seen)
    problem = told(late, 412)
    assert late["ETag"] == f'"{problem["version"]}"' == f'"{sample.version + 1}"'
    assert Sample.objects.get(pk=sample.pk).note == "first"


def test_a_version_that_is_none_is_a_412(script, sample):
    for sent in ('"x"', "W/", '"1", "2"', "-1", "9" * 40):
        told(script.patch(f"/samples/{sample.pk}/", {"note": "x"}, If_Match=sent), 412)


def test_a_change_of_a_batch_is_written_whole_or_not_at_all(script, sample):
    batch = sample.batch
    told(script.patch(f"/batches/{batch.pk}/", {"outcome": "blue", "temperature_c": -300}, If_Match='"1"'), 400)
    assert Batch.objects.get(pk=batch.pk).outcome == ""
    change = {"outcome": "blue", "temperature_c": 21.5, "title": "the good one", "status": "made"}
    saved = script.patch(f"/batches/{batch.pk}/", change, If_Match='"1"').json()
    assert {name: saved[name] for name in change} == change


def test_what_is_done_over_the_api_says_so_in_the_audit_trail(script, sample):
    script.patch(f"/samples/{sample.pk}/", {"note": "washed"}, If_Match="*")
    event = AuditEvent.objects.latest("id")
    assert (event.via, event.action, event.after) == ("API", "sample.changed", {"note": "washed"})


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_the_same_request_with_a_key_is_carried_out_once(script, sample):
    first = script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key="k1")
    again = script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert Sample.objects.filter(batch=sample.batch).count() == 2


def test_another_request_with_the_same_key_is_a_422(script, sample):
    script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key="k1")
    told(script.post("/samples/", {"batch": str(sample.batch_id), "note": "x"}, Idempotency_Key="k1"), 422)
    told(script.post("/chemicals/", {"name": "x"}, Idempotency_Key="k1"), 422)


def test_a_key_belongs_to_one_person(script, sample, ask):
    body = {"batch": str(sample.batch_id)}
    reviewer = factories.make_member(sample.project, "reviewer")
    first = script.post("/samples/", body, Idempotency_Key="k1")
    other = ask(reviewer).post("/samples/", body, Idempotency_Key="k1")
    assert other.status_code == 201 and other.json()["id"] != first.json()["id"]


def test_a_request_that_is_still_running_is_a_409(script, sample):
    script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key="k1")
    IdempotentAnswer.objects.update(status=None)
    assert (
        "still running"
        in told(script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key="k1"), 409)["detail"]
    )
    IdempotentAnswer.objects.update(made_at=timezone.now() - timedelta(hours=1))
    assert (
        "broke off"
        in told(script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key="k1"), 409)["detail"]
    )


def test_a_refused_request_may_be_sent_again_with_its_key(script, sample):
    told(script.post("/samples/", {"batch": str(sample.batch_id), "state": "gone"}, Idempotency_Key="k1"), 400)
    assert script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key="k1").status_code == 201


def test_old_keys_are_forgotten(script, sample):
    script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key="k1")
    IdempotentAnswer.objects.update(made_at=timezone.now() - timedelta(days=8))
    script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key="k2")
    assert list(IdempotentAnswer.objects.values_list("key", flat=True)) == ["k2"]


@pytest.mark.parametrize("key", ["", "two words", "x" * 129])
def test_a_key_that_is_none_is_a_400(key, script, sample):
    told(script.post("/samples/", {"batch": str(sample.batch_id)}, Idempotency_Key=key), 400)


def test_files_are_told_apart_by_their_bytes(script, sample):
    def send(content):
        from django.core.files.uploadedfile import SimpleUploadedFile

        body = {"file": SimpleUploadedFile("a.txt", content), "sample": sample.code}
        return script.client.post("/api/v1/uploads/", body, headers=script.headers({"Idempotency-Key": "k1"}))

    first = send(b"400 1\n401 2\n")
    assert send(b"400 1\n401 2\n").json() == first.json()
    told(send(b"400 1\n401 3\n"), 422)
