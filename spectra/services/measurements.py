"""Measurements: whose they are and under which conditions they were made. Their curves never change."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import User
from qdlab.records import audit, outbox
from qdlab.records.versions import StaleVersion, change
from spectra import followups, provenance
from spectra.models import Analysis, AnalysisInput, Composition, Measurement
from spectra.rereading import retire
from spectra.services.hints import ABOUT_WHERE_IT_LAY, checked_hints
from synthesis.models import Sample

# Facts with a column of their own; all other conditions live in ``Measurement.conditions``.
COLUMNS = ("technique", "role", "excitation_nm", "emission_nm", "dilution_label", "standard", "standard_session")


@transaction.atomic
def assign(*, by: User, measurements: Sequence[Measurement], sample: Sample | None) -> None:
    """Put measurements on a sample (None: on none). Numbers that joined them with another sample's are withdrawn."""
    for measurement in measurements:
        roles.require(by, roles.WRITE, measurement.project)
        if sample and sample.project_id != measurement.project_id:
            raise ValidationError({"sample": _("This sample belongs to another project.")})
    moved = [m for m in measurements if m.sample_id != (sample.pk if sample else None)]
    for measurement in moved:
        _move(by, measurement, sample)
    followups.queue_for_measurements(moved)
    followups.queue_for_samples_and_sessions(moved)
    for project_id in {m.project_id for m in moved}:
        followups.settle(project_id)


def _move(by: User, measurement: Measurement, sample: Sample | None) -> None:
    left = measurement.sample
    change(measurement, expected=None, sample=sample, by_person=sorted({*measurement.by_person, "sample"}))
    Analysis.objects.filter(measurement=measurement).update(sample=sample)
    Composition.objects.filter(measurement=measurement).update(sample=sample)
    _withdraw_joined(measurement, because=_("one of its measurements was put on another sample"))
    provenance.refresh_staleness(provenance.results_of([measurement]))  # the sample's solvent is part of the conditions
    audit.record(
        by=by, action="measurement.assigned", subject=measurement, project_id=measurement.project_id,
        before={"sample": str(left or "")}, after={"sample": str(sample or "")},
    )  # fmt: skip
    outbox.changed("batch", *{s.batch_id for s in (left, sample) if s})


def _withdraw_joined(measurement: Measurement, because: str) -> None:
    """Withdraw results that joined this measurement with others, and what rests on them."""
    joined = set(
        AnalysisInput.objects.filter(measurement=measurement, analysis__measurement=None).values_list(
            "analysis_id", flat=True
        )
    )
    own = set(Analysis.objects.filter(measurement=measurement).values_list("pk", flat=True))
    dependants = provenance.with_dependants(joined | own) - own
    Analysis.objects.filter(pk__in=dependants, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_because=because
    )


@transaction.atomic
def change_measurement(*, by: User, measurement: Measurement, expected: int | None = None, **facts) -> Measurement:
    """Correct what is known of a measurement (technique, role, excitation, conditions …); None means "not known".

    Results that rested on the old facts become stale, and the methods that the technique calls for are queued.
    """
    roles.require(by, roles.WRITE, measurement.project)
    hints = checked_hints(facts, measurement.project)
    cleared = [name for name, value in facts.items() if value is None or value == ""]
    columns = {_column(name): hints[name] for name in hints if name in COLUMNS}
    columns |= {_column(name): _empty(name) for name in cleared if name in COLUMNS}
    conditions = {k: v for k, v in measurement.conditions.items() if k not in cleared}
    conditions |= {k: v for k, v in hints.items() if k not in COLUMNS}
    if "technique" in hints:
        columns["technique_source"] = "person"
    by_person = sorted({*measurement.by_person, *facts})
    before = change(measurement, expected=expected, conditions=conditions, **columns)
    Measurement.objects.filter(pk=measurement.pk).update(by_person=by_person)
    audit.record(
        by=by, action="measurement.changed", subject=measurement, project_id=measurement.project_id,
        before=before, after=columns | {"conditions": conditions},
    )  # fmt: skip
    measurement = Measurement.objects.get(pk=measurement.pk)
    _after_change(measurement)
    return measurement


@transaction.atomic
def correct_measurement(*, by: User, measurement: Measurement, expected: int | None = None, **facts) -> Measurement:
    """``change_measurement``, and ``sample=`` moves it to a sample (None: to none), as one change."""
    moves = "sample" in facts
    sample = facts.pop("sample", None)
    if facts or not moves:
        measurement = change_measurement(by=by, measurement=measurement, expected=expected, **facts)
    elif expected is not None and measurement.version != expected:
        raise StaleVersion(measurement, expected)
    if moves:
        assign(by=by, measurements=[measurement], sample=sample)
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


def _after_change(measurement: Measurement) -> None:
    provenance.refresh_staleness(provenance.results_of([measurement]))
    followups.queue_for_measurements([measurement])
    followups.queue_for_samples_and_sessions([measurement])
    followups.settle(measurement.project_id)
    if measurement.sample_id:
        outbox.changed("batch", measurement.sample.batch_id)


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
