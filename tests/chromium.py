"""A real Chromium for the browser tests: the one on PATH, else Debian's package when these tests may install it."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "No Chromium on this machine, so nothing was looked at in a browser. Install it (Debian: apt install chromium; "
    "Ubuntu: snap install chromium; Fedora: dnf install chromium) or name one by QDLAB_TEST_CHROMIUM."
)


def find() -> str | None:
    given = os.environ.get("QDLAB_TEST_CHROMIUM")
    return given or next((path for path in map(shutil.which, NAMES) if path), None)


def find_or_install() -> str | None:
    found = find()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Debian's chromium for the browser tests …", flush=True)
        install()
        found = find()
    return found


def install() -> None:
    quietly = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
    package = ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
    for command in (["apt-get", "update"], package):
        if subprocess.run(command, **quietly).returncode != 0:
            print(f"{' '.join(command)} failed; the browser tests will be skipped.", file=sys.stderr)
            return
