"""The content-addressed file store: bytes go in once and come out checked.

temp file → hash while writing → fsync → rename to their sha256 → fsync of the folder; only then may a database row name
them. A power cut at any point leaves either the whole file or a temporary one that nobody refers to.
"""

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from qdlab.records.models import Blob

CHUNK = 1024 * 1024
UNFINISHED = "incoming-"  # what a power cut or a kill leaves behind; no row ever names it
NO_SPACE_LEFT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoSpace(Exception):
    """The disk is (nearly) full; nothing was stored."""


class TooLarge(Exception):
    """The file is larger than this lab takes."""


class Damaged(Exception):
    """The stored bytes are missing or no longer what their name says."""


@dataclass(frozen=True)
class Staged:
    """A file that was written and hashed while it arrived; the store takes it over. ``problem``: why it must not."""

    path: Path
    sha256: str
    size: int
    problem: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        return chunks_of(self.path)


def path_of(sha256: str) -> Path:
    return Path(settings.BLOB_DIR) / sha256[:2] / sha256[2:4] / sha256


def check_space(incoming_bytes: int = 0) -> None:
    """Raise NoSpace unless the floor stays free after ``incoming_bytes``; asked before a body is read."""
    root = Path(settings.BLOB_DIR)
    root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(root).free - incoming_bytes < settings.FREE_SPACE_FLOOR_BYTES:
        raise NoSpace


def store(chunks: Iterable[bytes] | Staged) -> tuple[Blob, bool]:
    """Write ``chunks`` durably (or take a staged file over) and return their Blob, and whether it is new to the store.

    Raises NoSpace and TooLarge; then nothing was stored.
    """
    return blob_of(*keep(chunks))


def blob_of(sha256: str, size: int) -> tuple[Blob, bool]:
    """The row of bytes that were kept, and whether it is new: part of the caller's transaction, where there is one."""
    return Blob.objects.get_or_create(sha256=sha256, defaults={"size": size})


def keep(chunks: Iterable[bytes] | Staged) -> tuple[str, int]:
    """The first half of ``store``: the bytes are safe under their sha256 (returned with their size), and no row names them yet."""
    check_space()
    if isinstance(chunks, Staged) and _take_over(chunks):
        return chunks.sha256, chunks.size
    root = Path(settings.BLOB_DIR)
    handle, name = tempfile.mkstemp(dir=root, prefix=UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as temporary:
            sha256, size = _write(chunks, temporary)
        _put_in_place(Path(name), path_of(sha256))
    except OSError as problem:
        if problem.errno in NO_SPACE_LEFT:
            raise NoSpace from problem
        raise
    finally:
        Path(name).unlink(missing_ok=True)
    return sha256, size


def _take_over(staged: Staged) -> bool:
    """Move a staged file to its place; False when it lies on another disk and has to be copied."""
    if staged.problem is not None:
        raise staged.problem
    if staged.size > settings.MAX_UPLOAD_BYTES:
        raise TooLarge
    if staged.path.stat().st_dev != Path(settings.BLOB_DIR).stat().st_dev:
        return False
    try:
        with open(staged.path, "rb") as file:
            os.fsync(file.fileno())
        _put_in_place(staged.path, path_of(staged.sha256))
    except OSError as problem:
        if problem.errno in NO_SPACE_LEFT:
            raise NoSpace from problem
        raise
    return True


def _write(chunks: Iterable[bytes], temporary) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > settings.MAX_UPLOAD_BYTES:
            raise TooLarge
        digest.update(chunk)
        temporary.write(chunk)
    temporary.flush()
    os.fsync(temporary.fileno())
    return digest.hexdigest(), size


def _put_in_place(temporary: Path, target: Path) -> None:
    if target.exists() and _sha256(target) == target.name:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(temporary, 0o440)
    os.replace(temporary, target)
    for folder in (target.parent, target.parent.parent, target.parent.parent.parent):
        _fsync_folder(folder)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verified_path(sha256: str) -> Path:
    """The path of a blob after its bytes were checked against its name; raises Damaged."""
    path = path_of(sha256)
    if not path.exists():
        raise Damaged(f"{sha256} is missing from the store")
    if _sha256(path) != sha256:
        raise Damaged(f"{sha256} was altered on disk")
    return path


def read(sha256: str, limit: int | None = None) -> bytes:
    """All bytes of a blob, checked."""
    path = verified_path(sha256)
    if limit is not None and path.stat().st_size > limit:
        raise TooLarge
    return path.read_bytes()


def unfinished(older_than_s: float) -> list[Path]:
    """What was being written when somebody pulled the plug, and has not been touched since for so long."""
    before = time.time() - older_than_s
    found = []
    for path in sorted(Path(settings.BLOB_DIR).glob(f"{UNFINISHED}*")):
        try:
            if path.stat().st_mtime < before:
                found.append(path)
        except FileNotFoundError:
            continue  # it has just been finished
    return found


def chunks_of(path: Path, first: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from ``first`` up to ``end``, a piece at a time."""
    with open(path, "rb") as file:
        file.seek(first)
        left = path.stat().st_size - first if end is None else end - first
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
