"""Light that a colloid scatters counts as absorbance; its share is read from the tail below the gap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectra.analysis.absorptance import AbsorbanceCurve

EXPONENTS = np.linspace(1.0, 4.5, 36)  # λ^-4 for particles much smaller than λ, less for larger ones
STEEPER = np.linspace(5.0, 20.0, 31)  # no scattering falls off so fast: that is the tail of an absorption
LEAST_POINTS = 5
LEAST_RANGE_NM = 20.0
LEAST_SPREAD = 0.1  # of A(λ_ex), relative: equal solutions cannot tell an offset from scatter
MOST = 0.9  # a larger share is no scatter beside absorption
SIGNIFICANT = 2.5  # standard uncertainties; few dilutions know theirs badly


@dataclass(frozen=True)
class Scatter:
    """Scattering as a share of the absorbance at λ_ex, A_scatter(λ) = share · A(λ_ex) · (λ/λ_ex)^-exponent."""

    share: float
    exponent: float
    significant: bool  # the tail is above its own noise
    first_nm: float
    last_nm: float
    offset_removed: bool  # needs three dilutions: what does not grow with concentration is an offset, not scatter

    def removed_from(self, curve: AbsorbanceCurve, excitation_nm: float) -> AbsorbanceCurve:
        """The curve without its scattered light."""
        scattered = self.share * curve.at(excitation_nm) * (curve.wavelength_nm / excitation_nm) ** -self.exponent
        return AbsorbanceCurve(curve.wavelength_nm, curve.absorbance - scattered, curve.assumed)


def estimate_scatter(
    curves: Sequence[AbsorbanceCurve],
    excitation_nm: Sequence[float],
    first_nm: float,
    offset_u: float = 0.0,
) -> Scatter | None:
    """Estimate the scattered share of A(λ_ex) from the tail where the sample does not absorb.

    Scattering grows with concentration like absorption does, so that no regression line shows it.

    Parameters
    ----------
    curves : sequence of AbsorbanceCurve, length n
        One dilution series.
    excitation_nm : sequence of float, length n
        Excitation wavelength of each [nm].
    first_nm : float
        Where the tail begins: beyond the absorption edge and the emission band [nm].
    offset_u : float
        Standard uncertainty of a baseline offset [1]: with fewer than three dilutions it cannot be told from scatter.

    Returns
    -------
    Scatter or None
        None when the curves do not reach at least 20 nm and 5 points beyond ``first_nm``.

    Notes
    -----
    At each wavelength of the tail A_i(λ) is a straight line against A_i(λ_ex), whose slope s(λ) is the part that grows with concentration;
    its intercept is a baseline offset and is dropped. s(λ) = q (λ/λ_ex)^-k is fitted with k from 1 to 4.5.
    A tail that falls off faster than λ^-5 absorbs, and is not taken for scatter. Assumes that otherwise nothing absorbs in
    the tail; not for films, aggregates with interference, or samples with defect
    absorption below the gap, which would be taken for scatter.

    Examples
    --------
    >>> x = np.arange(350.0, 701.0)
    >>> clear = np.where(x < 470, 1.0, 0.0)
    >>> series = [AbsorbanceCurve(x, c * (0.95 * clear + 0.05 * (x / 372) ** -4.0)) for c in (0.02, 0.05, 0.1)]
    >>> found = estimate_scatter(series, [372.0] * 3, 500.0)
    >>> round(found.share, 4), round(found.exponent, 2), found.significant
    (0.05, 4.0, True)
    """
    last_nm = min(float(c.wavelength_nm[-1]) for c in curves)
    grid = curves[0].wavelength_nm
    grid = grid[(grid >= first_nm) & (grid <= last_nm)]
    if grid.size < LEAST_POINTS or grid[-1] - grid[0] < LEAST_RANGE_NM:
        return None
    at_excitation = np.array([c.at(e) for c, e in zip(curves, excitation_nm, strict=True)])
    tails = np.array([np.interp(grid, c.wavelength_nm, c.absorbance) for c in curves])
    reference_nm = float(np.mean(excitation_nm))
    free = len(curves) >= 3 and np.ptp(at_excitation) > LEAST_SPREAD * at_excitation.mean()
    abscissa = at_excitation - at_excitation.mean() if free else at_excitation
    growth = abscissa @ tails / np.sum(abscissa**2)
    share, exponent = _power_law(grid / reference_nm, growth)
    absorbs = _too_steep(grid / reference_nm, growth)
    residual_u = _mean_growth_u(abscissa, at_excitation, tails, growth, bool(free))
    offset_share = 0.0 if free else offset_u / float(np.sqrt(np.mean(at_excitation**2)))
    significant = growth.mean() > SIGNIFICANT * np.hypot(residual_u, offset_share) and growth.mean() > 1e-6
    return Scatter(
        max(share, 0.0),
        exponent,
        bool(significant and share < MOST and not absorbs),
        float(grid[0]),
        float(grid[-1]),
        bool(free),
    )


def _power_law(ratio: np.ndarray, growth: np.ndarray) -> tuple[float, float]:
    shares, squares = _fitted(ratio, growth, EXPONENTS)
    best = int(np.argmin(squares))
    return float(shares[best]), float(EXPONENTS[best])


def _too_steep(ratio: np.ndarray, growth: np.ndarray) -> bool:
    """Does the tail fall so fast that it must be absorption (an Urbach tail, for instance)? Noise alone does not say so."""
    flat, steep = (_fitted(ratio, growth, exponents)[1].min() for exponents in (EXPONENTS, STEEPER))
    return bool(steep < 0.5 * flat)


def _fitted(ratio: np.ndarray, growth: np.ndarray, exponents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best share and sum of squared residuals for each exponent."""
    basis = ratio[None, :] ** -exponents[:, None]
    shares = basis @ growth / np.sum(basis**2, axis=1)
    return shares, np.sum((growth - shares[:, None] * basis) ** 2, axis=1)


def _mean_growth_u(abscissa, at_excitation, tails, growth, free: bool) -> float:
    """Standard uncertainty of the tail's mean slope against A(λ_ex)."""
    means = tails.mean(axis=1)
    expected = growth.mean() * (abscissa if free else at_excitation) + (means.mean() if free else 0.0)
    degrees = max(len(means) - (2 if free else 1), 1)
    scatter = np.sqrt(np.sum((means - expected) ** 2) / degrees)
    noise = np.std(tails - means[:, None], axis=1).mean() / np.sqrt(tails.shape[1])
    return float(np.hypot(scatter, noise) / np.sqrt(np.sum(abscissa**2)))
