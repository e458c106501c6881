"""A property along time, age or voltage, and below it where the peak is."""

from collections.abc import Mapping, Sequence

from spectra.plots.figure import COLOURS, DATA, FIT, axis, line, points
from spectra.plots.fitted_band import strip_of_residuals


def along(
    curves: Mapping, z: str, z_title: str, main: str, main_title: str, *, u: str = "", lines: Sequence[tuple[str, str]] = (),
    log: bool = False, gettext=str,
) -> dict:  # fmt: skip
    """Draw ``curves[main]`` against ``curves[z]`` with error bars ``curves[u]``, named ``lines`` through it, and the peak below."""
    bars = curves.get(u) if u else None
    traces = [points(curves[z], curves[main], main_title, DATA, u_y=bars, showlegend=False)]
    traces += [line(curves[z], curves[name], label, FIT) for name, label in lines if curves.get(name) is not None]
    layout = {
        "xaxis": axis(z_title),
        "yaxis": axis(main_title, **({"type": "log"} if log else {"rangemode": "tozero"})),
        "hovermode": "closest",
        "showlegend": len(traces) > 1,
    }
    if curves.get("peak_nm") is not None and any(value is not None for value in curves["peak_nm"]):
        traces.append(
            points(
                curves[z],
                curves["peak_nm"],
                gettext("peak"),
                COLOURS[0],
                u_y=curves.get("peak_u_nm"),
                yaxis="y2",
                showlegend=False,
            )
        )
        strip_of_residuals(layout, gettext("peak (nm)"))
        layout["yaxis2"]["zeroline"] = False
    return {"data": traces, "layout": layout}
