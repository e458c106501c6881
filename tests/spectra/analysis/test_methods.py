"""What every method of the table promises, as far as it can be asked without knowing its inputs."""

import doctest
import json

import numpy as np
import pytest

from spectra.analysis import METHODS, chromaticity, emission_band, gaussian_engine, noise
from spectra.analysis import absorbance_input as absorption
from spectra.analysis.method import Case, Input
from spectra.spectrum import Channel, Spectrum
from tests.spectra.analysis.emission_simulation import NM, band, noisy


@pytest.mark.parametrize("name", METHODS)
def test_a_method_stands_in_the_table_under_its_own_name(name):
    method = METHODS[name]
    assert method.name == name and method.version >= 1 and method.title
    assert len({q.name for q in method.quantities}) == len(method.quantities)
    assert len({p.name for p in method.parameters}) == len(method.parameters)
    assert method.complete({}).keys() == {p.name for p in method.parameters}


@pytest.mark.parametrize("name", METHODS)
def test_an_analysis_is_never_asked_of_a_method_that_does_not_exist(name):
    for role in METHODS[name].roles:
        assert set(role.methods) <= METHODS.keys()


@pytest.mark.parametrize("name", METHODS)
def test_a_case_without_inputs_is_refused_and_raises_nothing(name):
    outcome = METHODS[name].run([Case((), METHODS[name].complete({}))])[0]
    assert outcome.refusal is not None and str(outcome.refusal)


@pytest.mark.parametrize(
    ("name", "role"), [("emission_band", "emission"), ("colour", "emission"), ("first_exciton", "absorbance")]
)
def test_curves_and_details_can_be_stored_as_json(name, role):
    y = noisy(1000.0 * band(453.0, 14.9) + 300.0 * band(517.0, 20.0) + 20.0, 1)
    quantity = "intensity" if role == "emission" else "absorbance"
    given = Input(role, 0, "m1", Spectrum(NM, (Channel(y / 2000.0, quantity),)))
    outcome = METHODS[name].run([Case((given,), METHODS[name].complete({}))])[0]
    assert outcome.estimates
    stored = json.dumps([outcome.curves, outcome.details, [w.as_json() for w in outcome.warnings]], allow_nan=False)
    assert json.loads(stored)[0].keys() == outcome.curves.keys()


@pytest.mark.parametrize(
    "module", [gaussian_engine, chromaticity, emission_band, noise, absorption], ids=lambda m: m.__name__
)
def test_examples_in_the_documentation_hold(module):
    results = doctest.testmod(module, extraglobs={"np": np})
    assert results.failed == 0
