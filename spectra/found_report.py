"""What became of the files of a folder: one line each as a table, and a count by outcome."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from django.utils.translation import gettext as _

from qdlab.access.api.tabular import safe_text
from qdlab.records.sentences import sentence
from spectra.models import FoundFile, Measurement, Reading, SourceFolder, Technique, Upload

PER_QUERY = 500
COLUMNS = (
    "path", "outcome", "reason", "size_bytes", "changed_there", "file", "sha256", "reading", "format", "techniques",
    "samples", "unread_because",
)  # fmt: skip


def counted(folder: SourceFolder) -> Counter:
    """State → how many files of the folder are in it."""
    states = FoundFile.objects.filter(folder=folder).values_list("state", flat=True).iterator(chunk_size=5000)
    return Counter(states)


def write_csv(file: TextIO, folders: list[SourceFolder]) -> None:
    """A line for each file, with text that no spreadsheet takes for a formula."""
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for folder in folders:
        for row in rows(folder):
            writer.writerow(
                {name: safe_text(value) if isinstance(value, str) else value for name, value in row.items()}
            )


def rows(folder: SourceFolder) -> Iterator[dict]:
    """The report's lines, in the order in which the files were first seen."""
    after = None
    while some := _some(folder, after):
        uploads = [row.upload_id for row in some if row.upload_id]
        readings, measured = _latest_readings(uploads), _measured(uploads)
        for row in some:
            yield _line(folder, row, readings.get(row.upload_id), measured.get(row.upload_id, []))
        after = some[-1].pk


def _some(folder: SourceFolder, after) -> list[FoundFile]:
    """The next rows by their id: no cursor stays open while others write."""
    found = FoundFile.objects.filter(folder=folder).select_related("upload__sample").order_by("pk")
    return list((found.filter(pk__gt=after) if after else found)[:PER_QUERY])


def _latest_readings(uploads: list) -> dict:
    found = Reading.objects.filter(upload__in=uploads).order_by("pk").values_list("upload_id", "reader")
    return dict(found)  # of several the last one stays


def _measured(uploads: list) -> dict:
    """Upload → (technique, code of the sample) of each of its measurements."""
    found = Measurement.objects.filter(reading__upload__in=uploads, withdrawn_at=None).order_by("pk")
    measured: dict = {}
    for upload, *facts in found.values_list("reading__upload_id", "technique", "sample__code"):
        measured.setdefault(upload, []).append(facts)
    return measured


def _line(folder: SourceFolder, row: FoundFile, reader: str | None, measured: list) -> dict:
    upload = row.upload
    return {
        "path": f"{folder.path}/{row.path}",
        "outcome": row.get_state_display(),
        "reason": _reason(row),
        "size_bytes": row.size,
        "changed_there": row.changed_there_at and row.changed_there_at.isoformat(),
        "file": upload and str(upload.pk),
        "sha256": upload and upload.blob_id,
        "reading": upload and upload.get_status_display(),
        "format": reader,
        "techniques": ", ".join(dict.fromkeys(str(Technique(name).label) for name, _code in measured if name)),
        "samples": ", ".join(dict.fromkeys(code for _name, code in measured if code)) or _on(upload),
        "unread_because": _said(upload.reason) if upload and upload.status == Upload.Status.UNREADABLE else None,
    }


def _reason(row: FoundFile) -> str | None:
    if row.state == FoundFile.State.DUPLICATE and row.upload:
        where = _on(row.upload)
        return _("already on sample {code}").format(code=where) if where else _("already there: {name}").format(
            name=row.upload.name
        )  # fmt: skip
    return _said(row.reason)


def _on(upload: Upload | None) -> str | None:
    return str(upload.sample) if upload and upload.sample else None


def _said(note: dict | None) -> str | None:
    return sentence(note["text"], note.get("values")) if note else None
