"""A file read once more: what differs from the measurements in use, what persons decided, and what rests on it.

A measurement that reads the same stays as it is, with all its numbers; only one that reads otherwise is replaced, and the
new one takes over what a person decided of the old one (``Measurement.by_person``).
"""

import json
from collections.abc import Iterable
from datetime import datetime

import numpy as np
from django.core.serializers.json import DjangoJSONEncoder

from qdlab.records import outbox
from qdlab.records.versions import change
from spectra import provenance
from spectra.models import Agreed, Analysis, AnalysisInput, Measurement, Reading, State, Trace, Upload
from spectra.notes import Note, gettext_noop
from spectra.readers import READERS
from spectra.readers.reading import AtomicFractions
from spectra.values import fractions_of, traces_of, unstored_grid
from spectra.wishes import queue_analysis
from synthesis.models import Status

VERSIONS = {reader.name: reader.version for reader in READERS}

# Facts with a column of their own, as a person names them; all others are conditions.
COLUMNS = {
    "technique": "technique",
    "role": "role",
    "sample": "sample_id",
    "standard": "standard_id",
    "standard_session": "standard_session_id",
    "excitation_nm": "excitation_nm",
    "emission_nm": "emission_nm",
    "dilution_label": "dilution_label",
}
TEXTS = {
    "curves": gettext_noop("curves: {old} → {new}"),
    "points": gettext_noop("points: {old} → {new}"),
    "x_range": gettext_noop("x range: {old} → {new}"),
    "x_values": gettext_noop("x differs by up to {largest}"),
    "y_values": gettext_noop("values differ by up to {percent} % of the highest"),
    "y_gaps": gettext_noop("points without a value: {old} → {new}"),
    "units": gettext_noop("quantities and units: {old} → {new}"),
    "third": gettext_noop("coordinate of the series: {old} → {new}"),
    "technique": gettext_noop("technique: {old} → {new}"),
    "role": gettext_noop("role: {old} → {new}"),
    "sample": gettext_noop("sample: {old} → {new}"),
    "standard": gettext_noop("standard: {old} → {new}"),
    "standard_session": gettext_noop("standard session: {old} → {new}"),
    "excitation_nm": gettext_noop("excitation (nm): {old} → {new}"),
    "emission_nm": gettext_noop("emission (nm): {old} → {new}"),
    "dilution_label": gettext_noop("dilution: {old} → {new}"),
    "condition": gettext_noop("condition {name}: {old} → {new}"),
    "measured_at": gettext_noop("measured: {old} → {new}"),
    "instrument": gettext_noop("instrument: {old} → {new}"),
    "title": gettext_noop("title: {old} → {new}"),
    "facts": gettext_noop("{n} of the facts written in the file read otherwise: {names}"),
    "table": gettext_noop("rows of the list: {old} → {new}"),
    "composition": gettext_noop("composition: {old} → {new}"),
    "lost": gettext_noop("would no longer be found in the file"),
    "found": gettext_noop("would be found in the file, which it was not before"),
}


def read_before(uploads: Iterable) -> set:
    """Which of these uploads (ids) have measurements in use."""
    found = Measurement.objects.filter(reading__upload__in=uploads, withdrawn_at=None)
    return set(found.order_by().values_list("reading__upload_id", flat=True).distinct())


def in_use(upload: Upload) -> dict[int, Measurement]:
    """Place in the file → the measurement that stands for it, with what a comparison needs."""
    found = Measurement.objects.filter(reading__upload=upload, withdrawn_at=None).select_related(
        "reading__upload", "sample__batch", "sample__solvent", "instrument", "standard", "standard_session"
    )
    return {m.item: m for m in found.prefetch_related("traces__grid", "compositions__fractions").order_by("pk")}


def carry_over(old: Measurement, new: Measurement, mapping: dict) -> None:
    """Let the new one be what a person said of the old one, but for a technique that ``mapping`` says anew of its columns."""
    new.by_person = [name for name in old.by_person if name != "technique" or not _says_anew(mapping, old)]
    for name in new.by_person:
        if column := COLUMNS.get(name):
            setattr(new, column, getattr(old, column))
        elif name in old.conditions:
            new.conditions[name] = old.conditions[name]
        else:
            new.conditions.pop(name, None)
    if "technique" in new.by_person:
        new.technique_source = old.technique_source


