"""Children that run in the foreground: restarted when they die, stopped together, their lines prefixed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TETHER = Path(__file__).with_name("tether.py")
HEALTHY_AFTER_S = 60.0  # a child that lived this long starts with a short delay again
LONGEST_DELAY_S = 30.0
PATIENCE_S = 10.0  # for a child to end by itself; what it worked on stays queued in the database


@dataclass
class Child:
    """A command that must keep running.

    ``name`` prefixes its lines; ``command`` and ``environment`` are given to the operating system as they are. ``once``:
    it has something to do and ends; it starts ``after_s`` later than the others, and again only after a failure.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    once: bool = False
    after_s: float = 0.0
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = 0
    done: bool = False

    def start(self, say: Callable[[str, str], None]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(TETHER), str(os.getpid()), *self.command],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops its children in order
        )
        self.started_at = time.monotonic()
        threading.Thread(target=self._repeat_lines, args=(self.process.stdout, say), daemon=True).start()

    def _repeat_lines(self, stream, say: Callable[[str, str], None]) -> None:
        for line in stream:
            say(self.name, line.decode("utf-8", "replace").rstrip("\r\n"))

    def plan_restart(self) -> float:
        """Note a death; the delay [s] until the next start, doubled by each early death."""
        now = time.monotonic()
        self.failures = 0 if now - self.started_at > HEALTHY_AFTER_S else self.failures + 1
        delay_s = min(2.0 ** max(self.failures - 1, 0), LONGEST_DELAY_S)
        self.process, self.start_again_at = None, now + delay_s
        return delay_s

    def send(self, number: int) -> None:
        """Signal the child itself; it tells its own children."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def sweep(self) -> None:
        """Kill whatever is left of the child's session, grandchildren too."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return
            finally:
                self.process.poll()


@dataclass
class Supervisor:
    """Starts its children in order, keeps them alive until told to stop, and leaves none behind."""

    children: list[Child]
    stopping: threading.Event = field(default_factory=threading.Event)
    _voice: threading.Lock = field(default_factory=threading.Lock)

    def say(self, name: str, line: str) -> None:
        with self._voice:
            try:
                print(f"{name:<6} | {line}", flush=True)
            except (BrokenPipeError, ValueError):
                return  # nobody listens any more; the children keep working

    def run(self) -> None:
        """Block until a signal (Ctrl-C, TERM, HUP) or ``stopping`` ends the lab."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_on_signal)
        try:
            for child in self.children:
                child.start_again_at = time.monotonic() + child.after_s
                self._keep_alive(child)
            while not self.stopping.wait(0.1):
                for child in self.children:
                    self._keep_alive(child)
        finally:
            self._stop_children()

    def _stop_on_signal(self, number: int, frame) -> None:
        if self.stopping.is_set():  # asked twice: no more patience
            for child in self.children:
                child.sweep()
        self.stopping.set()

    def _keep_alive(self, child: Child) -> None:
        if child.done:
            return
        if child.process is None:
            if time.monotonic() >= child.start_again_at:
                child.start(self.say)
        elif child.process.poll() is not None:
            code = child.process.returncode
            child.sweep()
            child.done = child.once and code == 0
            if child.done:
                return
            self.say(child.name, f"ended unexpectedly ({code}); starting it again in {child.plan_restart():.0f} s")

    def _stop_children(self) -> None:
        for child in self.children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and any(self._alive(child) for child in self.children):
            time.sleep(0.05)
        for child in self.children:
            child.sweep()
            if child.process is not None:
                child.process.wait()

    @staticmethod
    def _alive(child: Child) -> bool:
        return child.process is not None and child.process.poll() is None
