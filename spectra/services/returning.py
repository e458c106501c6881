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
from spectra.services.measurements import change_measurement
from spectra.services.uploads import assign_upload
from synthesis.models import Sample

FACTS = ("role", "technique", "dilution_label", "standard", "standard_session")
OF_NOTHING = {"role": "sample", "standard": None, "standard_session": None}


def facts_of(measurement: Measurement) -> dict:
    """What ``put_back`` needs to know to restore a measurement, as JSON can hold it."""
    ids = {name: getattr(measurement, f"{name}_id") for name in ("standard", "standard_session")}
    plain = {name: getattr(measurement, name) for name in ("role", "technique", "dilution_label")}
    return plain | {name: str(pk) if pk else None for name, pk in ids.items()}


@transaction.atomic
def put_back(*, by: User, uploads: Sequence[Upload], facts: Mapping[str, Mapping] | None = None) -> None:
    """Take files off their sample or standard, back into the inbox.

    ``facts`` (measurement id → ``facts_of``) is what was known before; without it the files are of nothing again.
    """
    for upload in uploads:
        roles.require(by, roles.WRITE, upload.project)
        assign_upload(by=by, upload=upload, sample=None)
    for measurement in upload_measurements(uploads):
        before = (facts or {}).get(str(measurement.pk), OF_NOTHING)
        now = facts_of(measurement)
        back = {name: value for name, value in before.items() if name in FACTS and now[name] != value}
        if back:
            change_measurement(by=by, measurement=measurement, **back)


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
