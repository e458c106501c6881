"""Stale results, and how a recomputation stands."""

from collections import defaultdict

from django.db.models import Count, Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from qdlab.access.roles import projects_to_write
from spectra.analysis import METHODS
from spectra.models import Analysis, AnalysisInput, Decision, Found, Recomputation, State
from spectra.selectors.analyses import OPEN
from synthesis.models import Batch, Status


def results_to_repeat(user, project, *, stale: bool, method="", batch=None, sweep=None, instrument=None):
    """Results in use (refusals among them) that may be computed again."""
    found = Analysis.objects.visible_to(user).filter(project=project, superseded_by=None, withdrawn_at=None)
    found = found.filter(state__in=[State.DONE, State.REFUSED], method__in=METHODS)
    found = found.exclude(stale_since=None) if stale else found
    found = found.filter(method=method) if method else found
    found = found.filter(sample__batch=batch) if batch else found
    found = found.filter(sample__batch__sweep=sweep) if sweep else found
    if instrument:
        measured = AnalysisInput.objects.filter(analysis=OuterRef("pk"), measurement__instrument=instrument)
        found = found.filter(Exists(measured))
    return found.order_by("pk")


def stale_per_project(user) -> list[dict]:
    """How many stale results of which method each project has that the person may compute again."""
    stale = Analysis.objects.filter(
        project__in=projects_to_write(user), superseded_by=None, withdrawn_at=None, method__in=METHODS
    ).exclude(stale_since=None)
    rows = (
        stale.order_by("project__name", "method").values("project", "project__name", "method").annotate(n=Count("pk"))
    )
    found = {}
    for row in rows:
        one = found.setdefault(
            row["project"], {"project": row["project"], "name": row["project__name"], "n": 0, "methods": []}
        )
        one["n"] += row["n"]
        one["methods"].append((row["method"], row["n"]))
    return list(found.values())


def recomputations(user):
    return Recomputation.objects.visible_to(user).select_related("project", "requested_by").order_by("-pk")


def how_it_stands(run: Recomputation) -> dict:
    """Counts of a recomputation's results: tried, would change, undecided, being computed, done, failed."""
    tried = Q(state=State.DONE)
    under_way = Q(decision=Decision.APPLY) & (Q(result=None) | Q(result__state__in=[State.QUEUED, State.RUNNING]))
    under_way &= ~Q(result__state=State.CANCELLED)
    counted = run.repeats.aggregate(
        all=Count("pk"),
        to_try=Count("pk", filter=OPEN),
        cancelled=Count("pk", filter=Q(state=State.CANCELLED)),
        same=Count("pk", filter=tried & Q(found=Found.SAME)),
        changed=Count("pk", filter=tried & ~Q(found=Found.SAME)),
        undecided=Count("pk", filter=tried & Q(decision=Decision.OPEN)),
        chosen=Count("pk", filter=Q(decision=Decision.APPLY)),
        to_compute=Count("pk", filter=under_way),
        failed=Count("pk", filter=Q(state=State.FAILED) | Q(result__state=State.FAILED)),
    )
    return counted | {
        "tried": counted["all"] - counted["to_try"],
        "computed": counted["chosen"] - counted["to_compute"],
    }


def repeats_by_method(run: Recomputation) -> list[dict]:
    """Per method: how many results, why they are stale, how many would change and are undecided."""
    rows = run.repeats.order_by("method").values("method").annotate(
        n=Count("pk"),
        changed=Count("pk", filter=Q(state=State.DONE) & ~Q(found=Found.SAME)),
        undecided=Count("pk", filter=Q(state=State.DONE, decision=Decision.OPEN)),
    )  # fmt: skip
    reasons = defaultdict(lambda: defaultdict(int))
    for row in run.repeats.order_by("method").values("method", "why").annotate(n=Count("pk")):
        for reason in row["why"]:
            reasons[row["method"]][reason] += row["n"]
    return [row | {"why": dict(reasons[row["method"]])} for row in rows]


def repeats_that_differ(run: Recomputation):
    """The results that would change, the largest change first; before them those that failed."""
    differ = run.repeats.filter(Q(state=State.FAILED) | (Q(state=State.DONE) & ~Q(found=Found.SAME)))
    ranked = differ.annotate(rank=Coalesce("largest_u", Value(1e300)))
    return ranked.select_related("analysis__sample__batch", "analysis__measurement", "result").order_by("-rank", "pk")


def reviewed_batches(run: Recomputation):
    """Reviewed batches of which a number would change: they will show as reviewed, superseded."""
    changed = run.repeats.filter(state=State.DONE).exclude(decision=Decision.KEEP)
    return Batch.objects.filter(pk__in=changed.values("analysis__sample__batch"), status=Status.REVIEWED).order_by(
        "code"
    )
