"""Method ``circular_dichroism``: Cotton effects, dissymmetry and the mirror test of two enantiomers.

Signals of dots are of the order of one millidegree, so that a baseline or a drift easily passes for chirality. What a
second enantiomer does is the proof: the half difference of the two is the signal, their half sum must be zero.
"""

from collections.abc import Sequence

import numpy as np

from spectra.analysis.cd_extrema import DEGREE, read
from spectra.analysis.cd_signal import LEAST_ABSORBANCE, Trace, delta_absorbance, signal
from spectra.analysis.findings import Findings, Refused
from spectra.analysis.local_quadratic import smoothed
from spectra.analysis.method import Case, Method, Outcome, Parameter, QuantityKind, Role
from spectra.notes import gettext_noop


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Analyse n CD spectra.

    Parameters
    ----------
    cases : sequence of Case
        Role ``cd``; optional ``absorbance`` (or as a channel of the CD file), ``blank`` (racemate or free ligand),
        ``mirror`` (the other enantiomer) and ``mirror_absorbance``.

    Returns
    -------
    list of Outcome
        Height and place of the positive and the negative extremum, crossover and splitting of a bisignate signal, g at the
        stronger extremum, and the asymmetry of the pair.

    Notes
    -----
    g = ΔA/A. No point is left out for a small |θ|: what would survive is biased upwards. Points with A < 0.02 are left out of g,
    since A is in its denominator. Values are those of a polynomial of fourth degree in a window of ± ``smoothing_nm``; where none is stated, in the
    widest one whose error of shape stays below a third of the noise. u from the noise of the points, as fourth differences tell it: growing as 10^A where A is known. A baseline error common to the whole spectrum is not in u: measure a blank.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        trace, mirror = signal(case, findings)
        estimates, details = read(case, trace, findings)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    if mirror is not None:
        estimates.append(mirror)
    return Outcome(tuple(estimates), tuple(findings.warnings), curves=_curves(trace, details), details=details)


def _curves(trace: Trace, details: dict) -> dict:
    half = details["smoothing_nm"]
    enough = trace.absorbance >= LEAST_ABSORBANCE
    with np.errstate(invalid="ignore", divide="ignore"):
        g = np.where(enough, delta_absorbance(trace.theta) / trace.absorbance, np.nan)
        g_u = np.where(enough, delta_absorbance(np.sqrt(trace.variance)) / trace.absorbance, np.nan)
    return {
        "x_nm": trace.x,
        "theta_mdeg": trace.theta,
        "smooth_mdeg": smoothed(trace.x, trace.theta, half, DEGREE),
        "u_mdeg": np.sqrt(trace.variance),
        "absorbance": trace.absorbance,
        "g": g,
        "g_u": g_u,
    }


METHOD = Method(
    name="circular_dichroism",
    title=gettext_noop("Circular dichroism"),
    version=4,
    roles=(
        Role("cd", "spectrum", gettext_noop("CD spectrum"), techniques=("cd",)),
        Role("absorbance", "spectrum", gettext_noop("Its absorbance"), techniques=("uvvis", "cd"), minimum=0),
        Role("blank", "spectrum", gettext_noop("Racemate or free ligand"), techniques=("cd",), minimum=0),
        Role("mirror", "spectrum", gettext_noop("The other enantiomer"), techniques=("cd",), minimum=0),
        Role("mirror_absorbance", "spectrum", gettext_noop("Absorbance of the other enantiomer"), techniques=("uvvis", "cd"), minimum=0),
    ),
    parameters=(
        Parameter("window_min_nm", "number", None, gettext_noop("Window from"), "nm", minimum=100.0, maximum=5000.0),
        Parameter("window_max_nm", "number", None, gettext_noop("Window to"), "nm", minimum=100.0, maximum=5000.0),
        Parameter("smoothing_nm", "number", None, gettext_noop("Half width of the smoothing window"), "nm", minimum=0.5, maximum=100.0),
    ),
    quantities=(
        QuantityKind("cd_positive_mdeg", "mdeg", gettext_noop("Positive extremum"), "θ_+"),
        QuantityKind("cd_positive_nm", "nm", gettext_noop("Wavelength of the positive extremum"), "λ_+"),
        QuantityKind("cd_negative_mdeg", "mdeg", gettext_noop("Negative extremum"), "θ_−"),
        QuantityKind("cd_negative_nm", "nm", gettext_noop("Wavelength of the negative extremum"), "λ_−"),
        QuantityKind("cd_crossover_nm", "nm", gettext_noop("Crossover"), "λ_0"),
        QuantityKind("cd_splitting_nm", "nm", gettext_noop("Distance of the two extrema"), "Δλ"),
        QuantityKind("g_extremum", "1", gettext_noop("Dissymmetry at the stronger extremum"), "g"),
        QuantityKind("mirror_asymmetry", "1", gettext_noop("Half sum over half difference of D and L"), ""),
    ),
    run=run,
)  # fmt: skip
