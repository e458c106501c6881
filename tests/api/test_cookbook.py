"""The cookbook's blocks are run as they stand, one after the other, against a running lab."""

import os
import re
import uuid
from datetime import UTC, datetime

import numpy as np
import pytest

from qdlab.demo import files, instruments
from qdlab.demo.physics import Band
from qdlab.demo.truth import BatchTruth
from qdlab.running.lab import ROOT

WHEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TRUTH = BatchTruth("1", {}, (Band(453.0, 14.9),), 0.956, (9.02,), dilutions=(0.02, 0.03, 0.04, 0.05, 0.06))
PREPARE = """
import sys
import django

django.setup()
from qdlab.access.models import Project, User
from synthesis.models import SampleState
from tests import factories
from tests.spectra import records

code, n = sys.argv[1], int(sys.argv[2])
project, chemist = Project.objects.get(name="Blue emitters"), User.objects.get(username="chemist")
sample = factories.make_sample(factories.make_batch(project, by=chemist, code=code), by=chemist, solvent=factories.shelf()["Toluene"])
for number in range(n):
    upload = records.make_upload(project, by=chemist, sample=sample, name=f"{code} {number}.txt")
    records.make_measurement(sample, upload=upload, value=records.emission(420.0 + number / 5))
"""


@pytest.fixture
def folders(tmp_path, monkeypatch, live_lab):
    """What lies on the instrument PCs, and a batch that waits for it."""
    code = f"CB-{uuid.uuid4().hex[:6]}"
    bench = instruments.Bench(7)
    for folder, found in (
        ("march", files.of_sample(bench, TRUTH, f"{code}", WHEN)),
        ("standard", files.of_standard(bench, WHEN)),
    ):
        (tmp_path / folder).mkdir()
        for file in found:
            (tmp_path / folder / file.name).write_bytes(file.content)
    live_lab.python("-c", PREPARE, code, "500")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QDLAB_URL", live_lab.url)
    monkeypatch.setenv("QDLAB_TOKEN", live_lab.cast["token"])
    monkeypatch.setenv("QDLAB_PROJECT", "Blue emitters")
    return code


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/cookbook.md").read_text(), re.MULTILINE | re.DOTALL)


def test_every_task_of_the_cookbook_works_as_it_stands(folders, capsys):
    assert len(blocks()) == 6  # the head and five tasks
    done: dict = {}
    for block in blocks():
        exec(compile(block, "docs/cookbook.md", "exec"), done)
    (row,) = done["batches"].to_dict("records")
    assert row["code"] == folders
    # The files are simulated from a band at 453 nm: within 4 u.
    assert row["emission_peak_nm"] == pytest.approx(453.0, abs=4 * row["emission_peak_nm_u"])
    points, maxima = (
        table[table["title"].str.fullmatch(rf"{folders} \d+\.txt")] for table in (done["points"], done["maxima"])
    )
    assert len(maxima) == 500 and points["y"].isna().sum() == 500
    assert np.sort(maxima["x"])[[0, -1]] == pytest.approx([420.0, 519.8], abs=0.5)  # a point per nm
    plqy = done["plqy"]
    assert plqy["value"] == pytest.approx(TRUTH.phi, abs=4 * plqy["u"])
    assert f"Φ = {plqy['value']:.3f}" in capsys.readouterr().out
    assert os.environ["QDLAB_URL"] in done["LAB"]
