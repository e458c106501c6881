"""Files too large to be held in memory, seen as if they were bytes: their length, their first bytes and any slice.

Only readers that take a few pieces of a file (images, videos) are given one; slices are read from the disk when asked for.
"""

import io
import os


class LargeFile:
    """A file on disk with the parts of ``bytes`` that such readers use.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(b"0123456789")
    ...     file.flush()
    ...     large = LargeFile(file.name)
    ...     len(large), large[2:5], large[-3:], large.startswith(b"012")
    (10, b'234', b'789', True)
    """

    def __init__(self, path: str | os.PathLike):
        self.path = path
        self.file = open(path, "rb", buffering=0)  # noqa: SIM115 - open for the life of the child that reads it
        self.size = os.fstat(self.file.fileno()).st_size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: slice) -> bytes:
        start, stop, _step = key.indices(self.size)
        return os.pread(self.file.fileno(), max(0, stop - start), start)

    def startswith(self, prefix: bytes | tuple[bytes, ...]) -> bool:
        return self[:64].startswith(prefix)


def as_file(data: bytes | LargeFile):
    """A file to seek and read in, over bytes or a large file."""
    return open(data.path, "rb") if isinstance(data, LargeFile) else io.BytesIO(data)
