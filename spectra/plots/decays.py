"""Decays of several samples over one another, on a logarithmic scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectra.plots.figure import axis, dash, line, palette


@dataclass(frozen=True, eq=False)
class DecayCurve:
    """One decay to draw: time [ns] and counts, with the name and colour it is shown by."""

    name: str
    time_ns: np.ndarray
    counts: np.ndarray
    colour: str = ""


def overlaid_decays(curves: Sequence[DecayCurve], *, normalise: bool = True, gettext=str) -> dict:
    """Draw decays from their own maximum on, each divided by it where ``normalise``; zeros are gaps on the log scale."""
    colours = palette(len(curves))
    traces = []
    for i, curve in enumerate(curves):
        counts = np.asarray(curve.counts, float)
        top = int(counts.argmax())
        scale = counts[top] if normalise and counts[top] > 0 else 1.0
        y = np.where(counts > 0, counts / scale, np.nan)
        x = np.asarray(curve.time_ns, float) - curve.time_ns[top]
        traces.append(
            line(x, y, curve.name, curve.colour or colours[i], width=1, dash="solid" if curve.colour else dash(i))
        )
    return {
        "data": traces,
        "layout": {
            "xaxis": axis(gettext("time after the maximum (ns)")),
            "yaxis": axis(gettext("counts, normalised") if normalise else gettext("counts"), type="log"),
            "showlegend": 1 < len(traces) <= 50,
            "hovermode": "closest",
        },
    }
