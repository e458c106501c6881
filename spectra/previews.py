"""Previews of images: drawn by the reader host in a limited child, kept as small files beside the raw ones.

A preview is derived: its file is named by the raw file's sha256, the size and the recipe's version, lies in a folder of its
own, is in no backup, and may be removed at any time. Raw bytes are only read for it.
"""

import os
import tempfile
from pathlib import Path

from django.conf import settings

from qdlab.records import store
from spectra.models import Preview, Upload
from spectra.readers import preview as recipe
from spectra.readers.host import ReaderHost
from spectra.readers.reading import UnreadableFile

SIZES = ("preview", "thumbnail")


def path_of(sha256: str, size: str) -> Path:
    """Where a picture of this recipe stands once it was drawn."""
    return Path(settings.PREVIEW_DIR) / sha256[:2] / f"{sha256}-{recipe.VERSION}-{size}.webp"


def drawn(host: ReaderHost, upload: Upload) -> dict:
    """Draw the pictures of a file and put them in their place: the fields of its Preview, or why there is none."""
    try:
        picture = host.draw(store.path_of(upload.blob_id))
    except UnreadableFile as refusal:
        return _fields(reason=refusal.note.as_json())
    for size in SIZES:
        put(upload.blob_id, size, getattr(picture, size))
    return _fields(
        width=picture.width, height=picture.height, source_width=picture.source_width,
        source_height=picture.source_height, facts=dict(picture.facts),
    )  # fmt: skip


def _fields(**known) -> dict:
    nothing = {"width": None, "height": None, "source_width": None, "source_height": None, "facts": {}, "reason": None}
    return {"recipe": recipe.VERSION} | nothing | known


def keep(upload: Upload, fields: dict) -> Preview:
    """The row of what ``drawn`` told."""
    return Preview.objects.update_or_create(upload=upload, defaults=fields)[0]


def put(sha256: str, size: str, content: bytes) -> None:
    """Put a picture in its place, whole or not at all: whoever looks at the same time sees no half picture."""
    target = path_of(sha256, size)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix="drawing-")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(content)
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
