"""Which analyses follow by themselves: after a file was read, after a series is complete, after upstream numbers exist.

Methods on one measurement are queued at once. Methods that join several (PLQY, Stokes shift, rates) wait until the files
and analyses of the sample have settled, so that a drop of sixty files gives one PLQY and not sixteen.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from qdlab.records import outbox
from spectra.analysis import METHODS
from spectra.models import (
    Analysis,
    AnalysisInput,
    Composition,
    Measurement,
    StandardSession,
    State,
    Trace,
    Upload,
)
from spectra.wishes import Wish, queue_analyses, queue_analysis
from synthesis.models import Sample

# technique → methods that run on each measurement of it, with the role it takes there
ON_ONE_MEASUREMENT = {
    "pl_emission": (("emission_band", "emission"), ("colour", "emission")),
    "uvvis": (("first_exciton", "absorbance"),),
    "el": (("emission_band", "emission"), ("colour", "emission")),
    "cd": (("circular_dichroism", "cd"),),
    "kinetics": (("growth", "series"),),
    "tem_sizes": (("tem_diameters", "sizes"),),
}
# what a series of spectra runs over → methods that take it as a whole
ON_SERIES = {"time": (("growth", "series"),), "voltage": (("el_voltage", "series"),)}
# method → the upstream methods it joins, with their roles
ON_UPSTREAM = {
    "stokes_shift": (("first_exciton", "absorption"), ("emission_band", "emission")),
    "rates": (("plqy", "plqy"), ("decay", "lifetime")),
}
SAME_DAY = timedelta(hours=24)
SAME_DROP = timedelta(minutes=30)  # files that were handed in together
UNITS = re.compile(r"(?<![a-z])(?:[nµmp]?s|nm|k?hz|mhz|ex|em)(?![a-z])")
PAIR_WORDS = re.compile(
    r"(?<![a-z])(?:irf|prompt|scatter(?:er)?|ludox|instrument response|decay|trpl|tcspc|lifetime|pl)(?![a-z])"
)
SPHERE = re.compile(r"integrating sphere|積分球|ulbricht", re.I)
SETTLED_TOGETHER = 50  # samples in one transaction
SETTLING = "sample"  # kind of the outbox notes on samples that may need joined analyses


def queue_for_measurements(measurements: Sequence[Measurement]) -> None:
    """Queue the methods that new measurements call for."""
    own = [m for m in measurements if m.role == "sample" and not m.withdrawn_at]
    along, compositions = _series_over(own), Composition.objects.filter(measurement__in=own, withdrawn_at=None)
    wishes = [wish for measurement in own for wish in _wishes_for(measurement, along.get(measurement.pk, ""))]
    queue_analyses([*wishes, *(_of_composition(composition) for composition in compositions)])
    for response in measurements:  # now that the decays which came with it have it
        if response.role == "IRF":
            queue_analyses(_decays_without_irf(response))


def queue_for_composition(composition: Composition) -> None:
    """Queue what follows from an elemental composition, read from a file or typed in."""
    queue_analyses([_of_composition(composition)])


def _of_composition(composition: Composition) -> Wish:
    return Wish("particle_composition", [AnalysisInput(role="composition", composition=composition)])


def _wishes_for(measurement: Measurement, along: str) -> Iterable[Wish]:
    for method, role in _methods_for(measurement, along):
        yield Wish(method, [AnalysisInput(role=role, measurement=measurement)])
    if measurement.technique == "decay" and not along:
        yield _of_decay(measurement)


def _methods_for(measurement: Measurement, along: str) -> Iterable[tuple[str, str]]:
    """Method and role for what a measurement holds: one curve, or several ``along`` time, temperature or voltage."""
    if not along and _is_in_a_sphere(measurement):
        return ()  # it holds the excitation too: for a quantum yield, which needs the empty sphere, not for a band or a colour
    if not along:
        return ON_ONE_MEASUREMENT.get(measurement.technique, ())
    fitting = ON_SERIES.get(along, ())
    return [(name, role) for name, role in fitting if measurement.technique in METHODS[name].roles[0].techniques]


def _is_in_a_sphere(measurement: Measurement) -> bool:
    """Whether the file says so of an emission that reaches down to its excitation."""
    written = [measurement.title, *(str(text) for text in measurement.metadata.values())]
    return measurement.technique == "pl_emission" and any(SPHERE.search(text) for text in written)


def _series_over(measurements: Sequence[Measurement]) -> dict:
    """Id → what a series of spectra runs over, of those measurements that are one."""
    several = Trace.objects.filter(measurement__in=measurements).exclude(z=None).exclude(z_quantity="bin_width")
    return dict(several.order_by("-index").values_list("measurement_id", "z_quantity"))  # the first curve's


def _of_decay(measurement: Measurement) -> Wish:
    inputs = [AnalysisInput(role="decay", measurement=measurement)]
    response = instrument_response_for(measurement)
    if response:
        inputs.append(AnalysisInput(role="irf", measurement=response))
    return Wish("decay", inputs)


def instrument_response_for(measurement: Measurement) -> Measurement | None:
    """The IRF that belongs to a decay: of its own file, else of its own name ("OC-7 decay" and "OC-7 IRF"), else the nearest in

    time of its instrument within a day, else the only one that came with it.
    """
    if measurement.traces.filter(role="IRF").exists():
        return None  # the decay carries it
    responses = Measurement.objects.filter(
        project_id=measurement.project_id, role="IRF", technique="decay", withdrawn_at=None
    )
    own = responses.filter(reading__upload=measurement.reading.upload_id).first()
    if own:
        return own
    together = _came_together(responses, measurement)
    named = [response for response in together if _bare_name(response) == _bare_name(measurement)]
    return (named[-1] if named else None) or _nearest_in_time(responses, measurement) or _only_one(together)


def _came_together(responses, measurement: Measurement) -> list[Measurement]:
    """The responses that were handed in within minutes of a decay by the same person, oldest first."""
    upload = measurement.reading.upload
    near = (upload.created_at - SAME_DROP, upload.created_at + SAME_DROP)
    found = responses.filter(reading__upload__created_at__range=near, reading__upload__uploaded_by=upload.uploaded_by)
    found = found.filter(reading__reader=measurement.reading.reader).select_related("reading__upload")
    found, axes = list(found.order_by("pk")[:200]), {}
    curves = Trace.objects.filter(measurement__in=[*found, measurement]).order_by("-index")
    for pk, *axis in curves.values_list("measurement_id", "n_points", "x_min", "x_max", "x_unit"):
        axes[pk] = axis  # the first curve's
    own = axes.get(measurement.pk)  # with equal channels they may be decay and response of one setting
    return [response for response in found if own and axes.get(response.pk) == own]


def _bare_name(measurement: Measurement) -> str:
    """A file's name without its ending and the words for decay and response: what both files of a pair share."""
    stem = re.sub(r"\.[^.]*$", "", measurement.reading.upload.name).casefold()
    return re.sub(r"[\W_]+", " ", PAIR_WORDS.sub(" ", stem)).strip()


