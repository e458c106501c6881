"""value ± u holds the truth as often as it says, for each method; a few cases each, a thousand with ``QDLAB_LONG=1``."""

import os

import pytest

from spectra.analysis import METHODS
from tests.accuracy import coverage
from tests.accuracy.scenes import SCENES

LONG = bool(os.environ.get("QDLAB_LONG"))


def _n(scene) -> int:
    return 1000 if LONG else 2 if scene.most else 12


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.method}, {scene.sample}")
def test_the_intervals_hold_the_truth_in_about_68_percent(scene):
    rows = coverage.rows_of(scene, _n(scene))
    assert rows
    for row in rows:
        # 60–76 % covers what is listed in docs/accuracy.md; chance at 1 − 10⁻⁵ for each of about a hundred rows
        assert row.is_honest(0.60, 0.76, confidence=1 - 1e-5), (row.name, row.n, row.within(1))
        assert max(map(abs, row.z), default=0.0) < 6.0, row.name
        assert row.absent <= 0.02 * (row.n + row.absent) + 1, row.name


def test_every_method_is_counted():
    assert {scene.method for scene in SCENES} == set(METHODS)
