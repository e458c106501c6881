"""A baseline that a person drew: through chosen points, before anything is fitted."""

import numpy as np

from spectra.analysis.findings import Refused
from spectra.analysis.ranges import named, ranges_of
from spectra.analysis.raw_band import Baseline, drawn_baseline
from spectra.notes import Note, gettext_noop


def chosen_points(band) -> np.ndarray | None:
    """Which points (m,) the baseline goes through by choice; None where nothing was chosen, or for a kind that has none."""
    ranges = ranges_of(band.case.parameters.get("baseline_nm") or "")
    if not ranges or band.baseline not in ("constant", "linear"):
        return None
    return named(band.emission.x, ranges)


def draw_baseline(band) -> None:
    """Set ``band.level`` and its ``baseline`` where a person chose points; refuses too few of them."""
    points = chosen_points(band)
    if points is None:
        if band.case.parameters.get("baseline_nm"):
            band.emission.warnings.append(_NOT_USED)
        return
    least = 2 if band.baseline == "linear" else 1
    if points.sum() < least:
        raise Refused(Note(_TOO_FEW.code, _TOO_FEW.text, {"n": int(points.sum()), "least": least}))
    band.drawn = drawn_baseline(band.emission.x, band.emission.y, points, band.baseline)
    band.level = band.drawn.values


def moved_by(band, baseline: Baseline) -> np.ndarray:
    """By how much (Q, d) one standard uncertainty of each of its independent parts moves the parameters of the fit."""
    fits, row = band.fit
    covariance = (baseline.from_y * band.variance) @ baseline.from_y.T
    values, vectors = np.linalg.eigh(covariance)
    parts = baseline.shape @ (vectors * np.sqrt(np.maximum(values, 0.0)))
    return np.stack([fits.response(row, -part) for part in parts.T], axis=1)


_NOT_USED = Note(
    "baseline_points_not_used",
    gettext_noop("Points for the baseline were given, but this kind of baseline is not drawn through points."),
)
_TOO_FEW = Note(
    "too_few_baseline_points",
    gettext_noop("Only {n} points lie where the baseline was to be drawn; at least {least} are needed."),
)
