"""Computing many results again: first what would change, then, where a person says so, the change. Held back, ended, retried."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import Project, User
from qdlab.records import audit
from spectra import provenance, queue, selectors, taking_over, why_stale
from spectra.analysis import METHODS
from spectra.models import (
    Analysis,
    AnalysisInput,
    Decision,
    Halted,
    Instrument,
    Recomputation,
    Repeat,
    State,
    Tried,
    WhyAgain,
)
from synthesis.models import Batch, Sweep

MOST = 50_000
AT_ONCE = 500  # results whose reasons are looked up together
TRIED_FOR = timedelta(days=14)  # what a trial computed is kept; after that it is computed again when it is taken over


def preview_recomputation(
    *,
    by: User,
    project: Project,
    why: str = WhyAgain.STALE,
    method: str = "",
    batch: Batch | None = None,
    sweep: Sweep | None = None,
    instrument: Instrument | None = None,
    parameters: Mapping | None = None,
) -> Recomputation:
    """Queue a trial of the project's stale results, or (``why`` settings) of all results of a method with other settings.

    ``parameters`` are set over each result's own. No result changes before ``apply_recomputation``.
    """
    roles.require(by, roles.WRITE, project)
    parameters = _checked(why, method, parameters or {})
    chosen = selectors.results_to_repeat(
        by, project, stale=why == WhyAgain.STALE, method=method, batch=batch, sweep=sweep, instrument=instrument
    )
    ids = _with_stale_upstream(set(chosen.values_list("pk", flat=True)))
    if not ids:
        raise ValidationError(_("There is no such result to compute again."))
    if len(ids) > MOST:
        raise ValidationError(_("These are {n} results; choose up to {most} at once.").format(n=len(ids), most=MOST))
    selection = {"method": method, "batch": batch and str(batch.pk), "sweep": sweep and str(sweep.pk)}
    selection |= {"instrument": instrument and str(instrument.pk)}
    with transaction.atomic():
        run = Recomputation.objects.create(
            project=project, requested_by=by, why=why, parameters=parameters,
            selection={name: value for name, value in selection.items() if value},
        )  # fmt: skip
        Tried.objects.filter(
            repeat__recomputation__project=project, repeat__ended_at__lt=timezone.now() - TRIED_FOR
        ).delete()
        queue.enqueue_all(_repeats(run, ids))
        audit.record(
            by=by, action="recomputation.started", subject=run, project_id=project.pk,
            after={"why": why, "results": len(ids), "parameters": parameters, **run.selection},
        )  # fmt: skip
    return run


def _checked(why: str, method: str, parameters: Mapping) -> dict:
    if why not in WhyAgain.values:
        raise ValidationError({"why": _("Choose one of: {choices}.").format(choices=", ".join(WhyAgain.values))})
    if method and method not in METHODS:
        text = _("QDLab has no method “{method}”. Choose one of: {known}.")
        raise ValidationError({"method": text.format(method=method, known=", ".join(METHODS))})
    if why == WhyAgain.STALE:
        if parameters:
            raise ValidationError(
                {"parameters": _("Stale results keep their settings. Use why=settings to change them.")}
            )
        return {}
    if not method:
        raise ValidationError({"method": _("Say which method the settings are for.")})
    if not parameters:
        raise ValidationError({"parameters": _("Say at least one setting.")})
    if parameters.get("override"):
        raise ValidationError(
            {
                "parameters": _(
                    "A refusal is overridden for one result at a time, with the reason; not for many at once."
                )
            }
        )
    try:
        complete = METHODS[method].complete(dict(parameters))
    except ValueError as problem:
        raise ValidationError({"parameters": str(problem)}) from problem
    return {name: complete[name] for name in parameters}


def _with_stale_upstream(ids: set) -> set:
    """The results, and what is stale among those they rest on: a rate is computed again after its lifetime."""
    frontier = ids
    while frontier:
        found = set()
        for some in _portions(frontier):
            upstream = Analysis.objects.filter(used_in__analysis__in=some, superseded_by=None, withdrawn_at=None)
            upstream = upstream.filter(method__in=METHODS).exclude(stale_since=None)
            found |= set(upstream.values_list("pk", flat=True))
        frontier = found - ids
        ids = ids | frontier
    return ids


def _portions(ids: set) -> Iterator[list]:
    ordered = sorted(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def _repeats(run: Recomputation, ids: set) -> list[Repeat]:
    levels, repeats = _levels(ids), []
    for some in _portions(ids):
        found = Analysis.objects.filter(pk__in=some).order_by("method", "pk")
        if run.why == WhyAgain.STALE:
            found = found.prefetch_related(*provenance.INPUTS_IN_BULK)
        for analysis in found.defer("curves", "details"):
            why = why_stale.reasons_of(analysis) if run.why == WhyAgain.STALE else []
            repeats.append(
                Repeat(recomputation=run, analysis=analysis, method=analysis.method, level=levels[analysis.pk], why=why)
            )
    return repeats


def _levels(ids: set) -> dict:
    """How many results of the selection stand between a result and its measurements."""
    upstream = defaultdict(set)
    for some in _portions(ids):
        rests = AnalysisInput.objects.filter(analysis__in=some).exclude(upstream=None)
        for analysis, given in rests.values_list("analysis_id", "upstream_id"):
            if given in ids:
                upstream[analysis].add(given)
    levels = {}

    def level(pk) -> int:
        if pk not in levels:
            levels[pk] = 1 + max((level(given) for given in upstream[pk]), default=-1) if pk in upstream else 0
        return levels[pk]

    return {pk: level(pk) for pk in ids}


@transaction.atomic
def apply_recomputation(
    *, by: User, recomputation: Recomputation, repeats: Iterable[UUID] | None = None, method: str = ""
) -> int:
    """Compute for good what was tried: all, one ``method``, or ``repeats`` (ids). The old results stay, as replaced ones.

    Results whose numbers would be the same are computed too: they then rest on today's inputs. Returns how many there are.
    """
    chosen = _undecided(by, recomputation, repeats, method)
    _still_open(recomputation)
    n = chosen.update(decision=Decision.APPLY)
    Recomputation.objects.filter(pk=recomputation.pk).update(requested_by=by)
    _record(by, recomputation, "applied", n, method)
    queue.wake(queue.RECOMPUTE)
    return n


@transaction.atomic
def keep_results(
    *, by: User, recomputation: Recomputation, repeats: Iterable[UUID] | None = None, method: str = ""
) -> int:
    """Leave results as they are; stale ones stay marked as stale."""
    chosen = _undecided(by, recomputation, repeats, method)
    Tried.objects.filter(repeat__in=chosen).delete()
    n = chosen.update(decision=Decision.KEEP)
    _record(by, recomputation, "kept", n, method)
    return n


def _undecided(by: User, run: Recomputation, ids: Iterable[UUID] | None, method: str):
    roles.require(by, roles.WRITE, run.project)
    found = run.repeats.filter(state=State.DONE, decision=Decision.OPEN).exclude(found="")
    found = found.filter(method=method) if method else found
    return found if ids is None else found.filter(pk__in=list(ids))


def _still_open(recomputation: Recomputation) -> Recomputation:
    """The recomputation as it stands now, held until the transaction ends; raises ValidationError when it was cancelled."""
    run = Recomputation.objects.select_for_update(no_key=True).get(pk=recomputation.pk)
    if run.halted == Halted.CANCELLED:
        raise ValidationError(_("This was cancelled. Start a new one to see what would change today."))
    return run


def _record(by: User, run: Recomputation, what: str, n: int, method: str = "") -> None:
    after = {"results": n} | ({"method": method} if method else {})
    audit.record(by=by, action=f"recomputation.{what}", subject=run, project_id=run.project_id, after=after)


@transaction.atomic
def hold_recomputation(*, by: User, recomputation: Recomputation, halted: str) -> Recomputation:
    """Pause, resume (``halted`` empty) or cancel; what a worker has begun is still finished."""
    roles.require(by, roles.WRITE, recomputation.project)
    run = _still_open(recomputation)
    Recomputation.objects.filter(pk=run.pk).update(halted=halted)
    if halted == Halted.CANCELLED:
        taking_over.cancel_queued(run)
    elif not halted:
        queue.wake(queue.RECOMPUTE)
    audit.record(
        by=by, action="recomputation.held", subject=run, project_id=run.project_id,
        before={"halted": run.halted}, after={"halted": halted},
    )  # fmt: skip
    run.halted = halted
    return run


@transaction.atomic
def retry_recomputation(*, by: User, recomputation: Recomputation) -> int:
    """Put everything of it that failed back into the queue; return how many there were."""
    roles.require(by, roles.WRITE, recomputation.project)
    failed = list(recomputation.repeats.filter(state=State.FAILED))
    results = list(Analysis.objects.filter(pk__in=recomputation.repeats.values("result"), state=State.FAILED))
    for job in [*failed, *results]:
        queue.enqueue(job)
    _record(by, recomputation, "retried", len(failed) + len(results))
    return len(failed) + len(results)
