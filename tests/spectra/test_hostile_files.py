"""Hostile names and contents through the whole walk: kept byte for byte, told in a sentence, and the next file is read."""

import hashlib

import pytest
from django.urls import reverse

from qdlab.records import store
from spectra.models import Upload
from tests import factories
from tests.spectra.readers.test_bombs import BOMBS
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db

NAMES = {
    "a path": "../../../etc/passwd",
    "a path of Windows": "..\\..\\boot.ini",
    "NUL": "a\0b.txt",
    "right to left": "spectrum\u202etxt.exe",
    "quotes": "a\"b'c`d.txt",
    "300 letters": "n" * 300 + ".txt",
    "emoji": "📈🧪.csv",
    "line breaks": "a\r\nContent-Type: text/html\r\n\r\nb.txt",
    "script": "<script>alert(1)</script>.txt",
    "template": "{{ 7*7 }}{% now 'Y' %}.txt",
    "lone surrogate": "a\ud800b.txt",
    "dots": "..",
    "formula": '=HYPERLINK("http://x").csv',
    "only blanks": "   ",
}
CONTENTS = {
    name: BOMBS[name][0] for name in ("jcamp: announced and repeated", "overlapping entries", "spx: an external entity")
}
CONTENTS |= {
    "binary noise": bytes(range(256)) * 20,
    "a spectrum cut short": emission_file()[:-900],
    "script as text": b"<script>alert(1)</script>\n" * 50,
    "hostile labels": b"Wavelength (nm),<script>alert(1)</script>\n"
    + b"".join(b"%d,0.5\n" % x for x in range(400, 420)),
    "NUL in labels": "Wavelength (nm),Abs \0\u202e\ud7ff\n".encode()
    + b"".join(b"%d,0.5\n" % x for x in range(400, 420)),
}


@pytest.fixture
def project():
    return factories.make_project("Blue")


@pytest.fixture
def chemist(project):
    return factories.make_member(project)


def small_table(seed: int) -> bytes:
    return b"Wavelength (nm),Abs\n" + b"".join(b"%d,0.%d\n" % (400 + k, 100 + seed + k) for k in range(9))


def taken_in(chemist, project, files: list[tuple[str, bytes]]) -> list[Upload]:
    """What became of hostile files, after they and a good one behind them went through the worker."""
    hostile = [drop(chemist, project, content, name) for name, content in files]
    good = drop(chemist, project, emission_file("good"), "good.txt")
    work()
    good.refresh_from_db()
    assert good.status == Upload.Status.READ
    for upload, (_, content) in zip(hostile, files, strict=True):
        upload.refresh_from_db()
        assert upload.status in (Upload.Status.READ, Upload.Status.UNREADABLE)
        assert upload.blob_id == hashlib.sha256(content).hexdigest()
        assert store.read(upload.blob_id) == content
    return hostile


def shown_without_harm(client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert "<script>alert" not in answer.content.decode()


def test_hostile_names_are_kept_as_names_and_shown_as_names(client, chemist, project):
    files = [(name, small_table(seed)) for seed, name in enumerate(NAMES.values())]
    client.force_login(chemist)
    for upload, (_, content) in zip(taken_in(chemist, project, files), files, strict=True):
        assert upload.status == Upload.Status.READ
        assert not {"\0", "\n", "\r"} & set(upload.name)
        shown_without_harm(client, reverse("spectra:upload", args=[upload.pk]))
        raw = client.get(f"/api/v1/uploads/{upload.pk}/raw")
        assert raw.status_code == 200
        assert raw["Content-Disposition"].startswith("attachment")
        assert b"".join(raw) == content
    shown_without_harm(client, reverse("spectra:inbox"))


def test_hostile_contents_are_kept_and_told_and_the_next_file_is_read(client, chemist, project):
    files = [("hostile.txt", content) for content in CONTENTS.values()]
    uploads = taken_in(chemist, project, files)
    client.force_login(chemist)
    told = [upload.readings.get().reason for upload in uploads if upload.status == Upload.Status.UNREADABLE]
    assert len(told) >= 5 and all(reason["text"] for reason in told)
    for upload in uploads:
        shown_without_harm(client, reverse("spectra:upload", args=[upload.pk]))
    shown_without_harm(client, reverse("spectra:inbox"))
