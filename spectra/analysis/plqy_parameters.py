"""What the relative yield takes: its roles and its parameters."""

from spectra.analysis.method import Parameter, Role
from spectra.notes import gettext_noop


def _uncertainty(name: str, default: float, label: str, unit: str = "1", maximum: float = 1.0) -> Parameter:
    return Parameter(name, "number", default, label, unit, minimum=0.0, maximum=maximum)


def _exclude(which: str, label: str) -> Parameter:
    return Parameter(
        f"exclude_{which}",
        "ranges",
        "",
        label,
        help=gettext_noop("Their numbers, like 0, 3-4, as the figure names them."),
        later=True,
    )


def _window(name: str, label: str) -> Parameter:
    return Parameter(name, "number", None, label, "nm", minimum=100.0, maximum=5000.0)


ROLES = (
    Role(
        "sample_emission",
        "spectrum",
        gettext_noop("Emission of the sample, one per dilution"),
        ("pl_emission",),
        maximum=None,
        paired_with="sample_absorbance",
    ),
    Role(
        "sample_absorbance",
        "spectrum",
        gettext_noop("Absorbance of the sample, one per dilution"),
        ("uvvis",),
        maximum=None,
        paired_with="sample_emission",
    ),
    Role(
        "standard_emission",
        "spectrum",
        gettext_noop("Emission of the standard, one per dilution"),
        ("pl_emission",),
        maximum=None,
        paired_with="standard_absorbance",
    ),
    Role(
        "standard_absorbance",
        "spectrum",
        gettext_noop("Absorbance of the standard, one per dilution"),
        ("uvvis",),
        maximum=None,
        paired_with="standard_emission",
    ),
    Role("blank", "spectrum", gettext_noop("Emission of the solvent"), ("pl_emission",), minimum=0, maximum=None),
)

PARAMETERS = (
    Parameter(
        "abscissa",
        "choice",
        "absorptance",
        gettext_noop("Emission against"),
        choices=(gettext_noop("absorptance"), gettext_noop("absorbance")),
        help=gettext_noop("Absorptance is the share of light absorbed; the classical absorbance biases Φ low."),
    ),
    Parameter("standard_phi", "number", None, gettext_noop("Φ of the standard"), "1", minimum=0.0, maximum=1.0),
    _uncertainty("standard_phi_u", None, gettext_noop("its standard uncertainty")),
    Parameter("n_sample", "number", None, gettext_noop("Refractive index of the sample"), "1", minimum=1, maximum=3),
    Parameter(
        "n_standard", "number", None, gettext_noop("Refractive index of the standard"), "1", minimum=1, maximum=3
    ),
    Parameter(
        "excitation_nm", "number", None, gettext_noop("Excitation wavelength"), "nm", minimum=100.0, maximum=5000.0
    ),
    _window("sample_min_nm", gettext_noop("Integrate the sample from")),
    _window("sample_max_nm", gettext_noop("Integrate the sample to")),
    _window("standard_min_nm", gettext_noop("Integrate the standard from")),
    _window("standard_max_nm", gettext_noop("Integrate the standard to")),
    _exclude("sample", gettext_noop("Dilutions of the sample left out")),
    _exclude("standard", gettext_noop("Dilutions of the standard left out")),
    Parameter("subtract_scatter", "flag", False, gettext_noop("Subtract scattered light from the absorbance")),
    _window("scatter_from_nm", gettext_noop("Scatter is read from")),
    Parameter(
        "subtract_level",
        "flag",
        True,
        gettext_noop("Subtract a constant level where no blank is"),
        help=gettext_noop("The lower of the levels at both ends of the window, where it is clear of the noise."),
    ),
    Parameter("match_red_tail", "flag", False, gettext_noop("Undo self-absorption by matching the red tails")),
    _uncertainty("absorbance_offset_u", 0.001, gettext_noop("Baseline offset of A, one per series, ±")),
    _uncertainty("absorbance_u", 0.0005, gettext_noop("Repeatability of one A, ±")),
    _uncertainty("emission_u_relative", 0.01, gettext_noop("Repeatability of one emission, relative, ±")),
    _uncertainty("excitation_u_nm", 0.2, gettext_noop("Excitation wavelength, ±"), "nm", 10.0),
    _uncertainty("correction_u_relative", 0.02, gettext_noop("Correction curve, relative, ±")),
    _uncertainty("refractive_u_relative", 0.005, gettext_noop("(n/n_ref)², relative, ±")),
    Parameter(
        "override",
        "text",
        "",
        gettext_noop("Go on in spite of"),
        help=gettext_noop("The codes of refusals that a person has overridden, with commas between them."),
    ),
)
