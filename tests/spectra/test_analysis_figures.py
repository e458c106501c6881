"""Each method that leaves curves has its picture, made of what is stored and nothing else."""

import base64
import json

import numpy as np
import pytest

from spectra import analysis_figures
from spectra.analysis import METHODS
from spectra.models import Analysis
from spectra.pipeline import jsonable
from tests.spectra.analysis import (
    test_ageing,
    test_circular_dichroism,
    test_confinement,
    test_el_voltage,
    test_growth,
    test_plqy_absolute,
    test_tauc,
    test_tem_diameters,
)

OUTCOMES = {
    "tem_diameters": lambda: test_tem_diameters.analysed(test_tem_diameters.drawn(np.random.default_rng(1))),
    "growth": lambda: test_growth.analysed(test_growth.curve()),
    "ageing": lambda: test_ageing.analysed(np.exp(-0.001 * test_ageing.DAYS)),
    "el_voltage": lambda: test_el_voltage.analysed(test_el_voltage.device()),
    "circular_dichroism": lambda: test_circular_dichroism.analysed(
        test_circular_dichroism.spectrum(test_circular_dichroism.THETA, absorbance=test_circular_dichroism.ABSORBANCE)
    ),
    "tauc": lambda: test_tauc.analysed(test_tauc.edge()),
    "plqy_absolute": lambda: test_plqy_absolute.analysed(test_plqy_absolute.sphere()),
    "confinement": lambda: test_confinement.analysed(453.0),
}


def values(array) -> np.ndarray:
    return np.frombuffer(base64.b64decode(array["bdata"]), f"<{array['dtype']}")


@pytest.mark.parametrize("method", OUTCOMES)
def test_the_picture_shows_the_stored_curves(method):
    outcome, _ = OUTCOMES[method]()
    stored = json.loads(json.dumps([jsonable(outcome.curves), jsonable(outcome.details)]))
    drawn = analysis_figures.of_analysis(Analysis(method=method, curves=stored[0], details=stored[1]))
    assert drawn
    for figure in drawn:
        for view in figure["views"].values():
            assert all(np.isfinite(values(trace["x"])).any() for trace in view["data"])
            assert all(np.isfinite(values(trace["y"])).any() for trace in view["data"])
            assert view["layout"]["xaxis"]["title"]["text"]


def test_every_picture_belongs_to_a_method():
    assert analysis_figures.DRAWN.keys() <= METHODS.keys()


@pytest.mark.parametrize("method", OUTCOMES)
def test_two_analyses_are_drawn_as_one_picture_with_the_curves_of_both(method):
    outcome, _ = OUTCOMES[method]()
    stored = json.loads(json.dumps([jsonable(outcome.curves), jsonable(outcome.details)]))
    first, second = (Analysis(method=method, curves=stored[0], details=stored[1]) for _ in range(2))
    alone, both = analysis_figures.of_analysis(first), analysis_figures.of_both(first, second)
    assert [drawn["id"] for drawn in both] == [drawn["id"] for drawn in alone]
    for one, two in zip(alone, both, strict=True):
        for name, view in two["views"].items():
            n = len(one["views"][name]["data"])
            assert [trace["name"].split(":")[0] for trace in view["data"]] == ["first"] * n + ["second"] * n
