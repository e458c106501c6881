"""Emission against absorbed light: the line of one dilution series, with what each error does to its slope."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spectra.analysis.line_through_origin import FreeLine, free_line, slope_through_origin
from spectra.analysis.plqy_series import DilutionSeries

DRAWS = 4000
SEED = 453
STREAM = {"sample": 1, "standard": 2}  # of the random numbers: what is drawn for one is independent of the other
FLOOR = 1e-9  # of the largest integral: keeps weights finite where no error is declared


@dataclass(frozen=True, eq=False)
class GradientLine:
    """The line of one series against one abscissa.

    ``x`` [1], ``y`` [photons, arbitrary], shape (n,). ``u_x`` and ``u_y`` are the errors that the points do not share;
    ``offset_u`` [1 in A] is the one that they do.
    """

    which: str
    x: np.ndarray
    y: np.ndarray
    u_x: np.ndarray
    u_y: np.ndarray
    dx_da: np.ndarray
    offset_u: float
    slope: float
    chi2_reduced: float | None
    free: FreeLine | None

    @property
    def n(self) -> int:
        return self.x.size

    @property
    def u_x_weighing(self) -> np.ndarray:
        """Errors of x for the weights: a shared offset harms the dilute points most, so they should weigh less."""
        return np.hypot(self.u_x, self.dx_da * self.offset_u)

    def slope_of(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Slope of other points with the weights of these, shape (..., n) → (...)."""
        return slope_through_origin(x, y, self.u_x_weighing, self.u_y)

    def effect(self, x: np.ndarray | None = None, y: np.ndarray | None = None) -> float:
        """Relative change of the slope when these points were measured instead [1]."""
        return float(self.slope_of(self.x if x is None else x, self.y if y is None else y)) / self.slope - 1

    @property
    def inflation(self) -> float:
        """√χ²_r where it exceeds 1: the points scatter more than was declared."""
        return float(np.sqrt(max(1.0, self.chi2_reduced or 0.0)))

    @cached_property
    def u_relative(self) -> float:
        """Relative standard uncertainty of the slope from errors that the points do not share [1]."""
        step = 1e-4
        moved = np.concatenate([np.diag(self.u_x), np.zeros((self.n, self.n))]) * step
        lifted = np.concatenate([np.zeros((self.n, self.n)), np.diag(self.u_y)]) * step
        changes = (self.slope_of(self.x + moved, self.y + lifted) - self.slope) / (step * self.slope)
        return self.inflation * float(np.sqrt(np.sum(changes**2)))

    @cached_property
    def offset_effect(self) -> float:
        """Relative, signed change of the slope by a baseline offset of one standard uncertainty [1]."""
        return self.effect(x=self.x + self.dx_da * self.offset_u)

    @property
    def u_intercept(self) -> float | None:
        """Standard uncertainty of the free intercept, a shared baseline offset included."""
        if self.free is None or self.n < 3:
            return None
        own = self.free.u_intercept * np.sqrt(max(1.0, self.free.chi2 / self.free.degrees_of_freedom))
        return float(np.hypot(own, self.free.slope * np.mean(self.dx_da) * self.offset_u))

    @cached_property
    def simulated_slopes(self) -> np.ndarray:
        """Slopes of simulated repetitions of the whole series, shape (DRAWS,); the same for all that share the series."""
        rng = np.random.default_rng([SEED, STREAM[self.which]])
        own_x, own_y = rng.standard_normal((2, DRAWS, self.n)) * self.inflation
        offset = rng.standard_normal((DRAWS, 1)) * self.offset_u
        return self.slope_of(self.x + own_x * self.u_x + offset * self.dx_da, self.y + own_y * self.u_y)


def gradient_line(
    series: DilutionSeries, abscissa: str, offset_u: float, factors: np.ndarray | None = None
) -> GradientLine:
    """Fit the line of a series through the origin, with the free-intercept line beside it.

    Parameters
    ----------
    series : DilutionSeries
    abscissa : str
        ``"absorptance"`` (1 − 10^(−A), over the bandpass) or ``"absorbance"`` (A at λ_ex, the classical choice, which
        is biased: emission is proportional to the light absorbed, not to A).
    offset_u : float
        Standard uncertainty of a baseline offset common to the series [1 in A].
    factors : ndarray, shape (n,), optional
        Correction of each integral, e.g. for self-absorption [1].

    Returns
    -------
    GradientLine
    """
    x, dx_da = series.absorptances
    if abscissa == "absorbance":
        x, dx_da = series.absorbances, np.ones(series.n)
    y, u_y = series.photons, series.u_photons
    if factors is not None:
        y, u_y = y * factors, u_y * factors
    u_x = series.u_absorbances * dx_da
    u_y = np.hypot(u_y, FLOOR * np.abs(y).max())
    slope = float(slope_through_origin(x, y, np.hypot(u_x, dx_da * offset_u), u_y))
    chi2 = _chi2_reduced(x, y, u_x, u_y, slope, slope * dx_da * offset_u)
    return GradientLine(
        series.which, x, y, u_x, u_y, dx_da, offset_u, slope, chi2, free_line(x, y, u_x, u_y) if x.size > 1 else None
    )


def _chi2_reduced(x, y, u_x, u_y, slope: float, shared: np.ndarray) -> float | None:
    """χ²_r of the residuals with the shared offset in their covariance; None for one point.

    Notes
    -----
    rᵀ(D + vvᵀ)⁻¹r by Sherman–Morrison, D = diag(u_y² + m²u_x²), v the effect of the offset on each residual. Without v an
    offset that is in the budget already would be counted a second time.
    """
    if x.size < 2:
        return None
    variance = u_y**2 + slope**2 * u_x**2
    residual = y - slope * x
    along = np.sum(residual * shared / variance)
    chi2 = np.sum(residual**2 / variance) - along**2 / (1 + np.sum(shared**2 / variance))
    return float(max(chi2, 0.0) / (x.size - 1))
