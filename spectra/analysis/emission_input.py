"""What an emission spectrum must be before anything is computed from it: the window, the lines taken out, the checks.

Shared by all methods whose role is ``emission``.
"""

from dataclasses import dataclass, field

import numpy as np

from spectra.analysis.exclusions import left_out
from spectra.analysis.findings import Refused
from spectra.analysis.method import Input
from spectra.analysis.raw_band import REACH, Bump, bumps, rough_noise
from spectra.analysis.weak_bands import weak_bands
from spectra.notes import Note, gettext_noop
from spectra.spectrum import Spectrum

LEAST_POINTS = 7
WIDTH_OF_LINE_NM = 12.0  # half width of what scattered light covers when the slits are not known


@dataclass(eq=False)
class Emission:
    """One emission spectrum, ascending in wavelength, with what was noticed on the way."""

    x: np.ndarray  # [nm]
    y: np.ndarray  # [y]
    clipped: np.ndarray  # (m,) bool: the detector was saturated there
    bumps: list[Bump]  # separate maxima, highest first
    warnings: list[Note] = field(default_factory=list)
    removed: list[tuple[float, float]] = field(default_factory=list)
    weak: list[Bump] = field(default_factory=list)  # bands on the foot of these, by the curvature
    overlapping: list[Bump] = field(default_factory=list)  # bands that only the fit tells from these
    left_out: tuple = ((), ())  # x [nm] and y of the points that a person left out

    @property
    def step(self) -> float:
        """Median distance of points [nm]."""
        return float(np.median(np.diff(self.x)))

    @property
    def reach(self) -> tuple[float, float]:
        """From where to where there is light of any band; beyond is baseline [nm]."""
        every = [*self.bumps, *self.weak, *self.overlapping]
        return min(b.x - REACH * b.fwhm for b in every), max(b.x + REACH * b.fwhm for b in every)


def read_emission(
    given: Input | None,
    window: tuple[float | None, float | None] = (None, None),
    smoothing_nm: float | None = None,
    exclude: str | None = "",
) -> Emission:
    """Check one emission spectrum and bring it into order.

    Parameters
    ----------
    given : Input
        Its value is a Spectrum.
    window : tuple of float or None
        Lowest and highest wavelength to look at; None = all [nm].
    smoothing_nm : float, optional
        Length of the running mean in the search for maxima; automatic when None [nm].
    exclude : str, optional
        Ranges that are left out [nm].

    Returns
    -------
    Emission

    Raises
    ------
    Refused
        With the reason: no optical axis, too few points, nothing positive, flat, nothing but noise.
    """
    x, y, warnings = _ordered(given)
    x, y = _windowed(x, y, window)
    _check_size(x, y)
    out, notes = left_out(x, exclude, "nm", LEAST_POINTS)
    away, x, y = (x[out], y[out]), x[~out], y[~out]
    warnings += notes
    x, y, removed = _without_lines(x, y, given, warnings)
    _check_size(x, y)
    _check_signal(y)
    points = None if smoothing_nm is None else max(1, 2 * round(smoothing_nm / (2 * float(np.median(np.diff(x))))) + 1)
    found = bumps(x, y, points)
    if not found:
        raise Refused(_NOISE)
    emission = Emission(x, y, _clipped(x, y, given), found, warnings, removed, weak_bands(x, y, found), left_out=away)
    _warn_of_gap(emission)
    _warn_of_clipping(emission)
    _warn_of_noise(emission)
    return emission


def _ordered(given):
    if given is None or not isinstance(given.value, Spectrum):
        raise Refused(Note("no_spectrum", gettext_noop("There is no emission spectrum among the inputs.")))
    try:
        x, y = given.value.ascending_nm()
    except ValueError:
        raise Refused(_NO_AXIS) from None
    warnings = []
    if given.value.x_unit != "nm":
        warnings.append(_NOT_NM)
    missing = given.value.n_points - len(x)
    if missing:
        warnings.append(
            Note("points_left_out", gettext_noop("{n} points without a value were left out."), {"n": missing})
        )
    x, first = np.unique(x, return_inverse=True)
    if len(x) < len(y):  # a wavelength measured twice counts with its mean
        y = np.bincount(first, weights=y) / np.bincount(first)
    return x, y, warnings


def _windowed(x, y, window):
    lowest, highest = window
    inside = np.ones(len(x), bool)
    if lowest is not None:
        inside &= x >= lowest
    if highest is not None:
        inside &= x <= highest
    return x[inside], y[inside]


def _check_size(x, y):
    if len(x) < LEAST_POINTS:
        raise Refused(
            Note(
                "too_few_points",
                gettext_noop("Only {n} points are left in the window; at least {least} are needed."),
                {"n": len(x), "least": LEAST_POINTS},
            )
        )


