"""Pictures and videos as browsers show them: drawn previews and the bytes of a video, to whoever may see the file."""

import re

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from qdlab.records import store
from spectra import selectors
from spectra.pictures import answer_of, guarded, video_type
from spectra.views.common import visible

RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


@require_safe
def preview(request, pk):
    return answer_of(request, visible(selectors.uploads(request.user, withdrawn=True), pk), "preview")


@require_safe
def thumbnail(request, pk):
    return answer_of(request, visible(selectors.uploads(request.user, withdrawn=True), pk), "thumbnail")


@require_safe
def play(request, pk):
    """The bytes of a video, or the part of them that a player asks for. The hash is checked by "Download as it came"."""
    upload = visible(selectors.uploads(request.user, withdrawn=True), pk)
    kind = next((kind for m in selectors.measurements_of(upload) if (kind := video_type(m))), "")
    path = store.path_of(upload.blob_id)
    if not kind or not path.exists():
        raise Http404
    size = path.stat().st_size
    first, last = _asked(request.headers.get("Range", ""), size)
    if first > last:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        return guarded(response, f'"{upload.blob_id}"')
    response = StreamingHttpResponse(store.chunks_of(path, first, last + 1), content_type=kind)
    if (first, last) != (0, size - 1):
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last + 1 - first)
    response["Accept-Ranges"] = "bytes"
    return guarded(response, f'"{upload.blob_id}"')


def _asked(header: str, size: int) -> tuple[int, int]:
    """First and last byte of the one range that is asked for; all of them when none is. first > last: there are no such."""
    found = RANGE.fullmatch(header.replace(" ", ""))
    if not found or found.groups() == ("", ""):
        return 0, size - 1
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size - 1 if int(last) else -1
    return int(first), min(int(last), size - 1) if last else size - 1
