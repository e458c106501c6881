"""Files over the API: stored before they are answered, each told for itself, and handed out as they came."""

import hashlib
import json

import pytest

from spectra.models import Measurement, Upload
from spectra.readers import READERS
from tests import factories
from tests.api.test_problems import told
from tests.spectra import records
from tests.spectra.walk import emission_file, work

pytestmark = pytest.mark.django_db
SPECTRUM = b"Wavelength (nm),Intensity\n" + b"".join(b"%d,%d\n" % (400 + n, n * n) for n in range(30))


@pytest.fixture
def project():
    return factories.make_project("Blue emitters")


@pytest.fixture
def script(ask, project):
    return ask(factories.chemist_in(project))


def test_a_file_is_answered_with_what_identifies_it(script, project):
    answer = script.upload(("PL.csv", SPECTRUM))
    assert answer.status_code == 201
    (entry,) = answer.json()["uploads"]
    upload = Upload.objects.get()
    assert entry == {
        "id": str(upload.pk),
        "name": "PL.csv",
        "sha256": hashlib.sha256(SPECTRUM).hexdigest(),
        "new": True,
        "sample_code": None,
        "batch": None,
        "status": "received",
        "uploaded_by": str(upload.uploaded_by),
        "uploaded_at": entry["uploaded_at"],
        "url": f"http://testserver/api/v1/uploads/{upload.pk}/",
    }
    assert upload.project == project


def test_a_file_that_is_there_says_on_which_sample_also_when_only_its_measurements_are(script, project):
    sample = factories.make_sample(factories.make_batch(project))
    script.upload(("PL.txt", emission_file()))
    work()
    Measurement.objects.update(sample=sample)
    (entry,) = script.upload(("copy.txt", emission_file())).json()["uploads"]
    assert (entry["new"], entry["name"], entry["sample_code"]) == (False, "PL.txt", sample.code)
    assert entry["batch"] == str(sample.batch_id)


def test_where_many_files_stand_is_asked_at_once(script, project):
    sample = factories.make_sample(factories.make_batch(project))
    sent = [
        *script.upload(("a.txt", emission_file(seed=1)), sample=sample.code, folder="2026/OC-7").json()["uploads"],
        *script.upload(("b.txt", emission_file(seed=2)), ("c.txt", b"prose")).json()["uploads"],
    ]
    work()
    told = script.get("/uploads/progress/", {"ids": ",".join(one["id"] for one in sent)}).json()["uploads"]
    found = {one["name"]: one for one in told}
    assert [found[name]["status"] for name in ("a.txt", "b.txt", "c.txt")] == ["read", "read", "unreadable"]
    assert [found[name]["waits"] for name in ("a.txt", "b.txt", "c.txt")] == [False, True, False]
    assert [found[name]["sample_code"] for name in ("a.txt", "b.txt")] == [sample.code, None]
    assert found["a.txt"]["n_analyses"] > 0 == found["a.txt"]["n_open"]
    assert "not recognised" in found["c.txt"]["reason"]
    assert Upload.objects.get(name="a.txt").hints == {"folder": "2026/OC-7"}


def test_nobody_learns_where_the_files_of_another_project_stand(ask, script, project):
    sent = script.upload(("PL.txt", emission_file())).json()["uploads"][0]
    stranger = ask(factories.chemist_in(factories.make_project("Green")))
    assert stranger.get("/uploads/progress/", {"ids": sent["id"]}).json() == {"uploads": []}


def test_a_question_for_too_many_files_or_for_no_file_at_all_gets_a_sentence(script):
    told(script.get("/uploads/progress/", {"ids": ",".join(["0"] * 101)}), 400)
    told(script.get("/uploads/progress/", {"ids": "1 or 1=1"}), 400)
    assert script.get("/uploads/progress/").json() == {"uploads": []}


