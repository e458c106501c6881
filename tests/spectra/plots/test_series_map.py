"""A series as a map: each spectrum in its place along the series, nothing invented between unlike axes."""

import base64

import numpy as np

from spectra.plots.series_map import MOST_CELLS, series_map

X = np.linspace(400, 700, 4)


def drawn(z, rows=None, x=X):
    rows = rows or [np.full(x.size, float(place)) for place in z]
    return series_map(x, rows, np.array(z, float), "wavelength (nm)", "time (min)", "intensity")


def values(array: dict) -> np.ndarray:
    kinds = {"f4": "<f4", "f8": "<f8"}
    flat = np.frombuffer(base64.b64decode(array["bdata"]), kinds[array["dtype"]])
    return flat.reshape([int(n) for n in array["shape"].split(",")]) if "shape" in array else flat


def test_spectra_stand_in_the_order_of_the_series_whatever_the_order_of_the_file():
    (trace,) = drawn([8, 0, 4])["data"]
    assert values(trace["y"]).tolist() == [0, 4, 8] and values(trace["z"])[:, 0].tolist() == [0, 4, 8]
    assert values(trace["x"]).tolist() == X.tolist()


def test_there_is_no_map_of_two_curves_of_repeats_or_of_unlike_axes():
    assert drawn([0, 4]) is None and drawn([0, 0, 0]) is None
    assert drawn([0, 4, 8], [np.zeros(4), np.zeros(4), np.zeros(5)]) is None


def test_a_large_series_is_thinned_along_the_wavelength_and_never_along_the_series():
    x = np.linspace(400, 700, 5_000)
    (trace,) = drawn(range(200), x=x)["data"]
    cells = values(trace["z"])
    assert cells.shape[0] == 200 and cells.size <= MOST_CELLS + 200


def test_gaps_stay_gaps():
    row = np.array([1.0, np.nan, 3.0, 4.0])
    assert np.isnan(values(drawn([0, 4, 8], [row] * 3)["data"][0]["z"])[:, 1]).all()
