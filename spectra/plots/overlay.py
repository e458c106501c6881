"""Spectra on top of each other: as measured or normalised, offset, in nm or eV."""

from collections.abc import Sequence

import numpy as np

from spectra.notes import gettext_noop
from spectra.plots.figure import Curve, axis, dash, line, palette
from spectra.spectrum import HC_EV_NM

TITLES = {  # the names of quantities are marked too: refusals name them
    gettext_noop("intensity"): gettext_noop("intensity"),
    "counts": gettext_noop("counts"),
    "absorbance": gettext_noop("absorbance"),
    gettext_noop("transmittance"): gettext_noop("transmittance (%)"),
    gettext_noop("reflectance"): gettext_noop("reflectance (%)"),
    gettext_noop("ellipticity"): gettext_noop("ellipticity (mdeg)"),
    gettext_noop("voltage"): gettext_noop("voltage (V)"),
}
DENSITIES = ("intensity", "counts")
MOST_LEGEND_ENTRIES = 50


def overlay(
    curves: Sequence[Curve], *, normalise: bool = False, offset: float = 0.0, unit: str = "nm", gettext=str
) -> dict:
    """Draw curves over one another.

    Parameters
    ----------
    curves : sequence of Curve
    normalise : bool
        Divide each curve by its maximum.
    offset : float
        Shift of each curve against the one before, in shares of the largest maximum drawn.
    unit : {"nm", "eV"}
        For eV, emission is multiplied by λ²/hc (a density; doi:10.1021/jz401508t); absorbance is not.
    gettext : callable
        Translates the words of the figure.

    Returns
    -------
    dict
        Plotly figure.
    """
    drawn = [_converted(curve, normalise, unit) for curve in curves]
    top = max((float(np.nanmax(y)) for _x, y in drawn if np.isfinite(y).any()), default=1.0)
    colours = palette(len(curves))
    traces = [
        line(
            x, y + i * offset * top, curve.name, curve.colour or colours[i], dash="solid" if curve.colour else dash(i),
            hovertemplate=f"%{{x:.1f}} {unit}<br>%{{y:.4g}}", meta={"link": curve.link},
        )
        for i, (curve, (x, y)) in enumerate(zip(curves, drawn, strict=True))
    ]  # fmt: skip
    quantities = dict.fromkeys(curve.quantity for curve in curves)
    title = " / ".join(gettext(TITLES.get(quantity, quantity)) for quantity in quantities) or gettext("signal")
    return {
        "data": traces,
        "layout": {
            "xaxis": axis(gettext("wavelength (nm)") if unit == "nm" else gettext("energy (eV)")),
            "yaxis": axis(_y_title(normalise, offset, gettext).format(quantity=title)),
            "showlegend": 1 < len(curves) <= MOST_LEGEND_ENTRIES,
            "hovermode": "closest",
        },
    }


def _converted(curve: Curve, normalise: bool, unit: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(curve.wavelength_nm, float), np.asarray(curve.y, float)
    if unit == "eV":
        y = y * x**2 / HC_EV_NM if curve.quantity in DENSITIES else y
        x = HC_EV_NM / x
    peak = np.nanmax(y) if np.isfinite(y).any() else 0
    if normalise and peak > 0:
        y = y / peak
    return x, y


def _y_title(normalise: bool, offset: float, gettext) -> str:
    if normalise and offset:
        return gettext("{quantity}, normalised and offset")
    if normalise:
        return gettext("{quantity}, normalised")
    return gettext("{quantity}, offset") if offset else "{quantity}"
