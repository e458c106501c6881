"""How an uploaded file arrives: hashed while it comes, written once, and then moved into the store instead of copied.

A file of 8 GB so costs its own size on the disk and a few hundred kB of memory. One that is larger than the lab takes, or for
which the disk has no room, is received to its end without being kept: the other files of the request stay whole, and the
sender reads a sentence instead of a broken connection.
"""

import contextlib
import hashlib
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from qdlab.records.store import NO_SPACE_LEFT, NoSpace, Staged, TooLarge


class HashingUploadHandler(TemporaryFileUploadHandler):
    """Django's temporary file, with its sha256 and with what went wrong, if anything."""

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.digest, self.problem = hashlib.sha256(), None

    def receive_data_chunk(self, raw_data, start):
        if self.problem is not None:
            return
        if start + len(raw_data) > settings.MAX_UPLOAD_BYTES:
            self._give_up(TooLarge())
            return
        self.digest.update(raw_data)
        self._carefully(lambda: self.file.write(raw_data))

    def file_complete(self, file_size):
        if self.problem is None:
            self._carefully(self.file.flush)
        self.file.seek(0)
        self.file.size = 0 if self.problem else file_size
        self.file.sha256, self.file.problem = self.digest.hexdigest(), self.problem
        return self.file

    def _carefully(self, write) -> None:
        try:
            write()
        except OSError as problem:
            if problem.errno not in NO_SPACE_LEFT:
                raise
            self._give_up(NoSpace())

    def _give_up(self, problem: Exception) -> None:
        """Keep nothing of this file, and free what it took of the disk at once."""
        self.problem = problem
        with contextlib.suppress(OSError):  # bytes that could not be flushed are not wanted either
            self.file.seek(0)
        self.file.truncate(0)


def name_of(file: UploadedFile) -> str:
    """The file's own name: in a form, browsers write quotes and line ends in it as %22, %0D and %0A, and nothing else so."""
    name = file.name or ""
    for written, meant in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        name = name.replace(written, meant)
    return name


def pieces_of(file: UploadedFile):
    """What ``store.store`` takes: a file that lies on the disk already, or the chunks of a small one."""
    if not hasattr(file, "sha256"):
        return file.chunks()
    return Staged(Path(file.temporary_file_path()), file.sha256, file.size, file.problem)
