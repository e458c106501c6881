"""A file that is uploaded is written once and moved; too large a one, or a full disk, costs a sentence and leaves nothing."""

import errno
import hashlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from qdlab.records import arriving, store
from qdlab.records.models import Blob
from spectra.models import Upload
from tests import factories

pytestmark = pytest.mark.django_db
BIG = b"\0\1\2\3" * 25_000


@pytest.fixture(autouse=True)
def places(tmp_path, settings):
    """Every file is large here, and lies beside a store of one's own."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    settings.BLOB_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "blobs", tmp_path
    return tmp_path


@pytest.fixture
def send(client):
    project = factories.make_project("Blue")
    client.force_login(factories.chemist_in(project))

    def send(*contents: bytes):
        files = [SimpleUploadedFile(f"{n}.tif", content) for n, content in enumerate(contents)]
        answer = client.post(reverse("uploads-list"), {"project": project.pk, "file": files})
        return answer.status_code, answer.json()

    return send


def files_in(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def test_a_file_that_arrived_is_moved_into_the_store_and_not_copied(send, places, monkeypatch):
    monkeypatch.setattr(store, "_write", None)  # whoever copies needs it
    status, _answer = send(BIG)
    name = hashlib.sha256(BIG).hexdigest()
    assert status == 201 and files_in(places) == [store.path_of(name)]
    assert (store.read(name), Blob.objects.get().size) == (BIG, len(BIG))


def test_the_same_file_again_leaves_nothing_behind(send, places):
    send(BIG)
    assert send(BIG)[1]["uploads"][0]["new"] is False and len(files_in(places)) == 1


def test_a_small_file_is_stored_as_before(send, settings, places):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
    assert send(BIG)[0] == 201 and len(files_in(places)) == 1


def test_of_two_files_the_one_that_is_too_large_is_refused_and_the_other_stored(send, settings, places):
    settings.MAX_UPLOAD_BYTES = 60_000
    status, answer = send(BIG, BIG[:50_000])
    assert status == 201
    assert [entry["status"] for entry in answer["uploads"]] == ["rejected", "received"]
    assert answer["uploads"][0]["problem"]["detail"] and len(files_in(places)) == 1


def test_a_file_over_the_limit_is_a_sentence_and_nothing_is_kept_of_it(send, settings, places):
    settings.MAX_UPLOAD_BYTES = 60_000
    assert send(BIG)[0] == 413
    assert not files_in(places) and not Upload.objects.exists()


def test_a_disk_that_fills_up_on_the_way_is_a_sentence_and_nothing_is_kept(send, places, monkeypatch):
    class Full(arriving.HashingUploadHandler):
        def new_file(self, *args, **kwargs):
            super().new_file(*args, **kwargs)

            def refuse(_data):
                raise OSError(errno.ENOSPC, "No space left on device")

            self.file.file.write = refuse

    monkeypatch.setattr(arriving, "HashingUploadHandler", Full)
    status, answer = send(BIG)
    assert status == 507 and answer["detail"]
    assert not files_in(places) and not Blob.objects.exists()


def test_a_staged_file_on_another_disk_is_copied(places, monkeypatch):
    (places / "arrived").write_bytes(BIG)
    staged = store.Staged(places / "arrived", hashlib.sha256(BIG).hexdigest(), len(BIG))
    monkeypatch.setattr(store, "_take_over", lambda staged: False)
    blob, new = store.store(staged)
    assert new and store.read(blob.sha256) == BIG and (places / "arrived").exists()


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("a %22b%22.txt", 'a "b".txt'), ("50%20.txt", "50%20.txt"), ("100%25.txt", "100%25.txt"), ("x%0D%0Ay", "x\r\ny")],
)
def test_quotes_that_a_browser_writes_as_signs_are_quotes_again(sent, meant):
    assert arriving.name_of(SimpleUploadedFile(sent, b"x")) == meant
