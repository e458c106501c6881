"""The CIE 1931 diagram with the Rec.2020 triangle and the colours of batches."""

from collections.abc import Sequence

import numpy as np

from spectra.analysis.chromaticity import spectral_locus, uniform
from spectra.plots.against import Point, marked_points
from spectra.plots.figure import COLOURS, QUIET, axis, line

# ITU-R BT.2020-2, table 3: primaries and D65
REC2020 = {"red": (0.708, 0.292), "green": (0.170, 0.797), "blue": (0.131, 0.046)}
D65 = (0.3127, 0.3290)


def chromaticity_diagram(drawn: Sequence[Point], *, in_uv: bool = False, gettext=str) -> dict:
    """Draw colours (points in x, y with their u) on the spectral locus.

    Parameters
    ----------
    drawn : sequence of Point
        Chromaticity x, y [1] of each batch, and its u in both directions.
    in_uv : bool
        Draw u′, v′ (CIE 1976) instead of x, y; the points must then be given in these.
    """
    convert = uniform if in_uv else np.asarray
    wavelength_nm, xy = spectral_locus()
    locus = convert(xy)
    triangle = convert(np.array([*REC2020.values(), REC2020["red"]]))
    closed = np.vstack([locus, locus[:1]])
    traces = [
        line(closed[:, 0], closed[:, 1], gettext("spectral locus"), QUIET, hoverinfo="skip"),
        line(triangle[:, 0], triangle[:, 1], "Rec.2020", COLOURS[6], dash="dash", hoverinfo="skip"),
        _ticks(locus, wavelength_nm, gettext("wavelength (nm)")),
    ]
    groups = list(dict.fromkeys(point.group for point in drawn))
    for i, group in enumerate(groups):
        traces.append(
            marked_points([p for p in drawn if p.group == group], group or gettext("batches"), COLOURS[i % 6])
        )
    names = ("u′", "v′") if in_uv else ("x", "y")
    layout = {
        "xaxis": axis(names[0], range=[-0.02, 0.65 if in_uv else 0.78], constrain="domain"),
        "yaxis": axis(names[1], range=[-0.02, 0.62 if in_uv else 0.88], scaleanchor="x", constrain="domain"),
        "hovermode": "closest",
    }
    return {"data": traces, "layout": layout}


def _ticks(locus: np.ndarray, wavelength_nm: np.ndarray, name: str) -> dict:
    marked = np.isin(np.round(wavelength_nm), [450, 460, 470, 480, 490, 500, 520, 540, 560, 580, 600, 620])
    return {
        "type": "scatter", "mode": "markers+text", "x": locus[marked, 0].tolist(), "y": locus[marked, 1].tolist(),
        "text": [f"{w:.0f}" for w in wavelength_nm[marked]], "textposition": "middle right", "showlegend": False,
        "marker": {"color": QUIET, "size": 4}, "textfont": {"size": 10}, "hoverinfo": "skip", "name": name,
    }  # fmt: skip
