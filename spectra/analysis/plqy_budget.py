"""The uncertainty of a relative yield: by component with the id of each source, and by Monte Carlo."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from spectra.analysis.method import Component
from spectra.analysis.plqy_line import DRAWS, SEED, GradientLine
from spectra.analysis.plqy_series import DilutionSeries
from spectra.analysis.plqy_standard import Reference
from spectra.analysis.uncertainty import merged
from spectra.notes import gettext_noop

ASSUMED_BANDWIDTH_NM = 2.5  # where the excitation bandpass is not known
BANDWIDTH_U_RELATIVE = 0.1


@dataclass(frozen=True, eq=False)
class Ingredients:
    """All that a relative yield is made of."""

    reference: Reference
    sample: DilutionSeries
    standard: DilutionSeries
    sample_line: GradientLine
    standard_line: GradientLine
    n_sample: float
    n_standard: float
    solvents: str
    correction_id: str
    scatter_effect: float  # relative change of Φ when scatter is subtracted; 0 where there is none
    matched_tails: bool
    parameters: Mapping

    @property
    def phi(self) -> float:
        """Φ = Φ_ref · m/m_ref · (n/n_ref)²."""
        return self.reference.phi * self.slope_ratio * self.n_factor

    @property
    def slope_ratio(self) -> float:
        return self.sample_line.slope / self.standard_line.slope

    @property
    def n_factor(self) -> float:
        return (self.n_sample / self.n_standard) ** 2

    @property
    def session(self) -> str:
        """What all samples of one standard session share: its id, or the standard's measurements where it has none."""
        return self.reference.session_id or self.standard.sources


def bandpass_effect(sample: DilutionSeries, standard: DilutionSeries, lines, bandwidth_nm: float) -> float:
    """Relative change of Φ when readings of unknown bandpass were made with this one [1]."""
    ratio = 1.0
    for series, line, power in ((sample, lines[0], 1), (standard, lines[1], -1)):
        x = np.array([d.shifted(0.0, 1.0, bandwidth_nm) for d in series.dilutions])
        here, _ = series.absorptances
        ratio *= (1 + line.effect(x=line.x * x / here)) ** power
    return ratio - 1


# The names of components are looked up in the catalogue as they stand here, so nothing is filled into them.
_BLANK = {"sample": gettext_noop("blank of the sample"), "standard": gettext_noop("blank of the standard")}
_PEDESTAL = {
    "sample": gettext_noop("constant level under the sample"),
    "standard": gettext_noop("constant level under the standard"),
}
_RED_TAIL = {
    "sample": gettext_noop("red-tail matching of the sample"),
    "standard": gettext_noop("red-tail matching of the standard"),
}


def relative_components(made_of: Ingredients) -> list[tuple[str, float, str]]:
    """Every error as (name, signed relative contribution to Φ [1], source)."""
    p, reference, session = made_of.parameters, made_of.reference, made_of.session
    own, ref = made_of.sample_line, made_of.standard_line
    slope_source = f"session:{reference.session_id}" if reference.session_id else f"fit:{made_of.standard.sources}"
    same_index = made_of.n_sample == made_of.n_standard
    lines = [
        (gettext_noop("standard yield"), reference.phi_u / reference.phi, reference.source),
        (gettext_noop("slope of the sample"), own.u_relative, f"fit:{made_of.sample.sources}"),
        (gettext_noop("slope of the standard"), -ref.u_relative, slope_source),
        (gettext_noop("absorbance offset of the sample"), own.offset_effect, f"absorbance:{made_of.sample.sources}"),
        (gettext_noop("absorbance offset of the standard"), 1 / (1 + ref.offset_effect) - 1, f"absorbance:{session}"),
        (
            gettext_noop("refractive indices"),
            0.0 if same_index else p["refractive_u_relative"],
            f"refractive:{made_of.solvents}",
        ),
        (gettext_noop("correction curve"), p["correction_u_relative"], f"correction:{made_of.correction_id}"),
        (
            gettext_noop("excitation wavelength"),
            _shift_effect(made_of, p["excitation_u_nm"], 1.0),
            f"excitation:{session}",
        ),
        (gettext_noop("excitation bandpass"), _bandpass_u(made_of), f"bandpass:{session}"),
        (gettext_noop("scatter"), made_of.scatter_effect / np.sqrt(12), f"scatter:{made_of.sample.sources}"),
        *_blank_components(made_of),
        *_pedestal_components(made_of),
        *_red_tail_components(made_of),
    ]
    return [(name, float(u), source) for name, u, source in lines if abs(u) > 1e-9]