def _says_anew(mapping: dict, old: Measurement) -> bool:
    techniques = ("technique", "y_technique")
    said = [mapping.get(name) for name in techniques]
    return any(said) and said != [old.reading.mapping.get(name) for name in techniques]


# --- What differs -----------------------------------------------------------------------------------------------------


def differences(old: Measurement, new: Measurement, value) -> list[Note]:
    """What a new reading (``new`` unsaved, with its ``value``) has otherwise than the measurement in use."""
    curves = _curve_differences(sorted(old.traces.all(), key=lambda t: t.index), traces_of(value, unstored_grid))
    return [*curves, *_table_differences(old, new), *_composition_differences(old, value), *_fact_differences(old, new)]


def note(what: str, **values) -> Note:
    return Note(what, TEXTS[what], values)


def _pair(what: str, old, new, **more) -> list[Note]:
    return [note(what, old=_shown(old), new=_shown(new), **more)] if old != new else []


def _shown(value) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.7g}"
    return "–" if value in (None, "") else str(value)


def _curve_differences(old: list[Trace], new: list[Trace]) -> list[Note]:
    if len(old) != len(new):
        return _pair("curves", len(old), len(new))
    found: dict[str, Note] = {}
    for before, after in zip(old, new, strict=True):
        for told in _one_curve(before, after):
            found.setdefault(told.code, told)  # a series of a hundred curves says it once
    return list(found.values())


def _one_curve(old: Trace, new: Trace) -> list[Note]:
    notes = _pair("units", _axes(old), _axes(new)) + _pair("third", _third(old), _third(new))
    if old.n_points != new.n_points:
        notes += _pair("points", old.n_points, new.n_points)
    if (old.x_min, old.x_max) != (new.x_min, new.x_max):
        return notes + _pair("x_range", f"{old.x_min:.7g}–{old.x_max:.7g}", f"{new.x_min:.7g}–{new.x_max:.7g}")
    if old.n_points != new.n_points:
        return notes
    if bytes(old.grid.x) != bytes(new.grid.x):
        notes.append(note("x_values", largest=f"{np.abs(new.x_values() - old.x_values()).max():.3g}"))
    return notes + _values(old.y_values(), new.y_values())


def _axes(trace: Trace) -> str:
    names = [trace.x_quantity, trace.x_unit, trace.y_quantity, trace.y_unit, trace.role, trace.channel]
    return " · ".join(name for name in names if name)


def _third(trace: Trace) -> str:
    return f"{trace.z_quantity} {trace.z!r} {trace.z_unit}".strip() if trace.z is not None else ""


def _values(old: np.ndarray, new: np.ndarray) -> list[Note]:
    if old.tobytes() == new.tobytes():
        return []
    notes = _pair("y_gaps", int(np.isnan(old).sum()), int(np.isnan(new).sum()))
    both = np.isfinite(old) & np.isfinite(new)
    largest = np.abs(new[both] - old[both]).max(initial=0.0)
    scale = np.abs(old[both]).max(initial=0.0)
    if largest > 0:
        notes.append(note("y_values", percent=f"{100 * largest / scale if scale else float('inf'):.3g}"))
    return notes


def _plain(value):
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _table_differences(old: Measurement, new: Measurement) -> list[Note]:
    before, after = old.metadata.get("table"), _plain(new.metadata.get("table"))
    if before == after:
        return []
    return [note("table", old=len((before or {}).get("rows", [])), new=len((after or {}).get("rows", [])))]


def _composition_differences(old: Measurement, value) -> list[Note]:
    before = next((fractions_of(c) for c in old.compositions.all()), None)
    after = value if isinstance(value, AtomicFractions) else None
    return _pair("composition", _elements(before), _elements(after))


