"""A long run in pieces: what was counted is kept under var/accuracy, and a run that broke goes on from there."""

import hashlib
import inspect
import json
import os
import re
import time
from pathlib import Path

from tests.accuracy.coverage import Counted
from tests.accuracy.scenes.scene import Scene

ROOT = Path(__file__).parents[2]
COUNTING = ("tests/accuracy/coverage.py", "tests/accuracy/scenes/scene.py")
OURS = re.compile(r"^\s*from ((?:spectra\.analysis|tests\.spectra\.analysis)[.\w]*) import ([\w, ]+)", re.MULTILINE)

WORDS_ONLY = (
    "spectra.analysis.method",
    "spectra.analysis.findings",
)  # what a method promises and says: nothing is computed there


def digest(scene: Scene) -> str:
    """Of the method, of all of the analysis that it imports, and of the scene: counts of other code are never mixed."""
    found = hashlib.sha256()
    for path in sorted({*map(ROOT.joinpath, COUNTING), *_with_imports(f"spectra.analysis.{scene.method}", set())}):
        found.update(path.read_bytes())
    found.update(inspect.getsource(inspect.getmodule(scene.draw)).encode())
    return found.hexdigest()[:10]


def _with_imports(module: str, seen: set[Path]) -> set[Path]:
    """The file of a module and, of those that it imports, what lies in the analysis."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    if path.is_file() and path not in seen and module not in WORDS_ONLY:
        seen.add(path)
        for package, names in OURS.findall(path.read_text("utf-8")):
            for name in (package, *(f"{package}.{one.strip()}" for one in names.split(","))):
                _with_imports(name, seen)
    return seen


def counted(scene: Scene, n: int, seed: int, folder: Path) -> Counted:
    """The scene's rows over ``n`` cases; those already in ``folder`` are not computed again."""
    path = folder / f"{scene.name.replace('/', '-')}, seed {seed}, {digest(scene)}.json"
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
