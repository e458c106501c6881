"""Children in the foreground: prefixed, restarted with growing patience, and never left behind."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from qdlab.running import supervisor
from qdlab.running.lab import ROOT
from qdlab.running.supervisor import Child, Supervisor
from tests.lab import runs, wait_until


def child(code: str, name: str = "child") -> Child:
    return Child(name, [sys.executable, "-c", code], dict(os.environ))


@pytest.fixture
def spoken():
    """A ``say`` that collects ``(name, line)``."""
    lines: list[tuple[str, str]] = []
    lines_say = lines.append
    return lines, lambda name, line: lines_say((name, line))


@pytest.fixture
def keeping_alive(spoken):
    """A supervisor stepped by the test instead of its own loop; its children end with the test."""
    made: list[Supervisor] = []

    def start(*children: Child) -> Supervisor:
        keeper = Supervisor(list(children))
        keeper.say = spoken[1]
        made.append(keeper)
        for one in children:
            one.start(keeper.say)
        return keeper

    yield start
    for keeper in made:
        keeper._stop_children()


def test_every_line_carries_the_name_of_its_child(spoken):
    lines, say = spoken
    one = child("import sys; print('first'); print('zweite Zeile ü', file=sys.stderr)", name="web")
    one.start(say)
    one.process.wait()
    wait_until(lambda: len(lines) == 2, "both lines")
    assert sorted(lines) == [("web", "first"), ("web", "zweite Zeile ü")]


def test_a_child_that_dies_is_started_again(keeping_alive, spoken):
    one = child("import time; time.sleep(600)")
    keeper = keeping_alive(one)
    first = one.process.pid
    os.kill(first, signal.SIGKILL)
    one.process.wait()
    keeper._keep_alive(one)
    assert any("ended unexpectedly (-9)" in line for _name, line in spoken[0])
    one.start_again_at = 0.0
    keeper._keep_alive(one)
    assert one.process.pid != first
    assert one.process.poll() is None


def test_a_child_with_one_thing_to_do_is_started_again_after_a_failure_alone(keeping_alive, tmp_path):
    starts = tmp_path / "starts"
    code = f"import sys; f = open({str(starts)!r}, 'a+'); f.write('x'); f.seek(0); sys.exit(f.read() == 'x')"
    one = child(code)
    one.once = True
    keeper = keeping_alive(one)
    for expected_done in (False, True):
        one.process.wait()
        keeper._keep_alive(one)
        assert one.done is expected_done
        if not one.done:
            one.start_again_at = 0.0
            keeper._keep_alive(one)
    keeper._keep_alive(one)
    assert starts.read_text() == "xx"


def test_early_deaths_double_the_delay_up_to_half_a_minute_and_a_long_life_resets_it():
    one = child("")
    one.started_at = time.monotonic()
    assert [one.plan_restart() for _death in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    one.started_at = time.monotonic() - supervisor.HEALTHY_AFTER_S - 1
    assert one.plan_restart() == 1


def test_a_child_that_ignores_the_request_to_end_is_killed_with_its_own_children(keeping_alive, spoken, monkeypatch):
    monkeypatch.setattr(supervisor, "PATIENCE_S", 0.2)
    stubborn = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
time.sleep(600)
"""
    one = child(stubborn)
    keeper = keeping_alive(one)
    wait_until(lambda: bool(spoken[0]), "the grandchild")
    grandchild = int(spoken[0][0][1])
    keeper._stop_children()
    assert one.process.returncode == -signal.SIGKILL
    wait_until(lambda: not runs(grandchild), "the grandchild's end")


def test_run_ends_when_it_is_told_to_and_no_child_is_left():
    one = child("import time; time.sleep(600)")
    keeper = Supervisor([one])
    threading.Timer(0.3, keeper.stopping.set).start()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        keeper.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert one.process.returncode == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_children_end_even_when_the_supervisor_is_killed():
    code = """
import os, sys
from qdlab.running.supervisor import Child, Supervisor
one = Child("one", [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)"], dict(os.environ))
Supervisor([one]).run()
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process_id = int(parent.stdout.readline().split("|")[1])
    assert runs(process_id)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not runs(process_id), "the child's end")
