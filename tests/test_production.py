"""What a lab in production rests on."""

import os
import subprocess
import sys

from qdlab.running.lab import ROOT


def check(tmp_path, **further) -> subprocess.CompletedProcess:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("QDLAB_", "DATABASE_URL", "DJANGO_"))
    }
    environment |= {
        "QDLAB_ENV": "production",
        "QDLAB_HOSTS": "dots.example.org",
        "QDLAB_DATA": str(tmp_path),
        **further,
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def test_the_settings_of_production_leave_nothing_to_complain_about(tmp_path):
    done = check(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_debugging_is_refused_in_production(tmp_path):
    assert "QDLAB_DEBUG" in check(tmp_path, QDLAB_DEBUG="1").stderr


def test_any_host_is_refused_in_production(tmp_path):
    assert "QDLAB_HOSTS" in check(tmp_path, QDLAB_HOSTS="*").stderr
