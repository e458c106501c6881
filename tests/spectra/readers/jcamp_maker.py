"""JCAMP-DX texts made from formulas, with ordinates in each of the standard's forms."""

from itertools import pairwise

import numpy as np

Y = np.round(1000 + 900 * np.sin(np.arange(120) / 9)).astype(int)
FLAT = np.concatenate([np.zeros(40, int), np.full(30, 17), Y[:50]])


def digits(number: int, letters: str) -> str:
    """The number with its first digit as a letter: ten for 0…9, nine for −1…−9."""
    text = str(abs(number))
    return letters[int(text[0]) + (9 if number < 0 else 0)] + text[1:]


def sqz(number: int) -> str:
    return digits(number, "@ABCDEFGHIabcdefghi")


def dif(number: int) -> str:
    return digits(number, "%JKLMNOPQRjklmnopqr")


def dup(count: int) -> str:
    return "" if count < 2 else digits(count, " STUVWXYZs")


def runs(entries: list[str]) -> str:
    made, i = "", 0
    while i < len(entries):
        n = next((k for k in range(1, len(entries) - i) if entries[i + k] != entries[i]), len(entries) - i)
        made += entries[i] + dup(n)
        i += n
    return made


def rows(y, form: str, first: float, step: float, per_line: int = 10) -> str:
    """The lines of ``(X++(Y..Y))`` in ``AFFN``, ``PAC``, ``SQZ``, ``DUP`` (SQZ with repeats), ``DIF`` or ``DIFDUP``."""
    y, lines = [int(v) for v in y], []
    for i in range(0, len(y), per_line):
        part, x = y[i : i + per_line], f"{first + step * i:g}"
        if form == "AFFN":
            lines.append(" ".join([x, *map(str, part)]))
        elif form == "PAC":
            lines.append(x + "".join(f"{v:+d}" for v in part))
        elif form == "SQZ":
            lines.append(x + "".join(map(sqz, part)))
        elif form == "DUP":
            lines.append(x + runs([sqz(v) for v in part]))
        else:
            start = [y[i - 1], *part] if i else part
            x = f"{first + step * (i - 1 if i else 0):g}"
            steps = [dif(b - a) for a, b in pairwise(start)]
            lines.append(x + sqz(start[0]) + (runs(steps) if form == "DIFDUP" else "".join(steps)))
    if form.startswith("DIF"):
        lines.append(f"{first + step * (len(y) - 1):g}{sqz(y[-1])}")
    return "\n".join(lines)


def jcamp(y=Y, form: str = "AFFN", first=400.0, step=2.0, factor=0.001, body: str | None = None, **records) -> str:
    """A JCAMP-DX text; ``records`` replaces records by label (``DATA_TYPE="…"``), None leaves one out."""
    y = np.asarray(y)
    said = {
        "TITLE": "dots d3",
        "JCAMP-DX": "4.24 $$ made by QDLab",
        "DATA TYPE": "UV/VIS SPECTRUM",
        "ORIGIN": "QDLab",
        "OWNER": "Team",
        "DATE": "26/06/04",
        "TIME": "16:08:00",
        "XUNITS": "NANOMETERS",
        "YUNITS": "ABSORBANCE",
        "XFACTOR": "1",
        "YFACTOR": str(factor),
        "FIRSTX": f"{first:g}",
        "LASTX": f"{first + step * (len(y) - 1):g}",
        "NPOINTS": str(len(y)),
        "FIRSTY": f"{y[0] * factor:g}",
        "MAXY": f"{y.max() * factor:g}",
        "MINY": f"{y.min() * factor:g}",
    } | {name.replace("_", " "): text for name, text in records.items()}
    lines = [f"##{key}= {text}" for key, text in said.items() if text is not None]
    return "\n".join([*lines, "##XYDATA= (X++(Y..Y))", body or rows(y, form, first, step), "##END=", ""])
