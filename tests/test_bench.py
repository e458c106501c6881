"""The measurements of speed can be started; how fast they are is no matter of tests."""

from pathlib import Path

import numpy as np
import pytest

from spectra.analysis.gaussian_engine import fit_gaussians
from tests.bench.__main__ import main
from tests.bench.peers import colours, decays, gaussians
from tests.bench.peers.mixed_files import contents
from tests.bench.peers.rounds import Contestant, Heat, exponent, run, table


def test_a_measurement_that_does_not_exist_is_answered_with_those_that_do(capsys):
    assert main(["nothing"]) == 2
    assert "uploads" in capsys.readouterr().err


def test_of_twenty_files_of_the_measurement_one_comes_twice_and_one_is_no_data():
    files = list(contents(40))
    assert len({name for name, _content in files}) == 40 and len({content for _name, content in files}) == 38


def test_the_peers_are_measured_with_the_numpy_and_scipy_that_qdlab_runs_on():
    def pins(path):
        lines = (Path(__file__).parents[1] / path).read_text().splitlines()
        return {line.split()[0] for line in lines if line.startswith(("numpy==", "scipy=="))}

    assert pins("tests/requirements-bench.txt") == pins("requirements.txt") != set()


def test_the_exponent_of_three_sizes_is_the_slope_of_their_logarithms():
    sizes = [Contestant("", n, list, seconds=[1e-3, n**2.0, 1e9]) for n in (10, 100, 1000)]
    assert exponent(sizes) == pytest.approx(2.0, abs=1e-12)  # of the medians; rounding


def test_everybody_takes_as_many_turns_and_the_table_says_who_is_faster():
    turns = []
    heat = Heat(
        "Sums",
        "answer",
        [
            Contestant("QDLab", 10, lambda: turns.append("own")),
            Contestant("peer", 10, lambda: turns.append("peer"), 3.0, lambda answers: "agrees"),
        ],
        [Contestant("QDLab", n, lambda: None) for n in (1, 2, 4)],
    )
    run(heat, 2)
    assert turns == ["own", "peer"] * 3  # the first turn is not timed
    for contestant, seconds in zip(heat.contestants, (1.0, 5.0), strict=True):
        contestant.seconds = [seconds]
    for size in heat.sizes:
        size.seconds = [size.n]
    assert "| peer | 2 | 5 × | 3 ×, reached | agrees |" in table(heat)
    assert "to the power 1.00" in table(heat)
    assert "Not reached" not in table(heat)
    heat.contestants[1].reach, heat.contestants[1].then = 10.0, 1.0
    assert (
        "2 per second here instead of 1, 2.0 times as many. Against its speed of then, QDLab would be 10 times"
        in table(heat)
    )


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_peers_of_the_gaussian_fits_do_the_same_work(k):
    y, center = gaussians.simulated(k, 3)
    own = fit_gaussians(gaussians.X, y, k).center
    assert gaussians.by_lmfit(y, k) == pytest.approx(own, abs=1e-4)  # a hundredth of u is 5e-4 nm
    assert gaussians.by_curve_fit(y, k) == pytest.approx(own, abs=1e-4)
    assert own == pytest.approx(center, abs=0.5)  # 10 u


def test_the_peers_of_the_decays_do_the_same_work():
    bright = np.rint(decays.expected(1, 1e10, 1e4))[None]  # without noise, least squares and likelihood agree
    assert decays.by_qdlab(bright, 1) == pytest.approx(9.0, rel=1e-5)
    assert decays.by_lmfit(bright, 1) == pytest.approx(9.0, rel=1e-5)
    assert decays.by_curve_fit(bright, 1) == pytest.approx(9.0, rel=1e-5)


def test_the_peers_of_the_colours_do_the_same_work():
    power = colours.simulated(4)
    own = colours.by_qdlab(power)
    # the observer of both has 1e-6 in its last digit; the end of the spectrum counts half here
    assert colours.one_by_one(power) == pytest.approx(own, abs=1e-6)
    assert colours.as_array(power) == pytest.approx(own, abs=1e-6)
