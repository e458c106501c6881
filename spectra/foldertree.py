"""A folder on a disk or a share: what lies in it, what is left aside, and reading a file without leaving the folder.

Nothing in the folder is written, moved or renamed; links are never followed, and a file is opened name by name from the
folder itself, so that nobody who may write there can lead QDLab to another file of this machine. Knows no Django.
"""

import errno
import hashlib
import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from spectra.notes import Note, gettext_noop

CHUNK_BYTES = 1024 * 1024
# Of programs at work: lock files of Office, half copies, what systems leave in every folder
TEMPORARY = (
    "~$*", "~*.tmp", "*.tmp", "*.temp", "*.part", "*.partial", "*.crdownload", "*.filepart", "*.swp", "*.lock", "*.lnk",
    "*~", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r",
)  # fmt: skip
SYSTEM_FOLDERS = ("$recycle.bin", "system volume information", "@eadir", "#recycle", "lost+found")

LINK = Note("link", gettext_noop("A link: QDLab follows none. The file itself is taken where it lies."))
HIDDEN = Note("hidden", gettext_noop("Hidden, or of the system: it holds no measurement."))
UNFINISHED = Note("temporary", gettext_noop("A temporary or lock file of another program."))
NO_FILE = Note("no_file", gettext_noop("A device or pipe, not a file."))
NO_PERMISSION = Note(
    "no_permission",
    gettext_noop(
        "QDLab may not read this. Give the account that runs QDLab the right to read; it tries again by itself."
    ),
)
NOT_READABLE = Note(
    "not_readable", gettext_noop("The share did not give it out ({problem}). QDLab tries again by itself.")
)

_REFUSALS = (errno.EACCES, errno.EPERM)
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_OF_ONE_FILE = (*_REFUSALS, errno.EBUSY, errno.ETXTBSY, errno.ENAMETOOLONG, errno.EISDIR, errno.EOVERFLOW, errno.EAGAIN)


class ChangedMeanwhile(Exception):
    """The file grew or was written again while it was read: nothing of it counts."""


class Vanished(Exception):
    """The file is no longer there."""


class NotGivenOut(Exception):
    """The file cannot be read now; ``note`` says why, ``of_one_file`` whether the others can still be hoped for."""

    def __init__(self, problem: OSError):
        super().__init__(str(problem))
        self.note = note_on(problem)
        self.of_one_file = problem.errno in _OF_ONE_FILE


@dataclass(frozen=True, slots=True)
class Found:
    """Something in the folder. ``path`` is relative, as the system gives it (any bytes, by surrogates).

    ``aside``: why it will never be taken; ``problem``: why it cannot be looked at now.
    """

    path: str
    size: int = 0
    mtime_ns: int = 0
    aside: Note | None = None
    problem: Note | None = None

    @property
    def key(self) -> str:
        """The path as bytes, hashed: any name fits, and no two names are mixed up."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()

    @property
    def stamp(self) -> bytes:
        """Path, size and time in 16 bytes: what was seen with the same stamp was not changed."""
        seen = b"%b\0%d\0%d" % (os.fsencode(self.path), self.size, self.mtime_ns)
        return hashlib.blake2b(seen, digest_size=16).digest()


def note_on(problem: OSError) -> Note:
    if problem.errno in _REFUSALS:
        return NO_PERMISSION
    return Note(NOT_READABLE.code, NOT_READABLE.text, {"problem": problem.strerror or type(problem).__name__})


def shown(path: str) -> str:
    r"""A path as it can be stored and shown anywhere: bytes that are no text, control and direction marks are spelled out.

    >>> shown("2024\udcff/a\u202eb\nc.txt")
    '2024\\xff/a\\u202eb\\nc.txt'
    >>> shown("測定/試料1.txt")
    '測定/試料1.txt'
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in text
    )


def walk(root: Path) -> Iterator[Found]:
    """Everything below ``root``, one folder after the other. Raises OSError when ``root`` itself cannot be looked at."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(os.path.join(root, folder) if folder else root) as entries:
                # Listed at once: taking a file may last, and a share ends a listing that is left open.
                found = [(os.path.join(folder, entry.name), *_look_at(entry)) for entry in entries]
        except OSError as problem:
            if not folder:
                raise
            if problem.errno not in _GONE:
                yield Found(folder, problem=note_on(problem))
            continue
        for path, result, is_folder in found:
            if is_folder:
                waiting.append(path)
            elif result is not None:
                yield Found(path, **result)


def _look_at(entry: os.DirEntry) -> tuple[dict | None, bool]:
    """What ``Found`` says of an entry (None: it is gone already), and whether it is a folder to look into."""
    try:
        if entry.is_symlink():
            return {"aside": LINK}, False
        seen = entry.stat(follow_symlinks=False)
    except OSError as problem:
        return (None if problem.errno in _GONE else {"problem": note_on(problem)}), False
    if stat.S_ISDIR(seen.st_mode):
        hidden = entry.name.startswith(".") or entry.name.lower() in SYSTEM_FOLDERS
        return {"aside": HIDDEN} if hidden else None, not hidden
    aside = None if stat.S_ISREG(seen.st_mode) else NO_FILE
    return {"size": seen.st_size, "mtime_ns": seen.st_mtime_ns, "aside": aside or aside_by_name(entry.name)}, False


def aside_by_name(name: str) -> Note | None:
    """Why a file of this name is left aside, or None."""
    lower = name.lower()
    if any(fnmatchcase(lower, pattern) for pattern in TEMPORARY):
        return UNFINISHED
    return HIDDEN if name.startswith(".") else None


def chunks_of(root: Path, found: Found, between: Callable[[], None] = lambda: None) -> Iterator[bytes]:
    """The bytes of a file exactly as it was found; ``between`` is called after each part.

    Raises ChangedMeanwhile, Vanished and NotGivenOut.
    """
    try:
        with os.fdopen(_open_inside(root, found.path), "rb", buffering=0) as file:
            _require_unchanged(file, found)
            left = found.size
            while chunk := file.read(CHUNK_BYTES):
                left -= len(chunk)
                yield chunk
                between()
            _require_unchanged(file, found)
    except OSError as problem:
        if problem.errno in _GONE:
            raise Vanished from problem
        raise NotGivenOut(problem) from problem
    if left:
        raise ChangedMeanwhile


def _open_inside(root: Path, path: str) -> int:
    """A descriptor of the file, reached folder by folder without following any link."""
    *folders, name = path.split(os.sep)
    inside = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            further = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=inside)
            os.close(inside)
            inside = further
        # NONBLOCK: a pipe that took the place of the file would otherwise hold us for ever.
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    finally:
        os.close(inside)


def _require_unchanged(file, found: Found) -> None:
    now = os.fstat(file.fileno())
    if not stat.S_ISREG(now.st_mode) or (now.st_size, now.st_mtime_ns) != (found.size, found.mtime_ns):
        raise ChangedMeanwhile
