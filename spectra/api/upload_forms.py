"""What stands beside the files of an upload: project, sample or batch by id or code, and hints for the reader."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from qdlab.access import selectors as access
from qdlab.access.api.parsers import Unusable, check_text, strict_json
from qdlab.access.models import Project
from spectra import selectors
from synthesis.models import Batch, Sample

TARGETS = ("project", "sample", "batch")


@dataclass(frozen=True)
class Form:
    """Where the files go, and what was said with them."""

    project: Project
    sample: Sample | None
    batch: Batch | None
    hints: dict


def form_of(user, data: QueryDict) -> Form:
    """The form, with everything looked up among what ``user`` may see; raises ValidationError by field."""
    given = {name: _text(name, data) for name in data if name != "file"}
    project = access.project_named(user, given["project"]) if given.get("project") else None
    sample = _named(selectors.samples_named, user, "sample", given, project)
    batch = _named(selectors.batches_named, user, "batch", given, project)
    if sample and batch and sample.batch_id != batch.pk:
        raise ValidationError({"sample": _("This sample belongs to another batch.")})
    target = sample or batch
    project = project or (target.project if target else access.only_project_to_write(user))
    hints = {name: text for name, text in given.items() if name not in TARGETS}
    if "mapping" in hints:
        hints["mapping"] = _mapping(hints["mapping"])
    return Form(project, sample, batch, hints)


def _text(name: str, data: QueryDict) -> str:
    values = data.getlist(name)
    if len(values) > 1:
        raise ValidationError({name[:80]: _("Send this field once.")})
    if not isinstance(values[0], str):
        raise ValidationError({name[:80]: _("Files go into the field “file”.")})
    try:
        check_text(name + values[0])
    except Unusable as problem:
        raise ValidationError({"form": str(problem)}) from None
    return values[0].strip()


def _named(find, user, field: str, given: dict, project: Project | None):
    """The one sample or batch with this id or code; codes are unique per project only."""
    wanted = given.get(field)
    if not wanted:
        return None
    found = list(find(user, wanted, project)[:2])
    if not found:
        raise ValidationError({field: _("There is no {kind} “{name}”.").format(kind=_(field), name=wanted[:80])})
    if len(found) > 1:
        raise ValidationError({"project": _("Several projects have “{name}”. Say which project.").format(name=wanted)})
    return found[0]


def _mapping(text: str) -> dict | None:
    if not text:
        return None
    try:
        mapping = strict_json(text.encode())
    except Unusable as problem:
        raise ValidationError({"mapping": str(problem)}) from None
    if not isinstance(mapping, dict):
        raise ValidationError({"mapping": _('Write a JSON object, e.g. {"x": 0, "y": 1}.')})
    return mapping
