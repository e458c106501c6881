"""Numbers that mean "over range": instruments write 9999.9 where the detector was saturated.

In absorbance, transmittance, reflectance and ellipticity such a number cannot be a value: it becomes "no value" (NaN).
In an intensity it can be one; the values are kept, and only a plateau at it is reported.
"""

from dataclasses import replace

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.spectrum import Channel

OVER_RANGE = (9999.0, 9999.9, 9999.99, 9999.999, 99999.0, 99999.9)
BOUNDED = ("absorbance", "transmittance", "reflectance", "ellipticity")


def over_range_level(channel: Channel) -> float | None:
    """The over-range number that the channel holds, if any (its sign may be either)."""
    size = np.abs(channel.values)
    top = np.nanmax(size) if np.isfinite(size).any() else 0.0
    if top not in OVER_RANGE:
        return None
    if channel.quantity in BOUNDED:
        return float(top)
    return float(top) if np.count_nonzero(size == top) > 1 else None


def blank_over_range(channel: Channel) -> tuple[Channel, list[Note]]:
    """Replace over-range numbers by NaN where they cannot be values; say so."""
    level = over_range_level(channel)
    if level is None:
        return channel, []
    over = np.abs(channel.values) == level
    values = {"level": level, "n": int(over.sum())}
    if channel.quantity not in BOUNDED:
        text = gettext_noop("{n} points stand at {level}: the detector was probably saturated there.")
        return channel, [Note("saturated", text, values)]
    text = gettext_noop("{n} points were over range ({level}) and are left out.")
    return replace(channel, values=np.where(over, np.nan, channel.values)), [Note("over_range", text, values)]
