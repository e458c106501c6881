"""value ± u over simulated labs: the share that holds the truth is that of a normal distribution.

``QDLAB_LONG=1`` takes the 50 labs of docs/accuracy.md instead of ten.
"""

import os

import numpy as np
import pytest

from qdlab.demo import cases, coverage, files
from qdlab.demo.coverage import WITHIN_1, WITHIN_2, Row, band
from qdlab.demo.instruments import Bench
from spectra.analysis import METHODS

LONG = bool(os.environ.get("QDLAB_LONG"))
SEEDS = range(1, 51) if LONG else range(1, 11)
SOME = coverage.TRUTHS if LONG else {name: coverage.TRUTHS[name] for name in ("recipe 1", "recipe 3", "0.4 equiv")}
# What one lab's independent errors are: one quantity of each kind, whose errors have nothing to do with each other
INDEPENDENT = ("emission_peak_nm", "plqy", "lifetime_ns", "absorption_peak_nm", "OAM:Pb", "MA:Pb")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return coverage.deviations(SEEDS, SOME)


def test_no_quantity_lies_far_from_its_truth_more_often_than_its_uncertainty_says(rows):
    """Each row at 99.9 %: of some sixty rows one in twenty runs would have a row outside by chance, so the seeds are fixed."""
    low_1, _ = band(len(SEEDS), WITHIN_1, 0.999)
    low_2, _ = band(len(SEEDS), WITHIN_2, 0.999)
    outside = [(r.batch, r.name, r.within(1), r.within(2)) for r in rows if r.within(1) < low_1 or r.within(2) < low_2]
    assert outside == []


def test_independent_errors_taken_together_hold_the_truth_in_68_and_95_percent(rows):
    z = np.concatenate([row.z for row in rows if row.batch == "recipe 1" and row.name in INDEPENDENT])
    assert z.size == len(SEEDS) * len(INDEPENDENT)
    for k, share in ((1, WITHIN_1), (2, WITHIN_2)):
        low, high = band(z.size, share)
        assert low <= np.mean(np.abs(z) <= k) <= high


def test_every_number_is_there(rows):
    assert [(row.batch, row.name) for row in rows if row.absent] == []
    assert {"cie_x", "k_nr_per_s", "gaussian_fwhm_nm", "band_2_share", "OAM:Pb"} <= {row.name for row in rows}


def test_no_false_alarms(rows):
    """Clean simulated files: no smoothing, no saturation, no odd shape; what is warned about is there."""
    found = coverage.outcomes(7, SOME)
    codes = {batch: {w.code for o in by_method.values() for w in o.warnings} for batch, by_method in found.items()}
    expected = {
        "recipe 1": set(),
        "recipe 3": {"weak_bands", "shares_of_light", "dark_particles"},
        "0.4 equiv": {"several_maxima", "shares_of_light"},
    }
    assert {name: codes[name] for name in expected} == expected


def test_a_row_outside_its_band_is_marked():
    good, bad = Row("b", "good", list(np.random.default_rng(1).normal(0, 1, 50))), Row("b", "bad", [3.0] * 50)
    assert good.is_normal and not bad.is_normal
    marked = [line for line in coverage.table([good, bad]).splitlines() if line.endswith("*")]
    assert len(marked) == 1 and "bad" in marked[0]


def test_cases_hold_what_the_methods_need():
    bench = Bench(3)
    standard = cases.read_all(files.of_standard(bench, coverage.WHEN), cases.STANDARD)
    sample = cases.read_all(files.of_sample(bench, coverage.TRUTHS["recipe 1"], "QD-1", coverage.WHEN))
    inputs = cases.plqy_inputs(sample, standard)
    wanted = {role.name: role for role in METHODS["plqy"].roles}
    assert {one.role for one in inputs} == {name for name, role in wanted.items() if role.minimum}
    assert {one.conditions.excitation_nm for one in inputs if one.role.endswith("emission")} == {372.0}
    assert cases.case("plqy", *inputs).parameters["abscissa"] == "absorptance"