def _nearest_in_time(responses, measurement: Measurement) -> Measurement | None:
    if not (measurement.instrument_id and measurement.measured_at):
        return None
    candidates = responses.filter(instrument_id=measurement.instrument_id).exclude(measured_at=None)
    near = [
        (abs((m.measured_at - measurement.measured_at).total_seconds()), m) for m in candidates.order_by("-id")[:50]
    ]
    near = [pair for pair in near if pair[0] <= SAME_DAY.total_seconds()]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _only_one(together: list[Measurement]) -> Measurement | None:
    """The response of a drop, where there is one alone, for files that tell neither instrument nor time. One that is named after

    something is of that: its own decay may only not have come yet.
    """
    if len(together) != 1 or (together[0].instrument_id and together[0].measured_at):
        return None
    return None if re.search(r"[^\W\d_]", UNITS.sub("", _bare_name(together[0]))) else together[0]


def _decays_without_irf(response: Measurement) -> Iterable[Wish]:
    """An IRF that arrives after its decays: they were fitted on the tail, and are fitted again with it."""
    upload = response.reading.upload
    theirs = Q(
        reading__upload__created_at__range=(upload.created_at - SAME_DROP, upload.created_at + SAME_DROP),
        reading__upload__uploaded_by=upload.uploaded_by,
    )
    if response.instrument_id and response.measured_at:
        theirs |= Q(instrument_id=response.instrument_id)
    decays = Measurement.objects.filter(
        theirs, project_id=response.project_id, technique="decay", role="sample", withdrawn_at=None
    ).exclude(used_in__analysis__inputs__role="irf")
    for decay in decays.select_related("reading__upload").distinct()[:200]:
        wish = _of_decay(decay)
        if len(wish.inputs) > 1:
            yield wish


