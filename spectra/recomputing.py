"""Results computed again in bulk: on trial, where nothing is written but what would change; then for good, in portions.

The trial runs in chunks of one method, upstream results first, so that a rate is tried with the lifetime that the trial just
found. What a person then chooses is queued as analyses like all others, a portion at a time: a pause or an end takes hold at
once, and other people's results are not kept waiting behind ten thousand.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import OperationalError, transaction
from django.db.models import Exists, F, Min, OuterRef, Q
from django.utils import timezone

from qdlab.records import audit
from spectra import pipeline, provenance, queue
from spectra.analysis import METHODS
from spectra.analysis.method import Case, Estimate, Outcome
from spectra.models import Analysis, AnalysisInput, Decision, Found, Halted, Recomputation, Repeat, State
from spectra.notes import Note, gettext_noop

log = logging.getLogger(__name__)

OPEN = (State.QUEUED, State.RUNNING)
PORTION = 500  # SQLite cannot be asked for the inputs of more than a thousand at once
UNDER_WAY = 4 * pipeline.CHUNK  # results of one recomputation that are queued at a time
SAME_WITHIN = 1e-9  # of u, or of the value where there is no u: below it two numbers are one
OVERTAKEN = Note("overtaken", gettext_noop("This result was replaced or taken out of use meanwhile."))
NO_UPSTREAM = Note("no_upstream", gettext_noop("What it rests on gives no number any more; the old result stays."))
BAD_SETTINGS = Note("bad_settings", gettext_noop("The method no longer has these settings: {problem}"))


# --- On trial ---------------------------------------------------------------------------------------------------------


def try_waiting(limit: int = pipeline.CHUNK) -> int:
    """Claim and try up to ``limit`` results of one method; return how many were claimed."""
    ready = Repeat.objects.filter(recomputation__halted=Halted.NO, level=F("recomputation__level"))
    first = queue.waiting(ready).order_by("queued_at", "pk").values("recomputation", "method").first()
    if first is None:
        return 0
    claimed = queue.claim(ready.filter(recomputation=first["recomputation"], method=first["method"]), limit)
    if claimed:
        _try(first["method"], claimed)
        _next_level(first["recomputation"])
    return len(claimed)


def _try(method: str, claimed: Sequence[Repeat]) -> None:
    analyses = pipeline.with_inputs({repeat.analysis_id for repeat in claimed})
    parameters = Recomputation.objects.get(pk=claimed[0].recomputation_id).parameters
    tried = _tried_upstream(claimed[0].recomputation_id, analyses.values())
    cases = [_case(analyses[repeat.analysis_id], parameters, tried) for repeat in claimed]
    ended = list(zip(claimed, pipeline.outcomes_of(method, cases), strict=True))
    for start in range(0, len(ended), pipeline.TOGETHER):
        try:
            with transaction.atomic():
                for repeat, outcome in ended[start : start + pipeline.TOGETHER]:
                    _write(repeat, analyses[repeat.analysis_id], outcome)
        except OperationalError:
            log.exception("what %d results would become could not be written", len(claimed))
            for repeat, _outcome in ended[start : start + pipeline.TOGETHER]:
                queue.put_off(repeat)


def _tried_upstream(recomputation_id, analyses: Iterable[Analysis]) -> dict:
    """Upstream analysis id → what the same trial found of it."""
    upstream = {given.upstream_id for analysis in analyses for given in analysis.inputs.all() if given.upstream_id}
    if not upstream:
        return {}
    found = Repeat.objects.filter(recomputation=recomputation_id, analysis__in=upstream, state=State.DONE)
    return {repeat.analysis_id: repeat for repeat in found}


def _case(analysis: Analysis, parameters: dict, tried: dict) -> Case | Outcome:
    analysis.parameters = known_parameters(analysis, parameters)
    for given in analysis.inputs.all():
        if given.upstream_id and given.upstream_id not in tried:
            given.upstream = newest(given.upstream)
    try:
        case = pipeline.case_of(analysis)
    except pipeline.UnfitInput as unfit:
        return Outcome(refusal=unfit.note)
    except ValueError as problem:
        return Outcome(refusal=Note(BAD_SETTINGS.code, BAD_SETTINGS.text, {"problem": str(problem)}))
    names = {f"analysis:{pk}": repeat for pk, repeat in tried.items()}
    return Case(tuple(_with_tried(given, names.get(given.source)) for given in case.inputs), case.parameters)


def _with_tried(given, repeat: Repeat | None):
    return (
        given
        if repeat is None
        else replace(given, estimates={n["name"]: Estimate.from_json(n["new"]) for n in repeat.numbers if n["new"]})
    )


def known_parameters(analysis: Analysis, parameters: dict) -> dict:
    """A result's own settings with ``parameters`` over them; those that its method no longer has are left out."""
    known = {parameter.name for parameter in METHODS[analysis.method].parameters}
    return {name: value for name, value in (analysis.parameters | parameters).items() if name in known}


