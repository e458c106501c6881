"""The reader host: a small process that reads files in limited children, and the worker's handle on it.

``python -m spectra.readers.host`` imports numpy and the readers once, and forks a child per file: a fork of this small
process costs milliseconds, a fresh interpreter a hundred times more, and a fork of a worker would carry its database
connections along. Requests come on stdin, one JSON line each; answers go to stdout: kind, length, body (``child``).
The host's environment holds no secrets: it gets only what Python needs to start.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from spectra.notes import Note, gettext_noop
from spectra.readers import READERS, child, read
from spectra.readers.preview import Drawn, decode_drawn
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.wire import decode_reading, encode_reading

SECONDS = 30.0
PREFIX = 9  # kind and length
MAX_ANSWER = 400 * 1024 * 1024
PROJECT = Path(__file__).resolve().parents[2]
KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

WARM_UP = (
    b"TITLE\t1\nDATA TYPE\t\nORIGIN\tJASCO\nDATE\t26/06/04\nXUNITS\tNANOMETERS\nYUNITS\tINTENSITY\nFIRSTX\t400\n"
    b"NPOINTS\t2\nMAXY\t2\nXYDATA\n400\t1\n401\t2\n\n#####\n[Comments]\nComment\t\x8e\x8e\x97\xbf\nModel Name\tFP-8500\n",
    b"#PicoHarp 300  Histogram Data\t01/09/2025 03:06:24 PM\n#ns/channel\n0.5\n#counts\n1\n2\n",
    b"Wavelength (nm),Abs\n" + b"".join(b"%d,0.5\n" % x for x in range(400, 410)),
    b"Time (ns);Counts\n" + b"".join(b"%d,5;7\n" % x for x in range(10)),
)

CRASHED = Note(
    "reader_crashed",
    gettext_noop(
        "Reading this file broke the reader. The file is kept; export it again, or choose the columns by hand."
    ),
)
TOO_SLOW = Note(
    "reader_timeout",
    gettext_noop("Reading this file took too long and was stopped. Split it, or export fewer columns."),
)


class ReaderHost:
    """Read files in limited processes. One per worker; threads may share it, one file is read at a time.

    ``memory_bytes`` and ``seconds`` limit each file; ``extra_readers`` names further modules with a READER (tests).

    Examples
    --------
    >>> import tempfile
    >>> with ReaderHost() as host, tempfile.NamedTemporaryFile(suffix=".csv") as file:
    ...     _ = file.write(b"Wavelength (nm),Abs\\n" + b"".join(b"%d,0.1\\n" % x for x in range(400, 410)))
    ...     file.flush()
    ...     host.read(file.name, "dots.csv").items[0].value.n_points
    10
    """

    def __init__(
        self,
        *,
        memory_bytes: int = child.MEMORY_BYTES,
        seconds: float = SECONDS,
        extra_readers: tuple[str, ...] = (),
    ):
        self.memory_bytes, self.seconds, self.extra_readers = memory_bytes, seconds, extra_readers
        self._process: subprocess.Popen | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> "ReaderHost":
        return self

    def __exit__(self, *_):
        self.close()

    def read(
        self,
        path: str | os.PathLike,
        name: str,
        mapping: dict | None = None,
        reader: str | None = None,
        known: Sequence[dict] = (),
    ) -> Reading:
        """Read one file; ``known`` are the layouts that may read it (``layouts``).

        Raises
        ------
        UnreadableFile
            As ``readers.read``; also when reading crashed, took too long or too much memory.
        """
        request = {"path": str(Path(path).resolve()), "name": name, "mapping": mapping, "reader": reader}
        return self._answer(request | ({"known": list(known)} if known else {}), decode_reading)

    def tables(self, path: str | os.PathLike, name: str, mapping: dict | None = None) -> dict:
        """What the column mapper shows of a file (``table_preview``). Raises UnreadableFile as ``read``."""
        request = {"path": str(Path(path).resolve()), "name": name, "mapping": mapping, "ask": "tables"}
        return self._answer(request, json.loads)

    def draw(self, path: str | os.PathLike) -> Drawn:
        """Draw the preview of an image.

        Raises
        ------
        UnreadableFile
            With the reason why there is none.
        """
        return self._answer({"path": str(Path(path).resolve()), "draw": True}, decode_drawn)

    def _answer(self, request: dict, decode):
        line = json.dumps(request).encode() + b"\n"
        with self._lock:
            kind, body = self._ask(line) or self._ask(line) or (child.NOTE, json.dumps(CRASHED.as_json()).encode())
        if kind == child.NOTE:
            told = json.loads(body)
            refusal = UnreadableFile(Note.from_json(told))
            refusal.fingerprints = told.get("fingerprints", "")
            raise refusal
        try:
            return decode(body)
        except ValueError:
            raise UnreadableFile(CRASHED) from None

    def close(self) -> None:
        """End the host; the next ``read`` starts a new one."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    @property
    def pid(self) -> int | None:
        """Process id of the running host, if there is one."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def _ask(self, line: bytes) -> tuple[bytes, bytes] | None:
        """Ask the host, starting it where needed; None when it died or hung over it."""
        if self.pid is None:
            self.close()
            self._process = self._start()
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
            prefix = self._receive(PREFIX)
            size = int.from_bytes(prefix[1:], "little")
            if prefix[:1] not in (child.READING, child.NOTE, child.PREVIEW, child.TABLES) or size > MAX_ANSWER:
                raise EOFError
            return prefix[:1], self._receive(size)
        except (OSError, EOFError):
            self._process.kill()
            self.close()
            return None

    def _receive(self, size: int) -> bytes:
        """``size`` bytes of the answer; EOFError when the host ends or is long silent."""
        received, out = bytearray(), self._process.stdout.fileno()
        while len(received) < size:
            ready, _, _ = select.select([out], [], [], self.seconds + 15)
            piece = os.read(out, min(size - len(received), 1 << 20)) if ready else b""
            if not piece:
                raise EOFError
            received += piece
        return bytes(received)

    def _start(self) -> subprocess.Popen:
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        environment |= {"PYTHONPATH": str(PROJECT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "spectra.readers.host", str(self.memory_bytes), str(self.seconds)]
        return subprocess.Popen(
            [*command, *self.extra_readers],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=PROJECT,
            start_new_session=True,  # Ctrl+C in the terminal ends the worker, which then closes its host
        )


def serve(memory_bytes: int, seconds: float, readers: tuple) -> None:
    """Be the host: answer one request after the other until stdin ends."""
    out = sys.stdout.buffer
    _warm_up()
    gc.collect()
    gc.freeze()  # a collection in the child would copy every page of the host
    for line in sys.stdin.buffer:
        kind, body = _in_child(json.loads(line), memory_bytes, seconds, readers)
        out.write(kind + len(body).to_bytes(8, "little"))
        out.write(body)
        out.flush()


def _warm_up() -> None:
    """Read a small text with each own reader, so that no child has to compile their patterns again."""
    for text in WARM_UP:
        with contextlib.suppress(UnreadableFile):
            encode_reading(read(text, "warm-up"))


def _in_child(request: dict, memory_bytes: int, seconds: float, readers: tuple) -> tuple[bytes, bytes]:
    reading_end, writing_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading_end)
        child.run(request, writing_end, memory_bytes, seconds, readers)
    os.close(writing_end)
    try:
        received, in_time = _collect(reading_end, seconds)
    finally:
        os.close(reading_end)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    size = int.from_bytes(received[1:PREFIX], "little")
    if len(received) >= PREFIX and len(received) == PREFIX + size:
        return bytes(received[:1]), bytes(received[PREFIX:])
    cpu_spent = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
    return child.NOTE, json.dumps((CRASHED if in_time and not cpu_spent else TOO_SLOW).as_json()).encode()


def _collect(pipe: int, seconds: float) -> tuple[bytearray, bool]:
    """All that the child writes until it ends, and whether it ended in time."""
    received, deadline = bytearray(), time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return received, False
        piece = os.read(pipe, 1 << 20)
        if not piece or len(received) > MAX_ANSWER:
            return received, True
        received += piece


if __name__ == "__main__":
    extra = tuple(importlib.import_module(name).READER for name in sys.argv[3:])
    serve(int(sys.argv[1]), float(sys.argv[2]), (*extra, *READERS))
