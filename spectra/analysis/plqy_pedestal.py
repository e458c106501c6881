"""A constant background under the emission of a dilution series, taken off where no blank does: dark counts, an offset.

Such a level does not grow with concentration. Left in, it raises the dilute points most, the line misses the origin, and a weak
emitter comes out too bright by tens of per cent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from spectra.analysis.emission_integral import EmissionCurve
from spectra.analysis.findings import Findings, shown
from spectra.analysis.plqy_dilution import Dilution
from spectra.notes import gettext_noop

END_SHARE = 0.06  # of the range's points at either end
FEWEST_POINTS = 3
CLEAR = 3.0  # standard uncertainties
HIGHEST = 0.1  # of the maximum, in the brightest: under ten widths of a band, more would be most of its integral
U_RELATIVE = 0.1  # of the level itself: it need not be as flat under the band as it is beside it


@dataclass(frozen=True, eq=False)
class Pedestal:
    """Levels [photons per nm] that were subtracted from the dilutions, the most dilute first; shape (n,), 0 where none was."""

    level: np.ndarray
    u: np.ndarray

    def u_integral(self, first_nm: float, last_nm: float) -> np.ndarray:
        """What the levels leave uncertain in the integrals, shape (n,)."""
        return self.u * (last_nm - first_nm)


def level_below(curve: EmissionCurve) -> tuple[float, float]:
    """The level at the ends of a range and its standard uncertainty: the lower end's where they differ, since a constant

    background is under both and anything else (stray light, a tail of the band) under one.

    Examples
    --------
    >>> x = np.arange(400.0, 601.0)
    >>> band = 90 * np.exp(-(((x - 460) / 9) ** 2)) + 5 + 0.2 * (-1) ** (x // 2)
    >>> level, u = level_below(EmissionCurve(x, band))
    >>> round(level), u < 0.2
    (5, True)
    """
    y = curve.photons
    n = max(FEWEST_POINTS, round(END_SHARE * y.size))
    if y.size < 4 * n or not np.any(y):
        return 0.0, 0.0
    noise = np.sqrt([np.mean(np.diff(part, 4) ** 2) / 70 for part in (y[: n + 4], y[-n - 4 :])])
    means, u = np.array([y[:n].mean(), y[-n:].mean()]), np.maximum(noise, 1e-12 * np.abs(y).max()) / np.sqrt(n)
    if abs(means[1] - means[0]) <= 2 * np.hypot(*u):
        return float(np.average(means, weights=u**-2)), float(np.sum(u**-2) ** -0.5)
    low = int(means.argmin())
    return float(means[low]), float(u[low])


def grows_with_band(level: np.ndarray, u: np.ndarray, height: np.ndarray) -> bool:
    """Whether levels (n,) follow the heights (n,) of their bands at least as well as they keep one value.

    Then they are feet of the band, and no background. Of one dilution nothing can tell, and it counts as a foot.

    Examples
    --------
    >>> height, u = np.array([1.0, 2.0, 4.0]), np.full(3, 0.01)
    >>> grows_with_band(0.05 * height, u, height), grows_with_band(np.full(3, 0.05), u, height)
    (True, False)
    """

    def misfit(shape):
        weighted = shape / u
        return np.sum((level / u - weighted * (weighted @ (level / u)) / (weighted @ weighted)) ** 2)

    return bool(misfit(height) <= misfit(np.ones_like(height)) * (1 + 1e-9))


def subtract_pedestal(
    which: str,
    dilutions: Sequence[Dilution],
    window_nm: tuple[float, float],
    range_nm: tuple[float, float],
    findings: Findings,
) -> tuple[list[Dilution], Pedestal | None]:
    """Take the constant level off all dilutions where it is clearly above or below zero; tells what it was.

    It is read at the ends of ``range_nm``, all that was measured without excitation light: a window may cut the band.
    """
    bands = [d.emission.within(*window_nm) for d in dilutions]
    wide = [d.emission.within(*range_nm) for d in dilutions] if range_nm[0] < range_nm[1] else bands
    level, u = np.array([level_below(curve) for curve in wide]).T
    tops = np.array([band.photons.max() for band in bands])
    if not (u > 0).all() or np.sum(level) ** 2 <= CLEAR**2 * np.sum(u**2):
        return list(dilutions), None
    if np.abs(level).max() > HIGHEST * tops.max() or grows_with_band(level, u, tops - level):
        return list(dilutions), None
    share = np.median(level * (window_nm[1] - window_nm[0]) / [band.integral for band in bands])
    findings.warn(
        f"pedestal_{which}",
        gettext_noop(
            "No blank was subtracted from the {which}, and its spectra lie on a constant level, in all {percent} % of their "
            "integrals: it was taken off. Stray light and Raman bands stay."
        ),
        which=which,
        percent=shown(100 * float(share), 2),
    )
    cleared = [
        replace(d, emission=EmissionCurve(d.emission.wavelength_nm, d.emission.photons - one))
        for d, one in zip(dilutions, level, strict=True)
    ]
    return cleared, Pedestal(level, np.hypot(u, U_RELATIVE * level))
