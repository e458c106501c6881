"""Columns of counts as decays: one item per curve, the instrument response beside the decay where both are there."""

from dataclasses import dataclass, replace

import numpy as np

from spectra.conditions import Conditions
from spectra.decay import Decay
from spectra.notes import Note, gettext_noop
from spectra.readers.reading import Item, UnreadableFile
from spectra.readers.response_shape import instrument_response

MIN_CHANNELS = 20


@dataclass(frozen=True, eq=False)
class Curve:
    """``counts`` of shape (n_bins,) in bins of ``bin_ns`` [ns]; ``role`` is ``decay``, ``IRF`` or None (not told)."""

    counts: np.ndarray
    bin_ns: float
    first_ns: float = 0.0
    title: str = ""
    role: str | None = None


def decay_items(
    curves: list[Curve], conditions: Conditions, metadata: dict, source: str = "file"
) -> tuple[list[Item], list[Note]]:
    """Make one item per curve.

    When exactly one curve is an IRF and exactly one is not, both on the same bins, the decay also carries the IRF. Where the file
    names no curve, the one that looks like an instrument response among decays that do not is taken as one, which is told.
    """
    warnings = [_not_counts(curve) for curve in curves if not _whole(curve.counts)]
    curves, seen = _with_response_by_shape(curves)
    warnings += seen
    items = [
        Item(
            Decay(curve.counts, curve.bin_ns, curve.first_ns, _irf_beside(curve, curves), curve.title),
            "decay",
            source,
            curve.title,
            "IRF" if curve.role == "IRF" else None,
            conditions,
            metadata,
        )
        for curve in curves
    ]
    return items, warnings


def _with_response_by_shape(curves: list[Curve]) -> tuple[list[Curve], list[Note]]:
    """Files of many programs hold decay and response side by side without a word on which is which."""
    open_ones = [k for k, curve in enumerate(curves) if curve.role is None and curve.counts.max(initial=0) > 0]
    shapes = {k: instrument_response(Decay(curves[k].counts, curves[k].bin_ns)) for k in open_ones}
    narrow = [k for k in open_ones if shapes[k]]
    if len(narrow) != 1 or len(open_ones) < 2 or any(curve.role == "IRF" for curve in curves):
        return curves, []
    found = narrow[0]
    text = gettext_noop(
        "“{title}” is a pulse of {width_ns} ns that falls as steeply as it rises: it was taken as the instrument response of "
        "the other curves. If it is a decay, correct its role."
    )
    note = Note("response_by_shape", text, {"title": curves[found].title or str(found + 1), **shapes[found].values})
    return [replace(curve, role="IRF") if k == found else curve for k, curve in enumerate(curves)], [note]


def _irf_beside(curve: Curve, curves: list[Curve]) -> np.ndarray | None:
    responses = [other for other in curves if other.role == "IRF"]
    decays = [other for other in curves if other.role != "IRF" and other.counts.max(initial=0) > 0]
    if len(responses) != 1 or len(decays) != 1 or curve.role == "IRF":
        return None
    irf = responses[0]
    same = irf.bin_ns == curve.bin_ns and irf.first_ns == curve.first_ns and irf.counts.size == curve.counts.size
    return irf.counts if same else None


def _whole(counts: np.ndarray) -> bool:
    return bool((counts >= 0).all() and (counts == np.round(counts)).all())


def _not_counts(curve: Curve) -> Note:
    return Note(
        "not_counts",
        gettext_noop(
            "The numbers of “{title}” are not whole counts: this is no raw histogram, and errors are a guess."
        ),
        {"title": curve.title},
    )


def finite_counts(counts: np.ndarray) -> np.ndarray:
    """Refuse a histogram with empty cells."""
    if not np.isfinite(counts).all():
        raise UnreadableFile(
            Note(
                "empty_counts",
                gettext_noop("Some channels of this decay are empty. Export the file again with all channels."),
            )
        )
    return counts


def bin_from_axis(time_ns: np.ndarray) -> float | None:
    """Width of the bins [ns] of a time axis with equal steps; None when the steps differ.

    Notes
    -----
    Printed times are rounded, so each may be off its place by up to 2 % of a bin; what is farther off is no histogram.
    First and last time carry the axis: where one of them is off by far more than the times between them, it is wrong.
    """
    if time_ns.size < 2:
        return None
    width = (time_ns[-1] - time_ns[0]) / (time_ns.size - 1)
    if not width > 0:
        return None
    off = np.abs(time_ns - (time_ns[0] + width * np.arange(time_ns.size)))
    fine = off.max() <= 0.02 * width + 1e-6 * abs(time_ns[-1]) and not _end_is_off(time_ns, width)
    return float(width) if fine else None


def _end_is_off(time_ns: np.ndarray, width: float) -> bool:
    if time_ns.size < 8:
        return False
    inner = (time_ns[-2] - time_ns[1]) / (time_ns.size - 3)
    off = np.abs(time_ns - (time_ns[1] + inner * (np.arange(time_ns.size) - 1)))
    return bool(off[[0, -1]].max() > 5 * off[1:-1].max() + 0.002 * width + 1e-6 * abs(time_ns[-1]))


def unequal_lengths(curves: list[Curve]) -> list[Note]:
    """Decays that were saved together have the same channels; where they have not, the last one may be cut off."""
    sizes = [curve.counts.size for curve in curves]
    if min(sizes) == max(sizes):
        return []
    text = gettext_noop(
        "The decays of this file have {few} to {many} channels: should it be cut off, some are missing."
    )
    return [Note("unequal_lengths", text, {"few": min(sizes), "many": max(sizes)})]


def needs_bin_width() -> UnreadableFile:
    return UnreadableFile(
        Note(
            "needs_bin_width",
            gettext_noop(
                "This file holds counts without a time axis. Enter the width of one channel in ns to read it as a decay."
            ),
        )
    )


def given_bin_ns(mapping: dict | None) -> float | None:
    """The bin width that a person gave [ns]; UnreadableFile when it is none."""
    value = (mapping or {}).get("bin_ns")
    if value is None:
        return None
    try:
        width = float(value)
    except (TypeError, ValueError):
        width = 0.0
    if not (np.isfinite(width) and width > 0):
        raise UnreadableFile(
            Note("bad_bin_width", gettext_noop("The width of a channel must be a positive number of ns."))
        )
    return width
