"""A property against a parameter, or against another property: points with error bars, failures along the axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from spectra.plots.figure import COLOURS, QUIET, axis, points


@dataclass(frozen=True)
class Point:
    """One batch: its place and uncertainty in both directions. ``y`` None: there is no number, ``why`` says why."""

    label: str
    x: float
    y: float | None
    u_x: float | None = None
    u_y: float | None = None
    group: str = ""
    why: str = ""
    link: str = ""
    colour: str = ""
    symbol: str = "circle"


def against(drawn: Sequence[Point], *, x_title: str, y_title: str, log_x: bool = False, gettext=str) -> dict:
    """Draw ``drawn``, one colour per group; batches without a number stand as triangles on the x axis."""
    groups = list(dict.fromkeys(point.group for point in drawn))
    traces = []
    for i, group in enumerate(groups):
        measured = [p for p in drawn if p.group == group and p.y is not None]
        if measured:
            traces.append(marked_points(measured, group or gettext("batches"), COLOURS[i % len(COLOURS)]))
    failed = [p for p in drawn if p.y is None]
    if failed:
        traces.append(_failures(failed, gettext("no number (on the axis)")))
    layout = {
        "xaxis": axis(x_title, type="log" if log_x else "linear"),
        "yaxis": axis(y_title),
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        "showlegend": len(traces) > 1,
        "hovermode": "closest",
    }
    return {"data": traces, "layout": layout}


def marked_points(measured: Sequence[Point], name: str, colour: str) -> dict:
    """Points with error bars, names and links; filled with their own colour where they have one."""
    trace = points(
        [p.x for p in measured], [p.y for p in measured], name, colour,
        u_x=[p.u_x for p in measured] if any(p.u_x for p in measured) else None, u_y=[p.u_y for p in measured],
        symbol=measured[0].symbol, text=[p.label for p in measured], customdata=[p.link for p in measured],
        hovertemplate="%{text}<br>%{x:.4g}, %{y:.5g}<extra></extra>",
    )  # fmt: skip
    if any(p.colour for p in measured):
        trace["marker"] |= {
            "color": [p.colour or colour for p in measured],
            "line": {"color": colour, "width": 1.5},
            "size": 10,
        }
    return trace


def _failures(failed: list[Point], name: str) -> dict:
    # Half below the axis line and of a shape that no measured point has: nobody reads a value off them.
    return points(
        [p.x for p in failed], [0.0] * len(failed), name, QUIET, symbol="triangle-up-open", yaxis="y2", cliponaxis=False,
        text=[f"{p.label}: {p.why}" if p.why else p.label for p in failed], customdata=[p.link for p in failed],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
