"""What share of the excitation light a solution absorbs: from an absorbance curve to a number at λ_ex."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicSpline

from spectra.spectrum import Channel, Spectrum

LN10 = float(np.log(10.0))
LOWEST = -1.0  # A below this is no measurement, but a spike must not overflow
SLIT_STEPS = 200  # of the triangle; its ends have no weight


class NotAnAbsorbance(ValueError):
    """The curve is neither an absorbance nor a transmittance."""


class OutsideTheCurve(ValueError):
    """The wavelength lies where the absorbance was not measured."""


@dataclass(frozen=True, eq=False)
class AbsorbanceCurve:
    """Absorbance [1] against strictly ascending wavelength [nm], joined by a cubic spline.

    Straight lines between points 1 nm apart would cut 0.5 % off a vibronic band at whose top one likes to excite.
    """

    wavelength_nm: np.ndarray
    absorbance: np.ndarray
    assumed: bool = False  # the file does not say what y is; it was taken as absorbance

    @cached_property
    def interpolated(self) -> CubicSpline:
        return CubicSpline(self.wavelength_nm, self.absorbance)

    def at(self, wavelength_nm: float) -> float:
        """Absorbance interpolated at a wavelength [nm]; raises OutsideTheCurve instead of taking the nearest point."""
        if not self.wavelength_nm[0] <= wavelength_nm <= self.wavelength_nm[-1]:
            raise OutsideTheCurve(f"{wavelength_nm:g} nm")
        return float(self.interpolated(wavelength_nm))

    def covers(self, first_nm: float, last_nm: float) -> bool:
        return self.wavelength_nm[0] <= first_nm and last_nm <= self.wavelength_nm[-1]

    def scaled(self, factor: float) -> "AbsorbanceCurve":
        """The same solution in a cuvette ``factor`` times as long (Beer–Lambert)."""
        return AbsorbanceCurve(self.wavelength_nm, self.absorbance * factor, self.assumed)


def absorbance_curve(spectrum: Spectrum) -> AbsorbanceCurve:
    """Take the absorbance out of a UV-Vis measurement; transmittance is converted by its name.

    Parameters
    ----------
    spectrum : Spectrum
        Its signal channel is an ``absorbance``, a ``transmittance`` (in % or as a share of 1), or ``unknown``.

    Returns
    -------
    AbsorbanceCurve

    Raises
    ------
    NotAnAbsorbance
        When the channel is something else, or no point has a value.

    Notes
    -----
    A = −log₁₀ T. Points with T ≤ 0 carry no absorbance and are left out. A wavelength measured twice counts with its mean.

    Examples
    --------
    >>> light = Channel([50.0, 10.0], quantity="transmittance", unit="%")
    >>> absorbance_curve(Spectrum([400.0, 410.0], (light,))).absorbance.round(6).tolist()
    [0.30103, 1.0]
    """
    channel: Channel = spectrum.signal
    if channel.quantity not in ("absorbance", "transmittance", "unknown"):
        raise NotAnAbsorbance(channel.quantity)
    wavelength_nm, values = spectrum.ascending_nm()
    if channel.quantity == "transmittance":
        share = values / 100 if channel.unit == "%" else values
        wavelength_nm, values = wavelength_nm[share > 0], -np.log10(share[share > 0])
    wavelength_nm, first = np.unique(wavelength_nm, return_inverse=True)
    if wavelength_nm.size < 2:
        raise NotAnAbsorbance("no values")
    mean = np.bincount(first, weights=values) / np.bincount(first)
    return AbsorbanceCurve(wavelength_nm, mean, assumed=channel.quantity == "unknown")


def absorptance(curve: AbsorbanceCurve, excitation_nm: float, bandwidth_nm: float = 0.0) -> tuple[float, float]:
    """Average 1 − 10^(−A) over the excitation bandpass.

    A molecule with narrow bands absorbs less of a wide bandpass than its peak suggests.

    Parameters
    ----------
    curve : AbsorbanceCurve
    excitation_nm : float
        Centre of the excitation bandpass [nm].
    bandwidth_nm : float
        Full width at half maximum of the triangular slit function [nm]; 0 for none.

    Returns
    -------
    absorptance : float
        Share of the light that is absorbed [1].
    sensitivity : float
        ∂(absorptance)/∂A for an offset of the whole curve [1].

    Raises
    ------
    OutsideTheCurve
        When the bandpass reaches beyond the measured curve.

    Notes
    -----
    f = ∫ S(λ)(1 − 10^(−A(λ))) dλ / ∫ S(λ) dλ, S a triangle of the given FWHM (base twice as wide), i.e. equal entrance and
    exit slits and a lamp that is flat across it. Not for a line source or a laser: there the bandwidth is 0.

    Examples
    --------
    >>> flat = AbsorbanceCurve(np.array([300.0, 400.0]), np.array([0.1, 0.1]))
    >>> [round(v, 6) for v in absorptance(flat, 350.0, 5.0)]
    [0.205672, 1.829008]
    """
    if bandwidth_nm <= 0:
        transmitted = float(10 ** -max(curve.at(excitation_nm), LOWEST))
        return 1 - transmitted, LN10 * transmitted
    if not curve.covers(excitation_nm - bandwidth_nm, excitation_nm + bandwidth_nm):
        raise OutsideTheCurve(f"{excitation_nm - bandwidth_nm:g} to {excitation_nm + bandwidth_nm:g} nm")
    offset = np.linspace(-1.0, 1.0, SLIT_STEPS + 1)
    slit = 1 - np.abs(offset)
    inside = curve.interpolated(excitation_nm + offset * bandwidth_nm)
    transmitted = float(np.sum(slit * 10 ** -np.maximum(inside, LOWEST)) / np.sum(slit))
    return 1 - transmitted, LN10 * transmitted


def noise(values: np.ndarray) -> float:
    """Estimate the standard deviation of the noise of a smooth, evenly sampled curve [unit of ``values``].

    Notes
    -----
    Median of the absolute fourth differences, / 0.6745 √70: a cubic passes unseen. Too small after instrument smoothing,
    too large where a band is narrower than about four steps. 0 for fewer than 7 points.

    Examples
    --------
    >>> drawn = np.random.default_rng(3).normal(0, 0.5, 4000)
    >>> 0.47 < noise(drawn) < 0.53
    True
    """
    if values.size < 7:
        return 0.0
    return float(np.median(np.abs(np.diff(values, 4))) / (0.6745 * np.sqrt(70.0)))


def noise_near(curve: AbsorbanceCurve, wavelength_nm: float, reach_nm: float = 25.0) -> float:
    """Noise of the absorbance [1] around a wavelength; its level changes along the curve with the lamp."""
    near = np.abs(curve.wavelength_nm - wavelength_nm) <= reach_nm
    return noise(curve.absorbance[near])
