"""Files: taking them in, putting them on a sample, reading them again. Raw bytes are never altered or deleted."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import Project, User
from qdlab.records import audit, store
from qdlab.records.models import Blob
from qdlab.records.versions import StaleVersion, change, change_all
from spectra import queue
from spectra.matching.target import representative_of
from spectra.models import Layout, Measurement, Reading, Role, Upload
from spectra.rereading import retire
from spectra.services.hints import checked_hints
from spectra.services.measurements import Placed, change_measurement, is_unknown, place
from spectra.standing import Changed
from synthesis.models import Batch, Sample

OF_NO_SAMPLE = (Role.IRF, Role.STANDARD, Role.LAMP)


@dataclass(frozen=True)
class Received:
    """A file that is safely stored. ``new`` is False when the project already had the same bytes."""

    upload: Upload
    new: bool


def upload(
    *, by: User, project: Project, name: str, chunks: Iterable[bytes], batch: Batch | None = None, sample: Sample | None = None,
    hints: dict | None = None,
) -> Received:  # fmt: skip
    """Store a file durably and queue its reading; answers as soon as both are committed.

    ``hints`` is what the person says with it (technique, role, dilution_label, standard, standard_session, mapping, and any
    condition, e.g. excitation_nm); it goes before what the file says. The same bytes in the same project are one upload.

    Raises PermissionDenied, ValidationError, ``store.NoSpace`` and ``store.TooLarge``; then nothing was recorded.
    """
    roles.require(by, roles.WRITE, project)
    hints = checked_hints(hints or {}, project)
    _require_same_project(project, batch, sample)
    kept = store.keep(chunks)
    with transaction.atomic():
        blob, _new_bytes = store.blob_of(*kept)
        return _receive(by=by, project=project, name=name, blob=blob, batch=batch, sample=sample, hints=hints)


def receive(
    *, by: User, project: Project, name: str, blob: Blob, sample: Sample | None = None, hints: dict | None = None
) -> Received:
    """The second half of ``upload``: bytes that are safely stored become a file of the project, and its reading is queued."""
    roles.require(by, roles.WRITE, project)
    hints = checked_hints(hints or {}, project)
    _require_same_project(project, None, sample)
    return _receive(by=by, project=project, name=name, blob=blob, batch=None, sample=sample, hints=hints)


@transaction.atomic
def _receive(
    *, by: User, project: Project, name: str, blob: Blob, batch: Batch | None, sample: Sample | None, hints: dict
) -> Received:
    # Two people drop the same file: one upload. ``no_key``, here and wherever a record that others point to is locked:
    # a worker that writes a row of this project only needs the project to stay, and must not wait (nor we for it).
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    earlier = Upload.objects.filter(project=project, blob=blob, withdrawn_at=None).first()
    if earlier:
        target = sample or (representative_of(batch) if batch else None)
        return Received(_taken_up_again(by, earlier, target, hints), new=False)
    received = Upload.objects.create(
        project=project, blob=blob, name=clean_name(name), uploaded_by=by, batch=batch or (sample.batch if sample else None),
        sample=sample, hints=hints,
    )  # fmt: skip
    _queue_reading(received, hints.get("mapping"), by)
    audit.record(
        by=by, action="upload.received", subject=received, project_id=project.pk,
        after={"name": received.name, "sha256": blob.sha256, "size": blob.size},
    )  # fmt: skip
    return Received(received, new=True)


def clean_name(name: str) -> str:
    """A file name that can be shown and stored anywhere: no folders, no control or direction marks."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C")
    return kept.strip()[:255] or _("unnamed file")


def _require_same_project(project: Project, batch: Batch | None, sample: Sample | None) -> None:
    for target in (batch, sample):
        if target and target.project_id != project.pk:
            raise ValidationError({"sample": _("This sample belongs to another project.")})


def _taken_up_again(by: User, earlier: Upload, sample: Sample | None, hints: dict) -> Upload:
    """A file that is there already: it stays where it is, or goes to a sample if nothing of it is on one; what is newly said counts."""
    measured = Measurement.objects.filter(reading__upload=earlier, withdrawn_at=None).exclude(sample=None)
    if sample and earlier.sample_id is None and not measured.exists():
        assign_upload(by=by, upload=earlier, sample=sample, sure=True)  # as a new file on the same page would be
    if earlier.status == Upload.Status.READ:
        _fill_in(by, earlier, hints)
    elif said := {name: value for name, value in hints.items() if name not in earlier.hints}:
        change(earlier, expected=None, hints=earlier.hints | said)  # for the reading that is still to come
        if earlier.status == Upload.Status.UNREADABLE:
            read_again(by=by, upload=earlier, mapping=said.get("mapping"))
    return earlier


def _fill_in(by: User, earlier: Upload, hints: dict) -> None:
    """Take up facts that nobody knew yet. What is known stays: a folder sent again must not move what others rest on."""
    for measurement in Measurement.objects.filter(reading__upload=earlier, withdrawn_at=None).exclude(role=Role.IRF):
        missing = {name: value for name, value in hints.items() if is_unknown(measurement, name)}
        if missing:
            change_measurement(by=by, measurement=measurement, **missing)


def _queue_reading(received: Upload, mapping: dict | None, by: User, layout: Layout | None = None) -> Reading:
    version = layout.version if layout else None
    reading = Reading(upload=received, mapping=mapping or {}, requested_by=by, layout=layout, layout_version=version)
    queue.enqueue(reading)
    return reading


