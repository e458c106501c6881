"""Electroluminescence against voltage: peak, turn-on by a stated criterion, and whether the colour moves."""

import numpy as np
import pytest

from spectra.analysis.el_voltage import METHOD
from spectra.analysis.method import Case, Input
from spectra.spectrum import Series
from tests.spectra.analysis.series_simulation import band, given

VOLTS = np.arange(4.0, 11.5, 0.5)


def light(volts):
    """1 % of the highest is reached at 6 V."""
    return 5000 * 10 ** (2 * (volts - 11) / 5)


def device(peaks=None, noise=1.0, seed=1):
    rng = np.random.default_rng(seed)
    peaks = np.full(VOLTS.size, 456.0) if peaks is None else peaks
    return [band(light(v), p, 16.5, noise, rng) for v, p in zip(VOLTS, peaks, strict=True)]


def analysed(spectra, single=False, **parameters):
    if single:
        inputs = [given("series", i, s, "el", voltage_v=v) for i, (s, v) in enumerate(zip(spectra, VOLTS, strict=True))]
    else:
        inputs = [
            Input(
                "series", 0, "measurement:1", Series(tuple(spectra), VOLTS, "voltage", "V"), facts={"technique": "el"}
            )
        ]
    outcome = METHOD.run([Case(tuple(inputs), METHOD.complete(parameters))])[0]
    return outcome, {e.name: e for e in outcome.estimates}


@pytest.mark.parametrize("single", [False, True])
def test_peak_width_and_turn_on_come_out_of_one_file_or_of_many(single):
    _, found = analysed(device(), single=single)
    assert found["el_peak_nm"].value == pytest.approx(456.0, abs=0.05)
    assert found["el_fwhm_nm"].value == pytest.approx(16.5, abs=0.1)
    assert found["turn_on_v"].value == pytest.approx(6.0, abs=0.05)  # linear in the logarithm, as the light is
    assert abs(found["turn_on_v"].value - 6.0) < 3 * found["turn_on_v"].u < 0.1  # no step of 0.5 V is left in it


def test_a_peak_that_stays_has_no_trend_and_one_that_moves_is_told():
    outcome, found = analysed(device())
    trend = found["el_shift_nm_per_v"]
    assert abs(trend.value) < 3 * trend.u
    outcome, found = analysed(device(456 + 0.8 * (VOLTS - 4)))
    assert found["el_shift_nm_per_v"].value == pytest.approx(0.8, abs=0.02)
    assert "peak_moves" in {note.code for note in outcome.warnings}


def test_the_criterion_moves_the_turn_on():
    _, found = analysed(device(), turn_on_percent=10.0)
    assert found["turn_on_v"].value == pytest.approx(8.5, abs=0.05)


def test_a_device_lit_at_the_lowest_voltage_has_an_upper_limit_only():
    bright = [band(1000 + v, 456.0, 16.5) for v in VOLTS]
    _, found = analysed(bright)
    assert (found["turn_on_v"].value, found["turn_on_v"].upper) == (None, 4.0)


def test_the_band_at_another_voltage_can_be_asked_for():
    outcome, found = analysed(device(456 + 0.8 * (VOLTS - 4)), at_v=8.0)
    assert found["el_peak_nm"].value == pytest.approx(456 + 0.8 * 4, abs=0.1)
    outcome, _ = analysed(device(), at_v=30.0)
    assert "other_voltage" in {note.code for note in outcome.warnings}


def test_a_dark_device_is_refused():
    rng = np.random.default_rng(1)
    assert analysed([band(0.0, noise=1.0, rng=rng) for _ in VOLTS])[0].refusal.code == "no_light"


def test_a_sweep_up_and_down_has_a_turn_on_though_the_two_straddle_the_level():
    volts = np.array([4.0, 5.0, 6.0, 6.0, 8.0, 11.0])
    height = light(volts) * np.array([1, 1, 0.8, 1.2, 1, 1])
    rng = np.random.default_rng(1)
    spectra = [band(h, 456.0, 16.5, 0.2, rng) for h in height]
    inputs = [given("series", i, s, "el", voltage_v=v) for i, (s, v) in enumerate(zip(spectra, volts, strict=True))]
    found = {e.name: e for e in METHOD.run([Case(tuple(inputs), METHOD.complete({}))])[0].estimates}
    assert found["turn_on_v"].value == pytest.approx(6.0, abs=0.1)
    assert found["turn_on_v"].u > 0.1  # they lie 20 % off their mean, and the light grows by 92 % per volt
