"""The other way: what was put in a place by mistake goes back into the inbox, and a wrong suggestion is not made again."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import User
from qdlab.records import audit
from qdlab.records.versions import change
from spectra.models import Measurement, Upload
from spectra.selectors import upload_measurements
from spectra.services.uploads import PlacedFile, assign_uploads
from synthesis.models import Batch, Sample

FACTS = ("role", "technique", "dilution_label", "standard", "standard_session")
OF_NOTHING = {"role": "sample", "standard": None, "standard_session": None}


def standing_of(uploads: Sequence[Upload]) -> dict:
    """What ``put_back`` needs to know to restore files and their measurements, as JSON can hold it."""
    return {
        "uploads": {
            str(one.pk): {name: _text(getattr(one, f"{name}_id")) for name in ("sample", "batch")} for one in uploads
        },
        "measurements": {
            str(m.pk): _facts_of(m) | {"sample": _text(m.sample_id)} for m in upload_measurements(uploads)
        },
    }


def versions_of(uploads: Sequence[Upload]) -> dict[str, int]:
    """Id → version of files and their measurements as they are stored now: what ``put_back`` takes as ``seen``."""
    files = Upload.objects.filter(pk__in=[upload.pk for upload in uploads])
    measured = upload_measurements(uploads).order_by().values_list("pk", "version")
    return {str(pk): version for pk, version in (*files.values_list("pk", "version"), *measured)}


def _facts_of(measurement: Measurement) -> dict:
    ids = {name: getattr(measurement, f"{name}_id") for name in ("standard", "standard_session")}
    plain = {name: getattr(measurement, name) for name in ("role", "technique", "dilution_label")}
    return plain | {name: _text(pk) for name, pk in ids.items()}


def _text(pk) -> str | None:
    return str(pk) if pk else None


@transaction.atomic
def put_back(
    *, by: User, uploads: Sequence[Upload], before: Mapping | None = None, seen: Mapping | None = None, sure: bool = False
) -> list[Upload]:  # fmt: skip
    """Take files back to where they were; results that rested on that come back into use. Says which files went back.

    ``before`` is what ``standing_of`` said then; without it the files go into the inbox and are of nothing again, and where a
    number that was reviewed or chosen would change, ``WouldChange`` is raised, unless the person is ``sure``. With ``seen``
    (``versions_of`` after the step) files stay of which anything was changed since.
    """
    measured: dict = {}
    for measurement in upload_measurements(uploads):
        measured.setdefault(measurement.reading.upload_id, []).append(measurement)
    back = [one for one in uploads if not _changed_since([one, *measured.get(one.pk, ())], seen or {})]
    if before is None:
        facts = {one.pk: {m.pk: _back(m, OF_NOTHING) for m in measured.get(one.pk, ())} for one in back}
        placed = [PlacedFile(one, None, facts=facts[one.pk]) for one in back]
    else:
        samples, batches = _named(before)
        placed = [_restored(one, measured.get(one.pk, ()), before, samples, batches) for one in back]
    assign_uploads(by=by, placed=placed, sure=sure or before is not None)
    return back


def _changed_since(records: Sequence[Upload | Measurement], seen: Mapping) -> bool:
    return any(seen.get(str(record.pk), record.version) != record.version for record in records)


def _restored(
    upload: Upload, measurements: Sequence[Measurement], before: Mapping, samples: Mapping, batches: Mapping
) -> PlacedFile:
    """The file as ``before`` tells it. Of measurements that it does not know (read since) nothing is said; they go along."""
    was = before["uploads"].get(str(upload.pk), {})
    known = [(m, before["measurements"][str(m.pk)]) for m in measurements if str(m.pk) in before["measurements"]]
    return PlacedFile(
        upload,
        samples.get(was.get("sample")),
        batches.get(was.get("batch")),
        facts={m.pk: back for m, then in known if (back := _back(m, then))},
        samples={m.pk: samples.get(then["sample"]) for m, then in known if "sample" in then},
    )


def _back(measurement: Measurement, before: Mapping) -> dict:
    now = _facts_of(measurement)
    return {name: value for name, value in before.items() if name in FACTS and now[name] != value}


def _named(before: Mapping) -> tuple[dict, dict]:
    """The samples and batches that it names, by id."""
    places = [*before["uploads"].values(), *before["measurements"].values()]
    samples = Sample.objects.filter(pk__in={one.get("sample") for one in places} - {None}).select_related("batch")
    batches = Batch.objects.filter(pk__in={one.get("batch") for one in places} - {None})
    return {str(one.pk): one for one in samples}, {str(one.pk): one for one in batches}


@transaction.atomic
def refuse_suggestion(*, by: User, upload: Upload, sample: Sample) -> Upload:
    """This file is not of this sample: it is not suggested again."""
    roles.require(by, roles.WRITE, upload.project)
    if sample.project_id != upload.project_id:
        raise ValidationError({"sample": _("This sample belongs to another project.")})
    refused = [*upload.suggestion.get("refused", []), str(sample.pk)]
    change(upload, expected=None, suggestion=upload.suggestion | {"refused": list(dict.fromkeys(refused))})
    audit.record(
        by=by, action="upload.suggestion_refused", subject=upload, project_id=upload.project_id, after={"sample": sample.code}
    )  # fmt: skip
    return upload
