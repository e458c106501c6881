"""What of a decay can be fitted: which bins, with which response and statistics; or why none."""

from dataclasses import dataclass

import numpy as np

from spectra.analysis.decay_irf import Response, prepare_response
from spectra.analysis.decay_variance import estimated_variance
from spectra.analysis.findings import Findings, shown
from spectra.analysis.method import Case
from spectra.decay import Decay
from spectra.notes import gettext_noop

FEWEST_BINS = 16
PILE_UP_WARNING, PILE_UP_REFUSAL = 0.01, 0.05  # detected photons per laser pulse
PLATEAU_BINS, PLATEAU_COUNTS = 4, 1000.0
PULSE_COUNTS, PULSE_HEIGHT, PULSE_VALLEY = 50.0, 0.5, 0.3  # a second pulse: half as high, behind a valley


@dataclass(frozen=True, eq=False)
class Prepared:
    """One decay ready to be fitted between the bins ``first`` and ``stop``."""

    decay: Decay
    response: Response | None
    first: int
    stop: int
    period_bins: float | None
    variance: np.ndarray | None
    before_bins: float = 0.0  # of a tail: time between the excitation and ``first``, as its rise tells
    u_before_bins: float = 0.0

    @property
    def key(self) -> tuple:
        """Decays of equal key can be fitted together."""
        response = None if self.response is None else self.response.key
        return (
            self.decay.counts.size,
            self.decay.bin_ns,
            response,
            self.first,
            self.stop,
            self.period_bins,
            self.variance is None,
        )


def prepare(case: Case, findings: Findings) -> Prepared:
    """Check a case and choose the bins to fit; raises Refused when there is nothing to fit."""
    given, parameters = case.one("decay"), case.parameters
    if given is None:
        findings.refuse("no_decay_given", gettext_noop("There is no decay to analyse."))
    decay, irf = given.value, case.one("irf")
    _check_counts(decay, findings)
    _check_saturation(decay, given.conditions.saturation_level, findings)
    rate_mhz = parameters["repetition_rate_mhz"] or given.conditions.repetition_rate_mhz
    _check_pile_up(given.conditions.detection_rate_hz, rate_mhz, findings)
    period_bins = None if not rate_mhz else 1000 / rate_mhz / decay.bin_ns
    first, stop = _asked_window(decay, parameters["start_ns"], parameters["stop_ns"])
    if stop - first >= FEWEST_BINS:
        stop = _live_end(decay.counts, first, stop)
        stop = _one_pulse(first, stop, period_bins, decay, findings)
    response = prepare_response(decay, None if irf is None else irf.value, stop, findings)
    before, u_before = 0.0, 0.0
    if response is None:
        onset, u_before = _onset(decay.counts[:stop])
        first = _tail_start(decay, first, stop, parameters["start_ns"], findings)
        before = max(first - onset, 0.0)
    _check_window(decay, first, stop, findings)
    variance = _variance(decay, findings)
    return Prepared(decay, response, first, stop, period_bins, variance, before, u_before)


def _check_counts(decay: Decay, findings: Findings) -> None:
    counts = decay.counts
    if counts.size < FEWEST_BINS:
        text = gettext_noop("{n} time bins are too few for a lifetime; {least} are needed.")
        findings.refuse("too_few_bins", text, n=counts.size, least=FEWEST_BINS)
    if counts.max() <= 0:
        text = gettext_noop("The decay holds no counts. Was the detector shutter open, and the right curve exported?")
        findings.refuse("empty", text)
    if counts.max() == counts.min():
        text = gettext_noop("All time bins hold the same number of counts: there is no decay to be seen.")
        findings.refuse("flat", text)


def _check_saturation(decay: Decay, level: float | None, findings: Findings) -> None:
    top = decay.counts.max()
    at_top = np.concatenate([[0], (decay.counts == top).astype(int), [0]])
    edges = np.flatnonzero(np.diff(at_top))
    plateau = int((edges[1::2] - edges[::2]).max())
    clipped = plateau >= PLATEAU_BINS and top >= PLATEAU_COUNTS
    if clipped or (level is not None and top >= level):
        text = gettext_noop(
            "The histogram is cut off at {top:.0f} counts: the detector or the counter was saturated. Measure with "
            "less light, or for a shorter time."
        )
        findings.refuse("saturated", text, overridable=True, top=float(top))


def _check_pile_up(detection_hz: float | None, rate_mhz: float | None, findings: Findings) -> None:
    if not detection_hz or not rate_mhz:
        return
    share = detection_hz / (rate_mhz * 1e6)
    if share > PILE_UP_REFUSAL:
        text = gettext_noop(
            "{percent} % of the laser pulses gave a photon: early photons hide late ones (pile-up) and the lifetime "
            "comes out too short. Measure with less light, below 1 %."
        )
        findings.refuse("pile_up", text, overridable=True, percent=shown(100 * share))
    elif share > PILE_UP_WARNING:
        text = gettext_noop(
            "{percent} % of the laser pulses gave a photon: pile-up may shorten the lifetime. Stay below 1 %."
        )
        findings.warn("pile_up", text, percent=shown(100 * share))


def _asked_window(decay: Decay, start_ns: float | None, stop_ns: float | None) -> tuple[int, int]:
    first = 0 if start_ns is None else int(np.searchsorted(decay.time_ns, start_ns - 1e-9 * decay.bin_ns))
    stop = decay.counts.size if stop_ns is None else int(np.searchsorted(decay.time_ns, stop_ns - 1e-9 * decay.bin_ns))
    return first, stop


