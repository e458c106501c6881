"""What was understood of files becomes rows: Measurements with their Traces, many files at once, and what follows is queued."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.records import audit
from qdlab.records.outbox import changed
from spectra import followups, previews, rereading
from spectra.matching.target import Target, role_of, targets_of
from spectra.models import Composition, ElementFraction, Grid, Instrument, Measurement, Reading, Trace, Upload
from spectra.readers import reading as contract
from spectra.values import shared_grid, traces_of

# What a person may say with a file; everything else of ``hints`` is a condition of the measurement.
ABOUT_THE_FILE = {
    "technique", "role", "standard", "standard_session", "mapping", "reader", "dilution_label", "folder", "instrument",
}  # fmt: skip

FOUND_BY_READING = ("sample", "status", "reason", "simulated", "warnings", "suggestion")


@dataclass(frozen=True)
class Understood:
    """A claimed reading, the ``values`` that a reader made of its file, and the ``picture`` of an image."""

    reading: Reading
    values: contract.Reading
    picture: dict | None = None


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


def columns_of(understood: contract.Reading) -> dict:
    """What a Reading keeps of what was understood."""
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
    role = role_of(upload, item, target.role)
    label = hints.get("dilution_label") or conditions.pop("dilution_label", "") or target.dilution_label
    return Measurement(
        project_id=upload.project_id,
        item=number,
        role=role,
        sample=target.sample if role in ("sample", "blank") else None,
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


# --- Storing ----------------------------------------------------------------------------------------------------------


def write(files: Sequence[Understood]) -> None:
    """Store what was understood of files, with what follows from it; part of the caller's transaction.

    The number of questions hardly depends on the number of files, but for those that were read before.
    """
    _take_as_they_stand([one.reading for one in files])
    targets = targets_of([(one.reading.upload, one.values) for one in files], note_samples=True)
    before = rereading.read_before([one.reading.upload_id for one in files])
    instruments, fresh, followed = _instruments_named(files), [], []
    told = defaultdict(list)
    for one, target in zip(files, targets, strict=True):
        reading, upload = one.reading, one.reading.upload
        found = drafts(upload, one.values, target, instruments.get(name_of_instrument(one.values, upload.hints)))
        measurements = [draft for draft, _value in found]
        if upload.pk in before:
            measurements, touched = _take_over(reading, found)
            followed += touched
        else:
            fresh += [(_of(reading, draft), value) for draft, value in found]
        _note_on_upload(one, target, is_document=not found)
        told[upload.project_id].append((upload, None, _told(one.values, measurements, target)))
    _store(fresh)
    for project_id, events in told.items():
        audit.record_all(by=None, action="upload.read", project_id=project_id, told=events)
    followed += [draft for draft, _value in fresh]
    followups.queue_for_measurements([measurement for measurement in followed if not measurement.withdrawn_at])
    followups.queue_for_samples_and_sessions(followed)
    changed("batch", *{target.sample.batch_id for target in targets if target.sample})


def _take_as_they_stand(readings: Sequence[Reading]) -> None:
    """Their uploads anew, locked: somebody may have put a file on a sample, or said more about it, while it was being read."""
    uploads = Upload.objects.select_for_update(of=("self",), no_key=True).select_related("batch", "sample__solvent")
    now = uploads.order_by("pk").in_bulk([reading.upload_id for reading in readings])
    for reading in readings:
        reading.upload = now[reading.upload_id]


def _told(understood: contract.Reading, measurements: Sequence[Measurement], target: Target) -> dict:
    return {
        "reader": understood.reader,
        "measurements": [str(measurement.pk) for measurement in measurements],
        "sample": str(target.sample or ""),
    }


def _note_on_upload(one: Understood, target: Target, is_document: bool) -> None:
    upload, notes = one.reading.upload, [note.as_json() for note in one.values.warnings]
    upload.sample = target.sample
    upload.status, upload.reason, upload.warnings = Upload.Status.READ, None, notes
    if is_document:  # it says that it is kept, and what to do should it hold data
        upload.status, upload.reason, upload.warnings = Upload.Status.KEPT, next(iter(notes), None), notes[1:]
    if one.picture:
        previews.keep(upload, one.picture)
    upload.simulated = one.values.simulated
    upload.suggestion = target.as_json()
    upload.save(update_fields=[*FOUND_BY_READING, "changed_at"])


def _take_over(
    reading: Reading, found: list[tuple[Measurement, object]]
) -> tuple[list[Measurement], list[Measurement]]:
    """Store what was found in place of what was read before: the new measurements, and all for which something may follow."""
    earlier, now = rereading.in_use(reading.upload), timezone.now()
    new, retired, kept = [], [], []
    for draft, value in found:
        old = earlier.pop(draft.item, None)
        if old is None:
            _store([(_of(reading, draft), value)])
            new.append(draft)
            continue
        rereading.carry_over(old, draft, reading.mapping)
        if not rereading.differences(old, draft, value):
            kept.append(old)
            continue
        own = rereading.own_results(old)
        rereading.retire(old, now, because=_("the file was read again"))
        _store([(_of(reading, draft), value)])
        new.append(draft)
        retired.append(old)
        rereading.compute_again(own, old, draft)
    for lost in earlier.values():
        rereading.retire(lost, now, because=_("the file was read again"))
    rereading.confirm(old.reading_id for old in kept)
    retired += earlier.values()
    # What stayed may have lost a result with what went: a decay whose instrument response reads otherwise now.
    return new, [*new, *retired, *(kept if retired else [])]


def _of(reading: Reading, draft: Measurement) -> Measurement:
    draft.reading = reading
    return draft


def _store(found: Sequence[tuple[Measurement, object]]) -> None:
    """Measurements with their curves, tables and compositions; curves on the same axis share it."""
    Measurement.objects.bulk_create([measurement for measurement, _value in found], batch_size=500)
    grids, traces = {}, []
    for measurement, value in found:
        for index, trace in enumerate(traces_of(value, lambda x: _grid(grids, x))):
            trace.measurement, trace.index = measurement, index
            traces.append(trace)
    Trace.objects.bulk_create(traces, batch_size=500)
    for measurement, value in found:
        if isinstance(value, contract.AtomicFractions):
            _store_composition(measurement, value)


def _grid(grids: dict, x) -> Grid:
    content = x.tobytes()
    if content not in grids:
        grids[content] = shared_grid(x)
    return grids[content]


def _store_composition(measurement: Measurement, value: contract.AtomicFractions) -> None:
    composition = Composition.objects.create(
        project_id=measurement.project_id, sample=measurement.sample, measurement=measurement, title=measurement.title,
        beam_energy_kev=value.beam_energy_kev, n_spots=value.n_spots, measured_at=measurement.measured_at,
    )  # fmt: skip
    ElementFraction.objects.bulk_create(
        ElementFraction(composition=composition, element=f.element, percent=f.percent, percent_u=f.percent_u)
        for f in value.fractions
    )


def _instruments_named(files: Sequence[Understood]) -> dict[str, Instrument]:
    """Name → the instrument that a file names, or else the one from whose folder it came."""
    serials = {name_of_instrument(one.values, one.reading.upload.hints): one.values.serial for one in files}
    found = {one.name: one for one in Instrument.objects.filter(name__in=list(serials))}
    for name in serials.keys() - found.keys() - {""}:
        found[name], _new = Instrument.objects.get_or_create(name=name, defaults={"serial": serials[name][:80]})
    return found
