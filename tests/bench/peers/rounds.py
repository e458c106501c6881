"""Rounds in which everybody takes a turn, so that a busy minute of the machine meets all alike; medians; exponents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import process_time

import numpy as np


@dataclass
class Contestant:
    """``run()`` does ``n`` items and gives their answers; ``reach`` is how many times faster QDLab wants to be.

    ``then`` is how many per second the contestant did on the machine on which that was set.
    """

    name: str
    n: int
    run: Callable[[], np.ndarray]
    reach: float | None = None
    accuracy: Callable[[np.ndarray], str] = lambda answers: ""
    then: float | None = None
    seconds: list[float] = field(default_factory=list)
    answers: np.ndarray | None = None

    @property
    def per_second(self) -> float:
        return self.n / median(self.seconds)


@dataclass(frozen=True)
class Heat:
    """One table: the first contestant is QDLab. ``sizes`` holds QDLab's own work at three sizes."""

    title: str
    accuracy_title: str
    contestants: Sequence[Contestant]
    sizes: Sequence[Contestant]
    remarks: Callable[[], Sequence[str]] = tuple


def run(heat: Heat, rounds: int) -> None:
    """Time every contestant once per round [s of the processor: other programs on the machine do not count]."""
    everybody = [*heat.contestants, *heat.sizes]
    for contestant in everybody:
        contestant.answers = contestant.run()  # caches and imports are warm before the clock starts
    for _ in range(rounds):
        for contestant in everybody:
            begin = process_time()
            contestant.run()
            contestant.seconds.append(process_time() - begin)


def exponent(sizes: Sequence[Contestant]) -> float:
    """Slope of ln seconds against ln n: 1 is linear.

    Examples
    --------
    >>> quick = [Contestant("", n, None, seconds=[n**1.5]) for n in (100, 400, 1600)]
    >>> round(exponent(quick), 3)
    1.5
    """
    return float(np.polyfit(np.log([s.n for s in sizes]), np.log([median(s.seconds) for s in sizes]), 1)[0])


def table(heat: Heat) -> str:
    """The heat in Markdown."""
    own, with_then = heat.contestants[0], any(one.then for one in heat.contestants)
    heads = ["per second", *["when the design was made"] * with_then, "QDLab is faster by", "asked for"]
    lines = [f"## {heat.title}", "", f"| | {' | '.join(heads)} | {heat.accuracy_title} |"]
    lines += ["| --- |" + " ---: |" * len(heads) + " --- |"]
    for one in heat.contestants:
        ratio = "" if one is own else f"{own.per_second / one.per_second:,.3g} ×"
        then = [f"{one.then:,.0f}" if one.then else ""] * with_then
        cells = [one.name, f"{one.per_second:,.0f}", *then, ratio, _asked(own, one)]
        lines.append(f"| {' | '.join(cells)} | {one.accuracy(one.answers)} |")
    speeds = ", ".join(f"{s.n:,}: {s.per_second:,.0f} per second" for s in heat.sizes)
    lines += ["", f"Three sizes: {speeds}. Time grows as n to the power {exponent(heat.sizes):.2f}."]
    return "\n".join([*lines, *_quicker_peers(own, heat.contestants), *heat.remarks(), ""])


def _asked(own: Contestant, one: Contestant) -> str:
    """How many times as fast QDLab is to be, and whether it is.

    Examples
    --------
    >>> own, peer = Contestant("", 60, None, seconds=[1.0]), Contestant("", 10, None, reach=5.0, seconds=[1.0])
    >>> _asked(own, peer)
    '5 ×, reached'
    """
    if one.reach is None:
        return ""
    reached = own.per_second >= one.reach * one.per_second
    return f"{one.reach:,.0f} ×, {'reached' if reached else 'not reached'}"


def _quicker_peers(own: Contestant, contestants: Sequence[Contestant]) -> list[str]:
    """A sentence on each peer that is not outrun as far as wished because it is itself quicker than when that was set."""
    lines = []
    for one in contestants:
        if one.reach is None or one.then is None or own.per_second >= one.reach * one.per_second:
            continue
        gained, against = one.per_second / one.then, own.per_second / one.then
        if gained > 1.2:
            lines += [
                "",
                f"Not reached: {one.name}. It does {one.per_second:,.0f} per second here instead of {one.then:,.0f}, {gained:,.1f} times "
                f"as many. Against its speed of then, QDLab would be {against:,.0f} times as fast.",
            ]
    return lines