def _check_signal(y):
    if np.ptp(y) <= 1e-12 * np.abs(y).max():
        raise Refused(_FLAT)
    if y.max() <= 0.0:
        raise Refused(_NEGATIVE)
    if y.max() - np.percentile(y, 10) < 4.0 * rough_noise(y) and not bumps(np.arange(len(y)), y):
        raise Refused(_NOISE)


def _without_lines(x, y, given, warnings):
    """Take out scattered excitation light and its second order, where they lie inside the window."""
    excitation = given.conditions.excitation_nm
    if not excitation or given.facts.get("technique") == "el":
        return x, y, []
    slits = [given.conditions.excitation_bandwidth_nm, given.conditions.emission_bandwidth_nm]
    half = sum(slits) + 2.0 if all(slits) else WIDTH_OF_LINE_NM
    removed = []
    for order in (1, 2):
        line = order * excitation
        near = np.abs(x - line) <= half
        if not near.any() or near.sum() > len(x) - LEAST_POINTS:
            continue
        if _band_is_there(x, y, near):
            warnings.append(_line_note(_LINE_IN_BAND, line, order))
            continue
        x, y = x[~near], y[~near]
        removed.append((line - half, line + half))
        warnings.append(_line_note(_LINE_REMOVED, line, order))
    return x, y, removed


def _band_is_there(x, y, near) -> bool:
    """The highest point of the rest touches the gap, so that the band itself lies under the line."""
    places = np.flatnonzero(near)
    rest = np.where(near, -np.inf, y)
    top = int(np.argmax(rest))
    noise = rough_noise(y)
    return (top == places[0] - 1 and places[-1] + 1 < len(x) and y[places[-1] + 1] > 0.3 * y[top] + 5 * noise) or (
        top == places[-1] + 1 and places[0] > 0 and y[places[0] - 1] > 0.3 * y[top] + 5 * noise
    )


def _line_note(note: Note, line: float, order: int) -> Note:
    return Note(note.code, note.text, {"line_nm": round(line, 1), "order": order})


def _clipped(x, y, given) -> np.ndarray:
    """Points at the saturation level, or on a flat top: four or more equal highest values in a row."""
    level = given.conditions.saturation_level
    if level is not None and (y >= 0.995 * level).any():
        return y >= 0.995 * level
    top = y >= y.max() * (1.0 - 1e-12)
    if top.sum() < 4:
        return np.zeros(len(y), bool)
    places = np.flatnonzero(top)
    return top if places[-1] - places[0] == len(places) - 1 else np.zeros(len(y), bool)


def _warn_of_clipping(emission: Emission):
    if emission.clipped.any():
        emission.warnings.append(
            Note(
                "clipped",
                gettext_noop(
                    "The top of the band is flat over {n} points: the detector was saturated. "
                    "Measure again with a smaller slit, gain or concentration."
                ),
                {"n": int(emission.clipped.sum())},
            )
        )


def _warn_of_gap(emission: Emission):
    top, (away, _) = emission.bumps[0], emission.left_out
    if len(away) and (np.abs(away - top.x) < 0.5 * top.fwhm).any():
        emission.warnings.append(_GAP_IN_BAND)


def _warn_of_noise(emission: Emission):
    noise = rough_noise(emission.y)
    ratio = emission.bumps[0].height / noise if noise > 0 else np.inf
    if ratio < 10.0:
        emission.warnings.append(
            Note(
                "low_signal",
                gettext_noop("The signal is only {ratio} times the noise; uncertainties are rough."),
                {"ratio": round(float(ratio), 1)},
            )
        )


_GAP_IN_BAND = Note(
    "gap_in_band",
    gettext_noop(
        "Points in the upper half of the band were left out: what is read from the curve itself rests on its neighbours. "
        "Compare it with the fit."
    ),
)
_NO_AXIS = Note(
    "no_optical_axis",
    gettext_noop("The axis is not a wavelength, an energy or a wavenumber. State its unit and analyse again."),
)
_NOT_NM = Note(
    "axis_not_nm",
    gettext_noop("The axis is not in nm; intensities were taken as measured per nm, as spectrometers do."),
)
_FLAT = Note("flat", gettext_noop("The spectrum is flat: there is no band in it."))
_NEGATIVE = Note(
    "negative_only", gettext_noop("No point is above zero. Was a spectrum subtracted that is larger than this one?")
)
_NOISE = Note("only_noise", gettext_noop("No band stands out of the noise. Measure longer or with wider slits."))
_LINE_REMOVED = Note(
    "line_removed",
    gettext_noop("The points around {line_nm} nm were left out: excitation light (order {order}) arrives there."),
)
_LINE_IN_BAND = Note(
    "line_in_band",
    gettext_noop(
        "Excitation light (order {order}) arrives at {line_nm} nm, inside the band. Use a filter or "
        "another excitation wavelength."
    ),
)
