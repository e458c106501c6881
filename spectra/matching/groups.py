"""The files that wait in the inbox, put together as they seem to belong: one group per sample, standard or open question."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from qdlab.access.models import Project, User
from spectra import selectors
from spectra.matching import pairing
from spectra.matching.clues import Clues
from spectra.matching.files import clues_of_record
from spectra.matching.guess import SURE, Guess, guess_of
from spectra.matching.knowledge import known_in, surroundings
from spectra.models import Measurement, Standard, Upload
from spectra.notes import Note, gettext_noop
from synthesis.models import Batch, Sample

SAME_DAY = timedelta(hours=24)
RESPONSE_MISSING = gettext_noop("no instrument response of {instrument} from that day: decays are fitted on their tail")


class Kind:
    """What the files of a group have in common, in the order in which groups are shown."""

    SAMPLE = "sample"  # they seem to belong to one sample
    STANDARD = "standard"  # the dilution series of a standard
    BLANK = "blank"  # solvent alone, of no series that is known
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
    lessons: tuple[str, ...] = ()  # ids of the habits that the suggestion rests on

    @property
    def measured_at(self) -> datetime | None:
        return self.measurements[0].measured_at if self.measurements else None


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
        return self.kind in (Kind.SAMPLE, Kind.STANDARD, Kind.RESPONSE)

    @property
    def is_sure(self) -> bool:
        return self.can_accept and self.confidence >= SURE


def groups_of_inbox(user: User, project: Project | None = None) -> list[Group]:
    """What waits for ``user`` (in ``project``), grouped. The number of queries does not depend on the number of files."""
    waiting = selectors.inbox(user)
    uploads = list(waiting.filter(project=project) if project else waiting)
    files = _files_of(uploads)
    guesses = _guesses(files)
    places = _Places.of(user, guesses.values())
    gathered = {}
    for upload in uploads:
        guess = _unless_refused(upload, guesses.get(upload.pk, Guess()))
        member = _member(upload, files.get(upload.pk), guess)
        gathered.setdefault(places.place_of(upload, member, guess), []).append(member)
    already = _labels_already_there(place.sample for place in gathered)
    responses = _Responses.of(files.values())
    groups = [_group(place, members, already, responses) for place, members in gathered.items()]
    return sorted(groups, key=lambda g: (Kind.ORDER.index(g.kind), -g.confidence, g.key))


# --- What is known of the files ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _File:
    upload: Upload
    measurements: tuple[Measurement, ...]
    clues: Clues


def _files_of(uploads: list[Upload]) -> dict:
    """Upload id → what was read of it, for those that were read."""
    measured = {}
    for measurement in selectors.with_ranges(selectors.upload_measurements(uploads)):
        measured.setdefault(measurement.reading.upload_id, []).append(measurement)
    return {
        upload.pk: _File(upload, tuple(found := measured.get(upload.pk, ())), clues_of_record(upload, found))
        for upload in uploads
        if upload.pk in measured or upload.status == Upload.Status.KEPT
    }


def _guesses(files: dict) -> dict:
    """Upload id → guess. What stands in the files comes first; those that say nothing are placed among the others."""
    by_project = {}
    for file in files.values():
        by_project.setdefault(file.upload.project_id, []).append(file.clues)
    known = known_in(by_project)
    guesses = {pk: guess_of(file.clues, known[file.upload.project_id]) for pk, file in files.items()}
    lost = {pk for pk, guess in guesses.items() if not (guess.sample or guess.standard or guess.role == "IRF")}
    around = surroundings(by_project, [(f.upload.project_id, f.clues, guesses[pk]) for pk, f in files.items()], known)
    return guesses | {pk: guess_of(files[pk].clues, around[files[pk].upload.project_id]) for pk in lost}


# --- Where they go ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """What makes files one group."""

    key: str
    kind: str
    project: Project
    sample: Sample | None = None
    standard: Standard | None = None


@dataclass(frozen=True)
class _Places:
    """The samples and standards that guesses name, of those that ``user`` may see."""

    samples: Mapping[str, Sample]
    standards: Mapping[str, Standard]

    @classmethod
    def of(cls, user: User, guesses: Iterable[Guess]) -> "_Places":
        guesses = list(guesses)
        samples = Sample.objects.visible_to(user).filter(pk__in={g.sample for g in guesses if g.sample})
        standards = Standard.objects.visible_to(user).filter(pk__in={g.standard for g in guesses if g.standard})
        by_id = {str(sample.pk): sample for sample in samples.select_related("batch")}
        return cls(by_id, {str(standard.pk): standard for standard in standards})

    def place_of(self, upload: Upload, member: Member, guess: Guess) -> _Place:
        project = upload.project
        sample, standard = self.samples.get(guess.sample), self.standards.get(guess.standard)
        if upload.status in selectors.UNREAD:
            kind = Kind.READING
        elif upload.status == Upload.Status.UNREADABLE:
            kind = Kind.UNREADABLE
        elif member.role in ("IRF", "lamp"):
            kind = Kind.RESPONSE
        elif sample and sample.project_id == project.pk:
            return _Place(f"{Kind.SAMPLE}-{sample.pk}", Kind.SAMPLE, project, sample)
        elif standard:
            return _Place(f"{Kind.STANDARD}-{project.pk}-{standard.pk}", Kind.STANDARD, project, None, standard)
        else:
            kind = Kind.BLANK if member.role == "blank" else Kind.UNKNOWN
        return _Place(f"{kind}-{project.pk}", kind, project)


def _unless_refused(upload: Upload, guess: Guess) -> Guess:
    """A sample that a person said it is not of is not suggested again; what it is (role, technique) stays."""
    if guess.sample not in upload.suggestion.get("refused", ()):
        return guess
    return replace(guess, sample="", reason=None, confidence=0.0, warning=None, lessons=())


def _member(upload: Upload, file: _File | None, guess: Guess) -> Member:
    measurements = file.measurements if file else ()
    first = measurements[0] if measurements else None
    said = first.role if first and first.role != "sample" else ""  # by the file or a person: that goes before a guess
    return Member(
        upload,
        measurements,
        role=said or guess.role or (first.role if first else ""),
        technique=first.technique or guess.technique if first else "",
        dilution_label=first.dilution_label or guess.dilution_label if first else "",
        reason=guess.reason,
        confidence=guess.confidence,
        warning=guess.warning,
        lessons=guess.lessons,
    )


# --- Which of them belong together ------------------------------------------------------------------------------------


def _group(place: _Place, members: list[Member], already: Mapping, responses: "_Responses") -> Group:
    members = sorted(members, key=_order)
    missing: list[Note] = []
    if place.kind in (Kind.SAMPLE, Kind.STANDARD):
        members, missing = _paired(members, already.get(place.sample.pk, {}) if place.sample else {})
        missing += [note] if (note := responses.missing_for(members)) else []
    least = min(members, key=lambda member: member.confidence)
    return Group(
        place.key, place.kind, place.project, place.sample, place.sample.batch if place.sample else None, place.standard,
        least.reason, least.confidence, tuple(members), tuple(missing),
    )  # fmt: skip


def _order(member: Member):
    at = member.measured_at
    return (at is None, at.timestamp() if at else 0.0, pairing.natural(member.upload.name))


def _paired(members: list[Member], already: Mapping[str, set[str]]) -> tuple[list[Member], list[Note]]:
    """Members with their labels (counted by time where they carry none), and what the series lacks."""
    entries = [_entry(member) for member in members if _in_series(member)]
    # Beside labels that are on the sample already, d1 would be another dilution.
    counted = {} if any(already.values()) else pairing.labels_by_time(entries)
    labelled = [replace(e, label=counted.get(e.key, e.label)) for e in entries]
    twice = pairing.repeated(labelled)
    members = [
        replace(
            member,
            dilution_label=counted.get(member.upload.pk, member.dilution_label),
            label_by_time=member.upload.pk in counted,
            warning=member.warning or twice.get(member.upload.pk),
        )
        for member in members
    ]
    labels = {technique: set(found) for technique, found in already.items()}
    for entry in labelled:
        if entry.label:
            labels.setdefault(entry.technique, set()).add(entry.label)
    uneven = pairing.uneven(labelled)
    return members, pairing.missing_partners(labels) + ([uneven] if uneven else [])


def _in_series(member: Member) -> bool:
    one = len(member.measurements) == 1
    return one and member.technique in (pairing.EMISSION, pairing.ABSORBANCE) and member.role in ("sample", "standard")


def _entry(member: Member) -> pairing.Entry:
    return pairing.Entry(
        member.upload.pk, member.technique, member.dilution_label, member.measured_at, member.upload.name
    )


def _labels_already_there(samples: Iterable[Sample | None]) -> dict:
    """Sample id → technique → labels that are on the sample already."""
    found = {}
    placed = Measurement.objects.filter(sample__in={s for s in samples if s}, role="sample", withdrawn_at=None)
    placed = placed.filter(technique__in=[pairing.EMISSION, pairing.ABSORBANCE]).exclude(dilution_label="")
    for sample, technique, label in placed.values_list("sample_id", "technique", "dilution_label"):
        found.setdefault(sample, {}).setdefault(technique, set()).add(label)
    return found


@dataclass(frozen=True)
class _Responses:
    """When which instrument's response was measured: decays of the same day are fitted with it."""

    times: Mapping[object, list]

    @classmethod
    def of(cls, files: Iterable[_File]) -> "_Responses":
        decays = [
            m for f in files for m in f.measurements if m.technique == "decay" and m.instrument_id and m.measured_at
        ]
        projects, instruments = {m.project_id for m in decays}, {m.instrument_id for m in decays}
        measured = Measurement.objects.filter(
            project__in=projects, instrument__in=instruments, role="IRF", technique="decay", withdrawn_at=None
        ).exclude(measured_at=None)
        found = {}
        for project, instrument, at in measured.values_list("project_id", "instrument_id", "measured_at")[:5000]:
            found.setdefault((project, instrument), []).append(at)
        return cls(found)

    def missing_for(self, members: list[Member]) -> Note | None:
        lacking = [m for member in members for m in member.measurements if member.role == "sample" and self._lacks(m)]
        names = {m.instrument.name for m in lacking}
        return Note("response_missing", RESPONSE_MISSING, {"instrument": ", ".join(sorted(names))}) if names else None

    def _lacks(self, decay: Measurement) -> bool:
        if decay.technique != "decay" or not (decay.instrument_id and decay.measured_at):
            return False
        if any(trace.role == "IRF" for trace in decay.traces.all()):
            return False
        times = self.times.get((decay.project_id, decay.instrument_id), [])
        return not any(abs(at - decay.measured_at) <= SAME_DAY for at in times)
