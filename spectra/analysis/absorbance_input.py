"""An absorption spectrum, ascending in wavelength, as absorbance, on an even grid."""

from dataclasses import dataclass, replace

import numpy as np

from spectra.analysis.exclusions import left_out
from spectra.analysis.findings import Findings, Refused
from spectra.analysis.method import Input
from spectra.notes import Note, gettext_noop
from spectra.spectrum import Channel, Spectrum

LEAST_POINTS = 25


@dataclass(eq=False)
class Absorption:
    """Absorbance (m,) at even wavelengths (m,) [nm]; ``converted`` from transmittance, ``even`` as measured."""

    x: np.ndarray
    y: np.ndarray
    converted: bool
    even: bool
    left_out: tuple = ((), ())  # x [nm] and absorbance of the points that a person left out

    @property
    def step(self) -> float:
        return float(self.x[1] - self.x[0])


def absorbance_of(channel: Channel) -> tuple[np.ndarray, bool]:
    """Absorbance (m,) of a channel, and whether it had to be converted from transmittance.

    Notes
    -----
    A = −log₁₀ T, with T in % where the unit says so. T ≤ 0 has no absorbance and becomes NaN.

    Raises
    ------
    Refused
        For quantities that are neither, like reflectance.

    Examples
    --------
    >>> absorbance_of(Channel([10.0, 100.0], "transmittance", "%"))[0].tolist()
    [1.0, 0.0]
    """
    if channel.quantity == "transmittance":
        part = channel.values / (100.0 if channel.unit == "%" else 1.0)
        return -np.log10(np.where(part > 0.0, part, np.nan)) + 0.0, True
    if channel.quantity in ("absorbance", "unknown"):
        return channel.values, False
    raise Refused(
        Note(
            "not_absorbance",
            gettext_noop("This curve is {quantity}; absorbance or transmittance is needed."),
            {"quantity": channel.quantity},
        )
    )


def read_absorption(given: Input | None, window, findings: Findings, exclude: str | None = "") -> Absorption:
    """Check one absorption spectrum and bring it onto an even, ascending grid.

    Parameters
    ----------
    given : Input
        Its value is a Spectrum.
    window : tuple of float or None
        Lowest and highest wavelength to look at; None = all [nm].
    findings : Findings
        Takes the warnings.
    exclude : str, optional
        Ranges that are left out [nm]; inside the spectrum a straight line bridges them.

    Raises
    ------
    Refused
        With the reason: no optical axis, not absorbance, too few points, flat.
    """
    if given is None or not isinstance(given.value, Spectrum):
        raise Refused(_NO_SPECTRUM)
    try:
        x = given.value.wavelengths_nm()
    except ValueError:
        raise Refused(_NO_AXIS) from None
    y, converted = absorbance_of(given.value.signal)
    if given.value.signal.quantity == "unknown":
        findings.warn("quantity_unknown", _QUANTITY_UNKNOWN)
    x, y = _inside(x, y, window)
    if len(x) < LEAST_POINTS:
        raise Refused(Note(_FEW.code, _FEW.text, {"n": len(x), "least": LEAST_POINTS}))
    out, notes = left_out(x, exclude, "nm", LEAST_POINTS)
    findings.warnings += notes
    away, x, y = (x[out], y[out]), x[~out], y[~out]
    if np.ptp(y) < 1e-9:
        raise Refused(_FLAT)
    return replace(_on_even_grid(x, y, converted), left_out=away)


def _inside(x, y, window):
    lowest, highest = window
    known = np.isfinite(x) & np.isfinite(y)
    if lowest is not None:
        known &= x >= lowest
    if highest is not None:
        known &= x <= highest
    x, first = np.unique(x[known], return_inverse=True)
    return x, np.bincount(first, weights=y[known], minlength=len(x)) / np.maximum(np.bincount(first), 1)


def _on_even_grid(x, y, converted) -> Absorption:
    """As measured where the steps are even to 1 %, else interpolated linearly to the median step."""
    step = np.diff(x)
    typical = float(np.median(step))
    if np.abs(step - typical).max() <= 0.01 * typical:
        return Absorption(x, y, converted, True)
    even = np.arange(x[0], x[-1] + 0.5 * typical, typical)
    return Absorption(even, np.interp(even, x, y), converted, False)


_NO_SPECTRUM = Note("no_spectrum", gettext_noop("There is no absorption spectrum among the inputs."))
_NO_AXIS = Note(
    "no_optical_axis",
    gettext_noop("The axis is not a wavelength, an energy or a wavenumber. State its unit and analyse again."),
)
_FEW = Note("too_few_points", gettext_noop("Only {n} points are left in the window; at least {least} are needed."))
_FLAT = Note("flat", gettext_noop("The spectrum is flat: there is nothing to find in it."))
_QUANTITY_UNKNOWN = gettext_noop("The file does not say what was measured; absorbance was assumed.")
