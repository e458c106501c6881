"""What the colour of an emission spectrum takes: its settings, with their defaults."""

from spectra.analysis.chromaticity import REC2020_GREEN, REC2020_RED
from spectra.analysis.exclusions import exclude_parameter
from spectra.analysis.method import Parameter
from spectra.notes import gettext_noop

PARAMETERS = (
    Parameter("window_min_nm", "number", None, gettext_noop("Window from"), "nm", minimum=0.0),
    Parameter("window_max_nm", "number", None, gettext_noop("Window to"), "nm", minimum=0.0),
    exclude_parameter("nm"),
    Parameter(
        "baseline",
        "choice",
        "constant",
        gettext_noop("Baseline"),
        choices=(gettext_noop("none"), gettext_noop("constant"), gettext_noop("linear")),
    ),
    Parameter("white", "choice", "E", gettext_noop("White of dominant wavelength and purity"), choices=("E", "D65")),
    *(
        Parameter(name, "number", default, label, "1", minimum=0.0, maximum=1.0, later=True)
        for name, default, label in (
            ("red_x", REC2020_RED[0], gettext_noop("Display's red, x")),
            ("red_y", REC2020_RED[1], gettext_noop("Display's red, y")),
            ("green_x", REC2020_GREEN[0], gettext_noop("Display's green, x")),
            ("green_y", REC2020_GREEN[1], gettext_noop("Display's green, y")),
        )
    ),
    Parameter(
        "wavelength_u_nm",
        "number",
        0.3,
        gettext_noop("Uncertainty of the wavelength scale (k = 1)"),
        "nm",
        minimum=0.0,
    ),
    Parameter("override", "text", "", gettext_noop("Overridden refusals")),
)
