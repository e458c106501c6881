"""The byte parsers under atheris, which looks for bytes that reach new lines of code; only in ``make test-long``."""

import os
import subprocess

import pytest

from tests.spectra.readers.binary_samples import MADE
from tests.spectra.readers.fuzz.seeds import FURTHER
from tests.spectra.readers.test_peers import PYTHON, ROOT

pytestmark = pytest.mark.skipif(
    not os.environ.get("QDLAB_LONG") or not PYTHON.exists(),
    reason="The peers did not run: atheris needs make test-long",
)
RUNS = 5_000
SEEDS = {}
for (name, reader), data in MADE.items():
    SEEDS.setdefault(reader, []).append((name, data))
SEEDS["video_file"] = list(FURTHER["video_file"])


@pytest.mark.parametrize("reader", SEEDS)
def test_no_bytes_that_atheris_finds_make_a_reader_stumble(reader, tmp_path):
    for name, data in SEEDS[reader]:
        (tmp_path / name).write_bytes(data)
    script = ROOT / "tests" / "peers" / "atheris_bytes.py"
    command = [PYTHON, script, reader, tmp_path, f"-runs={RUNS}", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    if "No module named 'atheris'" in done.stderr:
        pytest.skip("atheris has no wheel for this Python")
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS} runs" in done.stderr
