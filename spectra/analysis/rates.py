"""Radiative and non-radiative rates from quantum yield and lifetime: method ``rates``.

Both numbers bring their budgets; what they share (a time base, a standard) stays shared, with its sign, in the rates.
"""

from collections.abc import Sequence
from math import exp

from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.method import Case, Component, Estimate, Method, Outcome, QuantityKind, Role
from spectra.analysis.uncertainty import combined, covariance, total
from spectra.notes import Note, gettext_noop

DARK_PARTICLES_BELOW = 0.5
NORMAL_95 = 1.959964  # half width of the central 95 % interval of a normal distribution [σ]
SKEWED = 0.1  # relative u from which an interval is given: a quotient is not normal then
NS = 1e-9


def rate_constants(phi: float, tau_ns: float) -> tuple[float, float]:
    """Split the decay rate into its radiative and non-radiative part.

    Parameters
    ----------
    phi : float
        Quantum yield [1].
    tau_ns : float
        Amplitude-averaged lifetime [ns].

    Returns
    -------
    k_r, k_nr : float
        Rate constants [1/s].

    Notes
    -----
    k_r = Φ/⟨τ⟩, k_nr = (1 − Φ)/⟨τ⟩; u(k_nr)/k_nr diverges as Φ → 1. Assumes one emitting population: particles that absorb and never emit lower Φ and
    leave τ alone, and then k_r comes out too small by their share.

    Examples
    --------
    >>> k_r, k_nr = rate_constants(0.956, 9.02)
    >>> f"{k_r:.3g} {k_nr:.3g}"
    '1.06e+08 4.88e+06'
    """
    rate = 1 / (tau_ns * NS)
    return phi * rate, (1 - phi) * rate


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Give the rates of n cases, each from one analysis ``plqy`` and one ``decay``.

    Notes
    -----
    k_r = Φ/⟨τ⟩ and k_nr = (1 − Φ)/⟨τ⟩ with the amplitude average, and the covariance of the two through everything that they
    share. k_nr is given as an upper limit where its 95 % interval reaches 0, and refused above Φ = 1. One emitting population is
    assumed: particles that never emit lower Φ and leave τ alone.
    """
    return [_outcome(case) for case in cases]


def _outcome(case: Case) -> Outcome:
    findings = Findings()
    try:
        phi = _upstream(case, "plqy", "plqy", gettext_noop("The quantum yield has no value; rates need one."), findings)
        tau = _upstream(
            case, "lifetime", "lifetime_ns", gettext_noop("There is no lifetime; rates need one."), findings
        )
        _check(phi, tau, findings)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    if phi.value < DARK_PARTICLES_BELOW:
        text = gettext_noop(
            "The quantum yield is {phi}: particles that never emit may lower it without changing the lifetime. Then "
            "k_r is too small by their share, and k_nr too large."
        )
        findings.warn("dark_particles", text, phi=shown(phi.value))
    if not phi.budget or not tau.budget:
        text = gettext_noop("Quantum yield or lifetime comes without an uncertainty; the rates have none.")
        findings.warn("no_uncertainty", text)
    k_r, k_nr = _estimates(phi, tau)
    return Outcome((k_r, k_nr), tuple(findings.warnings), details=_details(phi, tau, k_r, k_nr))


def _upstream(case: Case, role: str, quantity: str, missing: str, findings: Findings) -> Estimate:
    given = case.one(role)
    found = None if given is None else given.estimates.get(quantity)
    if found is None or found.value is None:
        findings.refuse(f"no_{role}", missing)
    return found


def _check(phi: Estimate, tau: Estimate, findings: Findings) -> None:
    if tau.value <= 0:
        findings.refuse("lifetime_not_positive", gettext_noop("The lifetime is not positive; there is no rate."))
    if phi.value <= 0:
        text = gettext_noop("The quantum yield is not positive ({phi}); there is no radiative rate.")
        findings.refuse("plqy_not_positive", text, phi=shown(phi.value))


def _estimates(phi: Estimate, tau: Estimate) -> tuple[Estimate, Estimate]:
    k_r, k_nr = rate_constants(phi.value, tau.value)
    k_r_budget, k_nr_budget = _budgets(phi, tau)
    u_relative = total(k_r_budget) / k_r
    bounds = [k_r * exp(side * NORMAL_95 * u_relative) if u_relative > SKEWED else None for side in (-1, 1)]
    return Estimate("k_r_per_s", k_r, "1/s", k_r_budget, *bounds), _non_radiative(phi, k_nr, k_nr_budget)


def _budgets(phi: Estimate, tau: Estimate) -> tuple[tuple[Component, ...], tuple[Component, ...]]:
    """Budgets of k_r and k_nr [1/s]; empty when one of the two numbers has none."""
    if not phi.budget or not tau.budget:
        return (), ()
    rate = 1 / (tau.value * NS)
    k_r = combined((phi.budget, rate), (tau.budget, -phi.value * rate / tau.value))
    k_nr = combined((phi.budget, -rate), (tau.budget, -(1 - phi.value) * rate / tau.value))
    return k_r, k_nr


def _non_radiative(phi: Estimate, k_nr: float, budget: tuple[Component, ...]) -> Estimate:
    """k_nr with its value; with an upper limit too when its 95 % interval reaches 0; absent above Φ = 1."""
    if phi.value > 1:
        text = gettext_noop("The quantum yield is above 1 ({phi}), so 1 − Φ is no rate. Check the yield first.")
        return Estimate("k_nr_per_s", None, "1/s", reason=Note("plqy_above_one", text, {"phi": shown(phi.value, 4)}))
    half_width = NORMAL_95 * total(budget)
    if not budget or k_nr - half_width > 0:
        return Estimate("k_nr_per_s", k_nr, "1/s", budget)
    text = gettext_noop("Not to be told from 0: the 95 % interval reaches it. Only the upper limit is certain.")
    reason = Note("k_nr_not_distinguishable_from_zero", text)
    return Estimate("k_nr_per_s", k_nr, "1/s", budget, lower=0.0, upper=k_nr + half_width, reason=reason)


def _details(phi: Estimate, tau: Estimate, k_r: Estimate, k_nr: Estimate) -> dict:
    """Correlation of the rates (near −1 when Φ is known worse than τ) and the whole interval of k_nr, also below 0."""
    details = {"plqy": phi.value, "lifetime_ns": tau.value}
    if k_nr.u:
        details["correlation_k_r_k_nr"] = round(covariance(k_r, k_nr) / (k_r.u * k_nr.u), 4)
        details["k_nr_interval_per_s"] = [k_nr.value + side * NORMAL_95 * k_nr.u for side in (-1, 1)]
    return details


METHOD = Method(
    name="rates",
    title=gettext_noop("Radiative and non-radiative rates"),
    version=1,
    roles=(
        Role("plqy", "analysis", gettext_noop("Quantum yield"), methods=("plqy",)),
        Role("lifetime", "analysis", gettext_noop("Lifetime"), methods=("decay",)),
    ),
    parameters=(),
    quantities=(
        QuantityKind("k_r_per_s", "1/s", gettext_noop("Radiative rate"), "k_r"),
        QuantityKind("k_nr_per_s", "1/s", gettext_noop("Non-radiative rate"), "k_nr"),
    ),
    run=run,
)
