"""Standards of the shelf, the sessions in which they were measured, and typed-in compositions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import Project, User
from qdlab.records import audit
from qdlab.records.versions import change
from spectra import followups
from spectra.models import Composition, ElementFraction, Instrument, Measurement, Standard, StandardSession
from synthesis.models import Sample

FACTS = (
    "phi",
    "phi_u",
    "gas",
    "temperature_c",
    "refractive_index",
    "excitation_min_nm",
    "excitation_max_nm",
    "citation",
)


@transaction.atomic
def make_standard(*, by: User, compound: str, solvent: str, **facts) -> Standard:
    """Add a fluorescence standard to the shelf."""
    roles.require_shelf(by)
    standard = Standard(compound=compound.strip(), solvent=solvent.strip(), **_checked_facts(facts))
    standard.full_clean()
    standard.save()
    audit.record(by=by, action="standard.made", subject=standard, after=_as_dict(standard))
    return standard


@transaction.atomic
def revise_standard(*, by: User, standard: Standard, **facts) -> Standard:
    """Make a new revision with changed facts; measurements and results keep the revision they were made with."""
    roles.require_shelf(by)
    if Standard.objects.filter(revises=standard).exists():
        raise ValidationError(_("This revision has a newer one already. Revise the newest."))
    kept = {name: getattr(standard, name) for name in FACTS}
    revised = Standard(
        compound=standard.compound, solvent=standard.solvent, revision=standard.revision + 1, revises=standard,
        **kept | _checked_facts(facts),
    )  # fmt: skip
    revised.full_clean()
    revised.save()
    change(standard, expected=None, archived_at=timezone.now())
    audit.record(by=by, action="standard.revised", subject=revised, before=_as_dict(standard), after=_as_dict(revised))
    return revised


def _checked_facts(facts: Mapping) -> dict:
    unknown = set(facts) - set(FACTS)
    if unknown:
        raise ValidationError(_("A standard has no “{name}”.").format(name=", ".join(sorted(unknown))))
    phi, phi_u = facts.get("phi"), facts.get("phi_u")
    if phi is not None and not 0 < phi <= 1:
        raise ValidationError({"phi": _("Φ lies between 0 and 1, e.g. 0.97.")})
    if phi_u is not None and not 0 < phi_u < 1:
        raise ValidationError({"phi_u": _("The uncertainty of Φ lies between 0 and 1, e.g. 0.03.")})
    return dict(facts)


def _as_dict(standard: Standard) -> dict:
    return {name: getattr(standard, name) for name in ("compound", "solvent", "revision", *FACTS)}


@transaction.atomic
def make_session(
    *, by: User, project: Project, standard: Standard, name: str, measured_at: datetime, valid_until: datetime | None = None,
    instrument: Instrument | None = None,
) -> StandardSession:  # fmt: skip
    """Open a standard session; its dilution series is dropped on it (``hints={"standard_session": …, "role": "standard"}``)."""
    roles.require(by, roles.WRITE, project)
    if standard.phi is None:
        raise ValidationError(
            {"standard": _("This standard has no quantum yield Φ. Enter it with its citation first.")}
        )
    if valid_until and valid_until <= measured_at:
        raise ValidationError({"valid_until": _("The session must be valid beyond the time it was measured.")})
    session = StandardSession(
        project=project, standard=standard, name=name.strip(), measured_at=measured_at, valid_until=valid_until,
        instrument=instrument, made_by=by,
    )  # fmt: skip
    session.full_clean()
    session.save()
    audit.record(
        by=by,
        action="session.made",
        subject=session,
        project_id=project.pk,
        after={"name": session.name, "standard": str(standard)},
    )
    return session


@transaction.atomic
def session_of_series(
    *, by: User, project: Project, standard: Standard, measurements: Sequence[Measurement]
) -> StandardSession:
    """The session that a standard's files belong to: the nearest of their day, or a new one named after standard and day."""
    first = min((m.measured_at or m.created_at for m in measurements), default=timezone.now())
    sessions = StandardSession.objects.filter(project=project, standard=standard, withdrawn_at=None)
    near = sessions.filter(measured_at__range=(first - timedelta(days=1), first + timedelta(days=1)))
    found = min(near, key=lambda session: abs(session.measured_at - first), default=None)
    if found:
        return found
    instruments = {m.instrument for m in measurements if m.technique == "pl_emission" and m.instrument_id}
    return make_session(
        by=by, project=project, standard=standard, name=f"{standard.compound} {first:%Y-%m-%d}"[:120], measured_at=first,
        instrument=instruments.pop() if len(instruments) == 1 else None,
    )  # fmt: skip


@transaction.atomic
def withdraw_session(*, by: User, session: StandardSession, because: str = "") -> None:
    """Take a session out of use for new results."""
    roles.require(by, roles.WRITE, session.project)
    change(session, expected=None, withdrawn_at=timezone.now())
    audit.record(
        by=by, action="session.withdrawn", subject=session, project_id=session.project_id, after={"because": because}
    )
    followups.queue_for_samples_and_sessions(
        Measurement.objects.filter(standard_session=session).select_related("standard_session")
    )


@transaction.atomic
def make_composition(
    *, by: User, project: Project, fractions: Mapping[str, tuple[float, float | None]], sample: Sample | None = None, title: str = "",
    beam_energy_kev: float | None = None, n_spots: int | None = None, measured_at: datetime | None = None,
) -> Composition:  # fmt: skip
    """Record atomic percents: ``fractions`` maps an element's symbol to (percent, standard uncertainty or None)."""
    roles.require(by, roles.WRITE, project)
    if sample and sample.project_id != project.pk:
        raise ValidationError({"sample": _("This sample belongs to another project.")})
    if not fractions:
        raise ValidationError({"fractions": _("Enter at least one element with its atomic percent.")})
    composition = Composition.objects.create(
        project=project,
        sample=sample,
        title=title,
        beam_energy_kev=beam_energy_kev,
        n_spots=n_spots,
        measured_at=measured_at,
    )
    for element, (percent, percent_u) in fractions.items():
        if not 0 <= percent <= 100:
            raise ValidationError(
                {"fractions": _("{element}: an atomic percent lies between 0 and 100.").format(element=element)}
            )
        ElementFraction.objects.create(composition=composition, element=element, percent=percent, percent_u=percent_u)
    audit.record(
        by=by,
        action="composition.made",
        subject=composition,
        project_id=project.pk,
        after={"fractions": dict(fractions)},
    )
    followups.queue_for_composition(composition)
    return composition
