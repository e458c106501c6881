"""A batch's history as a readable story: its audit events and those of its samples, files, measurements and results."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qdlab.records.models import AuditEvent
from spectra.analysis import METHODS
from spectra.models import Analysis, Measurement, Upload
from synthesis.models import Batch, Outcome, Sample, Status

LATEST = 400

# One sentence per action; {…} are filled from what the event kept.
SENTENCES = {
    "batch.planned": gettext_noop("planned the batch"),
    "batch.weighed": gettext_noop("entered what was weighed: {weighed}"),
    "batch.changed": gettext_noop("changed {fields}"),
    "batch.outcome": gettext_noop("noted the outcome: {outcome}"),
    "batch.status": gettext_noop("moved the batch to “{status}”"),
    "batch.abandoned": gettext_noop("gave the batch up: {abandoned_because}"),
    "batch.renamed": gettext_noop("renamed the batch from {code_before} to {code}"),
    "batch.archived": gettext_noop("archived the batch"),
    "batch.taken_back": gettext_noop("took the batch back from the archive"),
    "batch.step_logged": gettext_noop("logged: {seen}"),
    "batch.washed": gettext_noop("logged a wash"),
    "batch.representative": gettext_noop("chose which sample speaks for the batch"),
    "batch.agreed": gettext_noop("chose which result of “{method}” counts: {because}"),
    "batch.agreement_cancelled": gettext_noop("went back to the newest result of “{method}”"),
    "batch.review_requested": gettext_noop("asked for a review {comment}"),
    "batch.review_approved": gettext_noop("approved the batch {comment}"),
    "batch.review_sent_back": gettext_noop("sent the batch back {comment}"),
    "batch.review_comment": gettext_noop("commented {comment}"),
    "sample.added": gettext_noop("added the sample {code}"),
    "sample.changed": gettext_noop("changed the sample: {fields}"),
    "sample.state": gettext_noop("changed the sample: {fields}"),
    "sample.archived": gettext_noop("marked a sample as used up"),
    "sample.layer_added": gettext_noop("added a layer to a device"),
    "upload.received": gettext_noop("added the file {name}"),
    "upload.read": gettext_noop("read a file ({reader})"),
    "upload.unreadable": gettext_noop("could not read a file: {reason}"),
    "upload.assigned": gettext_noop("put a file on {sample}"),
    "upload.read_again": gettext_noop("asked to read a file again"),
    "upload.checked": gettext_noop("compared a file with today's reader: it reads the same"),
    "upload.withdrawn": gettext_noop("took a file out of use: {because}"),
    "measurement.assigned": gettext_noop("put a measurement on {sample}"),
    "measurement.changed": gettext_noop("corrected a measurement: {fields}"),
    "measurement.withdrawn": gettext_noop("took a measurement out of use: {because}"),
    "analysis.ended": gettext_noop("computed: {method}"),
    "analysis.requested": gettext_noop("asked to compute {method}"),
    "analysis.retried": gettext_noop("tried a failed computation again"),
    "analysis.withdrawn": gettext_noop("took a result out of use: {because}"),
    "analysis.restored": gettext_noop("brought a result back into use"),
}


@dataclass(frozen=True)
class Line:
    """One line of the story. ``times``: how many events of one kind it stands for."""

    at: datetime
    who: str
    text: str
    via: str
    times: int = 1


def events_of(batch: Batch):
    """The audit events of a batch and of everything that hangs on it, newest first."""
    samples = Sample.objects.filter(batch=batch)
    measurements = Measurement.objects.filter(sample__batch=batch)
    files = Upload.objects.filter(
        Q(batch=batch) | Q(sample__batch=batch) | Q(readings__measurements__sample__batch=batch)
    )
    things = (samples, measurements, files, Analysis.objects.filter(sample__batch=batch))
    found = Q(subject_type=Batch._meta.label, subject_id=str(batch.pk))
    for records in things:
        ids = [str(pk) for pk in records.values_list("pk", flat=True)]
        found |= Q(subject_type=records.model._meta.label, subject_id__in=ids)
    return AuditEvent.objects.filter(found, chain=str(batch.project_id)).order_by("-id")


def story_of(batch: Batch) -> list[Line]:
    """The newest events in words; a run of equal ones is told once."""
    return list(_lines(events_of(batch)[:LATEST]))


def _lines(events: Iterable[AuditEvent]):
    for _same, run in groupby(events, _told_together):
        run = list(run)
        first = run[0]
        yield Line(first.at, first.actor, _files(run) or _sentence(first), first.via, len(run))


def _told_together(event: AuditEvent) -> tuple:
    what = "" if event.action == "upload.received" else _sentence(event)
    return event.actor, event.at.date(), event.action, what, event.via


def _files(run: list[AuditEvent]) -> str:
    """Files that were dropped together are named together."""
    if run[0].action != "upload.received" or len(run) == 1:
        return ""
    names = [str(event.after.get("name", "")) for event in reversed(run)]
    return _("added files: {names}").format(names=", ".join(names[:12]) + (" …" if len(names) > 12 else ""))


def _sentence(event: AuditEvent) -> str:
    if event.action == "analysis.ended" and event.after.get("state") == "refused":
        return _("could not compute {method}").format(method=_method(event.after))
    if event.action == "analysis.requested" and event.after.get("because"):
        return _("asked to compute {method} in spite of a refusal: {because}").format_map(_Words(event))
    known = SENTENCES.get(event.action)
    if known is None:
        return event.action.replace(".", " ").replace("_", " ")
    return _(known).format_map(_Words(event)).strip()


def _method(values: dict) -> str:
    method = METHODS.get(values.get("method", ""))
    return _(method.title) if method else values.get("method", "")


class _Words(dict):
    """What the sentences of an event may name."""

    def __init__(self, event: AuditEvent):
        super().__init__(event.after)
        self["fields"] = ", ".join(_label(event.subject_type, name) for name in event.after)
        for name, labels in (("status", Status), ("outcome", Outcome)):
            if event.after.get(name) in labels.values:
                self[name] = labels(event.after[name]).label
        self["weighed"] = _weighed(event.after)
        self["method"] = _method(event.after)
        self["code_before"] = event.before.get("code", "")
        for name in ("comment", "because"):
            text = str(event.after.get(name) or "")
            self[name] = f"– {text}" if text and name == "comment" else text
        self["sample"] = self.get("sample") or _("no sample")

    def __missing__(self, name):
        return "–"


def _label(model: str, name: str) -> str:
    """A field as forms call it."""
    try:
        return str(apps.get_model(model)._meta.get_field(name).verbose_name)
    except (LookupError, FieldDoesNotExist):
        return name.replace("_", " ")


def _weighed(after: dict) -> str:
    given = [
        f"{key} {said['weighed']}" for key, said in after.items() if isinstance(said, dict) and said.get("weighed")
    ]
    return ", ".join(given) or _("lots and notes")
