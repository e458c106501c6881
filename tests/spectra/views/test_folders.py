"""The pages of watched folders: who looks and when, what was not taken and why, a table of everything."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from spectra import services
from spectra.foldertree import NO_PERMISSION
from spectra.models import FoundFile, SourceFolder
from tests.spectra.walk import emission_file, work

pytestmark = pytest.mark.django_db
State = FoundFile.State


@pytest.fixture
def folder(project, chemist, tmp_path) -> SourceFolder:
    """A watched folder with a spectrum, its copy, and a lock file."""
    (tmp_path / "PL.txt").write_bytes(emission_file())
    (tmp_path / "copy.txt").write_bytes(emission_file())
    (tmp_path / "~$lock.xlsx").write_bytes(b"=1+1")
    hold = services.hold_folder(
        by=chemist, project=project, root=tmp_path, mode="watch", instrument="FP-8500", interval_s=5
    )
    services.look(services.Looking(hold))
    work()
    return hold.folder


def add(folder: SourceFolder, path: str, state: str = State.FAILED, **fields) -> FoundFile:
    return FoundFile.objects.create(
        folder=folder, key=path, path=path, state=state, reason=NO_PERMISSION.as_json(), unchanged_since=timezone.now(), **fields
    )  # fmt: skip


def test_the_inbox_tells_when_a_folder_was_last_looked_at(client, folder, text_of):
    text = text_of(client.get(reverse("spectra:inbox")))
    assert folder.path in text and "watching last look:" in text and "FP-8500" in text and "1 taken" in text
    add(folder, "closed.txt")
    assert "1 taken, 1 failed" in text_of(client.get(reverse("spectra:inbox")))


def test_the_inbox_says_nothing_of_folders_where_there_are_none(client, chemist, text_of):
    assert "Folders that QDLab looks into" not in text_of(client.get(reverse("spectra:inbox")))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"alive_at": timezone.now() - timedelta(hours=2)}, "nobody looks Last sign of life"),
        ({"alive_at": timezone.now() - timedelta(hours=2), "mode": "import"}, "broken off"),
        ({"stopped_at": timezone.now()}, "stopped "),
        ({"problem": NO_PERMISSION.as_json()}, "hindered QDLab may not read this"),
        ({"mode": "import"}, "being imported"),
        ({"mode": "import", "stopped_at": timezone.now()}, " imported "),
    ],
)
def test_how_a_folder_stands_is_told_in_words(client, folder, text_of, columns, said):
    SourceFolder.objects.update(**{"alive_at": timezone.now(), **columns})
    for name in ("inbox", "folders", "folders_state"):
        assert said in text_of(client.get(reverse(f"spectra:{name}"))), name


def test_the_page_of_a_folder_names_what_was_not_taken_and_why(client, folder, text_of):
    add(folder, "closed/a.txt", try_again_at=timezone.now())
    add(folder, "<script>alert(1)</script>.txt", State.GONE)
    page = client.get(reverse("spectra:folder", args=[folder.pk]))
    text = text_of(page)
    assert "1 stored, 1 already there, 1 left aside, 1 failed, 1 gone" in text
    assert "closed/a.txt" in text and "QDLab may not read this" in text
    assert b"<script>alert(1)" not in page.content


def test_the_report_is_a_table_that_no_spreadsheet_runs(client, folder):
    add(folder, "=1+1.csv")
    FoundFile.objects.filter(path="=1+1.csv").update(mtime_ns=2**62)
    answer = client.get(reverse("spectra:folder_report", args=[folder.pk]))
    assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line["outcome"] for line in lines].count("already there") == 1
    assert {line["techniques"] for line in lines if line["file"]} == {"PL emission"}
    assert all(not value.startswith("=") for line in lines for value in line.values())


def test_a_long_report_costs_three_questions_per_chunk(folder, django_assert_num_queries):
    from spectra import found_report

    for number in range(40):
        add(folder, f"{number}.txt")
    with django_assert_num_queries(4):  # rows, readings, measurements; and that there are no more
        assert len(list(found_report.rows(folder))) == 43


def test_a_page_of_many_folders_asks_as_often_as_of_one(
    client, folder, project, chemist, tmp_path, django_assert_max_num_queries
):
    for number in range(5):
        (tmp_path / "more" / str(number)).mkdir(parents=True)
        services.hold_folder(by=chemist, project=project, root=tmp_path / "more" / str(number), mode="watch")
    with django_assert_max_num_queries(4):  # session, person, folders, … and no more for more
        client.get(reverse("spectra:folders_state"))


def test_a_file_tells_where_it_was_found(client, folder, text_of):
    upload = FoundFile.objects.get(state=State.STORED).upload
    text = text_of(client.get(reverse("spectra:upload", args=[upload.pk])))
    assert f"Found in {folder.path}" in text and "last changed there" in text


def test_a_folder_is_taken_off_the_list_by_a_member_alone(client, folder, viewer, text_of):
    address = reverse("spectra:forget_folder", args=[folder.pk])
    chemist = folder.by
    client.force_login(viewer)
    assert client.post(address).status_code == 403
    client.force_login(chemist)
    assert client.post(address, follow=True).status_code == 200
    assert folder.path not in text_of(client.get(reverse("spectra:folders")))
    assert "no longer watched" in text_of(client.get(reverse("spectra:folder", args=[folder.pk])))


def test_the_health_of_the_lab_tells_a_watch_that_is_silent(client, folder):
    assert client.get("/healthz").json()["watching"] == "ok"
    SourceFolder.objects.update(alive_at=timezone.now() - timedelta(hours=1))
    assert client.get("/healthz").json()["watching"] == "silent"
    SourceFolder.objects.update(stopped_at=timezone.now())
    assert client.get("/healthz").json()["watching"] == "none"


def test_scripts_read_the_same(client, folder):
    (row,) = client.get("/api/v1/source-folders/").json()["results"]
    assert (row["path"], row["n_taken"], row["n_failed"], row["silent"]) == (folder.path, 1, 0, False)
    found = client.get("/api/v1/found-files/", {"folder": str(folder.pk), "state": "duplicate"}).json()["results"]
    assert [file["path"] in ("PL.txt", "copy.txt") and bool(file["upload"]) for file in found] == [True]
    assert (
        client.get("/api/v1/found-files/", {"state": "aside"}).json()["results"][0]["reason"].startswith("A temporary")
    )
