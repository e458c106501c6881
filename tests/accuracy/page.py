"""docs/accuracy.md: the tables as text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from tests.accuracy import certified, paper, peers
from tests.accuracy.coverage import SEED, Counted, Row
from tests.accuracy.scenes.scene import Scene


@dataclass(frozen=True)
class Run:
    """What the page says of how it was made."""

    cases: int
    seed: int
    machine: str


HEAD = """# Accuracy

Written by `make accuracy` (`ARGS="--cases 100"` for fewer cases, `ARGS="--seed 7"` for other ones); a broken run goes on where it
stopped. A small part of it runs with `make test`, all of it with `make test-long`, with other draws. This page:
seed {seed}, {machine}, {hours:.1f} hours of one processor.
{reached}

1. [Coverage](#coverage): how often value ± u holds the truth
2. [Certified data sets](#certified-data-sets-nist-strd)
3. [Other programs](#other-programs)
4. [Published numbers, recomputed](#published-numbers-recomputed)

## Coverage

Each row draws new measurements with a new truth, a new instrument (step, unit, background, kind of noise), new noise, and errors of the
instrument as large as the method's own parameters state them. The seed {first_seed} was in use while methods were still changed: another
one is the stricter test. Of a normal distribution 68.3 % lie within 1 u and 95.4 % within 2 u. ± is the binomial error of the share; bias
is the mean of (value − truth)/u; *far off* counts deviations beyond 4 u, and in brackets those that came with a warning. A share within 1
u marked * is not compatible with 65–71 % (at 95 %, so that one good row in twenty may be marked), one within 2 u marked * not with 95.4 %
(at 99 %: one in a hundred). *No number* counts cases that the method refused, with its reason.
"""


def text(run: Run, found: Sequence[tuple[Scene, Counted]]) -> str:
    hours = sum(counted.seconds for _, counted in found) / 3600
    head = HEAD.format(
        cases=run.cases, seed=run.seed, machine=run.machine, hours=hours, reached=_reached(run, found), first_seed=SEED
    )
    return "\n".join([head, _summary(found), coverage(found), *certified.text(), *peers.text(), *paper.text()]) + "\n"


def _reached(run: Run, found: Sequence[tuple[Scene, Counted]]) -> str:
    """How many cases the scenes reached, and how well a share of 68.3 % is known by so many."""
    cases = Counter(counted.cases for _, counted in found)
    each = [
        f"{n:,} in {scenes} scene{'s' if scenes > 1 else ''} (± {100 * sqrt(0.683 * 0.317 / n):.1f} %)"
        for n, scenes in sorted(cases.items(), reverse=True)
    ]
    ends = f"{min(cases):,} to {max(cases):,} cases of each scene were counted, up to {run.cases:,} were asked for"
    return f"{ends}: {', '.join(each)}."


def _summary(found: Iterable[tuple[Scene, Counted]]) -> str:
    rows = [(scene, row) for scene, counted in found for row in counted.rows.values() if row.n]
    off = [f"`{row.name}` ({scene.name}: {100 * row.within(1):.1f} %)" for scene, row in rows if not row.is_honest()]
    tails = [f"`{row.name}` ({scene.name}: {100 * row.within(2):.1f} %)" for scene, row in rows if not row.reaches_2u()]
    inside = sum(0.65 <= row.within(1) <= 0.71 for _, row in rows)
    return (
        f"Of {len(rows)} rows {inside} show 65–71 %, {len(rows) - len(off)} are compatible with it, {len(off)} are not"
        f"{': ' + '; '.join(off) if off else ''}. Within 2 u, {len(rows) - len(tails)} are compatible with 95.4 %, {len(tails)} are not"
        f"{': ' + '; '.join(tails) if tails else ''}.\n"
    )


def coverage(found: Iterable[tuple[Scene, Counted]]) -> str:
    lines = []
    for scene, counted in found:
        lines += ["", f"**`{scene.method}`, {scene.sample}**: {scene.settings}", ""]
        lines += [
            "| quantity | N | within 1 u | within 2 u | 95 % interval | bias / u | far off | median u | no number |"
        ]
        lines += ["| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
        lines += [_line(row) for row in counted.rows.values()]
        lines += [f"\n`{name}`: {why}" for name, why in (scene.limits or {}).items()]
    return "\n".join(lines)


def _line(row: Row) -> str:
    reasons = ", ".join(f"{n} {reason}" for reason, n in row.absent.most_common())
    if not row.n:
        return f"| `{row.name}` | 0 | | | | | | | {reasons} |"
    one, two = row.within(1), row.within(2)
    error = 100 * sqrt(max(one * (1 - one), 1e-9) / row.n)
    size = np.nanmedian(row.relative) if np.isfinite(row.relative).any() else float("nan")
    shown = f"{100 * size:.2g} %" if np.isfinite(size) else "–"
    star, tail = "" if row.is_honest() else " *", "" if row.reaches_2u() else " *"
    return (
        f"| `{row.name}` | {row.n} | {100 * one:.1f} ± {error:.1f} %{star} | {100 * two:.1f} %{tail} | {100 * np.mean(row.in_95):.1f} % "
        f"| {row.bias:+.2f} | {row.far_off} ({row.warned_far_off}) | {shown} | {reasons or '–'} |"
    )