# --- What joins several measurements ----------------------------------------------------------------------------------


def queue_for_samples_and_sessions(measurements: Iterable[Measurement]) -> None:
    """Note the samples whose joined analyses may be due after ``measurements`` came or changed."""
    samples = {m.sample_id for m in measurements if m.sample_id}
    for session in {m.standard_session for m in measurements if m.standard_session_id}:
        samples |= set(_samples_with_series(session.project_id))
    outbox.changed(SETTLING, *samples)


def _samples_with_series(project_id) -> Iterable:
    series = Measurement.objects.filter(project_id=project_id, technique="pl_emission", role="sample").exclude(
        dilution_label=""
    )
    return series.exclude(sample=None).values_list("sample_id", flat=True).distinct()


def settle(project_id) -> None:
    """Queue the joined analyses of samples whose files and analyses have all ended; the others stay noted."""
    waiting = Upload.objects.filter(project_id=project_id, status__in=[Upload.Status.RECEIVED, Upload.Status.READING])
    if waiting.exists():
        return
    samples = Sample.objects.filter(~_busy(), project_id=project_id, pk__in=outbox.pending(SETTLING))
    ids = list(samples.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), SETTLED_TOGETHER):
        _settle_some(ids[start : start + SETTLED_TOGETHER])


def settle_all() -> None:
    """Settle whatever is noted in any project (the dispatcher's part)."""
    for project_id in (
        Sample.objects.filter(pk__in=outbox.pending(SETTLING)).values_list("project_id", flat=True).distinct()
    ):
        settle(project_id)


def _busy() -> Exists:
    return Exists(Analysis.objects.filter(sample=OuterRef("pk"), state__in=[State.QUEUED, State.RUNNING]))


@transaction.atomic
def _settle_some(ids: list) -> None:
    """Forget the notes on samples of which nothing is under way, and join what can be joined; most have nothing to join."""
    locked = Sample.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids).order_by("pk")
    quiet = list(locked.filter(~_busy()))  # of the others, the last one that ends comes back here
    outbox.forget(SETTLING, *(sample.pk for sample in quiet))
    joined = set(
        Sample.objects.filter(_has_something_to_join(), pk__in=[s.pk for s in quiet]).values_list("pk", flat=True)
    )
    for sample in quiet:
        if sample.pk in joined:
            _settle_one(sample)


def _has_something_to_join() -> Q:
    """Whether a sample has a dilution series, or results of both methods of a pair."""
    labelled = Measurement.objects.filter(sample=OuterRef("pk"), withdrawn_at=None).exclude(dilution_label="")
    found = Q(Exists(labelled))
    for roles in ON_UPSTREAM.values():
        done = [
            Exists(Analysis.objects.filter(sample=OuterRef("pk"), method=name, state=State.DONE)) for _, name in roles
        ]
        found |= Q(*done)
    return found


def _settle_one(sample: Sample) -> None:
    queue_plqy(sample)
    for method, roles in ON_UPSTREAM.items():
        upstream = [(role, best(sample, name)) for name, role in roles]
        if all(analysis for _role, analysis in upstream):
            inputs = [AnalysisInput(role=role, upstream=analysis) for role, analysis in upstream]
            queue_analysis(method, inputs, sample=sample)


def best(sample: Sample, method: str) -> Analysis | None:
    """The analysis of ``method`` that speaks for a sample: current, not stale, undiluted first, then the newest."""
    found = Analysis.objects.filter(
        sample=sample, method=method, state=State.DONE, superseded_by=None, withdrawn_at=None, stale_since=None
    )
    found = found.select_related("measurement").defer("curves", "details")
    return max(found, key=lambda a: (not (a.measurement and a.measurement.dilution_label), a.pk), default=None)


