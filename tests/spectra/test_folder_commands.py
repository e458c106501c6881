"""``watch_folder`` and ``import_files`` as they are typed: what they say, that they survive, and that they end in order."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from qdlab.records import store
from qdlab.running.lab import ROOT
from spectra import services
from spectra.management.commands import watch_folder
from spectra.models import FoundFile, SourceFolder, Upload
from tests import factories
from tests.lab import plain_environment, wait_until
from tests.spectra.walk import emission_file, work

pytestmark = pytest.mark.django_db
State = FoundFile.State


@pytest.fixture(autouse=True)
def signals_stay():
    """The commands take Ctrl-C and TERM for themselves; the tests get theirs back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def project():
    return factories.make_project("Blue")


@pytest.fixture
def chemist(project):
    user = factories.make_member(project)
    user.email = "kim@example.org"
    user.save()
    return user


@pytest.fixture
def archive(tmp_path, chemist) -> Path:
    folder = tmp_path / "archive"
    (folder / "2019" / "Batch A").mkdir(parents=True)
    (folder / "2019" / "Batch A" / "PL.txt").write_bytes(emission_file())
    (folder / "2019" / "copy of PL.txt").write_bytes(emission_file())
    (folder / "2019" / "notes.txt").write_bytes(b"Dear all,\nplease find attached what I measured.\n")
    (folder / "~$book.xlsx").write_bytes(b"lock")
    return folder


def run(command: str, *arguments, **options) -> None:
    call_command(command, *map(str, arguments), "--project", "Blue", "--by", "kim@example.org", **options)


def report(path: Path) -> dict[str, dict]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {os.path.basename(line["path"]): line for line in csv.DictReader(file)}


# --- An archive -----------------------------------------------------------------------------------------------------


def test_an_archive_is_taken_in_and_reported(archive, tmp_path, capsys):
    run("import_files", archive)
    assert "3 files to take" in capsys.readouterr().out
    work()
    run("import_files", archive, "--report-only", "--report", tmp_path / "report.csv")
    said = capsys.readouterr().out
    assert "2 stored, 1 already there, 1 left aside" in said and "to take" not in said
    lines = report(tmp_path / "report.csv")
    assert len(lines) == 4
    spectra = [lines["PL.txt"], lines["copy of PL.txt"]]
    assert sorted(line["outcome"] for line in spectra) == ["already there", "stored"]
    assert {(line["reading"], line["format"], line["techniques"]) for line in spectra} == {
        ("read", "jasco_text", "PL emission")
    }
    assert lines["notes.txt"]["reading"] == "unreadable" and len(lines["notes.txt"]["unread_because"]) > 20
    assert lines["~$book.xlsx"]["outcome"] == "left aside" and "lock file" in lines["~$book.xlsx"]["reason"]
    assert lines["PL.txt"]["changed_there"].startswith(time.strftime("%Y-", time.gmtime()))


def test_a_second_import_takes_nothing_again(archive, capsys):
    run("import_files", archive)
    capsys.readouterr()
    run("import_files", archive)
    assert "0 files to take, 0 B" in capsys.readouterr().out
    assert Upload.objects.count() == 2


def test_a_dry_run_takes_and_writes_nothing(archive, capsys):
    run("import_files", archive, "--dry-run")
    assert "3 files to take" in capsys.readouterr().out
    assert not Upload.objects.exists() and not FoundFile.objects.exists() and not SourceFolder.objects.exists()


def test_folders_are_put_on_samples_by_a_table(archive, project, chemist, tmp_path, capsys):
    sample = factories.make_sample(factories.make_batch(project), by=chemist)
    table = tmp_path / "map.csv"
    table.write_text(f"folder,sample\n2019/Batch A,{sample.code}\n", encoding="utf-8")
    run("import_files", archive, "--map", table)
    on = dict(Upload.objects.values_list("name", "sample__code"))
    assert on["notes.txt"] is None and sample.code in on.values()
    run("import_files", archive, "--report-only", "--report", tmp_path / "report.csv")
    assert f"already on sample {sample.code}" in {line["reason"] for line in report(tmp_path / "report.csv").values()}


def test_a_table_with_an_unknown_sample_stops_before_anything_is_taken(archive, tmp_path):
    (tmp_path / "map.csv").write_text("folder,sample\n2019,QD-9999\n")
    with pytest.raises(CommandError, match="no sample QD-9999"):
        run("import_files", archive, "--map", tmp_path / "map.csv")
    (tmp_path / "map.csv").write_text("Ordner;Probe\n2019;QD-9999\n")
    with pytest.raises(CommandError, match="folder,sample"):
        run("import_files", archive, "--map", tmp_path / "map.csv")
    assert not FoundFile.objects.exists()


def test_an_archive_that_does_not_fit_is_refused_before_anything_is_taken(archive, settings):
    settings.FREE_SPACE_FLOOR_BYTES = 2**62
    with pytest.raises(CommandError, match="do not fit"):
        run("import_files", archive)
    assert not FoundFile.objects.exists()


