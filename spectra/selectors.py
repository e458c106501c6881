"""The questions that pages and API both ask about files, measurements, analyses and numbers.

Whatever starts from a person takes ``user`` and passes ``visible_to``. Questions that start from records that were already
seen (batches, samples) take these.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
    UUIDField,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from qdlab.access.roles import projects_to_write
from spectra.analysis import METHODS
from spectra.models import (
    Agreed,
    Analysis,
    AnalysisInput,
    Composition,
    Decision,
    Found,
    FoundFile,
    Instrument,
    InstrumentSettings,
    Layout,
    Measurement,
    Outcome,
    Quantity,
    Reading,
    Recomputation,
    Rereading,
    SourceFolder,
    Standard,
    StandardSession,
    State,
    Trace,
    Upload,
)
from spectra.readers import READERS
from spectra.readers.table_mapping import names_columns
from synthesis.models import Batch, BatchCode, Sample, SampleState, Status

OPEN = Q(state__in=[State.QUEUED, State.RUNNING])
UNREAD = (Upload.Status.RECEIVED, Upload.Status.READING)
# A document waits as long as nobody said where it belongs; one that was dropped on a batch has its place.
LOOSE = Q(status=Upload.Status.KEPT, sample=None, batch=None)
CURRENT = Q(state=State.DONE, superseded_by=None, withdrawn_at=None)
# The same as lookups: of an analysis, and of a quantity's analysis
CURRENT_ANALYSIS = (("state", State.DONE), ("superseded_by__isnull", True), ("withdrawn_at__isnull", True))
CURRENT_QUANTITY = tuple((f"analysis__{name}", value) for name, value in CURRENT_ANALYSIS)
SAME_DROP = timedelta(minutes=10)
NOT_FRESH = (SampleState.AGED, SampleState.WITH_ADDITIVE, SampleState.FILM, SampleState.GRID, SampleState.DEVICE)


# --- Files ------------------------------------------------------------------------------------------------------------


def uploads(user, *, withdrawn: bool = False):
    """Files in use (with ``withdrawn``: all), newest first, with what a list shows of them."""
    files = Upload.objects.visible_to(user)
    files = files if withdrawn else files.filter(withdrawn_at=None)
    return files.select_related("blob", "uploaded_by", "batch", "sample__batch", "project").order_by("-pk")


def inbox(user):
    """Files that nobody has put anywhere yet: unread, unreadable, or without a home."""
    return uploads(user).filter(Q(status__in=[*UNREAD, Upload.Status.UNREADABLE]) | LOOSE | Q(pk__in=_homeless()))


def _homeless():
    """Files with a measurement that belongs to nothing yet, asked for once and not for each file: most lie in their place.

    A blank without its series, and a standard without its session, count for nothing; an instrument response needs no home.
    """
    loose = Measurement.objects.filter(sample=None, standard_session=None, withdrawn_at=None)
    return loose.exclude(role__in=["IRF", "lamp"]).values("reading__upload")


def not_read(user, batch: Batch):
    """Files that were dropped on a batch or its samples and gave nothing yet: unread or unreadable."""
    dropped = Q(batch=batch) | Q(sample__batch=batch)
    return uploads(user).filter(dropped, status__in=[*UNREAD, Upload.Status.UNREADABLE])


def pictures_and_documents(user, batch: Batch) -> tuple[list[Upload], list[Upload]]:
    """Files of a batch or its samples that have a drawn preview, and those that are only kept."""
    shown = Q(preview__width__isnull=False) | Q(status=Upload.Status.KEPT)
    found = uploads(user).filter(Q(batch=batch) | Q(sample__batch=batch)).filter(shown)
    kept = [upload for upload in found if upload.status == Upload.Status.KEPT]
    return [upload for upload in found if upload not in kept], kept


def inbox_count(user) -> int:
    return inbox(user).count()


def inbox_state(user) -> str:
    """A word that changes whenever what the inbox shows may have changed: one question, however many files wait."""
    files = inbox(user).order_by().select_related(None)
    unread = Count("pk", filter=Q(status__in=UNREAD))
    found = files.aggregate(
        n=Count("pk"),
        unread=unread,
        bad=Count("pk", filter=Q(status=Upload.Status.UNREADABLE)),
        versions=Sum("version"),
    )
    newest = files.order_by("-pk").values_list("pk", flat=True).first()
    return f"{found['n']}-{found['unread']}-{found['bad']}-{found['versions'] or 0}-{newest.hex[-12:] if newest else 0}"


def is_reading(user) -> bool:
    return uploads(user).filter(status__in=UNREAD).exists()


def latest_drop(user) -> dict | None:
    """How far the files of a person's latest drop are, whoever looks from where: all, read, placed, waiting, unreadable.

    A drop is what somebody handed in without a break of ten minutes, today or yesterday.
    """
    since = timezone.now() - timedelta(hours=24)
    own = uploads(user).filter(uploaded_by=user, created_at__gte=since).order_by("-created_at").select_related(None)
    times = list(own.values_list("created_at", flat=True)[:5000])
    if not times:
        return None
    pairs = pairwise(times)
    began = next((later for later, earlier in pairs if later - earlier > SAME_DROP), times[-1])
    waits = ExpressionWrapper(LOOSE | Q(pk__in=_homeless()), BooleanField())
    drop = own.filter(created_at__gte=began).order_by().annotate(waits=waits)
    unread_or_bad = Q(status__in=[*UNREAD, Upload.Status.UNREADABLE])
    found = drop.aggregate(
        all=Count("pk"),
        unread=Count("pk", filter=Q(status__in=UNREAD)),
        unreadable=Count("pk", filter=Q(status=Upload.Status.UNREADABLE)),
        waiting=Count("pk", filter=~unread_or_bad & Q(waits=True)),
        placed=Count("pk", filter=~unread_or_bad & Q(waits=False)),
    )
    return found | {"began": began, "read": found["all"] - found["unread"]}


def with_progress(files):
    """Files with how many of their analyses there are, are still open, have failed, and ended without a number."""
    own = Q(readings__measurements__withdrawn_at=None)
    still_open = Q(readings__measurements__analyses__state__in=[State.QUEUED, State.RUNNING])
    failed = Q(readings__measurements__analyses__state=State.FAILED)
    bad = Q(readings__measurements__analyses__state__in=[State.FAILED, State.REFUSED])
    return files.annotate(
        n_measurements=Count("readings__measurements", filter=own, distinct=True),
        n_analyses=Count("readings__measurements__analyses", distinct=True),
        n_open=Count("readings__measurements__analyses", filter=still_open, distinct=True),
        n_failed=Count("readings__measurements__analyses", filter=failed, distinct=True),
        n_unclear=Count("readings__measurements", filter=own & Q(readings__measurements__technique=""), distinct=True),
        n_bad=Count("readings__measurements__analyses", filter=bad, distinct=True),
    )


def files_under_way(user, ids: Iterable):
    """These files with their progress, whether they wait for a sample, and ``measured_on``: a sample they are on."""
    placed = Measurement.objects.filter(reading__upload=OuterRef("pk"), withdrawn_at=None).exclude(sample=None)
    files = uploads(user).filter(pk__in=ids)
    files = files.annotate(
        waits=ExpressionWrapper(LOOSE | Q(pk__in=_homeless()), BooleanField()),
        measured_on=Subquery(placed.values("sample__code")[:1]),
    )
    batch = Subquery(placed.values("sample__batch_id")[:1], output_field=UUIDField())
    return with_progress(files.annotate(measured_in=batch))


def measurements_of(upload: Upload):
    """What was found in a file at its latest reading."""
    return upload_measurements([upload])


def upload_measurements(files: Iterable[Upload]):
    return (
        Measurement.objects.filter(reading__upload__in=files, withdrawn_at=None)
        .select_related("sample__batch", "reading", "instrument")
        .order_by("reading_id", "item")
    )


def upload_has_ended(upload: Upload) -> bool:
    """Whether a file was read (or found unreadable) by now."""
    waiting = [Upload.Status.RECEIVED, Upload.Status.READING]
    return not Upload.objects.filter(pk=upload.pk, status__in=waiting).exists()


def samples_named(user, name: str, project=None):
    """Visible samples with this id or code."""
    return _named(
        Sample.objects.visible_to(user).select_related("project", "batch"), name, Q(code__iexact=name), project
    )


def batches_named(user, name: str, project=None):
    """Visible batches with this id or code; a code they once had counts too."""
    codes = Q(code__iexact=name) | Q(codes__code__iexact=name)
    return _named(Batch.objects.visible_to(user).select_related("project"), name, codes, project).distinct()


def _named(seen, name: str, by_code: Q, project):
    try:
        found = seen.filter(pk=UUID(name))
    except ValueError:
        found = seen.filter(by_code)
    return found.filter(project=project) if project else found


def read_by_earlier(user):
    """Files of which something in use was read by an earlier version of its reader, and was not compared since."""
    behind = Q()
    by_version = defaultdict(list)
    for reader in READERS:
        by_version[reader.version].append(reader.name)
    for version, names in by_version.items():
        behind |= Q(reading__reader__in=names, reading__checked_version__lt=version)
    measured = Measurement.objects.filter(behind, reading__upload=OuterRef("pk"), withdrawn_at=None)
    return uploads(user).filter(Exists(measured), status=Upload.Status.READ)


def unreadable(user):
    return uploads(user).filter(status=Upload.Status.UNREADABLE)


def per_project(files, projects) -> list[dict]:
    """How many of these files each of the projects has, where it has any."""
    rows = files.filter(project__in=projects).order_by("project__name").values("project", "project__name")
    return [
        {"project": row["project"], "name": row["project__name"], "n": row["n"]} for row in rows.annotate(n=Count("pk"))
    ]


def mappings_in_use(files: Iterable[Upload]) -> dict:
    """Upload id → what was said of its columns at the reading whose measurements are in use."""
    used = Reading.objects.filter(upload__in=list(files), measurements__withdrawn_at=None).exclude(mapping={})
    return dict(used.order_by("pk").values_list("upload", "mapping"))


def rereadings(user):
    """Readings on trial, the newest first, with how they stand."""
    counted = {
        "n_files": Count("trials"),
        "n_open": Count("trials", filter=Q(trials__state__in=[State.QUEUED, State.RUNNING])),
        "n_failed": Count("trials", filter=Q(trials__state=State.FAILED)),
        "n_same": Count("trials", filter=Q(trials__outcome=Outcome.SAME)),
        "n_undecided": Count(
            "trials", filter=Q(trials__outcome__in=[Outcome.CHANGED, Outcome.NEW], trials__decision=Decision.OPEN)
        ),
    }
    seen = Rereading.objects.visible_to(user).select_related("project", "requested_by")
    return seen.annotate(**counted).order_by("-pk")


def trials_that_differ(rereading: Rereading):
    """The files of a reading on trial that do not simply read the same: with changes, unreadable, or failed."""
    ended = rereading.trials.exclude(state__in=[State.QUEUED, State.RUNNING]).exclude(outcome=Outcome.SAME)
    return ended.select_related("upload").order_by("pk")


def trials_to_decide(rereading: Rereading):
    """Those of which nobody has said yet whether their new reading counts."""
    return rereading.trials.filter(state=State.DONE, decision=Decision.OPEN).exclude(outcome=Outcome.SAME)


def codes_taken(project, codes: Iterable[str]) -> set[str]:
    """Those of ``codes`` that a batch or sample of a project has or had."""
    batches = BatchCode.objects.filter(project=project, code__in=codes).values_list("code", flat=True)
    return {*batches, *Sample.objects.filter(project=project, code__in=codes).values_list("code", flat=True)}


def latest_reading(upload: Upload) -> Reading | None:
    return upload.readings.order_by("-pk").first()


# --- Folders whose files are taken in ----------------------------------------------------------------------------------


def source_folders(user, *, forgotten: bool = False):
    """Folders with how many of their files wait and how many failed; with ``forgotten`` also those nobody looks into."""
    folders = SourceFolder.objects.visible_to(user)
    folders = folders if forgotten else folders.filter(forgotten_at=None)
    counts = {
        "n_waiting": _counted_files(FoundFile.State.WAITING),
        "n_failed": _counted_files(FoundFile.State.FAILED),
        "n_taken": _counted_files(FoundFile.State.STORED),
    }
    return folders.select_related("project", "by").annotate(**counts)


def _counted_files(state: str):
    same = FoundFile.objects.filter(folder=OuterRef("pk"), state=state).order_by()
    return Coalesce(Subquery(same.values("folder").annotate(n=Count("pk")).values("n")), 0)


def found_files(user):
    """What was seen in source folders, as it was found."""
    return FoundFile.objects.visible_to(user).select_related("folder__project", "upload__sample", "earlier")


def unread_in(folders: Iterable[SourceFolder]) -> int:
    """How many files that were taken from these folders are still to be read."""
    return Upload.objects.filter(found_files__folder__in=folders, status__in=UNREAD).distinct().count()


def found_as(upload: Upload):
    """Where a file was found: its paths in the folders that it came from."""
    return FoundFile.objects.filter(upload=upload).select_related("folder").order_by("pk")


def not_taken(folder: SourceFolder):
    """Files of a folder that somebody may have to look after: failed, gone, or waiting for a reason, the newest first."""
    wanted = Q(state__in=[FoundFile.State.FAILED, FoundFile.State.GONE])
    wanted |= Q(state=FoundFile.State.WAITING, reason__isnull=False)
    return FoundFile.objects.filter(wanted, folder=folder).order_by("-changed_at")


# --- Measurements -----------------------------------------------------------------------------------------------------


def measurements(user, *, withdrawn: bool = False):
    """Measurements in use (with ``withdrawn``: all), newest first."""
    seen = Measurement.objects.visible_to(user)
    seen = seen if withdrawn else seen.filter(withdrawn_at=None)
    return seen.select_related(
        "sample__batch",
        "sample__solvent",
        "reading__upload__blob",
        "instrument",
        "standard",
        "standard_session",
        "project",
    )


def with_curves(found):
    """Measurements with their traces and grids, ready for ``values.value_of``."""
    return found.prefetch_related(Prefetch("traces", Trace.objects.select_related("grid").order_by("index")))


def with_ranges(found):
    """Measurements with what their curves span, without the curves themselves."""
    return found.prefetch_related(Prefetch("traces", Trace.objects.defer("y").order_by("index")))


def dilution_meant(analysis: Analysis) -> Measurement | None:
    """The emission of the dilution that a refusal names, by its place in the series."""
    values = (analysis.reason or {}).get("values", {})
    if "number" not in values or values.get("which") not in ("sample", "standard"):
        return None
    given = analysis.inputs.filter(role=f"{values['which']}_emission", index=values["number"])
    found = given.select_related("measurement__reading__upload").first()
    return found.measurement if found else None


def analyses_of(measurement: Measurement):
    """Everything computed from a measurement, the newest first, each with its numbers."""
    rests = Q(measurement=measurement) | Q(composition__measurement=measurement)
    ids = AnalysisInput.objects.filter(rests).values("analysis")
    return with_numbers(Analysis.objects.filter(pk__in=ids).select_related("sample")).order_by("-pk")


# --- Analyses and numbers ---------------------------------------------------------------------------------------------


def analyses(user):
    return Analysis.objects.visible_to(user).select_related("sample__batch", "measurement", "project", "requested_by")


def with_numbers(found):
    return found.prefetch_related("quantities")


def with_chain(found):
    """Analyses with the way back to the raw files: inputs, their files, and one step of upstream analyses."""
    return with_numbers(found.select_related("settings_from__instrument")).prefetch_related(
        "inputs__measurement__reading__upload__blob",
        "inputs__measurement__instrument",
        "inputs__measurement__standard",
        "inputs__measurement__standard_session",
        "inputs__composition",
        "inputs__upstream__quantities",
        "inputs__upstream__inputs__measurement__reading__upload__blob",
        "supersedes",
    )


def of_the_same(user, analysis: Analysis):
    """Other ended analyses by the same method on the same measurement, or on the same sample, the newest first."""
    found = analyses(user).filter(method=analysis.method, state__in=[State.DONE, State.REFUSED]).exclude(pk=analysis.pk)
    same = Q(measurement=analysis.measurement) if analysis.measurement_id else Q(pk=None)
    same |= Q(sample=analysis.sample) if analysis.sample_id else Q(pk=None)
    return found.filter(same).defer("curves", "details").order_by("-pk")[:50]


def quantities(user):
    """Numbers of analyses in use, with their analysis."""
    found = Quantity.objects.visible_to(user).filter(analysis__withdrawn_at=None)
    return found.select_related("analysis__sample__batch", "analysis__measurement")


def analysis_has_ended(analysis: Analysis) -> bool:
    return not Analysis.objects.filter(OPEN, pk=analysis.pk).exists()


def current_quantities_of(user, measurement: Measurement):
    """Current numbers that rest on a measurement, alone or joined with others."""
    rests = Q(measurement=measurement) | Q(composition__measurement=measurement)
    ids = AnalysisInput.objects.filter(rests).values("analysis")
    return quantities(user).filter(analysis__in=ids, **dict(CURRENT_QUANTITY)).order_by("analysis_id", "id")


def current_analyses(samples: Iterable[Sample]) -> dict:
    """Sample id → its current analyses, those that speak for it first: not stale, undiluted, newest."""
    found = with_numbers(Analysis.objects.filter(CURRENT, sample__in=samples).select_related("measurement", "sample"))
    by_sample = defaultdict(list)
    for analysis in sorted(found, key=_speaks_for, reverse=True):
        by_sample[analysis.sample_id].append(analysis)
    return by_sample


def _speaks_for(analysis: Analysis):
    diluted = bool(analysis.measurement and analysis.measurement.dilution_label)
    return analysis.stale_since is None, not diluted, str(analysis.pk)


# --- Results computed again -------------------------------------------------------------------------------------------


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


# --- The agreed value of a batch --------------------------------------------------------------------------------------


def agreed_analyses(batches: Iterable[Batch]) -> dict:
    """Batch id → {method: analysis that speaks for the batch}.

    A person's choice goes first; otherwise it is the newest current analysis on the representative sample, never one of
    an aged sample, film or device unless a person chose that as representative.
    """
    batches = list(batches)
    chosen = _chosen(batches)
    samples = defaultdict(list)
    for sample in Sample.objects.filter(batch__in=batches).order_by("pk"):
        samples[sample.batch_id].append(sample)
    ranked = {batch.pk: ranked_samples(batch, samples[batch.pk]) for batch in batches}
    current = current_analyses([sample for found in ranked.values() for sample in found])
    return {batch.pk: _agreed(ranked[batch.pk], current) | chosen[batch.pk] for batch in batches}


def _chosen(batches: list[Batch]) -> dict:
    chosen = defaultdict(dict)
    rows = Agreed.objects.filter(batch__in=batches).select_related("analysis__measurement", "analysis__sample")
    for row in rows.prefetch_related("analysis__quantities"):
        if _still_chosen(row):
            chosen[row.batch_id][row.method] = row.analysis
    return chosen


def ranked_samples(batch: Batch, samples: list[Sample]) -> list[Sample]:
    """The samples that may speak for a batch, the representative one first, then washed before crude, newest first."""
    usable = [s for s in samples if s.pk == batch.representative_id or s.state not in NOT_FRESH]
    return sorted(usable, key=lambda s: (s.pk == batch.representative_id, s.wash_count, str(s.pk)), reverse=True)


def _agreed(samples: list[Sample], current: dict) -> dict:
    agreed = {}
    for sample in samples:
        for analysis in current.get(sample.pk, ()):
            agreed.setdefault(analysis.method, analysis)
    return agreed


def chosen_by_people(batch: Batch) -> dict[str, Agreed]:
    """Method → the choice of a person that still holds, with who made it and why."""
    rows = Agreed.objects.filter(batch=batch).select_related("analysis", "chosen_by")
    return {row.method: row for row in rows.select_related("analysis__sample") if _still_chosen(row)}


def _still_chosen(choice: Agreed) -> bool:
    """A result that went to another batch with its file speaks no longer for the one where it was chosen."""
    sample = choice.analysis.sample
    return choice.analysis.is_current and sample is not None and sample.batch_id == choice.batch_id


def why_agreed(batch: Batch, analysis: Analysis, choice: Agreed | None) -> dict:
    """Why an analysis speaks for its batch, as facts for a sentence: ``chosen`` by a person, or the rules it won by."""
    return {
        "choice": choice,
        "representative": analysis.sample_id == batch.representative_id,
        "state": analysis.sample.state_text,
        "diluted": bool(analysis.measurement and analysis.measurement.dilution_label),
        "stale": analysis.stale_since is not None,
    }


def agreed_quantities(batches: Iterable[Batch]) -> dict:
    """Batch id → {name: Quantity} of the agreed analyses (each quantity knows its analysis)."""
    found = {}
    for batch_id, by_method in agreed_analyses(batches).items():
        found[batch_id] = {
            q.name: _with(q, analysis) for analysis in by_method.values() for q in analysis.quantities.all()
        }
    return found


def _with(quantity: Quantity, analysis: Analysis) -> Quantity:
    quantity.analysis = analysis
    return quantity


def speaks_for_batch(analysis: Analysis) -> bool:
    """Whether it is this analysis that gives its batch's numbers of its method."""
    if not analysis.sample_id or not analysis.is_current:
        return False
    batch = analysis.sample.batch
    return agreed_analyses([batch])[batch.pk].get(analysis.method) == analysis


