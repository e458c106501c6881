"""The spectra of an integrating sphere over one another."""

from collections.abc import Mapping

from spectra.plots.figure import COLOURS, QUIET, axis, line


def sphere(curves: Mapping, *, gettext=str) -> dict:
    """Draw photons of the empty sphere, of the sample in the beam and beside it; logarithmic, for the line is far above the band."""
    names = (
        ("empty", gettext("empty sphere"), QUIET), ("direct", gettext("in the beam"), COLOURS[0]),
        ("indirect", gettext("beside the beam"), COLOURS[1]),
    )  # fmt: skip
    traces = []
    for role, name, colour in names:
        if curves.get(role) is not None:
            photons = [value if value is not None and value > 0 else None for value in curves[role]]
            traces.append(line(curves[f"{role}_nm"], photons, name, colour))
    layout = {"xaxis": axis(gettext("wavelength (nm)")), "yaxis": axis(gettext("photons per nm"), type="log")}
    return {"data": traces, "layout": layout}
