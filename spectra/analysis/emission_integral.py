"""From an emission spectrum to the number of photons in its band: photon units, window, integral and its noise."""

from dataclasses import dataclass

import numpy as np

from spectra.spectrum import Spectrum

NO_EMISSION = ("absorbance", "transmittance", "reflectance", "ellipticity")
EDGE_POINTS = 5


class NotAnEmission(ValueError):
    """The curve is no emission spectrum, or has too few values."""


@dataclass(frozen=True, eq=False)
class EmissionCurve:
    """Emitted photons per nm [arbitrary, one scale for all curves of a measurement day] against ascending λ [nm]."""

    wavelength_nm: np.ndarray
    photons: np.ndarray

    def within(self, first_nm: float, last_nm: float) -> "EmissionCurve":
        """The part inside a window, with interpolated points on its edges."""
        x, y = self.wavelength_nm, self.photons
        first_nm, last_nm = max(first_nm, x[0]), min(last_nm, x[-1])
        if first_nm >= last_nm:
            raise NotAnEmission("window")
        inside = (x > first_nm) & (x < last_nm)
        edges = np.interp([first_nm, last_nm], x, y)
        return EmissionCurve(
            np.concatenate([[first_nm], x[inside], [last_nm]]), np.concatenate([edges[:1], y[inside], edges[1:]])
        )

    def minus(self, background: "EmissionCurve") -> "EmissionCurve":
        """Without a background, interpolated on the points of this curve."""
        level = np.interp(self.wavelength_nm, background.wavelength_nm, background.photons)
        return EmissionCurve(self.wavelength_nm, self.photons - level)

    @property
    def integral(self) -> float:
        """∫ photons dλ by trapezoids: the step is inside the integral, so an uneven grid weighs nothing twice."""
        return float(np.trapezoid(self.photons, self.wavelength_nm))

    @property
    def u_integral(self) -> float:
        """Standard uncertainty of the integral from the noise of the points, seen in their fourth differences."""
        if self.photons.size < 7:
            return 0.0
        weights = _trapezoid_weights(self.wavelength_nm)[2:-2]
        return float(np.sqrt(np.sum(weights**2 * np.diff(self.photons, 4) ** 2 / 70)))

    @property
    def mean_wavelength_nm(self) -> float:
        """Mean wavelength of the emitted photons [nm]."""
        moment = np.trapezoid(self.photons * self.wavelength_nm, self.wavelength_nm)
        return float(moment / self.integral)

    @property
    def peak_nm(self) -> float:
        return float(self.wavelength_nm[np.argmax(self.photons)])

    def half_maximum_nm(self) -> tuple[float, float]:
        """First and last wavelength [nm] where the curve is at least half its maximum."""
        top = self.photons.max()
        high = self.wavelength_nm[self.photons >= min(top / 2, top)]
        return float(high[0]), float(high[-1])


def _trapezoid_weights(x: np.ndarray) -> np.ndarray:
    step = np.diff(x)
    return (np.concatenate([[0.0], step]) + np.concatenate([step, [0.0]])) / 2


def emission_curve(spectrum: Spectrum, intensity_unit: str | None) -> EmissionCurve:
    """Convert a corrected emission spectrum to photons per nm.

    Parameters
    ----------
    spectrum : Spectrum
        Emission against wavelength, wavenumber or energy.
    intensity_unit : str or None
        ``"photon"``: y counts photons; ``"energy"``: y is a power per nm and is multiplied by λ. None counts as photons.

    Returns
    -------
    EmissionCurve

    Raises
    ------
    NotAnEmission
        When the signal is an absorbance or the like, or fewer than three points have a value.

    Notes
    -----
    N(λ) = P(λ) λ/hc. The constant 1/hc is left out: it is the same for sample and standard. y is taken per nm also
    where x is an energy, as spectrometers with a constant bandpass in nm write it.
    """
    if spectrum.signal.quantity in NO_EMISSION:
        raise NotAnEmission(spectrum.signal.quantity)
    wavelength_nm, values = spectrum.ascending_nm()
    if values.size < 3:
        raise NotAnEmission("no values")
    return EmissionCurve(wavelength_nm, values * wavelength_nm if intensity_unit == "energy" else values)


