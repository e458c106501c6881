import colorsys

import numpy as np
import pytest

from spectra.analysis.chromaticity import chromaticity, tristimulus
from spectra.analysis.display_colour import display_colours


def hue(colour: str) -> float:
    """Hue of a hex colour [degrees]."""
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 360 * colorsys.rgb_to_hsv(r, g, b)[0]


def colour_of_band(peak_nm: float, fwhm_nm: float = 15.0) -> str:
    nm = np.arange(380.0, 781.0)
    band = np.exp(-4 * np.log(2) * ((nm - peak_nm) / fwhm_nm) ** 2)
    return display_colours(chromaticity(tristimulus(nm, band[None, :])))[0]


@pytest.mark.parametrize(
    ("xy", "colour"),
    [
        # Primaries and white of IEC 61966-2-1 come back as themselves.
        ((0.64, 0.33), "#ff0000"),
        ((0.30, 0.60), "#00ff00"),
        ((0.15, 0.06), "#0000ff"),
        ((0.3127, 0.3290), "#ffffff"),
    ],
)
def test_the_primaries_and_white_of_the_screen_are_themselves(xy, colour):
    assert display_colours(np.array([xy])) == [colour]


@pytest.mark.parametrize(("peak_nm", "low", "high"), [(453, 220, 270), (517, 100, 165), (590, 15, 60), (640, 0, 15)])
def test_a_band_has_the_hue_that_the_eye_expects(peak_nm, low, high):
    # Wide brackets around blue, green, orange and red: what a swatch is for.
    assert low <= hue(colour_of_band(peak_nm)) <= high


def test_a_colour_outside_the_screen_is_clipped_and_not_folded_over():
    # Rec.2020 blue and green lie outside sRGB: one channel is at its end, none has wrapped.
    blue, green = display_colours(np.array([[0.131, 0.046], [0.170, 0.797]]))
    assert blue[5:] == "ff"
    assert green[3:5] == "ff"


@pytest.mark.parametrize("xy", [(np.nan, 0.3), (0.3, 0.0), (-0.1, 0.3), (0.8, 0.7)])
def test_what_is_no_chromaticity_has_no_colour(xy):
    assert display_colours(np.array([xy])) == [None]
