"""Results computed again in bulk, on trial: nothing is written but what would change (for good: ``taking_over``).

The trial runs in chunks of one method, upstream results first, so that a rate is tried with the lifetime that the trial just
found. What it computed is kept until somebody decides.
"""

import logging
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import orjson
from django.db import OperationalError, transaction
from django.db.models import F, Min

from spectra import pipeline, provenance, queue
from spectra.analysis import METHODS
from spectra.analysis.method import Case, Estimate, Outcome
from spectra.models import Analysis, Found, Halted, Recomputation, Repeat, State, Tried
from spectra.notes import Note, gettext_noop

log = logging.getLogger(__name__)

OPEN = (State.QUEUED, State.RUNNING)
SAME_WITHIN = 1e-9  # of u, or of the value where there is no u: below it two numbers are one
BAD_SETTINGS = Note("bad_settings", gettext_noop("The method no longer has these settings: {problem}"))


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
        _write_together(ended[start : start + pipeline.TOGETHER], analyses, tried)


def _write_together(ended: Sequence[tuple[Repeat, Outcome | Exception]], analyses: dict, tried: dict) -> None:
    """Write several in one transaction; where that fails each alone, so that only the guilty one is tried again, or fails."""
    try:
        _write_all(ended, analyses, tried)
    except Exception as problem:
        log.warning("%d results on trial are written one by one: %s", len(ended), problem)
        for repeat, outcome in ended:
            _write_or_return(repeat, outcome, analyses, tried)


def _write_or_return(repeat: Repeat, outcome: Outcome | Exception, analyses: dict, tried: dict) -> None:
    try:
        _write_all([(repeat, outcome)], analyses, tried)
    except OperationalError:
        log.exception("what %s would become could not be written", repeat.analysis_id)
        queue.put_off(repeat)
    except Exception as problem:  # an outcome of ours that the database refuses
        log.exception("writing what %s would become", repeat.analysis_id)
        queue.give_back(repeat, _broke(problem))


@transaction.atomic
def _write_all(ended: Sequence[tuple[Repeat, Outcome | Exception]], analyses: dict, tried: dict) -> None:
    written = [
        (repeat, analyses[repeat.analysis_id], outcome)
        for repeat, outcome in ended
        if _write(repeat, analyses[repeat.analysis_id], outcome)
    ]
    _keep(written, tried)


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


def _write(repeat: Repeat, analysis: Analysis, outcome: Outcome | Exception) -> bool:
    """Write what a result would become, if this worker still holds the job; say whether it did."""
    if isinstance(outcome, Exception):
        queue.give_back(repeat, _broke(outcome))
        return False
    numbers = compared(pipeline.estimates_of(analysis), {e.name: e for e in outcome.estimates})
    differences = [n["in_u"] for n in numbers if n["in_u"] is not None]
    return queue.finish(
        repeat, State.DONE, numbers=numbers, found=_found(numbers, analysis, outcome),
        told=outcome.refusal.as_json() if outcome.refusal else None,
        largest_u=max(differences, default=None),
    )  # fmt: skip


def _broke(problem: Exception) -> Note:
    return Note(pipeline.BROKE.code, pipeline.BROKE.text, {"problem": type(problem).__name__})


def _keep(written: Sequence[tuple[Repeat, Analysis, Outcome]], tried: dict) -> None:
    """Keep the outcomes that taking over may use as they are: all that do not rest on what is itself only tried."""
    kept = [
        Tried(
            repeat=repeat,
            input_digest=provenance.current_digest(analysis),
            outcome=packed(pipeline.columns_of(analysis.method, outcome), outcome.estimates),
        )
        for repeat, analysis, outcome in written
        if not (outcome.refusal and outcome.refusal.code == BAD_SETTINGS.code)
        and not any(given.upstream_id in tried for given in analysis.inputs.all())
    ]
    Tried.objects.bulk_create(
        kept, update_conflicts=True, unique_fields=["repeat"], update_fields=["input_digest", "outcome"]
    )


def packed(columns: dict, estimates: Sequence[Estimate]) -> bytes:
    """An outcome as few bytes, numbers exact."""
    content = {"columns": columns, "estimates": [estimate.as_json() for estimate in estimates]}
    return zlib.compress(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), 1)


def unpacked(outcome: bytes) -> tuple[dict, list[Estimate]]:
    """Columns and estimates of a packed outcome."""
    content = orjson.loads(zlib.decompress(outcome))
    return content["columns"], [Estimate.from_json(estimate) for estimate in content["estimates"]]


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
