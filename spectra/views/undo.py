"""The last step that a person took in the inbox or on a file's page, kept in the session so that it can be taken back."""

from collections.abc import Sequence
from uuid import UUID

from spectra import selectors, services
from spectra.models import Upload

KEY = "inbox_undo"


def remember(request, uploads: Sequence[Upload], before: dict) -> None:
    """Call it after the step; ``before`` is what ``services.standing_of`` said of the files before it."""
    ids = [str(upload.pk) for upload in uploads]
    request.session[KEY] = {"uploads": ids, "before": before, "seen": services.versions_of(uploads)}


def n_to_take_back(request) -> int:
    return len(request.session.get(KEY, {}).get("uploads", []))


def can_take_back(request, upload: Upload) -> bool:
    """Was the last step with this file alone?"""
    return request.session.get(KEY, {}).get("uploads") == [str(upload.pk)]


def take_back(request) -> tuple[list[Upload], list[Upload]]:
    """Undo the last step: the files that stand again where they were, and those that stay, as they were changed since."""
    last = request.session.get(KEY)
    if not last:
        return [], []
    ids = [UUID(text) for text in last["uploads"]]
    found = list(selectors.uploads(request.user).filter(pk__in=ids))
    back = services.put_back(by=request.user, uploads=found, before=last["before"], seen=last.get("seen"))
    del request.session[KEY]  # not before: where it failed it can be tried again
    return back, [upload for upload in found if upload not in back]
