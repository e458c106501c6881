"""A decay on a logarithmic scale with its instrument response, fit, weighted residuals and their autocorrelation."""

from collections.abc import Mapping

import numpy as np

from spectra.plots.figure import COLOURS, DATA, FIT, QUIET, axis, line
from spectra.plots.fitted_band import strip_of_residuals


def decay_curve(curves: Mapping, *, gettext=str) -> dict:
    """Draw a decay: ``time_ns`` [ns], ``counts``, and where there are any ``model``, ``irf``, ``residuals`` [σ]."""
    time_ns, counts = curves["time_ns"], np.asarray(curves["counts"], float)
    traces = [line(time_ns, _above_zero(counts), gettext("counts"), DATA, width=1)]
    if "irf" in curves:
        traces.append(line(time_ns, _above_zero(curves["irf"]), "IRF", QUIET, width=1, dash="dot"))
    if "model" in curves:
        traces.append(line(time_ns, _above_zero(curves["model"]), gettext("fit"), FIT))
    top = float(counts.max()) if counts.size else 1.0
    layout = {
        "xaxis": axis(gettext("time (ns)")),
        "yaxis": axis(gettext("counts"), type="log", range=[-0.3, float(np.log10(max(top, 1)) + 0.2)]),
        "hovermode": "x unified",
    }
    if "residuals" in curves:
        traces.append(
            line(
                time_ns,
                _numbers(curves["residuals"]),
                gettext("residuals"),
                DATA,
                width=1,
                yaxis="y2",
                showlegend=False,
            )
        )
        strip_of_residuals(layout, gettext("residual (σ)"))
    return {"data": traces, "layout": layout}


def autocorrelation(curves: Mapping, *, gettext=str) -> dict:
    """Draw the autocorrelation of the weighted residuals against the lag in bins; a good fit scatters about 0."""
    values = np.asarray(_numbers(curves["autocorrelation"]))
    return {
        "data": [line(np.arange(values.size), values, gettext("autocorrelation"), COLOURS[0], width=1)],
        "layout": {
            "xaxis": axis(gettext("lag (bins)")),
            "yaxis": axis(gettext("autocorrelation of the residuals"), zeroline=True),
            "showlegend": False,
        },
    }


def _numbers(values) -> np.ndarray:
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def _above_zero(values) -> np.ndarray:
    """A logarithmic axis shows no zeros: they are drawn as gaps instead of vanishing lines to minus infinity."""
    numbers = _numbers(values)
    return np.where(numbers > 0, numbers, np.nan)