@dataclass(frozen=True)
class PlacedFile:
    """Where a file goes: ``sample`` (None: back into the inbox), with what is said of its measurements (``facts``, by id).

    ``batch`` is where it was dropped, for one without a sample; ``samples`` (by id) those of measurements that go elsewhere.
    """

    upload: Upload
    sample: Sample | None
    batch: Batch | None = None
    facts: Mapping[object, dict] = field(default_factory=dict)
    samples: Mapping[object, Sample | None] = field(default_factory=dict)


def assign_upload(
    *, by: User, upload: Upload, sample: Sample | None, expected: int | None = None, sure: bool = False
) -> Upload:
    """Put a file, with all that was measured in it, on a sample (None: back into the inbox)."""
    if expected not in (None, upload.version):
        raise StaleVersion(upload, expected)
    assign_uploads(by=by, placed=[PlacedFile(upload, sample)], sure=sure)
    return upload


@transaction.atomic
def assign_uploads(*, by: User, placed: Sequence[PlacedFile], sure: bool = False) -> list[Changed]:
    """Put many files where they belong, in as many questions as for one; says which agreed numbers changed (``place``)."""
    for upload in {one.upload.project_id: one.upload for one in placed}.values():
        roles.require(by, roles.WRITE, upload.project)
    for one in placed:
        _require_same_project(one.upload.project, one.batch, one.sample)
    before = change_all(
        [(one.upload, {"sample": one.sample, "batch": one.sample.batch if one.sample else one.batch}) for one in placed]
    )
    by_upload = {one.upload.pk: one for one in placed}
    measured = Measurement.objects.filter(reading__upload__in=list(by_upload), withdrawn_at=None)
    measured = measured.select_related("project", "reading", "sample__batch").order_by("pk")
    changes = place(by=by, placed=[_placed_in(by_upload[m.reading.upload_id], m) for m in measured], sure=sure)
    _record_assigned(by, placed, before)  # last: see ``place``
    return changes


def _placed_in(file: PlacedFile, measurement: Measurement) -> Placed:
    facts = file.facts.get(measurement.pk, {})
    if (facts.get("role") or measurement.role) in OF_NO_SAMPLE and measurement.pk not in file.samples:
        return Placed(measurement, measurement.sample, facts)
    return Placed(measurement, file.samples.get(measurement.pk, file.sample), facts)


def _record_assigned(by: User, placed: Sequence[PlacedFile], before: Sequence[dict]) -> None:
    told = [
        (one.upload, {"sample": str(old["sample"] or "")}, {"sample": str(one.sample or "")})
        for one, old in zip(placed, before, strict=True)
    ]
    for project_id in {one.upload.project_id for one in placed}:
        own = [one for one in told if one[0].project_id == project_id]
        audit.record_all(by=by, action="upload.assigned", project_id=project_id, told=own)


@transaction.atomic
def read_again(
    *, by: User, upload: Upload, mapping: dict | None = None, hints: dict | None = None, layout: Layout | None = None
) -> Reading:
    """Read a file once more, with a column mapping or further facts; ``layout`` is the one under which it was remembered.

    What reads otherwise takes the place of what was read before, which is withdrawn and not removed; what reads the same
    stays. What persons decided is kept, unless it is said anew here. ``preview_reading`` tells what would change.
    """
    roles.require(by, roles.WRITE, upload.project)
    if upload.readings.filter(state__in=["queued", "running"]).exists():
        raise ValidationError(_("This file is being read right now. Wait a moment."))
    hints, said = checked_hints(hints or {}, upload.project), {*(mapping or {})}
    earlier = upload.hints
    if said & {"technique", "y_technique"}:  # said of the columns: goes before what was said when the file was dropped
        said.add("technique")
        # for the columns of which nothing is said now:
        mapping = {name: value for name, value in earlier.items() if name == "technique"} | mapping
        earlier = {name: value for name, value in earlier.items() if name != "technique"}
    Upload.objects.filter(pk=upload.pk).update(status=Upload.Status.RECEIVED, reason=None, hints=earlier | hints)
    _forget_decisions(upload, {*hints, *said})
    reading = _queue_reading(upload, mapping, by, layout)
    audit.record(
        by=by,
        action="upload.read_again",
        subject=upload,
        project_id=upload.project_id,
        after={"mapping": mapping or {}},
    )
    upload.refresh_from_db()
    return reading


def _forget_decisions(upload: Upload, said: set[str]) -> None:
    """What is said anew with a file goes before what was decided of its measurements earlier."""
    for measurement in Measurement.objects.filter(reading__upload=upload, withdrawn_at=None):
        if said & set(measurement.by_person):
            left = [name for name in measurement.by_person if name not in said]
            Measurement.objects.filter(pk=measurement.pk).update(by_person=left)


@transaction.atomic
def withdraw_upload(*, by: User, upload: Upload, because: str = "") -> None:
    """Take a file out of use: its numbers no longer speak for anything; its bytes stay."""
    roles.require(by, roles.WRITE, upload.project)
    now = timezone.now()
    change(upload, expected=None, withdrawn_at=now)
    for measurement in Measurement.objects.filter(reading__upload=upload, withdrawn_at=None):
        retire(measurement, now, because)
    audit.record(
        by=by, action="upload.withdrawn", subject=upload, project_id=upload.project_id, after={"because": because}
    )
