"""Run a command that ends when the process that started it ends, however that happens.

    python tether.py <parent's process id> command [arguments …]

The kernel sends SIGTERM when the parent dies (Linux; elsewhere the command merely runs). A small program of its own,
because calling Python code between fork and exec is unsafe in a parent that has threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Let the kernel send this process SIGTERM when its parent dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def main(parent: int, command: list[str]) -> None:
    end_with_parent()
    if os.getppid() != parent:
        sys.exit("The process that wanted this command is gone already.")  # it died before the call above
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
