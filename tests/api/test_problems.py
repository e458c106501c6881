"""Every refusal is a problem document with a sentence, and no body, however hostile, is a fault of the server."""

import json

import pytest
from django.db import OperationalError, transaction

from qdlab.dashboards import index
from qdlab.records import store
from tests import factories
from tests.spectra import records

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def prepared(django_db_setup, django_db_blocker):
    """A project with a sample, made once; what a test adds is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        project = factories.make_project()
        sample = factories.make_sample(factories.make_batch(project))
        index.refresh_changed()  # or the first question of each test would
        yield {"project": project, "chemist": factories.chemist_in(project), "sample": sample}
        transaction.set_rollback(True)


@pytest.fixture
def lab(prepared, db):
    return prepared


def told(answer, status: int) -> dict:
    """The problem document of an answer; every refusal has the same shape."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:qdlab:problem:")
    assert problem["detail"] and problem["title"]
    return problem


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


LONG = "x" * 100_000
BODIES = {
    "nothing": b"",
    "only spaces": b"   \n",
    "not JSON": b"hello",
    "cut off": b'{"method": "emission_band", "inputs": [',
    "two values": b"{}{}",
    "a list": b"[1, 2]",
    "a number": b"17",
    "null": b"null",
    "a text": b'"text"',
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": Infinity}',
    "minus Infinity": b'{"fractions": {"Pb": {"percent": -Infinity}}}',
    "too large a number": b'{"molar_mass_g_mol": 1e999}',
    "a whole number of 5000 digits": b'{"molar_mass_g_mol": ' + b"9" * 5000 + b"}",
    "beyond 64 bits": b'{"replicates": 9223372036854775808}',
    "NUL": b'{"name": "a\\u0000b"}',
    "NUL in a name": b'{"a\\u0000b": 1}',
    "half of a surrogate pair": b'{"name": "\\ud800"}',
    "half of a surrogate pair in a name": b'{"\\udfff": 1}',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "a name twice": b'{"name": "a", "name": "b"}',
    "nested 51 deep": nested(51),
    "nested 1,000 deep": nested(1000),
    "nested 100,000 deep": nested(100_000),
    "a list nested 100,000 deep": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "larger than 5 MB": b'{"name": "' + b"x" * (5 * 1024 * 1024) + b'"}',
    "a name of 100,000 letters": json.dumps({LONG: 1}).encode(),
    "a text of 100,000 letters": json.dumps({"name": LONG, "method": LONG, "because": LONG, "compound": LONG}).encode(),
    "an unknown field": b'{"colour": "blue"}',
    "texts where numbers belong": b'{"name": "a", "phi": "nan", "molar_mass_g_mol": "inf", "density_g_ml": true}',
    "numbers where texts belong": b'{"name": 1, "method": 2, "compound": 3, "number": 4, "code": 5, "seen": 6}',
    "lists where texts belong": b'{"name": [], "method": [], "role": [], "project": [], "revision": [], "sample": []}',
    "objects where lists belong": b'{"inputs": {}, "ingredients": {}, "steps": {}, "parameters": []}',
    "lists of anything": b'{"method": "emission_band", "inputs": [null, 1, "x", [], {}], "ingredients": [null, 3]}',
    "objects where ids belong": b'{"sample": {}, "batch": [1], "revision": true, "chemical": 7, "standard": "x"}',
    "an id that is none": b'{"inputs": [{"measurement": "x"}], "method": "plqy"}',
    "an id of nothing": b'{"inputs": [{"measurement": "00000000-0000-0000-0000-000000000000"}], "method": "emission_band"}',
    "control characters": b'{"name": "a\\u0001\\u001b[31m\\u202e"}',
    "a date that is none": b'{"name": "x", "measured_at": "2026-02-30T25:61:00Z", "made_on": "yesterday", "opened_on": 3}',
    "a date before there were dates": b'{"name": "x", "measured_at": "0001-01-01T00:00:00+14:00"}',
    "an amount that is none": b'{"amount": "29 mg", "ingredients": [{"key": "pbbr2", "amount": {"text": "1e9999", "unit": "mg"}}]}',
    "a unit that is none": b'{"ingredients": [{"key": "pbbr2", "amount": {"text": "1", "unit": "furlong"}}]}',
    "elements that are none": b'{"fractions": {"Unobtainium": {"percent": 1}, "": {"percent": -1}}}',
    "JSON5": b"{name: 'x', // comment\n}",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
}
TARGETS = (
    "/chemicals/", "/lots/", "/recipes/", "/batches/", "/samples/", "/sweeps/", "/standards/", "/standard-sessions/",
    "/compositions/", "/analyses/", "/uploads/",
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_body_is_a_fault_of_the_server(body, ask, lab):
    script = ask(lab["chemist"])
    for path in TARGETS:
        answer = script.send("POST", path, body)
        problem = told(answer, answer.status_code)
        assert answer.status_code == 400, (path, problem)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_body_of_a_change_is_a_fault_of_the_server(body, ask, lab):
    script, sample = ask(lab["chemist"]), lab["sample"]
    measurement = records.make_measurement(sample)
    addresses = (
        f"/samples/{sample.pk}/", f"/batches/{sample.batch_id}/", f"/measurements/{measurement.pk}/",
        f"/uploads/{measurement.reading.upload_id}/",
    )  # fmt: skip
    for path in addresses:
        answer = script.send("PATCH", path, body, If_Match="*")
        assert answer.status_code in (200, 400), (path, answer.content)  # an empty body changes nothing


def test_a_wrong_field_is_named_with_its_sentence(ask, lab):
    problem = told(
        ask(lab["chemist"]).post("/standards/", {"compound": "DPA", "solvent": "cyclohexane", "phi": 1.2}), 400
    )
    assert problem["errors"] == {"phi": ["Φ lies between 0 and 1, e.g. 0.97."]}
    assert "Φ lies between 0 and 1" in problem["detail"]


def test_a_wrong_field_deep_inside_is_named_by_its_path(ask, lab):
    lines = [{"role": "lead", "amount": {"text": "1", "unit": "mg"}, "is_reference": "perhaps"}]
    problem = told(ask(lab["chemist"]).post("/recipes/", {"name": "x", "ingredients": lines}), 400)
    assert list(problem["errors"]) == ["ingredients.0.is_reference"]


def test_an_unknown_field_is_refused_by_name(ask, lab):
    problem = told(ask(lab["chemist"]).post("/standards/", {"compound": "x", "solvent": "y", "fi": 0.9}), 400)
    assert list(problem["errors"]) == ["fi"]


def test_what_there_is_not_is_a_404_whoever_asks(ask, anybody, lab):
    for script in (ask(lab["chemist"]), anybody):
        told(script.get("/nothing/here/"), 404)
        told(script.post("/nothing/here/"), 404)
    told(ask(lab["chemist"]).get("/batches/00000000-0000-0000-0000-000000000000/"), 404)
    told(ask(lab["chemist"]).get("/batches/1/"), 404)


@pytest.mark.parametrize("asked", [{"format": "xlsx"}, {"format": "../../etc"}])
@pytest.mark.parametrize("path", ["/batches/", "/tables/batches", "/spectra/data"])
def test_a_format_that_there_is_not_is_a_406_that_names_what_there_is(path, asked, ask, lab):
    assert "json" in told(ask(lab["chemist"]).get(path, asked), 406)["detail"]


def test_an_accept_header_that_cannot_be_met_is_a_406(ask, lab):
    told(ask(lab["chemist"]).get("/batches/", Accept="text/html"), 406)


def test_a_refusal_in_another_format_is_a_problem_document_too(ask, lab):
    script = ask(lab["chemist"])
    for form in ("csv", "parquet", "arrow"):
        assert "colour" in told(script.get("/tables/batches", {"format": form, "colour": "blue"}), 400)["errors"]


def test_a_method_that_there_is_not_names_those_that_are(ask, lab):
    answer = ask(lab["chemist"]).send("DELETE", f"/batches/{lab['sample'].batch_id}/", b"")
    told(answer, 405)
    assert "PATCH" in answer["Allow"] and "DELETE" not in answer["Allow"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "GET\\x00"])
