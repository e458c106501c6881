"""How often value ± u holds the truth, over the scenes."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import binom

from spectra.analysis import METHODS
from spectra.analysis.method import Estimate, Outcome
from tests.accuracy.scenes.scene import Scene

SEED = 20261123  # of docs/accuracy.md; the tests draw other cases
BATCH = 50  # cases that a method gets at once, and after which a long run is kept
NORMAL_95 = 1.959963984540054
WITHIN_2U = 0.9544997361036416  # of a normal distribution
FAR_OFF = 4.0  # in u; of a normal distribution 6 of 100,000 lie beyond


@dataclass
class Row:
    """One quantity of one scene: deviations in units of u, and whether the 95 % interval held the truth."""

    name: str
    z: list[float] = field(default_factory=list)
    in_95: list[bool] = field(default_factory=list)
    relative: list[float] = field(default_factory=list)  # u in units of the truth
    absent: Counter = field(default_factory=Counter)  # reason → cases
    warned_far_off: int = 0  # of those far off, the ones with a warning beside them

    @property
    def n(self) -> int:
        return len(self.z)

    @property
    def far_off(self) -> int:
        return int(np.count_nonzero(np.abs(self.z) > FAR_OFF))

    def within(self, k: float) -> float:
        return float(np.mean(np.abs(self.z) <= k)) if self.z else float("nan")

    @property
    def bias(self) -> float:
        """Mean deviation in units of u."""
        return float(np.mean(self.z)) if self.z else float("nan")

    def is_honest(self, low: float = 0.65, high: float = 0.71, confidence: float = 0.95) -> bool:
        """Whether a share of low…high is compatible with what was counted."""
        hits = round(self.within(1) * self.n) if self.n else 0
        rest = 0.5 * (1 - confidence)
        return bool(binom.ppf(rest, self.n, low) <= hits <= binom.ppf(1 - rest, self.n, high))

    def reaches_2u(self, confidence: float = 0.99) -> bool:
        """Whether the share within 2 u is compatible with that of a normal distribution: tails, which 1 u does not see."""
        low, high = binom.interval(confidence, self.n, WITHIN_2U)
        return bool(low <= round(self.within(2) * self.n) <= high) if self.n else True

    def add(self, outcome: Outcome, truth: float) -> None:
        estimate = next((e for e in outcome.estimates if e.name == self.name), None)
        if estimate is None or estimate.value is None or not estimate.u:
            self.absent[_why(outcome, estimate)] += 1
            return
        self.z.append((estimate.value - truth) / estimate.u)
        low = estimate.value - NORMAL_95 * estimate.u if estimate.lower is None else estimate.lower
        high = estimate.value + NORMAL_95 * estimate.u if estimate.upper is None else estimate.upper
        self.in_95.append(bool(low <= truth <= high))
        self.relative.append(estimate.u / abs(truth) if truth else float("nan"))
        self.warned_far_off += bool(abs(self.z[-1]) > FAR_OFF and outcome.warnings)


def _why(outcome: Outcome, estimate: Estimate | None) -> str:
    note = outcome.refusal or (estimate and estimate.reason)
    return note.code if note else "not given"


@dataclass
class Counted:
    """The rows of one scene after ``cases`` cases and ``seconds`` of processor time."""

    cases: int = 0
    seconds: float = 0.0
    rows: dict[str, Row] = field(default_factory=dict)

    def go_on(self, scene: Scene, n: int, seed: int) -> None:
        """Count the next cases, up to ``n`` in all and at most a batch of them."""
        numbers = range(self.cases, min(self.cases + BATCH, n))
        drawn = [scene.draw(np.random.default_rng([seed, i]), i) for i in numbers]
        outcomes = METHODS[scene.method].run([case for case, _ in drawn])
        for outcome, (_, truths) in zip(outcomes, drawn, strict=True):
            for name, truth in truths.items():
                self.rows.setdefault(name, Row(name)).add(outcome, truth)
        self.cases = numbers.stop

    def as_json(self) -> dict:
        rows = {name: vars(row) | {"absent": dict(row.absent)} for name, row in self.rows.items()}
        return {"cases": self.cases, "seconds": self.seconds, "rows": rows}

    @classmethod
    def of_json(cls, kept: dict) -> "Counted":
        rows = {name: Row(**row | {"absent": Counter(row["absent"])}) for name, row in kept["rows"].items()}
        return cls(kept["cases"], kept["seconds"], rows)


def counted(scene: Scene, n: int, seed: int) -> Counted:
    """``n`` cases of a scene at once."""
    found = Counted()
    while found.cases < n:
        found.go_on(scene, n, seed)
    return found