def _elements(fractions: AtomicFractions | None) -> str:
    if fractions is None:
        return ""
    return ", ".join(f"{f.element} {f.percent:.4g} %" for f in sorted(fractions.fractions, key=lambda f: f.element))


def _fact_differences(old: Measurement, new: Measurement) -> list[Note]:
    notes = []
    for name in ("technique", "role", "excitation_nm", "emission_nm", "dilution_label", "measured_at", "title"):
        notes += _pair(name, getattr(old, name), getattr(new, name))
    for name in ("sample", "standard", "standard_session", "instrument"):
        if getattr(old, f"{name}_id") != getattr(new, f"{name}_id"):
            notes += _pair(name, str(getattr(old, name) or ""), str(getattr(new, name) or ""))
    conditions = _plain(new.conditions)
    for name in sorted(old.conditions.keys() | conditions.keys()):
        notes += _pair("condition", old.conditions.get(name), conditions.get(name), name=name)
    before, after = ({k: v for k, v in m.metadata.items() if k != "table"} for m in (old, new))
    after = _plain(after)
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if names:
        notes.append(note("facts", n=len(names), names=", ".join(names[:6]) + (" …" if len(names) > 6 else "")))
    return notes


# --- What rests on it -------------------------------------------------------------------------------------------------


def effects_on(measurements: list[Measurement]) -> dict:
    """Results that would go out of use with these measurements, their batches, and choices of persons among them."""
    results = provenance.results_of(measurements).filter(withdrawn_at=None, superseded_by=None, state=State.DONE)
    results = list(results.select_related("sample__batch").prefetch_related("quantities"))
    batches = {r.sample.batch_id: r.sample.batch for r in results if r.sample_id}
    batches |= {m.sample.batch_id: m.sample.batch for m in measurements if m.sample_id}
    return {
        "analyses": [
            {"id": str(r.pk), "method": r.method, "quantities": [q.name for q in r.quantities.all() if q.value is not None]}
            for r in results
        ],
        "batches": [
            {"id": str(batch.pk), "code": batch.code, "reviewed": batch.status == Status.REVIEWED}
            for batch in batches.values()
        ],
        "agreed": Agreed.objects.filter(analysis__in=results).count(),
    }  # fmt: skip


# --- Taking a new reading over ----------------------------------------------------------------------------------------


def retire(measurement: Measurement, now: datetime, because: str) -> None:
    """Mark a measurement and its results as withdrawn; part of the caller's transaction."""
    change(measurement, expected=None, withdrawn_at=now, withdrawn_because=because)
    measurement.compositions.filter(withdrawn_at=None).update(withdrawn_at=now)
    provenance.results_of([measurement]).filter(withdrawn_at=None).update(withdrawn_at=now, withdrawn_because=because)
    if measurement.sample_id:
        outbox.changed("batch", measurement.sample.batch_id)


def confirm(readings: Iterable) -> None:
    """Note that today's readers make the same of what these readings (ids) hold."""
    for reading in Reading.objects.filter(pk__in=set(readings)):
        Reading.objects.filter(pk=reading.pk).update(checked_version=VERSIONS.get(reading.reader, 0))


def own_results(measurement: Measurement) -> list[Analysis]:
    """Results with a person's own settings on one measurement: asked for before it retires."""
    own = Analysis.objects.filter(measurement=measurement, automatic=False, withdrawn_at=None, superseded_by=None)
    return list(own.exclude(parameters={}).prefetch_related("inputs"))


def compute_again(own: list[Analysis], old: Measurement, new: Measurement) -> None:
    """Queue the same methods with a person's settings on the measurement that took the old one's place."""
    for analysis in own:
        inputs = [
            AnalysisInput(
                role=given.role, index=given.index, composition_id=given.composition_id, upstream_id=given.upstream_id,
                measurement=new if given.measurement_id == old.pk else given.measurement,
            )
            for given in analysis.inputs.all()
        ]  # fmt: skip
        queue_analysis(
            analysis.method, inputs, parameters=analysis.parameters, by=analysis.requested_by, automatic=False,
            override_because=analysis.override_because,
        )  # fmt: skip
