"""A CD spectrum with its smooth curve, and below it the dissymmetry with its band of uncertainty."""

from collections.abc import Mapping

import numpy as np

from spectra.plots.figure import DATA, FIT, axis, line
from spectra.plots.fitted_band import strip_of_residuals


def dichroism(curves: Mapping, *, gettext=str) -> dict:
    """Draw what ``circular_dichroism`` found: ``x_nm``, ``theta_mdeg``, ``smooth_mdeg``, and ``g`` ± ``g_u`` where A is known."""
    x = curves["x_nm"]
    traces = [
        line(x, curves["theta_mdeg"], gettext("data"), DATA, width=1),
        line(x, curves["smooth_mdeg"], gettext("smooth"), FIT, width=2),
    ]
    layout = {
        "xaxis": axis(gettext("wavelength (nm)")),
        "yaxis": axis(gettext("ellipticity (mdeg)"), zeroline=True),
        "hovermode": "x unified",
    }
    g = np.asarray(curves["g"], dtype=float)
    if np.isfinite(g).any():
        u = np.asarray(curves["g_u"], dtype=float)
        below = {"yaxis": "y2", "showlegend": False, "width": 1}
        traces.append(line(x, g, "g", DATA, **below))
        traces += [line(x, g + side * u, gettext("g ± u"), DATA, dash="dot", **below) for side in (-1, 1)]
        strip_of_residuals(layout, "g")
    return {"data": traces, "layout": layout}