def test_a_disk_that_fills_up_on_the_way_is_told_with_what_to_do(archive, monkeypatch):
    def full(chunks):
        raise store.NoSpace

    monkeypatch.setattr(store, "store", full)
    with pytest.raises(CommandError, match="Start it again to go on"):
        run("import_files", archive)
    monkeypatch.undo()
    run("import_files", archive)
    assert Upload.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"by": "nobody@example.org"}, "Nobody with an open account"),
        ({"project": "Red"}, "There is no project “Red”"),
        ({"folder": "{archive}/~$book.xlsx"}, "is a file"),
        ({"folder": "{archive}/1901"}, "There is no folder"),
        ({"folder": "{data}"}, "QDLab's own data"),
        ({"folder": "/"}, "QDLab's own data"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(archive, settings, given, said):
    given = {"folder": "{archive}", "by": "kim@example.org", "project": "Blue"} | given
    folder = given["folder"].format(archive=archive, data=settings.DATA_DIR)
    with pytest.raises(CommandError, match=said):
        call_command("import_files", folder, "--by", given["by"], "--project", given["project"])


def test_a_viewer_imports_nothing(archive, project):
    factories.make_member(project, "viewer", factories.make_user("looker"))
    with pytest.raises(CommandError, match="You can look at"):
        call_command("import_files", str(archive), "--by", "looker", "--project", "Blue")


# --- A watch ----------------------------------------------------------------------------------------------------------


def test_a_look_at_once_takes_what_is_settled(archive, capsys):
    run("watch_folder", archive, "--once", "--settle", "0")
    said = capsys.readouterr().out
    assert "Watching" in said and "Stopped watching" in said and "notes.txt – stored" in said
    assert Upload.objects.count() == 2
    assert SourceFolder.objects.get().stopped_at


class Rounds:
    """Stands for time: what happens between two rounds, then the end."""

    def __init__(self, *between):
        self.between, self.stopped, self.pauses = list(between), False, []

    def is_set(self) -> bool:
        return self.stopped

    def wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        if self.between:
            self.between.pop(0)()
        else:
            self.stopped = True
        return self.stopped


def watched(archive, monkeypatch, *between) -> Rounds:
    rounds = Rounds(*between)
    monkeypatch.setattr(watch_folder.folders, "ended_by_signals", lambda: rounds)
    run("watch_folder", archive, "--settle", "0", "--interval", "5")
    return rounds


def test_a_share_that_is_away_is_waited_for(archive, monkeypatch, capsys):
    away = archive.with_name("unplugged")
    problems = []

    def note():
        problems.append((SourceFolder.objects.get().problem or {}).get("code"))

    archive.rename(away)
    rounds = watched(archive, monkeypatch, note, note, lambda: away.rename(archive), note)
    assert problems == ["away", "away", None]
    assert rounds.pauses == [1.0, 2.0, 4.0, 5.0, 5.0]
    assert capsys.readouterr().err.count("cannot be reached") == 1  # once, not at each round
    assert Upload.objects.count() == 2


def test_a_database_that_is_away_is_waited_for(archive, monkeypatch, capsys):
    real, asked = services.look, []

    def look(at):
        asked.append(1)
        if len(asked) < 3:
            raise OperationalError("the database system is shutting down")
        return real(at)

    monkeypatch.setattr(services, "look", look)
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction lives in it
    rounds = watched(archive, monkeypatch, *[lambda: None] * 3)
    assert "does not answer" in capsys.readouterr().err and rounds.pauses[:3] == [1.0, 2.0, 5.0]
    assert Upload.objects.count() == 2


def test_a_full_disk_is_told_on_the_page_and_waited_for(archive, monkeypatch, settings):
    floor, codes = settings.FREE_SPACE_FLOOR_BYTES, []
    settings.FREE_SPACE_FLOOR_BYTES = 2**62

    def room():
        codes.append(SourceFolder.objects.get().problem["code"])
        settings.FREE_SPACE_FLOOR_BYTES = floor

    watched(archive, monkeypatch, room, lambda: None)
    assert codes == ["no_space"] and Upload.objects.count() == 2


# --- Killed and started again, as processes -----------------------------------------------------------------------------


def environment_of_the_test_database() -> dict:
    """A process that sees what this test sees."""
    settings_of = connection.settings_dict
    environment = plain_environment() | {"DJANGO_SETTINGS_MODULE": "tests.spectra.same_database"}
    environment["QDLAB_DATA"] = os.environ["QDLAB_DATA"]
    environment["DATABASE_URL"] = os.environ["DATABASE_URL"]
    environment["QDLAB_TEST_NAME"] = str(settings_of["NAME"])
    return environment


def start(command: str, folder: Path, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", command, str(folder), "--project", "Blue", "--by", "kim@example.org", *arguments],
        cwd=ROOT, env=environment_of_the_test_database(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_goes_on_and_takes_nothing_twice(tmp_path, chemist, project):
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(80):
        (folder / f"{number}.txt").write_bytes(b"%d\n" % number)
    process = start("import_files", folder)
    try:
        wait_until(lambda: Upload.objects.count() >= 20, "some files")
    finally:
        process.kill()
        process.communicate()
    assert Upload.objects.count() < 80
    process = start("import_files", folder, "--report", str(tmp_path / "report.csv"))
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    assert "80 stored" in said  # none is called a duplicate of itself
    assert Counter(FoundFile.objects.values_list("state", flat=True)) == {State.STORED: 80}
    assert Upload.objects.values("blob").distinct().count() == Upload.objects.count() == 80
    assert {line["outcome"] for line in report(tmp_path / "report.csv").values()} == {"stored"}


@pytest.mark.django_db(transaction=True)
def test_a_watch_takes_what_comes_and_ends_in_order_when_it_is_told_to(tmp_path, chemist, project):
    folder = tmp_path / "share"
    folder.mkdir()
    process = start("watch_folder", folder, "--interval", "0.2", "--settle", "0.3")
    try:
        wait_until(lambda: SourceFolder.objects.filter(looked_at__isnull=False).exists(), "the first look")
        (folder / "PL.txt").write_bytes(emission_file())
        wait_until(Upload.objects.exists, "the file")
        assert not SourceFolder.objects.get().is_silent
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 0 and "Stopped watching." in said
    assert SourceFolder.objects.get().holder == ""
