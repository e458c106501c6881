"""Taking in the files of a folder, each once: what was seen is recorded before and after, so that a kill at any moment costs
nothing and doubles nothing."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from qdlab.records import store
from spectra.foldertree import ChangedMeanwhile, Found, NotGivenOut, Vanished, chunks_of, shown, walk
from spectra.models import FoundFile, SourceFolder
from spectra.notes import Note, gettext_noop
from spectra.services.source_folders import Hold, TakenOver
from spectra.services.uploads import Received, receive
from synthesis.models import Sample

log = logging.getLogger(__name__)

PER_QUERY = 500
SIGN_OF_LIFE_S = 10.0
FIRST_DELAY_S, LONGEST_DELAY_S = 30, 3600
LARGEST = 2**63 - 1

State = FoundFile.State
OPEN = (State.WAITING, State.FAILED)
SETTLED = (State.STORED, State.DUPLICATE, State.ASIDE)

EMPTY = Note("empty", gettext_noop("Empty so far: it is taken once something stands in it."))
GROWING = Note("growing", gettext_noop("It was written to while it was read. It is taken once it stays as it is."))
GONE = Note("gone", gettext_noop("It went away before it could be taken."))
NEWER = Note(
    "newer",
    gettext_noop("The file was changed after it had been taken: this is the newer one, the earlier one is kept too."),
)
TOO_LARGE = Note("too_large", gettext_noop("Larger than the {limit_mb} MB that this lab takes."))
NOTHING_THERE = Note(
    "nothing_there", gettext_noop("The folder is empty now, and it was not before. Is the share connected?")
)
BROKEN = Note("broken", gettext_noop("Taking it in stopped unexpectedly ({problem}). QDLab tries again by itself."))
REFUSED = Note("refused", gettext_noop("QDLab did not take it: {problem}"))

COLUMNS = [
    "size",
    "mtime_ns",
    "state",
    "reason",
    "unchanged_since",
    "attempts",
    "try_again_at",
    "settled_at",
    "changed_at",
]


class Stopped(Exception):
    """Somebody asked the command to end."""


class FolderAway(Exception):
    """The folder itself, or its share, cannot be looked at now."""


@dataclass
class Looking:
    """How a folder is looked through.

    ``settle``: how long a file must stay as it is before it is taken; ``sample_of``: the sample that a path belongs to;
    ``stopping``: asked often; ``tell``: called with each file that was dealt with.
    """

    hold: Hold
    settle: timedelta = timedelta(0)
    sample_of: Callable[[str], Sample | None] = lambda path: None
    stopping: Callable[[], bool] = lambda: False
    tell: Callable[[FoundFile], None] = lambda row: None
    done_with: set[bytes] = field(default_factory=set)  # stamps of what needs no question to the database any more
    _beaten_at: float = 0.0

    def between(self) -> None:
        """Called often, also in the middle of a large file."""
        if self.stopping():
            raise Stopped
        if monotonic() - self._beaten_at > SIGN_OF_LIFE_S:
            self.hold.beat()
            self._beaten_at = monotonic()


def look(at: Looking) -> int:
    """One round over the folder: new files are noted, those that stayed as they are are taken. Return how many were taken.

    Raises Stopped, TakenOver, FolderAway, ``store.NoSpace``, PermissionDenied, OSError of the store, and the database's errors.
    """
    at.between()
    still_open, taken, is_empty = set(), 0, True
    for some in _chunked(_walk(at.hold.root, at.between)):
        is_empty = False
        some = [found for found in some if found.stamp not in at.done_with]
        for row, found in _noted(at, some):
            at.between()
            taken += _due(at, row, found) and _take(at, row, found)
            if row.state in OPEN:
                still_open.add(row.key)
            elif row.state in SETTLED and (row.size, row.mtime_ns) == (found.size, found.mtime_ns):
                at.done_with.add(found.stamp)
    _note_gone(at, still_open)
    at.hold.looked(NOTHING_THERE if is_empty and FoundFile.objects.filter(folder=at.hold.folder).exists() else None)
    return taken


def _walk(root: Path, between: Callable[[], None] = lambda: None) -> Iterator[Found]:
    try:
        for found in walk(root):
            between()  # a large folder on a slow share is no reason to seem dead, or not to end when asked
            yield found
    except OSError as problem:
        raise FolderAway(problem.strerror or type(problem).__name__) from problem


def _chunked(found: Iterable[Found]) -> Iterator[list[Found]]:
    found = iter(found)
    while some := list(islice(found, PER_QUERY)):
        yield some


def _noted(at: Looking, some: list[Found]) -> list[tuple[FoundFile, Found]]:
    """The rows of these files as they are seen now: one question, and one write for what is new or changed."""
    if not some:
        return []
    keys = {found.key: found for found in some}
    known = {row.key: row for row in FoundFile.objects.filter(folder=at.hold.folder, key__in=list(keys))}
    new, changed, now = [], [], timezone.now()
    for key, found in keys.items():
        row = known.get(key) or FoundFile(folder=at.hold.folder, key=key, path=shown(found.path))
        if key not in known or _seen_otherwise(row, found):
            (changed if key in known else new).append(_as_seen(row, found, now))
            known[key] = row
    FoundFile.objects.bulk_create(new)
    if changed:
        FoundFile.objects.bulk_update(changed, COLUMNS, batch_size=100)
    return [(known[key], found) for key, found in keys.items()]


def _seen_otherwise(row: FoundFile, found: Found) -> bool:
    if row.state == State.GONE or (row.size, row.mtime_ns) != (found.size, _fitting(found.mtime_ns)):
        return True
    return (row.state == State.ASIDE) != (_aside(found) is not None)  # what is left aside may be decided anew


def _fitting(number: int) -> int:
    return max(-LARGEST, min(LARGEST, number))


def _as_seen(row: FoundFile, found: Found, now) -> FoundFile:
    row.size, row.mtime_ns, row.unchanged_since = found.size, _fitting(found.mtime_ns), now
    row.attempts, row.try_again_at, row.changed_at = 0, None, now
    aside = _aside(found)
    row.state = State.ASIDE if aside else State.FAILED if found.problem else State.WAITING
    note = aside or found.problem or (None if found.size else EMPTY)
    row.reason = note and note.as_json()
    row.settled_at = now if aside else None
    return row


def _aside(found: Found) -> Note | None:
    if found.size > settings.MAX_UPLOAD_BYTES:
        return Note(TOO_LARGE.code, TOO_LARGE.text, {"limit_mb": settings.MAX_UPLOAD_BYTES // 1024**2})
    return found.aside


def _due(at: Looking, row: FoundFile, found: Found) -> bool:
    now = timezone.now()
    if row.state == State.FAILED and not found.problem:
        return row.try_again_at is None or row.try_again_at <= now
    return row.state == State.WAITING and found.size > 0 and now - row.unchanged_since >= at.settle


def _take(at: Looking, row: FoundFile, found: Found) -> bool:
    """Take one file in; whatever happens to this one file is noted at it and stops no other."""
    store.check_space(found.size)
    try:
        blob, _new_bytes = store.store(chunks_of(at.hold.root, found, at.between))
        _settle(at, row, found, blob)
    except ChangedMeanwhile:
        row.unchanged_since = timezone.now()
        _put(row, State.WAITING, GROWING)
    except Vanished:
        _put(row, State.GONE, GONE)
    except store.TooLarge:
        _put(row, State.ASIDE, Note(TOO_LARGE.code, TOO_LARGE.text, {"limit_mb": settings.MAX_UPLOAD_BYTES // 1024**2}))
    except ValidationError as problem:
        _fail(row, Note(REFUSED.code, REFUSED.text, {"problem": " ".join(problem.messages)}))
    except NotGivenOut as problem:
        _fail(row, problem.note)
        if not problem.of_one_file:
            raise FolderAway(str(problem)) from problem  # the others wait for the next round
    except (Stopped, TakenOver, PermissionDenied, store.NoSpace, OSError, OperationalError, InterfaceError):
        raise
    except Exception as problem:  # a fault of ours in one file must not keep the others out
        log.exception("taking in %s", row.path)
        _fail(row, Note(BROKEN.code, BROKEN.text, {"problem": type(problem).__name__}))
    at.tell(row)
    return row.state in (State.STORED, State.DUPLICATE)


def _settle(at: Looking, row: FoundFile, found: Found, blob) -> None:
    """Make the stored bytes a file of the project and note it, in one transaction: a kill leaves both or neither."""
    folder = at.hold.folder
    inside, _slash, name = found.path.rpartition("/")
    hints = {"folder": shown(inside), "instrument": folder.instrument}
    with transaction.atomic():
        received = receive(
            by=folder.by, project=folder.project, name=name, blob=blob, sample=at.sample_of(found.path), hints=hints
        )
        before = row.upload_id
        row.upload = received.upload
        row.earlier_id = before if before and before != received.upload.pk else row.earlier_id
        row.settled_at, row.try_again_at = timezone.now(), None
        _put(row, *_outcome(row, received, before), "upload", "earlier")
        at.hold.beat()  # whoever lost the folder meanwhile takes nothing more


def _outcome(row: FoundFile, received: Received, before) -> tuple[str, Note | None]:
    if received.new:
        return State.STORED, NEWER if before else None
    if before == received.upload.pk:  # only its time was touched
        return (State.DUPLICATE if row.upload.created_at < row.created_at else State.STORED), None
    return State.DUPLICATE, None


def _fail(row: FoundFile, note: Note) -> None:
    row.attempts += 1
    delay_s = min(FIRST_DELAY_S * 2 ** min(row.attempts - 1, 10), LONGEST_DELAY_S)
    row.try_again_at = timezone.now() + timedelta(seconds=delay_s)
    _put(row, State.FAILED, note)


def _put(row: FoundFile, state: str, note: Note | None, *also: str) -> None:
    row.state, row.reason = state, note and note.as_json()
    row.save(update_fields=[*COLUMNS, *also])


def _note_gone(at: Looking, still_open: set[str]) -> None:
    """What waited or failed and was not seen in a whole round has gone."""
    waiting = FoundFile.objects.filter(folder=at.hold.folder, state__in=OPEN)
    gone = [pk for pk, key in waiting.values_list("pk", "key") if key not in still_open]
    for some in (gone[n : n + PER_QUERY] for n in range(0, len(gone), PER_QUERY)):
        FoundFile.objects.filter(pk__in=some).update(state=State.GONE, reason=GONE.as_json(), changed_at=timezone.now())


@dataclass
class Ahead:
    """What a command would do with a folder as it stands: ``counts`` by state, and what is still to be read."""

    counts: Counter
    n_files: int = 0
    n_bytes: int = 0


def look_ahead(folder: SourceFolder | None, root: Path) -> Ahead:
    """Count what is there and what is still to be taken; write nothing. ``folder`` is None where nobody looked before."""
    ahead = Ahead(Counter())
    for some in _chunked(_walk(root)):
        keys = {found.key: found for found in some}
        rows = FoundFile.objects.filter(folder=folder, key__in=list(keys)) if folder else ()
        known = {row.key: row for row in rows}
        for key, found in keys.items():
            row = known.get(key)
            if row is None or _seen_otherwise(row, found):
                row = _as_seen(row or FoundFile(), found, timezone.now())
            ahead.counts[row.state] += 1
            if row.state in OPEN and not found.problem:
                ahead.n_files, ahead.n_bytes = ahead.n_files + 1, ahead.n_bytes + found.size
    return ahead
