"""A relative yield against several standards: one evaluation each, then their mean by what they do not share.

Standards that were measured in different sessions share the sample's line, the instrument's correction and perhaps Φ_ref; what
each adds of its own weighs them. Where they disagree beyond that, one of them is wrong, and nothing in the data says which: the
mean stands, with their scatter in its budget, and it is said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from spectra.analysis.findings import Refused, shown
from spectra.analysis.method import Case, Component, Estimate, Input, Outcome
from spectra.analysis.uncertainty import combined, difference
from spectra.notes import Note, gettext_noop

DISAGREE = 2.0  # standard uncertainties of the difference of two standards


@dataclass(frozen=True, eq=False)
class Against:
    """What one standard says: its name and its outcome."""

    name: str
    outcome: Outcome

    @property
    def phi(self) -> Estimate:
        return self.outcome.estimates[0]


def session_of(given: Input) -> str:
    """The standard session that an input belongs to; the standard where it has none; empty where neither is known."""
    return str(given.facts.get("session_id") or given.facts.get("standard_id") or "")


def cases_by_standard(case: Case) -> list[Case]:
    """One case per standard session, each with the sample's inputs, its own standard's, and the blanks that are not another's."""
    sessions: dict[int, str] = {}  # of each dilution, by its index: emission and absorbance belong together
    for given in case.inputs:
        if given.role.startswith("standard_"):
            sessions[given.index] = sessions.get(given.index) or session_of(given)
    known = list(dict.fromkeys(filter(None, sessions.values())))
    if len(known) < 2:
        return [case]
    return [replace(case, inputs=tuple(i for i in case.inputs if _belongs(i, session, sessions))) for session in known]


def _belongs(given: Input, session: str, sessions: Mapping[int, str]) -> bool:
    if given.role.startswith("standard_"):
        return sessions[given.index] == session
    own = session_of(given)
    return given.role != "blank" or own == session or own not in sessions.values()


def evaluated(cases: Sequence[Case], evaluate: Callable[[Case], Outcome]) -> Outcome:
    """The mean over several standards; a standard that is refused is left out and named.

    Raises
    ------
    Refused
        With the reason of the first, when none of them can be used.
    """
    if len(cases) == 1:
        return evaluate(cases[0])
    found, refused = [], []
    for case in cases:
        name = _name(case)
        try:
            found.append(Against(name, evaluate(case)))
        except Refused as problem:
            refused.append((name, problem))
    if not found:
        raise refused[0][1]
    left_out = [Note("standard_left_out", _LEFT_OUT, {"name": name, "why": str(r.note)}) for name, r in refused]
    if len(found) == 1:
        only = found[0].outcome
        return replace(only, warnings=(*left_out, *only.warnings))
    return _mean(found, left_out)


def _name(case: Case) -> str:
    facts = next(i.facts for i in case.inputs if i.role.startswith("standard_"))
    compound = str(facts.get("compound") or "?")
    return f"{compound} ({facts['session_name']})" if facts.get("session_name") else compound


def _mean(found: Sequence[Against], left_out: list[Note]) -> Outcome:
    weights = _weights(found)
    phi = float(sum(w * one.phi.value for w, one in zip(weights, found, strict=True)))
    budget = combined(*((one.phi.budget, w) for w, one in zip(weights, found, strict=True)))
    spread, notes = _spread(found, weights), _disagreements(found)
    if spread:
        sources = "+".join(one.name for one in found)
        budget = (*budget, Component(gettext_noop("disagreement of the standards"), spread, f"standards:{sources}"))
    estimate = Estimate("plqy", phi, "1", budget, *_interval(found, weights, phi, budget))
    first = found[0].outcome
    warnings = _once((*left_out, *notes, *(note for one in found for note in one.outcome.warnings)))
    return replace(
        first, estimates=(estimate,), warnings=warnings, curves=_curves(found), details=_details(first.details, estimate, found, weights)
    )  # fmt: skip


