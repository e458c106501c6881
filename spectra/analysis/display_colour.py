"""The colour of an emission as a screen can show it: CIE x, y → sRGB, as vivid as the screen allows."""

import numpy as np

# IEC 61966-2-1: X, Y, Z (D65) → linear sRGB
_XYZ_TO_RGB = np.array(
    [[3.2406255, -1.5372080, -0.4986286], [-0.9689307, 1.8757561, 0.0415175], [0.0557101, -0.2040211, 1.0569959]]
)


def display_colours(xy: np.ndarray) -> list[str | None]:
    """Give the sRGB colours of n chromaticities, for swatches and plots.

    Parameters
    ----------
    xy : numpy.ndarray, shape (n, 2)
        CIE 1931 x, y [1].

    Returns
    -------
    list of str or None
        ``#rrggbb`` at the brightest the screen can; None where x, y is no colour (not finite, y ≤ 0, x < 0, x + y > 1).

    Notes
    -----
    Emission of narrow bands lies outside what sRGB can show: negative channels are cut at zero, which keeps deep blues
    and reds deep (mixing white in instead turns 640 nm pink and 453 nm violet). Brightness is that of the screen, not of
    the sample: a swatch tells hues apart and measures nothing.

    References
    ----------
    .. [1] IEC 61966-2-1:1999, Multimedia systems and equipment, colour measurement and management, part 2-1: sRGB.

    Examples
    --------
    >>> display_colours(np.array([[0.3127, 0.3290], [0.64, 0.33], [0.15, 0.06], [0.5, 0.0]]))
    ['#ffffff', '#ff0000', '#0000ff', None]
    """
    xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    x, y = xy.T
    with np.errstate(invalid="ignore"):
        known = np.isfinite(xy).all(axis=1) & (x >= 0) & (y > 0) & (x + y <= 1)
    xyz = np.where(known[:, None], np.stack([x, y, 1 - x - y], axis=1), 1 / 3)
    rgb = np.maximum(xyz @ _XYZ_TO_RGB.T, 0.0)
    rgb = _gamma(rgb / rgb.max(axis=1, keepdims=True))
    return [
        "#{:02x}{:02x}{:02x}".format(*levels) if ok else None
        for levels, ok in zip(np.round(255 * rgb).astype(int), known, strict=True)
    ]


def _gamma(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055)
