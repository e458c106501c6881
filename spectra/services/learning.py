"""Learning from what people say of files that QDLab did not know, so that next time it is a suggestion."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import F

from qdlab.access.models import User
from spectra.matching import habits
from spectra.matching.clues import Clues, plain, stem_of, words
from spectra.matching.codes import by_place
from spectra.matching.files import clues_of_record
from spectra.matching.guess import guess_of
from spectra.matching.knowledge import known_for_file
from spectra.models import Habit, Measurement, Standard, Upload
from synthesis.models import Sample

LOOKED_AT = 300  # files whose words are compared


def learn(
    *, by: User, upload: Upload, measurements: Sequence[Measurement], sample: Sample | None = None, standard: Standard | None = None,
    role: str = "", technique: str = "",
) -> None:  # fmt: skip
    """Keep what a person said of a file, as far as QDLab would not have known it; part of a service's transaction.

    Words of its title (or name) stand for its sample, its standard or a special role; its kind stands for its technique, when
    the file does not tell that itself. What spoke for something else loses confidence.
    """
    if not measurements:
        return
    clues = clues_of_record(upload, measurements)
    known = known_for_file(upload.project_id, clues)
    guess = guess_of(clues, known)
    codes = {one.text.casefold() for found in by_place(clues, known.codes).values() for one in found}
    telling = habits.telling_words(clues, codes, _usual_words(measurements[0], sample, standard, role))
    said = {
        "sample": str(sample.pk) if sample and role in ("", "sample") else "",
        "standard": str(standard.pk) if standard else "",
        "role": role if role != "sample" and not standard else "",
        "technique": technique,
    }
    for says, value in said.items():
        if not value:
            continue
        _contradict(clues, known.lessons, says, value)
        if says == "technique":
            if not any(m.technique and m.technique_source == "file" for m in measurements):
                kind = _kind_in_words(measurements[0])
                _remember(by, measurements[0], habits.SHAPE, says, value, {clues.shape: kind})
        elif guess.lessons or getattr(guess, says) != value:
            _remember(by, measurements[0], habits.WORD, says, value, {word: word for word in telling})


def _usual_words(measurement: Measurement, sample: Sample | None, standard: Standard | None, role: str) -> set[str]:
    """Words that stand in files of several other samples (or standards): they tell nothing about this one."""
    others = Measurement.objects.filter(project_id=measurement.project_id, withdrawn_at=None)
    if role in ("blank", "IRF", "lamp"):
        others = others.exclude(role=role)
    elif standard:
        others = others.exclude(standard=standard)
    else:
        others = others.exclude(sample=None).exclude(sample=sample)
    rows = (
        others.exclude(reading=measurement.reading_id)
        .order_by("-pk")
        .values_list("sample_id", "standard_id", "title", "reading__upload__name")
    )
    stands_for = {}
    for own_sample, own_standard, title, name in rows[:LOOKED_AT]:
        for word in {*words(plain(title)), *words(stem_of(name))}:
            stands_for.setdefault(word, set()).add(own_sample or own_standard)
    return {word for word, found in stands_for.items() if len(found) > 1}


def _kind_in_words(measurement: Measurement) -> str:
    return measurement.instrument.name if measurement.instrument_id else measurement.reading.reader


def _contradict(clues: Clues, lessons: Iterable[habits.Lesson], says: str, value: str) -> None:
    wrong = [r.lesson.id for r in habits.fitting(clues, lessons, says) if r.lesson.value != value and not r.lesson.told]
    Habit.objects.filter(pk__in=wrong).update(against=F("against") + 1)


def _remember(by: User, measurement: Measurement, clue: str, says: str, value: str, keys: dict[str, str]) -> None:
    for key, shown in keys.items():
        habit, _new = Habit.objects.get_or_create(
            project_id=measurement.project_id, instrument_id=measurement.instrument_id, clue=clue, key=key[:80], says=says, value=value,
            defaults={"shown": shown[:160], "learnt_by": by},
        )  # fmt: skip
        Habit.objects.filter(pk=habit.pk).update(times=F("times") + 1)


def confirm(*, lessons: Iterable[str]) -> None:
    """Suggestions that rested on these habits were accepted: each habit as often as it is named."""
    by_times: dict[int, list[str]] = {}
    for lesson, times in Counter(lessons).items():
        by_times.setdefault(times, []).append(lesson)
    for times, some in by_times.items():
        Habit.objects.filter(pk__in=some, told=False).update(times=F("times") + times)