def test_the_walk_over_the_api_from_a_file_to_its_numbers(script, project):
    sample = factories.make_sample(factories.make_batch(project))
    sent = script.upload(("PL.txt", emission_file()), sample=sample.code, excitation_nm="372")
    url = f"/uploads/{sent.json()['uploads'][0]['id']}/"
    assert script.get(url).json()["status"] == "received"
    work()
    upload = script.get(url, {"wait": 10}).json()
    assert (upload["status"], upload["reason"]) == ("read", None)
    measurement = script.get(f"/measurements/{upload['measurements'][0]}/").json()
    assert measurement["sample"] == str(sample.pk)
    assert (measurement["technique"], measurement["excitation_nm"]) == ("pl_emission", 372.0)
    assert measurement["sha256"] == upload["sha256"]
    (trace,) = [trace for trace in measurement["traces"] if trace["role"] == "signal"]
    assert {"n_points", "x_min", "x_max", "x_unit", "y_unit", "channel"} <= trace.keys()
    assert (trace["x_unit"], trace["n_points"] > 100) == ("nm", True)
    numbers = {quantity["name"]: quantity for quantity in measurement["quantities"]}
    # The file is simulated with a band at 453 nm; the fit's own uncertainty says how far off it may be.
    assert numbers["gaussian_center_nm"]["value"] == pytest.approx(453.0, abs=4 * numbers["gaussian_center_nm"]["u"])
    assert {"value", "u", "unit", "analysis", "stale", "warnings"} <= numbers["gaussian_center_nm"].keys()
    assert script.client.get(upload["raw_url"], headers=script.headers({})).getvalue() == emission_file()


def test_an_unreadable_file_stays_and_says_what_to_do(script):
    sent = script.upload(("notes.txt", b"today I washed the dots twice\n"))
    work()
    upload = script.get(f"/uploads/{sent.json()['uploads'][0]['id']}/").json()
    assert upload["status"] == "unreadable" and upload["measurements"] == []
    assert upload["reason"].endswith(".") and "{" not in upload["reason"]


def test_fifty_files_come_in_one_request_and_no_more(script):
    files = [(f"{n}.csv", SPECTRUM + b"%d,1\n" % (500 + n)) for n in range(51)]
    assert len(script.upload(*files[:50]).json()["uploads"]) == 50
    told(script.upload(*files), 400)
    told(script.upload(), 400)
    assert Upload.objects.count() == 50


def test_the_same_bytes_are_kept_once(script):
    first = script.upload(("a.csv", SPECTRUM)).json()["uploads"][0]
    again = script.upload(("b.csv", SPECTRUM)).json()["uploads"][0]
    assert (again["id"], again["new"], again["name"]) == (first["id"], False, "a.csv")


def test_already_there_is_told_per_project_only(script, ask):
    records.make_upload(factories.make_project(), content=SPECTRUM)
    assert script.upload(("a.csv", SPECTRUM)).json()["uploads"][0]["new"] is True


def test_one_file_that_is_refused_leaves_the_others_alone(script, settings):
    settings.MAX_UPLOAD_BYTES = len(SPECTRUM)
    answer = script.upload(("good.csv", SPECTRUM), ("large.csv", SPECTRUM * 2), ("good2.csv", SPECTRUM[:-5]))
    assert answer.status_code == 201
    good, large, other = answer.json()["uploads"]
    assert (good["status"], other["status"]) == ("received", "received")
    assert (large["status"], large["id"], large["problem"]["status"]) == ("rejected", None, 413)


