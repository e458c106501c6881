"""Analyses that should be there: which of them are new, with which settings, and into the queue with them, many at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import prefetch_related_objects

from qdlab.access.models import User
from spectra import provenance, queue
from spectra.analysis import METHODS
from spectra.models import Analysis, AnalysisInput, InstrumentSettings, Measurement
from synthesis.models import Sample

BEHIND_A_MEASUREMENT = (
    "reading__upload", "instrument", "sample__solvent", "standard", "standard_session__standard",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """A ``method`` on unsaved ``inputs``; ``automatic`` where no person asked for it."""

    method: str
    inputs: Sequence[AnalysisInput]
    parameters: dict = field(default_factory=dict)
    by: User | None = None
    automatic: bool = True
    sample: Sample | None = None
    override_because: str = ""
    settings_from: InstrumentSettings | None = None

    @property
    def measured(self) -> Measurement | None:
        """The measurement of the method's first input."""
        first = METHODS[self.method].roles[0].name
        return next((given.measurement for given in self.inputs if given.measurement_id and given.role == first), None)


def queue_analysis(method: str, inputs: Sequence[AnalysisInput], **more) -> Analysis | None:
    """Queue one wish (``more``: its further fields); None where ``queue_analyses`` leaves it out."""
    return next(iter(queue_analyses([Wish(method, inputs, **more)])), None)


def queue_analyses(wishes: Iterable[Wish]) -> list[Analysis]:
    """Queue what is wished for; the number of questions does not depend on the number of wishes.

    Left out are unknown methods and, of automatic wishes, what was computed already and where a person's own settings stand.
    """
    wishes = [wish for wish in wishes if wish.method in METHODS]
    _load([given.measurement for wish in wishes for given in wish.inputs if given.measurement_id])
    settings = _settings_for(wishes)
    pairs = [(wish, _unsaved(wish, settings)) for wish in wishes]
    automatic = [(wish, analysis) for wish, analysis in pairs if wish.automatic]
    known, decided = _known([analysis for _wish, analysis in automatic]), _decided_by_persons(automatic)
    made = []
    for wish, analysis in pairs:
        if wish.automatic and (_key(analysis) in known or (analysis.method, analysis.measurement_id) in decided):
            continue
        known.add(_key(analysis))
        made.append((wish, analysis))
    _store(made)
    return [analysis for _wish, analysis in made]


def _load(measurements: list[Measurement]) -> None:
    """What the digests ask for, in one question each for all that do not have it yet."""
    if len(measurements) > 1:
        prefetch_related_objects(measurements, *BEHIND_A_MEASUREMENT)


def _unsaved(wish: Wish, settings: dict) -> Analysis:
    chosen = settings.get(id(wish))
    parameters = wish.parameters or (chosen.parameters if chosen else {})
    return Analysis(
        project_id=_project_of(wish.inputs),
        method=wish.method,
        method_version=METHODS[wish.method].version,
        parameters=parameters,
        input_digest=provenance.digest_of(wish.method, parameters, wish.inputs),
        sample=wish.sample or _sample_of(wish.inputs),
        measurement=_single_measurement(wish.inputs),
        automatic=wish.automatic,
        requested_by=wish.by,
        override_because=wish.override_because,
        settings_from=wish.settings_from or chosen,
    )


def _store(made: Sequence[tuple[Wish, Analysis]]) -> None:
    queue.enqueue_all([analysis for _wish, analysis in made])
    for wish, analysis in made:
        for given in wish.inputs:
            given.analysis = analysis
    AnalysisInput.objects.bulk_create(given for wish, _analysis in made for given in wish.inputs)


# The same bytes may lie in two projects, and the same percents be typed for two samples: each gets its own result.


def _key(analysis: Analysis) -> tuple:
    of = ("measurement", analysis.measurement_id) if analysis.measurement_id else ("sample", analysis.sample_id)
    return analysis.project_id, analysis.method, analysis.input_digest, of


def _known(drafts: Sequence[Analysis]) -> set[tuple]:
    if not drafts:
        return set()
    digests = {analysis.input_digest for analysis in drafts}
    found = Analysis.objects.filter(input_digest__in=digests, withdrawn_at=None)
    there = found.only("project_id", "method", "input_digest", "measurement_id", "sample_id")
    return {_key(analysis) for analysis in there}


def _decided_by_persons(automatic: Sequence[tuple[Wish, Analysis]]) -> set[tuple]:
    """(method, measurement) of results with a person's own settings: they may become stale, but no default replaces them."""
    measurements = {analysis.measurement_id for _wish, analysis in automatic} - {None}
    if not measurements:
        return set()
    own = Analysis.objects.filter(measurement__in=measurements, automatic=False, superseded_by=None, withdrawn_at=None)
    return set(own.exclude(parameters={}).values_list("method", "measurement_id"))


def _settings_for(wishes: Sequence[Wish]) -> dict[int, InstrumentSettings]:
    """id of a wish → what the project set for the instrument that measured its first input, where it did and still fits."""
    open_ones = [wish for wish in wishes if wish.automatic and not wish.parameters]
    measured = {id(wish): wish.measured for wish in open_ones}
    wanted = {(m.project_id, m.instrument_id) for m in measured.values() if m and m.instrument_id}
    if not wanted:
        return {}
    found = InstrumentSettings.objects.filter(
        project__in={project for project, _i in wanted}, instrument__in={instrument for _p, instrument in wanted},
        ended_at=None,
    )  # fmt: skip
    current = {(one.project_id, one.instrument_id, one.method): one for one in found if _fits(one)}
    chosen = {
        id(wish): current.get((m.project_id, m.instrument_id, wish.method))
        for wish in open_ones
        if (m := measured[id(wish)])
    }
    return {key: settings for key, settings in chosen.items() if settings}


def _fits(settings: InstrumentSettings) -> bool:
    """Whether the method still takes them: they may have been set for an earlier version of it."""
    try:
        METHODS[settings.method].complete(settings.parameters)
    except (KeyError, ValueError):
        return False
    return True


def _sample_of(inputs: Iterable[AnalysisInput]) -> Sample | None:
    for given in inputs:
        if given.measurement and given.measurement.role == "sample" and given.measurement.sample:
            return given.measurement.sample
        if given.upstream and given.upstream.sample:
            return given.upstream.sample
        if given.composition and given.composition.sample:
            return given.composition.sample
    return None


def _project_of(inputs: Iterable[AnalysisInput]):
    return next((i.measurement or i.upstream or i.composition).project_id for i in inputs)


def _single_measurement(inputs: Sequence[AnalysisInput]) -> Measurement | None:
    """The measurement a result is of, when it is of one (an IRF beside it does not count), also by a composition in it."""
    given = [i.measurement or (i.composition and i.composition.measurement) for i in inputs if i.role != "irf"]
    own = [measurement for measurement in given if measurement]
    return own[0] if len(own) == 1 else None