def _once(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Each sentence once: what is said of the sample is found with every standard."""
    kept: list[Note] = []
    for note in notes:
        if note not in kept:
            kept.append(note)
    return tuple(kept)


def _own_variances(found: Sequence[Against]) -> np.ndarray:
    """Of each standard, what it does not share with all of the others (k,)."""
    shared = set.intersection(*({c.source for c in one.phi.budget} for one in found))
    own = np.array([sum(c.u**2 for c in one.phi.budget if c.source not in shared) for one in found])
    return np.maximum(own, 1e-6 * own.max() + 1e-18)


def _weights(found: Sequence[Against]) -> np.ndarray:
    weight = 1.0 / _own_variances(found)
    return weight / weight.sum()


def _spread(found: Sequence[Against], weights: np.ndarray) -> float:
    """Standard uncertainty of the mean by the scatter of the standards beyond their own errors; 0 where there is none.

    Notes
    -----
    DerSimonian and Laird, doi:10.1016/0197-2456(86)90046-2: τ² = (Q − (k − 1))/(S₁ − S₂/S₁) with weights 1/u² of the own
    errors; u = τ √Σw².
    """
    inverse = 1.0 / _own_variances(found)
    values = np.array([one.phi.value for one in found])
    q = float((inverse * (values - weights @ values) ** 2).sum())
    scale = float(inverse.sum() - (inverse**2).sum() / inverse.sum())
    return sqrt(max(0.0, (q - (len(found) - 1)) / scale) * float((weights**2).sum()))


def _disagreements(found: Sequence[Against]) -> list[Note]:
    notes = []
    for i, first in enumerate(found):
        for second in found[i + 1 :]:
            apart, u = difference(first.phi, second.phi)
            if u and abs(apart) > DISAGREE * u:
                values = {
                    "first": first.name, "second": second.name, "a": shown(first.phi.value), "b": shown(second.phi.value),
                    "times": shown(abs(apart) / u, 2),
                }  # fmt: skip
                notes.append(Note("standards_disagree", _DISAGREE, values))
    return notes


def _interval(found: Sequence[Against], weights, phi: float, budget) -> tuple[float, float]:
    """95 %, as skewed as those of the single standards are."""
    u = sqrt(sum(c.u**2 for c in budget))
    arms = [
        sum(
            w * sign * (getattr(one.phi, end) - one.phi.value) / one.phi.u
            for w, one in zip(weights, found, strict=True)
        )
        for sign, end in ((-1, "lower"), (1, "upper"))
    ]
    return phi - float(arms[0]) * u, phi + float(arms[1]) * u


def _curves(found: Sequence[Against]) -> dict:
    """The sample once, and the standards as ``standard``, ``standard_2`` …"""
    curves = dict(found[0].outcome.curves)
    for number, one in enumerate(found[1:], start=2):
        of_standard = {k: v for k, v in one.outcome.curves.items() if k.startswith("standard_")}
        curves |= {k.replace("standard_", f"standard_{number}_", 1): v for k, v in of_standard.items()}
    return curves


def _details(first: Mapping, estimate: Estimate, found: Sequence[Against], weights) -> dict:
    each = [
        {
            "name": one.name, "phi": one.phi.value, "u": one.phi.u, "weight": float(w), "line": one.outcome.details["lines"]["standard"],
            "standard": one.outcome.details["standard"], "series": one.outcome.details["series"]["standard"],
            "n_standard": one.outcome.details["refractive_indices"]["standard"],
        }
        for w, one in zip(weights, found, strict=True)
    ]  # fmt: skip
    budget = [{"name": c.name, "percent": 100 * c.u / estimate.value, "source": c.source} for c in estimate.budget]
    simulated = first["monte_carlo"] | {
        "mean": estimate.value,
        "u": estimate.u,
        "lower": estimate.lower,
        "upper": estimate.upper,
    }
    return dict(first) | {
        "phi": estimate.value, "u": estimate.u, "budget": budget, "monte_carlo": simulated, "standards": each,
        "left_out": _left_out(found),
    }  # fmt: skip


def _left_out(found: Sequence[Against]) -> list[dict]:
    """The dilutions left out: those of the sample once, those of each standard with its name."""
    told: list[dict] = []
    for one in found:
        for dilution in one.outcome.details["left_out"]:
            named = dilution | {"name": one.name} if dilution["which"] == "standard" else dilution
            if named not in told:
                told.append(named)
    return told


_LEFT_OUT = gettext_noop("The standard {name} was left out: {why}")
_DISAGREE = gettext_noop(
    "The standards disagree: against {first} Φ is {a}, against {second} {b}, {times} standard uncertainties of what they do not "
    "share apart. Their scatter is in the budget. Look at the gas, the concentration and the age of both."
)
