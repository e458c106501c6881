"""The inbox in groups: accepting, correcting, refusing and taking back, on the page and over the API."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from spectra import services
from spectra.models import Measurement, Upload
from synthesis.models import Batch
from tests import factories, world
from tests.api.script import Script
from tests.spectra import records
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db
INBOX = "/inbox/"


@pytest.fixture
def guessed(project, chemist, sample):
    """A file with the codes of two samples: one of them is a guess."""
    factories.make_sample(factories.make_batch(project), code="ZZ-99")
    upload = drop(chemist, project, emission_file(f"{sample.code} ZZ-99"), "PL.txt")
    work()
    return upload


def group_of(client, upload):
    return next(
        one for one in client.get(INBOX).context["groups"] if upload in [m.upload for m in one["group"].members]
    )["group"]


def act(client, **data):
    return client.post(reverse("spectra:assign"), data, headers={"HX-Request": "true"})


def sample_of(upload):
    return Measurement.objects.get(reading__upload=upload, withdrawn_at=None).sample


def test_a_group_is_accepted_as_a_whole_and_taken_back_with_one_click(client, guessed, text_of):
    group = group_of(client, guessed)
    page = act(client, accept_group=group.key)
    assert "1 file is in its place." in text_of(page) and "Take the last step back (1 file)" in text_of(page)
    assert sample_of(guessed) == group.sample
    page = act(client, undo="1")
    assert "1 file is back in the inbox." in text_of(page)
    assert sample_of(guessed) is None and group_of(client, guessed).key == group.key


def test_a_row_is_accepted_as_suggested_or_as_the_person_wrote_it(client, guessed, project):
    group = group_of(client, guessed)
    shown = {"accept": str(guessed.pk), "sample": group.sample.code, "was-sample": group.sample.code}
    act(client, **shown)
    assert sample_of(guessed) == group.sample
    act(client, undo="1")
    other = factories.make_sample(factories.make_batch(project), code="QQ-1")
    act(client, **shown | {"sample": "QQ-1", "dilution_label": "d2", "was-dilution_label": ""})
    assert sample_of(guessed) == other
    assert Measurement.objects.get(sample=other).dilution_label == "d2"


def test_taking_back_restores_what_was_known_before(client, guessed):
    act(client, upload=[str(guessed.pk)], role="blank", technique="cd")
    assert Measurement.objects.get(reading__upload=guessed).technique == "cd"
    act(client, undo="1")
    measurement = Measurement.objects.get(reading__upload=guessed)
    assert (measurement.role, measurement.technique) == ("sample", "pl_emission")


def test_a_refused_suggestion_is_not_made_again(client, guessed, text_of):
    first = group_of(client, guessed).sample
    page = act(client, refuse=str(guessed.pk))
    assert f"PL.txt is not suggested for {first} any more." in text_of(page)
    assert group_of(client, guessed).sample != first


def test_the_folder_that_a_file_lay_in_says_its_sample(client, project, chemist, sample):
    upload = drop(chemist, project, emission_file("x"), "PL.txt", hints={"folder": f"2026-11/{sample.code}"})
    work()
    assert sample_of(upload) == sample


def test_what_was_corrected_is_suggested_for_the_next_file_of_the_instrument(client, project, chemist, sample):
    first = drop(chemist, project, emission_file("cup7 morning", seed=1), "a.txt")
    work()
    act(client, accept=str(first.pk), sample=sample.code, **{"was-sample": ""})
    second = drop(chemist, project, emission_file("cup7 noon", seed=2), "b.txt")
    work()
    group = group_of(client, second)
    assert group.sample == sample and "cup7" in str(group.reason)


def test_everything_sure_or_likely_is_accepted_and_guesses_stay(client, project, chemist, sample, guessed):
    first = drop(chemist, project, emission_file("cup7 morning", seed=1), "a.txt")
    work()
    for _time in range(2):
        services.correct(by=chemist, upload=first, sample=sample)
        services.put_back(by=chemist, uploads=[first])
    act(client, accept_likely="1")
    assert sample_of(first) == sample and sample_of(guessed) is None


def test_a_batch_that_the_files_name_and_nobody_made_is_made_from_them(client, project, chemist, text_of):
    recipe = factories.make_recipe(project)
    project.code_pattern = "OC-{n}"
    project.save()
    files = [drop(chemist, project, emission_file("x", seed=n), f"OC-31 d{n}.txt") for n in (1, 2)]
    work()
    page = client.get(INBOX)
    assert "2 files name OC-31 , and there is no such batch yet." in text_of(page)
    data = {"new_batch": "1", "code": "OC-31", "recipe": str(recipe.pk), "upload": [str(f.pk) for f in files]}
    assert "Batch OC-31 is there, with 2 files on" in text_of(act(client, **data))
    assert {sample_of(file).batch for file in files} == {Batch.objects.get(code="OC-31")}


def test_a_dilution_series_is_shown_with_what_is_missing(client, project, chemist, sample, text_of):
    factories.make_sample(factories.make_batch(project), code="ZZ-99")
    for label in ("d1", "d2"):
        drop(chemist, project, emission_file(f"{sample.code} ZZ-99 {label}", seed=int(label[1])), f"{label}.txt")
    work()
    text = text_of(client.get(INBOX))
    assert "Dilution series d1 d2 PL emission" in text
    assert "not among these files" in text


def test_a_row_whose_suggestion_changed_since_it_was_shown_is_not_accepted_unseen(client, chemist, guessed):
    act(client, accept=str(guessed.pk), group="sample-of-a-moment-ago")
    assert sample_of(guessed) is None
    act(client, accept=str(guessed.pk), group=group_of(client, guessed).key)
    assert sample_of(guessed) is not None


def test_a_person_who_may_only_look_changes_nothing(client, project, viewer, guessed):
    client.force_login(viewer)
    for data in ({"accept_likely": "1"}, {"accept_group": "x"}, {"upload": [str(guessed.pk)], "suggested": "1"}):
        act(client, **data)
    assert act(client, accept=str(guessed.pk), sample="ZZ-99", **{"was-sample": ""}).status_code in (200, 403)
    assert act(client, refuse=str(guessed.pk)).status_code == 403
    assert sample_of(guessed) is None


def test_the_latest_drop_is_counted_on_the_server(client, project, chemist, sample, text_of):
    drop(chemist, project, emission_file(sample.code, seed=1), "a.txt")
    drop(chemist, project, emission_file("x", seed=2), "b.txt")
    drop(chemist, project, b"prose", "c.txt")
    work()
    assert "3 stored · 3 read · 1 in place · 1 waiting · 1 unreadable" in text_of(client.get(INBOX))


def test_long_groups_are_closed_and_fetched_in_parts_when_somebody_looks(client, project, chemist, text_of):
    for n in range(70):
        records.make_measurement(project=project, upload=records.make_upload(project, by=chemist, name=f"n{n:02}.txt"))
    page = client.get(INBOX)
    assert "70 files" in text_of(page) and "n01.txt" not in text_of(page)
    key = page.context["groups"][0]["group"].key
    first = text_of(client.get(reverse("spectra:inbox_group"), {"group": key}))
    rest = text_of(client.get(reverse("spectra:inbox_group"), {"group": key, "from": "50"}))
    assert "Show 20 more" in first and "Show" not in rest
    assert len([n for n in range(70) if f"n{n:02}.txt" in first]) == 50
    assert len([n for n in range(70) if f"n{n:02}.txt" in rest]) == 20
    opened = text_of(client.get(reverse("spectra:inbox_rows"), {"open": key}))
    assert "n01.txt" in opened


def test_what_came_since_the_page_stands_open_comes_first_in_a_long_inbox(client, project, chemist, text_of):
    def wait(name: str, **at):
        upload = records.make_upload(project, by=chemist, name=name)
        records.make_measurement(project=project, upload=upload, **at)

    for n in range(70):
        wait(f"n{n:02}.txt", measured_at=datetime(2026, 1, 1, tzinfo=UTC))
    since = timezone.now().isoformat()
    wait("z-new.txt", measured_at=datetime(2026, 2, 1, tzinfo=UTC))
    page = client.get(reverse("spectra:inbox_rows"), {"since": since})
    assert [member.upload.name for member in page.context["groups"][0]["members"]][:2] == ["z-new.txt", "n00.txt"]
    key = page.context["groups"][0]["group"].key
    rest = text_of(client.get(reverse("spectra:inbox_group"), {"group": key, "from": "50", "since": since}))
    assert "n69.txt" in rest and "z-new.txt" not in rest
    for other in ({"since": since, "closed": key}, {"since": "2026-13-45T00:00:00Z"}, {"since": "now"}):
        assert "z-new.txt" not in text_of(client.get(reverse("spectra:inbox_rows"), other))  # put away, or no time


def test_an_unchanged_inbox_costs_a_handful_of_questions(client, project, chemist):
    for n in range(20):
        records.make_measurement(project=project, upload=records.make_upload(project, by=chemist, name=f"{n}.txt"))
    state = client.get(INBOX).context["state"]
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("spectra:inbox_rows"), {"state": state}).status_code == 204
    assert len(asked) <= 6  # session, person, memberships, and two of the inbox


# --- The API ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def script(chemist):
    return Script(world.token_of(chemist))


def test_the_api_shows_the_same_groups(client, script, guessed):
    (group,) = script.get("/inbox/").json()["groups"]
    assert (group["key"], group["kind"]) == (group_of(client, guessed).key, "sample")
    (file,) = group["files"]
    assert (file["id"], file["likelihood"], file["technique"]) == (str(guessed.pk), "guess", "pl_emission")
    assert "several codes" in file["reason"]["text"]


def test_over_the_api_files_are_accepted_corrected_put_back_and_refused(script, guessed, project):
    first = script.get("/inbox/").json()["groups"][0]
    assert script.post("/inbox/accept/", {"group": first["key"]}).json() == {
        "placed": [str(guessed.pk)],
        "left": [],
        "changed": [],
    }
    assert str(sample_of(guessed).pk) == first["sample"]["id"]
    assert script.post("/inbox/put-back/", {"uploads": [str(guessed.pk)]}).status_code == 204
    assert sample_of(guessed) is None
    refused = {"upload": str(guessed.pk), "sample": first["sample"]["id"]}
    assert script.post("/inbox/refuse/", refused).status_code == 204
    other = factories.make_sample(factories.make_batch(project))
    script.post("/inbox/correct/", {"uploads": [str(guessed.pk)], "sample": str(other.pk), "dilution_label": "d3"})
    assert sample_of(guessed) == other
    assert Measurement.objects.get(sample=other).dilution_label == "d3"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/inbox/accept/", {}),
        ("/inbox/accept/", {"uploads": [], "likely": False}),
        ("/inbox/accept/", {"uploads": ["$"], "likely": True}),
        ("/inbox/correct/", {"uploads": ["$"]}),
        ("/inbox/correct/", {"uploads": ["$"], "role": "king"}),
        ("/inbox/put-back/", {"uploads": []}),
        ("/inbox/accept/", {"uploads": ["not an id"]}),
    ],
)
def test_a_question_that_makes_no_sense_gets_a_sentence(script, guessed, path, body):
    body = {
        name: [str(guessed.pk) if v == "$" else v for v in value] if name == "uploads" else value
        for name, value in body.items()
    }
    answer = script.post(path, body)
    assert answer.status_code == 400 and answer.json()["detail"]
    assert Upload.objects.get(pk=guessed.pk).sample is None
