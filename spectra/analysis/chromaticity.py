"""CIE 1931 2° chromaticity of spectra, and where it lies against white and the spectral locus.

Plain functions on arrays; the method :mod:`colour` adds checks and uncertainties.
"""

from functools import cache
from pathlib import Path

import numpy as np

WHITES = {"E": (1.0 / 3.0, 1.0 / 3.0), "D65": (0.31271, 0.32902)}
REC2020_BLUE = (0.131, 0.046)
REC2020_RED, REC2020_GREEN = (0.708, 0.292), (0.170, 0.797)
_TABLES = Path(__file__).parent / "tables"
_LOCUS_NM = (380.0, 700.0)  # beyond, the locus stands still


@cache
def matching_functions() -> tuple[np.ndarray, np.ndarray]:
    """Wavelengths (471,) [nm] and the functions x̄, ȳ, z̄ (471, 3) of the CIE 1931 2° observer."""
    table = np.loadtxt(_TABLES / "cie_1931_2deg.csv", delimiter=",", skiprows=1)
    return table[:, 0], table[:, 1:]


def weights(wavelength_nm: np.ndarray) -> np.ndarray:
    """Matrix (m, 3) that turns powers on this grid into X, Y, Z: matching functions times trapezoidal widths [nm].

    Outside 360–830 nm the functions are zero, and outside the grid the spectrum is.
    """
    table_nm, functions = matching_functions()
    x = np.asarray(wavelength_nm, dtype=np.float64)
    between = np.stack([np.interp(x, table_nm, f, left=0.0, right=0.0) for f in functions.T], axis=1)
    step = np.diff(x)
    width = np.zeros(len(x))
    width[:-1] += 0.5 * step
    width[1:] += 0.5 * step
    return between * width[:, None]


