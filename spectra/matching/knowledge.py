"""What is known in projects when files are looked at. The number of queries depends neither on files nor on projects."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from spectra.matching.clues import Clues, stem_of
from spectra.matching.codes import Codes, SampleRef, folded, spellings, texts_to_look_up
from spectra.matching.guess import WEAK, Guess, Known, StandardRef
from spectra.matching.habits import Lesson
from spectra.matching.neighbours import LONGEST, Moment, sessions_of
from spectra.matching.patterns import Pattern, PatternProblem, compiled
from spectra.matching.words import names_of_standard
from spectra.models import Habit, Measurement, NamingPattern, Standard
from synthesis.models import Batch, BatchCode, Sample, Status

RECENT = timedelta(days=7)  # a batch that was made longer ago is no longer "open"
MOST_NEIGHBOURS = 5000


MOST_ASKED = 10_000  # spellings of codes in one query; for more, all codes of the projects are fetched


def known_for_file(project_id, clues: Clues) -> Known:
    return known_in({project_id: [clues]})[project_id]


def known_in(files: Mapping, drafts: Sequence[Pattern] = ()) -> dict:
    """Project id → what is known there of its ``files`` (project id → clues), but for what lies around them (``surroundings``).

    ``drafts`` are patterns that are tried before those of the projects.
    """
    project_ids, told = list(files), _told(files)
    for known in told.values():
        known["patterns"] = (*drafts, *known["patterns"])
    samples, codes = Sample.objects.filter(project__in=project_ids), BatchCode.objects.filter(project__in=project_ids)
    texts, ids = _asked_for(files, told)
    if len(texts) <= MOST_ASKED:
        samples = samples.filter(Q(code__in=texts) | Q(pk__in=ids))
        codes = codes.filter(Q(code__in=texts) | Q(batch__in=ids))
    batches = list(codes.values_list("project_id", "batch_id", "code", "batch__representative_id"))
    named = {row[1] for row in batches}
    standing_for = Sample.objects.filter(project__in=project_ids)
    standing_for = standing_for.filter(batch__in=named) if len(named) <= MOST_ASKED else standing_for
    found, standards = _codes(project_ids, _rows(samples), batches, _rows(standing_for)), _standards()
    return {project_id: Known(found[project_id], **told[project_id], standards=standards) for project_id in project_ids}


def _asked_for(files: Mapping, told: Mapping) -> tuple[set[str], set[str]]:
    """Spellings of all that could be a code in the files, and ids that stand there."""
    texts, ids = set(), set()
    for project_id, clues_of_files in files.items():
        for clues in clues_of_files:
            runs, found = texts_to_look_up(clues)
            texts |= runs | {
                piece for pattern in told[project_id]["patterns"] for piece in pattern.pieces(stem_of(clues.name))
            }
            ids |= found
    return {spelling for text in texts for spelling in spellings(text)}, ids


def _rows(samples) -> list[tuple]:
    return list(samples.order_by("pk").values_list("project_id", "pk", "code", "batch_id"))


def _codes(project_ids, samples, batches, standing_for) -> dict:
    """Project id → Codes, of rows of samples, of codes of batches, and of the samples that may stand for these batches."""
    of_batch, by_id = {}, {}
    for _project, pk, code, batch in standing_for:
        by_id[pk] = SampleRef(str(pk), str(batch), code)
        of_batch.setdefault(batch, by_id[pk])
    found = {project: Codes({}, {}, {}) for project in project_ids}
    for project, pk, code, batch in samples:
        own = found[project]
        own.samples[folded(code)] = own.ids[str(pk)] = SampleRef(str(pk), str(batch), code)
    for project, batch, code, representative in batches:
        if target := by_id.get(representative) or of_batch.get(batch):
            found[project].batches[folded(code)] = found[project].ids[str(batch)] = target
    return found


def _told(project_ids) -> dict:
    """Project id → naming patterns and lessons."""
    told = {project_id: {"patterns": [], "lessons": []} for project_id in project_ids}
    for pattern in NamingPattern.objects.filter(project__in=project_ids, archived_at=None):
        told[pattern.project_id]["patterns"] += _pattern(pattern)
    for habit in Habit.objects.filter(project__in=project_ids).select_related("instrument"):
        told[habit.project_id]["lessons"].append(lesson_of(habit))
    return {project_id: {name: tuple(found) for name, found in both.items()} for project_id, both in told.items()}


def _pattern(record: NamingPattern) -> list[Pattern]:
    try:
        return [compiled(record.text)]
    except (
        PatternProblem
    ):  # of an earlier version with other places: it waits on its page, and files are read all the same
        return []


def lesson_of(habit: Habit) -> Lesson:
    return Lesson(
        str(habit.pk), habit.clue, habit.key, habit.says, habit.value, habit.shown,
        habit.instrument.name if habit.instrument_id else "", habit.told, habit.times, habit.against,
    )  # fmt: skip


def _standards() -> tuple[StandardRef, ...]:
    """The newest revision of each standard; those with a quantum yield first, since only they can be used."""
    found = sorted(Standard.objects.filter(archived_at=None), key=lambda s: (s.phi is None, s.compound, str(s.pk)))
    return tuple(
        StandardRef(
            str(s.pk), str(s), frozenset(names_of_standard(s.compound)), (s.excitation_min_nm, s.excitation_max_nm)
        )
        for s in found
    )


# --- What lies around the files ---------------------------------------------------------------------------------------


def surroundings(project_ids: Iterable, files: Sequence[tuple], known: Mapping) -> dict:
    """Project id → Known with sessions at the instruments and open batches; ``files``: (project id, clues, guess) of what waits."""
    project_ids = list(project_ids)
    moments = {project_id: [] for project_id in project_ids}
    for project_id, clues, guess in files:
        if clues.measured_at and clues.instrument:
            moments[project_id].append((clues.person, clues.instrument, _moment(clues, guess)))
    for project_id, person, instrument, moment in _placed_before(project_ids, [clues for _p, clues, _g in files]):
        moments[project_id].append((person, instrument, moment))
    opened = _open_batches(project_ids)
    return {
        project_id: replace(
            known[project_id], sessions=sessions_of(moments[project_id]), open_batches=opened[project_id]
        )
        for project_id in project_ids
    }


def _moment(clues: Clues, guess: Guess) -> Moment:
    """A waiting file as a neighbour of others: only where its own sample is likely, or one guess would carry the next."""
    if guess.confidence < WEAK:
        return Moment(clues.measured_at)
    return Moment(clues.measured_at, guess.sample, guess.standard, clues.title[:60] or clues.name[:60])


def _placed_before(project_ids, clues: Sequence[Clues]) -> Iterable[tuple]:
    """(project id, person, instrument, moment) of what is on its sample or standard already, around the times of ``clues``."""
    times = [one.measured_at for one in clues if one.measured_at and one.instrument]
    if not times:
        return
    placed = Measurement.objects.filter(
        project__in=project_ids, instrument__name__in={one.instrument for one in clues if one.instrument}, withdrawn_at=None,
        measured_at__range=(min(times) - LONGEST, max(times) + LONGEST), role__in=["sample", "standard"],
    ).exclude(sample=None, standard=None)  # fmt: skip
    rows = placed.order_by("-measured_at").values_list(
        "project_id", "reading__upload__uploaded_by_id", "instrument__name", "measured_at", "sample_id", "standard_id",
        "sample__code", "standard__compound", "dilution_label",
    )  # fmt: skip
    for project, person, instrument, at, sample, standard, code, compound, label in rows[:MOST_NEIGHBOURS]:
        moment = Moment(
            at, str(sample or ""), "" if sample else str(standard or ""), f"{code or compound} {label}".strip()
        )
        yield project, str(person), instrument, moment


def _open_batches(project_ids) -> dict:
    """Project id → person → the only batch that the person made lately and has not measured."""
    lately = timezone.now() - RECENT
    measured = Measurement.objects.filter(sample__batch=OuterRef("pk"), withdrawn_at=None)
    made = Batch.objects.filter(project__in=project_ids, status=Status.MADE, archived_at=None)
    made = made.filter(Q(finished_at__gte=lately) | Q(made_on__gte=lately.date()) | Q(started_at__gte=lately))
    first = Sample.objects.filter(batch=OuterRef("pk")).order_by("pk").values("pk")[:1]
    rows = made.exclude(Exists(measured)).annotate(spoken_for=Coalesce("representative_id", Subquery(first)))
    found = {project_id: defaultdict(list) for project_id in project_ids}
    for project, operator, batch, code, sample in rows.values_list(
        "project_id", "operator_id", "pk", "code", "spoken_for"
    ):
        found[project][str(operator)].append(SampleRef(str(sample or ""), str(batch), code))
    return {
        project: {person: refs[0] for person, refs in own.items() if len(refs) == 1 and refs[0].sample}
        for project, own in found.items()
    }
