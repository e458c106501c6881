"""A long run in pieces: what was counted is kept under var/accuracy, and a run that broke goes on from there."""

import hashlib
import json
import os
import time
from pathlib import Path

from tests.accuracy.coverage import Counted
from tests.accuracy.scenes.scene import Scene

ROOT = Path(__file__).parents[2]
CODE = (
    "spectra/analysis/**/*.py",
    "tests/accuracy/coverage.py",
    "tests/accuracy/scenes/*.py",
    "tests/spectra/analysis/*_simulation.py",
)


def digest() -> str:
    """Of the methods and the scenes: counts of other code are never mixed."""
    found = hashlib.sha256()
    for pattern in CODE:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()[:10]


def counted(scene: Scene, n: int, seed: int, folder: Path) -> Counted:
    """The scene's rows over ``n`` cases; those already in ``folder`` are not computed again."""
    path = folder / f"{scene.name.replace('/', '-')}.json"
    found = Counted.of_json(json.loads(path.read_text("utf-8"))) if path.exists() else Counted()
    while found.cases < n:
        began = time.process_time()
        found.go_on(scene, n, seed)
        found.seconds += time.process_time() - began
        _write(path, found)
    return found


def _write(path: Path, found: Counted) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    half.write_text(json.dumps(found.as_json()), "utf-8")
    os.replace(half, path)
