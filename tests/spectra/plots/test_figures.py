"""Figures say what was drawn: their arrays decode to the values that went in, and their axes carry units."""

import base64
import json

import numpy as np
import pytest

from spectra.plots.against import Point, against
from spectra.plots.chromaticity_diagram import REC2020, chromaticity_diagram
from spectra.plots.decay_curve import autocorrelation, decay_curve
from spectra.plots.figure import Curve, by_number
from spectra.plots.fitted_band import fitted_band
from spectra.plots.gradient import gradient
from spectra.plots.overlay import overlay
from spectra.spectrum import HC_EV_NM

WAVELENGTH_NM = np.linspace(400, 500, 201)
BAND = np.exp(-0.5 * ((WAVELENGTH_NM - 453) / 6.33) ** 2)


def decoded(values) -> np.ndarray:
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), dtype=f"<{values['dtype']}")
    return np.asarray(values, dtype=float)


def trace(figure: dict, name: str) -> dict:
    return next(t for t in figure["data"] if t["name"] == name)


def test_an_overlay_draws_each_curve_as_it_was_given():
    figure = overlay([Curve("a", WAVELENGTH_NM, BAND), Curve("b", WAVELENGTH_NM, 2 * BAND)])
    # float32 keeps seven digits, more than a screen shows
    np.testing.assert_allclose(decoded(trace(figure, "b")["y"]), 2 * BAND, rtol=1e-6)
    assert figure["layout"]["xaxis"]["title"]["text"] == "wavelength (nm)"


def test_normalised_curves_have_a_maximum_of_one_and_offset_ones_are_shifted():
    figure = overlay([Curve("a", WAVELENGTH_NM, BAND), Curve("b", WAVELENGTH_NM, 5 * BAND)], normalise=True, offset=0.2)
    assert decoded(trace(figure, "b")["y"]).max() == pytest.approx(1.2, abs=1e-3)
    assert "normalised" in figure["layout"]["yaxis"]["title"]["text"]


def test_emission_over_energy_keeps_its_area_and_absorbance_keeps_its_values():
    emission = overlay([Curve("a", WAVELENGTH_NM, BAND)], unit="eV")["data"][0]
    energy, y = decoded(emission["x"]), decoded(emission["y"])
    # trapezoids on 0.5 nm steps: the area agrees to the step's second order
    assert -np.trapezoid(y, energy) == pytest.approx(np.trapezoid(BAND, WAVELENGTH_NM), rel=1e-4)
    absorbance = overlay([Curve("a", WAVELENGTH_NM, BAND, quantity="absorbance")], unit="eV")["data"][0]
    np.testing.assert_allclose(decoded(absorbance["y"]), BAND, rtol=1e-6)
    np.testing.assert_allclose(decoded(absorbance["x"]), HC_EV_NM / WAVELENGTH_NM, rtol=1e-6)


def test_a_fitted_band_shows_data_fit_and_residuals_below():
    curves = {"x_nm": WAVELENGTH_NM, "y": BAND, "fit": BAND * 1.01, "residuals": -0.01 * BAND, "component_1": BAND}
    figure = fitted_band(curves)
    assert [t["name"] for t in figure["data"]] == ["data", "fit", "residuals"]
    assert trace(figure, "residuals")["yaxis"] == "y2"
    assert figure["layout"]["yaxis2"]["domain"][1] < figure["layout"]["yaxis"]["domain"][0]


def test_a_decay_is_logarithmic_and_empty_bins_are_gaps():
    counts = np.array([0, 100, 50, 25, 0])
    figure = decay_curve({"time_ns": np.arange(5), "counts": counts, "model": counts, "residuals": [None, 1, -1, 0, 2]})
    assert figure["layout"]["yaxis"]["type"] == "log"
    drawn = decoded(trace(figure, "counts")["y"])
    assert np.isnan(drawn[[0, 4]]).all() and (drawn[1:4] == [100, 50, 25]).all()
    assert np.isnan(decoded(trace(figure, "residuals")["y"])[0])


def test_the_autocorrelation_is_drawn_against_the_lag():
    assert decoded(autocorrelation({"autocorrelation": [1, 0.1, -0.1]})["data"][0]["x"]).tolist() == [0, 1, 2]


def test_a_gradient_shows_points_with_errors_and_both_lines_of_sample_and_standard():
    one = {"x": [0.1, 0.2], "y": [1.0, 2.0], "u_x": [0.01, 0.01], "u_y": [0.1, 0.1], "line_x": [0, 0.2]}
    one |= {"line_y": [0, 2.0], "free_line_y": [0.1, 2.0]}
    figure = gradient({f"{who}_{key}": value for who in ("sample", "standard") for key, value in one.items()})
    assert len(figure["data"]) == 6
    np.testing.assert_allclose(decoded(trace(figure, "sample")["error_y"]["array"]), [0.1, 0.1])


def test_a_batch_without_a_number_stays_in_the_plot_with_its_reason():
    figure = against(
        [Point("A", 0.5, 0.9, u_y=0.04), Point("B", 2.0, None, why="turbid")], x_title="OAM (equiv)", y_title="PLQY"
    )
    failed = trace(figure, "no number (on the axis)")
    assert failed["text"] == ["B: turbid"] and decoded(failed["x"]).tolist() == [2.0]
    assert decoded(failed["y"]).tolist() == [figure["layout"]["yaxis2"]["range"][0]]  # exactly on the axis line
    assert failed["cliponaxis"] is False  # the half below the line is seen too


def test_the_chromaticity_diagram_holds_the_rec_2020_triangle_and_the_batches():
    figure = chromaticity_diagram([Point("1", 0.152, 0.022, u_x=0.001, u_y=0.001)])
    np.testing.assert_allclose(
        decoded(trace(figure, "Rec.2020")["x"])[:3], [xy[0] for xy in REC2020.values()], rtol=1e-6
    )
    # in u′v′ the blue primary lies at 4x/(−2x+12y+3) = 0.159
    uniform = chromaticity_diagram([], in_uv=True)
    assert decoded(trace(uniform, "Rec.2020")["x"])[2] == pytest.approx(0.1593, abs=1e-4)


def test_colours_by_number_run_from_dark_to_light_and_grey_where_there_is_none():
    low, none, high = by_number([0.1, None, 3])
    assert low == "#414487"  # Viridis at 0.2: its first violets cannot be seen on dark paper
    assert none == "#9a9ca5"
    assert high == "#9cd83c"


def test_every_figure_is_plain_json():
    figures = [overlay([Curve("a", WAVELENGTH_NM, BAND)]), chromaticity_diagram([Point("1", 0.1, 0.2)])]
    assert json.loads(json.dumps(figures, allow_nan=False))
