"""Say where the lab is and who can sign in, once it answers."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from qdlab.running.lab import Lab


def wait_until_it_answers(url: str, gone: Callable[[float], bool], patience_s: float = 180.0) -> bool:
    """Ask ``url``/healthz until it answers 200; ``gone`` waits a moment and says whether the lab was stopped."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            pass  # not yet
        if gone(0.1):
            return False
    return False


def announce(lab: Lab, gone: Callable[[float], bool]) -> None:
    """What a person reads when the lab is ready: its address, and the sign-ins (demo) or the owner's link (own lab)."""
    if not wait_until_it_answers(lab.url, gone):
        if not gone(0):
            show("QDLab does not answer yet. The lines above say why; it keeps trying.")
        return
    if lab.kind == "demo":
        show(open_demo(lab))
    else:
        show(f"\nQDLab is ready: {lab.url}/   (stop it with Ctrl-C)\n{invitation(lab)}")


def open_demo(lab: Lab) -> str:
    """Write ``access.json`` from what the demo's builder left; the text that tells how to sign in."""
    try:
        people = json.loads((lab.data / "people.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return (
            f"\nThe demo lab answers at {lab.url}/, but the file with its sign-ins, {relative(lab.data)}/people.json, is gone.\n"
            f"For a new demo lab: stop this one with Ctrl-C, remove {relative(lab.data)}, and start again."
        )
    write_access_file(lab, people)
    return sign_ins(lab, people["people"])


def write_access_file(lab: Lab, people: dict) -> None:
    """``access.json``: where the demo lab is and how to get in, for scripts; readable by its owner alone."""
    access = {"url": lab.url, "people": people["people"], "token": people["token"]}
    fresh = lab.access_file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(access, file, indent=2, ensure_ascii=False)
    os.replace(fresh, lab.access_file)


def sign_ins(lab: Lab, people: list[dict]) -> str:
    name_width = max(len(person["username"]) for person in people)
    password_width = max(len(person["password"]) for person in people)
    lines = [
        f"  {person['username']:<{name_width}}   {person['password']:<{password_width}}   {person['role']}"
        for person in people
    ]
    head = f"\nQDLab's demo lab is ready: {lab.url}/   (stop it with Ctrl-C)\n\nSign in with one of these names and passwords:"
    return "\n".join([head, *lines, f"\nThey also stand in {relative(lab.access_file)}, with an API token.\n"])


def invitation(lab: Lab) -> str:
    """The one-time link that makes the owner, or nothing when the lab has one."""
    command = [sys.executable, "manage.py", "owner_link", "--address", lab.url]
    link = subprocess.run(command, env=lab.environment(), capture_output=True, text=True, check=True).stdout.strip()
    if not link.startswith("http"):
        return ""
    return f"\nThis lab has no owner yet. Open this link, which works once, to become its owner:\n\n  {link}\n"


def relative(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def show(text: str) -> None:
    print(text, flush=True)
