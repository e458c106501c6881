"""Budgets: what two numbers share, and what is left of their uncertainty when one is compared with the other.

A component is one error: its ``source`` says which, its ``u`` is the signed contribution to the value. Components of
the same source are the same error and add with their signs; components of different sources are independent and add
in squares. Errors of one fit that are independent of each other therefore need sources of their own.
"""

from collections.abc import Iterable, Sequence
from math import sqrt

from spectra.analysis.method import Component, Estimate


def merged(components: Iterable[Component]) -> tuple[Component, ...]:
    """Add components of the same source with their signs, in order of first appearance.

    Do so before a budget goes into an :class:`Estimate`, whose ``u`` adds its components in squares.

    Parameters
    ----------
    components : iterable of Component

    Returns
    -------
    tuple of Component
        One per source, with the name of the first of them.

    Examples
    --------
    >>> merged([Component("slope", 0.5, "fit:1"), Component("Φ", 0.2, "std:7"), Component("slope", -0.25, "fit:1")])
    (Component(name='slope', u=0.25, source='fit:1'), Component(name='Φ', u=0.2, source='std:7'))
    """
    names: dict[str, str] = {}
    sums: dict[str, float] = {}
    for component in components:
        names.setdefault(component.source, component.name)
        sums[component.source] = sums.get(component.source, 0.0) + component.u
    return tuple(Component(names[source], float(u), source) for source, u in sums.items())


def scaled(components: Iterable[Component], factor: float) -> tuple[Component, ...]:
    """Multiply every contribution by ``factor``: the sensitivity of a derived number, sign included.

    Examples
    --------
    >>> scaled([Component("time scale", 0.009, "timebase:1")], -0.5)
    (Component(name='time scale', u=-0.0045, source='timebase:1'),)
    """
    return tuple(Component(c.name, float(c.u * factor), c.source) for c in components)


def combined(*terms: tuple[Sequence[Component], float]) -> tuple[Component, ...]:
    """Propagate budgets through a function: one ``(budget, sensitivity)`` per argument, same sources merged.

    Notes
    -----
    First-order propagation (GUM, JCGM 100:2008, 5.2): du_source = Σ ∂f/∂x_i · du_source(x_i). Not for functions that
    are curved within the uncertainty of their arguments; use Monte Carlo there.

    Examples
    --------
    k = Φ/τ at Φ = 0.5, τ = 10: ∂k/∂Φ = 0.1, ∂k/∂τ = −0.005.

    >>> phi, tau = [Component("reference yield", 0.02, "std:7")], [Component("counting", 0.2, "fit:1")]
    >>> [(c.source, round(c.u, 4)) for c in combined((phi, 0.1), (tau, -0.005))]
    [('std:7', 0.002), ('fit:1', -0.001)]
    """
    return merged(component for budget, factor in terms for component in scaled(budget, factor))


def total(components: Iterable[Component]) -> float:
    """Standard uncertainty (k = 1) of a budget: same sources added with sign, the rest in squares.

    Examples
    --------
    >>> total([Component("a", 3.0, "x"), Component("b", 4.0, "y")])
    5.0
    >>> total([Component("a", 3.0, "x"), Component("b", -3.0, "x")])
    0.0
    """
    return sqrt(sum(c.u**2 for c in merged(components)))


def covariance(a: Estimate, b: Estimate) -> float:
    """Covariance of two numbers [unit of a × unit of b]: the product of what each takes from every shared source.

    Examples
    --------
    >>> first = Estimate("plqy", 0.9, "1", (Component("Φ_ref", 0.03, "std:7"), Component("slope", 0.02, "fit:1")))
    >>> second = Estimate("plqy", 0.8, "1", (Component("Φ_ref", 0.02, "std:7"), Component("slope", 0.02, "fit:2")))
    >>> round(covariance(first, second), 6)
    0.0006
    """
    of_b = {c.source: c.u for c in merged(b.budget)}
    return sum(c.u * of_b.get(c.source, 0.0) for c in merged(a.budget))


def difference(a: Estimate, b: Estimate) -> tuple[float, float | None]:
    """Give a − b with its standard uncertainty, from which shared errors cancel as far as they agree.

    Two samples measured against one standard share its error: their difference is known better than either.

    Returns
    -------
    value : float
        a − b [the unit of both].
    u : float or None
        Standard uncertainty, k = 1; None when one of the two has no budget.

    Raises
    ------
    ValueError
        When one of the two has no value, or the units differ.

    Examples
    --------
    4.8 % each, of which 3.8 % are shared: u of the difference is 0.039, not 0.065 (at values near 0.95).

    >>> def phi(value, fit):
    ...     shared, own = 0.038 * value, (0.048**2 - 0.038**2) ** 0.5 * value
    ...     return Estimate("plqy", value, "1", (Component("Φ_ref", shared, "std:7"), Component("slope", own, fit)))
    >>> value, u = difference(phi(0.95, "fit:1"), phi(0.94, "fit:2"))
    >>> round(value, 3), round(u, 3)
    (0.01, 0.039)
    """
    if a.value is None or b.value is None:
        raise ValueError("a difference needs two values")
    if a.unit != b.unit:
        raise ValueError(f"{a.name} is in {a.unit or 'no unit'}, {b.name} in {b.unit or 'no unit'}")
    if not a.budget or not b.budget:
        return a.value - b.value, None
    return a.value - b.value, total(combined((a.budget, 1.0), (b.budget, -1.0)))
