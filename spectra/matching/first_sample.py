"""The first sample of a batch that was planned and measured, but of which nobody noted a sample: its crude product.

Whoever drops "OC-7_PL.txt" and has a batch OC-7 means that batch. What was measured is always a sample, so it gets one.
"""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from qdlab.access import roles
from spectra.matching.clues import Clues
from spectra.matching.codes import Codes, SampleRef, by_place, folded, spellings, texts_to_look_up
from spectra.models import Upload
from synthesis.models import Batch, BatchCode
from synthesis.services import add_sample


def note_first_samples(files: Sequence[tuple[Upload, Clues]]) -> None:
    """Add the first sample of each batch that files were handed in for, or that they name and no other."""
    waiting = [(upload, clues) for upload, clues in files if not upload.sample_id]
    empty = _batches_without_sample(waiting)
    for upload, clues in waiting if empty else ():
        codes = empty[upload.project_id]
        batch = str(upload.batch_id) if upload.batch_id else _named(clues, codes)
        if batch in codes.ids and roles.may(upload.uploaded_by, roles.WRITE, upload.project):  # he may have left since
            _add_first(upload, batch)


def _batches_without_sample(files: Sequence[tuple[Upload, Clues]]) -> dict:
    """Project id → codes of its batches without a sample, of those that may be meant; in one question."""
    texts = {spelled for _upload, clues in files for text in texts_to_look_up(clues)[0] for spelled in spellings(text)}
    meant = Q(code__in=texts) | Q(batch__in={upload.batch_id for upload, _clues in files if upload.batch_id})
    rows = BatchCode.objects.filter(meant, project__in={upload.project_id for upload, _clues in files})
    found = defaultdict(lambda: Codes({}, {}, {}))
    for project, code, batch in rows.filter(batch__samples=None).values_list("project_id", "code", "batch_id"):
        ref = SampleRef(str(batch), str(batch), code)
        found[project].batches[folded(code)] = found[project].ids[str(batch)] = ref
    return found


def _named(clues: Clues, codes: Codes) -> str:
    """The one batch whose code stands in the file's texts; a short code may stand there by chance."""
    found = {one.target.batch: one for here in by_place(clues, codes).values() for one in here}
    certain = [batch for batch, one in found.items() if not one.is_weak]
    return certain[0] if len(found) == len(certain) == 1 else ""


@transaction.atomic
def _add_first(upload: Upload, batch: str) -> None:
    locked = Batch.objects.select_for_update(no_key=True).get(pk=batch)  # two files of it may be read at the same time
    if not locked.samples.exists():
        add_sample(by=upload.uploaded_by, batch=locked)
