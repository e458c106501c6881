"""Measurements: whose they are and under which conditions they were made. Their curves never change."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import User
from qdlab.records import audit, outbox
from qdlab.records.versions import StaleVersion, change_all
from spectra import followups, provenance, standing
from spectra.models import Analysis, Composition, Measurement
from spectra.rereading import retire
from spectra.services.hints import ABOUT_WHERE_IT_LAY, checked_hints
from spectra.services.joined import record_joined, restore_joined, withdraw_joined
from spectra.services.learning import learn
from synthesis.models import Sample

# Facts with a column of their own; all other conditions live in ``Measurement.conditions``.
COLUMNS = ("technique", "role", "excitation_nm", "emission_nm", "dilution_label", "standard", "standard_session")

WITH_WHAT_DECIDES = (
    "reading__upload",
    "instrument",
    "sample__batch",
    "sample__solvent",
    "standard",
    "standard_session__standard",
)


@dataclass(frozen=True)
class Placed:
    """Where a measurement goes (``sample`` None: on none), and what is said of it besides."""

    measurement: Measurement
    sample: Sample | None
    facts: dict = field(default_factory=dict)

    @property
    def moves(self) -> bool:
        return self.measurement.sample_id != (self.sample.pk if self.sample else None)


def assign(
    *, by: User, measurements: Sequence[Measurement], sample: Sample | None, sure: bool = False
) -> list[standing.Changed]:
    """Put measurements on a sample (None: on none); see ``place``."""
    return place(by=by, placed=[Placed(measurement, sample) for measurement in measurements], sure=sure)


@transaction.atomic
def put_on_sample(
    *, by: User, measurement: Measurement, sample: Sample | None, sure: bool = False
) -> list[standing.Changed]:
    """Put one measurement on a sample (None: on none); QDLab learns from it. Says which agreed numbers changed."""
    roles.require(by, roles.WRITE, measurement.project)
    if sample and sample.project_id == measurement.project_id:
        learn(by=by, upload=measurement.reading.upload, measurements=[measurement], sample=sample)
    return assign(by=by, measurements=[measurement], sample=sample, sure=sure)


@transaction.atomic
def place(*, by: User, placed: Sequence[Placed], sure: bool = False) -> list[standing.Changed]:
    """Put each measurement where it belongs; the number of questions does not grow with theirs. Says which agreed numbers changed.

    Results that joined a moved one with others are withdrawn, and come back when it does. Where a number that was reviewed or
    chosen would change, ``WouldChange`` is raised, unless the person is ``sure``.
    """
    _require_rights(by, placed)
    moved = [one for one in placed if one.moves]
    watch = standing.Watch([batch for one in moved for batch in _batches(one)])
    touched = {one.measurement.pk for one in placed if one.facts or one.moves}
    told = _write_facts([(one.measurement, one.facts) for one in placed if one.facts])
    left = [one.measurement.sample for one in moved]
    withdrawn, restored = _move(moved)
    fresh = list(Measurement.objects.filter(pk__in=touched).select_related(*WITH_WHAT_DECIDES).order_by("pk"))
    _after_change(fresh)
    # Last, as wherever results end: who holds their rows and waits for the chain must not meet one who holds the chain.
    _record_all(by, "measurement.changed", told)
    _record_moved(by, moved, left)
    record_joined(by, withdrawn, restored)
    changes = watch.changes()
    if not sure:
        watch.refuse_unasked(changes, [one.measurement for one in moved])
    return changes


def _batches(one: Placed) -> list:
    return [sample.batch for sample in (one.measurement.sample, one.sample) if sample]


def _require_rights(by: User, placed: Sequence[Placed]) -> None:
    for measurement in {one.measurement.project_id: one.measurement for one in placed}.values():
        roles.require(by, roles.WRITE, measurement.project)
    if any(one.sample and one.sample.project_id != one.measurement.project_id for one in placed):
        raise ValidationError({"sample": _("This sample belongs to another project.")})


def _move(moved: Sequence[Placed]) -> tuple[list[Analysis], list[Analysis]]:
    """Write where measurements are now; return the results that went out of use by it, and those that came back."""
    if not moved:
        return [], []
    measurements = [one.measurement for one in moved]
    batches = {batch.pk for one in moved for batch in _batches(one)}
    change_all(
        [
            (m, {"sample": one.sample, "by_person": _by_person(m, "sample")})
            for one, m in zip(moved, measurements, strict=True)
        ]
    )
    own = Measurement.objects.filter(pk=OuterRef("measurement_id")).values("sample_id")[:1]
    Analysis.objects.filter(measurement__in=measurements).update(sample_id=Subquery(own))
    Composition.objects.filter(measurement__in=measurements).update(sample_id=Subquery(own))
    outbox.changed("batch", *batches)
    return withdraw_joined(measurements), restore_joined(measurements)


def _record_moved(by: User, moved: Sequence[Placed], left: Sequence[Sample | None]) -> None:
    _record_all(by, "measurement.assigned", [
        (one.measurement, {"sample": str(before or "")}, {"sample": str(one.sample or "")})
        for one, before in zip(moved, left, strict=True)
    ])  # fmt: skip


def _by_person(measurement: Measurement, *names: str) -> list[str]:
    return sorted({*measurement.by_person, *names})


def _record_all(by: User, action: str, told: Sequence[tuple]) -> None:
    """One event per measurement, in the chain of its project."""
    for project_id in {measurement.project_id for measurement, _before, _after in told}:
        own = [one for one in told if one[0].project_id == project_id]
        audit.record_all(by=by, action=action, project_id=project_id, told=own)


# --- What is known of them --------------------------------------------------------------------------------------------


@transaction.atomic
def change_measurement(*, by: User, measurement: Measurement, expected: int | None = None, **facts) -> Measurement:
    """Correct what is known of a measurement (technique, role, excitation, conditions …); None means "not known".

    Results that rested on the old facts become stale, and the methods that the technique calls for are queued.
    """
    roles.require(by, roles.WRITE, measurement.project)
    if expected is not None and measurement.version != expected:
        raise StaleVersion(measurement, expected)
    told = _write_facts([(measurement, facts)])
    (fresh,) = Measurement.objects.filter(pk=measurement.pk).select_related(*WITH_WHAT_DECIDES)
    _after_change([fresh])
    _record_all(by, "measurement.changed", told)
    return fresh


def _write_facts(changes: Sequence[tuple[Measurement, dict]]) -> list[tuple]:
    """Write facts that are checked here; return what the audit trail tells of each."""
    checked: dict[str, dict] = {}  # the same is said of many files at once
    written = []
    for measurement, facts in changes:
        key = f"{measurement.project_id} {sorted(facts.items(), key=lambda item: item[0])!r}"
        if key not in checked:
            checked[key] = checked_hints(facts, measurement.project)
        written.append((measurement, _columns(measurement, facts, checked[key])))
    before = change_all(written)
    return [
        (m, {k: v for k, v in old.items() if k != "by_person"}, {k: v for k, v in new.items() if k != "by_person"})
        for old, (m, new) in zip(before, written, strict=True)
    ]


def _columns(measurement: Measurement, facts: dict, hints: dict) -> dict:
    """The columns that facts stand in, with their checked values."""
    cleared = [name for name, value in facts.items() if value is None or value == ""]
    columns = {_column(name): hints[name] for name in hints if name in COLUMNS}
    columns |= {_column(name): _empty(name) for name in cleared if name in COLUMNS}
    conditions = {k: v for k, v in measurement.conditions.items() if k not in cleared}
    conditions |= {k: v for k, v in hints.items() if k not in COLUMNS}
    if "technique" in hints:
        columns["technique_source"] = "person"
    return columns | {"conditions": conditions, "by_person": _by_person(measurement, *facts)}


@transaction.atomic
def correct_measurement(
    *, by: User, measurement: Measurement, expected: int | None = None, sure: bool = False, **facts
) -> Measurement:
    """``change_measurement``, and ``sample=`` moves it to a sample (None: to none), as one change. QDLab learns from it."""
    moves = "sample" in facts
    sample = facts.pop("sample", None)
    if expected is not None and measurement.version != expected:
        raise StaleVersion(measurement, expected)
    said = {"sample": sample, "role": facts.get("role") or "", "technique": facts.get("technique") or ""}
    if any(said.values()):
        learn(by=by, upload=measurement.reading.upload, measurements=[measurement], **said)
    if not moves:
        return change_measurement(by=by, measurement=measurement, **facts)
    place(by=by, placed=[Placed(measurement, sample, facts)], sure=sure)
    return measurement


def _column(name: str) -> str:
    return f"{name}_id" if name in ("standard", "standard_session") else name


def is_unknown(measurement: Measurement, name: str) -> bool:
    """Is nothing known yet of this fact? Whose a measurement is (role, standard, session) is always known."""
    if name in ("role", "standard", "standard_session", "mapping", "reader", *ABOUT_WHERE_IT_LAY):
        return False
    known = getattr(measurement, name) if name in COLUMNS else measurement.conditions.get(name)
    return known is None or known == ""


def _empty(name: str):
    return {"technique": "", "role": "sample", "dilution_label": ""}.get(name)


def _after_change(measurements: Sequence[Measurement]) -> None:
    """What rests on them becomes stale, what they call for is queued; measurements with ``WITH_WHAT_DECIDES``."""
    if not measurements:
        return
    provenance.refresh_staleness(provenance.results_of(measurements))
    followups.queue_for_measurements(measurements)
    followups.queue_for_samples_and_sessions(measurements)
    for project_id in {measurement.project_id for measurement in measurements}:
        followups.settle(project_id)
    outbox.changed("batch", *{m.sample.batch_id for m in measurements if m.sample_id})


@transaction.atomic
def withdraw_measurement(*, by: User, measurement: Measurement, because: str) -> None:
    """Take a measurement and all numbers that rest on it out of use. Nothing is deleted."""
    roles.require(by, roles.WRITE, measurement.project)
    retire(measurement, timezone.now(), because)
    audit.record(
        by=by,
        action="measurement.withdrawn",
        subject=measurement,
        project_id=measurement.project_id,
        after={"because": because},
    )
    followups.queue_for_samples_and_sessions([measurement])