def newest(upstream: Analysis) -> Analysis:
    """The result that took the place of an upstream one, where one did."""
    while upstream.superseded_by_id and upstream.superseded_by.state == State.DONE:
        upstream = upstream.superseded_by
    return upstream


def _write(repeat: Repeat, analysis: Analysis, outcome: Outcome | Exception) -> None:
    if isinstance(outcome, Exception):
        note = Note(pipeline.BROKE.code, pipeline.BROKE.text, {"problem": type(outcome).__name__})
        queue.give_back(repeat, note)
        return
    numbers = compared(pipeline.estimates_of(analysis), {e.name: e for e in outcome.estimates})
    differences = [n["in_u"] for n in numbers if n["in_u"] is not None]
    queue.finish(
        repeat, State.DONE, numbers=numbers, found=_found(numbers, analysis, outcome),
        told=outcome.refusal.as_json() if outcome.refusal else None,
        largest_u=max(differences, default=None),
    )  # fmt: skip


def compared(old: dict[str, Estimate], new: dict[str, Estimate]) -> list[dict]:
    """Old and new of each quantity with their difference in units of the old one's u (the new one's where it has none)."""
    rows = []
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        rows.append(
            {
                "name": name,
                "old": before and before.as_json(),
                "new": after and after.as_json(),
                "in_u": _in_u(before, after),
            }
        )
    return rows


def _in_u(old: Estimate | None, new: Estimate | None) -> float | None:
    if old is None or new is None or old.value is None or new.value is None:
        return None
    change = abs(new.value - old.value)
    u = old.u or new.u
    if change <= SAME_WITHIN * (u or abs(old.value)):
        return 0.0
    return change / u if u else None


def _found(numbers: list[dict], analysis: Analysis, outcome: Outcome) -> str:
    had, has = analysis.state == State.DONE, outcome.refusal is None
    if had != has:
        return Found.NEW if has else Found.LOST
    return Found.SAME if all(_is_same(n) for n in numbers) else Found.CHANGED


def _is_same(number: dict) -> bool:
    old, new = number["old"], number["new"]
    if old is None or new is None or (old["value"] is None) != (new["value"] is None):
        return False
    close = [
        (old["value"], new["value"]),
        (old["u"], new["u"]),
        (old["lower"], new["lower"]),
        (old["upper"], new["upper"]),
    ]
    scale = old["u"] or abs(old["value"] or 0.0)
    return all(a == b or (a is not None and b is not None and abs(a - b) <= SAME_WITHIN * scale) for a, b in close)


def _next_level(recomputation_id) -> None:
    """Go on to what rests on the results just tried, once all of them have ended."""
    with transaction.atomic():
        run = Recomputation.objects.select_for_update(no_key=True).get(pk=recomputation_id)
        lowest = run.repeats.filter(state__in=OPEN).aggregate(lowest=Min("level"))["lowest"]
        if lowest is not None and lowest != run.level:
            Recomputation.objects.filter(pk=run.pk).update(level=lowest)


# --- For good ---------------------------------------------------------------------------------------------------------


def advance_all() -> int:
    """Queue the next portion of every recomputation that is being taken over; return how many results were queued."""
    chosen = Repeat.objects.filter(recomputation=OuterRef("pk"), decision=Decision.APPLY, result=None)
    runs = Recomputation.objects.filter(Exists(chosen), halted=Halted.NO)
    return sum(advance(pk) for pk in list(runs.values_list("pk", flat=True)))


@transaction.atomic
def advance(recomputation_id) -> int:
    """Queue the next portion of one recomputation: upstream results first, and never more than a few chunks at a time."""
    run = Recomputation.objects.select_for_update(no_key=True).get(pk=recomputation_id)
    if run.halted:
        return 0
    chosen = run.repeats.filter(decision=Decision.APPLY)
    waiting = Q(result=None) | Q(result__state__in=OPEN)
    level = chosen.filter(waiting).aggregate(lowest=Min("level"))["lowest"]
    room = UNDER_WAY - chosen.filter(result__state__in=OPEN).count()
    if level is None or room < pipeline.CHUNK:
        return 0
    portion = list(
        chosen.filter(result=None, level=level)
        .select_related("recomputation")
        .order_by("method", "pk")[: min(room, PORTION)]
    )
    return _queue_portion(run, portion)


