"""Growth of an emission: three definitions of an induction time, with known truth."""

import numpy as np
import pytest

from spectra.analysis.growth import METHOD
from spectra.analysis.method import Case, Input
from spectra.spectrum import Channel, Series, Spectrum

X = np.arange(400.0, 521.0)
MIDDLE, TAU = 160.0, 20.1  # the curve of which 120, 101 and 69 min are all "induction times"
TIMES = np.arange(0.0, 604.0, 4.0)


def rise(time):
    return 1 / (1 + np.exp(-(time - MIDDLE) / TAU))


def series(noise=3.0, unit="min", seed=1):
    rng = np.random.default_rng(seed)
    band = 1000 * np.exp(-4 * np.log(2) * ((X - 453) / 15) ** 2)
    spectra = [
        Spectrum(X, (Channel(band * rise(t) + rng.normal(0, noise, X.size), "intensity", "[a.u.]"),)) for t in TIMES
    ]
    return Series(tuple(spectra), TIMES * {"min": 1, "s": 60}[unit], "time", unit)


def curve(noise=0.005, seed=1, time=TIMES):
    y = rise(time) + np.random.default_rng(seed).normal(0, noise, time.size)
    return Spectrum(time, (Channel(y, "intensity", "[a.u.]"),), "min", "time")


def analysed(value, **parameters):
    case = Case((Input("series", 0, "measurement:1", value),), METHOD.complete(parameters))
    outcome = METHOD.run([case])[0]
    return outcome, {e.name: e for e in outcome.estimates}


def test_tangent_and_thresholds_of_one_curve_are_different_numbers():
    # Of a logistic curve: t_m − 2τ by the tangent, t_m − ln(19) τ at 5 %, t_m − ln(99) τ at 1 %.
    _, found = analysed(curve(noise=0.0005))
    assert found["induction_tangent_min"].value == pytest.approx(MIDDLE - 2 * TAU, abs=2.5)  # steepest window ± 12 %
    assert found["induction_threshold_min"].value == pytest.approx(MIDDLE - np.log(19) * TAU, abs=1.0)
    _, found = analysed(curve(noise=0.0005), threshold_percent=1.0)
    assert found["induction_threshold_min"].value == pytest.approx(MIDDLE - np.log(99) * TAU, abs=2.0)


def test_the_series_of_spectra_gives_the_same_times_and_its_peak():
    _, found = analysed(series())
    assert found["half_time_min"].value == pytest.approx(MIDDLE, abs=1.0)
    assert found["final_peak_nm"].value == pytest.approx(453.0, abs=0.1)
    assert abs(found["peak_shift_nm"].value) < 4 * found["peak_shift_nm"].u


def test_seconds_are_minutes_times_sixty():
    _, minutes = analysed(series())
    _, seconds = analysed(series(unit="s"))
    assert seconds["half_time_min"].value == pytest.approx(minutes["half_time_min"].value)


def test_the_uncertainties_hold_the_truth_in_two_thirds_of_the_cases():
    held = {"half_time_min": 0, "logistic_midpoint_min": 0}
    for seed in range(30):
        _, found = analysed(curve(noise=0.02, seed=seed))
        for name in held:
            held[name] += abs(found[name].value - MIDDLE) < found[name].u
    for name, n in held.items():
        assert 13 <= n <= 28, name  # binomial(30, 0.683): central 99.7 %


def test_a_shifted_start_moves_every_time():
    _, found = analysed(curve())
    _, shifted = analysed(curve(), t0_min=10.0)
    assert shifted["half_time_min"].value == pytest.approx(found["half_time_min"].value - 10.0)


def test_growth_that_has_not_ended_is_told():
    outcome, _ = analysed(curve(time=np.arange(0.0, 190.0, 4.0)))
    assert "not_ended" in {note.code for note in outcome.warnings}


def test_noise_or_a_constant_is_no_growth():
    flat = Spectrum(
        TIMES, (Channel(np.random.default_rng(1).normal(1, 0.1, TIMES.size), "intensity", ""),), "min", "time"
    )
    assert analysed(flat)[0].refusal.code == "no_growth"


def test_few_or_repeated_times_are_refused():
    assert analysed(curve(time=np.arange(5.0)))[0].refusal.code == "few_times"
    assert analysed(curve(time=np.repeat(np.arange(20.0), 2)))[0].refusal.code == "times_repeat"


def test_a_series_over_voltage_is_not_taken():
    voltages = Series(series().spectra, np.arange(TIMES.size), "voltage", "V")
    assert analysed(voltages)[0].refusal.code == "other_coordinate"


def test_the_curve_is_normalised_at_a_stated_time():
    outcome, _ = analysed(curve(noise=0.0), normalise_at_min=400.0)
    at = int(np.flatnonzero(outcome.curves["time_min"] == 400.0)[0])
    assert outcome.curves["smooth"][at] == pytest.approx(1.0)


def test_absorbance_over_time_is_no_growth_of_an_emission():
    absorbance = Spectrum(TIMES, (Channel(rise(TIMES), "absorbance", "1"),), "min", "time")
    assert analysed(absorbance)[0].refusal.code == "not_emission"
