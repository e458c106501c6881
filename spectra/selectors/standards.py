"""Standards, their sessions, instruments and compositions."""

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from spectra.analysis import METHODS
from spectra.models import (
    Analysis,
    AnalysisInput,
    Composition,
    Instrument,
    InstrumentSettings,
    Measurement,
    Standard,
    StandardSession,
    State,
    Upload,
)
from spectra.selectors.analyses import analyses, with_numbers
from spectra.selectors.files import UNREAD
from spectra.selectors.measurements import with_ranges
from synthesis.models import Sample


def standards(user, *, archived: bool = False):
    """The newest revisions (with ``archived``: all, since results keep the one they were made with)."""
    seen = Standard.objects.visible_to(user)
    return seen if archived else seen.filter(archived_at=None)


def revisions_of(standard: Standard) -> list[Standard]:
    """All revisions of a standard, the newest first."""
    same = Standard.objects.filter(compound=standard.compound, solvent=standard.solvent).select_related("revises")
    by_id = {one.pk: one for one in same}
    newest, chain = newest_revision(standard), []
    while newest is not None:
        chain.append(newest)
        newest = by_id.get(newest.revises_id)
    return chain


def newest_revision(standard: Standard) -> Standard:
    while (newer := Standard.objects.filter(revises=standard).first()) is not None:
        standard = newer
    return standard


def instruments(user):
    return Instrument.objects.visible_to(user).filter(archived_at=None)


def instrument_settings(user, *, ended: bool = False):
    """What projects set for instruments, the newest first (with ``ended``: also what held before)."""
    seen = InstrumentSettings.objects.visible_to(user).select_related("project", "instrument", "made_by", "ended_by")
    return seen if ended else seen.filter(ended_at=None)


def instrument_of(analysis: Analysis) -> Instrument | None:
    """The instrument whose settings would lead to such a result: that of the method's first input."""
    if analysis.method not in METHODS:
        return None
    first = METHODS[analysis.method].roles[0].name
    given = sorted((i for i in analysis.inputs.all() if i.role == first and i.measurement_id), key=lambda i: i.index)
    return given[0].measurement.instrument if given else None


def counted_instruments(user):
    """Instruments with how many measurements a person sees of each."""
    mine = Measurement.objects.visible_to(user).filter(instrument=OuterRef("pk"), withdrawn_at=None).order_by()
    counted = mine.values("instrument").annotate(n=Count("pk")).values("n")
    return instruments(user).annotate(n_measurements=Subquery(counted))


def compositions(user):
    return Composition.objects.visible_to(user).filter(withdrawn_at=None).select_related("sample", "project")


def compositions_of(measurement: Measurement) -> list[Composition]:
    """The compositions in use that a measurement holds, each with its fractions."""
    return list(measurement.compositions.filter(withdrawn_at=None).prefetch_related("fractions"))


def standard_sessions(user, *, withdrawn: bool = False):
    """Sessions in use (with ``withdrawn``: all)."""
    found = StandardSession.objects.visible_to(user)
    found = found if withdrawn else found.filter(withdrawn_at=None)
    return found.select_related("standard", "instrument", "project", "made_by")


def session_measurements(session: StandardSession):
    """All measurements in use of a session, each with what its curves span."""
    found = Measurement.objects.filter(standard_session=session, withdrawn_at=None).select_related("reading__upload")
    return with_ranges(found).order_by("dilution_label", "id")


def unread_for(session: StandardSession) -> bool:
    """Whether files that were dropped on a session still have to be read."""
    waiting = Upload.objects.filter(project=session.project_id, status__in=UNREAD, withdrawn_at=None)
    return waiting.filter(hints__standard_session=str(session.pk)).exists()


def results_against(session: StandardSession):
    """PLQY results that were measured against a session, the newest first."""
    ids = AnalysisInput.objects.filter(measurement__standard_session=session, analysis__method="plqy").values(
        "analysis"
    )
    found = Analysis.objects.filter(pk__in=ids, withdrawn_at=None, superseded_by=None)
    return with_numbers(found.select_related("sample__batch")).order_by("-pk")


def recent_results(user, method: str):
    """Results of a method that are in use, the newest first; of refusals only those that nothing newer followed."""
    later = Analysis.objects.filter(sample=OuterRef("sample"), method=method, pk__gt=OuterRef("pk"), withdrawn_at=None)
    found = analyses(user).filter(method=method, withdrawn_at=None, superseded_by=None)
    return with_numbers(found.exclude(Q(state=State.REFUSED) & Exists(later))).order_by("-pk")


def dilutions_of(sample: Sample):
    """Emission and absorbance of a sample that may stand in a dilution series."""
    found = Measurement.objects.filter(
        sample=sample, role="sample", standard_session=None, withdrawn_at=None, technique__in=["pl_emission", "uvvis"]
    ).select_related("reading__upload", "instrument")
    return with_ranges(found).order_by("dilution_label", "id")