def _queue_portion(run: Recomputation, portion: Sequence[Repeat]) -> int:
    olds = Analysis.objects.select_related("sample__batch", "measurement").prefetch_related(*provenance.INPUTS_IN_BULK)
    olds = olds.defer("curves", "details").filter(pk__in=[repeat.analysis_id for repeat in portion]).in_bulk()
    without = set(
        run.repeats.filter(result__state__in=[State.REFUSED, State.FAILED]).values_list("analysis_id", flat=True)
    )
    drafts = {repeat.pk: _draft(run, olds[repeat.analysis_id]) for repeat in portion}
    there = _there_already(run, [new for new, _inputs in drafts.values()])
    made, rows = [], []
    for repeat in portion:
        (new, inputs), old = drafts[repeat.pk], olds[repeat.analysis_id]
        if same := there.get(_key(new)):
            repeat.result = same
        elif hindrance := _hindrance(old, without):
            repeat.decision, repeat.told = Decision.KEEP, hindrance.as_json()
        else:
            repeat.result = new
            made.append(new)
            rows += inputs
    queue.enqueue_all(made)
    for method in {new.method for new in made}:
        queue.wake(queue.ANALYSE, method=method)
    AnalysisInput.objects.bulk_create(rows, batch_size=500)
    Repeat.objects.bulk_update(portion, ["result", "decision", "told"], batch_size=200)
    audit.record_all(
        by=run.requested_by, action="analysis.requested", project_id=run.project_id,
        told=[(new, None, {"method": new.method, "parameters": new.parameters, "recomputation": str(run.pk)}) for new in made],
    )  # fmt: skip
    return len(portion)


def _hindrance(old: Analysis, without: set) -> Note | None:
    """Why a result that somebody chose is left as it is: replaced meanwhile, or what it rests on gives no number now."""
    if old.superseded_by_id or old.withdrawn_at:
        return OVERTAKEN
    if any(given.upstream_id in without for given in old.inputs.all()):
        return NO_UPSTREAM
    return None


def _draft(run: Recomputation, old: Analysis) -> tuple[Analysis, list[AnalysisInput]]:
    """The same analysis on its inputs as they are today, unsaved."""
    method, parameters = METHODS[old.method], known_parameters(old, run.parameters)
    inputs = [
        AnalysisInput(
            role=given.role, index=given.index, measurement=given.measurement, composition=given.composition,
            upstream=newest(given.upstream) if given.upstream_id else None,
        )
        for given in old.inputs.all()
    ]  # fmt: skip
    digest = provenance.digest_of(old.method, parameters, inputs)
    new = Analysis(
        project_id=old.project_id, method=old.method, method_version=method.version, parameters=parameters,
        input_digest=digest, sample=old.sample, measurement=old.measurement, automatic=False,
        requested_by_id=run.requested_by_id, override_because=old.override_because,
        settings_from_id=old.settings_from_id if parameters == old.parameters else None,
    )  # fmt: skip
    for given in inputs:
        given.analysis = new
    return new, inputs


def _key(analysis: Analysis) -> tuple:
    return analysis.method, analysis.sample_id, analysis.measurement_id, analysis.input_digest


def _there_already(run: Recomputation, drafts: Sequence[Analysis]) -> dict:
    """The very same results that were queued or computed meanwhile, e.g. because an upstream one has just ended."""
    digests = {draft.input_digest for draft in drafts}
    same = Analysis.objects.filter(project_id=run.project_id, withdrawn_at=None, superseded_by=None, stale_since=None)
    same = same.filter(input_digest__in=digests, state__in=[*OPEN, State.DONE], created_at__gte=run.created_at)
    return {_key(analysis): analysis for analysis in same}


def cancel_queued(run: Recomputation) -> None:
    """End what no worker has begun; part of the caller's transaction."""
    now = timezone.now()
    run.repeats.filter(state=State.QUEUED).update(state=State.CANCELLED, ended_at=now)
    queued = Analysis.objects.filter(pk__in=run.repeats.exclude(result=None).values("result"), state=State.QUEUED)
    queued.update(state=State.CANCELLED, ended_at=now)