def tristimulus(wavelength_nm: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Compute X, Y, Z of n spectra on one grid.

    Parameters
    ----------
    wavelength_nm : numpy.ndarray, shape (m,)
        Ascending [nm].
    power : numpy.ndarray, shape (n, m)
        Spectral power per nm, in energy and not in photons [any unit].

    Returns
    -------
    numpy.ndarray, shape (n, 3)
        X, Y, Z [unit of power · nm].

    Notes
    -----
    X = ∫ x̄(λ) S(λ) dλ by the trapezoidal rule on the grid of the spectrum, the 1 nm table interpolated to it: one
    matrix product for all. Not for grids coarser than about 10 nm.

    References
    ----------
    .. [1] CIE 015:2018, Colorimetry, 4th edition. doi:10.25039/TR.015.2018
    .. [2] CIE 1931 colour-matching functions, 2° observer. doi:10.25039/CIE.DS.xvudnb9b

    Examples
    --------
    >>> nm = np.arange(360.0, 831.0)
    >>> xyz = tristimulus(nm, np.ones((1, nm.size)))
    >>> [round(float(v), 4) for v in chromaticity(xyz)[0]]
    [0.3333, 0.3333]
    """
    transposed = weights(wavelength_nm).T @ np.atleast_2d(power).T  # two times faster than power @ weights
    return transposed.T


def chromaticity(xyz: np.ndarray) -> np.ndarray:
    """x, y (n, 2) from X, Y, Z (n, 3)."""
    return xyz[:, :2] / xyz.sum(axis=1, keepdims=True)


def uniform(xy: np.ndarray) -> np.ndarray:
    """CIE 1976 u′, v′ (n, 2) from x, y (n, 2): u′ = 4x/(−2x + 12y + 3), v′ = 9y/(−2x + 12y + 3).

    Examples
    --------
    >>> uniform(np.array([[0.131, 0.046]])).round(4).tolist()
    [[0.1593, 0.1258]]
    """
    x, y = xy[:, 0], xy[:, 1]
    below = -2.0 * x + 12.0 * y + 3.0
    return np.stack([4.0 * x / below, 9.0 * y / below], axis=1)


def blue_distance(xy: np.ndarray) -> np.ndarray:
    """Distance Δu′v′ (n,) to the blue primary of Rec. ITU-R BT.2020."""
    return np.hypot(*(uniform(xy) - uniform(np.array([REC2020_BLUE]))).T)


def rec2020_coverage(xy: np.ndarray, red: tuple[float, float], green: tuple[float, float]) -> np.ndarray:
    """Share (n,) of the Rec.2020 triangle that a display with these red and green and n blues (n, 2) covers, in CIE 1931 x, y.

    Examples
    --------
    >>> float(rec2020_coverage(np.array([REC2020_BLUE]), REC2020_RED, REC2020_GREEN)[0])
    1.0
    >>> # sRGB's primaries cover 52.9 % of it
    >>> round(float(rec2020_coverage(np.array([[0.15, 0.06]]), (0.64, 0.33), (0.30, 0.60))[0]), 3)
    0.529
    """
    whole = [REC2020_RED, REC2020_GREEN, REC2020_BLUE]
    areas = [_area(_common(_turned_left([red, green, tuple(blue)]), _turned_left(whole))) for blue in xy.tolist()]
    return np.array(areas) / _area(_turned_left(whole))


def _turned_left(corners):
    """Corners in the sense in which the area is positive."""
    return corners if _area(corners) >= 0.0 else corners[::-1]


def _area(corners) -> float:
    """Signed area of a polygon (shoelace formula)."""
    following = [*corners[1:], *corners[:1]]
    return 0.5 * sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, following, strict=True))


def _common(corners, window):
    """What two convex polygons have in common: the first is cut along every side of the second (Sutherland and Hodgman)."""
    for a, b in zip(window, [*window[1:], window[0]], strict=True):
        inside = [(b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) for p in corners]
        kept = []
        for i, (p, d) in enumerate(zip(corners, inside, strict=True)):
            q, e = corners[i - 1], inside[i - 1]
            if (d < 0.0) != (e < 0.0):
                part = e / (e - d)
                kept.append((q[0] + part * (p[0] - q[0]), q[1] + part * (p[1] - q[1])))
            if d >= 0.0:
                kept.append(p)
        corners = kept
    return corners


@cache
def spectral_locus() -> tuple[np.ndarray, np.ndarray]:
    """Wavelengths [nm] and x, y (k, 2) of monochromatic light, 380–700 nm."""
    table_nm, functions = matching_functions()
    inside = (table_nm >= _LOCUS_NM[0]) & (table_nm <= _LOCUS_NM[1])
    return table_nm[inside], chromaticity(functions[inside])


def dominant(xy: np.ndarray, white: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Find dominant wavelength and excitation purity of n colours.

    Parameters
    ----------
    xy : numpy.ndarray, shape (n, 2)
    white : tuple of float
        x, y of the white that counts as colourless.

    Returns
    -------
    wavelength_nm : numpy.ndarray, shape (n,)
        Where the ray from white through the colour meets the spectral locus; NaN for purples, which have none [nm].
    purity : numpy.ndarray, shape (n,)
        Distance from white, in parts of the distance of that point (for purples: of the purple line) [1].

    Notes
    -----
    The locus is taken as straight between whole nanometres, and the wavelength interpolated on these chords: good to
    0.02 nm between 420 and 650 nm. Below 410 nm and above 680 nm the locus hardly moves, and the wavelength says little.

    Examples
    --------
    >>> nm, purity = dominant(np.array([[0.1314, 0.0459]]), WHITES["E"])
    >>> round(float(nm[0]), 1), round(float(purity[0]), 3)
    (467.0, 1.0)
    """
    locus_nm, locus = spectral_locus()
    ray = np.asarray(xy, dtype=np.float64) - np.array(white)  # (n, 2)
    ends = locus - np.array(white)
    side = ray[:, :1] * ends[None, :, 1] - ray[:, 1:] * ends[None, :, 0]  # (n, k) cross product
    ahead = ray @ ends.T
    crosses = (side[:, :-1] * side[:, 1:] <= 0.0) & (ahead[:, :-1] + ahead[:, 1:] > 0.0)
    found, first, rows = crosses.any(axis=1), crosses.argmax(axis=1), np.arange(len(ray))
    a, b = side[rows, first], side[rows, first + 1]
    part = np.where(found, a / np.where(a == b, 1.0, a - b), 0.0)
    wavelength = locus_nm[first] + part * (locus_nm[first + 1] - locus_nm[first])
    border = ends[first] + part[:, None] * (ends[first + 1] - ends[first])
    border = np.where(found[:, None], border, _on_purple_line(ray, ends[0], ends[-1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        purity = np.hypot(*ray.T) / np.hypot(*border.T)
    return np.where(found, wavelength, np.nan), purity


def _on_purple_line(ray, violet, red) -> np.ndarray:
    """Where rays (n, 2) from white meet the line from violet to red."""
    along = red - violet
    below = ray[:, 0] * along[1] - ray[:, 1] * along[0]
    reach = (violet[0] * along[1] - violet[1] * along[0]) / np.where(below == 0.0, np.nan, below)
    return reach[:, None] * ray
