"""What the lifetime of a decay takes: its settings, with their defaults."""

from spectra.analysis.method import Parameter
from spectra.notes import gettext_noop

PARAMETERS = (
    Parameter("n_exponentials", "integer", None, gettext_noop("Number of exponentials"), minimum=1, maximum=3),
    Parameter(
        "taus_ns",
        "numbers",
        "",
        gettext_noop("Lifetimes"),
        "ns",
        minimum=1e-6,
        maximum=1e9,
        later=True,
        help=gettext_noop("One exponential begins at each, like 1.2, 9; with ! it is held there: 9!"),
    ),
    Parameter("start_ns", "number", None, gettext_noop("Start of the fit"), "ns"),
    Parameter("stop_ns", "number", None, gettext_noop("End of the fit"), "ns"),
    Parameter("shift", "flag", True, gettext_noop("Fit the shift of the response")),
    Parameter(
        "shift_ns",
        "number",
        None,
        gettext_noop("Shift of the response, held at"),
        "ns",
        minimum=-1e3,
        maximum=1e3,
        later=True,
        help=gettext_noop("Empty: fitted, or as the two rises lie where it is not to be fitted."),
    ),
    Parameter("background", "flag", True, gettext_noop("Fit a constant background")),
    Parameter("scatter", "flag", False, gettext_noop("Fit scattered light")),
    Parameter("repetition_rate_mhz", "number", None, gettext_noop("Repetition rate"), "MHz", minimum=1e-6),
    Parameter(
        "time_scale_u_relative",
        "number",
        1e-3,
        gettext_noop("Relative uncertainty of the time scale"),
        "1",
        minimum=0.0,
        maximum=0.5,
    ),
    Parameter("override", "text", "", gettext_noop("Overridden refusals")),
)
