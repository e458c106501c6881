"""A scale bar over an image: a round length whose place and size follow from the size of a pixel alone."""

from dataclasses import dataclass
from math import floor, isfinite, log10

SHARE = 0.25  # of the width, at most
STEPS = (1, 2, 5)
UNITS = ((1e6, "mm"), (1e3, "µm"), (1.0, "nm"))


@dataclass(frozen=True)
class ScaleBar:
    """``length_px`` in pixels of the picture that is shown; ``label`` as it is written, e.g. ``50 nm``."""

    length_nm: float
    length_px: float
    label: str


def scale_bar(pixel_size_nm: float, source_width: int, shown_width: int) -> ScaleBar | None:
    """Find the longest round length (1, 2 or 5 times a power of ten) that fits.

    Parameters
    ----------
    pixel_size_nm : float
        Size of a pixel of the image as it was taken [nm].
    source_width, shown_width : int
        Width of the image as it was taken and as it is shown [pixels].

    Returns
    -------
    ScaleBar or None
        None when no honest bar can be drawn.

    Examples
    --------
    >>> bar = scale_bar(0.21, 2048, 1200)
    >>> bar.label, round(bar.length_px, 1)
    ('100 nm', 279.0)
    """
    if not (isfinite(pixel_size_nm) and pixel_size_nm > 0 and source_width > 0 and shown_width > 0):
        return None
    most_nm = SHARE * source_width * pixel_size_nm
    power = 10.0 ** floor(log10(most_nm))
    length_nm = max(step * power for step in STEPS if step * power <= most_nm * (1 + 1e-9))
    length_px = length_nm / pixel_size_nm * shown_width / source_width
    return ScaleBar(length_nm, length_px, _label(length_nm))


def _label(length_nm: float) -> str:
    size, unit = next(((size, unit) for size, unit in UNITS if length_nm >= size), (1.0, "nm"))
    return f"{length_nm / size:g} {unit}"
