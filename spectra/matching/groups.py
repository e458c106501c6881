"""The files that wait in the inbox, put together as they seem to belong: one group per sample, standard or open question."""

from dataclasses import dataclass, field

from qdlab.access.models import Project, User
from spectra import selectors
from spectra.matching.target import SURE
from spectra.models import Measurement, Standard, Upload
from spectra.notes import Note
from synthesis.models import Batch, Sample


class Kind:
    """What the files of a group have in common, in the order in which groups are shown."""

    SAMPLE = "sample"  # they seem to belong to one sample
    STANDARD = "standard"  # the dilution series of a standard
    BLANK = "blank"  # solvent alone
    RESPONSE = "response"  # instrument responses (IRF)
    UNKNOWN = "unknown"  # read, but nothing tells where they belong
    READING = "reading"  # not read yet
    UNREADABLE = "unreadable"

    ORDER = (SAMPLE, STANDARD, BLANK, RESPONSE, UNKNOWN, UNREADABLE, READING)


@dataclass(frozen=True, eq=False)
class Member:
    """One waiting file with what is suggested for it. Empty text: nothing is suggested, what the file says stays."""

    upload: Upload
    measurements: tuple[Measurement, ...] = ()
    role: str = ""
    technique: str = ""
    dilution_label: str = ""
    label_by_time: bool = False  # the label was counted from the times of measurement, not read
    reason: Note | None = None
    confidence: float = 0.0
    warning: Note | None = None  # e.g. the file's name contradicts its contents


@dataclass(frozen=True, eq=False)
class Group:
    """Waiting files of one project that seem to belong together. ``reason`` and ``confidence`` are those of the least sure member.

    ``key`` names the place (the same at every call while the suggestion is the same): give it back to ``services.accept_group``.
    """

    key: str
    kind: str
    project: Project
    sample: Sample | None = None
    batch: Batch | None = None
    standard: Standard | None = None
    reason: Note | None = None
    confidence: float = 0.0
    members: tuple[Member, ...] = ()
    missing: tuple[Note, ...] = field(default=())  # e.g. "absorbance of d3 is missing"

    @property
    def can_accept(self) -> bool:
        """Is there a place to put the files, or is a person needed?"""
        return self.kind in (Kind.SAMPLE, Kind.STANDARD, Kind.BLANK, Kind.RESPONSE)

    @property
    def is_sure(self) -> bool:
        return self.can_accept and self.confidence >= SURE


def groups_of_inbox(user: User, project: Project | None = None) -> list[Group]:
    """What waits for ``user`` (in ``project``), grouped. The number of queries does not depend on the number of files."""
    waiting = selectors.inbox(user)
    uploads = list(waiting.filter(project=project) if project else waiting)
    measured = {}
    for measurement in selectors.with_ranges(selectors.upload_measurements(uploads)):
        measured.setdefault(measurement.reading.upload_id, []).append(measurement)
    named = {upload.suggestion.get("sample") for upload in uploads} - {None}
    samples = {str(s.pk): s for s in Sample.objects.visible_to(user).filter(pk__in=named).select_related("batch")}
    gathered = {}
    for upload in uploads:
        sample = samples.get(upload.suggestion.get("sample"))
        kind = _kind_of(upload, sample)
        key = f"{kind}-{sample.pk if sample else upload.project_id}"
        member = _member(upload, measured.get(upload.pk, ()))
        gathered.setdefault((key, kind, upload.project, sample), []).append(member)
    groups = [_group(*place, members) for place, members in gathered.items()]
    return sorted(groups, key=lambda g: (Kind.ORDER.index(g.kind), -g.confidence, g.key))


def _kind_of(upload: Upload, sample: Sample | None) -> str:
    by_status = {
        Upload.Status.RECEIVED: Kind.READING,
        Upload.Status.READING: Kind.READING,
        Upload.Status.UNREADABLE: Kind.UNREADABLE,
    }
    return by_status.get(upload.status) or (Kind.SAMPLE if sample else Kind.UNKNOWN)


def _member(upload: Upload, measurements) -> Member:
    first = measurements[0] if measurements else None
    suggested = upload.suggestion
    return Member(
        upload,
        tuple(measurements),
        role=first.role if first else "",
        technique=first.technique if first else "",
        dilution_label=first.dilution_label if first else "",
        reason=Note.from_json(suggested["reason"]) if suggested.get("reason") else None,
        confidence=suggested.get("confidence", 0.0),
    )


def _group(key: str, kind: str, project: Project, sample: Sample | None, members: list[Member]) -> Group:
    least = min(members, key=lambda member: member.confidence)
    batch = sample.batch if sample else None
    return Group(key, kind, project, sample, batch, None, least.reason, least.confidence, tuple(members))
