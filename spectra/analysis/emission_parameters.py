"""What the emission band takes: its settings, with their defaults."""

from spectra.analysis.exclusions import exclude_parameter
from spectra.analysis.method import Parameter
from spectra.notes import gettext_noop

# Variance of a slit of FWHM 1 in units of that of a Gaussian of FWHM 1: by so much its square is taken off.
SLITS = {
    gettext_noop("triangle"): 0.9241962407465937,
    gettext_noop("rectangle"): 0.46209812037329684,
    gettext_noop("Gaussian"): 1.0,
}
QD_PLACES_NM = {"MAPbBr3": 453.0, "CsPbBr3": 463.0}  # of n = 4, doi:10.21203/rs.3.rs-1464874/v1
QD_SIZES = (4, 5, 6)


def _qd_place(n: int, label: str) -> Parameter:
    return Parameter(
        f"qd{n}_nm", "number", None, label, "nm", minimum=200.0, maximum=2000.0, later=True,
        help=gettext_noop("Automatic: for n = 4 as published, for 5 and 6 from it, the gap of the bulk and 1/n²."),
    )  # fmt: skip


PARAMETERS = (
    Parameter("window_min_nm", "number", None, gettext_noop("Window from"), "nm", minimum=0.0),
    Parameter("window_max_nm", "number", None, gettext_noop("Window to"), "nm", minimum=0.0),
    exclude_parameter("nm"),
    Parameter(
        "baseline", "choice", "constant", gettext_noop("Baseline"),
        choices=(gettext_noop("none"), gettext_noop("constant"), gettext_noop("linear"), gettext_noop("exponential")),
        help=gettext_noop("Exponential: the tail of scattered excitation light, in the Gaussian fit only."),
    ),
    Parameter(
        "baseline_nm", "ranges", "", gettext_noop("Baseline drawn through the points at"), "nm", later=True,
        help=gettext_noop("Ranges and single places, like 400-420, 540. Empty: all points beside the bands."),
    ),
    Parameter(
        "n_gaussians", "integer", None, gettext_noop("Number of Gaussians"), minimum=1, maximum=4,
        help=gettext_noop("Automatic: the smallest number that the Bayesian criterion supports with plausible bands."),
    ),
    Parameter(
        "centers_nm", "numbers", "", gettext_noop("Centres of the Gaussians"), "nm", minimum=100.0, maximum=5000.0, later=True,
        help=gettext_noop("One Gaussian begins at each, like 453, 471; with ! it is held there: 453, 471!"),
    ),
    Parameter(
        "fwhms_nm", "numbers", "", gettext_noop("FWHM of these Gaussians"), "nm", minimum=0.1, maximum=1000.0, later=True,
        help=gettext_noop("In the order of the centres; one number is for all. With ! it is held: 15!"),
    ),
    Parameter(
        "weights", "choice", "equal", gettext_noop("Weights of the points"),
        choices=(gettext_noop("equal"), gettext_noop("noise")),
        help=gettext_noop("Noise: 1/variance as found in the data; sharper for a truly Gaussian band."),
    ),
    Parameter(
        "smoothing_nm", "number", None, gettext_noop("Smoothing in the search for maxima"), "nm", minimum=0.0,
        help=gettext_noop("No number is taken from the smoothed curve."),
    ),
    Parameter(
        "slit_shape", "choice", "triangle", gettext_noop("Shape of the emission slit"), choices=tuple(SLITS), later=True,
        help=gettext_noop("Two equal slits of a monochromator make a triangle. Its width is a condition of the measurement."),
    ),
    Parameter(
        "qd_series", "choice", "none", gettext_noop("Assign the bands to QD_n of"), later=True,
        choices=(gettext_noop("none"), *QD_PLACES_NM),
        help=gettext_noop("Dots of n = 4, 5 and 6 unit cells along the edge, each band to the nearest."),
    ),
    _qd_place(4, gettext_noop("QD₄ emits at")),
    _qd_place(5, gettext_noop("QD₅ emits at")),
    _qd_place(6, gettext_noop("QD₆ emits at")),
    Parameter(
        "wavelength_u_nm", "number", 0.3, gettext_noop("Uncertainty of the wavelength scale (k = 1)"), "nm", minimum=0.0,
        help=gettext_noop("0.3 nm: checked with lamp lines to ±0.5 nm. Unchecked instruments promise ±1 nm: 0.6."),
    ),
)  # fmt: skip
