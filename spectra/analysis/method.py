"""What a method promises: its roles, parameters and quantities, and how it answers.

A method is a plain function on values. It gets *n* cases at once (n = 1 included) and answers each by an Outcome:
quantities with uncertainty budgets and warnings, or a refusal with its reason. One bad case never stops the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, sqrt

from spectra.analysis.numbers_given import numbers_of, numbers_text
from spectra.analysis.ranges import ranges_of, ranges_text
from spectra.conditions import Conditions
from spectra.notes import Note


@dataclass(frozen=True)
class Role:
    """One kind of input.

    ``value`` is ``spectrum``, ``series`` (of spectra), ``decay``, ``sizes``, ``composition``, or ``analysis`` (an upstream
    method). Several kinds that a role takes are written with ``|``: ``spectrum|series``.
    """

    name: str
    value: str
    label: str
    techniques: tuple[str, ...] = ()  # which measurements may take it
    methods: tuple[str, ...] = ()  # for value == "analysis": which upstream methods
    minimum: int = 1
    maximum: int | None = 1
    paired_with: str = ""  # inputs of equal index in that role belong together

    def takes(self, kind: str) -> bool:
        """Whether an input of that kind fits the role."""
        return kind in self.value.split("|")


@dataclass(frozen=True)
class Parameter:
    """One setting. ``kind`` is ``number``, ``integer``, ``choice``, ``flag``, ``text``, ``ranges`` or ``numbers`` (``453!, 471``).

    The default None means *automatic*. ``later``: the method had results before it had this setting; at its default it
    stands in no digest, so that they stay current.
    """

    name: str
    kind: str
    default: object
    label: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    help: str = ""
    later: bool = False


@dataclass(frozen=True)
class QuantityKind:
    """One number that a method gives. ``unit`` is a UCUM code (``nm``, ``meV``, ``ns``, ``1/s``, ``1``)."""

    name: str
    unit: str
    label: str
    symbol: str = ""


@dataclass(frozen=True)
class Component:
    """One line of an uncertainty budget.

    ``u`` is its signed contribution to the value's standard uncertainty, in the value's unit (sensitivity × u of the
    source). Two quantities with a component of the same ``source`` share that error: it cancels in their difference
    as far as the signed contributions agree. ``source`` is e.g. ``fit:<input>``, ``standard:<id>``, ``balance:<id>``.
    """

    name: str
    u: float
    source: str


@dataclass(frozen=True)
class Estimate:
    """A number as it is shown: value ± u (k = 1), unit, budget; or no value and the reason why."""

    name: str
    value: float | None
    unit: str
    budget: tuple[Component, ...] = ()
    lower: float | None = None  # bounds of the 95 % interval, where the distribution is skewed or one-sided
    upper: float | None = None
    reason: Note | None = None  # why there is no value, or why only a limit is given

    def __post_init__(self):
        object.__setattr__(self, "budget", tuple(self.budget))
        for number in (self.value, self.lower, self.upper, *(c.u for c in self.budget)):
            if number is not None and not isfinite(number):
                raise ValueError(f"{self.name}: a quantity is finite or absent with a reason, not {number}")
        if self.value is None and self.reason is None:
            raise ValueError(f"{self.name}: an absent value needs its reason")

    @property
    def u(self) -> float | None:
        """Standard uncertainty (k = 1): the root of the sum of squares of the budget; None when there is no budget."""
        if self.value is None or not self.budget:
            return None
        return sqrt(sum(c.u**2 for c in self.budget))

    def as_json(self) -> dict:
        """All of it, for a file or a column; ``u`` is written too, for whoever reads it."""
        return {
            "name": self.name, "value": self.value, "u": self.u, "unit": self.unit,
            "lower": self.lower, "upper": self.upper,
            "budget": [{"name": c.name, "u": c.u, "source": c.source} for c in self.budget],
            "reason": self.reason.as_json() if self.reason else None,
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping) -> "Estimate":
        return cls(
            stored["name"],
            stored["value"],
            stored["unit"],
            tuple(Component(c["name"], c["u"], c["source"]) for c in stored["budget"]),
            stored["lower"],
            stored["upper"],
            Note.from_json(stored["reason"]) if stored["reason"] else None,
        )


@dataclass(frozen=True, eq=False)
class Input:
    """One value with its role. ``source`` identifies it in budgets; ``estimates`` are those of an upstream analysis."""

    role: str
    index: int
    source: str
    value: object = None  # Spectrum, Series, Decay, Sizes or AtomicFractions
    conditions: Conditions = field(default_factory=Conditions)
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)  # e.g. of the standard: phi, phi_u, gas, citation


@dataclass(frozen=True, eq=False)
class Case:
    """The inputs of one analysis and its complete parameters (defaults filled in)."""

    inputs: tuple[Input, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)

    def of(self, role: str) -> tuple[Input, ...]:
        """The inputs of a role, by index."""
        return tuple(sorted((i for i in self.inputs if i.role == role), key=lambda i: i.index))

    def one(self, role: str) -> Input | None:
        return next(iter(self.of(role)), None)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a method says of one case.

    ``refusal`` is None, or the reason why there is no number at all. ``overridable`` refusals may be overridden by a
    person (parameter ``override``: the refusal's code). ``curves`` holds what the plot needs: name → sequence of
    numbers (fit, residuals, regression points …). ``details`` holds JSON-able facts: parameters of the fit, their
    correlations, χ², windows.
    """

    estimates: tuple[Estimate, ...] = ()
    warnings: tuple[Note, ...] = ()
    refusal: Note | None = None
    overridable: bool = False
    curves: Mapping[str, object] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Method:
    """One row of METHODS. ``version`` is raised by hand whenever the method's numbers change."""

    name: str
    title: str
    version: int
    roles: tuple[Role, ...]
    parameters: tuple[Parameter, ...]
    quantities: tuple[QuantityKind, ...]
    run: Callable[[Sequence[Case]], list[Outcome]]

    @property
    def needed(self) -> tuple[Role, ...]:
        """The roles without which there is no number."""
        return tuple(role for role in self.roles if role.minimum)

    def complete(self, given: Mapping[str, object]) -> dict:
        """``given`` with the defaults filled in; raises ValueError that names an unknown or impossible parameter."""
        known = {p.name: p for p in self.parameters}
        for name in given:
            if name not in known:
                raise ValueError(f"{self.name} has no parameter {name!r}; it has {', '.join(known) or 'none'}")
        return {p.name: _checked(p, given[p.name]) if p.name in given else p.default for p in self.parameters}

    def deciding(self, given: Mapping[str, object]) -> dict:
        """As ``complete``, without settings that came later and stand at their default: what a digest is made of."""
        later = {p.name: p.default for p in self.parameters if p.later}
        complete = self.complete(given)
        return {name: value for name, value in complete.items() if name not in later or value != later[name]}


