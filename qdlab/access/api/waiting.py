"""``?wait=10``: hold the answer until something ends, without holding a database connection or too many threads."""

import time
from collections.abc import Callable
from threading import BoundedSemaphore

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from qdlab.access.lookups import number

LONGEST_S = 10.0
SEATS = BoundedSemaphore(3)  # further ones are answered at once: the server's threads must stay free for others
PAUSE_S = 0.1


def wait_of(request) -> float:
    """How long to wait [s]: what was asked, at most ten seconds."""
    text = request.query_params.get("wait")
    if text is None:
        return 0.0
    try:
        asked_s = number(text)
    except ValidationError as problem:
        raise ValidationError({"wait": problem.messages}) from None
    if asked_s < 0:
        raise ValidationError({"wait": _("Write a number of seconds, e.g. 10.")})
    return min(asked_s, LONGEST_S)


def wait_until(ended: Callable[[], bool], seconds: float) -> None:
    """Return when ``ended()`` or after ``seconds``; at once when all seats are taken."""
    if not seconds or ended() or not SEATS.acquire(blocking=False):
        return
    try:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(min(PAUSE_S, left))
            if ended():
                return
    finally:
        SEATS.release()
