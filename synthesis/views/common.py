"""What the bench's pages share: whose record it is, what happens on a conflict, where a batch's page is."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.records.audit import history_of
from qdlab.records.versions import StaleVersion
from synthesis import selectors, services
from synthesis.forms.batches import VersionForm
from synthesis.forms.recipes import Shelf

CONFLICT = 409


def require_write(request, project) -> None:
    """An editor is not even shown to somebody who may not save it."""
    roles.require(request.user, roles.WRITE, project)


def may_write(request, project) -> bool:
    return roles.may(request.user, roles.WRITE, project)


def require_shelf(request) -> None:
    roles.require_shelf(request.user)


def may_write_shelf(request) -> bool:
    try:
        require_shelf(request)
    except PermissionDenied:
        return False
    return True


def shelf_of(request) -> Shelf:
    return Shelf(selectors.chemicals_visible_to(request.user), selectors.stocks_visible_to(request.user))


def conflict_of(stale: StaleVersion, rows) -> dict:
    """Who was faster, and yours beside theirs: ``rows`` are (label, yours, theirs); equal ones are left out."""
    last = history_of(stale.current).last()
    fields = [
        {"label": label, "yours": yours or "–", "theirs": theirs or "–"}
        for label, yours, theirs in rows
        if (yours or "") != (theirs or "")
    ]
    return {
        "who": last.actor if last else "",
        "when": last.at if last else stale.current.changed_at,
        "version": stale.current.version,
        "fields": fields,
    }


def with_version(data, version: int):
    """The posted data with the version that is there now: whoever saves again has seen the other's text."""
    renewed = data.copy()
    renewed["version"] = str(version)
    return renewed


def seen_version(request) -> int | None:
    """The version that a small form (archive, choose) showed; such a form may come without one."""
    form = VersionForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else None


def archive_as_seen(request, record, said: str) -> None:
    """Archive a record, or take it back (``back=1``), and tell how it went."""
    back = request.POST.get("back") == "1"
    try:
        services.archive(by=request.user, record_to_archive=record, version=seen_version(request), back=back)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    except StaleVersion:
        messages.warning(request, _("Somebody changed this while you looked at it. Look again, then repeat it."))
    else:
        messages.success(request, _("Taken back.") if back else said)


def batch_address(batch) -> str:
    """The batch's own page; where that part of the program is not installed, the bench's."""
    try:
        return reverse("dashboards:batch", args=[batch.pk])
    except NoReverseMatch:
        return reverse("synthesis:edit_batch", args=[batch.pk])
