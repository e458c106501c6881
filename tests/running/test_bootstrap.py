"""From a clone to a virtual environment: once, quickly the second time, and with a clear sentence where it cannot be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from qdlab.running import bootstrap


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty project folder with a requirements file that needs no network."""
    monkeypatch.setattr(bootstrap, "ROOT", str(tmp_path))
    monkeypatch.setattr(bootstrap, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(bootstrap, "PYTHON", str(tmp_path / ".venv" / "bin" / "python"))
    (tmp_path / "requirements.txt").write_text("# nothing is needed\n")
    return tmp_path


@pytest.fixture
def pip_runs(monkeypatch):
    """How often pip was called."""
    calls, run = [], subprocess.run

    def note(command, **options):
        if "pip" in command:
            calls.append(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", note)
    return calls


def test_an_old_python_is_refused_with_the_version_that_is_needed():
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; .* is Python 3\.9"):
        bootstrap.refuse_old_python((3, 9, 2))


def test_the_python_that_is_asked_for_is_enough():
    bootstrap.refuse_old_python((3, 11, 0))
    bootstrap.refuse_old_python((3, 14, 0))


def test_the_script_can_be_read_by_a_python_that_is_too_old_to_run_it():
    ast.parse(Path(bootstrap.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))


def test_without_ensurepip_it_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=r"apt install python3\.\d+-venv"):
        bootstrap.make_environment()
    assert not (folder / ".venv").exists()


def test_an_environment_is_made_and_its_python_works(folder):
    assert not bootstrap.works(bootstrap.PYTHON)
    bootstrap.make_environment()
    assert bootstrap.works(bootstrap.PYTHON)


def test_packages_are_installed_once_and_again_when_the_list_changes(folder, pip_runs):
    bootstrap.make_environment()
    bootstrap.install("requirements.txt")
    bootstrap.install("requirements.txt")
    assert len(pip_runs) == 1
    (folder / "requirements.txt").write_text("# another list\n")
    bootstrap.install("requirements.txt")
    assert len(pip_runs) == 2


def test_a_list_that_includes_another_changes_with_it(folder):
    (folder / "tests").mkdir()
    (folder / "tests" / "requirements.txt").write_text("-r ../requirements.txt  # what runs\n")
    before = bootstrap.fingerprint(folder / "tests" / "requirements.txt")
    (folder / "requirements.txt").write_text("# another list\n")
    assert bootstrap.fingerprint(folder / "tests" / "requirements.txt") != before


def test_packages_that_cannot_be_had_stop_with_a_sentence_and_leave_no_stamp(folder):
    bootstrap.make_environment()
    (folder / "requirements.txt").write_text("./no-such-folder\n")
    with pytest.raises(SystemExit, match="could not be installed"):
        bootstrap.install("requirements.txt")
    assert not list((folder / ".venv").glob("installed-*"))


def test_an_environment_whose_python_was_removed_is_made_anew(folder):
    bootstrap.make_environment()
    python = folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert not bootstrap.works(bootstrap.PYTHON)
    bootstrap.make_environment()
    assert bootstrap.works(bootstrap.PYTHON)
