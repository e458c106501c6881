"""``Idempotency-Key`` on POST: the same request sent twice is carried out once and answered twice."""

import hashlib
import re
from datetime import timedelta

import orjson
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access.api.problems import Problem
from qdlab.access.api.renderers import to_json
from qdlab.records import answers
from qdlab.records.models import IdempotentAnswer

KEPT_HEADERS = ("ETag", "Location")
LONGEST_REQUEST = timedelta(minutes=15)


def key_of(request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not re.fullmatch(r"[\x21-\x7e]{1,128}", key):
        raise Problem(400, "bad-key", _("An Idempotency-Key has 1 to 128 printable characters without spaces."))
    return key


def digest_of(request) -> str:
    """What makes two requests the same: method, address and content, files by their bytes."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    for name, value in sorted(_content(request), key=lambda pair: pair[0]):
        digest.update(f"{name}=".encode(errors="replace"))
        digest.update(value + b"\n")
    return digest.hexdigest()


def _content(request):
    files = getattr(request, "FILES", None) or {}
    for name, value in request.data.items():
        if name not in files:
            yield name, orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    for name in files:
        for number, file in enumerate(files.getlist(name)):
            yield f"{name}[{number}] {file.name}", hashlib.file_digest(file, "sha256").digest()
            file.seek(0)


def begin(user, key: str, digest: str) -> IdempotentAnswer | HttpResponse:
    """A new row to carry the request out under, or the answer it already had."""
    row, new = answers.claim(user.pk, key, digest)
    return row if new else _known(row, digest)


def _known(earlier: IdempotentAnswer | None, digest: str) -> HttpResponse:
    if earlier is None:  # the first request was refused just now, so nothing was carried out
        raise Problem(409, "still-running", _("The first request with this key has just ended. Send it again."))
    if earlier.request_digest != digest:
        raise Problem(422, "key-reused", _("This Idempotency-Key was used for another request. Make a new one."))
    if earlier.status is None and timezone.now() - earlier.made_at > LONGEST_REQUEST:
        text = _("The first request with this key broke off. Look whether it was carried out, then use a new key.")
        raise Problem(409, "broke-off", text)
    if earlier.status is None:
        raise Problem(
            409, "still-running", _("The first request with this key is still running. Wait, then ask again.")
        )
    headers = {**earlier.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(to_json(earlier.body), status=earlier.status, content_type="application/json", headers=headers)


def end(row: IdempotentAnswer, response) -> None:
    """Keep the answer; a refusal is not kept, since nothing was carried out."""
    if response.status_code >= 400:
        answers.forget(row)
        return
    body = orjson.loads(to_json(getattr(response, "data", None)))
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    answers.keep(row, response.status_code, body, headers)
