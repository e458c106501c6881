"""From bytes to curves: a queued Reading is claimed, read in a limited child, and stored as Measurements and Traces."""

import functools
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.records import audit, store
from qdlab.records.outbox import changed
from spectra import followups, previews, queue, rereading, selectors
from spectra.matching.target import Target, target_of
from spectra.models import Composition, ElementFraction, Instrument, Measurement, Reading, State, Trace, Upload
from spectra.notes import Note, gettext_noop
from spectra.readers import reading as contract
from spectra.readers.host import ReaderHost
from spectra.values import traces_of

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

# What a person may say with a file; everything else of ``hints`` is a condition of the measurement.
ABOUT_THE_FILE = {
    "technique", "role", "standard", "standard_session", "mapping", "reader", "dilution_label", "folder", "instrument",
}  # fmt: skip

FOUND_BY_READING = ("sample", "status", "reason", "simulated", "warnings", "suggestion")

MOST_TOGETHER = 8 * 1024**2  # bytes of files whose values are committed in one transaction

_host: ReaderHost | None = None


def host() -> ReaderHost:
    """The reader host of this worker process, started when the first file is read."""
    global _host
    if _host is None:
        _host = ReaderHost()
    return _host


def read_waiting(limit: int = 8) -> int:
    """Claim and read up to ``limit`` files; return how many were claimed."""
    claimed = queue.claim(
        Reading.objects.select_related("upload__project", "upload__batch", "upload__sample", "upload__blob"), limit
    )
    Upload.objects.filter(pk__in=[reading.upload_id for reading in claimed]).update(status=Upload.Status.READING)
    known = selectors.known_layouts() if claimed else []
    understood, size = [], 0
    for reading in claimed:
        if end := _understood(reading, known):
            understood.append((reading, end))
            size += reading.upload.blob.size
        if size > MOST_TOGETHER:  # their values wait in memory
            _commit_together(understood)
            understood, size = [], 0
    _commit_together(understood)
    _tell_of_given_up()
    for project_id in {reading.upload.project_id for reading in claimed}:
        followups.settle(project_id)
    return len(claimed)


def read_one(reading: Reading, known: Sequence[dict] = ()) -> None:
    """Read one claimed file, with the layouts that are known, and commit what came of it, once."""
    if end := _understood(reading, known):
        _commit_or_return(reading, end)


def _understood(reading: Reading, known: Sequence[dict]) -> Callable[[], object] | None:
    """What ends this reading, ready to be committed; None where it was returned to the queue."""
    try:
        understood = understand(reading.upload, reading.mapping, known)
        picture = _picture(reading.upload, understood)
    except contract.UnreadableFile as unreadable:
        return functools.partial(_refuse, reading, unreadable.note, unreadable.fingerprints)
    except store.Damaged:
        log.error("blob %s of upload %s is damaged", reading.upload.blob_id, reading.upload_id)
        return functools.partial(_refuse, reading, DAMAGED)
    except OperationalError:
        _put_off(reading)
    except Exception as problem:  # a fault of ours must not lose the file or stop the worker
        _give_back(reading, problem)
    else:
        write = functools.partial(_write, reading, understood, picture)
        return functools.partial(queue.finish, reading, State.DONE, write, **_reading_columns(understood))
    return None


def _commit_together(understood: Sequence[tuple[Reading, Callable[[], object]]]) -> None:
    """Commit several files in one transaction: a disk that has to flush for each would take most of the time.

    Each is still committed only by the holder of its fence. Where anything fails, nothing of it was written and each is
    committed alone, so that only the guilty one is returned.
    """
    try:
        with transaction.atomic():
            for _reading, end in understood:
                end()
    except Exception as problem:
        log.warning("%d files are committed one by one: %s", len(understood), problem)
        for reading, end in understood:
            _commit_or_return(reading, end)


def _commit_or_return(reading: Reading, end: Callable[[], object]) -> None:
    try:
        end()
    except OperationalError:
        _put_off(reading)
    except Exception as problem:
        _give_back(reading, problem)


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