def _checked(parameter: Parameter, value):
    if value is None:
        return parameter.default
    if parameter.kind in ("number", "integer"):
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise ValueError(f"{parameter.name} must be a number, not {value!r}")
        if parameter.kind == "integer" and value != int(value):
            raise ValueError(f"{parameter.name} must be a whole number, not {value!r}")
        if parameter.minimum is not None and value < parameter.minimum:
            raise ValueError(f"{parameter.name} must be at least {parameter.minimum}, not {value!r}")
        if parameter.maximum is not None and value > parameter.maximum:
            raise ValueError(f"{parameter.name} must be at most {parameter.maximum}, not {value!r}")
        return int(value) if parameter.kind == "integer" else float(value)
    if parameter.kind == "flag" and not isinstance(value, bool):
        raise ValueError(f"{parameter.name} must be true or false, not {value!r}")
    if parameter.kind == "choice" and value not in parameter.choices:
        raise ValueError(f"{parameter.name} must be one of {', '.join(parameter.choices)}, not {value!r}")
    if parameter.kind in ("text", "ranges", "numbers") and not isinstance(value, str):
        raise ValueError(f"{parameter.name} must be text, not {value!r}")
    if parameter.kind == "ranges":
        return ranges_text(ranges_of(value))
    if parameter.kind == "numbers":
        return numbers_text(_between(parameter, numbers_of(value)))
    return value


def _between(parameter: Parameter, numbers):
    for one in numbers:
        if parameter.minimum is not None and one.value < parameter.minimum:
            raise ValueError(f"{parameter.name}: each must be at least {parameter.minimum}, not {one.value:g}")
        if parameter.maximum is not None and one.value > parameter.maximum:
            raise ValueError(f"{parameter.name}: each must be at most {parameter.maximum}, not {one.value:g}")
    return numbers
