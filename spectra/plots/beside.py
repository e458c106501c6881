"""Two figures of one kind as one: the curves of each in a colour of their own."""

from collections.abc import Mapping, Sequence

from spectra.plots.figure import COLOURS

OF_FIRST, OF_SECOND = COLOURS[0], COLOURS[1]


def beside(first: Mapping, second: Mapping, names: Sequence[str]) -> dict:
    """Draw the traces of both on the axes of the first; ``names`` stand before those of their curves.

    Traces keep their dashes and symbols, which tell data from model; thin or dotted ones stay so. What carries no colour of its
    own (a map, a histogram's bars) is made half transparent.
    """
    both = ((first, names[0], OF_FIRST), (second, names[1], OF_SECOND))
    traces = [_coloured(trace, name, colour) for drawn, name, colour in both for trace in drawn["data"]]
    layout = {**first["layout"], "showlegend": True, "barmode": "overlay"}
    return {"data": traces, "layout": layout}


def _coloured(trace: Mapping, name: str, colour: str) -> dict:
    found = {**trace, "name": f"{name}: {trace.get('name', '')}".rstrip(": "), "opacity": 0.75}
    for part in ("line", "marker", "error_x", "error_y"):
        if isinstance(found.get(part), Mapping):
            found[part] = {**found[part], "color": colour}
    if "fillcolor" in found:
        found["fillcolor"] = colour
    return found
