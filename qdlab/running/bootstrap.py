"""Make ``.venv``, install the pinned requirements once, and go on inside it.

Standard library only, and written so that any Python 3 can read it far enough to say that it is too old.

    python3 qdlab/running/bootstrap.py requirements.txt -- -m qdlab.running demo --port 8000

What was installed is remembered by a stamp (the hash of every requirements file that took part), so that a second
start is quick and a changed requirement is noticed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")


def main(arguments):
    refuse_old_python(sys.version_info)
    split = arguments.index("--")
    requirements, command = arguments[:split], arguments[split + 1 :]
    with only_one_at_a_time():
        if not works(PYTHON):
            make_environment()
        for name in requirements:
            install(name)
    os.chdir(ROOT)
    os.execv(PYTHON, [PYTHON, *command])


def refuse_old_python(version):
    if tuple(version[:2]) < OLDEST:
        sys.exit(
            f"QDLab needs Python 3.11 or newer; {sys.executable} is Python {version[0]}.{version[1]}. "
            "Install a newer one, or name it: make demo PYTHON=python3.11"
        )


def only_one_at_a_time():
    """A lock on the project folder: two commands started together must not install into each other."""
    import fcntl
    from contextlib import closing

    class Folder:
        def __init__(self):
            self.descriptor = os.open(ROOT, os.O_RDONLY)
            fcntl.flock(self.descriptor, fcntl.LOCK_EX)

        def close(self):
            os.close(self.descriptor)

    return closing(Folder())


def works(python):
    """Is there an environment, and does it still run (its Python may have been removed or replaced)?"""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", check], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def make_environment():
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        sys.exit(
            f"This Python ({sys.executable}) cannot make virtual environments: its part 'ensurepip' is not installed.\n"
            f"Debian, Ubuntu: sudo apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv    "
            "Fedora: sudo dnf install python3-pip\nThen run the same command again."
        )
    say("Making the virtual environment .venv")
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as problem:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(f"The virtual environment {VENV} could not be made: {problem}")


def install(name):
    stamp = os.path.join(VENV, "installed-" + name.replace(os.sep, "-") + ".sha256")
    wanted = fingerprint(os.path.join(ROOT, name))
    if read(stamp) == wanted:
        return
    say(f"Installing the packages of {name} (once; a minute or two)")
    began = time.monotonic()
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", os.path.join(ROOT, name)]
    if subprocess.run(pip).returncode != 0:
        sys.exit(
            f"The packages of {name} could not be installed; pip says above why. "
            "Is this machine connected to the network? Running the same command again goes on from here."
        )
    with open(stamp, "w") as file:
        file.write(wanted)
    say(f"Installed in {time.monotonic() - began:.0f} s")


def fingerprint(path):
    """The hash of a requirements file and of those that it includes by ``-r``."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    included = [line.split(None, 1)[1].split("#")[0].strip() for line in text.splitlines() if line.startswith("-r ")]
    parts = [text] + [fingerprint(os.path.join(os.path.dirname(path), name)) for name in included]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def say(text):
    print(text + " …", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
