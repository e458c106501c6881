"""Bring a lab's data folder up to date before its servers start: migrations, static files, demo data.

One process for all three, because loading Django costs more than most of what is done here. Run as
``python -m qdlab.running.prepare demo|lab`` with the lab's settings in the environment.
"""

import hashlib
import os
import sys

import django
from django.conf import settings
from django.core.management import call_command


def prepare(kind: str) -> None:
    call_command("migrate", interactive=False, verbosity=0)
    collect_static_files()
    if kind == "demo":
        call_command("build_demo")
    else:
        call_command("starter_shelf", verbosity=0)


def collect_static_files() -> None:
    """Hash, compress and collect the static files, unless exactly these were collected before."""
    stamp, wanted = settings.STATIC_ROOT / "collected.sha256", fingerprint_of_static_files()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(wanted)


def fingerprint_of_static_files() -> str:
    """A hash over the name, size and time of every file that ``collectstatic`` would find."""
    from django.contrib.staticfiles.finders import get_finders

    found = (storage.path(name) for finder in get_finders() for name, storage in finder.list([]))
    lines = sorted(f"{path} {os.stat(path).st_size} {os.stat(path).st_mtime_ns}" for path in found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qdlab.settings")
    django.setup()
    prepare(sys.argv[1])
