"""Results computed again in bulk, for good: what a person chose of a trial takes the place of the old results, in portions.

What the trial computed is taken over as it stands where it rests on the same inputs, settings and method as today; the rest is
queued as analyses like all others. A portion at a time: a pause or an end takes hold at once, and other people's results are
not kept waiting behind ten thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone

from qdlab.records import audit
from spectra import followups, pipeline, provenance, queue
from spectra.analysis import METHODS
from spectra.analysis.method import Estimate
from spectra.models import Analysis, AnalysisInput, Decision, Halted, Recomputation, Repeat, State, Tried
from spectra.notes import Note, gettext_noop
from spectra.recomputing import BAD_SETTINGS, OPEN, known_parameters, newest, unpacked

PORTION = 256  # results in one transaction: others who write in the project wait for less than a second
UNDER_WAY = 4 * pipeline.CHUNK  # results of one recomputation that are queued at a time
OVERTAKEN = Note("overtaken", gettext_noop("This result was replaced or taken out of use meanwhile."))
NO_UPSTREAM = Note("no_upstream", gettext_noop("What it rests on gives no number any more; the old result stays."))


@dataclass
class Portion:
    """What becomes of some chosen results: ``queued`` analyses, ``ended`` ones with their numbers, inputs of both."""

    queued: list[Analysis] = field(default_factory=list)
    ended: list[tuple[Analysis, list[Estimate]]] = field(default_factory=list)
    inputs: list[AnalysisInput] = field(default_factory=list)
    taken: list[Repeat] = field(default_factory=list)
    left: list[Repeat] = field(default_factory=list)

    @property
    def made(self) -> list[Analysis]:
        return [*self.queued, *(analysis for analysis, _estimates in self.ended)]


def advance_all() -> int:
    """Take over the next portion of every recomputation of which results were chosen; return how many results that were."""
    chosen = Repeat.objects.filter(recomputation=OuterRef("pk"), decision=Decision.APPLY, result=None)
    runs = Recomputation.objects.filter(Exists(chosen), halted=Halted.NO)
    n_taken = 0
    for pk, project_id in list(runs.values_list("pk", "project_id")):
        n = advance(pk)
        if n and not Repeat.objects.filter(recomputation=pk, decision=Decision.APPLY, result=None).exists():
            followups.settle(project_id)
        n_taken += n
    return n_taken


@transaction.atomic
def advance(recomputation_id) -> int:
    """Take over the next portion of one recomputation: upstream results first, and never many queued at a time."""
    run = Recomputation.objects.select_for_update(no_key=True).get(pk=recomputation_id)
    if run.halted:
        return 0
    chosen = run.repeats.filter(decision=Decision.APPLY)
    waiting = Q(result=None) | Q(result__state__in=OPEN)
    level = chosen.filter(waiting).aggregate(lowest=Min("level"))["lowest"]
    room = UNDER_WAY - chosen.filter(result__state__in=OPEN).count()
    if level is None or room < pipeline.CHUNK:
        return 0
    found = chosen.filter(result=None, level=level).select_related("recomputation").order_by("method", "pk")
    repeats = list(found.defer("numbers", "why")[: min(room, PORTION)])
    _write(run, _sorted_out(run, repeats))
    return len(repeats)


def _sorted_out(run: Recomputation, repeats: Sequence[Repeat]) -> Portion:
    """Say for each result whether it is there already, is left as it is, was computed on trial, or is to be computed."""
    olds = Analysis.objects.select_related("sample__batch", "measurement").prefetch_related(*provenance.INPUTS_IN_BULK)
    olds = olds.defer("curves", "details").filter(pk__in=[repeat.analysis_id for repeat in repeats]).in_bulk()
    without = set(
        run.repeats.filter(result__state__in=[State.REFUSED, State.FAILED]).values_list("analysis_id", flat=True)
    )
    drafts = {repeat.pk: _draft(run, olds[repeat.analysis_id]) for repeat in repeats}
    there = _there_already(run, [draft[0] for draft in drafts.values() if not isinstance(draft, Note)])
    tried = Tried.objects.filter(repeat__in=repeats).in_bulk()
    portion = Portion()
    for repeat in repeats:
        draft, old = drafts[repeat.pk], olds[repeat.analysis_id]
        if not isinstance(draft, Note) and (same := there.get(_key(draft[0]))):
            repeat.result = same
            portion.taken.append(repeat)
        elif hindrance := draft if isinstance(draft, Note) else _hindrance(old, without):
            repeat.decision, repeat.told = Decision.KEEP, hindrance.as_json()
            portion.left.append(repeat)
        else:
            _add(portion, repeat, *draft, tried.get(repeat.pk))
    return portion


def _add(portion: Portion, repeat: Repeat, new: Analysis, inputs: list[AnalysisInput], tried: Tried | None) -> None:
    repeat.result = new
    portion.taken.append(repeat)
    portion.inputs += inputs
    if tried is None or tried.input_digest != new.input_digest:
        portion.queued.append(new)
        return
    columns, estimates = unpacked(tried.outcome)
    if columns["packages"] != pipeline.PACKAGES:
        portion.queued.append(new)
        return
    for name, value in columns.items():
        setattr(new, name, value)
    new.state = State.REFUSED if new.reason else State.DONE
    new.queued_at = new.started_at = new.ended_at = timezone.now()
    new.attempt = new.fence = 1
    portion.ended.append((new, estimates))


def _write(run: Recomputation, portion: Portion) -> None:
    """Write a portion; part of the caller's transaction."""
    queue.enqueue_all(portion.queued)
    Analysis.objects.bulk_create([analysis for analysis, _estimates in portion.ended])
    AnalysisInput.objects.bulk_create(portion.inputs, batch_size=500)
    Repeat.objects.bulk_update(portion.taken, ["result"], batch_size=500)
    Repeat.objects.bulk_update(portion.left, ["decision", "told"], batch_size=200)
    audit.record_all(
        by=run.requested_by, action="analysis.requested", project_id=run.project_id,
        told=[
            (new, None, {"method": new.method, "parameters": new.parameters, "recomputation": str(run.pk)})
            for new in portion.made
        ],
    )  # fmt: skip
    pipeline.write_results(portion.ended)
    Tried.objects.filter(repeat__in=[*portion.taken, *portion.left]).delete()


def _hindrance(old: Analysis, without: set) -> Note | None:
    """Why a result that somebody chose is left as it is: replaced meanwhile, or what it rests on gives no number now."""
    if old.superseded_by_id or old.withdrawn_at:
        return OVERTAKEN
    if any(given.upstream_id in without for given in old.inputs.all()):
        return NO_UPSTREAM
    return None


def _draft(run: Recomputation, old: Analysis) -> tuple[Analysis, list[AnalysisInput]] | Note:
    """The same analysis on its inputs as they are today, unsaved; a note where its method refuses its settings today."""
    method, parameters = METHODS[old.method], known_parameters(old, run.parameters)
    inputs = [
        AnalysisInput(
            role=given.role, index=given.index, measurement=given.measurement, composition=given.composition,
            upstream=newest(given.upstream) if given.upstream_id else None,
        )
        for given in old.inputs.all()
    ]  # fmt: skip
    try:
        digest = provenance.digest_of(old.method, parameters, inputs)
    except ValueError as problem:
        return Note(BAD_SETTINGS.code, BAD_SETTINGS.text, {"problem": str(problem)})
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
    Tried.objects.filter(repeat__recomputation=run).delete()
    queued = Analysis.objects.filter(pk__in=run.repeats.exclude(result=None).values("result"), state=State.QUEUED)
    queued.update(state=State.CANCELLED, ended_at=now)
