"""How often value ± u holds the truth, over the scenes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import erf, sqrt

import numpy as np
from scipy.stats import binom

from spectra.analysis import METHODS
from tests.accuracy.scenes import SCENES
from tests.accuracy.scenes.scene import Scene

SEED = 20260302
BATCH = 250  # cases that a method gets at once
WITHIN_1, WITHIN_2 = (erf(k / sqrt(2)) for k in (1, 2))
NORMAL_95 = 1.959963984540054


@dataclass
class Row:
    """One quantity of one scene: deviations in units of u, and whether the 95 % interval held the truth."""

    scene: Scene
    name: str
    z: list[float] = field(default_factory=list)
    in_95: list[bool] = field(default_factory=list)
    relative: list[float] = field(default_factory=list)  # u in units of the truth
    absent: int = 0

    @property
    def n(self) -> int:
        return len(self.z)

    def within(self, k: float) -> float:
        return float(np.mean(np.abs(self.z) <= k)) if self.z else float("nan")

    @property
    def bias(self) -> float:
        """Mean deviation in units of u."""
        return float(np.mean(self.z)) if self.z else float("nan")

    def is_honest(self, low: float = 0.65, high: float = 0.71, confidence: float = 0.999) -> bool:
        """Whether a share of low…high is compatible with what was counted."""
        hits = round(self.within(1) * self.n)
        rest = 0.5 * (1 - confidence)
        return bool(binom.ppf(rest, self.n, low) <= hits <= binom.ppf(1 - rest, self.n, high))


def rows_of(scene: Scene, n: int, seed: int = SEED) -> list[Row]:
    """The quantities of one scene over ``n`` cases (at most ``scene.most``)."""
    rows: dict[str, Row] = {}
    for cases, truths in _batches(scene, min(n, scene.most or n), seed):
        for outcome, true in zip(METHODS[scene.method].run(cases), truths, strict=True):
            given = {e.name: e for e in outcome.estimates}
            for name, truth in true.items():
                _count(rows.setdefault(name, Row(scene, name)), given.get(name), truth)
    return list(rows.values())


def _batches(scene: Scene, n: int, seed: int) -> Iterator[tuple[list, list]]:
    for first in range(0, n, BATCH):
        drawn = [scene.draw(np.random.default_rng([seed, i]), i) for i in range(first, min(first + BATCH, n))]
        yield [case for case, _ in drawn], [truths for _, truths in drawn]


def _count(row: Row, estimate, truth: float) -> None:
    if estimate is None or estimate.value is None or not estimate.u:
        row.absent += 1
        return
    row.z.append((estimate.value - truth) / estimate.u)
    low = estimate.value - NORMAL_95 * estimate.u if estimate.lower is None else estimate.lower
    high = estimate.value + NORMAL_95 * estimate.u if estimate.upper is None else estimate.upper
    row.in_95.append(low <= truth <= high)
    row.relative.append(estimate.u / abs(truth) if truth else float("nan"))


def all_rows(n: int, say=lambda scene: None) -> list[Row]:
    found = []
    for scene in SCENES:
        say(scene)
        found += rows_of(scene, n)
    return found