def _refuse(reading: Reading, note: Note, fingerprints: str = "") -> None:
    def write():
        _not_read(Upload.objects.filter(pk=reading.upload_id), note.as_json())
        audit.record(
            by=None, action="upload.unreadable", subject=reading.upload, project_id=reading.upload.project_id,
            after={"reason": str(note)},
        )  # fmt: skip

    decided = {"fingerprint": fingerprints} if fingerprints else {}
    queue.finish(reading, State.REFUSED, write, reason=note.as_json(), decided=decided)


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


def in_utc(moment: datetime | None) -> datetime | None:
    """The instant of a date as read: an instrument's own clock shows the lab's time (setting QDLAB_TIME_ZONE)."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_default_timezone())
    try:
        return aware.astimezone(UTC)
    except OverflowError:  # the first or last day of the calendar
        return None


def _clock(moment: datetime | None) -> dict[str, str]:
    """Which clock the date of the file was taken from."""
    return {"clock": "UTC" if moment.tzinfo else settings.TIME_ZONE} if moment else {}


def _reading_columns(understood: contract.Reading) -> dict:
    layout = understood.layout
    by_layout = (
        {"layout_id": layout["id"], "layout_version": layout["version"], "mapping": layout["mapping"]} if layout else {}
    )
    return by_layout | {
        "reader": understood.reader,
        "reader_version": understood.reader_version,
        "decided": dict(understood.decided) | _clock(understood.measured_at),
        "checked_version": understood.reader_version,
        "warnings": [note.as_json() for note in understood.warnings],
        "facts": {
            "instrument": understood.instrument,
            "serial": understood.serial,
            "operator": understood.operator,
            "title": understood.title,
            "comment": understood.comment,
            "measured_at": understood.measured_at_text,
        },
    }


def _write(reading: Reading, understood: contract.Reading, picture: dict | None) -> None:
    # As it stands now: somebody may have put the file on a sample, or said more about it, while it was being read.
    upload = (
        Upload.objects.select_for_update(of=("self",), no_key=True)
        .select_related("batch", "sample")
        .get(pk=reading.upload_id)
    )
    reading.upload = upload
    target = target_of(upload, understood)
    instrument = _instrument_named(understood, upload.hints)
    found = drafts(upload, understood, target, instrument)
    measurements, kept, retired = _take_over(reading, found)
    notes = [note.as_json() for note in understood.warnings]
    upload.sample = target.sample
    upload.status, upload.reason, upload.warnings = Upload.Status.READ, None, notes
    if not found:  # a document says that it is kept, and what to do should it hold data
        upload.status, upload.reason, upload.warnings = Upload.Status.KEPT, next(iter(notes), None), notes[1:]
    if picture:
        previews.keep(upload, picture)
    upload.simulated = understood.simulated
    upload.suggestion = target.as_json()
    upload.save(update_fields=[*FOUND_BY_READING, "changed_at"])
    audit.record(
        by=None, action="upload.read", subject=upload, project_id=upload.project_id,
        after={"reader": understood.reader, "measurements": [str(m.pk) for m in measurements], "sample": str(target.sample or "")},
    )  # fmt: skip
    # What stayed may have lost a result with what went: a decay whose instrument response reads otherwise now.
    for measurement in [*measurements, *(kept if retired else [])]:
        followups.queue_for_measurement(measurement)
    followups.queue_for_samples_and_sessions([*measurements, *retired])
    if target.sample:
        changed("batch", target.sample.batch_id)


def _take_over(reading: Reading, found: list[tuple[Measurement, object]]) -> tuple[list[Measurement], ...]:
    """Store what was found in place of what was read before: the new measurements, those that stayed, the retired."""
    earlier, now = rereading.in_use(reading.upload), timezone.now()
    new, retired, kept = [], [], []
    for draft, value in found:
        old = earlier.pop(draft.item, None)
        if old is None:
            new.append(_stored(draft, reading, value))
            continue
        rereading.carry_over(old, draft, reading.mapping)
        if not rereading.differences(old, draft, value):
            kept.append(old)
            continue
        own = rereading.own_results(old)
        rereading.retire(old, now, because=_("the file was read again"))
        new.append(_stored(draft, reading, value))
        retired.append(old)
        rereading.compute_again(own, old, draft)
    for lost in earlier.values():
        rereading.retire(lost, now, because=_("the file was read again"))
    rereading.confirm(old.reading_id for old in kept)
    return new, kept, [*retired, *earlier.values()]


def _stored(measurement: Measurement, reading: Reading, value) -> Measurement:
    measurement.reading = reading
    measurement.save(force_insert=True)
    _write_values(measurement, value)
    return measurement


def _instrument_named(understood: contract.Reading, hints: dict) -> Instrument | None:
    """The instrument that the file names, or else the one from whose folder it came."""
    name = name_of_instrument(understood, hints)
    if not name:
        return None
    instrument, _new = Instrument.objects.get_or_create(name=name, defaults={"serial": understood.serial[:80]})
    return instrument


def name_of_instrument(understood: contract.Reading, hints: dict) -> str:
    return (understood.instrument or hints.get("instrument", "")).strip()[:120]


def drafts(upload: Upload, understood: contract.Reading, target, instrument) -> list[tuple[Measurement, object]]:
    """A measurement that is not stored yet, with its value, for each item of what was read."""
    return [
        (_draft(upload, understood, number, item, instrument, target), item.value)
        for number, item in enumerate(understood.items)
        if not isinstance(item.value, contract.Attachment)
    ]


def _draft(upload, understood, number, item, instrument, target) -> Measurement:
    hints, metadata = upload.hints, dict(item.metadata)
    if isinstance(item.value, contract.Table):
        metadata["table"] = {"columns": item.value.columns, "rows": item.value.rows}
    conditions = item.conditions.known() | {k: v for k, v in hints.items() if k not in ABOUT_THE_FILE}
    role = hints.get("role") or item.role or target.role or "sample"
    label = hints.get("dilution_label") or conditions.pop("dilution_label", "") or target.dilution_label
    return Measurement(
        project_id=upload.project_id,
        item=number,
        role="IRF" if item.role == "IRF" else role,
        sample=target.sample if role in ("sample", "blank") and item.role != "IRF" else None,
        standard_id=hints.get("standard") if role == "standard" else None,
        standard_session_id=hints.get("standard_session"),
        instrument=instrument,
        technique=hints.get("technique") or item.technique or target.technique,
        technique_source=_technique_source(hints, item, target),
        title=(item.title or understood.title or upload.name)[:255],
        measured_at=in_utc(understood.measured_at),
        excitation_nm=conditions.pop("excitation_nm", None),
        emission_nm=conditions.pop("emission_nm", None),
        dilution_label=label[:40],
        conditions=conditions,
        metadata=metadata,
        simulated=understood.simulated,
    )


def _technique_source(hints: dict, item: contract.Item, target: Target) -> str:
    if hints.get("technique"):
        return "person"
    return "rule" if target.technique and not item.technique else item.technique_source


def _write_values(measurement: Measurement, value) -> None:
    traces = traces_of(value)
    for index, trace in enumerate(traces):
        trace.measurement, trace.index = measurement, index
    Trace.objects.bulk_create(traces, batch_size=500)
    if isinstance(value, contract.AtomicFractions):
        composition = Composition.objects.create(
            project_id=measurement.project_id, sample=measurement.sample, measurement=measurement, title=measurement.title,
            beam_energy_kev=value.beam_energy_kev, n_spots=value.n_spots, measured_at=measurement.measured_at,
        )  # fmt: skip
        ElementFraction.objects.bulk_create(
            ElementFraction(composition=composition, element=f.element, percent=f.percent, percent_u=f.percent_u)
            for f in value.fractions
        )
