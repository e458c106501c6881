"""Sizes of particles as a histogram, with the populations that were fitted to the particles themselves."""

from collections.abc import Mapping

import numpy as np

from spectra.plots.figure import COLOURS, FIT, QUIET, array, axis, line


def size_histogram(curves: Mapping, *, gettext=str) -> dict:
    """Draw what ``tem_diameters`` found: ``edges_nm`` (k + 1,), ``counts`` (k,), ``size_nm``, ``model``, ``populations``."""
    edges = np.asarray(curves["edges_nm"], dtype=float)
    bars = {
        "type": "bar", "x": array(0.5 * (edges[1:] + edges[:-1]), "f8"), "y": array(curves["counts"]),
        "width": float(edges[1] - edges[0]), "name": gettext("particles"), "marker": {"color": QUIET, "opacity": 0.5},
    }  # fmt: skip
    traces = [bars, line(curves["size_nm"], curves["model"], gettext("all populations"), FIT, width=2)]
    if len(curves["populations"]) > 1:
        traces += [
            line(
                curves["size_nm"], one, gettext("population {n}").format(n=i + 1), COLOURS[i % len(COLOURS)], dash="dot"
            )
            for i, one in enumerate(curves["populations"])
        ]
    layout = {"xaxis": axis(gettext("size (nm)")), "yaxis": axis(gettext("particles per bin")), "bargap": 0}
    return {"data": traces, "layout": layout}
