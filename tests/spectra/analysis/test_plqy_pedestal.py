"""A level under all emission spectra that no blank took off."""

from dataclasses import replace

import numpy as np
import pytest

from spectra.analysis.method import Case
from spectra.analysis.plqy import METHOD
from spectra.spectrum import Channel, Spectrum
from tests.spectra.analysis.plqy_simulation import BRIGHTNESS, World, answer, codes

NO_BLANK = {"blank_subtracted": False}


def _on_a_level(level, *, slope=0.0, seed=3, phi=0.2, **parameters):
    """A day's files, each emission lifted by ``level`` (in strongest peaks of a Φ of 1), with noise."""
    rng = np.random.default_rng(seed)
    world = World(phi=phi, noise=2e-4, rng=rng, sample_conditions=NO_BLANK, standard_conditions=NO_BLANK)
    inputs = []
    for one in world.case().inputs:
        if one.role.endswith("emission"):
            x, y = one.value.x, one.value.signal.values
            lift = 0.005 * BRIGHTNESS * level * (1 + slope * (x - x.mean()) / np.ptp(x))
            one = replace(one, value=Spectrum(x, (Channel(y + lift, "intensity", "[a.u.]"),)))
        inputs.append(one)
    return answer(Case(tuple(inputs), METHOD.complete(parameters)))


def test_a_constant_level_is_taken_off_and_told():
    (phi,) = _on_a_level(0.01).estimates
    assert phi.value == pytest.approx(0.2, rel=0.02)
    assert {"pedestal_sample", "pedestal_standard"} <= set(codes(_on_a_level(0.01)))
    assert {"constant level under the sample", "constant level under the standard"} <= {
        part.name for part in phi.budget
    }


def test_left_in_on_purpose_the_level_brightens_a_weak_emitter():
    (phi,) = _on_a_level(0.01, subtract_level=False).estimates
    assert phi.value > 0.25


def test_a_level_that_is_not_flat_stays_within_the_uncertainty():
    (phi,) = _on_a_level(0.01, slope=0.3).estimates
    assert abs(phi.value - 0.2) < 2 * phi.u


def test_spectra_without_a_level_are_left_alone():
    outcome = _on_a_level(0.0)
    assert not {code for code in codes(outcome) if code.startswith("pedestal")}
    assert outcome.estimates[0].value == pytest.approx(0.2, rel=0.02)


def test_the_level_is_read_beside_a_window_that_cuts_the_band():
    cut = {"sample_min_nm": 437.5, "sample_max_nm": 468.5}  # both flanks at 5 % of the maximum
    (phi,) = _on_a_level(0.01, **cut).estimates
    (left_alone,) = _on_a_level(0.0, subtract_level=False, **cut).estimates
    assert phi.value == pytest.approx(left_alone.value, rel=0.01)


def test_feet_of_a_band_that_was_measured_too_narrowly_are_no_level():
    world = World(phi=0.2, noise=2e-4, rng=np.random.default_rng(3), sample_conditions=NO_BLANK)
    inputs = []
    for one in world.case().inputs:
        if one.role == "sample_emission":
            x, y = one.value.x, one.value.signal.values
            near = (x >= 437.5) & (x <= 468.5)
            one = replace(one, value=Spectrum(x[near], (Channel(y[near], "intensity", "[a.u.]"),)))
        inputs.append(one)
    assert "pedestal_sample" not in codes(answer(Case(tuple(inputs), METHOD.complete({}))))


def test_no_level_is_taken_off_where_the_instrument_took_the_blank_off():
    world = World(noise=2e-4, rng=np.random.default_rng(3))
    lifted = tuple(
        replace(i, value=Spectrum(i.value.x, (Channel(i.value.signal.values + 30.0, "intensity", "[a.u.]"),)))
        if i.role.endswith("emission")
        else i
        for i in world.case().inputs
    )
    told = codes(answer(Case(lifted, METHOD.complete({}))))
    assert not {code for code in told if code.startswith("pedestal")}