def queue_plqy(sample: Sample) -> Analysis | None:
    """Queue a PLQY when every emission of the dilution series has its absorbance and a standard session is there."""
    series = dilution_series(Measurement.objects.filter(sample=sample, role="sample", standard_session=None))
    if not is_complete(series):
        return None
    session = session_for(sample.project_id, next(iter(series.values()))["pl_emission"])
    if session is None:
        return None
    inputs = plqy_inputs(series, [session_series(session)], blanks_for(sample, session))
    return queue_analysis("plqy", inputs, sample=sample)


def dilution_series(measurements) -> dict[str, dict[str, Measurement]]:
    """label → {technique: newest measurement} of the emission and absorbance measurements that carry a label."""
    wanted = measurements.filter(technique__in=["pl_emission", "uvvis"], withdrawn_at=None).exclude(dilution_label="")
    return paired(wanted)


def paired(measurements: Iterable[Measurement]) -> dict[str, dict[str, Measurement]]:
    """As ``dilution_series``, of measurements that carry a label; d2 comes before d10."""
    series: dict[str, dict[str, Measurement]] = {}
    for measurement in sorted(measurements, key=lambda m: m.pk):
        series.setdefault(measurement.dilution_label, {})[measurement.technique] = measurement
    return dict(sorted(series.items(), key=lambda item: _natural(item[0])))


def _natural(label: str):
    return [(part.isdigit(), int(part) if part.isdigit() else part) for part in re.split(r"(\d+)", label)]


def is_complete(series: dict[str, dict[str, Measurement]]) -> bool:
    return bool(series) and all(len(pair) == 2 for pair in series.values())


def session_series(session: StandardSession) -> dict[str, dict[str, Measurement]]:
    return dilution_series(Measurement.objects.filter(standard_session=session, role="standard"))


def series_of_sessions(sessions: Iterable[StandardSession]) -> dict:
    """Session id → its dilution series, all of them in one question."""
    grouped = {session.pk: [] for session in sessions}
    wanted = Measurement.objects.filter(
        standard_session__in=list(grouped), role="standard", technique__in=["pl_emission", "uvvis"], withdrawn_at=None
    )
    for measurement in wanted.exclude(dilution_label=""):
        grouped[measurement.standard_session_id].append(measurement)
    return {pk: paired(measurements) for pk, measurements in grouped.items()}


def session_for(project_id, emission: Measurement) -> StandardSession | None:
    """The standard session to measure against: still valid and nearest in time; an expired one rather than none."""
    found = list(StandardSession.objects.filter(project_id=project_id, withdrawn_at=None))
    series = series_of_sessions(found)
    sessions = [session for session in found if is_complete(series[session.pk])]
    when = emission.measured_at or emission.created_at
    return min(
        sessions, key=lambda s: (not _valid_at(s, when), abs((s.measured_at - when).total_seconds())), default=None
    )


def _valid_at(session: StandardSession, when) -> bool:
    """Within its validity, or on the same day where none is stated; never long before it was measured."""
    until = session.valid_until or session.measured_at + SAME_DAY
    return session.measured_at - SAME_DAY <= when <= until


def blanks_for(sample: Sample, session: StandardSession) -> list[Measurement]:
    blanks = Measurement.objects.filter(
        project_id=sample.project_id, role="blank", technique="pl_emission", withdrawn_at=None
    )
    return [*blanks.filter(sample=sample), *blanks.filter(standard_session=session)]


def plqy_inputs(sample_series, standards_series, blanks=()) -> list[AnalysisInput]:
    """Inputs of a PLQY, pairs numbered in the order of their labels; ``standards_series`` has one series per session."""
    inputs = []
    of_standards = [pair for series in standards_series for pair in series.values()]
    for prefix, pairs in (("sample", sample_series.values()), ("standard", of_standards)):
        for index, pair in enumerate(pairs):
            inputs.append(AnalysisInput(role=f"{prefix}_emission", index=index, measurement=pair["pl_emission"]))
            inputs.append(AnalysisInput(role=f"{prefix}_absorbance", index=index, measurement=pair["uvvis"]))
    inputs += [AnalysisInput(role="blank", index=index, measurement=blank) for index, blank in enumerate(blanks)]
    return inputs
