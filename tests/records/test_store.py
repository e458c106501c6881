"""The file store: whole files or nothing, whatever happens in between; damage is noticed, never served."""

import hashlib
import os
import resource
import shutil
import signal
import subprocess
import tracemalloc
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from qdlab.records import store
from qdlab.records.models import Blob

BYTES = b"a spectrum\n" * 20_000
NAME = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture(autouse=True)
def blobs(tmp_path, settings) -> Path:
    """A store of one's own."""
    settings.BLOB_DIR = tmp_path / "blobs"
    return settings.BLOB_DIR


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def damage(path: Path, at: int = 100) -> None:
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


# --- Taking in and giving out --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_bytes_come_out_as_they_went_in_under_the_name_of_their_content(blobs):
    blob, new = store.store([BYTES[:7], BYTES[7:]])
    assert (blob.sha256, blob.size, new) == (NAME, len(BYTES), True)
    assert store.read(NAME) == BYTES
    assert files_in(blobs) == [store.path_of(NAME)]
    assert not os.access(store.path_of(NAME), os.W_OK) or os.geteuid() == 0
    assert store.path_of(NAME).stat().st_mode & 0o777 == 0o440


@pytest.mark.django_db
def test_the_same_bytes_are_stored_once(blobs):
    first, _new = store.store([BYTES])
    again, new = store.store([BYTES])
    assert (again, new) == (first, False)
    assert len(files_in(blobs)) == 1 == Blob.objects.count()


@pytest.mark.django_db
def test_an_empty_file_is_a_file():
    blob, _new = store.store([])
    assert (blob.size, store.read(blob.sha256)) == (0, b"")


@pytest.mark.django_db
def test_a_huge_file_is_refused_on_the_way_without_being_held_in_memory(blobs, settings):
    settings.MAX_UPLOAD_BYTES = 40 * 2**20
    sent = 0

    def endless():
        nonlocal sent
        while True:
            sent += 2**20
            yield bytes(2**20)

    tracemalloc.start()
    try:
        with pytest.raises(store.TooLarge):
            store.store(endless())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sent == settings.MAX_UPLOAD_BYTES + 2**20  # nothing is asked for beyond the limit
    assert peak < 8 * 2**20  # a few chunks, of 40 MB
    assert files_in(blobs) == [] and not Blob.objects.exists()


@pytest.mark.django_db
def test_a_sender_who_breaks_off_leaves_nothing(blobs):
    def broken():
        yield BYTES
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.store(broken())
    assert files_in(blobs) == [] and not Blob.objects.exists()


# --- A full disk ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_below_the_floor_of_free_space_nothing_is_stored(blobs, settings, tmp_path):
    settings.FREE_SPACE_FLOOR_BYTES = shutil.disk_usage(tmp_path).free + 2**40
    with pytest.raises(store.NoSpace):
        store.store([BYTES])
    assert files_in(blobs) == [] and not Blob.objects.exists()


def test_what_is_announced_must_leave_the_floor_free(settings, tmp_path):
    settings.FREE_SPACE_FLOOR_BYTES = 0
    store.check_space(1000)
    with pytest.raises(store.NoSpace):
        store.check_space(shutil.disk_usage(tmp_path).total * 2)


