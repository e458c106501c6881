"""One dilution series of a relative yield, sample or standard: blank, window, and the points of its line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from spectra.analysis.absorptance import noise_near
from spectra.analysis.emission_integral import EmissionCurve, red_tail_factor, share_cut
from spectra.analysis.findings import Findings, shown
from spectra.analysis.method import Case
from spectra.analysis.plqy_blank import BlankChoice, subtract_blank
from spectra.analysis.plqy_dilution import SAME_EXCITATION_NM, Dilution, absorptance_here, usable_dilutions
from spectra.analysis.plqy_pedestal import Pedestal, subtract_pedestal
from spectra.analysis.scatter import Scatter, estimate_scatter
from spectra.notes import gettext_noop

LEAST_MARGIN_NM = 8.0  # between λ_ex (and its second order) and the automatic window


@dataclass(frozen=True, eq=False)
class DilutionSeries:
    """All usable dilutions of one role, the most dilute first, and what was found while making it."""

    which: str
    dilutions: tuple[Dilution, ...]
    window_nm: tuple[float, float]
    blank: BlankChoice
    emission_u_relative: float
    absorbance_u: float
    pedestal: Pedestal | None = None

    @property
    def n(self) -> int:
        return len(self.dilutions)

    @cached_property
    def bands(self) -> list[EmissionCurve]:
        """The emission of each dilution inside the integration window."""
        return [d.emission.within(*self.window_nm) for d in self.dilutions]

    @cached_property
    def absorbances(self) -> np.ndarray:
        """A(λ_ex), shape (n,) [1]."""
        return np.array([d.absorbance.at(d.excitation_nm) for d in self.dilutions])

    @cached_property
    def absorptances(self) -> tuple[np.ndarray, np.ndarray]:
        """Absorptance and ∂/∂A, each of shape (n,) [1]."""
        pairs = np.array([absorptance_here(d) for d in self.dilutions])
        return pairs[:, 0], pairs[:, 1]

    @cached_property
    def u_absorbances(self) -> np.ndarray:
        """Standard uncertainty of each A(λ_ex) that the others do not share, shape (n,) [1]."""
        noise = [noise_near(d.absorbance, d.excitation_nm) for d in self.dilutions]
        return np.hypot(noise, self.absorbance_u)

    @cached_property
    def photons(self) -> np.ndarray:
        """Integrated emission of each dilution, shape (n,) [arbitrary]."""
        return np.array([band.integral for band in self.bands])

    @cached_property
    def u_photons(self) -> np.ndarray:
        """Standard uncertainty of each integral that the others do not share, shape (n,)."""
        noise = [band.u_integral for band in self.bands]
        return np.hypot(noise, self.emission_u_relative * self.photons)

    @cached_property
    def red_tail_factors(self) -> np.ndarray:
        """Factors that undo self-absorption, relative to the most dilute solution, shape (n,) [1]."""
        windowed = self.bands
        return np.array([red_tail_factor(curve, windowed[0]) for curve in windowed])

    def brightest(self) -> EmissionCurve:
        return self.dilutions[int(np.argmax(self.photons))].emission

    def share_cut(self) -> float:
        """Share of the band that the window leaves out, seen in the brightest spectrum [1]."""
        bright, safe = self.brightest(), _safe_range(self.dilutions)
        first, last = max(self.window_nm[0], safe[0]), min(self.window_nm[1], safe[1])
        if first >= last:
            return 0.0
        return share_cut(bright.within(*safe), first, last)

    def scatter(self, first_nm: float | None, offset_u: float) -> Scatter | None:
        """The scattered share of the absorbance, from the tail beyond the emission band."""
        if first_nm is None:
            low, high = self.brightest().within(*self.window_nm).half_maximum_nm()
            first_nm = high + 2 * (high - low)
        return estimate_scatter(
            [d.absorbance for d in reversed(self.dilutions)],
            [d.excitation_nm for d in reversed(self.dilutions)],
            first_nm,
            offset_u,
        )

    def without_scatter(self, scatter: Scatter) -> "DilutionSeries":
        cleared = tuple(
            replace(d, absorbance=scatter.removed_from(d.absorbance, d.excitation_nm)) for d in self.dilutions
        )
        return replace(self, dilutions=cleared)

    @property
    def sources(self) -> str:
        return "+".join(d.source for d in sorted(self.dilutions, key=lambda d: d.index))


def dilution_series(case: Case, which: str, parameters: Mapping, findings: Findings) -> DilutionSeries:
    """Make the series of ``which`` ("sample" or "standard") from a case; raises Refused when nothing is left."""
    dilutions = usable_dilutions(case, which, parameters, findings)
    if not dilutions:
        findings.refuse(
            f"no_{which}",
            gettext_noop(
                "There is no usable pair of emission and absorbance of the {which}. "
                "Give each emission spectrum the absorbance spectrum of the same solution, with the same number."
            ),
            which=which,
        )
    _check_one_excitation(dilutions, which, findings)
    dilutions.sort(key=lambda d: d.absorbance.at(d.excitation_nm))
    window_nm = _window(dilutions, which, parameters, findings)
    curves, blank = subtract_blank(case, which, [d.emission_input for d in dilutions], parameters, findings)
    subtracted = [replace(d, emission=d.emission.minus(curves)) if curves else d for d in dilutions]
    pedestal = None
    already = any(d.emission_input.conditions.blank_subtracted for d in dilutions)
    if curves is None and not already and parameters["subtract_level"]:
        subtracted, pedestal = subtract_pedestal(which, subtracted, window_nm, _safe_range(dilutions), findings)
    return DilutionSeries(
        which,
        tuple(subtracted),
        window_nm,
        blank,
        parameters["emission_u_relative"],
        parameters["absorbance_u"],
        pedestal,
    )


def _check_one_excitation(dilutions: Sequence[Dilution], which: str, findings: Findings) -> None:
    wavelengths = [d.excitation_nm for d in dilutions]
    if max(wavelengths) - min(wavelengths) > SAME_EXCITATION_NM:
        findings.refuse(
            "excitation_differs_within",
            gettext_noop("The dilutions of the {which} were excited at different wavelengths ({first} to {last} nm)."),
            overridable=True,
            which=which,
            first=shown(min(wavelengths), 5),
            last=shown(max(wavelengths), 5),
        )


def _safe_range(dilutions: Sequence[Dilution]) -> tuple[float, float]:
    """The range [nm] that all emission spectra share, away from the excitation light and its second order."""
    first = max(float(d.emission.wavelength_nm[0]) for d in dilutions)
    last = min(float(d.emission.wavelength_nm[-1]) for d in dilutions)
    margin = max(LEAST_MARGIN_NM, *(2 * d.bandwidth_nm for d in dilutions))
    excitation = max(d.excitation_nm for d in dilutions)
    first = max(first, excitation + margin)
    if first < 2 * excitation - margin < last:
        last = 2 * excitation - margin
    return first, last


def _window(dilutions: Sequence[Dilution], which: str, parameters: Mapping, findings: Findings) -> tuple[float, float]:
    """The integration window [nm]: a person's, inside what was measured, or all that is free of excitation light."""
    measured_first = max(float(d.emission.wavelength_nm[0]) for d in dilutions)
    measured_last = min(float(d.emission.wavelength_nm[-1]) for d in dilutions)
    automatic = _safe_range(dilutions)
    given_first, given_last = parameters[f"{which}_min_nm"], parameters[f"{which}_max_nm"]
    first = automatic[0] if given_first is None else max(given_first, measured_first)
    last = automatic[1] if given_last is None else min(given_last, measured_last)
    points = min(
        int(np.sum((d.emission.wavelength_nm >= first) & (d.emission.wavelength_nm <= last))) for d in dilutions
    )
    if points < 3 or first >= last:
        findings.refuse(
            f"window_{which}",
            gettext_noop(
                "The integration window of the {which} ({first} to {last} nm) holds fewer than three measured points. "
                "Emission was measured from {measured_first} to {measured_last} nm, excited at {excitation} nm."
            ),
            which=which,
            first=shown(first, 5),
            last=shown(last, 5),
            measured_first=shown(measured_first, 5),
            measured_last=shown(measured_last, 5),
            excitation=shown(dilutions[0].excitation_nm, 5),
        )
    return first, last
