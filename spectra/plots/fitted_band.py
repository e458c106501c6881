"""An emission band with its fit, components and residuals."""

from collections.abc import Mapping

from spectra.plots.figure import COLOURS, DATA, FIT, LEFT_OUT, QUIET, axis, line, points


def fitted_band(curves: Mapping, *, gettext=str) -> dict:
    """Draw what ``emission_band`` found: data, fit, single Gaussians, baseline, and below them the residuals.

    ``curves`` are those of the method: ``x_nm``, ``y``, ``fit``, ``residuals``, ``baseline``, ``component_1`` … [1]. The words
    of the figure go through ``gettext``.
    """
    x = curves["x_nm"]
    traces = [line(x, curves["y"], gettext("data"), DATA, width=2), *left_out(curves, gettext)]
    if "fit" in curves:
        traces.append(line(x, curves["fit"], gettext("fit"), FIT))
    components = [name for name in curves if name.startswith("component_")]
    if len(components) > 1:
        traces += [
            line(x, curves[name], gettext("band {n}").format(n=i + 1), COLOURS[i % 5], dash="dot")
            for i, name in enumerate(components)
        ]
    if "baseline" in curves:
        traces.append(line(x, curves["baseline"], gettext("baseline"), QUIET, dash="dash", width=1))
    layout = {
        "xaxis": axis(gettext("wavelength (nm)")),
        "yaxis": axis(gettext("PL intensity")),
        "hovermode": "x unified",
    }
    if "residuals" in curves:
        traces.append(line(x, curves["residuals"], gettext("residuals"), DATA, width=1, yaxis="y2", showlegend=False))
        strip_of_residuals(layout, gettext("residual"))
    return {"data": traces, "layout": layout}


def left_out(curves: Mapping, gettext=str) -> list[dict]:
    """The points that a person left out, in grey; none where all were used."""
    if not curves.get("left_out_x"):
        return []
    return [points(curves["left_out_x"], curves["left_out_y"], gettext("left out"), LEFT_OUT, symbol="x-thin-open")]


def strip_of_residuals(layout: dict, title: str) -> None:
    """Make room for residuals (on ``yaxis2``) below the main panel."""
    layout["yaxis"]["domain"] = [0.28, 1]
    layout["yaxis2"] = axis(title, domain=[0, 0.2], zeroline=True)
    layout["xaxis"]["anchor"] = "y2"
