"""What a curve itself shows, whatever its name says."""

import numpy as np

from spectra.decay import Decay
from spectra.notes import Note, gettext_noop

WIDEST_NS = 1.5  # pulsed diodes and usual detectors stay below 1 ns
MOST_ASYMMETRY = 5.0  # a decay falls many times slower than it rises
MOST_TAIL = 0.03  # share of the counts later than five widths after the peak
FEWEST_COUNTS = 100.0

NARROW = gettext_noop("a pulse of {width_ns} ns that falls as steeply as it rises: an instrument response")


def instrument_response(decay: Decay) -> Note | None:
    """Why this histogram looks like an instrument response (IRF) and not like a decay; None when it does not.

    Its width at half maximum is below 1.5 ns, it falls from 90 % to 10 % within five times its rise (plus two bins), and hardly
    anything is counted later than five widths after the peak. A lifetime longer than about the width fails all three.
    """
    if decay.irf_counts is not None:
        return None
    counts = decay.counts - np.median(decay.counts)  # an IRF fills few bins, so that half of them are background
    peak = int(np.argmax(counts))
    height = counts[peak]
    if height < FEWEST_COUNTS:
        return None
    width = _last_above(counts, peak, height / 2) - _first_above(counts, peak, height / 2) + 1
    rise = _first_above(counts, peak, 0.9 * height) - _first_above(counts, peak, 0.1 * height)
    fall = _last_above(counts, peak, 0.1 * height) - _last_above(counts, peak, 0.9 * height)
    tail = counts[peak + 5 * width :].sum() / counts[counts > 0].sum()
    narrow = width * decay.bin_ns <= WIDEST_NS and width >= 2
    if narrow and fall <= MOST_ASYMMETRY * rise + 2 and abs(tail) <= MOST_TAIL:
        return Note("narrow_pulse", NARROW, {"width_ns": f"{width * decay.bin_ns:.2g}"})
    return None


def _first_above(counts: np.ndarray, peak: int, level: float) -> int:
    """The first bin of the run around the peak that stays above ``level``."""
    below = np.flatnonzero(counts[:peak] < level)
    return int(below[-1]) + 1 if below.size else 0


def _last_above(counts: np.ndarray, peak: int, level: float) -> int:
    below = np.flatnonzero(counts[peak:] < level)
    return peak + int(below[0]) - 1 if below.size else counts.size - 1
