"""The clues of a file: from what a reader just understood, and again from the records that were made of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from spectra.decay import Decay
from spectra.matching.clues import Clues
from spectra.matching.habits import shape_of
from spectra.models import Measurement, Upload
from spectra.notes import Note
from spectra.readers import reading as contract
from spectra.readers.response_shape import instrument_response
from spectra.spectrum import Series, Spectrum


def clues_of_reading(upload: Upload, understood: contract.Reading) -> Clues:
    """What a file tells that was just read. In a file with several curves each says its own role: its name speaks for none."""
    only = understood.items[0] if len(understood.items) == 1 else None
    titles = dict.fromkeys([understood.title, *(item.title for item in understood.items)])
    instrument = (understood.instrument or upload.hints.get("instrument", "")).strip()[:120]
    clues = Clues(
        key=upload.pk,
        name=upload.name,
        folder=upload.hints.get("folder", ""),
        title=" ".join(filter(None, titles)),
        comment=understood.comment,
        operator=understood.operator,
        instrument=instrument,
        person=str(upload.uploaded_by_id),
        technique=upload.hints.get("technique") or _the_one(item.technique for item in understood.items),
        role=upload.hints.get("role") or (only and only.role) or "",
        shape=shape_of(understood.reader, instrument, _axes_of(understood.items[0].value), understood.items[0].metadata),
        excitation_nm=only.conditions.excitation_nm if only else None,
        measured_at=understood.measured_at,
        looks_like_response=instrument_response(only.value) if only and isinstance(only.value, Decay) else None,
    )  # fmt: skip
    return _with_role(clues, is_single=only is not None)


def clues_of_record(upload: Upload, measurements: Sequence[Measurement]) -> Clues:
    """The same of a file that was read before; ``measurements`` with their reading, instrument and traces. A document has none."""
    if not measurements:
        return Clues(
            key=upload.pk, name=upload.name, folder=upload.hints.get("folder", ""), person=str(upload.uploaded_by_id)
        )
    first = measurements[0]
    reading = first.reading
    only = first if len(measurements) == 1 else None
    titles = dict.fromkeys([reading.facts.get("title", ""), *(m.title for m in measurements if m.title != upload.name)])
    instrument = first.instrument.name if first.instrument_id else ""
    seen = upload.suggestion.get("looks_like_response")
    clues = Clues(
        key=upload.pk,
        name=upload.name,
        folder=upload.hints.get("folder", ""),
        title=" ".join(filter(None, titles)),
        comment=reading.facts.get("comment", ""),
        operator=reading.facts.get("operator", ""),
        instrument=instrument,
        person=str(upload.uploaded_by_id),
        technique=_the_one(m.technique for m in measurements),
        role=only.role if only else "",
        shape=shape_of(reading.reader, instrument, _axes_of_traces(first), first.metadata),
        excitation_nm=only.excitation_nm if only else None,
        measured_at=first.measured_at,
        looks_like_response=Note.from_json(seen) if seen else None,
    )
    return replace(clues, role="") if clues.role == "sample" and "role" not in upload.hints else clues


def _with_role(clues: Clues, is_single: bool) -> Clues:
    return replace(clues, role=clues.role_by_word) if is_single and not clues.role else clues


def _the_one(techniques: Iterable[str | None]) -> str:
    """The technique of all curves of a file, or nothing when they differ."""
    found = set(techniques)
    return (found.pop() or "") if len(found) == 1 else ""


def _axes_of(value) -> list[str]:
    if isinstance(value, Decay):
        return ["time ns counts {counts}"]
    if isinstance(value, Series):
        value = value.spectra[0]
    if not isinstance(value, Spectrum):
        return []
    axes = (f"{value.x_quantity} {value.x_unit} {c.quantity} {c.unit}" for c in value.channels)
    return list(dict.fromkeys(axes))


def _axes_of_traces(measurement: Measurement) -> list[str]:
    axes = (f"{t.x_quantity} {t.x_unit} {t.y_quantity} {t.y_unit}" for t in measurement.traces.all())
    return list(dict.fromkeys(axes))
