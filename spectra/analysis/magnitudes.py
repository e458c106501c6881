"""Numbers that no instrument gives: refused in words before a method squares them into infinity."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps

import numpy as np

from spectra.analysis.method import Case, Outcome
from spectra.atomic_fractions import AtomicFractions
from spectra.decay import Decay
from spectra.notes import Note, gettext_noop
from spectra.sizes import Sizes
from spectra.spectrum import Series, Spectrum

LARGEST, SMALLEST = 1e60, 1e-60  # their squares, and sums and products of those, are still numbers
MOST_COUNTS = 1e15  # a float holds every whole number up to there
LARGEST_NM, SMALLEST_NM = 1e9, 1e-3  # of a particle

Run = Callable[[Sequence[Case]], list[Outcome]]


def guarded(run: Run) -> Run:
    """``run`` that never sees a case with values beyond what any instrument gives; such a case is refused.

    Zero, gaps and negative values are the methods' own business.
    """

    @wraps(run)
    def only_possible(cases: Sequence[Case]) -> list[Outcome]:
        impossible = {i: refusal for i, case in enumerate(cases) if (refusal := _refusal(case))}
        answers = iter(run([case for i, case in enumerate(cases) if i not in impossible]))
        return [impossible.get(i) or next(answers) for i in range(len(cases))]

    return only_possible


def _refusal(case: Case) -> Outcome | None:
    for given in case.inputs:
        for values, least, most in _numbers(given.value):
            largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
            if largest > most:
                return Outcome(refusal=Note("too_large", _TOO_LARGE, {"value": f"{largest:.0e}"}))
            if 0.0 < largest < least:
                return Outcome(refusal=Note("too_small", _TOO_SMALL, {"value": f"{largest:.0e}"}))
    return None


def _numbers(value) -> Iterator[tuple[np.ndarray, float, float]]:
    """Every array that a value holds, and between what its largest number must lie."""
    if isinstance(value, Series):
        yield value.z, SMALLEST, LARGEST
        for spectrum in value.spectra:
            yield from _numbers(spectrum)
    elif isinstance(value, Spectrum):
        yield value.x, SMALLEST, LARGEST
        for channel in value.channels:
            yield channel.values, SMALLEST, LARGEST
    elif isinstance(value, Decay):
        yield np.array([value.bin_ns]), SMALLEST, LARGEST
        yield value.counts, SMALLEST, MOST_COUNTS
        if value.irf_counts is not None:
            yield value.irf_counts, SMALLEST, MOST_COUNTS
    elif isinstance(value, Sizes):
        yield value.values_nm, SMALLEST_NM, LARGEST_NM
    elif isinstance(value, AtomicFractions):
        yield np.array([one.percent_u for one in value.fractions if one.percent_u is not None]), 0.0, LARGEST


_TOO_LARGE = gettext_noop(
    "The data hold a value of {value}, which no instrument measures: a mark of over-range, or a wrong column. "
    "Leave such points out of the file, or read it with other columns."
)
_TOO_SMALL = gettext_noop(
    "No value of a column exceeds {value}, which is less than any instrument resolves: probably a wrong column or unit."
)
