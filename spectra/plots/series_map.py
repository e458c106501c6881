"""A series of spectra as a map: wavelength across, time, temperature or voltage upwards, the signal as colour."""

from collections.abc import Sequence

import numpy as np

from spectra.plots.figure import array, axis

LEAST_CURVES = 3
MOST_CELLS = 400_000  # more than a screen shows; the curves beside the map have every point


def series_map(
    x: np.ndarray, rows: Sequence[np.ndarray], z: np.ndarray, x_title: str, z_title: str, y_title: str
) -> dict | None:
    """Draw spectra that share an axis.

    Parameters
    ----------
    x : ndarray, shape (n,)
        The axis of all spectra, in its own unit.
    rows : sequence of ndarray, shape (n,)
        One signal per spectrum; NaN where there is no value.
    z : ndarray, shape (m,)
        Where each spectrum stands along the series, in its own unit; need not be evenly spaced.
    x_title, z_title, y_title : str
        Names of the axes and of the colour.

    Returns
    -------
    dict or None
        Plotly figure; None when there is no map to draw: fewer than LEAST_CURVES places along the series, or unlike axes.
    """
    if len({float(place) for place in z}) < max(LEAST_CURVES, len(rows)) or any(row.size != x.size for row in rows):
        return None
    order = np.argsort(z, kind="stable")
    step = -(-x.size * len(rows) // MOST_CELLS)
    cells = np.stack([rows[k][::step] for k in order])
    values = array(cells) | {"shape": f"{cells.shape[0]}, {cells.shape[1]}"}
    trace = {
        "type": "heatmap", "x": array(x[::step], "f8"), "y": array(z[order], "f8"), "z": values, "colorscale": "Viridis",
        "colorbar": {"title": {"text": y_title, "side": "right"}},
        "hovertemplate": "%{x:.5g}<br>%{y:.5g}<br>%{z:.4g}<extra></extra>",
    }  # fmt: skip
    return {"data": [trace], "layout": {"xaxis": axis(x_title), "yaxis": axis(z_title)}}
