"""Folders whose files are taken in: each file once and whole, whatever its name, whatever goes wrong; nothing is changed there."""

import errno
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from qdlab.records import store
from qdlab.records.models import AuditEvent, Blob
from spectra import foldertree, services
from spectra.foldertree import Found
from spectra.models import FoundFile, Measurement, SourceFolder, Upload
from tests import factories
from tests.spectra.walk import emission_file, work

pytestmark = pytest.mark.django_db
State = FoundFile.State
ROOT = Path(__file__).resolve().parents[2]


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
def share(tmp_path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


@pytest.fixture
def looking(project, chemist, share):
    """A watch of the share that takes what did not change for ten minutes; ``later`` lets the time pass."""
    hold = services.hold_folder(by=chemist, project=project, root=share, mode="watch", interval_s=5)
    return services.Looking(hold, settle=timedelta(minutes=10))


def later(minutes: float = 11) -> None:
    for row in FoundFile.objects.all():
        again = row.try_again_at and row.try_again_at - timedelta(minutes=minutes)
        since = row.unchanged_since - timedelta(minutes=minutes)
        FoundFile.objects.filter(pk=row.pk).update(unchanged_since=since, try_again_at=again)


def states() -> dict[str, str]:
    return dict(FoundFile.objects.values_list("path", "state"))


def reason_of(path: str) -> str:
    reason = FoundFile.objects.get(path=path).reason
    return reason["code"] if reason else ""


def write(path: Path, content: bytes = b"1,2\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def take(looking) -> int:
    services.look(looking)
    later()
    return services.look(looking)


# --- When a file is taken -------------------------------------------------------------------------------------------


def test_a_file_is_taken_once_it_stayed_as_it_is(looking, share, project, chemist):
    file = write(share / "day 1" / "PL.txt", emission_file("Batch 7"))
    before = file.stat()
    assert services.look(looking) == 0
    assert states() == {"day 1/PL.txt": State.WAITING} and not Upload.objects.exists()
    later()
    assert services.look(looking) == 1
    upload = Upload.objects.get()
    assert (upload.name, upload.project, upload.uploaded_by) == ("PL.txt", project, chemist)
    assert upload.hints == {"folder": "day 1"}
    assert store.read(upload.blob_id) == file.read_bytes()
    event = AuditEvent.objects.get(action="upload.received")
    assert (event.actor, event.via) == (chemist.username, "command")
    after = file.stat()
    assert (before.st_mtime_ns, before.st_mode, before.st_ino) == (after.st_mtime_ns, after.st_mode, after.st_ino)


def test_a_growing_file_waits_until_it_grows_no_more(looking, share):
    file = write(share / "kinetics.txt", b"1\n")
    services.look(looking)
    for _minute in range(3):
        later()
        with file.open("ab") as growing:
            growing.write(b"2\n")
        assert services.look(looking) == 0
    later()
    assert services.look(looking) == 1
    assert Blob.objects.get().size == 8


def test_a_file_that_is_written_to_while_it_is_read_is_not_taken(looking, share, settings, monkeypatch):
    monkeypatch.setattr(foldertree, "CHUNK_BYTES", 1000)
    file = write(share / "long.txt", bytes(5000))
    services.look(looking)
    later()
    looking.tell = lambda row: told.append((row.state, row.reason and row.reason["code"]))
    told, asked = [], []

    def append_in_the_middle() -> bool:
        asked.append(1)
        if len(asked) == 4:
            with file.open("ab") as growing:
                growing.write(b"more")
        return False

    looking.stopping = append_in_the_middle
    assert services.look(looking) == 0
    assert told == [(State.WAITING, "growing")]
    assert not Blob.objects.exists() and not list(Path(settings.BLOB_DIR).glob("incoming-*"))
    assert take(looking) == 1 and Blob.objects.get().size == 5004


def test_an_empty_file_waits_until_something_stands_in_it(looking, share):
    file = write(share / "a.txt", b"")
    assert take(looking) == 0 and reason_of("a.txt") == "empty"
    write(file, b"1")
    assert take(looking) == 1 and reason_of("a.txt") == ""


def test_what_was_taken_is_never_read_again(looking, share, monkeypatch):
    write(share / "a.txt")
    assert take(looking) == 1
    monkeypatch.setattr(foldertree, "_open_inside", lambda *_given: pytest.fail("it was opened again"))
    services.look(looking)
    fresh = services.Looking(looking.hold)  # a command that was started again knows it from the database
    services.look(fresh)
    assert Upload.objects.count() == 1


def test_a_file_whose_time_alone_was_touched_stays_what_it_was(looking, share):
    file = write(share / "a.txt")
    take(looking)
    os.utime(file, (1, 1))
    take(looking)
    row = FoundFile.objects.get()
    assert (row.state, row.earlier, row.changed_there_at.year) == (State.STORED, None, 1970)
    assert Upload.objects.count() == 1


def test_a_file_that_was_changed_later_is_a_new_file_beside_the_earlier_one(looking, share):
    file = write(share / "log.txt", b"1\n")
    take(looking)
    first = Upload.objects.get()
    write(file, b"1\n2\n")
    assert take(looking) == 1
    row = FoundFile.objects.get()
    assert (row.state, row.earlier, row.reason["code"]) == (State.STORED, first, "newer")
    assert Upload.objects.count() == 2 and Upload.objects.get(pk=first.pk).withdrawn_at is None


def test_the_same_bytes_elsewhere_are_known_with_a_link(looking, share, chemist, project):
    dropped = services.upload(by=chemist, project=project, name="PL.txt", chunks=[b"1,2\n"]).upload
    write(share / "copy.txt")
    assert take(looking) == 1
    row = FoundFile.objects.get()
    assert (row.state, row.upload) == (State.DUPLICATE, dropped)
    assert Upload.objects.count() == 1


def test_the_date_of_a_file_is_kept_but_is_no_date_of_measurement(looking, share):
    os.utime(
        write(share / "a.csv", b"nm,I\n" + b"".join(b"%d,%d\n" % (400 + n, n * n) for n in range(30))), (10**9, 10**9)
    )
    take(looking)
    work()
    assert FoundFile.objects.get().changed_there_at.isoformat() == "2001-09-09T01:46:40+00:00"
    assert Measurement.objects.get().measured_at is None


def test_a_file_that_names_no_instrument_has_that_of_its_folder(project, chemist, share):
    hold = services.hold_folder(
        by=chemist, project=project, root=share, mode="watch", instrument="FP-8500 in the cellar"
    )
    write(share / "a.csv", b"nm,I\n" + b"".join(b"%d,%d\n" % (400 + n, n * n) for n in range(30)))
    write(share / "b.txt", emission_file())
    services.look(services.Looking(hold))
    work()
    found = dict(Measurement.objects.values_list("reading__upload__name", "instrument__name"))
    assert found["a.csv"] == "FP-8500 in the cellar" and "JASCO" in found["b.txt"]


# --- What lies in a folder ------------------------------------------------------------------------------------------

NAMES = [
    "測定/試料 1.txt".encode(), b"na\xefve \xff\xfe.txt", "right\u202eto left.txt".encode(), b"two\nlines.txt",
    b"<b>&amp;'\".txt", b"back\\slash.txt", "e\u0301 and é.txt".encode(), b"-rf", b"=1+1.csv", b"a" * 250,
    b"/".join([b"deep"] * 60) + b"/x.txt", b"trailing space ",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=[foldertree.shown(os.fsdecode(n))[:20].strip() for n in NAMES])
def test_any_name_is_taken_once(looking, share, name):
    path = os.path.join(os.fsencode(share), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        Path(os.fsdecode(path)).write_bytes(b"1,2\n")
    except OSError as problem:
        pytest.skip(f"this disk takes no such name: {problem.strerror}")
    assert take(looking) == 1
    upload, row = Upload.objects.get(), FoundFile.objects.get()
    assert row.path == foldertree.shown(os.fsdecode(name)) and row.path.isprintable()
    assert upload.name.isprintable() and upload.name
    services.look(services.Looking(looking.hold))
    assert Upload.objects.count() == 1


def test_names_that_look_alike_are_told_apart(looking, share):
    for number, name in enumerate([b"a\xff.txt", b"a\\xff.txt", "\u00e9.txt".encode(), "e\u0301.txt".encode()]):
        Path(os.fsdecode(os.path.join(os.fsencode(share), name))).write_bytes(b"%d" % number)
    assert take(looking) == 4 and Upload.objects.count() == 4


def test_what_is_no_measurement_is_left_aside_with_a_reason(looking, share, tmp_path):
    for name in ("~$book.xlsx", ".DS_Store", "Thumbs.db", "x.tmp", "copy.PART", "desktop.ini", "._a.txt", "a.txt~"):
        write(share / name)
    write(share / ".git" / "config")
    write(share / "$RECYCLE.BIN" / "old.txt")
    os.mkfifo(share / "pipe.txt")
    write(tmp_path / "secret.txt", b"not yours")
    (share / "link.txt").symlink_to(tmp_path / "secret.txt")
    (share / "dangling.txt").symlink_to(tmp_path / "nothing")
    (share / "linked folder").symlink_to(tmp_path)
    write(share / "good.txt")
    assert take(looking) == 1
    found = states()
    assert found.pop("good.txt") == State.STORED
    assert set(found.values()) == {State.ASIDE} and len(found) == 14
    assert reason_of("link.txt") == "link" and reason_of("pipe.txt") == "no_file" and reason_of("x.tmp") == "temporary"


@pytest.mark.parametrize("part", ["folder", "file"])
def test_a_link_that_takes_the_place_of_something_meanwhile_leads_nowhere(share, tmp_path, part):
    write(tmp_path / "own" / "secret_key", b"very secret")
    inside = write(share / "a" / "secret_key", b"very secret")
    seen = inside.stat()
    found = Found("a/secret_key", seen.st_size, seen.st_mtime_ns)
    assert b"".join(foldertree.chunks_of(share, found)) == b"very secret"
    inside.unlink()
    if part == "folder":
        inside.parent.rmdir()
        inside.parent.symlink_to(tmp_path / "own")
    else:
        inside.symlink_to(tmp_path / "own" / "secret_key")
    with pytest.raises(foldertree.Vanished):
        list(foldertree.chunks_of(share, found))


def test_a_file_that_is_larger_than_the_lab_takes_is_left_aside_unread(looking, share, settings):
    settings.MAX_UPLOAD_BYTES = 10
    write(share / "film.avi", bytes(11))
    write(share / "a.txt")
    assert take(looking) == 1
    assert reason_of("film.avi") == "too_large"


# --- What goes wrong --------------------------------------------------------------------------------------------------


def refusing(monkeypatch, name: str, number: int) -> None:
    real = foldertree._open_inside

    def opened(root, path):
        if path == name:
            raise OSError(number, os.strerror(number))
        return real(root, path)

    monkeypatch.setattr(foldertree, "_open_inside", opened)


def test_a_file_that_may_not_be_read_is_told_and_tried_again(looking, share, monkeypatch):
    write(share / "a.txt", b"a")
    write(share / "b.txt", b"b")
    services.look(looking)
    later()
    with monkeypatch.context() as patched:
        refusing(patched, "a.txt", errno.EACCES)
        assert services.look(looking) == 1  # the other one is not kept waiting
        row = FoundFile.objects.get(path="a.txt")
        assert (row.state, row.reason["code"], row.attempts) == (State.FAILED, "no_permission", 1)
        assert services.look(looking) == 0 and FoundFile.objects.get(path="a.txt").attempts == 1  # not at every round
        later()
        services.look(looking)
        assert FoundFile.objects.get(path="a.txt").attempts == 2
    later()
    assert services.look(looking) == 1 and states()["a.txt"] == State.STORED


def test_a_folder_that_may_not_be_read_is_told(looking, share, monkeypatch):
    write(share / "closed" / "a.txt")
    write(share / "b.txt", b"b")
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)
        assert take(looking) == 1
        assert states() == {"closed": State.FAILED, "b.txt": State.STORED}
    assert take(looking) == 1
    assert states() == {"closed": State.GONE, "b.txt": State.STORED, "closed/a.txt": State.STORED}


def test_a_file_that_goes_away_is_told_and_taken_when_it_comes_back(looking, share):
    file = write(share / "a.txt")
    services.look(looking)
    file.rename(share.parent / "elsewhere.txt")
    services.look(looking)
    assert states() == {"a.txt": State.GONE}
    (share.parent / "elsewhere.txt").rename(file)
    assert take(looking) == 1 and states() == {"a.txt": State.STORED}


def test_a_file_that_goes_away_between_look_and_reading_is_told(looking, share):
    file = write(share / "a.txt")
    services.look(looking)
    later()
    asked = []
    looking.stopping = lambda: bool(asked.append(1)) or (len(asked) == 2 and file.unlink() is not None)
    assert services.look(looking) == 0 and states() == {"a.txt": State.GONE}


def test_a_share_in_trouble_ends_the_round_and_loses_nothing(looking, share, monkeypatch):
    for name in "abc":
        write(share / f"{name}.txt", name.encode())
    services.look(looking)
    later()
    with monkeypatch.context() as patched:
        refusing(patched, "b.txt", errno.EIO)
        with pytest.raises(services.FolderAway):
            services.look(looking)
    later()
    services.look(looking)
    assert set(states().values()) == {State.STORED} and Upload.objects.count() == 3


def test_a_share_that_is_gone_is_no_reason_to_call_its_files_gone(looking, share):
    write(share / "a.txt")
    services.look(looking)
    share.rename(share.parent / "unplugged")
    with pytest.raises(services.FolderAway):
        services.look(looking)
    assert states() == {"a.txt": State.WAITING}
    share.mkdir()  # the empty place where it is mounted
    services.look(looking)
    assert SourceFolder.objects.get().problem["code"] == "nothing_there"
    share.rmdir()
    (share.parent / "unplugged").rename(share)
    assert take(looking) == 1 and SourceFolder.objects.get().problem is None


def test_a_full_disk_takes_nothing_and_forgets_nothing(looking, share, settings):
    write(share / "a.txt")
    services.look(looking)
    later()
    settings.FREE_SPACE_FLOOR_BYTES = 2**62
    with pytest.raises(store.NoSpace):
        services.look(looking)
    settings.FREE_SPACE_FLOOR_BYTES = 0
    assert services.look(looking) == 1


def test_a_fault_in_one_file_keeps_no_other_out(looking, share, monkeypatch):
    write(share / "a.txt", b"a")
    write(share / "b.txt", b"b")
    services.look(looking)
    later()
    real = services.found_files.receive
    monkeypatch.setattr(
        services.found_files, "receive", lambda **given: 1 / 0 if given["name"] == "a.txt" else real(**given)
    )
    assert services.look(looking) == 1
    assert states() == {"a.txt": State.FAILED, "b.txt": State.STORED}


def test_who_may_not_write_takes_nothing(looking, share, project, chemist):
    viewer = factories.make_member(project, "viewer")
    with pytest.raises(PermissionDenied):
        services.hold_folder(by=viewer, project=project, root=share, mode="watch")
    write(share / "a.txt")
    services.look(looking)
    later()
    project.memberships.filter(user=chemist).update(role="viewer")
    with pytest.raises(PermissionDenied):
        services.look(looking)
    assert not Upload.objects.exists()


# --- One command at a time -------------------------------------------------------------------------------------------


def test_a_folder_is_held_by_one_command(looking, project, chemist, share):
    SourceFolder.objects.update(holder=f"{looking.hold.holder.split(':')[0]}:1:x")  # process 1 always runs
    with pytest.raises(ValidationError, match="Another command"):
        services.hold_folder(by=chemist, project=project, root=share, mode="import")
    SourceFolder.objects.update(alive_at=timezone.now() - timedelta(minutes=5))
    services.hold_folder(by=chemist, project=project, root=share, mode="import")
    with pytest.raises(services.TakenOver):
        services.look(looking)


def test_a_command_that_lost_its_folder_in_the_middle_takes_nothing_more(looking, share):
    write(share / "a.txt")
    services.look(looking)
    later()
    looking._beaten_at = time.monotonic()
    SourceFolder.objects.update(holder="somebody:1:else")
    with pytest.raises(services.TakenOver):
        services.look(looking)
    assert not Upload.objects.exists() and states() == {"a.txt": State.WAITING}


def test_opening_a_folder_is_on_record_once(looking, project, chemist, share):
    services.hold_folder(by=chemist, project=project, root=share, mode="watch", interval_s=5)
    assert AuditEvent.objects.filter(action="folder.opened").count() == 1
    services.hold_folder(by=chemist, project=project, root=share, mode="import")
    assert AuditEvent.objects.filter(action="folder.opened").count() == 2


# --- What a round costs ---------------------------------------------------------------------------------------------


def test_a_round_over_many_files_asks_one_question_per_chunk_and_then_none(looking, share, django_assert_num_queries):
    for number in range(1200):
        (share / f"{number}.txt").write_bytes(b"x")
    with django_assert_num_queries(first_round()):
        services.look(looking)
    looking._beaten_at = time.monotonic()
    with django_assert_num_queries(3 + 2):  # three chunks; who waits; the sign of life
        services.look(looking)
    FoundFile.objects.update(state=State.STORED)
    services.look(looking)
    looking._beaten_at = time.monotonic()
    with django_assert_num_queries(2):  # all are known: who waits; the sign of life
        services.look(looking)


def first_round() -> int:
    """Sign of life; per chunk a question and its rows, which SQLite takes 62 at a time; then the end."""
    statements = 3 if connection.vendor == "postgresql" else sum(-(-n // 62) for n in (500, 500, 200))
    return 1 + 3 + statements + 2