def share_cut(curve: EmissionCurve, first_nm: float, last_nm: float) -> float:
    """Estimate the share of the band that an integration window leaves out [1].

    Notes
    -----
    What was measured outside the window is integrated, where it is above the noise. What lies beyond the measured
    range is extrapolated as an exponential from each edge: intensity at the edge × the distance over which it grows by e.
    Good to a factor of two; too large for a Gaussian edge, which falls faster. Edges that are within twice
    their noise count as zero, so that it is blind to a background.

    Examples
    --------
    >>> x = np.arange(400.0, 501.0)
    >>> band = EmissionCurve(x, np.exp(-(((x - 450) / 9) ** 2)))
    >>> share_cut(band, 400, 500) < 1e-9, 0.1 < share_cut(band, 445, 500) < 0.35
    (True, True)
    """
    window = curve.within(first_nm, last_nm)
    inside = window.integral
    if inside <= 0 or curve.photons.max() <= 0:
        return 0.0
    outside = sum(_clear_area(curve, *edges) for edges in ((-np.inf, first_nm), (last_nm, np.inf)))
    beyond = _beyond(curve.wavelength_nm, curve.photons) + _beyond(-curve.wavelength_nm[::-1], curve.photons[::-1])
    return float((outside + beyond) / (inside + outside + beyond))


def _clear_area(curve: EmissionCurve, first_nm: float, last_nm: float) -> float:
    """Area between two wavelengths [photons], 0 where it is within twice its noise."""
    try:
        part = curve.within(first_nm, last_nm)
    except NotAnEmission:
        return 0.0
    return max(part.integral, 0.0) if part.integral > 2 * part.u_integral else 0.0


def _beyond(x: np.ndarray, y: np.ndarray) -> float:
    """Area before the first point, if the curve goes on falling exponentially as it does there.

    An edge above 1/e of the maximum shows no such fall; the width of what was measured stands in for it.
    """
    edge = float(np.median(y[:EDGE_POINTS]))
    scatter = float(np.std(y[:EDGE_POINTS])) / np.sqrt(EDGE_POINTS)
    grown = np.nonzero(y >= np.e * edge)[0]
    if edge <= 2 * scatter:
        return 0.0
    if grown.size == 0:
        return edge * float(np.trapezoid(y, x)) / float(y.max())
    return edge * float(x[grown[0]] - x[0])


def red_tail_factor(curve: EmissionCurve, most_dilute: EmissionCurve) -> float:
    """Give the factor that undoes self-absorption: integral of the matched dilute spectrum / integral of this one.

    Notes
    -----
    The red side of the band is not reabsorbed, so there the spectra of one dilution series differ by a factor only. The most dilute
    spectrum, scaled to this one on the red side (from half the maximum on), is this one without
    self-absorption; what the most dilute solution itself reabsorbs stays. Not for samples whose band changes with
    dilution for other reasons (aggregation, ligand loss). 1 where one of the two spectra holds no emission.

    Examples
    --------
    >>> x = np.arange(400.0, 501.0)
    >>> band = np.exp(-(((x - 450) / 9) ** 2))
    >>> eaten = EmissionCurve(x, 3 * band * np.where(x < 450, 0.9, 1.0))
    >>> factor = red_tail_factor(eaten, EmissionCurve(x, band))
    >>> round(factor * eaten.integral / EmissionCurve(x, 3 * band).integral, 6)
    1.0
    """
    red = curve.wavelength_nm >= most_dilute.half_maximum_nm()[1]
    dilute = np.interp(curve.wavelength_nm[red], most_dilute.wavelength_nm, most_dilute.photons)
    power = float(np.sum(dilute**2))
    if power == 0 or curve.integral <= 0 or most_dilute.integral <= 0:
        return 1.0
    return float(np.sum(dilute * curve.photons[red]) / power * most_dilute.integral / curve.integral)
