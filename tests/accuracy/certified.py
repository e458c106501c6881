"""The optimiser against certified answers (NIST StRD): digits that agree."""

import os

import numpy as np

from spectra.analysis.least_squares import NotConverged
from tests.spectra.analysis import test_least_squares as nist


def rows() -> list[tuple[str, float, float | None, str]]:
    """Set, digits of the parameters and of their standard errors (the worse of both certified starts), the gate."""
    found = []
    for name in sorted(nist.MODELS):
        x, y, starts, values, errors = nist._certified(name)
        digits = []
        for start in starts[1:] if name == "BoxBOD" else starts:
            fit = nist._fit(name, x, y, start).require_convergence()
            deviations = np.sqrt(np.diag(fit.covariance[0]))
            digits.append((nist._digits(fit.parameters[0], values), nist._digits(deviations, errors)))
        parameters, deviations = map(float, np.min(digits, axis=0))
        exempt = name.startswith("Lanczos")
        gate = "6 / –" if exempt else "6 / 4"
        if name == "BoxBOD":
            gate += f"; its first start {_first_start(x, y, starts[0])}"
        found.append((name, parameters, None if exempt else deviations, gate))
    return found


def _first_start(x, y, start) -> str:
    try:
        nist._fit("BoxBOD", x, y, start).require_convergence()
    except NotConverged as refused:
        return f"fails loudly (“{refused}”)"
    return "was answered"


def text() -> list[str]:
    lines = ["", "## Certified data sets (NIST StRD)", ""]
    if not os.environ.get("QDLAB_CORPUS"):
        return [*lines, "The certified sets were not at hand (`QDLAB_CORPUS`)."]
    lines += ["Digits that agree, the worse of both certified starts, and how many are asked for.", ""]
    lines += ["| set | parameters | standard errors | gate |", "| --- | --- | --- | --- |"]
    for name, parameters, deviations, gate in rows():
        lines.append(f"| {name} | {parameters:.1f} | {'–' if deviations is None else f'{deviations:.1f}'} | {gate} |")
    return lines
