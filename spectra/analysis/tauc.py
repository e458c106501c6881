"""Method ``tauc``: intercept of the absorption edge after Tauc, and the Urbach energy of its tail.

The straight line is drawn by choice of window, and the choice moves the intercept by more than its fit's error; therefore all
acceptable windows are tried, and their spread is part of u. Where an exciton shows, the line runs through a peak's flank: the
number is then called a Tauc intercept and no gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectra.analysis.absorbance_input import read_absorption
from spectra.analysis.exclusions import exclude_parameter
from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.method import Case, Component, Estimate, Method, Outcome, Parameter, QuantityKind, Role
from spectra.analysis.noise import variance_without_model
from spectra.analysis.raw_band import bumps, smoothed
from spectra.notes import Note, gettext_noop
from spectra.spectrum import HC_EV_NM

EXPONENTS = {gettext_noop("direct"): 2.0, gettext_noop("indirect"): 0.5}
LEAST_POINTS, WIDTHS = 6, 9
LOOK = 11  # points of the running mean by which the ends of the tail are chosen
LEAST_LENGTHS, LEAST_KNOWN = 1.0, 0.2  # a tail shorter than its own length, or known to no more than 20 %, is none
SAFE = 0.5  # of the absorbance below which no bend can be seen
BEND_SEEN = 2.0  # u of the curvature beyond which a tail is no exponential
STRAIGHT = 0.995  # R² of a window that is straight enough
BENT = 2.0  # standard deviations of χ²ᵣ above the best: a window that bends more tells nothing where others do not
CHANCE = 3.0  # times what noise explains: few windows share no points, and twice as much comes by chance
STEEP = 0.6  # of the steepest straight window: the edge, not its foot or its top
TAIL = (0.02, 0.3)  # Urbach: between these parts of the absorbance at the edge
EARLIER, EARLIER_EV = 0.1, 0.15  # absorption of more than this part of the line's top, so far below its foot [eV]
OFFSET = 0.05  # level beyond the tail, as part of the lowest absorbance used, that spoils an Urbach energy


@dataclass(frozen=True, eq=False)
class Line:
    """A straight window: energies [eV], intercept with zero [eV], its u, slope, R² and χ²ᵣ.

    ``start`` is the index of its first point; the intercept moves by ``pull`` (k,) standard deviations' worth of each point [eV].
    """

    first_ev: float
    last_ev: float
    intercept_ev: float
    u_ev: float
    slope: float
    r2: float
    chi2: float
    start: int
    pull: np.ndarray


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Find the Tauc intercept and the Urbach energy of n absorption spectra.

    Parameters
    ----------
    cases : sequence of Case
        Role ``absorbance``.

    Returns
    -------
    list of Outcome
        ``tauc_intercept_ev`` and ``urbach_energy_mev``.

    Notes
    -----
    (A hν)^n against hν, n = 2 for direct and ½ for indirect allowed transitions; A stands for α, whose factor cancels in the
    intercept. Without a given window: every window of 4…30 % of the spectrum that is straight (R² ≥ 0.995), below which nothing
    absorbs (the lowest edge), and at least 0.6 as steep as the steepest; the straightest of the steep ones is reported; how far the others lie from it, weighted by how well each is known, is a
    component of u where it is more than noise explains. Urbach: an exponential through A where it is between 2 and 30 % of its value at
    the edge, and less far up where it bends; refused when an offset or
    scattered light reaches that tail. Not for powders in reflectance, and not for spectra with a strong background.

    References
    ----------
    J. Tauc, R. Grigorovici, A. Vancu, Phys. Status Solidi 15 (1966) 627, doi:10.1002/pssb.19660150224;
    F. Urbach, Phys. Rev. 92 (1953) 1324, doi:10.1103/PhysRev.92.1324
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        given = case.one("absorbance")
        absorption = read_absorption(given, (None, None), findings, case.parameters.get("exclude"))
        energy, absorbance = HC_EV_NM / absorption.x[::-1], absorption.y[::-1]
        # A grid even in wavelength is not even in energy; noise is judged on it as measured.
        variance = variance_without_model(absorbance[None] + 0.0)[0]
        exponent = EXPONENTS[case.parameters["transition"]]
        lines = _lines(energy, absorbance, variance, exponent, case, findings)
        chosen, spread = _choice(lines)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    _warn_of_earlier_absorption(energy, absorbance, variance, chosen, findings)
    _warn_of_exciton(absorption.x, absorption.y, chosen, findings)
    source = given.source
    intercept = Estimate(
        "tauc_intercept_ev", chosen.intercept_ev, "eV",
        (
            Component(gettext_noop("noise"), chosen.u_ev, f"tauc:{source}"),
            Component(gettext_noop("choice of the window"), spread, f"tauc-window:{source}"),
        ),
    )  # fmt: skip
    urbach, tail = _urbach(energy, absorbance, variance, chosen, source)
    curves = {
        "energy_ev": energy, "tauc": _tauc(energy, absorbance, exponent), "line_ev": [chosen.intercept_ev, chosen.last_ev],
        "line": [0.0, chosen.slope * (chosen.last_ev - chosen.intercept_ev)], "absorbance": absorbance,
    }  # fmt: skip
    details = {
        "window_ev": [round(chosen.first_ev, 4), round(chosen.last_ev, 4)], "r2": round(chosen.r2, 6), "windows_tried": len(lines),
        "spread_over_windows_ev": round(spread, 5), "exponent": exponent, "urbach_window_ev": tail,
    }  # fmt: skip
    return Outcome((intercept, urbach), tuple(findings.warnings), curves=curves, details=details)


def _tauc(energy, absorbance, exponent: float):
    return np.maximum(absorbance * energy, 0.0) ** exponent


# --- The line ---------------------------------------------------------------------------------------------------------


def _lines(energy, absorbance, variance, exponent: float, case: Case, findings: Findings) -> list[Line]:
    first, last = case.parameters["window_min_ev"], case.parameters["window_max_ev"]
    if first is not None and last is not None:
        inside = np.flatnonzero((energy >= first) & (energy <= last))
        if inside.size < LEAST_POINTS:
            text = gettext_noop("The window from {first} to {last} eV holds {n} points; at least {least} are needed.")
            findings.refuse(
                "few_points_in_window", text, first=first, last=last, n=int(inside.size), least=LEAST_POINTS
            )
        line = _line(energy, absorbance, variance, exponent, int(inside[0]), int(inside[-1]) + 1)
        if line is None:
            findings.refuse(
                "not_rising", gettext_noop("Absorption does not rise with energy in that window: there is no edge.")
            )
        if line.r2 < STRAIGHT:
            findings.warn(
                "not_straight",
                gettext_noop("The curve is not straight in the given window (R² {r2})."),
                r2=shown(line.r2, 4),
            )
        return [line]
    straight = _straight(energy, absorbance, variance, exponent)
    if not straight:
        text = gettext_noop(
            "No part of the edge is straight in this plot. Give a window, or another kind of transition."
        )
        findings.refuse("no_straight_part", text)
    # A second edge may be the steeper one; the sample's own is the lowest, below which nothing absorbs.
    lowest = [line for line in straight if not _absorbs_below(energy, absorbance, variance, line)]
    straight = lowest or straight
    steepest = max(line.slope for line in straight)
    return [line for line in straight if line.slope >= STEEP * steepest]


def _straight(energy, absorbance, variance, exponent: float) -> list[Line]:
    """All windows that are straight and rise out of the noise, of several lengths at every place."""
    n, found = energy.size, []
    for share in np.linspace(0.04, 0.3, WIDTHS):
        length = max(LEAST_POINTS, round(share * n))
        for start in range(0, n - length + 1, max(1, length // 6)):
            line = _line(energy, absorbance, variance, exponent, start, start + length)
            if line and line.r2 >= STRAIGHT and line.u_ev < 0.2 * (line.last_ev - line.intercept_ev):
                found.append(line)
    return found


def _line(energy, absorbance, variance, exponent: float, start: int, stop: int) -> Line | None:
    e, noise = energy[start:stop], np.sqrt(variance[start:stop])
    y = _tauc(e, absorbance[start:stop], exponent)
    # dy = n (AE)^(n−1) E dA; where A is within its noise, the noise stands in for it.
    spread = exponent * _tauc(e, np.maximum(absorbance[start:stop], noise), exponent - 1.0) * e * noise
    weight = 1.0 / np.maximum(spread, 1e-3 * spread.max() + 1e-300)
    middle = e.mean()
    design = np.stack([np.ones_like(e), e - middle], axis=1) * weight[:, None]
    covariance = np.linalg.inv(design.T @ design)
    offset, slope = covariance @ design.T @ (y * weight)
    if slope <= 0:
        return None
    left = y - offset - slope * (e - middle)
    chi2 = float(((left * weight) ** 2).sum() / max(e.size - 2, 1))
    intercept = middle - offset / slope
    if not (e[0] - 3.0 * np.ptp(e) < intercept < e[-1]):
        return None
    gradient = np.array([-1.0 / slope, offset / slope**2])
    pull = gradient @ covariance @ design.T
    u = float(np.sqrt(pull @ pull * max(chi2, 1.0)))
    r2 = float(1.0 - left.var() / y.var())
    return Line(float(e[0]), float(e[-1]), float(intercept), u, float(slope), r2, chi2, start, pull)


def _common(one: Line, other: Line) -> float:
    """Covariance [eV²] of the intercepts of two windows: points that lie in both move both."""
    first, last = max(one.start, other.start), min(one.start + one.pull.size, other.start + other.pull.size)
    if first >= last:
        return 0.0
    return float(one.pull[first - one.start : last - one.start] @ other.pull[first - other.start : last - other.start])


def _choice(lines: Sequence[Line]) -> tuple[Line, float]:
    """The straightest line, and the spread of the intercept over all beyond what their noise explains.

    A window counts by the inverse of its variance: one whose line is badly known says little about where the edge is. What two
    windows differ by through their noise alone follows from the points that they do not share.
    """
    best = max(min(line.chi2 for line in lines), 1.0)
    lines = [line for line in lines if line.chi2 <= best * (1.0 + BENT * np.sqrt(2.0 / max(line.pull.size - 2, 1)))]
    chosen = max(lines, key=lambda line: line.r2)
    variance = np.array([max(float(line.pull @ line.pull), 1e-18) for line in lines])
    apart = np.array([line.intercept_ev - chosen.intercept_ev for line in lines]) ** 2
    by_noise = variance + float(chosen.pull @ chosen.pull) - 2.0 * np.array([_common(line, chosen) for line in lines])
    seen, expected = (float(np.average(one, weights=1.0 / variance)) for one in (apart, by_noise))
    return chosen, float(np.sqrt(seen - expected)) if seen > CHANCE * expected else 0.0


def _absorbs_below(energy, absorbance, variance, line: Line) -> bool:
    """Whether light is absorbed before the line begins: it lies on a second, higher edge then."""
    n = int(np.searchsorted(energy, line.intercept_ev - EARLIER_EV))
    if n < LEAST_POINTS:
        return False
    top = float(np.interp(line.last_ev, energy, absorbance))
    level = float(np.median(absorbance[: max(3, n // 4)]))
    before = absorbance[:n] - level
    return bool((before > np.maximum(EARLIER * (top - level), 5.0 * np.sqrt(variance[:n]))).any())


def _warn_of_earlier_absorption(energy, absorbance, variance, chosen: Line, findings: Findings) -> None:
    if _absorbs_below(energy, absorbance, variance, chosen):
        text = gettext_noop(
            "The sample absorbs already below this line: it lies on a higher edge. Give the window of the edge that you mean."
        )
        findings.warn("absorbs_below", text)


def _warn_of_exciton(wavelength_nm, absorbance, chosen: Line, findings: Findings) -> None:
    """A maximum next to the edge is an exciton, and the line its flank."""
    low, high = HC_EV_NM / (chosen.last_ev + 0.35), HC_EV_NM / max(chosen.intercept_ev - 0.5, 0.1)
    near = (wavelength_nm >= low) & (wavelength_nm <= high)
    if near.sum() < 9:
        return
    inside = bumps(wavelength_nm[near], absorbance[near])
    edge = wavelength_nm[near][0] + 2.0
    if any(bump.x > edge for bump in inside):
        text = gettext_noop("An excitonic maximum stands at the edge: this is a Tauc intercept, not a gap.")
        findings.warn("excitonic", text)


# --- The tail ---------------------------------------------------------------------------------------------------------


def _urbach(energy, absorbance, variance, chosen: Line, source: str) -> tuple[Estimate, list[float] | None]:
    name = "urbach_energy_mev"
    at_edge = float(np.interp(chosen.intercept_ev + 0.25 * (chosen.last_ev - chosen.intercept_ev), energy, absorbance))
    noise = float(np.sqrt(np.median(variance)))
    low, high = max(TAIL[0] * at_edge, 5.0 * noise), TAIL[1] * at_edge
    # Ends chosen by single points would be chosen by their noise, and the tail begin with points that it has raised.
    look = smoothed(absorbance, LOOK)
    before = np.flatnonzero((look >= high) | (energy > chosen.last_ev))
    stop = int(before[0]) if before.size else 0
    inside = np.flatnonzero(look[:stop] < low)
    start = int(inside[-1]) + 1 if inside.size else 0
    if stop - start < LEAST_POINTS or start < 3:
        text = gettext_noop("The tail of the edge holds too few points above the noise for an Urbach energy.")
        return Estimate(name, None, "meV", reason=Note("no_tail", text)), None
    beyond = float(np.median(absorbance[: max(3, start // 2)]))
    if abs(beyond) > OFFSET * low + 3.0 * noise / np.sqrt(max(3, start // 2)):
        text = gettext_noop(
            "An absorbance of {level} is left beyond the edge (offset or scattering): it reaches the tail."
        )
        return Estimate(name, None, "meV", reason=Note("tail_not_clean", text, {"level": shown(beyond, 2)})), None
    tail = _exponential(energy, absorbance, variance, start, stop)
    if tail is None:
        return Estimate(
            name,
            None,
            "meV",
            reason=Note("no_tail", gettext_noop("The tail is too short or too noisy for an Urbach energy.")),
        ), None
    budget = (
        Component(gettext_noop("noise"), 1e3 * tail.u_ev, f"urbach:{source}"),
        Component(gettext_noop("choice of the window"), 1e3 * tail.spread_ev, f"urbach-window:{source}"),
    )
    return Estimate(name, 1e3 * tail.length_ev, "meV", budget), [round(tail.first_ev, 4), round(tail.last_ev, 4)]


@dataclass(frozen=True)
class Tail:
    """An exponential: its length [eV] with u by noise and by the window, and the energies [eV] between which it was fitted."""

    length_ev: float
    u_ev: float
    spread_ev: float
    first_ev: float
    last_ev: float


def _exponential(energy, absorbance, variance, start: int, stop: int) -> Tail | None:
    """The exponential of a tail, up to half the absorbance at which no bend can be seen; None where that is no tail.

    Where the tail goes over into the edge no threshold knows: from the top down, the window is the first in whose logarithm a
    parabola is no better than a line. A bend begins before it can be seen, hence the half.
    """
    straight = stop
    while straight - start >= LEAST_POINTS and _bends(energy, absorbance, variance, start, straight):
        straight = _below(absorbance, start, straight, 0.8)
    straight = _below(absorbance, start, straight, SAFE)
    found = _length(energy, absorbance, variance, start, straight)
    if found is None or np.ptp(energy[start:straight]) < LEAST_LENGTHS * found[0] or found[1] > LEAST_KNOWN * found[0]:
        return None
    lower = _length(energy, absorbance, variance, start, _below(absorbance, start, straight, 0.5))
    spread = 0.0
    if (
        lower is not None
    ):  # its points are among the others: what noise makes of the difference is that of the others alone
        by_noise, apart = max(lower[1] ** 2 - found[1] ** 2, 0.0), (lower[0] - found[0]) ** 2
        spread = float(np.sqrt(apart - by_noise)) if apart > CHANCE * by_noise else 0.0
    return Tail(*found, spread, float(energy[start]), float(energy[straight - 1]))


def _length(energy, absorbance, variance, start: int, stop: int) -> tuple[float, float] | None:
    """Length [eV] of the exponential and its u."""
    if stop - start < LEAST_POINTS:
        return None
    e = energy[start:stop]
    c, covariance, chi2 = _log_polynomial(e, absorbance[start:stop], variance[start:stop], 1)
    if c[1] <= 0:
        return None
    length = 0.5 * float(np.ptp(e)) / float(c[1])
    return length, length * float(np.sqrt(covariance[1, 1] * max(chi2, 1.0)) / c[1])


def _below(absorbance, start: int, stop: int, part: float) -> int:
    """Index up to which the tail stays below a part of its absorbance at ``stop``; at least one less."""
    top = float(np.median(absorbance[max(stop - 3, start) : stop]))
    above = np.flatnonzero(absorbance[start:stop] > part * top)
    return min(start + int(above[0]), stop - 1) if above.size else stop - 1


def _bends(energy, absorbance, variance, start: int, stop: int) -> bool:
    inside = slice(start, stop)
    c, covariance, _ = _log_polynomial(energy[inside], absorbance[inside], variance[inside], 2)
    return bool(abs(c[2]) > BEND_SEEN * np.sqrt(covariance[2, 2]))


def _log_polynomial(e, a, variance, degree: int):
    """a = exp(polynomial), by weighted least squares of a itself: its logarithm would favour what noise has raised.

    Coefficients in units of half the range of e, their covariance, and χ²ᵣ.
    """
    t = (e - e.mean()) / (0.5 * np.ptp(e))
    powers = t[:, None] ** np.arange(degree + 1)
    root = 1.0 / np.sqrt(variance)
    positive = np.maximum(a, 1e-3 * a.max())
    first = powers * (positive * root)[:, None]
    c = np.linalg.lstsq(first, np.log(positive) * positive * root, rcond=None)[0]
    for _ in range(20):
        curve = np.exp(np.clip(powers @ c, -50.0, 20.0))
        columns = powers * (curve * root)[:, None]
        step = np.linalg.lstsq(columns, (a - curve) * root, rcond=None)[0]
        c = c + step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < 1e-9:
            break
    covariance = np.linalg.pinv(columns.T @ columns)
    chi2 = float((((a - curve) * root) ** 2).sum() / max(e.size - degree - 1, 1))
    return c, covariance, chi2


METHOD = Method(
    name="tauc",
    title=gettext_noop("Tauc intercept"),
    version=4,
    roles=(Role("absorbance", "spectrum", gettext_noop("Absorption spectrum"), techniques=("uvvis",)),),
    parameters=(
        Parameter("transition", "choice", "direct", gettext_noop("Transition"), choices=tuple(EXPONENTS)),
        Parameter("window_min_ev", "number", None, gettext_noop("Straight part from"), "eV", minimum=0.05, maximum=20.0),
        Parameter("window_max_ev", "number", None, gettext_noop("Straight part to"), "eV", minimum=0.05, maximum=20.0),
        exclude_parameter("nm"),
    ),
    quantities=(
        QuantityKind("tauc_intercept_ev", "eV", gettext_noop("Tauc intercept"), "E_T"),
        QuantityKind("urbach_energy_mev", "meV", gettext_noop("Urbach energy"), "E_U"),
    ),
    run=run,
)  # fmt: skip
