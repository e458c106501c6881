"""docs/accuracy.md: the tables as text."""

import os
from math import sqrt

import numpy as np

from tests.accuracy import paper
from tests.accuracy.coverage import Row

HEAD = """# Accuracy

Written by `make accuracy` (seeds fixed; `ARGS="--cases 100"` for fewer cases). A small part of it runs with `make test`, all of it
with `make test-long`.

## Coverage: how often value ± u holds the truth

Each row draws new measurements with a new truth, detector and photon noise, and errors of the instrument as large as the method's own
parameters state them. Of a normal distribution 68.3 % lie within 1 u and 95.4 % within 2 u. ± is the binomial error of the share; bias is
the mean of (value − truth)/u. A row marked * is not compatible with 65–71 % (at 99.9 %). *Absent* counts cases in which the method gave no
number, with its reason. N is smaller where the run behind this page was stopped early; the command takes 1,000 (100–300 for slow scenes).
"""


def text(rows: list[Row]) -> str:
    parts = [HEAD, _coverage(rows), *_nist(), paper.text()]
    return "\n".join(parts)


def _coverage(rows: list[Row]) -> str:
    lines = []
    scene = None
    for row in rows:
        if row.scene is not scene:
            scene = row.scene
            lines += ["", f"**`{scene.method}`, {scene.sample}**: {scene.settings}", ""]
            lines += ["| quantity | N | absent | within 1 u | within 2 u | 95 % interval | bias / u | median u |"]
            lines += ["| --- | --- | --- | --- | --- | --- | --- | --- |"]
        lines.append(_line(row))
    return "\n".join(lines)


def _line(row: Row) -> str:
    one, two = row.within(1), row.within(2)
    error = 100 * sqrt(max(one * (1 - one), 1e-9) / max(row.n, 1))
    size = np.median(row.relative) if row.relative else float("nan")
    shown = f"{100 * size:.2g} %" if np.isfinite(size) else "–"
    star = "" if row.is_honest() else " *"
    return (
        f"| `{row.name}` | {row.n} | {row.absent} | {100 * one:.1f} ± {error:.1f} %{star} | {100 * two:.1f} % "
        f"| {100 * np.mean(row.in_95):.1f} % | {row.bias:+.2f} | {shown} |"
    )


def _nist() -> list[str]:
    """Worst digits over both starts, for each certified set; nothing where the sets are not at hand."""
    if not os.environ.get("QDLAB_CORPUS"):
        return ["", "## Certified data sets", "", "The NIST sets were not at hand (`QDLAB_CORPUS`)."]
    from tests.spectra.analysis import test_least_squares as certified

    lines = ["", "## Certified data sets (NIST StRD)", "", "Digits that agree, the worse of both certified starts.", ""]
    lines += ["| set | parameters | standard errors | gate |", "| --- | --- | --- | --- |"]
    for name in sorted(certified.MODELS):
        x, y, starts, values, errors = certified._certified(name)
        digits = []
        for start in (1,) if name == "BoxBOD" else (0, 1):
            found = certified._fit(name, x, y, starts[start]).require_convergence()
            deviations = np.sqrt(np.diag(found.covariance[0]))
            digits.append((certified._digits(found.parameters[0], values), certified._digits(deviations, errors)))
        parameters, deviations = np.min(digits, axis=0)
        exempt = name.startswith("Lanczos")
        gate = "6 / –" if exempt else "6 / 4"
        if name == "BoxBOD":
            gate += "; from its first start it fails loudly"
        shown = "–" if exempt else f"{deviations:.1f}"
        lines.append(f"| {name} | {parameters:.1f} | {shown} | {gate} |")
    return lines
