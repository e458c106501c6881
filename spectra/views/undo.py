"""The last step that a person took in the inbox or on a file's page, kept in the session so that it can be taken back."""

from collections.abc import Sequence
from uuid import UUID

from spectra import selectors, services
from spectra.models import Upload

KEY = "inbox_undo"


def remember(request, uploads: Sequence[Upload], before: dict) -> None:
    """``before`` is what ``services.standing_of`` said of them before the step."""
    request.session[KEY] = {"uploads": [str(upload.pk) for upload in uploads], "before": before}


def n_to_take_back(request) -> int:
    return len(request.session.get(KEY, {}).get("uploads", []))


def can_take_back(request, upload: Upload) -> bool:
    """Was the last step with this file alone?"""
    return request.session.get(KEY, {}).get("uploads") == [str(upload.pk)]


def take_back(request) -> tuple[int, int]:
    """Undo the last step; how many files stand again where they were, and how many of them in the inbox."""
    last = request.session.pop(KEY, {})
    ids = [UUID(text) for text in last.get("uploads", [])]
    found = list(selectors.uploads(request.user).filter(pk__in=ids))
    services.put_back(by=request.user, uploads=found, before=last.get("before"))
    return len(found), sum(upload.sample_id is None for upload in found)