def _live_end(counts: np.ndarray, first: int, stop: int) -> int:
    """The end of the channels that were in use: counters leave those after the next laser pulse empty.

    A decay fades; here the counts break off, and an exponential that goes on like that has no chance of no photon.
    """
    lit = np.flatnonzero(counts[first:stop])
    if lit.size == 0:
        return stop
    end = first + int(lit[-1]) + 1
    for width in (20, 100, 500, 2500):
        if stop - end >= width and end - first >= width:
            early, late = np.add.reduceat(counts[end - width : end], [0, width // 2])
            if late >= 30 and late >= 0.3 * early:
                return end - 1  # the last one may have been open for a part of its width
    return stop


def _one_pulse(first: int, stop: int, period_bins: float | None, decay: Decay, findings: Findings) -> int:
    """The end of the fit when the window holds more than one laser pulse, by the known rate or by what is seen."""
    if period_bins is None:
        return _before_second_pulse(first, stop, decay, findings)
    if stop - first <= period_bins * (1 + 1e-3):
        return stop
    findings.warn(
        "window_longer_than_period",
        gettext_noop(
            "The time window ({window_ns} ns) is longer than the time between two laser pulses ({period_ns} ns); only "
            "one period was fitted. Is the repetition rate right?"
        ),
        window_ns=shown((stop - first) * decay.bin_ns, 4),
        period_ns=shown(period_bins * decay.bin_ns, 4),
    )
    return first + int(period_bins)


def _before_second_pulse(first: int, stop: int, decay: Decay, findings: Findings) -> int:
    counts = decay.counts[first:stop]
    smooth = np.convolve(counts, np.full(3, 1 / 3), mode="same")
    top = int(smooth.argmax())
    clear = 10 * np.median(np.abs(np.diff(counts)))
    if smooth[top] < max(clear, PULSE_COUNTS if decay.is_photon_counting else 0.0):
        return stop
    after = np.minimum.accumulate(smooth[top:])
    before = np.minimum.accumulate(smooth[top::-1])[::-1]
    valley = np.concatenate([before[:-1], after])  # the lowest point on the way from the maximum
    others = np.flatnonzero((smooth > PULSE_HEIGHT * smooth[top]) & (valley < PULSE_VALLEY * smooth))
    if others.size == 0:
        return stop
    other = int(others[smooth[others].argmax()])
    early, late = min(top, other), max(top, other)
    findings.warn(
        "second_pulse",
        gettext_noop(
            "The time window holds more than one laser pulse, about {period_ns} ns apart ({rate_mhz} MHz?). Only the "
            "first one was fitted; give the repetition rate, so that light left over from earlier pulses is counted."
        ),
        period_ns=shown((late - early) * decay.bin_ns),
        rate_mhz=shown(1000 / ((late - early) * decay.bin_ns)),
    )
    return first + early + int(smooth[early:late].argmin())


def _rise(counts: np.ndarray) -> tuple[np.ndarray, int, float]:
    """The smoothed counts, the bin of their maximum and the level before the pulse."""
    smooth = np.convolve(counts, np.full(3, 1 / 3), mode="same")
    return smooth, int(smooth.argmax()), float(np.median(smooth[smooth <= np.quantile(smooth, 0.2)]))


def _onset(counts: np.ndarray) -> tuple[float, float]:
    """Time zero of a decay without a response and its uncertainty [bins]: the rise at half its height, ± half its length.

    The sum of exponentials starts with the excitation, which the rise shows smeared by the response. A rise that was not
    measured leaves the maximum as the start.
    """
    if counts.size < FEWEST_BINS:
        return 0.0, 0.0
    smooth, top, level = _rise(counts)
    height = smooth[top] - level

    def crossing(share: float) -> float:
        below = np.flatnonzero(smooth[:top] <= level + share * height)
        if not below.size:
            return float(top)
        k = int(below[-1])
        return k + 0.5 + (level + share * height - smooth[k]) / max(smooth[k + 1] - smooth[k], 1e-300)

    return crossing(0.5), float(np.hypot(0.3, (crossing(0.9) - crossing(0.1)) / 2))


def _tail_start(decay: Decay, first: int, stop: int, start_ns: float | None, findings: Findings) -> int:
    """Without a response the fit starts as far after the maximum as the rise took before it, or where asked."""
    if start_ns is None and stop - first >= FEWEST_BINS:
        smooth, top, level = _rise(decay.counts[first:stop])
        below = np.flatnonzero(smooth[:top] <= level + 0.1 * (smooth[top] - level))
        rise = top - int(below[-1]) if below.size else 0
        first += top + max(rise, 2)
    findings.warn(
        "tail_fit",
        gettext_noop(
            "No instrument response: the tail was fitted from {start_ns} ns on, and amplitudes were extended back to the rise. "
            "Components that had faded by then are missed."
        ),
        start_ns=shown(decay.first_ns + first * decay.bin_ns, 5),
    )
    return first


def _check_window(decay: Decay, first: int, stop: int, findings: Findings) -> None:
    if stop - first < FEWEST_BINS:
        text = gettext_noop("{n} time bins between start and stop are too few for a lifetime; {least} are needed.")
        findings.refuse("too_few_bins", text, n=max(stop - first, 0), least=FEWEST_BINS)
    if decay.counts[first:stop].max() <= 0:
        text = gettext_noop("There are no counts between start and stop of the fit. Choose another window.")
        findings.refuse("empty", text)


def _variance(decay: Decay, findings: Findings) -> np.ndarray | None:
    if decay.is_photon_counting:
        return None
    findings.warn(
        "not_photon_counts",
        gettext_noop(
            "The counts are not whole numbers from 0 on (normalised, averaged, or background subtracted): fitted by "
            "weighted least squares, with weights from the scatter of the points. Export raw counts for better errors."
        ),
    )
    return estimated_variance(decay.counts[None])[0]