def test_when_every_file_is_refused_the_answer_is_the_problem(script):
    problem = told(script.upload(("a.csv", SPECTRUM), ("b.csv", SPECTRUM[:-5]), technique="magic"), 400)
    assert "technique" in problem["errors"]
    assert [entry["status"] for entry in problem["uploads"]] == ["rejected", "rejected"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"technique": "magic"}, "technique"),
        ({"role": "emperor"}, "role"),
        ({"excitation_nm": "blue"}, "excitation_nm"),
        ({"excitation_nm": "-5"}, "excitation_nm"),
        ({"excitation_nm": "nan"}, "excitation_nm"),
        ({"colour": "blue"}, "colour"),
        ({"sample": "no such code"}, "sample"),
        ({"batch": "00000000-0000-0000-0000-000000000000"}, "batch"),
        ({"project": "Somebody else's"}, "project"),
        ({"standard": "x"}, "standard"),
        ({"mapping": "{"}, "mapping"),
        ({"mapping": "[1]"}, "mapping"),
        ({"mapping": '{"x": NaN}'}, "mapping"),
        ({"sample": "a\x00b"}, "form"),
    ],
)
def test_what_is_said_with_a_file_is_checked_before_it_is_stored(fields, wrong, script):
    assert wrong in told(script.upload(("a.csv", SPECTRUM), **fields), 400)["errors"]
    assert not Upload.objects.exists()


def test_what_is_said_with_a_file_goes_before_what_the_file_says(script):
    hints = {
        "technique": "uvvis",
        "path_length_cm": "0,5",
        "solvent": "toluene",
        "dilution_label": "d2",
        "role": "blank",
    }
    sent = script.upload(("a.csv", SPECTRUM), **hints, mapping=json.dumps({"x": 0, "y": 1, "x_unit": "nm"}))
    work()
    upload = script.get(f"/uploads/{sent.json()['uploads'][0]['id']}/").json()
    measurement = script.get(f"/measurements/{upload['measurements'][0]}/").json()
    assert (measurement["technique"], measurement["role"], measurement["dilution_label"]) == ("uvvis", "blank", "d2")
    assert (measurement["conditions"]["path_length_cm"], measurement["conditions"]["solvent"]) == (0.5, "toluene")


def test_without_a_project_the_only_one_in_which_one_may_write_is_meant(ask, project):
    chemist = factories.chemist_in(project)
    factories.make_member(factories.make_project(), "viewer", chemist)  # no choice: there one only looks
    assert ask(chemist).upload(("a.csv", SPECTRUM)).status_code == 201
    factories.make_member(factories.make_project("Second"), "chemist", chemist)
    problem = told(ask(chemist).upload(("b.csv", SPECTRUM[:-5])), 400)
    assert "Second" in problem["errors"]["project"][0]
    assert ask(chemist).upload(("b.csv", SPECTRUM[:-5]), project="Second").status_code == 201


def test_a_sample_says_its_project(ask, project):
    chemist = factories.chemist_in(project)
    other = factories.make_project()
    factories.make_member(other, "chemist", chemist)
    sample = factories.make_sample(factories.make_batch(other, by=chemist), by=chemist)
    script = ask(chemist)
    assert script.upload(("a.csv", SPECTRUM), sample=str(sample.pk)).status_code == 201
    assert script.upload(("b.csv", SPECTRUM[:-5]), batch=sample.batch.code).status_code == 201
    assert set(Upload.objects.values_list("project", flat=True)) == {other.pk}


def test_a_viewer_uploads_nothing(ask, project):
    viewer = factories.make_member(project, "viewer")
    told(ask(viewer).upload(("a.csv", SPECTRUM), project=str(project.pk)), 403)
    told(ask(viewer).upload(("a.csv", SPECTRUM)), 400)
    told(ask(factories.chemist_in(project), "read").upload(("a.csv", SPECTRUM)), 403)
    assert not Upload.objects.exists()


def test_nothing_of_another_project_can_be_named(script):
    other = factories.make_sample(factories.make_batch(factories.make_project("Hidden")))
    for fields in (
        {"sample": str(other.pk)},
        {"sample": other.code},
        {"batch": str(other.batch_id)},
        {"project": "Hidden"},
    ):
        problem = told(script.upload(("a.csv", SPECTRUM), **fields), 400)
        assert set(problem["errors"]) <= fields.keys()


