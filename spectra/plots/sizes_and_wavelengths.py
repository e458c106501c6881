"""Wavelength against the number of unit cells along an edge, for every geometry of the Brus equation."""

from collections.abc import Mapping

from spectra.plots.figure import COLOURS, FIT, axis, line


def sizes_and_wavelengths(curves: Mapping, peak_nm: float, *, gettext=str) -> dict:
    """Draw ``wavelength_nm`` (geometry → values) over ``cells``, and the measured peak as a level."""
    cells = curves["cells"]
    traces = [
        line(cells, values, gettext(name), COLOURS[i % len(COLOURS)], mode="lines+markers")
        for i, (name, values) in enumerate(curves["wavelength_nm"].items())
    ]
    traces.append(line([cells[0], cells[-1]], [peak_nm, peak_nm], gettext("measured"), FIT, dash="dash"))
    layout = {"xaxis": axis(gettext("unit cells along the edge"), dtick=1), "yaxis": axis(gettext("wavelength (nm)"))}
    return {"data": traces, "layout": layout}
