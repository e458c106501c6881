"""The limits of one case, set around a read in this process: seconds of CPU, and the memory that a child would get."""

import contextlib
import resource
import signal

from spectra.readers.child import MEMORY_BYTES, address_space

SECONDS = 2.0  # of CPU, so that a busy machine does not make a case fail


class TooSlow(AssertionError):
    """Reading took more than SECONDS of CPU."""


def _raise(signum, frame):
    raise TooSlow("too many seconds of CPU")


@contextlib.contextmanager
def limited(seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES):
    """Inside, an endless loop raises TooSlow, and a wish for more memory MemoryError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGPROF, _raise)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    resource.setrlimit(resource.RLIMIT_AS, (address_space() + memory_bytes, hard))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGPROF, before)