def _shift_effect(made_of: Ingredients, shift_nm: float, bandwidth_factor: float) -> float:
    """Relative change of Φ when λ_ex or the bandpass differs from what was noted, for sample and standard alike."""
    ratio = 1.0
    for series, line, power in (
        (made_of.sample, made_of.sample_line, 1),
        (made_of.standard, made_of.standard_line, -1),
    ):
        here, _ = series.absorptances
        x = np.array([d.shifted(shift_nm, bandwidth_factor) for d in series.dilutions])
        ratio *= (1 + line.effect(x=line.x * x / here)) ** power
    return ratio - 1


def bandpass_known(series: DilutionSeries) -> bool:
    return all(d.emission_input.conditions.excitation_bandwidth_nm is not None for d in series.dilutions)


def _bandpass_u(made_of: Ingredients) -> float:
    """Known bandpass: 10 % of its width. Unknown: anything up to the effect of 2.5 nm, a rectangular distribution."""
    if bandpass_known(made_of.sample) and bandpass_known(made_of.standard):
        return _shift_effect(made_of, 0.0, 1 + BANDWIDTH_U_RELATIVE)
    lines = (made_of.sample_line, made_of.standard_line)
    return bandpass_effect(made_of.sample, made_of.standard, lines, ASSUMED_BANDWIDTH_NM) / np.sqrt(3)


def _blank_components(made_of: Ingredients) -> list[tuple[str, float, str]]:
    components = []
    for series, line, sign in (
        (made_of.sample, made_of.sample_line, 1),
        (made_of.standard, made_of.standard_line, -1),
    ):
        u = series.blank.u_integral(*series.window_nm)
        if u:
            source = "+".join(series.blank.sources)
            components.append((_BLANK[series.which], sign * line.effect(y=line.y - u), f"blank:{source}"))
    return components


def _pedestal_components(made_of: Ingredients) -> list[tuple[str, float, str]]:
    """A level that is not flat under the band is so in all dilutions of a series."""
    components = []
    for series, line, sign, source in (
        (made_of.sample, made_of.sample_line, 1, made_of.sample.sources),
        (made_of.standard, made_of.standard_line, -1, made_of.session),
    ):
        if series.pedestal is not None:
            u = line.effect(y=line.y - series.pedestal.u_integral(*series.window_nm))
            components.append((_PEDESTAL[series.which], sign * u, f"level:{source}"))
    return components


def _red_tail_components(made_of: Ingredients) -> list[tuple[str, float, str]]:
    """Matching carries the noise of the most dilute spectrum, in its tail and its integral, to all dilutions."""
    if not made_of.matched_tails:
        return []
    components = []
    for series, sign, source in (
        (made_of.sample, 1, made_of.sample.sources),
        (made_of.standard, -1, made_of.session),
    ):
        dilute = series.dilutions[0].emission.within(*series.window_nm)
        matched = series.n > 1 and dilute.integral > 0
        u = np.sqrt(2) * dilute.u_integral / dilute.integral if matched else 0.0
        components.append((_RED_TAIL[series.which], sign * u, f"red_tail:{source}"))
    return components


def budget(made_of: Ingredients) -> tuple[Component, ...]:
    """Give the budget of Φ: signed contributions [1] with their sources; shared ones cancel in differences."""
    return merged(Component(name, made_of.phi * u, source) for name, u, source in relative_components(made_of))


def monte_carlo(made_of: Ingredients) -> dict:
    """Repeat the evaluation with all errors drawn; the interval need not be symmetric.

    Returns
    -------
    dict
        ``mean``, ``u``, ``lower`` and ``upper`` (95 %) [1], ``draws``, ``seed``. The same record gives the same numbers.

    Notes
    -----
    Every repetition draws all points and one baseline offset of each series and fits both lines again; the other
    components are normal and multiply. GUM Supplement 1, JCGM 101:2008.
    """
    rng = np.random.default_rng([SEED, 0])
    slopes = made_of.sample_line.simulated_slopes / made_of.standard_line.simulated_slopes
    factor = np.ones(DRAWS)
    for name, u, _source in relative_components(made_of):
        if not name.startswith(("slope", "absorbance offset")):
            factor *= 1 + u * rng.standard_normal(DRAWS)
    phi = made_of.reference.phi * made_of.n_factor * slopes * factor
    lower, upper = np.quantile(phi, [0.025, 0.975])
    return {
        "mean": float(phi.mean()),
        "u": float(phi.std(ddof=1)),
        "lower": float(lower),
        "upper": float(upper),
        "draws": DRAWS,
        "seed": SEED,
    }