def test_raw_bytes_come_back_as_they_came_and_are_run_by_no_browser(script, project):
    upload = records.make_upload(project, content=b"<script>alert(1)</script>", name='evil".html')
    answer = script.get(f"/uploads/{upload.pk}/raw")
    assert answer.getvalue() == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_withdrawn_file_is_listed_no_more_but_can_still_be_had(script, project):
    upload = records.make_upload(project, content=b"1 2")
    assert script.post(f"/uploads/{upload.pk}/withdraw/", {"because": "wrong cuvette"}).status_code == 204
    assert script.all_of("/uploads/") == []
    assert script.get(f"/uploads/{upload.pk}/").json()["withdrawn_at"]
    assert script.get(f"/uploads/{upload.pk}/raw").getvalue() == b"1 2"
    told(script.patch(f"/uploads/{upload.pk}/", {"sample": None}, If_Match="*"), 404)


def test_a_file_is_put_on_a_sample_afterwards(script, project):
    sample = factories.make_sample(factories.make_batch(project))
    measurement = records.make_measurement(project=project, upload=records.make_upload(project))
    address = f"/uploads/{measurement.reading.upload_id}/"
    saved = script.patch(address, {"sample": str(sample.pk)}, If_Match=script.get(address)["ETag"])
    assert saved.json()["sample"] == str(sample.pk)
    assert script.get(f"/measurements/{measurement.pk}/").json()["sample"] == str(sample.pk)


def test_a_file_is_read_again_with_other_columns(script):
    table = b"a;b;c\n" + b"".join(b"%d;%d;%d\n" % (400 + n, n, 2 * n) for n in range(20))
    sent = script.upload(("t.csv", table)).json()["uploads"][0]
    work()
    script.post(
        f"/uploads/{sent['id']}/read-again/",
        {"mapping": {"x": 0, "y": 2, "x_unit": "nm"}, "hints": {"technique": "uvvis"}},
    )
    work()
    upload = script.get(f"/uploads/{sent['id']}/").json()
    measurement = script.get(f"/measurements/{upload['measurements'][0]}/").json()
    assert (measurement["technique"], measurement["traces"][0]["y_max"]) == ("uvvis", 38.0)
    told(script.post(f"/uploads/{sent['id']}/read-again/", {"mapping": [1]}), 400)


def test_formats_tell_what_can_be_read(script):
    formats = {entry["name"]: entry for entry in script.get("/formats/").json()["results"]}
    assert formats.keys() == {reader.name for reader in READERS}
    assert formats["jasco_text"]["endings"] == [".txt", ".csv"]


def test_what_a_new_reading_would_change_is_asked_and_applied(script, project):
    sent = script.upload(("PL.txt", emission_file())).json()["uploads"][0]
    work()
    url = f"/uploads/{sent['id']}/"
    old = script.get(url).json()["measurements"]
    Measurement.objects.update(excitation_nm=999.0)
    started = script.post("/rereadings/", {"project": str(project.pk), "why": "chosen", "uploads": [sent["id"]]})
    assert started.status_code == 201
    work()
    address = f"/rereadings/{started.json()['id']}/"
    found = script.get(address).json()
    assert (found["n_files"], found["n_open"], found["n_same"], found["n_undecided"]) == (1, 0, 0, 1)
    (trial,) = found["trials"]
    assert trial["items"][0]["codes"] == ["excitation_nm"]
    assert trial["items"][0]["notes"][0].startswith("excitation (nm): 999 → ")
    assert len(trial["effects"]["analyses"]) == 2
    assert script.post(address + "apply/", {"trials": [trial["id"]]}).json() == {"queued": 1}
    assert script.post(address + "keep/", {}).json() == {"kept": 0}
    work()
    assert script.get(url).json()["measurements"] != old
    told(script.post("/rereadings/", {"project": str(project.pk), "why": "unreadable"}), 400)
    told(script.post("/rereadings/", {"project": str(project.pk), "why": "earlier", "uploads": [sent["id"]]}), 400)
