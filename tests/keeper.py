"""Keep a test server running for as long as the tests run, and not a moment longer, even when they are killed.

python keeper.py <process id to outlive at most> <user or -> command [arguments …]
"""

import os
import signal
import subprocess
import sys
import threading

PATIENCE_S = 10.0


def main(owner: int, user: str, command: list[str]) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: stop.set())
    server = subprocess.Popen(command, **identity(user))
    while not stop.wait(0.2) and server.poll() is None:
        if not runs(owner):
            stop.set()
    return end(server)


def identity(user: str) -> dict:
    return {} if user == "-" else {"user": user, "group": os_group(user), "extra_groups": []}


def os_group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def runs(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def end(server: subprocess.Popen) -> int:
    if server.poll() is None:
        server.send_signal(signal.SIGINT)  # PostgreSQL: fast shutdown; Redis: shutdown
        try:
            server.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            server.kill()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
