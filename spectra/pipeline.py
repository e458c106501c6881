"""Analyses of one method, from claim to committed result, in order.

claim → load inputs in bulk → cases → METHODS[method].run → one transaction per result (fenced) → what follows.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.metadata import version

import numpy as np
from django.db import OperationalError, transaction

from qdlab.records import audit
from qdlab.records.outbox import changed
from spectra import followups, provenance, queue
from spectra.analysis import METHODS
from spectra.analysis.method import Case, Estimate, Input, Outcome, Role
from spectra.feed import feed_of
from spectra.models import Analysis, AnalysisInput, Quantity, State
from spectra.notes import Note, gettext_noop
from spectra.sizes import Sizes
from spectra.spectrum import Series
from spectra.values import conditions_of, fractions_of, value_of

log = logging.getLogger(__name__)

CHUNK = 256
TOGETHER = 16  # results in one transaction: others who write in the project wait for a moment only
LONG = 16  # a list of so many numbers is a curve
PACKAGES = {name: version(name) for name in ("numpy", "scipy")}

NO_METHOD = Note("no_method", gettext_noop("This version of QDLab has no method “{method}”. Choose another one."))
BROKE = Note(
    "method_broke",
    gettext_noop(
        "The computation stopped unexpectedly ({problem}). Press “try again”; if it stays so, tell the person who runs QDLab."
    ),
)
IS_SERIES = Note(
    "is_series", gettext_noop("The measurement given as {role} is a series of curves; this method takes a single one.")
)
NO_CURVE = Note("no_curve", gettext_noop("The measurement given as {role} holds no curve. Choose another one."))


class UnfitInput(Exception):
    """An input holds nothing that the method could work on."""

    def __init__(self, note: Note, role: str):
        self.note = Note(note.code, note.text, {"role": role})
        super().__init__(str(self.note))


def run_waiting(method: str, limit: int = CHUNK) -> int:
    """Claim up to ``limit`` waiting analyses of ``method``, compute and commit them; return how many were claimed."""
    claimed = queue.claim(Analysis.objects.filter(method=method), limit)
    if claimed:
        _compute(method, claimed)
        for project_id in {analysis.project_id for analysis in claimed}:
            followups.settle(project_id)
    return len(claimed)


def _compute(method: str, claimed: Sequence[Analysis]) -> None:
    if method not in METHODS:
        for analysis in claimed:
            note = Note(NO_METHOD.code, NO_METHOD.text, {"method": method})
            queue.finish(analysis, State.REFUSED, reason=note.as_json())
        return
    loaded = with_inputs([analysis.pk for analysis in claimed])
    for analysis in claimed:
        loaded[analysis.pk].fence = analysis.fence  # the fence of this claim, whatever the row says by now
    analyses = [loaded[analysis.pk] for analysis in claimed]
    prepared = [_prepared(analysis) for analysis in analyses]
    ended = []
    for analysis, outcome in zip(analyses, outcomes_of(method, prepared), strict=True):
        if isinstance(outcome, Exception):
            note = Note(BROKE.code, BROKE.text, {"problem": type(outcome).__name__})
            queue.give_back(analysis, note)
            queue.wake_for(analysis)
        else:
            ended.append((analysis, outcome))
    for start in range(0, len(ended), TOGETHER):
        _commit_together(ended[start : start + TOGETHER])


def _commit_together(ended: Sequence[tuple[Analysis, Outcome]]) -> None:
    """Commit several results in one transaction: a disk that has to flush for each would take most of the time.

    Each is still committed only by the holder of its fence. Where anything fails, nothing of it was written and each is
    committed alone, so that only the guilty one is returned.
    """
    try:
        commit_all(ended)
    except Exception as problem:
        log.warning("%d results are committed one by one: %s", len(ended), problem)
        for analysis, outcome in ended:
            _commit_or_return(analysis, outcome)


def _commit_or_return(analysis: Analysis, outcome: Outcome) -> None:
    """Commit one result; where that fails the others go on, and this one is tried again."""
    try:
        commit(analysis, outcome)
    except OperationalError:
        log.exception("the result of %s could not be written", analysis.pk)
        queue.put_off(analysis)
    except Exception as problem:  # a result of ours that the database refuses
        log.exception("writing %s", analysis.pk)
        queue.give_back(analysis, Note(BROKE.code, BROKE.text, {"problem": type(problem).__name__}))


def with_inputs(ids: Iterable) -> dict:
    """Id → analysis with everything that ``case_of`` asks for, in a handful of questions."""
    loaded = (
        Analysis.objects.filter(pk__in=list(ids)).select_related("sample", "measurement").defer("curves", "details")
    )
    return loaded.prefetch_related(
        *provenance.INPUTS_IN_BULK, "inputs__measurement__traces__grid", "quantities"
    ).in_bulk()


def outcomes_of(method: str, prepared: Sequence[Case | Outcome]) -> list[Outcome | Exception]:
    """One outcome per case; where the whole run stops, each case is tried alone so that only the guilty one fails."""
    cases = [case for case in prepared if isinstance(case, Case)]
    try:
        computed = iter(METHODS[method].run(cases) if cases else [])
        return [next(computed) if isinstance(case, Case) else case for case in prepared]
    except Exception:
        log.exception("%s on %d cases", method, len(cases))
        return [_alone(method, case) if isinstance(case, Case) else case for case in prepared]


def _alone(method: str, case: Case) -> Outcome | Exception:
    try:
        return METHODS[method].run([case])[0]
    except Exception as problem:
        log.exception("%s on one case", method)
        return problem


def _prepared(analysis: Analysis) -> Case | Outcome:
    try:
        return case_of(analysis)
    except UnfitInput as unfit:
        return Outcome(refusal=unfit.note)


def case_of(analysis: Analysis) -> Case:
    """The inputs of an analysis as values; raises UnfitInput when one of them holds no single curve."""
    method = METHODS[analysis.method]
    parameters = method.complete(analysis.parameters)
    roles = {role.name: role for role in method.roles}
    inputs = [_input_of(given, roles[given.role]) for given in analysis.inputs.all() if given.role in roles]
    return Case(tuple(inputs), parameters)


def _input_of(given: AnalysisInput, role: Role) -> Input:
    if given.upstream_id:
        upstream = given.upstream
        facts = {"method": upstream.method, "warnings": upstream.warnings}
        return Input(given.role, given.index, f"analysis:{upstream.pk}", estimates=estimates_of(upstream), facts=facts)
    if given.composition_id:
        composition = given.composition
        feed = {"feed": feed_of(composition.sample)}
        return Input(given.role, given.index, f"composition:{composition.pk}", fractions_of(composition), facts=feed)
    measurement = given.measurement
    value = value_of(measurement)
    if value is None or (isinstance(value, Sizes) and not role.takes("sizes")):
        raise UnfitInput(NO_CURVE, given.role)
    if isinstance(value, Series) and not role.takes("series"):
        raise UnfitInput(IS_SERIES, given.role)
    return Input(
        given.role,
        given.index,
        f"measurement:{measurement.pk}",
        value,
        conditions_of(measurement),
        facts=_facts(measurement),
    )


def _facts(measurement) -> dict:
    facts = provenance.standard_facts(measurement)
    facts["instrument"] = measurement.instrument.name if measurement.instrument else ""
    facts["technique"] = measurement.technique
    facts["measured_at"] = measurement.measured_at.isoformat() if measurement.measured_at else None
    if measurement.role == "blank":
        facts["for"] = "standard" if measurement.standard_session_id else "sample"
    for name in ("gain", "response"):
        if name in measurement.conditions:
            facts[name] = measurement.conditions[name]
    return facts


def estimates_of(analysis: Analysis) -> dict[str, Estimate]:
    return {q.name: estimate_of(q) for q in analysis.quantities.all()}


def estimate_of(quantity: Quantity) -> Estimate:
    names = ("name", "value", "unit", "lower", "upper", "budget", "reason")
    return Estimate.from_json({name: getattr(quantity, name) for name in names})


def commit(analysis: Analysis, outcome: Outcome) -> bool:
    """Write an outcome once, if this worker still holds the analysis; say whether it did."""
    return bool(commit_all([(analysis, outcome)]))


@transaction.atomic
def commit_all(ended: Sequence[tuple[Analysis, Outcome]]) -> list[Analysis]:
    """Write each outcome whose analysis this worker still holds; what belongs to them is written in a few statements."""
    held = [(analysis, outcome.estimates) for analysis, outcome in ended if _end(analysis, outcome)]
    Quantity.objects.filter(analysis__in=[analysis for analysis, _estimates in held]).delete()
    return write_results(held)


def write_results(ended: Sequence[tuple[Analysis, Sequence[Estimate]]]) -> list[Analysis]:
    """Write what belongs to analyses that just ended: numbers, what they take the place of, the audit trail, who else is told."""
    analyses = [analysis for analysis, _estimates in ended]
    Quantity.objects.bulk_create(
        [_row(analysis, estimate) for analysis, estimates in ended for estimate in estimates], batch_size=1000
    )
    _supersede_earlier([analysis for analysis in analyses if analysis.state == State.DONE])
    for project_id in dict.fromkeys(analysis.project_id for analysis in analyses):
        told = [
            (a, None, {"method": a.method, "state": a.state, "digest": a.input_digest})
            for a in analyses
            if a.project_id == project_id
        ]
        audit.record_all(by=None, action="analysis.ended", project_id=project_id, told=told)
    samples = {analysis.sample_id: analysis.sample for analysis in analyses if analysis.sample_id}
    changed(followups.SETTLING, *samples)
    changed("batch", *{sample.batch_id for sample in samples.values()})
    return analyses


def _end(analysis: Analysis, outcome: Outcome) -> bool:
    columns = columns_of(analysis.method, outcome) | {
        "input_digest": provenance.current_digest(analysis),
        "stale_since": None,
    }
    return queue.end(analysis, State.REFUSED if outcome.refusal else State.DONE, **columns)


def columns_of(method: str, outcome: Outcome) -> dict:
    """What an analysis says of its outcome beside the numbers, as plain JSON."""
    return {
        "reason": outcome.refusal.as_json() if outcome.refusal else None,
        "overridable": outcome.overridable,
        "warnings": [note.as_json() for note in outcome.warnings],
        "details": jsonable(outcome.details),
        "curves": jsonable(outcome.curves),
        "packages": PACKAGES,
        "method_version": METHODS[method].version,
    }


def _row(analysis: Analysis, estimate: Estimate) -> Quantity:
    return Quantity(
        analysis=analysis,
        name=estimate.name,
        value=estimate.value,
        u=estimate.u,
        unit=estimate.unit,
        lower=estimate.lower,
        upper=estimate.upper,
        budget=[{"name": c.name, "u": c.u, "source": c.source} for c in estimate.budget],
        reason=estimate.reason.as_json() if estimate.reason else None,
    )


def _supersede_earlier(analyses: Sequence[Analysis]) -> None:
    """Older results of the same method on the same thing say that these took their place."""
    _supersede_on_measurements([analysis for analysis in analyses if analysis.measurement_id])
    for analysis in analyses:
        if not analysis.measurement_id:
            earlier = _earlier(analysis.method, analysis.project_id).filter(pk__lt=analysis.pk)
            earlier = earlier.filter(sample_id=analysis.sample_id, pk__in=_sharing_inputs(analysis))
            earlier.update(superseded_by=analysis)


def _earlier(method: str, project_id):
    ended = Analysis.objects.filter(state__in=[State.DONE, State.REFUSED], superseded_by=None)
    return ended.filter(method=method, project_id=project_id)


def _supersede_on_measurements(analyses: Sequence[Analysis]) -> None:
    by_kind = defaultdict(lambda: defaultdict(list))
    for analysis in analyses:
        by_kind[analysis.method, analysis.project_id][analysis.measurement_id].append(analysis.pk)
    for (method, project_id), newer in by_kind.items():
        earlier = _earlier(method, project_id).filter(measurement__in=list(newer)).only("pk", "measurement_id")
        replaced = []
        for old in earlier:
            later = [pk for pk in newer[old.measurement_id] if pk > old.pk]
            if later:
                old.superseded_by_id = min(later)
                replaced.append(old)
        Analysis.objects.bulk_update(replaced, ["superseded_by"])


def _sharing_inputs(analysis: Analysis):
    """Analyses that rest on one of the same measurements of the sample, the same composition, or an upstream result since
    superseded.
    """
    measured = [i.measurement_id for i in analysis.inputs.all() if i.measurement_id and i.measurement.role == "sample"]
    upstream = [i.upstream_id for i in analysis.inputs.all() if i.upstream_id]
    with_ancestors = {*upstream, *Analysis.objects.filter(superseded_by__in=upstream).values_list("pk", flat=True)}
    same = AnalysisInput.objects.filter(analysis__method=analysis.method)
    by_measurement = same.filter(measurement__in=measured).values_list("analysis_id", flat=True)
    by_upstream = same.filter(upstream__in=with_ancestors).values_list("analysis_id", flat=True)
    compositions = [i.composition_id for i in analysis.inputs.all() if i.composition_id]
    by_composition = same.filter(composition__in=compositions).values_list("analysis_id", flat=True)
    return {*by_measurement, *by_upstream, *by_composition}


def jsonable(value):
    """Plain JSON of curves and details: arrays become lists, what is not finite becomes null."""
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(key): jsonable(inner) for key, inner in value.items()}
    if hasattr(value, "tolist"):
        return _numbers(value) if value.ndim == 1 and value.dtype.kind == "f" else jsonable(value.tolist())
    if isinstance(value, list | tuple):
        if len(value) > LONG and all(type(inner) is float for inner in value):
            return _numbers(np.array(value))
        return [jsonable(inner) for inner in value]
    if isinstance(value, Note):
        return value.as_json()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def _numbers(curve: np.ndarray) -> list:
    """A curve as a list, null where it is not finite: as a whole, for a look at each point takes longer than its fit."""
    known = np.isfinite(curve)
    return curve.tolist() if known.all() else np.where(known, curve, None).tolist()
