"""The house as it was drawn: which way imports run."""

import subprocess
import sys

import pytest

from qdlab.running.lab import ROOT


def lint_imports(*options: str) -> subprocess.CompletedProcess:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-logo", "--no-cache", *options], cwd=ROOT, capture_output=True, text=True
    )


def test_imports_run_in_one_direction():
    done = lint_imports()
    assert done.returncode == 0, done.stdout


def test_a_contract_that_is_broken_is_noticed(tmp_path):
    upside_down = tmp_path / "contracts.toml"
    upside_down.write_text(
        '[tool.importlinter]\nroot_packages = ["spectra"]\n'
        '[[tool.importlinter.contracts]]\nname = "Upside down"\ntype = "layers"\n'
        'layers = ["spectra.spectrum", "spectra.readers"]\n'
    )
    done = lint_imports("--config", str(upside_down))
    assert done.returncode == 1
    assert "spectra.readers is not allowed to import spectra.spectrum" in done.stdout


@pytest.mark.parametrize("core", ["spectra.analysis", "spectra.readers", "spectra.plots", "synthesis.stoichiometry"])
def test_the_pure_core_loads_neither_django_nor_celery(core):
    code = f"import sys, {core}; print([name for name in ('django', 'celery', 'qdlab') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
