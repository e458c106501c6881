"""An absorption spectrum with the Gaussian that was found in it, and the second derivative that led there."""

from collections.abc import Mapping

from spectra.plots.figure import DATA, FIT, axis, line
from spectra.plots.fitted_band import left_out, strip_of_residuals


def exciton(curves: Mapping, *, gettext=str) -> dict:
    """Draw what ``first_exciton`` found: ``x_nm``, ``absorbance``, ``second_derivative``, and its fit where there is one."""
    traces = [line(curves["x_nm"], curves["absorbance"], gettext("absorbance"), DATA, width=2)]
    traces += left_out(curves, gettext)
    if curves.get("fit"):
        traces.append(line(curves["fit_x_nm"], curves["fit"], gettext("Gaussian on its background"), FIT))
    layout = {"xaxis": axis(gettext("wavelength (nm)")), "yaxis": axis(gettext("absorbance")), "hovermode": "x unified"}
    if curves.get("second_derivative"):
        below = {"width": 1, "yaxis": "y2", "showlegend": False}
        traces.append(line(curves["x_nm"], curves["second_derivative"], gettext("second derivative"), DATA, **below))
        strip_of_residuals(layout, "d²A/dλ²")
    return {"data": traces, "layout": layout}
