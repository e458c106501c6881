"""What people do on the dashboards: review, save a view, freeze a comparison. Each leaves its audit event."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import Project, User
from qdlab.dashboards.digests import batch_digest
from qdlab.dashboards.models import Comparison, Review, SavedView
from qdlab.records.audit import record
from spectra.selectors import agreed_analyses
from synthesis.models import Batch, Status
from synthesis.services import set_status

Meaning = Review.Meaning
NEEDS_REVIEWER = (Meaning.APPROVED, Meaning.SENT_BACK)


# --- Review -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def review(*, by: User, batch: Batch, meaning: str, comment: str = "", seen: str = "") -> Review:
    """Ask for a review, comment, approve or send back. A signature covers the state that ``by`` saw.

    ``seen`` is the digest of the page that was read; when the batch has changed since, nothing is signed. Raises
    ValidationError; PermissionDenied unless ``by`` has the role for it.
    """
    if meaning not in Meaning.values:
        raise ValidationError({"meaning": _("Choose what you want to say.")})
    roles.require(by, roles.REVIEW if meaning in NEEDS_REVIEWER else roles.WRITE, batch.project)
    batch = Batch.objects.select_related("project").select_for_update(of=("self",), no_key=True).get(pk=batch.pk)
    comment, digest = comment.strip(), batch_digest(batch)
    if meaning in NEEDS_REVIEWER and seen and seen != digest:
        raise ValidationError(_("The batch has changed since you opened it. Read it again, then decide."))
    if meaning in (Meaning.SENT_BACK, Meaning.COMMENT) and not comment:
        raise ValidationError({"comment": _("Say in a few words what you mean.")})
    if meaning == Meaning.APPROVED and batch.status == Status.ABANDONED:
        raise ValidationError(_("This batch was abandoned; there is nothing to approve."))
    signed = Review.objects.create(
        project=batch.project, batch=batch, reviewer=by, meaning=meaning, comment=comment, digest=digest
    )
    record(
        by=by, action=f"batch.review_{meaning}", subject=batch, project_id=batch.project_id,
        after={"comment": comment, "digest": digest},
    )  # fmt: skip
    _move(by, batch, meaning)
    return signed


def _move(by: User, batch: Batch, meaning: str) -> None:
    """An approved batch is reviewed; one that is sent back is not any more."""
    if meaning == Meaning.APPROVED and batch.status != Status.REVIEWED:
        set_status(by=by, batch=batch, status=Status.REVIEWED)
    elif meaning == Meaning.SENT_BACK and batch.status == Status.REVIEWED:
        set_status(by=by, batch=batch, status=Status.MEASURED)


# --- Saved views ------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_view(
    *, by: User, project: Project, name: str, query: str, page: str = "batches", shared: bool = True
) -> SavedView:
    """Keep an address under a name; one's own view of the same name in the project is replaced."""
    roles.require(by, roles.WRITE, project)
    values = {"query": query.lstrip("?"), "shared": shared}
    view, _made = SavedView.objects.update_or_create(
        project=project, made_by=by, name=name.strip(), page=page, defaults=values
    )
    record(by=by, action="view.saved", subject=view, project_id=project.pk, after={"name": view.name, **values})
    return view


@transaction.atomic
def remove_view(*, by: User, view: SavedView) -> None:
    """Take one's own view away (a reviewer: anybody's of the project)."""
    if view.made_by_id != by.pk:
        roles.require(by, roles.REVIEW, view.project)
    record(by=by, action="view.removed", subject=view, project_id=view.project_id, before={"name": view.name})
    view.delete()


# --- Frozen comparisons -----------------------------------------------------------------------------------------------


def digests_of(batches: Sequence[Batch]) -> dict:
    """Batch id → {method: [analysis id, its digest]}: what a comparison rests on."""
    agreed = agreed_analyses(batches)
    return {
        str(batch.pk): {method: [str(a.pk), a.input_digest] for method, a in sorted(agreed[batch.pk].items())}
        for batch in batches
    }


@transaction.atomic
def freeze(*, by: User, batches: Sequence[Batch], name: str, view: dict, note: str = "") -> Comparison:
    """Keep a comparison with the digests of the results that it shows. All batches must be of one project."""
    projects = {batch.project_id: batch.project for batch in batches}
    if len(projects) != 1:
        raise ValidationError(_("A comparison is kept in one project. Choose batches of one project."))
    project = next(iter(projects.values()))
    roles.require(by, roles.WRITE, project)
    digests = digests_of(batches)
    kept = Comparison.objects.create(
        project=project, made_by=by, name=name.strip(), note=note, view=view, digests=digests
    )
    kept.batches.set(batches)
    record(
        by=by, action="comparison.frozen", subject=kept, project_id=project.pk,
        after={"name": kept.name, "batches": [batch.code for batch in batches], "digests": digests},
    )  # fmt: skip
    return kept
