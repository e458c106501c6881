"""A Tauc plot with its line, and the absorbance on a logarithmic scale for the tail."""

from collections.abc import Mapping

from spectra.plots.figure import DATA, FIT, axis, line


def tauc_plot(curves: Mapping, exponent: float, *, gettext=str) -> dict:
    """Draw (A hν)^n against hν and the straight line down to its intercept."""
    traces = [
        line(curves["energy_ev"], curves["tauc"], gettext("data"), DATA, width=2),
        line(curves["line_ev"], curves["line"], gettext("straight line"), FIT, width=2),
    ]
    title = gettext("(A·hν)<sup>{n}</sup> (eV<sup>{n}</sup>)").format(n="2" if exponent == 2 else "½")
    return {
        "data": traces,
        "layout": {"xaxis": axis(gettext("photon energy (eV)")), "yaxis": axis(title, rangemode="tozero")},
    }


def tail(curves: Mapping, *, gettext=str) -> dict:
    """Draw the absorbance logarithmically: an exponential tail is straight there."""
    absorbance = [value if value is not None and value > 0 else None for value in curves["absorbance"]]
    traces = [line(curves["energy_ev"], absorbance, gettext("absorbance"), DATA, width=2)]
    return {
        "data": traces,
        "layout": {"xaxis": axis(gettext("photon energy (eV)")), "yaxis": axis(gettext("absorbance"), type="log")},
    }
