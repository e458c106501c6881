"""The instrument response as the fit needs it: on the bins of the decay, without its own background, with an end."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson

from spectra.analysis.findings import Findings
from spectra.decay import Decay
from spectra.notes import gettext_noop

SMOOTHING_BINS = 5
SMALLEST_PART = 1e-5  # of the maximum: what lies below is not part of the response
FEW_COUNTS = 1000
FEW_DARK_BINS = 100  # beside the pulse; with fewer the clipped mean is as good
CHANCE = 1e-3  # of dark photons that look like a pulse somewhere in the window


@dataclass(frozen=True, eq=False)
class Response:
    """``counts`` (m,) on the bins of the decay, zero outside its own extent; what is left between the two sets of
    bins after placing it (``offset_bins``, below one half); its width [bins]."""

    counts: np.ndarray
    offset_bins: float
    fwhm_bins: float

    @property
    def key(self) -> tuple:
        """Equal for equal responses."""
        return (self.counts.tobytes(), round(self.offset_bins, 9))


def prepare_response(decay: Decay, irf: Decay | None, stop: int, findings: Findings) -> Response | None:
    """Give the response for a decay: its own ``irf_counts`` first, else ``irf``; None when there is neither.

    Parameters
    ----------
    decay : Decay
    irf : Decay, optional
        Bins of the same width, or narrower by a whole factor: these are summed. Placed by its time axis.
    stop : int
        End of the fit [bins]: a second laser pulse behind it is not part of the response.
    findings : Findings
        Gets the warnings.

    Returns
    -------
    Response or None

    Raises
    ------
    Refused
        When it is empty, has wider or unmatched bins, or lies outside the time window of the decay.
    """
    if decay.irf_counts is not None:
        return _response(decay.irf_counts, stop, 0.0, findings)
    if irf is None:
        return None
    counts = _on_bins_of(decay, irf, findings)
    offset = (irf.first_ns - decay.first_ns) / decay.bin_ns
    whole = round(offset)
    return _response(_placed(counts, whole, decay.counts.size), stop, offset - whole, findings)


def _on_bins_of(decay: Decay, irf: Decay, findings: Findings) -> np.ndarray:
    ratio = decay.bin_ns / irf.bin_ns
    factor = round(ratio)
    if factor < 1 or abs(ratio - factor) * irf.counts.size > 0.1 * ratio:  # a tenth of a bin at the end of the window
        findings.refuse(
            "irf_bins_differ",
            gettext_noop(
                "The bins of the instrument response ({irf_ns:.4g} ns) do not fit those of the decay ({decay_ns:.4g} "
                "ns). Measure the response with the settings of the decay."
            ),
            irf_ns=irf.bin_ns,
            decay_ns=decay.bin_ns,
        )
    if factor == 1:
        return irf.counts
    findings.warn(
        "irf_rebinned",
        gettext_noop("Every {factor} bins of the instrument response were summed to match the bins of the decay."),
        factor=factor,
    )
    return irf.counts[: irf.counts.size // factor * factor].reshape(-1, factor).sum(axis=1)


def _placed(counts: np.ndarray, first: int, size: int) -> np.ndarray:
    """``counts`` with their first bin at ``first`` of ``size`` bins; nothing where they do not reach."""
    placed = np.full(size, np.nan)
    low, high = max(first, 0), min(first + counts.size, size)
    if high > low:
        placed[low:high] = counts[low - first : high - first]
    return placed


def _response(counts: np.ndarray, stop: int, offset_bins: float, findings: Findings) -> Response:
    known = np.isfinite(counts) & (np.arange(counts.size) < stop)
    if not known.any() or counts[known].max() <= 0:
        findings.refuse(
            "irf_empty",
            gettext_noop(
                "The instrument response has no counts within the time window of the decay. Measure it again, or leave "
                "it out: the tail of the decay is then fitted."
            ),
        )
    level, noise = _background(counts[known])
    net = np.where(known, counts - level, 0.0)
    lit = _lit(net, noise, _chance(counts[known], level))
    if lit.size and (dark := _dark_level(counts, known, lit)) is not None:  # clipping took the highest dark bins away
        net = np.where(known, counts - dark, 0.0)
        lit = _lit(net, noise, _chance(counts[known], dark))
    if lit.size == 0 or net.max() <= 3 * noise:
        if np.nanmax(counts) > counts[known].max() + 5 * noise:
            text = gettext_noop("The instrument response comes after the end of the fit. Choose a later end.")
            findings.refuse("irf_outside_window", text)
        text = gettext_noop("The instrument response does not rise above its noise. Measure it longer.")
        findings.refuse("irf_noise", text)
    clean = np.zeros_like(net)
    clean[lit[0] : lit[-1] + 1] = np.maximum(net[lit[0] : lit[-1] + 1], 0)
    total = float(clean.sum())
    if (counts[known] == np.round(counts[known])).all() and total < FEW_COUNTS:
        text = gettext_noop("The instrument response holds only {n:.0f} counts; its noise goes into the fit.")
        findings.warn("irf_few_counts", text, n=total)
    return Response(clean, offset_bins, _fwhm_bins(clean))


def _lit(net: np.ndarray, noise: float, chance: float) -> np.ndarray:
    """The bins that belong to the pulse, by a running mean that neither noise nor chance explains."""
    threshold = max(SMALLEST_PART * net.max(), 5 * noise / np.sqrt(SMOOTHING_BINS), chance)
    smooth = np.convolve(net, np.full(SMOOTHING_BINS, 1 / SMOOTHING_BINS), mode="same")[: net.size]
    return np.flatnonzero((smooth > threshold) & (net > 0))


def _chance(counts: np.ndarray, level: float) -> float:
    """What dark photons may pile up anywhere in the window, as a running mean above ``level`` [counts].

    Of 0.3 dark counts per bin some five neighbours hold six, which is far beyond 5 σ of a normal distribution.
    """
    if not (counts == np.round(counts)).all():
        return 0.0
    most = poisson.isf(CHANCE / counts.size, max(SMOOTHING_BINS * level, 1e-9))
    return float(most) / SMOOTHING_BINS - level


def _dark_level(counts: np.ndarray, known: np.ndarray, lit: np.ndarray) -> float | None:
    """Mean of photon counts beside the pulse; None where too few bins are left, or counts are no photons."""
    beside = known.copy()
    beside[max(lit[0] - SMOOTHING_BINS, 0) : lit[-1] + SMOOTHING_BINS + 1] = False
    if beside.sum() < FEW_DARK_BINS or not (counts[beside] == np.round(counts[beside])).all():
        return None
    return float(counts[beside].mean())


def _background(counts: np.ndarray) -> tuple[float, float]:
    """Level and noise [counts] of the bins that belong to no pulse, by clipping at 3 σ until nothing changes."""
    kept = counts
    for _ in range(50):
        level, noise = kept.mean(), kept.std()
        inside = kept[kept <= level + 3 * noise]
        if inside.size == kept.size or inside.size < max(10, counts.size // 4):
            break
        kept = inside
    smooth = (np.diff(counts) ** 2).mean() < counts.var() if counts.size > 1 else False  # twice the variance in noise
    if smooth and counts.max() <= level + 3 * noise:  # a response as long as the window
        return float(counts.min()), 0.0
    if (counts == np.round(counts)).all():
        noise = max(noise, 0.45)  # a background of 0.2 counts per bin may have none in the bins that are left
    return float(level), float(noise)


def _fwhm_bins(clean: np.ndarray) -> float:
    """Full width at half maximum [bins], the crossings interpolated; at least one bin."""
    half = clean.max() / 2
    above = np.flatnonzero(clean >= half)
    low, high = above[0], above[-1]
    left = (clean[low] - half) / (clean[low] - clean[low - 1]) if low > 0 else 0.5
    right = (clean[high] - half) / (clean[high] - clean[high + 1]) if high < clean.size - 1 else 0.5
    return float(max(high - low + left + right, 1.0))
