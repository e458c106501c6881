"""The parts that all figures share: typed arrays, axes with their units, lines and points."""

import base64
from dataclasses import dataclass

import numpy as np

# Okabe and Ito's palette, safe for colour-blind eyes (doi:10.1038/nmeth.1618), without its yellow (too faint on white).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#6D6F78")
DATA, FIT, QUIET, LEFT_OUT = "#6D6F78", "#D55E00", "#9a9ca5", "#b0b2ba"
DASHES = ("solid", "dash", "dot", "dashdot")


def array(values, dtype: str = "f4") -> dict:
    """A typed array as Plotly's ``{"dtype", "bdata"}``; NaN draws as a gap."""
    data = np.ascontiguousarray(np.asarray(values, dtype=f"<{dtype}"))
    return {"dtype": dtype, "bdata": base64.b64encode(data.tobytes()).decode()}


def axis(title: str, **more) -> dict:
    return {"title": {"text": title}, **more}


def line(x, y, name: str, colour: str, **more) -> dict:
    width, dash = more.pop("width", 1.5), more.pop("dash", "solid")
    style = {"color": colour, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "x": array(x), "y": array(y), "name": name, "line": style, **more}


def points(x, y, name: str, colour: str, *, u_x=None, u_y=None, symbol: str = "circle", **more) -> dict:
    trace = {
        "type": "scatter", "mode": "markers", "x": array(x, "f8"), "y": array(y, "f8"), "name": name,
        "marker": {"color": colour, "size": 8, "symbol": symbol}, **more,
    }  # fmt: skip
    for key, u in (("error_x", u_x), ("error_y", u_y)):
        if u is not None:
            bars = np.nan_to_num(np.asarray([np.nan if v is None else v for v in u], dtype=float))
            trace[key] = {
                "type": "data",
                "array": array(bars, "f8"),
                "visible": True,
                "thickness": 1,
                "width": 3,
                "color": colour,
            }
    return trace


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve to draw: wavelength [nm] and y, with the name and colour it is shown by."""

    name: str
    wavelength_nm: np.ndarray
    y: np.ndarray
    quantity: str = "intensity"
    colour: str = ""
    group: str = ""
    link: str = ""


def palette(n: int) -> list[str]:
    """``n`` colours in order; beyond the palette they repeat and the dash tells them apart (see ``dash``)."""
    return [COLOURS[i % len(COLOURS)] for i in range(n)]


def dash(i: int) -> str:
    return DASHES[(i // len(COLOURS)) % len(DASHES)]


# Viridis at eleven places (CC0, Nathaniel Smith and Stéfan van der Walt), for colouring by a number.
_VIRIDIS = (
    (68, 1, 84), (72, 36, 117), (65, 68, 135), (53, 95, 141), (42, 120, 142), (33, 145, 140),
    (34, 168, 132), (68, 191, 112), (122, 209, 81), (189, 223, 38), (253, 231, 37),
)  # fmt: skip


def by_number(values) -> list[str]:
    """A colour per number from blue (lowest) to green (highest); grey where there is no number."""
    known = [v for v in values if v is not None]
    low, high = (min(known), max(known)) if known else (0, 1)
    return [QUIET if v is None else _viridis((v - low) / (high - low) if high > low else 0.3) for v in values]


def _viridis(share: float) -> str:
    # The first violets are too faint on dark paper, the last yellow on white.
    place = (0.2 + 0.65 * min(max(share, 0.0), 1.0)) * (len(_VIRIDIS) - 1)
    i = min(int(place), len(_VIRIDIS) - 2)
    rgb = (round(a + (b - a) * (place - i)) for a, b in zip(_VIRIDIS[i], _VIRIDIS[i + 1], strict=True))
    return "#{:02x}{:02x}{:02x}".format(*rgb)