def test_no_method_is_a_fault_of_the_server(method, ask, lab):
    script, batch = ask(lab["chemist"]), lab["sample"].batch_id
    paths = (
        "/",
        "/batches/",
        f"/batches/{batch}/",
        f"/batches/{batch}/weigh/",
        "/uploads/",
        "/methods/",
        "/methods/plqy/",
    )
    for path in (*paths, "/tables/batches", "/spectra/data", "/schema/", "/docs/", "/nowhere/"):
        assert script.send(method, path, b"{}", If_Match="*").status_code < 500, path


def test_another_kind_of_body_is_a_415(ask, lab):
    told(ask(lab["chemist"]).send("POST", "/chemicals/", b"a=1", "application/x-www-form-urlencoded"), 415)
    told(ask(lab["chemist"]).send("POST", "/chemicals/", b"\x80\x04.", "application/python-pickle"), 415)


@pytest.mark.parametrize(
    "query",
    [
        "code=%00", "code=a%ff", "made_on__gte=tomorrow", "limit=0", "limit=1001", "limit=-1", "limit=x", "cursor=x",
        "cursor=" + "A" * 3000, "ordering=password", "ordering=operator__password", "operator__password=x", "id=1",
        "replicate=9" + "9" * 40, "replicate__gte=1e5", "temperature_c__gte=nan", "temperature_c__lte=inf", "plqy__gte=high",
        "plqy__contains=1", "ratio_Xx__gte=1", "status__regex=.*", "fields=secret", "fields=", "made_on__in=", "x" * 500,
        "project__members__user=1", "created_at__gte=0001-01-01T00:00:00%2B14:00", "wait=3", "plqy__isnull=perhaps",
    ],
)  # fmt: skip
def test_a_question_that_means_nothing_is_refused(query, ask, lab):
    told(ask(lab["chemist"]).get(f"/batches/?{query}"), 400)