def alternatives(batch: Batch, method: str) -> list[Analysis]:
    """All current analyses of ``method`` on any sample of a batch, the agreed one among them."""
    found = Analysis.objects.filter(CURRENT, sample__batch=batch, method=method)
    return list(with_numbers(found.select_related("sample", "measurement")).order_by("-pk"))


# --- Standards --------------------------------------------------------------------------------------------------------


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


# --- Layouts of tables --------------------------------------------------------------------------------------------------

MOST_LAYOUTS = 500  # travel with each file to the reader host
MOST_ALIKE = 500


def layouts(user, *, archived: bool = False):
    """Layouts in use (with ``archived``: all) with how many of the files that one may see were read with each."""
    readings = Reading.objects.visible_to(user).filter(
        layout=OuterRef("pk"), state=State.DONE, upload__withdrawn_at=None
    )
    n_files = readings.order_by().values("layout").annotate(n=Count("upload", distinct=True)).values("n")
    found = Layout.objects.visible_to(user).select_related("made_by")
    found = found if archived else found.filter(archived_at=None)
    return found.annotate(n_files=Coalesce(Subquery(n_files), 0)).order_by("name", "pk")


def known_layouts() -> list[dict]:
    """What a worker takes along to read tables (``readers.layouts``), the last changed first."""
    columns = ("id", "name", "version", "fingerprint", "marks", "n_columns", "reader", "mapping")
    found = Layout.objects.filter(archived_at=None).order_by("-changed_at", "-pk").values(*columns)[:MOST_LAYOUTS]
    return [layout | {"id": str(layout["id"])} for layout in found]


def files_alike(user, layout: Layout) -> list[Upload]:
    """Files of the inbox that the person may read again, whose table has the layout's header and that nobody described."""
    latest = Reading.objects.filter(upload=OuterRef("pk")).order_by("-pk")
    waiting = inbox(user).filter(project__in=projects_to_write(user)).annotate(latest=Subquery(latest.values("pk")[:1]))
    readings = {
        reading.pk: reading
        for reading in Reading.objects.filter(
            pk__in=waiting.order_by().values("latest"), layout=None, decided__fingerprint__icontains=layout.fingerprint
        )
    }
    found = waiting.filter(latest__in=list(readings)[:MOST_ALIKE])
    return [upload for upload in found if _is_undescribed(upload, readings[upload.latest])]


def _is_undescribed(upload: Upload, reading: Reading) -> bool:
    """Unreadable, or read by a guess; and nobody has said which columns are what."""
    if names_columns(reading.mapping):
        return False
    doubts = {note["code"] for note in upload.warnings}
    return upload.status == Upload.Status.UNREADABLE or bool(doubts & {"technique_unknown", "please_confirm"})
