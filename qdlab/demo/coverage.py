"""How often value ± u holds the truth: many simulated labs, each with its own systematic errors, without a database.

Within one lab all errors of the instruments are shared, so one row of the table takes one number per lab: its draws are
independent, and the share within 1 u and 2 u must be what a normal distribution gives, 68.3 and 95.4 %.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import erf, sqrt

import numpy as np
from scipy.stats import binom

from qdlab.demo import cases, expected, files
from qdlab.demo.instruments import Bench
from qdlab.demo.truth import OAM_SERIES, REPLICATES, BatchTruth
from spectra.analysis.method import Outcome
from synthesis.stoichiometry import Ingredient, Substance, ratios, work_out
from synthesis.units import parse_amount

WHEN = datetime(2026, 3, 2, 10)
WITHIN_1, WITHIN_2 = (erf(k / sqrt(2)) for k in (1, 2))
CONFIDENCE = 0.99  # of the band in which a share must lie
NEAR_ONE = 0.9  # above this Φ many draws exceed 1 and k_nr is refused: what is left of it is no fair sample
BALANCE_MG, PIPETTE = 0.1, 0.01

# Recipes 1, 2 and 3, the batch with two bands, and a green one
TRUTHS: dict[str, BatchTruth] = {
    "recipe 1": REPLICATES[0],
    "recipe 2": REPLICATES[3],
    "recipe 3": REPLICATES[6],
    "0.25 equiv": OAM_SERIES[1],
    "0.4 equiv": OAM_SERIES[2],
}


@dataclass
class Row:
    """One quantity of one batch over all labs: deviations in units of u."""

    batch: str
    name: str
    z: list[float] = field(default_factory=list)
    absent: int = 0

    @property
    def n(self) -> int:
        return len(self.z)

    def within(self, k: float) -> float:
        """Share of deviations of at most ``k`` u."""
        return float(np.mean(np.abs(self.z) <= k)) if self.z else float("nan")

    @property
    def is_normal(self) -> bool:
        """Both shares lie in the binomial bands around what a normal distribution gives."""
        return all(_in_band(self.within(k), self.n, p) for k, p in ((1, WITHIN_1), (2, WITHIN_2)))


def band(n: int, share: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The shares between which ``n`` draws lie with ``confidence`` when ``share`` is true."""
    low, high = binom.interval(confidence, n, share)
    return float(low) / n, float(high) / n


def _in_band(seen: float, n: int, share: float) -> bool:
    low, high = band(n, share)
    return low <= seen <= high


def outcomes(seed: int, truths: dict[str, BatchTruth] = TRUTHS) -> dict[str, dict[str, Outcome]]:
    """One simulated lab: batch → method → outcome."""
    bench = Bench(seed)
    standard = cases.read_all(files.of_standard(bench, WHEN), cases.STANDARD)
    found = {}
    for number, (batch, truth) in enumerate(truths.items(), start=1):
        raw = files.of_sample(bench, truth, f"QD-{number}", WHEN + timedelta(hours=number))
        found[batch] = cases.outcomes(cases.read_all(raw), standard)
    return found


def deviations(
    seeds: Iterable[int], truths: dict[str, BatchTruth] = TRUTHS, say: Callable[[int], None] = lambda seed: None
) -> list[Row]:
    """The rows of the table, over the labs of ``seeds``."""
    rows: dict[tuple[str, str], Row] = {}
    for seed in seeds:
        say(seed)
        for batch, by_method in outcomes(seed, truths).items():
            _add_numbers(rows, batch, truths[batch], by_method)
        for batch, truth in truths.items():
            _add_ratios(rows, batch, truth, np.random.default_rng([seed, 1]))
    return list(rows.values())


def _add_numbers(rows: dict, batch: str, truth: BatchTruth, by_method: dict[str, Outcome]) -> None:
    given = {e.name: e for outcome in by_method.values() for e in outcome.estimates}
    for name, value in expected.quantities(truth).items():
        if name == "k_nr_per_s" and truth.phi > NEAR_ONE:
            continue
        row = rows.setdefault((batch, name), Row(batch, name))
        estimate = given.get(name)
        if estimate is None or estimate.value is None:
            row.absent += 1
        else:
            row.z.append((estimate.value - value) / estimate.u)


def _add_ratios(rows: dict, batch: str, truth: BatchTruth, rng: np.random.Generator) -> None:
    """What the balance showed against what was really in the flask."""
    shown = {key: float(text) for key, text in truth.weighed.items()}
    real = {
        key: amount * (1 + rng.normal(0, PIPETTE)) if key in expected.DENSITY else amount + rng.normal(0, BALANCE_MG)
        for key, amount in shown.items()
    }
    true = expected.ratios(real)
    for species, ratio in ratios(work_out(_ingredients(truth.weighed))).items():
        if ratio.u:
            row = rows.setdefault((batch, f"{species}:Pb"), Row(batch, f"{species}:Pb"))
            row.z.append((ratio.value - true[species]) / ratio.u)


def _ingredients(weighed: dict[str, str]) -> list[Ingredient]:
    lines = []
    for key, text in weighed.items():
        liquid = key in expected.DENSITY
        substance = Substance(key, expected.MOLAR_MASS[key], expected.DENSITY.get(key), species=expected.SPECIES[key])
        amount = parse_amount(text, "uL" if liquid else "mg")
        u = amount.si * PIPETTE if liquid else BALANCE_MG * 1e-6
        lines.append(Ingredient(key, substance, amount, amount_u_si=u, amount_source=key))
    return lines


def table(rows: list[Row]) -> str:
    """The table as text; a star marks a row outside the bands."""
    lines = [f"{'batch':<11}{'quantity':<21}{'n':>4}{'absent':>8}{'1 u':>7}{'2 u':>7}{'mean':>8}{'spread':>8}"]
    for row in sorted(rows, key=lambda r: (r.name, r.batch)):
        line = f"{row.batch:<11}{row.name:<21}{row.n:>4}{row.absent:>8}"
        if row.n:
            shares = f"{100 * row.within(1):>6.0f}%{100 * row.within(2):>6.0f}%"
            line += f"{shares}{np.mean(row.z):>8.2f}{np.std(row.z):>8.2f}{'' if row.is_normal else '  *'}"
        lines.append(line)
    return "\n".join(lines)
