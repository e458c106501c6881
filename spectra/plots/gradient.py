"""Integrated emission against absorptance for sample and standard: the lines whose slopes give the PLQY."""

from collections.abc import Mapping

from spectra.plots.figure import COLOURS, axis, line, points


def gradient(curves: Mapping, abscissa: str = "absorptance", *, gettext=str) -> dict:
    """Draw a PLQY: points with their u, the line through the origin, and the free line beside it."""
    traces = []
    further = [n for n in range(2, 10) if f"standard_{n}_x" in curves]
    for prefix, name, colour in (
        ("sample", gettext("sample"), COLOURS[0]),
        ("standard", gettext("standard"), COLOURS[1]),
        *((f"standard_{n}", gettext("standard {n}").format(n=n), COLOURS[n % len(COLOURS)]) for n in further),
    ):
        if f"{prefix}_x" not in curves:
            continue
        x, y = curves[f"{prefix}_x"], curves[f"{prefix}_y"]
        text = [gettext("dilution {n}").format(n=i) for i in curves.get(f"{prefix}_index", range(len(x)))]
        bars = {"u_x": curves.get(f"{prefix}_u_x"), "u_y": curves.get(f"{prefix}_u_y")}
        picked = {
            "customdata": list(curves.get(f"{prefix}_index", range(len(x)))),
            "meta": f"exclude_{prefix.partition('_')[0]}",
        }
        traces.append(points(x, y, name, colour, text=text, **picked, **bars))
        line_x = curves[f"{prefix}_line_x"]
        traces.append(
            line(
                line_x,
                curves[f"{prefix}_line_y"],
                gettext("{name}: through the origin").format(name=name),
                colour,
                showlegend=False,
            )
        )
        traces.append(
            line(
                line_x,
                curves[f"{prefix}_free_line_y"],
                gettext("{name}: free intercept").format(name=name),
                colour,
                dash="dot",
                width=1,
            )
        )
    absorptance = gettext("absorptance 1 − 10<sup>−A</sup> at λ<sub>ex</sub>")
    title = absorptance if abscissa == "absorptance" else gettext("absorbance A at λ<sub>ex</sub>")
    layout = {
        "xaxis": axis(title, rangemode="tozero"),
        "yaxis": axis(gettext("integrated emission (photons)"), rangemode="tozero"),
    }
    return {"data": traces, "layout": layout}
