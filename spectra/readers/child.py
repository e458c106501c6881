"""One file in one limited process: what a reader may use, and how its answer leaves the process.

The child is forked by the host (``host``), reads one file and ends. Its limits: memory of the host at the fork plus
512 MiB, seconds of CPU, no file written, no core dump. Its answer is a kind byte and a body on a pipe: ``R`` and an
encoded Reading, ``P`` and a drawn preview, ``T`` and its tables as JSON, or ``N`` and a Note as JSON. Whatever else happens
to it, the host sees an answer that is missing.
"""

import gc
import json
import os
import resource
import signal
from pathlib import Path

from spectra.notes import Note, gettext_noop
from spectra.readers import MAX_BYTES, READERS, Reader, read, recognise, refuse_too_big
from spectra.readers.large import LargeFile
from spectra.readers.preview import draw, encode_drawn
from spectra.readers.reading import UnreadableFile
from spectra.readers.table_preview import table_preview
from spectra.readers.wire import encode_reading

MEMORY_BYTES = 512 * 1024 * 1024
READING, NOTE, PREVIEW, TABLES = b"R", b"N", b"P", b"T"

TOO_MUCH_MEMORY = Note(
    "reader_memory",
    gettext_noop("Reading this file took more memory than allowed. Split it, or export fewer columns."),
)
GONE = Note(
    "file_gone", gettext_noop("The file could not be opened. Upload it again, or tell the person who runs QDLab.")
)


def limit_process(memory_bytes: int, seconds: float) -> None:
    """Limit this process, irrevocably."""
    _limit(resource.RLIMIT_AS, address_space() + memory_bytes)
    _limit(resource.RLIMIT_CPU, max(1, int(seconds)))
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(seconds) + 5)  # ends the child even when the host is gone


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def address_space() -> int:
    """Bytes of address space in use; where /proc is missing, the largest memory ever resident."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def answer(request: dict, readers: tuple[Reader, ...] = READERS) -> tuple[bytes, bytes]:
    """Read the file of ``request`` (``path``, ``name``, ``mapping``, ``reader``, ``known``): kind and body of the answer.

    With ``draw`` the answer is its preview as an image, with ``ask`` "tables" what the column mapper shows of it.
    """
    try:
        data = _bytes_of(request["path"])
        if request.get("draw"):
            return PREVIEW, encode_drawn(draw(data))
        if request.get("ask") == "tables":
            return TABLES, json.dumps(_tables(data, request["name"], request["mapping"] or {}, readers)).encode()
        known = request.get("known") or ()
        reading = read(data, request["name"], request.get("mapping"), request.get("reader"), readers, known)
        return READING, encode_reading(reading)
    except UnreadableFile as refusal:
        told = refusal.note.as_json() | {"fingerprints": refusal.fingerprints}
        return NOTE, json.dumps(told).encode()
    except MemoryError:
        return NOTE, json.dumps(TOO_MUCH_MEMORY.as_json()).encode()


def _tables(data: bytes | LargeFile, name: str, mapping: dict, readers: tuple[Reader, ...]) -> dict:
    """The tables of a file, and the vendor's reader that claims it (empty when none does)."""
    refuse_too_big(data)
    best = next((reader for reader, _score in recognise(data, name, readers)), None)
    return table_preview(data, name, mapping) | {"reader": best.name if best and not best.takes_columns else ""}


def _bytes_of(path: str) -> bytes | LargeFile:
    try:
        large = LargeFile(path)
        return large if len(large) > MAX_BYTES else large[:]
    except OSError:
        raise UnreadableFile(GONE) from None


def run(request: dict, pipe: int, memory_bytes: int, seconds: float, readers: tuple[Reader, ...]) -> None:
    """Be the child: limit, read, answer, end. Never returns."""
    status = 1
    gc.disable()
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)  # requests are the host's; a print in a reader must not become part of an answer
        os.dup2(nowhere, 1)
        limit_process(memory_bytes, seconds)
        kind, body = answer(request, readers)
        with open(pipe, "wb", closefd=False) as out:
            out.write(kind)
            out.write(len(body).to_bytes(8, "little"))
            out.write(body)
        status = 0
    finally:
        os._exit(status)
