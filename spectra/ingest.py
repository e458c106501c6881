"""From bytes to curves: a queued Reading is claimed, read in a limited child, and what was understood is stored (``intake``)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from django.db import OperationalError, transaction
from django.db.models import QuerySet

from qdlab.records import audit, store
from spectra import followups, intake, previews, queue, selectors
from spectra.intake import Understood
from spectra.models import Measurement, Reading, State, Upload
from spectra.notes import Note, gettext_noop
from spectra.readers import reading as contract
from spectra.readers.host import ReaderHost

log = logging.getLogger(__name__)

DAMAGED = Note(
    "damaged",
    gettext_noop(
        "The stored bytes of this file are no longer what was uploaded. Tell the person who runs QDLab: a backup has them."
    ),
)
BROKEN = Note(
    "reader_broke",
    gettext_noop(
        "The file is kept, but reading it stopped unexpectedly ({problem}). Press “read again”, or describe its columns."
    ),
)

# What is committed in one transaction: so many files, bytes of files (their values wait in memory), and seconds of reading.
MOST_FILES, MOST_BYTES, MOST_SECONDS = 24, 8 * 1024**2, 2.0

_host: ReaderHost | None = None


def host() -> ReaderHost:
    """The reader host of this worker process, started when the first file is read."""
    global _host
    if _host is None:
        _host = ReaderHost()
    return _host


@dataclass(frozen=True)
class Refused:
    """A claimed reading of a file that no reader could make anything of."""

    reading: Reading
    note: Note
    fingerprints: str = ""


def read_waiting(limit: int = MOST_FILES) -> int:
    """Claim and read up to ``limit`` files; return how many were claimed."""
    claimed = queue.claim(
        Reading.objects.select_related("upload__project", "upload__batch", "upload__sample", "upload__blob"), limit
    )
    Upload.objects.filter(pk__in=[reading.upload_id for reading in claimed]).update(status=Upload.Status.READING)
    known = selectors.known_layouts() if claimed else []
    ended, size, began = [], 0, monotonic()
    for reading in claimed:
        if end := _ended(reading, known):
            ended.append(end)
            size += reading.upload.blob.size
        if size > MOST_BYTES or monotonic() - began > MOST_SECONDS:
            _commit_together(ended)
            ended, size, began = [], 0, monotonic()
    _commit_together(ended)
    _tell_of_given_up()
    for project_id in {reading.upload.project_id for reading in claimed}:
        followups.settle(project_id)
    return len(claimed)


def _ended(reading: Reading, known: Sequence[dict]) -> Understood | Refused | None:
    """How this reading ends, ready to be committed; None where it was returned to the queue."""
    try:
        values = understand(reading.upload, reading.mapping, known)
        return Understood(reading, values, _picture(reading.upload, values))
    except contract.UnreadableFile as unreadable:
        return Refused(reading, unreadable.note, unreadable.fingerprints)
    except store.Damaged:
        log.error("blob %s of upload %s is damaged", reading.upload.blob_id, reading.upload_id)
        return Refused(reading, DAMAGED)
    except OperationalError:
        _put_off(reading)
    except Exception as problem:  # a fault of ours must not lose the file or stop the worker
        _give_back(reading, problem)
    return None


def _commit_together(ended: Sequence[Understood | Refused]) -> None:
    """Commit several files in one transaction: a disk that has to flush for each would take most of the time.

    Each is still committed only by the holder of its fence. Where anything fails, nothing of it was written and each is
    committed alone, so that only the guilty one is returned.
    """
    try:
        _commit(ended)
    except Exception as problem:
        log.warning("%d files are committed one by one: %s", len(ended), problem)
        for end in ended:
            _commit_or_return(end)


@transaction.atomic
def _commit(ended: Sequence[Understood | Refused]) -> None:
    held = [end for end in ended if _end(end)]
    if understood := [end for end in held if isinstance(end, Understood)]:
        intake.write(understood)
    for end in held:
        if isinstance(end, Refused):
            _refuse(end.reading, end.note)


def _end(end: Understood | Refused) -> bool:
    if isinstance(end, Understood):
        return queue.end(end.reading, State.DONE, **intake.columns_of(end.values))
    decided = {"fingerprint": end.fingerprints} if end.fingerprints else {}
    return queue.end(end.reading, State.REFUSED, reason=end.note.as_json(), decided=decided)


def _commit_or_return(end: Understood | Refused) -> None:
    try:
        _commit([end])
    except OperationalError:
        _put_off(end.reading)
    except Exception as problem:
        _give_back(end.reading, problem)


def _put_off(reading: Reading) -> None:
    log.exception("what was read from %s could not be written", reading.upload_id)
    queue.put_off(reading)


def _give_back(reading: Reading, problem: Exception) -> None:
    log.exception("reading %s", reading.upload_id)
    queue.give_back(reading, broken(problem))


def broken(problem: Exception) -> Note:
    return Note(BROKEN.code, BROKEN.text, {"problem": type(problem).__name__})


def understand(upload: Upload, mapping: dict, known: Sequence[dict]) -> contract.Reading:
    """Read a file in a limited child, with the layouts that are known; raises UnreadableFile, or ``store.Damaged``.

    Nothing is written.
    """
    path = store.verified_path(upload.blob_id)
    return host().read(str(path), upload.name, mapping or None, known=known)


def _picture(upload: Upload, understood: contract.Reading) -> dict | None:
    """What the file looks like, when it holds an image. Drawn before the transaction: it takes a while."""
    if any(isinstance(item.value, contract.ImageRef) for item in understood.items):
        return previews.drawn(host(), upload)
    return None


def _refuse(reading: Reading, note: Note) -> None:
    _not_read(Upload.objects.filter(pk=reading.upload_id), note.as_json())
    audit.record(
        by=None, action="upload.unreadable", subject=reading.upload, project_id=reading.upload.project_id,
        after={"reason": str(note)},
    )  # fmt: skip


def _tell_of_given_up() -> None:
    """Files whose reading failed for good, here or because it ended its worker again and again, say so."""
    unread = [Upload.Status.RECEIVED, Upload.Status.READING]
    failed = Reading.objects.filter(state=State.FAILED, upload__status__in=unread)
    for reading in failed.exclude(upload__readings__state__in=[State.QUEUED, State.RUNNING]):
        _not_read(Upload.objects.filter(pk=reading.upload_id, status__in=unread), reading.reason)


def _not_read(upload: QuerySet, reason: dict) -> None:
    """A file that could not be read is unreadable, unless something read earlier stands."""
    if Measurement.objects.filter(reading__upload__in=upload, withdrawn_at=None).exists():
        upload.update(status=Upload.Status.READ)
    else:
        upload.update(status=Upload.Status.UNREADABLE, reason=reason)