def test_a_database_that_is_away_is_said_so(ask, lab, monkeypatch):
    script = ask(lab["chemist"])

    def away(*_arguments, **_more):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("qdlab.dashboards.selectors.batches", away)
    answer = script.get("/batches/")
    assert "database" in told(answer, 503)["detail"]
    assert answer["Retry-After"] == "5"


def test_a_fault_of_the_program_tells_nothing_of_its_inside(ask, lab, monkeypatch):
    monkeypatch.setattr("qdlab.dashboards.selectors.batches", lambda user: 1 / 0)
    problem = told(ask(lab["chemist"]).get("/batches/"), 500)
    assert "division" not in str(problem)


def test_a_full_disk_is_told_before_the_body_is_read(ask, lab, settings):
    settings.FREE_SPACE_FLOOR_BYTES = 2**62
    script = ask(lab["chemist"])
    told(script.upload(("a.txt", b"1 2")), 507)
    from django.test import RequestFactory

    from spectra.api.uploads import Uploads

    class Unread:
        def read(self, *_size):
            raise AssertionError("the body was read")

    request = RequestFactory().post("/api/v1/uploads/", b"x", "multipart/form-data; boundary=x")
    request._stream = request.environ["wsgi.input"] = Unread()
    request.META["HTTP_AUTHORIZATION"] = f"Bearer {script.token}"
    assert Uploads.as_view({"post": "create"})(request).status_code == 507


def test_a_file_that_is_too_large_is_a_413(ask, lab, settings):
    settings.MAX_UPLOAD_BYTES = 10
    problem = told(ask(lab["chemist"]).upload(("a.txt", b"1 2\n" * 10)), 413)
    assert problem["uploads"][0]["status"] == "rejected"


def test_stored_bytes_that_changed_are_never_handed_out(ask, lab):
    upload = records.make_upload(lab["project"], content=b"as it was")
    path = store.path_of(upload.blob_id)
    path.chmod(0o600)
    path.write_bytes(b"as it is")
    problem = told(ask(lab["chemist"]).get(f"/uploads/{upload.pk}/raw"), 500)
    assert problem["type"] == "urn:qdlab:problem:damaged"
    assert "backup" in problem["detail"]