@pytest.mark.django_db
def test_a_disk_that_takes_no_more_in_the_middle_of_a_write_leaves_nothing(blobs):
    """The kernel's own limit on the size of a file breaks the write after 64 kB, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        with pytest.raises(store.NoSpace):
            store.store([BYTES[:60_000], BYTES[60_000:]])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files_in(blobs) == [] and not Blob.objects.exists()
    assert store.store([BYTES])[1]  # afterwards it is taken


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 256 kB; only root may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True
    )
    if not made or made.returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.django_db
def test_a_full_file_system_takes_the_file_that_fits_and_refuses_the_other_one(small_disk, settings):
    settings.BLOB_DIR, settings.FREE_SPACE_FLOOR_BYTES = small_disk / "blobs", 0
    kept, _new = store.store([b"x" * 100_000])
    with pytest.raises(store.NoSpace):
        store.store([BYTES, BYTES])
    assert files_in(settings.BLOB_DIR) == [store.path_of(kept.sha256)]
    assert store.read(kept.sha256) == b"x" * 100_000
    assert list(Blob.objects.all()) == [kept]


# --- Damage --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_flipped_bit_is_noticed_and_never_served():
    store.store([BYTES])
    damage(store.path_of(NAME))
    for get in (store.verified_path, store.read):
        with pytest.raises(store.Damaged, match="altered"):
            get(NAME)


@pytest.mark.django_db
def test_a_missing_file_is_noticed():
    store.store([BYTES])
    store.path_of(NAME).unlink()
    with pytest.raises(store.Damaged, match="missing"):
        store.verified_path(NAME)


@pytest.mark.django_db
def test_the_right_bytes_sent_again_repair_a_damaged_file():
    store.store([BYTES])
    damage(store.path_of(NAME))
    store.store([BYTES])
    assert store.read(NAME) == BYTES


@pytest.mark.django_db
def test_check_files_names_the_damaged_file_and_passes_a_whole_store(capsys):
    other, _new = store.store([b"another file"])
    store.store([BYTES])
    call_command("check_files")
    assert "2 files" in capsys.readouterr().out
    damage(store.path_of(NAME))
    with pytest.raises(CommandError, match="1 problem"):
        call_command("check_files")
    told = capsys.readouterr().err
    assert NAME in told and other.sha256 not in told


# --- Killed at any moment ------------------------------------------------------------------------------------------

STEPS = ("write", "fsync", "chmod", "replace", "fsync", "fsync", "fsync")


def killed_after(step: int) -> int:
    """Store BYTES in a child that is killed with SIGKILL right before its ``step``-th call of the file system."""
    child = os.fork()
    if child == 0:
        try:
            connection.connection = None  # the parent's; ours is opened when it is wanted
            _die_at(step)
            store.store([BYTES])
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _die_at(step: int) -> None:
    calls = 0

    def counted(call):
        def wrapped(*arguments, **options):
            nonlocal calls
            calls += 1
            if calls == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        return wrapped

    for name in ("fsync", "chmod", "replace"):
        setattr(os, name, counted(getattr(os, name)))
    store._write = counted(store._write)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", range(1, len(STEPS) + 2), ids=[*(f"{n}-{s}" for n, s in enumerate(STEPS, 1)), "end"])
def test_killed_between_any_two_steps_there_is_a_whole_file_or_nothing_that_is_named(blobs, step):
    kept_alive = connection.connection  # so that the child cannot close it
    assert os.WTERMSIG(killed_after(step)) == signal.SIGKILL
    connection.close()
    del kept_alive
    named = [path for path in files_in(blobs) if not path.name.startswith("incoming-")]
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in named)
    assert bool(named) == (step > STEPS.index("replace") + 1)
    for blob in Blob.objects.all():
        assert store.read(blob.sha256) == BYTES
    assert Blob.objects.exists() == (step > len(STEPS))
    assert store.store([BYTES])[0].size == len(BYTES)  # sent again, it is there
    assert store.read(NAME) == BYTES


@pytest.mark.django_db
def test_what_broken_off_uploads_left_is_listed_and_removed_on_request_alone(blobs, capsys):
    blob, _new = store.store([BYTES])
    old, fresh = blobs / "incoming-old", blobs / "incoming-fresh"
    old.write_bytes(bytes(2000))
    fresh.write_bytes(b"still being written")
    os.utime(old, (1, 1))
    call_command("check_files")
    said = capsys.readouterr().out
    assert f"{old} was left unfinished" in said and "2.0 kB" in said and str(fresh) not in said
    call_command("check_files", "--remove-unfinished")
    assert not old.exists() and fresh.exists() and store.read(blob.sha256) == BYTES
    call_command("check_files")
    assert "unfinished" not in capsys.readouterr().out.splitlines()[-1]
