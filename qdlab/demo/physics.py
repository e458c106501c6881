"""What an ideal instrument would see of a solution: emission per photon absorbed, absorbance, decay. No noise here.

Shapes: the emission of the dots is a sum of Gaussians in wavelength (the paper gives widths in nm); their absorbance an
excitonic Gaussian on an edge that rises to the blue. 9,10-Diphenylanthracene is drawn as its vibronic progressions
(absorption at 355, 373 and 393 nm, emission at 407, 428, 452 and 480 nm), about as they are seen in cyclohexane.
"""

from dataclasses import dataclass

import numpy as np

FWHM_PER_SIGMA = 2 * np.sqrt(2 * np.log(2))


def gaussian(x: np.ndarray, center: float, fwhm: float) -> np.ndarray:
    """A Gaussian of height 1."""
    return np.exp(-0.5 * ((x - center) * FWHM_PER_SIGMA / fwhm) ** 2)


@dataclass(frozen=True)
class Band:
    peak_nm: float
    fwhm_nm: float
    height: float = 1.0

    def __call__(self, wavelength_nm: np.ndarray) -> np.ndarray:
        return self.height * gaussian(wavelength_nm, self.peak_nm, self.fwhm_nm)

    @property
    def area(self) -> float:
        return self.height * self.fwhm_nm / FWHM_PER_SIGMA * np.sqrt(2 * np.pi)


DPA_EMISSION = (Band(407, 14, 0.62), Band(428, 17, 1.0), Band(452, 22, 0.62), Band(480, 32, 0.2))
DPA_ABSORBANCE = (
    Band(337, 13, 0.38),
    Band(354.5, 12, 0.78),
    Band(373, 11, 1.0),
    Band(393, 10, 0.88),
    Band(260, 20, 4.0),
)


def total(bands: tuple[Band, ...], wavelength_nm: np.ndarray) -> np.ndarray:
    return sum(band(wavelength_nm) for band in bands)


def photons_per_nm(bands: tuple[Band, ...], wavelength_nm: np.ndarray) -> np.ndarray:
    """Emission spectrum that integrates to one photon [1/nm]."""
    return total(bands, wavelength_nm) / sum(band.area for band in bands)


def dot_absorbance(wavelength_nm: np.ndarray, exciton_nm: float, exciton_fwhm_nm: float = 17.0) -> np.ndarray:
    """Absorbance of the dots, 1 at 372 nm: exciton, second transition, and an edge rising to the blue."""
    return _dots(wavelength_nm, exciton_nm, exciton_fwhm_nm) / _dots(np.array([372.0]), exciton_nm, exciton_fwhm_nm)[0]


def _dots(wavelength_nm: np.ndarray, exciton_nm: float, fwhm_nm: float) -> np.ndarray:
    edge = 1 / (1 + np.exp((wavelength_nm - exciton_nm + 24) / 9))
    rise = np.exp((exciton_nm - wavelength_nm) / 95)
    return (
        0.42 * gaussian(wavelength_nm, exciton_nm, fwhm_nm)
        + 0.18 * gaussian(wavelength_nm, exciton_nm - 38, 30)
        + 0.7 * edge * rise
    )


def dpa_absorbance(wavelength_nm: np.ndarray) -> np.ndarray:
    """Absorbance of the standard, 1 at 372 nm."""
    return total(DPA_ABSORBANCE, wavelength_nm) / total(DPA_ABSORBANCE, np.array([372.0]))[0]


def absorptance(absorbance: float) -> float:
    return 1 - 10 ** -np.asarray(absorbance)


def decay_counts(
    lifetimes_ns: tuple[float, ...],
    shares: tuple[float, ...],
    irf: np.ndarray,
    bin_ns: float,
    period_ns: float,
    photons: float,
    background: float,
) -> np.ndarray:
    """Expected counts of a periodically excited decay behind an instrument response.

    ``shares`` are the amplitudes α_i; the response is folded with the exponentials bin by bin, and what is still alive
    after a period comes back at its start (exactly: the geometric sum over all earlier pulses).
    """
    n = round(period_ns / bin_ns)
    time_ns = np.arange(n) * bin_ns
    response = np.zeros(n)
    response[: irf.size] = irf[:n] / irf.sum()
    alive = sum(
        share * np.exp(-time_ns / tau) / -np.expm1(-period_ns / tau)
        for tau, share in zip(lifetimes_ns, shares, strict=True)
    )
    model = np.fft.irfft(np.fft.rfft(response) * np.fft.rfft(alive), n)[: irf.size]
    return np.clip(photons * model / model.sum(), 0, None) + background
