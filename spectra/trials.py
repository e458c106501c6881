"""Files read on trial: what a new reading would change is written down, and nothing else changes.

Trials are jobs like readings, but later ones: new files go first. A file that reads the same is noted as checked, so that it
does not come up again; its measurements and numbers stay untouched.
"""

import logging
from collections.abc import Sequence

from django.db import OperationalError

from qdlab.records import audit, store
from spectra import ingest, intake, queue, rereading, selectors
from spectra.matching.target import target_of
from spectra.models import Instrument, Outcome, State, Trial, Upload
from spectra.readers import reading as contract

log = logging.getLogger(__name__)


def try_waiting(limit: int = 8) -> int:
    """Claim and try up to ``limit`` files; return how many were claimed."""
    claimed = queue.claim(Trial.objects.select_related("upload__project", "upload__batch", "upload__sample"), limit)
    known = selectors.known_layouts() if claimed else []
    for trial in claimed:
        try:
            _try_one(trial, known)
        except OperationalError:
            log.exception("the trial of %s could not be written", trial.upload_id)
            queue.put_off(trial)
        except Exception as problem:
            log.exception("trying %s", trial.upload_id)
            queue.give_back(trial, ingest.broken(problem))
    return len(claimed)


def _try_one(trial: Trial, known: Sequence[dict]) -> None:
    try:
        understood = ingest.understand(trial.upload, trial.mapping, known)
    except (contract.UnreadableFile, store.Damaged) as refusal:
        note = ingest.DAMAGED if isinstance(refusal, store.Damaged) else refusal.note
        queue.finish(trial, State.DONE, outcome=Outcome.UNREADABLE, reason=note.as_json())
        return
    columns = {"reader": understood.reader, "reader_version": understood.reader_version}
    earlier = rereading.in_use(trial.upload)
    found = _drafts(trial.upload, understood)
    if not earlier and not found:  # a document, which is kept and holds nothing to plot
        reason = next((note.as_json() for note in understood.warnings), None)
        queue.finish(trial, State.DONE, outcome=Outcome.UNREADABLE, reason=reason, **columns)
        return
    if not earlier:
        columns |= {"outcome": Outcome.NEW, "changes": {"items": [_item(d, None, "new", []) for d, _v in found]}}
        queue.finish(trial, State.DONE, **columns)
        return
    items, touched = _compared(earlier, found, trial.mapping)
    same = not touched and all(item["outcome"] == "same" for item in items)
    columns["outcome"] = Outcome.SAME if same else Outcome.CHANGED
    columns["changes"] = {"items": items, "effects": rereading.effects_on(touched)}
    queue.finish(trial, State.DONE, (lambda: _confirm(trial)) if same else None, **columns)


def _drafts(upload: Upload, understood: contract.Reading):
    name = intake.name_of_instrument(understood, upload.hints)
    instrument = Instrument.objects.filter(name=name).first() or (Instrument(name=name) if name else None)
    return intake.drafts(upload, understood, target_of(upload, understood), instrument)


def _compared(earlier: dict, found: list, mapping: dict) -> tuple[list[dict], list]:
    """What becomes of each item, and the measurements that would be replaced or lost."""
    items, touched, rest = [], [], dict(earlier)
    for draft, value in found:
        old = rest.pop(draft.item, None)
        if old is None:
            items.append(_item(draft, None, "new", [rereading.note("found")]))
            continue
        rereading.carry_over(old, draft, mapping)
        notes = rereading.differences(old, draft, value)
        items.append(_item(old, old, "changed" if notes else "same", notes))
        touched += [old] if notes else []
    items += [_item(old, old, "lost", [rereading.note("lost")]) for old in rest.values()]
    return items, [*touched, *rest.values()]


def _item(named, measurement, outcome: str, notes: list) -> dict:
    return {
        "item": named.item,
        "title": named.title,
        "measurement": str(measurement.pk) if measurement else None,
        "outcome": outcome,
        "notes": [note.as_json() for note in notes],
    }


def _confirm(trial: Trial) -> None:
    rereading.confirm(m.reading_id for m in rereading.in_use(trial.upload).values())
    audit.record(
        by=None, action="upload.checked", subject=trial.upload, project_id=trial.upload.project_id,
        after={"reader": trial.reader, "reader_version": trial.reader_version},
    )  # fmt: skip
