"""Points that a person leaves out: what changes, what is said, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from spectra.analysis import METHODS
from tests.spectra.analysis import test_first_exciton as absorption
from tests.spectra.analysis.emission_simulation import NM, band, codes, noisy, numbers, outcome
from tests.spectra.analysis.plqy_simulation import World
from tests.spectra.analysis.test_growth import TIMES, analysed, curve

NM_OF_ABSORPTION = absorption.NM


def test_a_spike_that_is_left_out_no_longer_pulls_the_band_and_is_drawn_apart():
    y = noisy(1000.0 * band(453.0, 14.9), 1)
    spiked = np.where(NM == 462.0, 1500.0, y)
    found = outcome(spiked, exclude="462")
    assert numbers(found)["gaussian_center_nm"] == pytest.approx(453.0, abs=0.15)  # 3 u of this noise
    assert abs(numbers(outcome(spiked))["gaussian_center_nm"] - 453.0) > 0.5
    assert found.curves["left_out_x"] == [462.0] and found.curves["left_out_y"] == [1500.0]
    assert 462.0 not in found.curves["x_nm"]
    assert "left_out_by_choice" in codes(found)


def test_leaving_nothing_out_changes_nothing():
    y = noisy(1000.0 * band(453.0, 14.9), 2)
    assert numbers(outcome(y, exclude="")) == numbers(outcome(y))
    beyond = outcome(y, exclude="900-950")
    assert numbers(beyond) == numbers(outcome(y))
    assert "nothing_left_out" in codes(beyond) and "left_out_by_choice" not in codes(beyond)


@pytest.mark.parametrize("method", ["emission_band", "colour"])
def test_everything_left_out_is_refused_in_words(method):
    y = noisy(1000.0 * band(453.0, 14.9), 3)
    assert codes(outcome(y, method=method, exclude="0-2000")) >= {"too_much_left_out"}


def test_a_gap_in_the_upper_half_of_the_band_is_warned_of():
    y = noisy(1000.0 * band(453.0, 14.9), 4)
    assert "gap_in_band" in codes(outcome(y, exclude="451-455"))
    assert "gap_in_band" not in codes(outcome(y, exclude="500-520"))


def test_a_step_of_the_absorbance_at_the_lamp_change_can_be_left_out():
    y = absorption.exciton() + absorption.noise(1)
    stepped = y + np.where(np.abs(NM_OF_ABSORPTION - 350.0) < 1.5, 0.3, 0.0)
    found = absorption.outcome(stepped, exclude="348-352")
    assert found.estimates[0].value == pytest.approx(440.0, abs=0.6)
    assert found.curves["left_out_x"] == [348.0, 349.0, 350.0, 351.0, 352.0]


def test_no_peak_is_reported_where_its_points_were_left_out():
    y = absorption.exciton() + absorption.noise(1)
    found = absorption.outcome(y, exclude="430-450", window_min_nm=400.0)
    assert found.refusal is not None


def test_an_outlier_of_a_growth_curve_is_left_out_by_its_time():
    one = curve()
    values = one.signal.values.copy()
    values[np.flatnonzero(TIMES == 300.0)] = 40.0
    spoilt = replace(one, channels=(replace(one.signal, values=values),))
    out, found = analysed(spoilt, exclude="300")
    assert found["half_time_min"].value == pytest.approx(160.0, abs=1.5)
    assert 300.0 not in np.asarray(out.curves["time_min"])


def test_a_dilution_is_left_out_of_a_yield_by_its_number():
    world = World()
    run = METHODS["plqy"].run
    every, fewer = run([world.case()])[0], run([world.case(exclude_sample="0")])[0]
    assert 0 in every.curves["sample_index"] and 0 not in fewer.curves["sample_index"]
    assert 0 in fewer.curves["standard_index"]
    assert "left_out_sample_0" in {note.code for note in fewer.warnings}
    nothing = run([world.case(exclude_sample="0-99")])[0]
    assert nothing.refusal.code == "no_sample"


def test_a_setting_that_came_later_leaves_the_digest_of_older_results_alone():
    method = METHODS["emission_band"]
    assert "exclude" not in method.deciding({}) and method.deciding({"exclude": "470"})["exclude"] == "470"
    assert method.complete({"exclude": "475 – 470"})["exclude"] == "470-475"
    with pytest.raises(ValueError, match="is no range"):
        method.complete({"exclude": "all"})
