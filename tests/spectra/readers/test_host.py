import os
import signal
import threading
import time

import pytest

from spectra.readers import read
from spectra.readers.host import ReaderHost
from spectra.readers.reading import UnreadableFile
from tests.spectra.readers.samples import FOLDER, SAMPLES
from tests.spectra.readers.test_wire import same


@pytest.fixture(scope="module")
def host():
    with ReaderHost(seconds=3, extra_readers=("tests.spectra.readers.misbehaving",)) as host:
        yield host


def note_for(host: ReaderHost, tmp_path, what: str, **mapping) -> str:
    path = tmp_path / "file.txt"
    path.write_text(f"MISBEHAVE {what}\n")
    with pytest.raises(UnreadableFile) as caught:
        host.read(path, "file.txt", mapping or None)
    assert str(caught.value)
    return caught.value.note.code


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_host_reads_what_the_process_itself_would_read(host, path):
    assert same(read(path.read_bytes(), path.name), host.read(path, path.name))


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("memory", "reader_memory"),
        ("objects", "reader_memory"),
        ("loop", "reader_timeout"),
        ("sleep", "reader_timeout"),
        ("crash", "reader_crashed"),
        ("exit", "reader_crashed"),
        ("print", "reader_crashed"),
    ],
)
def test_a_reader_that_runs_wild_becomes_a_sentence_and_the_host_lives_on(host, tmp_path, what, code):
    before = host.pid or (host.read(SAMPLES[0], "a") and host.pid)
    assert note_for(host, tmp_path, what) == code
    assert host.pid == before
    assert host.read(FOLDER / "table_utf16.txt", "a").reader == "generic_table"


def test_a_reader_can_write_no_file(host, tmp_path):
    target = tmp_path / "written"
    assert note_for(host, tmp_path, "write", path=str(target)) in {"reader_crashed", "reader_failed"}
    assert not target.exists() or target.read_text() == ""


def test_a_reader_sees_no_secret_of_the_worker(host, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for readers")
    host.close()
    path = tmp_path / "file.txt"
    path.write_text("MISBEHAVE environment\n")
    assert note_for(host, tmp_path, "environment") == "reader_failed"
    assert "SECRET_KEY" not in environment_of(host.pid)


def environment_of(pid: int) -> str:
    with open(f"/proc/{pid}/environ") as file:
        return file.read()


def test_a_file_that_kills_the_host_is_refused_and_a_new_host_starts(host, tmp_path):
    assert note_for(host, tmp_path, "kill-host") == "reader_crashed"
    assert host.read(FOLDER / "table_utf16.txt", "a").reader == "generic_table"


def test_a_host_killed_between_two_files_is_started_again(host):
    host.read(SAMPLES[0], SAMPLES[0].name)
    pid = host.pid
    os.kill(pid, signal.SIGKILL)
    host.read(SAMPLES[0], SAMPLES[0].name)
    assert host.pid != pid


def test_a_missing_file_is_told(host, tmp_path):
    with pytest.raises(UnreadableFile) as caught:
        host.read(tmp_path / "gone.txt", "gone.txt")
    assert caught.value.note.code == "file_gone"


def test_a_mapping_and_odd_names_reach_the_reader(host):
    name = "a\nb\x00c 試料 \ud800.csv"
    reading = host.read(FOLDER / "table_utf16.txt", name, {"x": 0, "y": [1], "technique": "el"})
    assert reading.items[0].technique == "el"


def test_threads_share_a_host_one_file_at_a_time(host):
    wrong = []

    def one(path):
        if host.read(path, path.name).decided["encoding"] != read(path.read_bytes(), path.name).decided["encoding"]:
            wrong.append(path)

    threads = [threading.Thread(target=one, args=(path,)) for path in SAMPLES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_closing_ends_the_process(tmp_path):
    host = ReaderHost()
    host.read(SAMPLES[0], SAMPLES[0].name)
    pid = host.pid
    host.close()
    assert host.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_host_whose_worker_is_gone_ends_by_itself():
    host = ReaderHost()
    host.read(SAMPLES[0], SAMPLES[0].name)
    host._process.stdin.close()  # what the kernel does when the worker dies
    deadline = time.monotonic() + 20
    while host._process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert host._process.poll() == 0
    host.close()
